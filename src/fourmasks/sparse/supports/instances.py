"""What to try Algorithm 1 on: the paper's example, families of supports of any size, and planted factors."""

import numpy as np

from fourmasks.sparse.supports.pair import SupportPair

# Example 4.28.
EXAMPLE_Z = ((0, 1, 2, 0), (1, 2, 2, 0), (2, 6, 5, 6), (3, 5, 2, 4))


def example_supports() -> SupportPair:
    """Return the three supports of Figure 1, the rectangles of Example 4.28."""
    left = [[0, 1, 0], [1, 1, 0], [1, 1, 1], [1, 0, 1]]
    right = [[1, 0, 0], [1, 1, 1], [0, 1, 1], [0, 0, 1]]
    return SupportPair(left, right)


def planted_factors(
    supports: SupportPair, rng: np.random.Generator, kind: str = "real"
) -> tuple[np.ndarray, np.ndarray]:
    """Return random factors X (m, r) and Y (n, r), non-zero on all of the supports.

    Parameters
    ----------
    supports : SupportPair
    rng : numpy.random.Generator
    kind : str, default "real"
        "integer": uniform in ±1, …, ±4. "real": size uniform on [1/2, 2], and a sign. "complex": such a size,
        and a phase.

    Raises
    ------
    ValueError
        If the kind is another one.
    """
    draw = {"integer": _integers, "real": _reals, "complex": _complexes}.get(kind)
    if draw is None:
        raise ValueError(f"kind = {kind!r}: expected 'integer', 'real' or 'complex'")
    return tuple(np.where(mask, draw(rng, mask.shape), 0) for mask in (supports.left, supports.right))


def staircase(rank: int, width: int, step: int) -> SupportPair:
    """Return squares along the diagonal, each `step` below and to the right of the one before.

    With step < width, neighbours overlap in a square. One more than half the width is closable in one round;
    2 and 1 make a chain, in which each atom but the outer ones waits for a neighbour.
    """
    if not 1 <= step <= width:
        raise ValueError(f"step = {step}: expected 1 to {width}, the width")
    place = np.arange((rank - 1) * step + width)[:, None] - step * np.arange(rank)
    inside = (0 <= place) & (place < width)
    return SupportPair(inside, inside)


def tiled(supports: SupportPair, n_tiles: int) -> SupportPair:
    """Return n_tiles² copies of supports, one in each block of a square of blocks: they do not overlap."""
    here, there = np.eye(n_tiles, dtype=bool), np.ones((1, n_tiles), bool)
    left = np.kron(np.kron(here, there), supports.left)
    right = np.kron(np.kron(there, here), supports.right)
    return SupportPair(left, right)


def _integers(rng, shape):
    return rng.integers(1, 5, shape) * rng.choice([-1, 1], shape)


def _reals(rng, shape):
    return rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape)


def _complexes(rng, shape):
    return rng.uniform(0.5, 2, shape) * np.exp(2j * np.pi * rng.random(shape))
