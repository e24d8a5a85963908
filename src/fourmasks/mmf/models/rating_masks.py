"""The masks of MMF for ratings, as the public reference implementation of the paper draws them.

They differ from those of reconstruction (`fourmasks.mmf.models.masks`) in two points: a shift moves the whole
argument, k/K (r - R/2 s), as in Eq. (3) of the paper; and most families stay away from zero.
"""

import math
from collections.abc import Callable

import torch

from fourmasks.system.names import unknown

Function = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]

LIMIT = 9.0  # beyond it a Gaussian is zero in double precision, and subnormal numbers make a CPU crawl


def _gaussian(d: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    d = d.clamp(-LIMIT, LIMIT)
    bump = torch.exp(d * d * -0.5).mul_(1 / 2.507)  # the reference's rounding of the root of 2 pi
    return bump + 0.5, bump.mul_(d).neg_()


def _sigmoid(d: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    value = torch.sigmoid(d)
    return 2 * value, 2 * value * (1 - value)


def _sinc(d: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    small = d.abs() < 1e-3
    safe = torch.where(small, torch.ones_like(d), d)
    value = torch.where(small, 1 - d * d / 6, torch.sin(safe) / safe)
    slope = torch.where(small, -d / 3, (torch.cos(safe) - value) / safe)
    return 0.4 * (value + 1), 0.4 * slope


FAMILIES: dict[str, Function] = {
    "gaussian": _gaussian,
    "sine": lambda d: (torch.sin(d), torch.cos(d)),
    "cosine": lambda d: (torch.cos(d), -torch.sin(d)),
    "raised-sine": lambda d: ((torch.sin(math.pi * d) + 2.5) / 5, math.pi / 5 * torch.cos(math.pi * d)),
    "sigmoid": _sigmoid,
    "sinc": _sinc,
    "triangle": lambda d: ((1 - d.abs()).clamp(min=0), -torch.sign(d) * (d.abs() < 1)),
}


class RatingMasks:
    r"""K masks over R latent dimensions for each row: :math:`\frac1K f(\frac kK (r - \frac R2 s_k))`.

    Parameters
    ----------
    family : str
        A key of `FAMILIES`, each of which gives f and its derivative.
    n_masks : int
        K.
    rank : int
        R; the dimensions are r = 0, ..., R - 1.
    device : torch.device, optional
    dtype : torch.dtype, default torch.float32

    Raises
    ------
    ValueError
        If the family is unknown.
    """

    def __init__(self, family, n_masks, rank, *, device=None, dtype=torch.float32):
        if not (isinstance(family, str) and family in FAMILIES):
            raise ValueError(unknown("mask family", family, list(FAMILIES)))
        self.n_masks, self.rank = n_masks, rank
        self._family = family  # its name, since its function may have none, and could not be pickled
        self._widths = torch.arange(1, n_masks + 1, device=device, dtype=dtype)[:, None] / n_masks
        self._positions = torch.arange(rank, device=device, dtype=dtype)

    def values_and_slopes(self, shifts: torch.Tensor, order: torch.Tensor | None = None):
        """Return the masks and their derivatives by the shift, both (n, K, R).

        Parameters
        ----------
        shifts : Tensor of shape (n, K)
        order : Tensor of shape (n, R), optional
            The place of each latent dimension in the order of its row; default 0, ..., R - 1 for all.
        """
        positions = self._positions if order is None else order[:, None]
        centres = (self.rank / 2) * shifts[:, :, None]
        value, slope = FAMILIES[self._family]((positions - centres) * self._widths)
        return value.div_(self.n_masks), slope * (self._widths * (-self.rank / 2 / self.n_masks))

    def common_weights(self) -> torch.Tensor:
        """Return the weights (R,) of the latent dimensions that all pairs share when all shifts are zero."""
        value, _ = self.values_and_slopes(torch.zeros_like(self._widths).T)
        return (value[0] ** 2).sum(0)
