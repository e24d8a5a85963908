"""Who is near whom, in the input and in latent space: neighbours, cohorts, and how masks move them."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import scipy.sparse
from scipy.stats import hypergeom, spearmanr

from fourmasks.pia.theory.divergences import Gaussian

COHORTS = ("small", "mid", "large")


def distances(first: np.ndarray, second: np.ndarray | None = None) -> np.ndarray:
    """Return Euclidean distances (m, n) of points (m, R) and (n, R), by default among the first.

    One matrix product. Squares are rounded to 12 digits of the largest norm, so that equal distances come
    out equal and points at the same place have distance 0.
    """
    second = first if second is None else second
    norms = [(points**2).sum(1) for points in (first, second)]
    squares = norms[0][:, None] + norms[1] - 2 * first @ second.T
    unit = max(part.max() for part in norms) or 1.0
    return np.sqrt(unit * np.round(squares / unit, 12).clip(0))


def nearest(apart: np.ndarray, k: int) -> np.ndarray:
    """Return the k < n nearest others of each user, (n, k), nearest first, by distances (n, n).

    Among equals the first comes first.
    """
    n = len(apart)
    if not 1 <= k < n:
        raise ValueError(f"k = {k}: expected 1 to {n - 1}, there are {n} users")
    others = apart + np.where(np.eye(n, dtype=bool), np.inf, 0.0)
    return np.argsort(others, axis=1, kind="stable")[:, :k]


def overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the Jaccard overlap of two sets of neighbours of each user, for two arrays (n, k)."""
    both = (first[:, :, None] == second[:, None]).sum((1, 2))
    return both / (2 * first.shape[1] - both)


def chance_overlap(n: int, k: int) -> float:
    """Return the expected overlap of two sets of k neighbours drawn at random among n - 1 others."""
    common = np.arange(k + 1)
    return float((hypergeom.pmf(common, n - 1, k, k) * common / (2 * k - common)).sum())


def drift(views: Sequence[np.ndarray], k: int) -> float:
    """Return 1 - the mean overlap of users' k nearest neighbours in two masked views.

    Parameters
    ----------
    views : sequence of ndarray of shape (n, R)
        The same users under independent masks, all users being masked in each view. All pairs of views
        count.
    k : int
    """
    sets = [nearest(distances(points), k) for points in views]
    return 1 - float(np.mean([overlap(*pair).mean() for pair in combinations(sets, 2)]))


