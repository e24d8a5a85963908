"""Random matrices of the reconstruction experiments."""

import numpy as np


def random_dense(exponent: int, rng: np.random.Generator) -> np.ndarray:
    """Return a square matrix of independent standard normal entries.

    Parameters
    ----------
    exponent : int
        The matrix has 2**exponent rows and columns.
    rng : numpy.random.Generator
        Where the numbers come from.
    """
    size = 2**exponent
    return rng.standard_normal((size, size))


def block_slices(size: int, n_blocks: int) -> tuple[slice, ...]:
    """Cut `size` indices into `n_blocks` contiguous groups, as even as `numpy.array_split` makes them.

    Raises
    ------
    ValueError
        If there are not between 1 and `size` blocks.
    """
    if not 1 <= n_blocks <= size:
        raise ValueError(f"n_blocks={n_blocks}: expected between 1 and size={size} blocks")
    return tuple(slice(int(g[0]), int(g[-1]) + 1) for g in np.array_split(np.arange(size), n_blocks))


def block_diagonal(
    n_blocks: int, rng: np.random.Generator, *, size: int = 1080, noise: float = 0.01
) -> np.ndarray:
    """Return a `size` x `size` matrix with standard normal blocks on its diagonal.

    Parameters
    ----------
    n_blocks : int
        Number of blocks; see `block_slices` for their sizes.
    rng : numpy.random.Generator
        Where the numbers come from.
    size : int, default 1080
        Rows and columns.
    noise : float, default 0.01
        Standard deviation of the Gaussian entries off the blocks, as the public reference
        implementation of MMF has it; 0 gives exact zeros, as the text of that paper has it. The
        blocks themselves do not depend on it.

    Raises
    ------
    ValueError
        If `noise` is negative or `n_blocks` does not fit `size`.
    """
    if noise < 0:
        raise ValueError(f"noise={noise}: a standard deviation cannot be negative")
    values = rng.standard_normal((size, size))
    group = np.zeros(size, dtype=int)
    for index, rows in enumerate(block_slices(size, n_blocks)):
        group[rows] = index
    off = group[:, None] != group[None, :]
    values[off] = noise * values[off] if noise else 0.0
    return values
