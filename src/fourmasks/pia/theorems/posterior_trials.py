"""Lemma 2.4, Theorem 2.5, Eq. 6 and 7 on random posteriors, most of them on the line, where all is known."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logsumexp, softmax

from fourmasks.pia.theorems.checks import count, identity, inequality
from fourmasks.pia.theory.divergences import (
    Gaussian,
    kl_to_normal,
    line_grid,
    lipschitz_constant,
    transport_bound,
    wasserstein_1_line,
    wasserstein_2,
)
from fourmasks.pia.theory.exponential import (
    FAMILIES,
    best_decoder,
    compromise_gap,
    densities,
    jensen_gap,
    reconstruction,
    statistic,
)

N_ITEMS = 6
LIMIT = 14.0  # of the optimiser's natural parameters: at most 2 log(1 + exp(-14)) lost on an item
NATS, ROUNDING = 1e-4, 1e-9  # tolerances: of what an optimiser finds, and of quadrature
# Derivative of `Family.cost` by the natural parameter, plus t.
MEANS = {
    "bernoulli": lambda t, natural: expit(natural),
    "gaussian": lambda t, natural: natural,
    "multinomial": lambda t, natural: t.sum(-1, keepdims=True) * softmax(natural, axis=-1),
}


def lemma_trial(output: str, instances: int, seed: int) -> dict:
    """Compare both sides of Lemma 2.4 on all pairs of the 64 inputs of six items, for random encoders.

    The law: an encoder has a layer of 8 tanh with weights N(0, 1); its mean is a scale, log10 uniform in
    [-3, 0], times N(0, 1) weights of it, its standard deviation the exponential of 0.3 N(0, 1) weights of it
    plus an offset, uniform in [-4, 0].

    Parameters
    ----------
    output : {"std", "variance"}
        What the encoder's Lipschitz constant, the largest ratio over all pairs, is about: mean and standard
        deviation, or mean and variance.
    instances, seed : int

    Returns
    -------
    dict
        "metrics": of each encoder's worst pair, W₁ ≤ L h as `lemma`, the sharper W₁ ≤ L sqrt(h) as `root`.
    """
    rng, inputs = np.random.default_rng(seed), _cube()
    pairs = np.array([(u, v) for u in range(len(inputs)) for v in range(u)])
    apart = (inputs[pairs[:, 0]] != inputs[pairs[:, 1]]).sum(1)
    constants, worst = [], {"lemma": [], "root": []}
    for _ in range(instances):
        hidden = np.tanh(inputs @ rng.standard_normal((N_ITEMS, 8)))
        mean = 10 ** rng.uniform(-3, 0) * hidden @ rng.standard_normal((8, 1))
        std = np.exp(rng.uniform(-4, 0) + 0.3 * hidden @ rng.standard_normal((8, 1)))
        # The constant is a ratio of Euclidean distances, whatever the second output stands for.
        outputs = Gaussian(mean, std if output == "std" else std**2)
        constants.append(lipschitz_constant(inputs, outputs, pairs))
        distances = wasserstein_1_line(*(Gaussian(mean[rows], std[rows]) for rows in pairs.T))
        for name, power in (("lemma", 1.0), ("root", 0.5)):
            worst[name].append((distances / apart**power).max())
    checks = [inequality(name, ratios, constants) for name, ratios in worst.items()]
    return {"metrics": checks[0] | checks[1]}


def overlap_trial(family: str, instances: int, seed: int) -> dict:
    """Compare the right side of Eq. (3) with what an optimiser finds for the left, and look at its zeros.

    The law: two different users, each with each of six items with probability ½ and one item at least;
    posteriors N(m, s²) on the line with m of N(0, 1) and log s uniform in [-1, 0.5].

    Parameters
    ----------
    family : str
        Name in `FAMILIES`.
    instances, seed : int

    Returns
    -------
    dict
        "metrics": `equation`, both sides without the KL terms, which are the same on both, apart by more than
        `NATS`; `sign`, pairs with Δ < 0 at one of 101 α in [0, 1]; `equality`, pairs of different users with
        Δ = 0 at one of these, `equality_inside` with α in [0.01, 0.99]; `attained`, pairs whose infimum
        no finite decoder reaches; gap, the median price of overlap in nats.
    """
    rng, terms, alphas = np.random.default_rng(seed), FAMILIES[family], np.linspace(0, 1, 101)
    errors, prices, infinite, least = [], [], [], []
    for _ in range(instances):
        items, posteriors = _two_users(rng), tuple(_posterior(rng) for _ in range(2))
        price = compromise_gap(terms, items, posteriors)
        right = price - sum(float(terms.conjugate(user)) for user in items)
        prices.append(price)
        errors.append(abs(_smallest_reconstruction(family, items, posteriors) - right))
        decoder = best_decoder(terms, items, posteriors, np.inf)
        infinite.append(not np.isfinite(decoder(posteriors[0].mean)).all())
        gaps = jensen_gap(terms, *items, alphas)
        least.append([gaps.min(), np.abs(gaps).min(), np.abs(gaps[1:-1]).min()])
    lowest, smallest, inside = np.array(least).T
    metrics = identity("equation", errors, NATS) | count("sign", lowest < -ROUNDING)
    metrics |= count("equality", smallest < ROUNDING) | count("equality_inside", inside < ROUNDING)
    return {"metrics": metrics | count("attained", infinite) | {"gap": np.median(prices)}}


def transport_trial(rank: int, instances: int, seed: int) -> dict:
    """Compare both sides of Eq. (4) on random pairs of posteriors and priors.

    The law: prior N(0, κ I) with log10 κ uniform in [-1, 1]; in its units μ_u has a length with log10 uniform
    in [-1, 1], and μ_v is drawn like it or, one time in two, is -μ_u times a number uniform in [0.5, 1.5];
    log σ is w N(0, I) with w uniform in [0, 1].

    Parameters
    ----------
    rank : int
        Latent dimensions. For 1 the left side is W₁, exactly. Otherwise it is W₂, which is larger: if Eq. (4)
        holds for it, it holds.
    instances, seed : int

    Returns
    -------
    dict
        "metrics": the check `transport`.
    """
    rng, left, right = np.random.default_rng(seed), [], []
    for _ in range(instances):
        scale = 10 ** rng.uniform(-0.5, 0.5)
        first, second = (_direction(rng, rank) * 10 ** rng.uniform(-1, 1) for _ in range(2))
        if rng.random() < 0.5:
            second = -rng.uniform(0.5, 1.5) * first
        width = rng.uniform()
        q = [
            Gaussian(scale * mean, scale * np.exp(width * rng.standard_normal(rank)))
            for mean in (first, second)
        ]
        left.append(float(wasserstein_1_line(*q) if rank == 1 else wasserstein_2(*q)))
        right.append(float(transport_bound(*q, scale)))
    return {"metrics": inequality("transport", left, right)}


def information_trial(keep: float, instances: int, seed: int) -> dict:
    """Compute Eq. (6) and (7) for random encoders, over all masks of four users with six items between them.

    The law: a user has each item with probability ½ and one at least; μ is a linear map of the masked input
    with weights N(0, 1), log σ one with weights 0.3 N(0, 1), less 1. All 64 masks count with their
    probabilities; terms are integrals by quadrature, and W₁ is exact.

    Parameters
    ----------
    keep : float
        ρ, the probability to keep an item, in (0, 1).
    instances, seed : int

    Returns
    -------
    dict
        "metrics": `average`, Eq. (6); `decomposition`, Eq. (7) by its relative error; `information`, encoders
        whose mutual information I(X_h; Z) is no lower with masks than without; information_ratio, the median
        of the one over the other.
    """
    rng, masks = np.random.default_rng(seed), _cube()
    chances = keep ** masks.sum(1) * (1 - keep) ** (N_ITEMS - masks.sum(1))
    averages, bounds, errors, informations = [], [], [], []
    for _ in range(instances):
        users = np.stack([_items(rng) for _ in range(4)])
        weights = rng.standard_normal((N_ITEMS, 1)), 0.3 * rng.standard_normal((N_ITEMS, 1))
        masked = (users[:, None] * masks).reshape(-1, N_ITEMS)
        shares = np.tile(chances / len(users), len(users))
        views, clean = (Gaussian(x @ weights[0], np.exp(x @ weights[1] - 1)) for x in (masked, users))
        information, aggregate = _kl_terms(views, shares)
        kl = float(shares @ kl_to_normal(views))
        errors.append(abs(information + aggregate - kl) / kl)
        rows, columns = (Gaussian(*(np.expand_dims(part, axis) for part in views)) for axis in (1, 0))
        averages.append(shares @ wasserstein_1_line(rows, columns) @ shares)
        bounds.append(2 * np.sqrt(2 * kl))
        informations.append([information, _kl_terms(clean, np.full(4, 0.25))[0]])
    with_masks, without = np.array(informations).T
    metrics = inequality("average", averages, bounds) | identity("decomposition", errors, ROUNDING)
    metrics |= count("information", with_masks > without - ROUNDING)
    return {"metrics": metrics | {"information_ratio": np.median(with_masks / without)}}


def _smallest_reconstruction(family, items, posteriors):
    """Return the left side of Eq. (3) without KL terms, at the best η(z) within `LIMIT` that is found."""
    terms = FAMILIES[family]
    t = statistic(*items, densities(*posteriors)[2])

    def objective(flat):
        natural = flat.reshape(t.shape)
        return terms.cost(t, natural).sum(), (MEANS[family](t, natural) - t).ravel()

    found = minimize(
        objective, np.zeros(t.size), jac=True, method="L-BFGS-B", bounds=[(-LIMIT, LIMIT)] * t.size,
        options={"maxiter": 2000, "maxfun": 4000, "ftol": 1e-10, "gtol": 1e-5},
    )  # fmt: skip
    return reconstruction(terms, items, posteriors, lambda points: found.x.reshape(t.shape))


def _kl_terms(posteriors, shares):
    """Return the two terms of Eq. (7) for posteriors on the line with these shares, prior N(0, 1)."""
    points, step = line_grid(posteriors)
    log_densities = _log_normal(points, posteriors.mean, posteriors.std)
    mixed = logsumexp(log_densities, axis=0, b=shares[:, None])
    information = shares @ (np.exp(log_densities) * (log_densities - mixed)).sum(1) * step
    aggregate = (np.exp(mixed) * (mixed - _log_normal(points, 0.0, 1.0))).sum() * step
    return float(information), float(aggregate)


def _log_normal(points, mean, std):
    return -0.5 * ((points - mean) / std) ** 2 - np.log(std) - 0.5 * np.log(2 * np.pi)


def _cube():
    return (np.arange(2**N_ITEMS)[:, None] >> np.arange(N_ITEMS)) & 1


def _items(rng):
    while not (items := rng.random(N_ITEMS) < 0.5).any():
        pass
    return items.astype(float)


def _two_users(rng):
    first = second = _items(rng)
    while (first == second).all():
        second = _items(rng)
    return first, second


def _posterior(rng):
    return Gaussian(rng.standard_normal(1), np.exp(rng.uniform(-1, 0.5, 1)))


def _direction(rng, rank):
    drawn = rng.standard_normal(rank)
    return drawn / np.linalg.norm(drawn)
