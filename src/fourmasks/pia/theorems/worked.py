"""What the theory notebook computes on the spot: the paper's statements where everything is known."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from scipy.stats import norm, wasserstein_distance

from fourmasks.pia.theory.contraction import (
    alignment,
    amortised,
    compare_spread,
    contraction_factor,
    shrinkage,
)
from fourmasks.pia.theory.divergences import Gaussian, decompose_kl, transport_bound, wasserstein_1_line
from fourmasks.pia.theory.exponential import (
    FAMILIES,
    best_decoder,
    best_separation,
    compromise_gap,
    jensen_shannon,
    price_of_overlap,
    reconstruction,
)
from fourmasks.pia.theory.masking import contraction, distance_law, expansion, masked_pairs
from fourmasks.pia.theory.sharing import User, linear_change, share


def pair(n_shared: int, n_own: int, n_items: int) -> tuple[np.ndarray, np.ndarray]:
    """Return two users (J,) with items in common and equally many of their own."""
    first, second = np.zeros((2, n_items))
    first[: n_shared + n_own] = 1
    second[:n_shared] = second[n_shared + n_own : n_shared + 2 * n_own] = 1
    return first, second


def influence(n_shared: int, distances: Sequence[float], seed: int = 0) -> pd.DataFrame:
    """Return what a step on v does to u as v moves away, in three directions (Theorem 2.3).

    The decoder is a linear softmax of 12 items with small random weights; u and v have 5 items each and
    posteriors without spread; u is at distance 1 from the origin.

    Returns
    -------
    DataFrame
        By direction and distance: <g_u, g_v>, which is positive where the step helps, and the least that the
        theorem grants it.
    """
    generator = torch.Generator().manual_seed(seed)
    decoder = torch.nn.Linear(2, 12).double()
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    items = [torch.as_tensor(user) for user in pair(n_shared, 5 - n_shared, 12)]
    start, still = torch.tensor([1.0, 0.0]).double(), torch.zeros(2).double()
    rows = []
    for name, direction in (("outwards", (1.0, 0.0)), ("sideways", (0.0, 1.0)), ("inwards", (-1.0, 0.0))):
        for distance in distances:
            there = start + distance * torch.tensor(direction).double()
            u, v = User(items[0], start, still), User(items[1], there, still)
            granted = -share(decoder, u, v, torch.zeros(1, 2).double()).bounds[-1]
            rows.append([name, distance, -linear_change(decoder, u, v), granted])
    return pd.DataFrame(rows, columns=["direction", "distance", "product", "granted"])


def compromise(separations: Sequence[float], n_shared: int = 3, n_own: int = 2) -> pd.DataFrame:
    """Return the price of overlap in Eq. (3) by quadrature, in closed form, and paid by real decoders.

    Posteriors are N(± m, 1) on the line; "decoder 5" is the best decoder whose natural parameters are at most
    5 in size. All are above what the two users cost when told apart.
    """
    items, rows = pair(n_shared, n_own, 12), []
    for name in ("bernoulli", "multinomial"):
        family = FAMILIES[name]
        apart = -sum(float(family.conjugate(user)) for user in items)
        for m in separations:
            q = tuple(Gaussian(np.array([sign * m]), np.ones(1)) for sign in (1, -1))
            price = price_of_overlap(name, 2 * n_own) * (np.log(2) - jensen_shannon(*q))
            paid = [reconstruction(family, items, q, best_decoder(family, items, q, limit)) - apart
                    for limit in (5, 20)]  # fmt: skip
            rows.append([name, m, compromise_gap(family, items, q), price, *paid])
    columns = ["family", "separation", "quadrature", "closed form", "decoder 5", "decoder 20"]
    return pd.DataFrame(rows, columns=columns)


def separation(betas: Sequence[float], n_different: int = 4) -> pd.DataFrame:
    """Return the best m of N(± m, 1) by β, for each family: zero from half of the price on."""
    rows = [
        [name, beta, best_separation(price_of_overlap(name, n_different), beta)]
        for name in ("bernoulli", "multinomial")
        for beta in betas
    ]
    return pd.DataFrame(rows, columns=["family", "beta", "separation"])


def transport(pairs: Sequence[tuple[float, float, float, float]], points: int = 20_000) -> pd.DataFrame:
    """Return W₁ on the line in closed form, by SciPy from quantiles, and the bound of Eq. (4).

    Parameters
    ----------
    pairs : sequence of tuples
        Mean and standard deviation of two normal distributions.
    points : int, default 20000
        Quantiles of each.
    """
    levels, rows = (np.arange(points) + 0.5) / points, []
    for a, b, c, d in pairs:
        q = [Gaussian(np.array([mean]), np.array([std])) for mean, std in ((a, b), (c, d))]
        scipy = wasserstein_distance(norm.ppf(levels, a, b), norm.ppf(levels, c, d))
        rows.append([f"N({a:g}, {b:g}²)", f"N({c:g}, {d:g}²)", float(wasserstein_1_line(*q)), scipy,
                     float(transport_bound(*q))])  # fmt: skip
    return pd.DataFrame(rows, columns=["q_u", "q_v", "W1", "SciPy", "bound"])


def information(keeps: Sequence[float], n_users: int, n_masks: int, seed: int = 0) -> pd.DataFrame:
    """Return the terms of Eq. (7) by how much masks keep, for one fixed encoder.

    Users have 8 of 24 items each; the encoder's mean is a random linear map of the masked input to the plane,
    its standard deviation 0.3. Each user is masked `n_masks` times, all equally likely.

    Returns
    -------
    DataFrame
        By `keep`: the mutual information, the KL of the aggregated posterior, and their sum.
    """
    rng = np.random.default_rng(seed)
    users = rng.permuted(np.repeat([[1.0] * 8 + [0.0] * 16], n_users, axis=0), axis=1)
    weights, noise = rng.standard_normal((24, 2)) / 2, rng.standard_normal((16, 2))
    rows = []
    for keep in keeps:
        masked = users.repeat(n_masks, axis=0) * (rng.random((n_users * n_masks, 24)) < keep)
        means = masked @ weights
        found = decompose_kl(Gaussian(means, np.full_like(means, 0.3)), noise)
        rows.append([keep, *found, sum(found)])
    return pd.DataFrame(rows, columns=["keep", "information", "aggregate", "mean KL"])


def masked_distance(
    n_different: int, n_shared: int, keep: float, n_masks: int = 20_000, seed: int = 0
) -> pd.DataFrame:
    """Return Pr[D' < δ] and Pr[D' ≥ δ] for all δ: exact, by drawing masks, and Theorem 2.6's bounds."""
    first, second = pair(n_shared, 0, n_shared + n_different)
    first[n_shared:] = 1
    drawn = masked_pairs(first, second, keep, n_masks, np.random.default_rng(seed))
    distances = (drawn[0] != drawn[1]).sum(1)
    deltas = np.arange(1, n_different + n_shared + 1)
    below = [contraction(n_different, n_shared, keep, delta) for delta in deltas]
    above = [expansion(n_different, n_shared, keep, delta) for delta in deltas]
    return pd.DataFrame(
        {
            "delta": deltas,
            "chance": distance_law(n_different, n_shared, keep)[1:],
            "closer": [tail.exact for tail in below],
            "closer, drawn": [(distances < delta).mean() for delta in deltas],
            "closer, bound": [tail.bound for tail in below],
            "not closer": [tail.exact for tail in above],
            "not closer, drawn": [(distances >= delta).mean() for delta in deltas],
            "not closer, bound": [tail.bound for tail in above],
        }
    )


