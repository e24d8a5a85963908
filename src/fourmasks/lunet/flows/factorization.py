"""The factorization A = LU without row exchanges, Eq. (2.3), and the matrices that have none."""

from typing import NamedTuple

import torch

from fourmasks.lunet.flows.bijection import check_dense


class Factors(NamedTuple):
    """L, with ones on the diagonal, and U, each (d, d)."""

    lower: torch.Tensor
    upper: torch.Tensor


def factorize(matrix: torch.Tensor, tolerance: float | None = None) -> Factors:
    """Return the L and U of a matrix, without row exchanges.

    A non-singular matrix has them exactly if none of its leading minors is zero, and then only one pair. The
    paper takes that for granted; [[0, 1], [1, 0]] has none. Where a minor is small the factors exist and are
    large: see their condition numbers.

    Parameters
    ----------
    matrix : Tensor (d, d)
        In double precision what is left of it is O(d eps) times the largest number met on the way.
    tolerance : float, optional
        A pivot counts as zero up to this size, relative to the largest number so far; d eps by default.

    Raises
    ------
    ValueError
        If the matrix is not square or not finite, or if a leading minor is zero.
    """
    _check_matrix(matrix)
    work, size = matrix.detach().clone(), len(matrix)
    if tolerance is None:
        tolerance = size * torch.finfo(matrix.dtype).eps
    largest = work.abs().max()
    for k in range(size):
        pivot = work[k, k]
        if pivot.abs() <= tolerance * largest:
            raise ValueError(_without_factors(matrix, k, float(pivot)))
        work[k + 1 :, k] /= pivot
        work[k + 1 :, k + 1 :] -= torch.outer(work[k + 1 :, k], work[k, k + 1 :])
        largest = torch.maximum(largest, work[k:, k:].abs().max())
    lower = torch.diagonal_scatter(work.tril(-1), torch.ones_like(work.diagonal()))
    return Factors(lower, work.triu())


def check_factors(lower: torch.Tensor, upper: torch.Tensor, floor: float) -> None:
    """Raise a `ValueError` where two matrices are not L and U, or U has a number up to `floor` in size on its
    diagonal."""
    for name, factor in (("lower", lower), ("upper", upper)):
        _check_floating(name, factor)
    if lower.shape != upper.shape or lower.ndim != 2 or lower.shape[0] != lower.shape[1] or not len(lower):
        shapes = f"{tuple(lower.shape)} and {tuple(upper.shape)}"
        raise ValueError(f"lower and upper of shapes {shapes}: expected two square matrices of one size")
    if not (lower.isfinite().all() and upper.isfinite().all()):
        raise ValueError("lower or upper has entries that are not finite: expected finite ones")
    if not (torch.equal(lower, lower.tril()) and (lower.diagonal() == 1).all()):
        raise ValueError("lower: expected ones on the diagonal, zeros above it; give factorize(matrix).lower")
    if not torch.equal(upper, upper.triu()):
        raise ValueError("upper: expected zeros below the diagonal; give factorize(matrix).upper")
    sizes = upper.diagonal().abs()
    smallest = int(sizes.argmin())
    if not sizes[smallest] > floor:
        raise ValueError(
            f"upper[{smallest}, {smallest}] = {float(upper[smallest, smallest]):.2g}: expected a size above "
            f"floor = {floor}, or U is singular or next to it; scale the matrix up or give a smaller floor"
        )


def _check_matrix(matrix: torch.Tensor) -> None:
    _check_floating("matrix", matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
        raise ValueError(f"matrix of shape {tuple(matrix.shape)}: expected a square one")
    if not matrix.isfinite().all():
        raise ValueError("matrix with entries that are not finite: expected finite ones")


def _check_floating(name: str, matrix: torch.Tensor) -> None:
    check_dense(name, matrix)
    if not matrix.is_floating_point():
        raise ValueError(f"{name} of {matrix.dtype}: expected floating-point numbers; give {name}.double()")


def _without_factors(matrix: torch.Tensor, k: int, pivot: float) -> str:
    found = f"pivot {k + 1} of {len(matrix)} is {pivot:.2g}"
    if k == len(matrix) - 1:
        return f"{found}: expected a non-singular matrix, this one is singular or next to it"
    return (
        f"{found}, so the leading minor of order {k + 1} is zero or next to it: expected all of them other "
        "than zero, or there is no LU without row exchanges; exchange rows first, as torch.linalg.lu does"
    )
