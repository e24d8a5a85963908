"""Users near in L1, and users far but related: the pairs of the paper's Figure 1, found in data."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import scipy.sparse

from fourmasks.data.interactions import load_interactions

CHUNK = 500  # users whose overlaps with all others are held at once


class Partners(NamedTuple):
    """For each of some users: who is near, and who is far but related.

    Attributes
    ----------
    near, near_distance : ndarray of int, shape (n,)
        The nearest user in L1 among those with an item in common and other items; -1 and 0 without one.
    related, related_distance : ndarray of int, shape (n,)
        The farthest in L1 among the less active users of whose items they have enough; -1 and 0 without one.
    """

    near: np.ndarray
    near_distance: np.ndarray
    related: np.ndarray
    related_distance: np.ndarray


class Trio(NamedTuple):
    """Three users of Figure 1, as rows: one, a near one, and a far but related one; and the two distances."""

    user: int
    near: int
    related: int
    near_distance: int
    related_distance: int


def overlaps(
    matrix: scipy.sparse.csr_array, rows: np.ndarray, chunk: int = CHUNK
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield rows (m,) and how many items each has in common with every user, (m, I), a chunk at a time.

    One sparse product per chunk: the cost is the number of pairs of users with an item in common, item by
    item, and never the number of pairs times the number of items.
    """
    columns = matrix.T.tocsr().astype(np.int32)
    for first in range(0, len(rows), chunk):
        part = rows[first : first + chunk]
        yield part, (matrix[part].astype(np.int32) @ columns).toarray()


def partners(
    matrix: scipy.sparse.csr_array, rows: np.ndarray | None = None, *, least_share: float = 0.9
) -> Partners:
    """Find who is near and who is far but related, for some users among all.

    Parameters
    ----------
    matrix : csr_array of shape (I, J)
        Ones.
    rows : ndarray of int, shape (n,), optional
        Default: all.
    least_share : float, default 0.9
        Of the less active user's items, how many the other has at least; 1 is a subset.
    """
    counts = np.diff(matrix.indptr)
    rows = np.arange(len(counts)) if rows is None else rows
    found = []
    for part, shared in overlaps(matrix, rows):
        distances = counts[part, None] + counts - 2 * shared
        near = np.where((shared > 0) & (distances > 0), distances, np.iinfo(distances.dtype).max)
        related = (shared >= least_share * counts) & (counts < counts[part, None])
        far = np.where(related, distances, -1)
        found.append([*_chosen(near, distances, near.argmin(1)), *_chosen(far, distances, far.argmax(1))])
    return Partners(*(np.concatenate(column) for column in zip(*found, strict=True)))


def find_trio(
    matrix: scipy.sparse.csr_array, *, least_items: int, most_items: int, least_share: float
) -> Trio:
    """Find the user whose related partner is farthest beyond the near one, by the ratio of the distances.

    So the near one is within a distance at which the related one is not: a local and a global signal for one
    user, in the words of the paper's Definitions 2.1 and 2.2.

    Parameters
    ----------
    matrix : csr_array of shape (I, J)
    least_items, most_items : int
        How many items that user has, so that they can be drawn.
    least_share : float
        As for `partners`.

    Raises
    ------
    ValueError
        If no user with so many items has such partners.
    """
    counts = np.diff(matrix.indptr)
    rows = np.flatnonzero((counts >= least_items) & (counts <= most_items))
    if len(rows):
        found = partners(matrix, rows, least_share=least_share)
        both = (found.near >= 0) & (found.related_distance > found.near_distance)
        ratios = np.where(both, found.related_distance / np.maximum(found.near_distance, 1), -1.0)
        best = int(ratios.argmax())
        if both[best]:
            return Trio(int(rows[best]), *(int(c[best]) for c in (found.near, found.related)),
                        *(int(c[best]) for c in (found.near_distance, found.related_distance)))  # fmt: skip
    raise ValueError(
        f"no user with {least_items} to {most_items} items has a near one, and farther away one of whose"
        f" items at least {least_share:.0%} are theirs: allow more items, or a smaller share"
    )


def describe(matrix: scipy.sparse.csr_array, least_share: float) -> dict[str, float]:
    """Measure what L1 says of related users, over all users.

    Returns
    -------
    dict
        stranger_nearest: share of users to whom somebody without a common item is as near in L1 as anybody
        with one, or nearer. has_related: share of users of whose items a more active user has `least_share`.
        For these users and the nearest such one, nearer_l1 and nearer_cosine: the median share of all others
        who are nearer than that one, in L1 and by the cosine.
    """
    counts = np.diff(matrix.indptr)
    stranger, nearer = [], []
    for part, shared in overlaps(matrix, np.arange(len(counts))):
        own = np.arange(len(counts)) == part[:, None]
        distances = counts[part, None] + counts - 2 * shared
        big = np.iinfo(distances.dtype).max
        with_item = np.where((shared > 0) & ~own, distances, big).min(1)
        stranger.append(np.where(shared == 0, distances, big).min(1) <= with_item)
        holds = (shared >= least_share * counts[part, None]) & (counts > counts[part, None])
        for there, row, cosine in zip(holds, distances, shared / np.sqrt(counts), strict=True):
            if there.any():
                them = np.flatnonzero(there)[row[there].argmin()]
                others = len(counts) - 1
                # The user is nearest to themselves, and is not counted.
                nearer.append([((row < row[them]).sum() - 1) / others,
                               ((cosine > cosine[them]).sum() - 1) / others])  # fmt: skip
    medians = np.median(nearer, axis=0) if nearer else (0.0, 0.0)
    return {
        "stranger_nearest": float(np.concatenate(stranger).mean()),
        "has_related": len(nearer) / len(counts),
        "nearer_l1": float(medians[0]),
        "nearer_cosine": float(medians[1]),
    }


def run_trio(dataset, least_items, most_items, least_share) -> dict:
    """Find the trio of a data set and measure its pairs.

    Returns
    -------
    dict
        "metrics": near_distance, related_distance, near_shared and related_shared (items in common), and
        those of `describe`; "curves": user, near and related, the items of the three.
    """
    matrix = load_interactions(dataset).matrix
    trio = find_trio(matrix, least_items=least_items, most_items=most_items, least_share=least_share)
    items = {name: matrix.indices[slice(*matrix.indptr[[row, row + 1]])]
             for name, row in zip(("user", "near", "related"), trio[:3], strict=True)}  # fmt: skip
    metrics = {"near_distance": trio.near_distance, "related_distance": trio.related_distance}
    metrics |= {f"{name}_shared": len(np.intersect1d(items["user"], items[name]))
                for name in ("near", "related")}  # fmt: skip
    return {"metrics": metrics | describe(matrix, least_share), "curves": items}


def _chosen(keys, distances, columns):
    """Return the columns and their distances by row, -1 and 0 where the key stands for nobody."""
    rows = np.arange(len(columns))
    nobody = np.isin(keys[rows, columns], (-1, np.iinfo(keys.dtype).max))
    return np.where(nobody, -1, columns), np.where(nobody, 0, distances[rows, columns])
