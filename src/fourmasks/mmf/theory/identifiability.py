"""Theorem 2 as code: what can change in an MMF without changing its product (paper, Appendix B)."""

import torch

from fourmasks.mmf.models.masks import Masks
from fourmasks.mmf.models.parameters import Parameters

TOLERANCE = 1e-9  # singular values below this share of the largest count as zero


def weights(parameters: Parameters, masks: Masks) -> torch.Tensor:
    """Return w_ij(r), the sum over k of M_k^U(i, r) M_k^V(j, r), of shape (I, J, R).

    With them, X̂_ij is the sum over r of w_ij(r) U_ir V_jr.
    """
    _, s, _, t = parameters
    return torch.einsum("ikr,jkr->ijr", masks.values(s), masks.values(t))


def rotated(parameters: Parameters, q: torch.Tensor) -> Parameters:
    """Return (U Q, V Q⁻ᵀ) with the masks as they are: what plain MF does not notice (Eq. 6)."""
    u, s, v, t = parameters
    return Parameters(u @ q, s, torch.linalg.solve(q, v.T).T, t)


def rotation_map(parameters: Parameters, masks: Masks) -> torch.Tensor:
    """Return the matrix L(θ) of Theorem 2, (I J, R (R - 1)): how X̂ moves when dimensions mix.

    The column of the pair (p, q), p ≠ q, row by row, is U_ip V_jq (w_ij(q) - w_ij(p)).
    """
    u, _, v, _ = parameters
    w = weights(parameters, masks)
    pairs = u[:, None, :, None] * v[None, :, None, :] * (w[:, :, None, :] - w[:, :, :, None])
    off_diagonal = ~torch.eye(masks.rank, dtype=torch.bool)
    return pairs[:, :, off_diagonal].flatten(0, 1)


def kernel_dimension(matrix: torch.Tensor, tolerance: float = TOLERANCE) -> int:
    """Return the number of columns less the numerical rank of a matrix."""
    return matrix.shape[1] - int(torch.linalg.matrix_rank(matrix, rtol=tolerance))


def smallest_ratio(matrix: torch.Tensor) -> float:
    """Return the smallest singular value over the largest, 0 for a zero matrix or one wider than high."""
    values = torch.linalg.svdvals(matrix)
    return float(values[-1] / values[0]) if len(values) == matrix.shape[1] and values[0] > 0 else 0.0


def jacobian(parameters: Parameters, masks: Masks, learn_shifts: bool = False) -> torch.Tensor:
    """Return the derivative of X̂ by U, by the rows' shifts if told so, by V and by its shifts: (I J, n)."""
    u, s, v, t = parameters
    row_masks, row_slopes = masks.values_and_slopes(s)
    column_masks, column_slopes = masks.values_and_slopes(t)
    w = weights(parameters, masks)
    rows, columns = [w * v], [w * u[:, None]]
    if learn_shifts:
        rows.append(torch.einsum("ikr,ir,jkr,jr->ijk", row_slopes, u, column_masks, v))
        columns.append(torch.einsum("ikr,ir,jkr,jr->ijk", row_masks, u, column_slopes, v))
    n_rows, n_columns = len(u), len(v)
    here = torch.arange(n_rows), torch.arange(n_columns)
    parts = []
    for moved in rows:  # X̂_ij depends on row i of U and on its shifts only
        part = moved.new_zeros(n_rows, n_columns, n_rows, moved.shape[2])
        part[here[0], :, here[0]] = moved
        parts.append(part.flatten(2))
    for moved in columns:
        part = moved.new_zeros(n_rows, n_columns, n_columns, moved.shape[2])
        part[:, here[1], here[1]] = moved
        parts.append(part.flatten(2))
    return torch.cat(parts, 2).flatten(0, 1)


def symmetry_dimension(parameters: Parameters, masks: Masks, learn_shifts: bool = False) -> int:
    """Return in how many independent directions the parameters can move while X̂ stays, to first order.

    It is R where only scalings are left, and R² for plain matrix factorization. The matrix must be large
    enough: with fewer entries than parameters, other directions are free for that reason alone.

    Parameters
    ----------
    parameters : Parameters
        In double precision.
    masks : Masks
    learn_shifts : bool, default False
        Whether the shifts may move as well.

    Raises
    ------
    ValueError
        If the matrix has fewer entries than there are parameters.
    """
    found = jacobian(parameters, masks, learn_shifts)
    if found.shape[0] < found.shape[1]:
        raise ValueError(
            f"{found.shape[1]} parameters, but {found.shape[0]} entries of the matrix: expected at least as"
            " many entries as parameters; give more rows or columns"
        )
    return kernel_dimension(found)


def shared_rotation(parameters: Parameters, masks: Masks, q: torch.Tensor) -> Parameters:
    """Return other factors with the same product, for an MMF whose rows, and columns, share their shifts.

    Then X̂ = U D Vᵀ with D = diag(w), and (U Q, V D Q⁻ᵀ D⁻¹) gives the same for every invertible Q.

    Raises
    ------
    ValueError
        If the shifts differ among rows or among columns, or a weight is zero.
    """
    u, s, v, t = parameters
    if not (torch.equal(s, s[:1].expand_as(s)) and torch.equal(t, t[:1].expand_as(t))):
        raise ValueError("the shifts differ among rows or among columns: expected the same for all")
    w = weights(Parameters(u[:1], s[:1], v[:1], t[:1]), masks)[0, 0]
    if not w.all():
        raise ValueError(f"the weight of dimension {int((w == 0).nonzero()[0])} is zero: expected none to be")
    return Parameters(u @ q, s, torch.linalg.solve(q, (v * w).T).T / w, t)


def scaled(parameters: Parameters, scales: torch.Tensor) -> Parameters:
    """Return (U D, V D⁻¹) with D = diag(scales): the freedom that every MMF has."""
    u, s, v, t = parameters
    return Parameters(u * scales, s, v / scales, t)
