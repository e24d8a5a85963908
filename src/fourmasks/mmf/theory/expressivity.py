"""Theorem 1 as code: the rank of an MMF, the proof's own parameters, condition (C2) (paper, Appendix A)."""

from typing import NamedTuple

import numpy as np
import scipy.linalg
import torch
from numpy.polynomial import Polynomial

from fourmasks.mmf.models.masks import Masks
from fourmasks.mmf.models.parameters import Parameters, draw
from fourmasks.system.names import unknown

SHIFTS = ("own", "instance", "shared", "zero", "far")
DEPENDENT = 1e-10  # of unit vectors: below, they count as linearly dependent
FAR = 1e3


class Rank(NamedTuple):
    """A numerical rank, and the ratio of the singular values before and after the expected one."""

    rank: int
    gap: float


def expected_rank(shape, n_masks, rank) -> int:
    """Return min{I, J, K R}."""
    return min(*shape, n_masks * rank)


def numerical_rank(x: torch.Tensor, expected: int) -> Rank:
    """Return how many singular values exceed max(I, J) ε times the largest, and the gap at `expected`.

    The gap is σ_d / σ_{d+1} with d = `expected`; where there is no σ_{d+1}, the threshold takes its place.
    """
    values = torch.linalg.svdvals(x)
    threshold = float(values[0]) * max(x.shape) * torch.finfo(x.dtype).eps
    after = max(float(values[expected]), threshold) if expected < len(values) else threshold
    gap = float(values[expected - 1]) / after if after else 0.0
    return Rank(int((values > threshold).sum()), gap)


def instance(shape, n_masks, rank, parametrisation="paper", shifts="own", seed=0) -> Parameters:
    """Draw parameters at random in double precision: factors from N(0, 1), shifts over all R dimensions.

    Parameters
    ----------
    shape : tuple of int
        I and J.
    n_masks, rank : int
    parametrisation : {"paper", "reference"}
        In the first the shifts are uniform in [0, R), in the second in [0, 2).
    shifts : {"own", "instance", "shared", "zero", "far"}
        Whether every row and mask has a shift of its own, each row one for all its masks, all rows the same
        for each mask, all of them zero, or all own but moved far beyond the dimensions.
    seed : int
    """
    if shifts not in SHIFTS:
        raise ValueError(unknown("shifts", shifts, SHIFTS))
    found = draw(
        shape, n_masks, rank, factor_scale=1.0, shift_spread=rank if parametrisation == "paper" else 2.0,
        generator=torch.Generator().manual_seed(seed), device="cpu", dtype=torch.float64,
    )  # fmt: skip
    change = {
        "own": lambda s: s,
        "instance": lambda s: s[:, :1].expand_as(s).clone(),
        "shared": lambda s: s[:1].expand_as(s).clone(),
        "zero": torch.zeros_like,
        "far": lambda s: s + FAR,
    }[shifts]
    return found._replace(row_shifts=change(found.row_shifts), column_shifts=change(found.column_shifts))


def samples(masks: Masks, points: np.ndarray) -> np.ndarray:
    """Return f_k(r; s) at every point s: an array (R, n, K)."""
    shifts = torch.as_tensor(points, dtype=torch.float64)[:, None].expand(-1, masks.n_masks)
    return masks.values(shifts).permute(2, 0, 1).numpy()


def independence(masks: Masks, points: np.ndarray) -> np.ndarray:
    """Return for each dimension r how far the K functions of the shift are from linear dependence.

    It is the smallest singular value of the matrix [f_k(r; s_p)] (a generalised Vandermonde matrix) with
    columns of length one: 1 for orthogonal functions, 0 for dependent ones, where (C2) fails.

    Parameters
    ----------
    masks : Masks
        In double precision.
    points : ndarray of shape (n,)
        Shifts, at least K.

    Returns
    -------
    ndarray of shape (R,)
    """
    if len(points) < masks.n_masks:
        raise ValueError(f"{len(points)} points: expected at least as many as masks, {masks.n_masks}")
    columns = samples(masks, points)
    lengths = np.linalg.norm(columns, axis=1, keepdims=True)
    return np.linalg.svd(columns / np.where(lengths > 0, lengths, 1.0), compute_uv=False)[:, -1]


