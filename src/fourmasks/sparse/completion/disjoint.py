"""Algorithm 1 where no two supports meet: every entry is observable, and one pass settles all (Cor. 4.27)."""

import numpy as np

from fourmasks.sparse.completion.entries import Entries

AT_ONCE = 2**18  # about so many entries, a larger atom alone: they stay in a core's cache


def values_if_disjoint(Z: np.ndarray, entries: Entries, zero: float, mismatch: float) -> np.ndarray | None:
    """Return the values of all entries, or None where the rounds of `Growth` have to decide.

    The rounds decide if supports meet, an entry counts as zero, one outside of all supports does not, or an
    atom is not of rank one. Otherwise each atom is its first column times its first row, over their common
    entry.

    Parameters
    ----------
    Z : array (m, n)
    entries : Entries
    zero, mismatch : float
        As of `Growth`.
    """
    flat, line, width = Z.ravel(), entries.vertex_line, Z.shape[1]
    seen, values = np.zeros(Z.size, bool), np.empty(len(entries), Z.dtype)
    for atoms, rows, columns in entries.by_shape():
        at_once = max(1, AT_ONCE // (rows.shape[1] * columns.shape[1]))
        for part in np.split(np.arange(len(atoms)), range(at_once, len(atoms), at_once)):
            places = (line[rows[part]] * width)[:, :, None] + line[columns[part]][:, None]
            seen[places] = True
            blocks = flat[places]
            if not (np.abs(blocks) > zero).all():
                return None
            products = blocks[:, :, :1] * (blocks[:, :1] / blocks[:, :1, :1])
            if (np.abs(products - blocks) > mismatch).any():
                return None
            values[entries.first[rows[part]][:, :, None] + np.arange(columns.shape[1])] = products
    if np.count_nonzero(seen) < len(entries) or (np.abs(flat[~seen]) > mismatch).any():
        return None
    return values
