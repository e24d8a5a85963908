"""Forward and backward passes of a network in a training step, with as few operations as will do.

At the small dimensions of a recommender a step's time is the number of its operations, whatever they do. The
graph of the LU layers would take 150 of them for three layers; written out for all layers at once it is 45.
"""

import torch
from torch.nn.functional import softplus

from fourmasks.lunet.flows.activations import LINEAR_FROM
from fourmasks.lunet.flows.flow import LUFlow
from fourmasks.lunet.models.networks import MLP


def make_pass(network: torch.nn.Module | None) -> "LUPass | MLPPass | GraphPass | NoPass":
    """Return the pass of a network; None is the identity.

    A pass has `forward(x)`, which returns the images (n, d) of rows (n, d), and `backward(by_z)`, which
    returns the gradient by x from that by z of the last `forward` and sets those of the parameters, whose
    `grad` are there already.
    """
    if network is None:
        return NoPass()
    if isinstance(network, LUFlow):
        return LUPass(network)
    return MLPPass(network) if isinstance(network, MLP) else GraphPass(network)


class NoPass:
    """The identity."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def backward(self, by_z: torch.Tensor) -> torch.Tensor:
        return by_z


class GraphPass:
    """Any network, by autograd."""

    def __init__(self, network: torch.nn.Module):
        self._network, self._parameters = network, list(network.parameters())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.enable_grad():
            self._x = x.requires_grad_()
            self._z = self._network(self._x)
        return self._z.detach()

    def backward(self, by_z: torch.Tensor) -> torch.Tensor:
        by_x, *others = torch.autograd.grad(self._z, (self._x, *self._parameters), by_z)
        for parameter, gradient in zip(self._parameters, others, strict=True):
            parameter.grad.copy_(gradient)
        return by_x


class MLPPass:
    """Dense layers and ReLU."""

    def __init__(self, network: MLP):
        self._weights, self._biases = list(network.weights), list(network.biases)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._inputs = []
        for weight, bias in zip(self._weights, self._biases, strict=True):
            x = x.relu_() if self._inputs else x
            self._inputs.append(x)
            x = torch.addmm(bias, x, weight.T)
        return x

    def backward(self, by_z: torch.Tensor) -> torch.Tensor:
        for place in reversed(range(len(self._weights))):
            weight, x = self._weights[place], self._inputs[place]
            torch.mm(by_z.T, x, out=weight.grad)
            torch.sum(by_z, 0, out=self._biases[place].grad)
            by_z = by_z @ weight
            if place:
                by_z.mul_(x > 0)
        return by_z


class LUPass:
    """LU layers: A = LU is multiplied out, and the factors of all layers are handled at once.

    The results are those of `LUFlow` but for rounding.
    """

    def __init__(self, flow: LUFlow):
        layers, size = list(flow.layers), (len(flow.layers), flow.dimension, flow.dimension)
        self._weights, self._biases = [layer.weight for layer in layers], [layer.bias for layer in layers]
        self._bends, self._floor = [layer.activation for layer in layers], layers[0].floor
        like = self._weights[0]
        self._one = torch.eye(flow.dimension).expand(size).to(like)
        self._above = torch.ones(size).triu(1).to(like)
        self._below = torch.ones(size).tril(-1).to(like)
        self._sign = torch.stack([layer.sign for layer in layers])
        self._by_product = torch.empty(size).to(like)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = torch.stack(self._weights)
        self._raw = weights.diagonal(dim1=1, dim2=2)
        self._diagonal = (softplus(self._raw, 1.0, LINEAR_FROM) + self._floor) * self._sign
        self._scaled = torch.addcmul(self._one, weights, self._above)  # U without the scales of its rows
        self._lower = torch.addcmul(self._one, weights, self._below)
        self._upper = self._scaled * self._diagonal[:, :, None]
        self._product = torch.bmm(self._lower, self._upper)
        self._inputs, self._unbent = [], []
        for bias, matrix, bend in zip(self._biases, self._product.mT, self._bends, strict=True):
            y = torch.addmm(bias, x, matrix)
            self._inputs.append(x)
            self._unbent.append(y)
            x = y if bend is None else bend.forward(y)
        return x

    def backward(self, by_z: torch.Tensor) -> torch.Tensor:
        for place in reversed(range(len(self._bends))):
            if self._bends[place] is not None:
                by_z = self._bends[place].derivative(self._unbent[place]).mul_(by_z)
            torch.mm(by_z.T, self._inputs[place], out=self._by_product[place])
            torch.sum(by_z, 0, out=self._biases[place].grad)
            by_z = by_z @ self._product[place]
        for weight, gradient in zip(self._weights, self._by_weights(), strict=True):
            weight.grad.copy_(gradient)
        return by_z

    def _by_weights(self):
        """Return the gradients (M, d, d) by the weights from those by the products LU."""
        by_lower = torch.bmm(self._by_product, self._upper.mT)
        by_upper = torch.bmm(self._lower.mT, self._by_product)
        by_diagonal = (by_upper * self._scaled).sum(2) * self._sign * torch.sigmoid(self._raw)
        by_scaled = by_upper.mul_(self._diagonal[:, :, None])
        by_weights = by_lower.mul_(self._below).addcmul_(by_scaled, self._above)
        by_weights.diagonal(dim1=1, dim2=2).copy_(by_diagonal)
        return by_weights
