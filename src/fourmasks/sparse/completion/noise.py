"""How errors of Z reach the contributions: by completion, and by least squares.

To first order, errors e of the entries of Z become errors T e of the entries of the contributions. For
completion, T multiplies along the paths of the forest and across atoms; for least squares it is D J⁺, with J
the derivative of X Yᵀ and D that of the contributions by the factors. Both give the right contributions for
every Z that is a product on the supports, so that T J = D; among all T with this property, D J⁺ has the
smallest covariance T Tᴴ (Gauss and Markov). So least squares is never worse. Its errors are bounded by
‖D J⁺‖, which can grow along a chain, too, and which the condition numbers of the factors do not bound.
"""

import numpy as np

from fourmasks.sparse.completion.entries import Entries
from fourmasks.sparse.completion.fast import complete
from fourmasks.sparse.completion.outcome import UNIQUE
from fourmasks.sparse.completion.refinement import jacobian
from fourmasks.sparse.supports.pair import SupportPair

STEP = 1e-30  # imaginary: the derivative is then exact up to rounding, see Squire and Trapp


def completion_sensitivity(Z, supports: SupportPair, tolerance: float) -> np.ndarray:
    """Return the derivative of the contributions that completion finds, by the entries of Z.

    Parameters
    ----------
    Z : array-like (m, n)
        Real, with a unique decomposition on the supports.
    supports : SupportPair
    tolerance : float
        Size up to which an entry counts as zero.

    Returns
    -------
    array (N, m n)
        Row by row the entries in the order of `Entries`, column by column those of the flattened Z.

    Raises
    ------
    ValueError
        If Z is complex, or completion does not determine all contributions.
    """
    Z = np.asarray(Z)
    if np.iscomplexobj(Z):
        raise ValueError("Z is complex: expected real numbers, the derivative is by an imaginary step")
    Z, columns = Z.astype(np.complex128), []
    for place in np.ndindex(Z.shape):
        moved = Z.copy()
        moved[place] += 1j * STEP
        found = complete(moved, supports, tolerance=tolerance, mismatch=np.inf)
        if found.outcome != UNIQUE:
            raise ValueError(f"the completion of Z is {found.outcome}: expected unique")
        columns.append(found.values.imag / STEP)
    return np.column_stack(columns)


def least_squares_sensitivity(X, Y, supports: SupportPair) -> np.ndarray:
    """Return the derivative D J⁺ of the contributions that least squares finds, by the entries of Z = X Yᵀ.

    Parameters
    ----------
    X, Y : array-like (m, r) and (n, r)
        The factors, real or complex, non-zero on all of the supports.
    supports : SupportPair

    Returns
    -------
    array (N, m n)
        As `completion_sensitivity`.
    """
    tangent, J = tangents(X, Y, supports)
    return tangent @ np.linalg.pinv(J, rcond=1e-10)


def tangents(X, Y, supports: SupportPair) -> tuple[np.ndarray, np.ndarray]:
    """Return the derivatives of the contributions, D (N, V), and of the flattened product, J (m n, V), by the
    non-zero entries of X and of Y."""
    entries = Entries.of(supports)
    rows = np.arange(len(entries.degree)) < entries.n_rows
    X, Y = np.asarray(X), np.asarray(Y)
    line, atom = entries.vertex_line, entries.vertex_atom
    potential = np.concatenate([X[line[rows], atom[rows]], Y[line[~rows], atom[~rows]]])
    every = np.arange(len(entries))
    D = np.zeros((len(entries), len(potential)), potential.dtype)
    D[every, entries.left], D[every, entries.right] = potential[entries.right], potential[entries.left]
    return D, jacobian(entries, every, potential, int(np.prod(entries.shape))).toarray()
