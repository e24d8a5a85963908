"""Adam on one vector that holds all parameters of a model."""

import torch
from torch.optim.adam import adam


class FlatAdam:
    """Adam (Kingma and Ba, 2015) with PyTorch's settings, whose steps are `torch.optim.Adam`'s bit for bit.

    Parameters and gradients become parts of two vectors. One operation then updates them all, and the
    bookkeeping of an optimizer object, as long as half a training step, falls away. The module's parameters
    are moved: they are the same objects, with memory elsewhere, and have gradients, zeros.
    """

    def __init__(self, module: torch.nn.Module, learning_rate: float):
        parameters = list(module.parameters())
        self._vector = torch.cat([parameter.detach().reshape(-1) for parameter in parameters])
        self._gradient = torch.zeros_like(self._vector)
        sizes = [parameter.numel() for parameter in parameters]
        parts = zip(parameters, self._vector.split(sizes), self._gradient.split(sizes), strict=True)
        for parameter, values, gradient in parts:
            parameter.data, parameter.grad = values.view_as(parameter), gradient.view_as(parameter)
        self._means, self._squares = torch.zeros_like(self._vector), torch.zeros_like(self._vector)
        self._steps = torch.zeros((), device=self._vector.device)
        self._settings = {
            "fused": self._vector.device.type != "mps", "amsgrad": False, "beta1": 0.9, "beta2": 0.999,
            "lr": learning_rate, "weight_decay": 0.0, "eps": 1e-8, "maximize": False,
        }  # fmt: skip

    def step(self) -> None:
        """Move the parameters along their gradients, which stay as they are."""
        state = ([self._means], [self._squares], [], [self._steps])
        adam([self._vector], [self._gradient], *state, **self._settings)
