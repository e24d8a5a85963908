"""Affine coupling layers (Dinh et al., 2017): the flow that the paper calls computationally demanding."""

import torch

from fourmasks.learning.settings import check_settings
from fourmasks.lunet.flows.bijection import Bijection, check_points
from fourmasks.lunet.flows.flow import Flow

LARGEST_LOG_SCALE = 3.0
SETTINGS = {"dimension": "count", "hidden": "count", "generator": "generator", "flipped": "flag"}
FIRST_SPREAD = 0.1  # of the last weights of a new layer's network, so that the layer is near the identity


class CouplingLayer(Bijection):
    r"""Half of the coordinates stay and say how the others are scaled and shifted.

    :math:`(x_1, x_2) \mapsto (x_1, x_2 \odot e^{s(x_1)} + t(x_1))`, where s and t come from a network with a
    hidden layer of tanh, and s is kept within ± 3. There is no equation to solve: the inverse, and the
    logarithm of the determinant, Σ s, cost one pass through the network, as the forward direction does.

    Parameters
    ----------
    dimension : int
        d, at least 2.
    hidden : int
        Units of the hidden layer.
    generator : torch.Generator
        Weights are drawn on the CPU in float32, uniform up to one over the root of a layer's inputs.
    flipped : bool, default False
        Let the second half of the coordinates stay; by default the first ⌊d/2⌋ do.

    Raises
    ------
    ValueError
        If the dimension is below 2, `hidden` below 1, or the generator of another kind.
    """

    def __init__(self, dimension: int, hidden: int, *, generator: torch.Generator, flipped: bool = False):
        super().__init__()
        settings = {"dimension": dimension, "hidden": hidden, "generator": generator, "flipped": flipped}
        check_settings(settings, SETTINGS)
        if dimension < 2:
            raise ValueError(f"dimension = {dimension}: expected at least 2, one for each half")
        self.dimension = dimension
        self.sizes, self.flipped = (dimension // 2, dimension - dimension // 2), flipped
        kept, moved = reversed(self.sizes) if flipped else self.sizes
        self.first = _drawn_linear(kept, hidden, 1.0, generator)
        self.last = _drawn_linear(hidden, 2 * moved, FIRST_SPREAD, generator)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the images (n, d)."""
        return self.forward_and_log_det(x)[0]

    def forward_and_log_det(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the images (n, d), and Σ s at each point (n,)."""
        self._check(x)
        kept, moved = self._halves(x)
        log_scale, shift = self._scale_and_shift(kept)
        return self._joined(kept, torch.addcmul(shift, moved, log_scale.exp())), log_scale.sum(1)

    def inverse(self, z: torch.Tensor) -> torch.Tensor:
        """Return the points (n, d) with given images."""
        self._check(z)
        kept, moved = self._halves(z)
        log_scale, shift = self._scale_and_shift(kept)
        return self._joined(kept, (moved - shift) * torch.exp(-log_scale))

    def _check(self, x):
        check_points(x, self.dimension, self.first.weight.dtype)

    def _scale_and_shift(self, kept):
        raw, shift = self.last(torch.tanh(self.first(kept))).chunk(2, 1)
        return LARGEST_LOG_SCALE * torch.tanh(raw / LARGEST_LOG_SCALE), shift

    def _halves(self, x):
        first, second = x.split(self.sizes, 1)
        return (second, first) if self.flipped else (first, second)

    def _joined(self, kept, moved):
        return torch.cat((moved, kept) if self.flipped else (kept, moved), 1)


class CouplingFlow(Flow):
    """Coupling layers that take turns in which half of the coordinates stays.

    Parameters
    ----------
    dimension : int
        d, at least 2.
    n_layers : int
    hidden : int
        Units of the hidden layer in each layer's network.
    generator : torch.Generator

    Raises
    ------
    ValueError
        As for `CouplingLayer` and `Flow`.
    """

    def __init__(self, dimension: int, n_layers: int, hidden: int, *, generator: torch.Generator):
        check_settings({"n_layers": n_layers}, {"n_layers": "count"})
        flips = (bool(m % 2) for m in range(n_layers))
        layers = [CouplingLayer(dimension, hidden, generator=generator, flipped=flipped) for flipped in flips]
        super().__init__(layers, dimension)

    @classmethod
    def matching(
        cls, flow: Flow, n_layers: int | None = None, *, generator: torch.Generator
    ) -> "CouplingFlow":
        """Return a coupling flow with about as many parameters as another flow; see `matching_hidden`.

        By default it has as many layers, too.
        """
        n_layers = len(flow.layers) if n_layers is None else n_layers
        hidden = matching_hidden(flow.dimension, n_layers, flow.n_parameters())
        return cls(flow.dimension, n_layers, hidden, generator=generator)


def matching_hidden(dimension: int, n_layers: int, n_parameters: int) -> int:
    """Return the number of hidden units with which a coupling flow comes nearest to a number of parameters.

    It cannot be met exactly: with each unit come about 3 d / 2 parameters per layer. For as many layers as an
    LU flow has it is about 2 d / 3.

    Raises
    ------
    ValueError
        If there is no layer.
    """
    if n_layers < 1:
        raise ValueError(f"n_layers = {n_layers}: expected at least 1")
    one, two = (_n_parameters(dimension, n_layers, hidden) for hidden in (1, 2))
    return max(1, 1 + round((n_parameters - one) / (two - one)))


def _n_parameters(dimension: int, n_layers: int, hidden: int) -> int:
    halves = dimension // 2, dimension - dimension // 2
    layers = [halves[:: -1 if m % 2 else 1] for m in range(n_layers)]
    return sum(hidden * (kept + 1 + 2 * moved) + 2 * moved for kept, moved in layers)


def _drawn_linear(n_in, n_out, spread, generator):
    layer = torch.nn.utils.skip_init(torch.nn.Linear, n_in, n_out)
    for name, shape in (("weight", (n_out, n_in)), ("bias", (n_out,))):
        drawn = (2 * torch.rand(shape, generator=generator) - 1) * (spread / n_in**0.5)
        setattr(layer, name, torch.nn.Parameter(drawn))
    return layer
