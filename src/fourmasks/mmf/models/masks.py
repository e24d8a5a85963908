"""Mask families and the two parametrisations of MMF's masks (paper, Section 3.2, Eq. 2 and 3)."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from fourmasks.system.names import unknown

Function = Callable[[torch.Tensor], torch.Tensor]

PARAMETRISATIONS = ("reference", "paper")


@dataclass(frozen=True)
class Family:
    """A base function f of Eq. (3), its derivative, and where its argument is cut off.

    Beyond `limit` the function does not change in double precision, but it, or its products, would be
    subnormal numbers, on which a CPU multiplies about twenty times slower.
    """

    value: Function
    slope: Function
    limit: float | None = None
    amplitude: float = 1.0


def _sigmoid_slope(d: torch.Tensor) -> torch.Tensor:
    value = torch.sigmoid(d)
    return value * (1 - value)


FAMILIES: dict[str, Family] = {
    "gaussian": Family(lambda d: torch.exp(-d * d / 2), lambda d: -d * torch.exp(-d * d / 2), 9.0, 4.0),
    "sine": Family(torch.sin, torch.cos),
    "cosine": Family(torch.cos, lambda d: -torch.sin(d)),
    "sigmoid": Family(torch.sigmoid, _sigmoid_slope, 40.0),
    "tanh": Family(torch.tanh, lambda d: 1 - torch.tanh(d) ** 2, 20.0),
    "triangle": Family(
        lambda d: (1 - d.abs()).clamp(min=0), lambda d: -torch.sign(d) * (d.abs() < 1), None, 4.0
    ),
}


class Masks:
    r"""The masks of one side: K of them for each instance, over R latent dimensions.

    The paper's parametrisation (Eq. 3) is :math:`f_k(r; s) = \frac1K f(\frac kK (r - s))` for r = 1, ..., R.
    The public reference implementation uses :math:`\frac1K f(\frac kK r - \frac R2 s)` for r = 0, ..., R - 1,
    with f four times as high for the Gaussian and the triangle.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.
    n_masks : int
        K.
    rank : int
        R.
    parametrisation : {"reference", "paper"}, default "reference"
    device : torch.device, optional
    dtype : torch.dtype, default torch.float32

    Raises
    ------
    ValueError
        If the family or the parametrisation is unknown.
    """

    def __init__(
        self, family, n_masks, rank, parametrisation="reference", *, device=None, dtype=torch.float32
    ):
        if not (isinstance(family, str) and family in FAMILIES):
            raise ValueError(unknown("mask family", family, list(FAMILIES)))
        if parametrisation not in PARAMETRISATIONS:
            raise ValueError(unknown("parametrisation", parametrisation, list(PARAMETRISATIONS)))
        self.n_masks, self.rank, self._name = n_masks, rank, family
        widths = torch.arange(1, n_masks + 1, device=device, dtype=dtype)[:, None] / n_masks
        if parametrisation == "paper":
            positions = torch.arange(1, rank + 1, device=device, dtype=dtype)
            self._gain = widths
            self._height = 1 / n_masks
        else:
            positions = torch.arange(rank, device=device, dtype=dtype)
            self._gain = torch.full_like(widths, rank / 2)
            self._height = self._family.amplitude / n_masks
        self._origin = widths * positions

    @property
    def _family(self) -> Family:
        """Looked up by name: its functions have none, and could not be pickled."""
        return FAMILIES[self._name]

    def values(self, shifts: torch.Tensor) -> torch.Tensor:
        """Return the masks (n, K, R) for the shifts (n, K)."""
        return self._height * self._family.value(self._argument(shifts))

    def values_and_slopes(self, shifts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the masks and their derivatives by the shift, both (n, K, R), for the shifts (n, K)."""
        argument = self._argument(shifts)
        value = self._height * self._family.value(argument)
        return value, (-self._height * self._gain) * self._family.slope(argument)

    def _argument(self, shifts):
        argument = self._origin - self._gain * shifts[:, :, None]
        limit = self._family.limit
        return argument if limit is None else argument.clamp(-limit, limit)