def view_ratios(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return for each user the distance of two masked views over that to the nearest view of somebody else.

    Views are (n, R). Below 1 the user is recognised: their other view is the nearest one.
    """
    apart = distances(first, second)
    own = np.diagonal(apart).copy()
    np.fill_diagonal(apart, np.inf)
    other = apart.min(1)
    # Two users of whom nothing is left are at the same place: nobody is recognised there.
    return np.divide(own, other, out=np.full(len(own), np.inf), where=other > 0)


def l1_distances(matrix: scipy.sparse.csr_array) -> np.ndarray:
    """Return the number of items (n, n) that only one of two users has."""
    counts = np.diff(matrix.indptr)
    return (counts[:, None] + counts - 2 * _shared(matrix)).astype(np.float64)


def jaccard_distances(matrix: scipy.sparse.csr_array) -> np.ndarray:
    """Return 1 - shared items / items that one of the two has, (n, n)."""
    counts, shared = np.diff(matrix.indptr), _shared(matrix)
    return 1 - shared / np.maximum(counts[:, None] + counts - shared, 1)


def cosine_distances(matrix: scipy.sparse.csr_array) -> np.ndarray:
    """Return 1 - cosine of two users' items, (n, n); half the squared distance at unit length."""
    counts = np.maximum(np.diff(matrix.indptr), 1)
    return 1 - _shared(matrix) / np.sqrt(counts[:, None] * counts)


def wasserstein_distances(posteriors: Gaussian) -> np.ndarray:
    """Return W₂ (n, n) of all pairs of diagonal normal distributions: an upper bound of W₁, and near it."""
    places = np.concatenate([posteriors.mean, posteriors.std], axis=1)
    return distances(places)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's correlation of two kinds of distances (n, n) over all pairs of different users."""
    pairs = np.triu_indices(len(first), 1)
    return float(spearmanr(first[pairs], second[pairs]).statistic)


def cohorts(counts: np.ndarray, size: int, quantiles: Sequence[float], seed: int) -> np.ndarray:
    """Return users, (cohorts, size), around quantiles of activity.

    Users are ordered by their number of items, those with equally many at random. A cohort is the `size`
    users around the place of its quantile, or the first or last ones where that reaches beyond.

    Parameters
    ----------
    counts : ndarray of int, shape (n,)
    size : int
    quantiles : sequence of float
        Ascending.
    seed : int

    Raises
    ------
    ValueError
        If two cohorts have users in common.
    """
    order = np.lexsort((np.random.default_rng(seed).random(len(counts)), counts))
    starts = [int(np.clip(round(q * len(counts)) - size // 2, 0, len(counts) - size)) for q in quantiles]
    if min(np.diff(starts), default=size) < size or size > len(counts):
        raise ValueError(f"cohorts of {size} of {len(counts)} users overlap: give fewer users in a cohort")
    return np.stack([np.sort(order[start : start + size]) for start in starts])


def cohort_measures(points: Sequence[np.ndarray]) -> dict[str, float]:
    """Measure how three cohorts lie: small, mid and large, by their number of items.

    Parameters
    ----------
    points : sequence of three ndarray of shape (m, R)

    Returns
    -------
    dict
        silhouette, in [-1, 1]; within and between, mean distances of two users of one and of two cohorts;
        small_mid, mid_large and small_large, distances of the cohorts' centres; order, small_large -
        mid_large, positive where the large cohort is nearer to the mid one. All but the silhouette are in
        units of the mean distance of two users.
    """
    from sklearn.metrics import silhouette_score

    stacked, labels = np.concatenate(points), np.repeat(range(len(points)), [len(part) for part in points])
    apart = distances(stacked)
    pairs = np.triu_indices(len(stacked), 1)
    unit, same = apart[pairs].mean(), (labels[:, None] == labels)[pairs]
    centres = {name: part.mean(0) for name, part in zip(COHORTS, points, strict=True)}
    found = {
        f"{a}_{b}": float(np.linalg.norm(centres[a] - centres[b]) / unit) for a, b in combinations(COHORTS, 2)
    }
    return {
        "silhouette": float(silhouette_score(apart, labels, metric="precomputed")),
        "within": float(apart[pairs][same].mean() / unit),
        "between": float(apart[pairs][~same].mean() / unit),
        **found,
        "order": found["small_large"] - found["mid_large"],
    }


def activity(points: np.ndarray, counts: np.ndarray) -> float:
    """Return how well the first principal component of points (n, R) orders users by their items (n,).

    It is the absolute value of Spearman's correlation.
    """
    centred = points - points.mean(0)
    directions, _, _ = np.linalg.svd(centred @ centred.T, hermitian=True)
    return float(abs(spearmanr(directions[:, 0], counts).statistic))


def related_nearness(small: np.ndarray, large: np.ndarray, shared: np.ndarray) -> float:
    """Return how near users of few items are to the user of many who has most of their items.

    It is the mean, over the users with few items, of that distance divided by their mean distance to the
    users with many. Below 1 a related user is nearer than others who are as active.

    Parameters
    ----------
    small, large : ndarray of shape (m, R) and (n, R)
    shared : ndarray of shape (m, n)
        Items in common.
    """
    apart = distances(small, large)
    chosen = apart[np.arange(len(small)), shared.argmax(1)]
    return float((chosen / apart.mean(1)).mean())


def _shared(matrix):
    return (matrix @ matrix.T).toarray()
