"""The parameters of MMF and what they multiply out to (paper, Eq. 1, 4 and 5)."""

from typing import NamedTuple

import torch

from fourmasks.mmf.models.masks import Masks


class Parameters(NamedTuple):
    """Base factors and shifts of both sides: U (I, R), s_U (I, K), V (J, R), s_V (J, K)."""

    row_factors: torch.Tensor
    row_shifts: torch.Tensor
    column_factors: torch.Tensor
    column_shifts: torch.Tensor

    def clone(self) -> "Parameters":
        """Return a copy that shares no memory."""
        return Parameters(*(tensor.clone() for tensor in self))


def draw(shape, n_masks, rank, *, factor_scale, shift_spread, generator, device, dtype) -> Parameters:
    """Draw a starting point: factors from N(0, factor_scale²), shifts uniform in [0, shift_spread).

    The numbers are drawn on the CPU in float32, so that a seed means the same on every device.
    """

    def side(n):
        factors = factor_scale * torch.randn(n, rank, generator=generator)
        shifts = shift_spread * torch.rand(n, n_masks, generator=generator)
        return factors.to(device, dtype), shifts.to(device, dtype)

    return Parameters(*side(shape[0]), *side(shape[1]))


def concatenated(factors: torch.Tensor, shifts: torch.Tensor, masks: Masks) -> torch.Tensor:
    """Return [U ⊙ M_1 ... U ⊙ M_K], of shape (n, K R) (paper, Eq. 5)."""
    return (masks.values(shifts) * factors[:, None]).flatten(1)


def product(parameters: Parameters, masks: Masks) -> torch.Tensor:
    """Return the sum of the K masked products, an I x J matrix (paper, Eq. 1)."""
    u, s, v, t = parameters
    return concatenated(u, s, masks) @ concatenated(v, t, masks).T