def looseness(pairs: Sequence[tuple[int, int]], keeps: Sequence[float]) -> pd.DataFrame:
    """Return both tails at δ = h and their bounds, for pairs (h, s) and probabilities to keep an item."""
    rows = []
    for h, s in pairs:
        for keep in keeps:
            tails = contraction(h, s, keep, h), expansion(h, s, keep, h)
            rows.append([h, s, keep, *(number for t in tails for number in (t.exact, t.bound))])
    names = ["closer", "closer, bound", "not closer", "not closer, bound"]
    return pd.DataFrame(rows, columns=["h", "s", "keep", *names])


def alignment_identity(n_users: int = 3, samples: int = 200_000, seed: int = 0) -> pd.DataFrame:
    """Return Eq. (9) by drawing z, and the three terms of Eq. (10), for random users and anchors."""
    rng, rows = np.random.default_rng(seed), []
    for _ in range(n_users):
        anchors = rng.standard_normal((rng.integers(2, 9), 3))
        q = Gaussian(rng.standard_normal(3), np.exp(rng.uniform(-1, 0.5, 3)))
        z = q.mean + q.std * rng.standard_normal((samples, 3))
        drawn = np.mean([((z - anchor) ** 2).sum(1).mean() for anchor in anchors])
        terms = alignment(q, anchors)
        rows.append([len(anchors), drawn, sum(terms), *terms])
    return pd.DataFrame(rows, columns=["items", "Eq. 9, drawn", "Eq. 10", "mean", "variance", "scatter"])


def surrogates(n: int, strength: float, seed: int = 0) -> pd.DataFrame:
    """Return what alignment does to minimisers of random quadratic losses with one Hessian (Prop. 3.2).

    Returns
    -------
    DataFrame
        τ and τ², the ratios of norm, trace and drift after to before, and the least c of the Löwner order.
    """
    rng, rows = np.random.default_rng(seed), []
    for _ in range(n):
        basis, _ = np.linalg.qr(rng.standard_normal((3, 3)))
        hessian = basis @ np.diag(10 ** rng.uniform(-1, 1, 3)) @ basis.T
        # Masks move the minimiser mainly along one direction.
        before = rng.standard_normal((200, 1)) * rng.standard_normal(3) + 0.1 * rng.standard_normal((200, 3))
        centroid = rng.standard_normal(3)
        after = centroid + (before - centroid) @ shrinkage(hessian, strength).T
        found, tau = compare_spread(before, after, centroid), contraction_factor(hessian, strength)
        rows.append([tau, tau**2, found.norm, found.trace, found.drift, found.loewner])
    return pd.DataFrame(rows, columns=["tau", "tau squared", "norm", "trace", "drift", "Löwner"])


def one_encoder(strength: float, keep: float) -> pd.DataFrame:
    """Return the spread over masks of the best encoder for two users, by the target that both are aligned to.

    The users share two of their three items and have the same minimiser, so that without alignment the mask
    does not matter. Their own centroids differ; a common target does not.
    """
    users = np.array([[1, 1, 1, 0], [1, 1, 0, 1]])
    targets = {"own centroids": [[1.0], [-1.0]], "zero": [[0.0], [0.0]]}
    rows = {}
    for optima in ("equal", "different"):
        best = np.array([[0.5], [0.5]] if optima == "equal" else [[1.0], [-1.0]])
        for name, target in targets.items():
            found = amortised(users, best, np.array(target), np.eye(1), strength, keep).variances(0)
            rows[optima, name] = dict(zip(("without", "with alignment"), found, strict=True))
    return pd.DataFrame(rows).T.rename_axis(["minimisers", "target"])
