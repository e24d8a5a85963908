"""Mask families and the two parametrisations of MMF's masks (paper, Section 3.2, Eq. 2 and 3)."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from fourmasks.system.names import unknown

PARAMETRISATIONS = ("reference", "paper")


@dataclass(frozen=True)
class Family:
    """A base function f of Eq. (3), its derivative at d where f is v, and from where on it counts as zero.

    `limits` are for single and double precision. Below minus the limit f is zero up to rounding. Above the
    limit it is zero if f `is_even`, and else 1. There f, where it is zero, and its derivative are set to zero
    exactly: products of such small numbers would be subnormal, and about twenty times slower.
    """

    value: Callable[[torch.Tensor], torch.Tensor]
    slope: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    limits: tuple[float, float] | None = None
    is_even: bool = False
    amplitude: float = 1.0


FAMILIES: dict[str, Family] = {
    "gaussian": Family(
        lambda d: torch.exp(-d * d / 2),
        lambda d, v: -d * v,
        limits=(6.0, 9.0),
        is_even=True,
        amplitude=4.0,
    ),
    "sine": Family(torch.sin, lambda d, v: torch.cos(d)),
    "cosine": Family(torch.cos, lambda d, v: -torch.sin(d)),
    "sigmoid": Family(torch.sigmoid, lambda d, v: v * (1 - v), limits=(18.0, 40.0)),
    "tanh": Family(torch.tanh, lambda d, v: 1 - v**2),
    "triangle": Family(
        lambda d: (1 - d.abs()).clamp(min=0), lambda d, v: -torch.sign(d) * (d.abs() < 1), amplitude=4.0
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
        limits = self._family.limits
        self._limit = limits and limits[dtype == torch.float64]
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
        argument = self._argument(shifts)
        return self._cut(argument, self._height * self._family.value(argument))[0]

    def values_and_slopes(self, shifts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the masks and their derivatives by the shift, both (n, K, R), for the shifts (n, K)."""
        argument = self._argument(shifts)
        value = self._family.value(argument)
        slope = (-self._height * self._gain) * self._family.slope(argument, value)
        return self._cut(argument, self._height * value, slope)

    def _argument(self, shifts):
        argument = self._origin - self._gain * shifts[:, :, None]
        return argument if self._limit is None else argument.clamp(-self._limit, self._limit)

    def _cut(self, argument, *made):
        """Set what is made of arguments at the limit to zero."""
        if self._limit is None:
            return made
        gone = argument.abs() == self._limit if self._family.is_even else argument == -self._limit
        return tuple(numbers.masked_fill_(gone, 0) for numbers in made)