def wronskian(family, n_masks, rank, parametrisation, dimension, at) -> float:
    """Return the Wronskian of the K functions s ↦ f_k(r; s) at a shift, with columns scaled to length one.

    It lies in [-1, 1]. If it is not zero, the functions are linearly independent near that shift.

    Parameters
    ----------
    family : {"gaussian", "sine", "cosine", "sigmoid", "tanh"}
        An analytic one.
    n_masks, rank : int
    parametrisation : {"paper", "reference"}
    dimension : int
        r - 1 in the paper's parametrisation, r in the reference implementation's: from 0 to R - 1.
    at : float
        The shift.
    """
    widths = np.arange(1, n_masks + 1) / n_masks
    if parametrisation == "paper":
        arguments, gains = widths * (dimension + 1 - at), widths
    else:
        gains = np.full(n_masks, rank / 2)
        arguments = widths * dimension - gains * at
    columns = np.array(
        [(-gains) ** p * value for p, value in enumerate(derivatives(family, arguments, n_masks))]
    )
    lengths = np.linalg.norm(columns, axis=0)
    return float(np.linalg.det(columns / np.where(lengths > 0, lengths, 1.0)))


def derivatives(family, d: np.ndarray, count: int) -> list[np.ndarray]:
    """Return f, f', f'', ... (`count` of them) of an analytic base function, by exact recurrences."""
    if family in ("sine", "cosine"):
        phase = 0 if family == "sine" else 1
        return [np.sin(d + (p + phase) * np.pi / 2) for p in range(count)]
    if family == "gaussian":  # a polynomial in d times exp(-d²/2)
        polynomial, found = Polynomial([1.0]), []
        for _ in range(count):
            found.append(polynomial(d) * np.exp(-d * d / 2))
            polynomial = polynomial.deriv() - Polynomial([0.0, 1.0]) * polynomial
        return found
    if family not in ("sigmoid", "tanh"):
        raise ValueError(
            f"family {family!r}: expected an analytic one, gaussian, sine, cosine, sigmoid or tanh"
        )
    # Both solve y' = g(y) with a polynomial g, so that each derivative is a polynomial in y.
    value = np.tanh(d) if family == "tanh" else 1 / (1 + np.exp(-d))
    slope = Polynomial([1.0, 0.0, -1.0] if family == "tanh" else [0.0, 1.0, -1.0])
    polynomial, found = Polynomial([0.0, 1.0]), []
    for _ in range(count):
        found.append(polynomial(value))
        polynomial = polynomial.deriv() * slope
    return found


def witness(shape, masks: Masks, points: np.ndarray) -> Parameters:
    """Return the parameters θ₀ of the paper's proof of Theorem 1, at which the rank is min{I, J, K R}.

    A row that is used is one-hot in a dimension r, and all its masks share one shift t_{r,p}, at which
    W_r = [f_k(r; t_{r,p})] is invertible. The paper only says that such shifts exist; here they are picked
    from `points` by a QR decomposition with pivoting. Each dimension gets K rows and K columns (case 1) or,
    where K R > min{I, J}, as many as there are (case 2).

    Parameters
    ----------
    shape : tuple of int
        I and J.
    masks : Masks
        In double precision; the same on both sides.
    points : ndarray of shape (n,)
        Shifts to choose from.

    Raises
    ------
    ValueError
        If at some r the functions are linearly dependent on the points, so that (C2) fails.
    """
    n_masks, rank = masks.n_masks, masks.rank
    failing = np.flatnonzero(independence(masks, points) < DEPENDENT)
    if len(failing):
        raise ValueError(
            f"condition (C2) fails at dimensions {', '.join(map(str, failing))} of 0 to {rank - 1}:"
            f" the {n_masks} functions of the shift are linearly dependent there, and no W_r is invertible"
        )
    used = expected_rank(shape, n_masks, rank)
    place = np.arange(used)
    dimension, number = place // n_masks, place % n_masks
    # Case 2 asks for index sets P_r and Q_r at which a minor of C_r = W_r W_rᵀ is not zero. With one mask
    # family on both sides C_r is positive definite, so that its first m_r pivots serve for both.
    chosen = np.array([points[_pivots(values)] for values in samples(masks, points)])

    def side(n):
        factors, shifts = np.zeros((n, rank)), np.zeros((n, n_masks))
        factors[place, dimension] = 1.0
        shifts[place] = chosen[dimension, number][:, None]
        return torch.from_numpy(factors), torch.from_numpy(shifts)

    return Parameters(*side(shape[0]), *side(shape[1]))


def _pivots(values: np.ndarray) -> np.ndarray:
    """Return which K rows of an (n, K) matrix to take for a well-conditioned square one, best first."""
    return scipy.linalg.qr(values.T, mode="r", pivoting=True)[1][: values.shape[1]]
