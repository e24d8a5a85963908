"""Algorithm 1 where no two supports meet: every entry is observable, and one pass settles all (Cor. 4.27)."""

import numpy as np

from fourmasks.sparse.completion.entries import Entries


def values_if_disjoint(Z: np.ndarray, entries: Entries, zero: float, mismatch: float) -> np.ndarray | None:
    """Return the values of all entries, or None where the rounds of `Growth` have to decide.

    These do if supports meet, an entry counts as zero, one outside of all supports does not, or an atom is
    not of rank one. Otherwise each atom is its first column times its first row, over their common entry.

    Parameters
    ----------
    Z : array (m, n)
    entries : Entries
    zero, mismatch : float
        As of `Growth`.
    """
    position, flat = entries.position, Z.ravel()
    seen = np.zeros(Z.size, bool)
    seen[position] = True
    if np.count_nonzero(seen) < len(entries) or (np.abs(flat[~seen]) > mismatch).any():
        return None
    values = flat[position]
    heights, widths = (np.bincount(atoms, minlength=entries.rank) for atoms in entries.sides())
    sizes = heights * widths
    start = np.cumsum(sizes) - sizes
    for height, width in {*zip(heights.tolist(), widths.tolist(), strict=True)}:
        if height and width:
            atoms = np.flatnonzero((heights == height) & (widths == width))
            here = (
                start[atoms, None] + np.arange(height * width) if len(atoms) < entries.rank else slice(None)
            )
            blocks = values[here].reshape(-1, height, width)
            if not (np.abs(blocks) > zero).all():
                return None
            products = blocks[:, :, :1] * (blocks[:, :1] / blocks[:, :1, :1])
            if (np.abs(products - blocks) > mismatch).any():
                return None
            values[here] = products.reshape(values[here].shape)
    return values
