"""Where a network puts its users: Figure 2 in numbers, its picture, and the drift of neighbourhoods."""

import numpy as np

from fourmasks.pia.trained.neighbourhoods import (
    COHORTS,
    activity,
    chance_overlap,
    cohort_measures,
    cohorts,
    cosine_distances,
    distances,
    drift,
    jaccard_distances,
    l1_distances,
    nearest,
    overlap,
    rank_correlation,
    related_nearness,
    view_ratios,
)
from fourmasks.pia.trained.networks import (
    fit_metrics,
    fitted,
    held_out,
    items_left,
    masked_inputs,
    masked_posteriors,
    parts,
    some_users,
)

INPUTS = {"input-binary": False, "input-unit": True}  # whether the rows are scaled to unit length
QUANTILES = (0.05, 0.5, 0.95)
PICTURES = 5  # t-SNEs from random starts, for the order of the cohorts in the plane


def run_latent(
    dataset, method, seed, users, cohort, neighbours, views, mask_rate, perplexity, draw,
    device="cpu", **settings,
) -> dict:  # fmt: skip
    """Fit a network and measure where its users are. Without a network the inputs are measured themselves.

    Parameters
    ----------
    dataset : str
    method : str
        A name; what it stands for is in the settings. "input-binary" and "input-unit" have none: the points
        are the users' rows, as they are or as the encoder reads them.
    seed : int
        Of the split of the users, of the training and of the masks.
    users : int
        Users of the training, at most, among whom neighbours are looked for; of the test all.
    cohort : int
        Users in a cohort, of the training.
    neighbours : int
        k.
    views : int
        Independent masks of all users.
    mask_rate : float
        Share of the items that a view hides, the same for all methods.
    perplexity : float
        Of t-SNE.
    draw : bool
        Whether to make the picture, for seed 0 alone.
    device : str, default "cpu"
    **settings
        Of the network, see `MultiVAE`.

    Returns
    -------
    dict
        "metrics": those of `fit_metrics`, where there is a network; of `cohort_measures`; related, see
        `related_nearness`; activity, of users of the training; items_small, items_mid and items_large, median
        numbers of items; for users of the training, and with "held_out_" of the test, those of
        `neighbourhood_measures`; with the picture picture_order, the share of t-SNEs in which the large
        cohort's centre is nearer to the mid one's than to the small one's. "curves", with the picture: x, y,
        cohort and items of each user in it.
    """
    data = parts(dataset, seed)
    metrics = {}
    if method in INPUTS:

        def place(matrix, rate=0.0, view=0):
            return masked_inputs(matrix, rate, view, INPUTS[method])
    else:
        model = fitted(dataset, seed, device, **settings)
        metrics = fit_metrics(model, data)

        def place(matrix, rate=0.0, view=0):
            return masked_posteriors(model, matrix, rate, view).mean

    sample = data.train[some_users(data.train, users, seed)]
    for prefix, matrix in (("", sample), ("held_out_", held_out(data))):
        found = neighbourhood_measures(place, matrix, neighbours, views, mask_rate, seed)
        metrics |= {prefix + name: value for name, value in found.items()}
    counts = np.diff(data.train.indptr)
    rows = cohorts(counts, cohort, QUANTILES, seed)
    points = [place(data.train[members]) for members in rows]
    shared = (data.train[rows[0]] @ data.train[rows[2]].T).toarray()
    metrics |= cohort_measures(points) | {"related": related_nearness(points[0], points[2], shared)}
    metrics["activity"] = activity(place(sample), np.diff(sample.indptr))
    metrics |= {f"items_{name}": np.median(counts[m]) for name, m in zip(COHORTS, rows, strict=True)}
    if seed or not draw:
        return {"metrics": metrics}
    plane = project(np.concatenate(points), perplexity)
    metrics["picture_order"] = picture_order(np.concatenate(points), cohort, perplexity)
    labels = np.repeat(range(len(rows)), cohort)
    curves = dict(zip("xy", plane.T.astype(np.float64).round(2), strict=True))
    return {"metrics": metrics, "curves": curves | {"cohort": labels, "items": counts[rows.ravel()]}}


def neighbourhood_measures(place, matrix, k, views, mask_rate, seed) -> dict[str, float]:
    """Measure who is near whom among some users, and how masks change it.

    Parameters
    ----------
    place : callable
        `place(matrix, rate, view)` gives the points (n, R) of users under the masks of a view.
    matrix : csr_array of shape (n, J)
    k, views, mask_rate, seed
        As for `run_latent`.

    Returns
    -------
    dict
        overlap_jaccard and overlap_l1: Jaccard overlap of the k nearest neighbours with those in the input,
        by each distance. follows_cosine and follows_l1: rank correlation of the distances with those in the
        input. drift: see `neighbourhoods.drift`. drift_from_clean: the same between a view and no mask.
        view_ratio: median over users of the distance of two views over that to the nearest view of another
        user. recognised: share of users for whom it is below 1. In these four nobody counts of whom a mask
        leaves nothing: such views are all at one place. chance: the two overlaps, if neighbours were drawn at
        random.
    """
    clean = place(matrix)
    apart, jaccard, l1 = distances(clean), jaccard_distances(matrix), l1_distances(matrix)
    near = nearest(apart, k)
    seeds = [1000 * seed + view for view in range(views)]
    seen = np.all([items_left(matrix, mask_rate, view) > 0 for view in seeds], axis=0)
    masked = [place(matrix, mask_rate, view)[seen] for view in seeds]
    ratios = np.stack([view_ratios(*pair) for pair in zip(masked, masked[1:], strict=False)])
    return {
        "overlap_jaccard": overlap(near, nearest(jaccard, k)).mean(),
        "overlap_l1": overlap(near, nearest(l1, k)).mean(),
        "follows_cosine": rank_correlation(apart, cosine_distances(matrix)),
        "follows_l1": rank_correlation(apart, l1),
        "drift": drift(masked, k),
        "drift_from_clean": np.mean([drift([clean[seen], points], k) for points in masked]),
        "view_ratio": np.median(ratios),
        "recognised": (ratios < 1).mean(),
        "chance": chance_overlap(len(clean), k),
    }


def project(points: np.ndarray, perplexity: float, init: str = "pca", seed: int = 0) -> np.ndarray:
    """Return t-SNE's map (n, 2) of points (n, R) (van der Maaten and Hinton, 2008)."""
    from sklearn.manifold import TSNE

    return TSNE(perplexity=perplexity, init=init, random_state=seed).fit_transform(points)


def picture_order(points: np.ndarray, cohort: int, perplexity: float) -> float:
    """Return the share of t-SNEs from random starts that put the large cohort nearer to mid than to small."""
    found = []
    for seed in range(PICTURES):
        plane = project(points, perplexity, "random", seed)
        centres = plane.reshape(len(QUANTILES), cohort, 2).mean(1)
        found.append(np.linalg.norm(centres[2] - centres[1]) < np.linalg.norm(centres[2] - centres[0]))
    return float(np.mean(found))
