"""Flows: bijections from data to a standard normal distribution, and the one made of LU layers."""

import math

import torch

from fourmasks.learning.settings import check_settings
from fourmasks.lunet.flows.activations import LeakyBend, LeakySoftplus, check_activation
from fourmasks.lunet.flows.bijection import Bijection, check_points
from fourmasks.lunet.flows.layers import FLOOR, SPREAD, ConditionNumbers, LULayer


class Flow(Bijection):
    """Layers one after another, Eq. (2.7), that take a random point of the data to a standard normal one.

    Parameters
    ----------
    layers : sequence of Bijection
        At least one.
    dimension : int
        d, of all layers.

    Raises
    ------
    ValueError
        If there is no layer, one that is no Bijection, or one of another dimension. In what takes points: if
        they are not (n, d), sparse, or of another type than the parameters.
    """

    def __init__(self, layers, dimension: int):
        super().__init__()
        check_settings({"dimension": dimension}, {"dimension": "count"})
        if not layers:
            raise ValueError("no layers: expected at least one")
        for place, layer in enumerate(layers):
            if not isinstance(layer, Bijection):
                raise ValueError(
                    f"layer {place} is of type {type(layer).__name__}: expected a Bijection, such as LULayer"
                )
            if layer.dimension != dimension:
                raise ValueError(
                    f"layer {place} has dimension {layer.dimension}: expected {dimension}, the flow's"
                )
        self.layers, self.dimension = torch.nn.ModuleList(layers), dimension

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the images (n, d) of points."""
        for layer in self.layers:
            x = layer(x)
        return x

    def inverse(self, z: torch.Tensor) -> torch.Tensor:
        """Return the points (n, d) with given images, Eq. (2.8)."""
        for layer in reversed(self.layers):
            z = layer.inverse(z)
        return z

    def forward_and_log_det(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the images (n, d), and ln |det| of the Jacobian at each point (n,)."""
        check_points(x, self.dimension, next(self.parameters()).dtype)
        total = x.new_zeros(len(x))
        for layer in self.layers:
            x, log_det = layer.forward_and_log_det(x)
            total = total + log_det
        return x, total

    def log_prob(self, x: torch.Tensor) -> torch.Tensor:
        """Return the log density (n,) at each point: ln N(f(x); 0, I) + ln |det ∂f/∂x|."""
        z, log_det = self.forward_and_log_det(x)
        return log_det - 0.5 * (z.square().sum(1) + self.dimension * math.log(2 * math.pi))

    @torch.no_grad()
    def sample(self, n: int, generator: torch.Generator) -> torch.Tensor:
        """Return n points (n, d) of the flow's distribution: normal ones, drawn on the CPU, mapped back."""
        check_settings({"n": n, "generator": generator}, {"n": "count", "generator": "generator"})
        parameter = next(self.parameters())
        return self.inverse(torch.randn(n, self.dimension, generator=generator).to(parameter))


class LUFlow(Flow):
    """LU layers with LeakySoftplus on all but the last (Eq. 2.5 and 2.10).

    Parameters
    ----------
    dimension : int
        d.
    n_layers : int
        M.
    activation : LeakyBend, optional
        φ of the layers but the last; LeakySoftplus() by default.
    generator : torch.Generator
    spread, floor, random_signs
        As in `LULayer`.

    Raises
    ------
    ValueError
        As for `LULayer` and `Flow`.
    """

    def __init__(
        self,
        dimension: int,
        n_layers: int,
        activation: LeakyBend | None = None,
        *,
        generator: torch.Generator,
        spread: float = SPREAD,
        floor: float = FLOOR,
        random_signs: bool = False,
    ):
        check_settings({"n_layers": n_layers}, {"n_layers": "count"})
        check_activation(activation)
        bend = LeakySoftplus() if activation is None else activation
        settings = {"generator": generator, "spread": spread, "floor": floor, "random_signs": random_signs}
        layers = [
            LULayer(dimension, bend if m < n_layers else None, **settings) for m in range(1, n_layers + 1)
        ]
        super().__init__(layers, dimension)

    @torch.no_grad()
    def standardize(self, x: torch.Tensor) -> None:
        """Let what goes into each bend have mean 0 and variance 1 on points (n, d), in place.

        See `LULayer.standardize`, also for its errors.
        """
        for layer in self.layers:
            layer.standardize(x)
            x = layer(x)

    def condition_numbers(self, p=2) -> list[ConditionNumbers]:
        """Return the condition numbers of L and U of each layer."""
        return [layer.condition_numbers(p) for layer in self.layers]
