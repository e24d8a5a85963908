"""The networks that a recommender can have: LU layers, what they are compared with, and none."""

import torch

from fourmasks.lunet.flows.activations import GeneralLeakySoftplus, LeakyBend, LeakySoftplus
from fourmasks.lunet.flows.coupling import CouplingFlow, matching_hidden
from fourmasks.lunet.flows.flow import LUFlow

NETWORKS = ("lu", "coupling", "mlp", "identity")
ACTIVATIONS = ("general", "simple")


class MLP(torch.nn.Module):
    """M dense layers of d units, ReLU on all but the last: the classic network of the paper's Table 2.

    A dense layer and an LU layer both have d² + d parameters, so that this network has exactly as many as
    `LUFlow` of the same dimension and depth. Weights and biases are uniform up to 1 / √d at the start, which
    is PyTorch's default, drawn on the CPU in float32. M is `n_layers` and d `dimension`.
    """

    def __init__(self, dimension: int, n_layers: int, *, generator: torch.Generator):
        super().__init__()
        self.dimension = dimension

        def drawn(*shape):
            return torch.nn.Parameter((2 * torch.rand(shape, generator=generator) - 1) / dimension**0.5)

        self.weights = torch.nn.ParameterList(drawn(dimension, dimension) for _ in range(n_layers))
        self.biases = torch.nn.ParameterList(drawn(dimension) for _ in range(n_layers))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the images (n, d) of rows (n, d)."""
        last = len(self.weights) - 1
        for place, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = torch.addmm(bias, x, weight.T)
            x = x if place == last else x.relu()
        return x


def make_network(
    name: str, dimension: int, n_layers: int, activation: LeakyBend, generator: torch.Generator
) -> torch.nn.Module | None:
    """Return a network at its start.

    Parameters
    ----------
    name : str
        One of `NETWORKS`. "coupling" has about as many parameters as "lu", "mlp" exactly as many; "identity"
        is None.
    dimension, n_layers : int
        d and M.
    activation : LeakyBend
        Of "lu"; the others have their own.
    generator : torch.Generator

    Returns
    -------
    Module or None
        The last bias of "lu" and "mlp" is such that zeros are mapped to zeros. Otherwise the activation's
        values at zero, ln 2 / alpha, would add up, and the first predictions be far from any rating.
    """
    if name == "identity":
        return None
    if name == "coupling":
        hidden = matching_hidden(dimension, n_layers, n_layers * dimension * (dimension + 1))
        return CouplingFlow(dimension, n_layers, hidden, generator=generator)
    if name == "mlp":
        network = MLP(dimension, n_layers, generator=generator)
        last = network.biases[-1]
    else:
        network = LUFlow(dimension, n_layers, activation, generator=generator)
        last = network.layers[-1].bias
    with torch.no_grad():
        last -= network(torch.zeros(1, dimension))[0]
    return network


def make_activation(name: str, alpha: float, beta: float) -> LeakyBend:
    """Return the activation of Eq. (2.9) for "general", of Eq. (2.6), which has no beta, for "simple"."""
    return GeneralLeakySoftplus(alpha, beta) if name == "general" else LeakySoftplus(alpha)
