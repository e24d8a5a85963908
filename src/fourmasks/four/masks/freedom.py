"""In how many directions masked factors can move without changing their product, to first order."""

import numpy as np
import torch

from fourmasks.mmf.models.masks import Masks

SMALL = 1e-10  # a singular value below this share of the largest counts as zero


def masked_jacobian(
    U: np.ndarray,
    V: np.ndarray,
    left: Masks,
    right: Masks,
    shifts: tuple[np.ndarray, np.ndarray],
    learned: bool,
) -> np.ndarray:
    r"""Return the derivative of X by U and V, and by the shifts if they are learned, (m n, parameters).

    :math:`X_{ui} = \sum_r W_{ui}(r) U_{ur} V_{ir}` with :math:`W_{ui}(r) = \sum_k M^U_{uk}(r) M^V_{ik}(r)`,
    the MMF paper's Eq. 1. Columns of U come first, row by row, then those of V and of both shifts.

    Parameters
    ----------
    U, V : ndarray (m, R), (n, R)
    left, right : Masks
        Of both sides.
    shifts : pair of ndarray (m, K), (n, K)
    learned : bool
    """
    (m, rank), n = U.shape, len(V)
    (A, slope_A), (B, slope_B) = (
        [part.numpy() for part in masks.values_and_slopes(torch.as_tensor(shift))]
        for masks, shift in zip((left, right), shifts, strict=True)
    )
    W = np.einsum("ukr,ikr->uir", A, B)
    rows, columns = np.eye(m), np.eye(n)
    parts = [
        np.einsum("uir,ir,uv->uivr", W, V, rows).reshape(m * n, m * rank),
        np.einsum("uir,ur,ij->uijr", W, U, columns).reshape(m * n, n * rank),
    ]
    if learned:
        moved = (
            np.einsum("ukr,ikr,ur,ir,uv->uivk", slope_A, B, U, V, rows),
            np.einsum("ukr,ikr,ur,ir,ij->uijk", A, slope_B, U, V, columns),
        )
        parts += [part.reshape(m * n, -1) for part in moved]
    return np.concatenate(parts, axis=1)


def freedom(jacobian: np.ndarray) -> int:
    """Return in how many directions parameters can move without changing the product, to first order."""
    values = np.linalg.svd(jacobian, compute_uv=False)
    return jacobian.shape[1] - int((values > SMALL * values[0]).sum())
