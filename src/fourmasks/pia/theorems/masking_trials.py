"""Theorem 2.6, Propositions 3.1 and 3.2 and Algorithm 1 on random masks, users, losses and score curves."""

from itertools import product

import numpy as np
import scipy.sparse
import torch
from scipy.stats import binom

from fourmasks.pia.models.alignment import WeightSchedule, alignment_loss
from fourmasks.pia.models.sparse_layer import SparseRows
from fourmasks.pia.theorems.checks import count, identity, inequality
from fourmasks.pia.theory.contraction import aligned, alignment, compare_spread, contraction_factor
from fourmasks.pia.theory.divergences import Gaussian
from fourmasks.pia.theory.masking import distance_law, masked_pairs

ROUNDING = 1e-10
STANDARD_ERRORS = 5.0  # a drawn frequency is as far off once in two million times
RANK, N_ITEMS, N_MASKS = 4, 40, 32


def distance_trial(most: int, draws: int, instances: int, seed: int) -> dict:
    """Compare the bounds of Theorem 2.6 with the exact law of the masked distance, and that with drawn masks.

    An instance is a ρ uniform in [0.05, 0.95], for which all numbers h and s of different and shared items up
    to `most` are gone through, and all δ from 1 to h + s. For one of these pairs masks are drawn.

    Parameters
    ----------
    most, draws : int
        Largest h and s; number of pairs of masks.
    instances, seed : int

    Returns
    -------
    dict
        "metrics": `contraction` and `expansion`, a bound (left) against the probability (right), to 1e-10 of
        1; closer and not_closer, the medians of their ratios where 0 < h, 0 < s and δ = h, "do masks bring
        the pair closer?"; `law`, frequencies of D' < δ over the drawn masks, δ near the median, that are
        more than 5 standard errors from the law; law_deviation, the root mean square of their distances in
        standard errors, which is 1 but for chance.
    """
    rng, tables, deviations = np.random.default_rng(seed), [], []
    numbers = [pair for pair in product(range(most + 1), repeat=2) if sum(pair)]
    for _ in range(instances):
        keep = rng.uniform(0.05, 0.95)
        tables += [_tails(*pair, keep) for pair in numbers]
        deviations.append(_deviation(*numbers[rng.integers(len(numbers))], keep, draws, rng))
    usual, *columns = np.concatenate(tables, axis=1)
    metrics = {}
    for tail, at_h, bound, exact in zip(
        ("contraction", "expansion"), ("closer", "not_closer"), columns[::2], columns[1::2], strict=True
    ):
        metrics |= inequality(tail, bound, exact, ROUNDING, scale=1.0)
        metrics[at_h] = np.median((bound / exact)[usual > 0])
    metrics |= count("law", np.abs(deviations) > STANDARD_ERRORS)
    return {"metrics": metrics | {"law_deviation": np.sqrt(np.mean(np.square(deviations)))}}


def alignment_trial(instances: int, seed: int) -> dict:
    """Compare Eq. (9), item by item, with Eq. (10) and with the loss that our networks are trained on.

    The law: 40 anchors N(0, I) in four dimensions; a user has each item with a probability uniform in [0.05,
    0.95], and one at least; μ is 3 N(0, I), log σ uniform in [-3, 1].

    Returns
    -------
    dict
        "metrics": by their relative errors `terms`, Eq. (10), and `loss`, `models.alignment.alignment_loss`;
        constant_gradient, the median of the gradient of the term called constant by the user's anchors, over
        that of the whole loss.
    """
    rng = np.random.default_rng(seed)
    anchors = rng.standard_normal((N_ITEMS, RANK))
    had = rng.random((instances, N_ITEMS)) < rng.uniform(0.05, 0.95, (instances, 1))
    had[np.arange(instances), rng.integers(N_ITEMS, size=instances)] = True
    mean = 3 * rng.standard_normal((instances, RANK))
    log_std = rng.uniform(-3, 1, (instances, RANK))
    # The corners μ ± σ have the moments of the posterior, all that the expectation of a square asks for.
    corners = mean[:, None] + np.exp(log_std)[:, None] * np.array(list(product((-1, 1), repeat=RANK)))
    by_item = [
        np.mean([((z - anchor) ** 2).sum(1).mean() for anchor in anchors[items]])
        for z, items in zip(corners, had, strict=True)
    ]
    terms = [
        alignment(Gaussian(m, s), anchors[items])
        for m, s, items in zip(mean, np.exp(log_std), had, strict=True)
    ]
    rows = SparseRows(scipy.sparse.csr_array(had.astype(float)), dtype=torch.float64)
    trained = alignment_loss(*map(torch.as_tensor, (mean, 2 * log_std, anchors)), rows)
    metrics = identity("terms", _relative(np.array(terms).sum(1), by_item), ROUNDING)
    metrics |= identity("loss", _relative(trained.numpy(), by_item), ROUNDING)
    ratios = [np.sqrt(term.scatter / (term.scatter + term.mean)) for term in terms]
    return {"metrics": metrics | {"constant_gradient": np.median(ratios)}}


def surrogate_trial(covariance: str, instances: int, seed: int) -> dict:
    """Compare what alignment does to minimisers of quadratic losses with the promises of Proposition 3.2.

    The law: a Hessian in four dimensions with random axes and log10 of its eigenvalues uniform in [-1, 1],
    the largest of which is L; λ_A with log10 uniform in [-1.5, 1]; centroid and mean minimiser N(0, I); 32
    minimisers whose covariance is V, exactly, with log10 of its eigenvalues uniform in [-3, 0].

    Parameters
    ----------
    covariance : {"general", "commuting"}
        Whether the axes of V are random too, or those of the Hessian, as the appendix assumes.
    instances, seed : int

    Returns
    -------
    dict
        "metrics": `minimiser`, the gradients of the aligned losses at Eq. (32), over those at the minimisers
        before; the ratios after to before against τ² (for the drift, the paper's τ): `norm`, `trace`,
        `loewner`, `drift`; `drift_squared`, the drift against τ².
    """
    rng, slopes, found, bounds = np.random.default_rng(seed), [], [], []
    for _ in range(instances):
        axes = _axes(rng)
        hessian = _matrix(axes, 10 ** rng.uniform(-1, 1, RANK))
        strength = 10 ** rng.uniform(-1.5, 1)
        centroid, middle = rng.standard_normal((2, RANK))
        spread = _matrix(axes if covariance == "commuting" else _axes(rng), 10 ** rng.uniform(-1.5, 0, RANK))
        before = middle + _white(rng) @ spread
        after = aligned(before, centroid, hessian, strength)
        pull = 2 * strength * (before - centroid)
        left = (after - before) @ hessian + 2 * strength * (after - centroid)
        slopes.append(np.linalg.norm(left) / np.linalg.norm(pull))
        found.append(compare_spread(before, after, centroid))
        bounds.append(contraction_factor(hessian, strength))
    tau = np.array(bounds)
    metrics = identity("minimiser", slopes, ROUNDING)
    promises = {"norm": tau**2, "trace": tau**2, "loewner": tau**2, "drift": tau}
    for name, promised in promises.items():
        metrics |= inequality(name, [getattr(one, name) for one in found], promised, tolerance=1e-8)
    return {"metrics": metrics | inequality("drift_squared", [one.drift for one in found], tau**2)}


def growth_trial(reading: str, patience: int, scale: float, epochs: int, instances: int, seed: int) -> dict:
    """Let the weight of the alignment grow along random validation curves (Algorithm 1).

    The law: a score rises to 0.4 like 1 - exp(-t / a) with a uniform in [3, 30], falls from an epoch uniform
    in [10, epochs] on by up to 0.001 in each, and has noise whose log10 scale is uniform in [-4, -2].

    Parameters
    ----------
    reading : {"printed", "text", "restarted"}
        When it grows: by line 16 as printed; in each epoch from the `patience`-th without a better score on,
        which is what the text says; the same, counted anew after each growth, as our networks do
        (`WeightSchedule`).
    patience : int
        The paper's ρ.
    scale : float
        λ_scale.
    epochs, instances, seed : int

    Returns
    -------
    dict
        "metrics": `growth`, epochs in which the weight grows less than `patience` epochs after the best
        score; growing, the share of the epochs in which it grows; log10_weight, the median over curves of the
        decimal logarithm of the weight in the end over that at the start.
    """
    rng, early, growths = np.random.default_rng(seed), [], []
    for _ in range(instances):
        scores = _curve(epochs, rng)
        best = [int(np.argmax(scores[: epoch + 1])) for epoch in range(epochs)]
        grows = GROWTH[reading](scores, best, patience)
        early += [grown and epoch - best[epoch] < patience for epoch, grown in enumerate(grows)]
        growths.append(np.sum(grows))
    metrics = count("growth", early) | {"growing": np.sum(growths) / len(early)}
    return {"metrics": metrics | {"log10_weight": np.median(growths) * np.log10(scale)}}


def _printed(scores, best, patience):
    return [best[epoch] < epoch + patience for epoch in range(len(scores))]


def _text(scores, best, patience):
    return [epoch - best[epoch] >= patience for epoch in range(len(scores))]


def _restarted(scores, best, patience):
    schedule, grows = WeightSchedule(1.0, patience, scale=2.0), []  # any factor above 1 shows when it grows
    for score in scores:
        before = schedule.weight
        schedule.update(score)
        grows.append(schedule.weight > before)
    return grows


GROWTH = {"printed": _printed, "text": _text, "restarted": _restarted}


def _tails(h, s, keep):
    """Return, for each δ: whether 0 < s and δ = h; bound and probability of contraction, and of expansion."""
    law, deltas = distance_law(h, s, keep), np.arange(1, h + s + 1)
    split = 2 * keep * (1 - keep)
    below, above = np.cumsum(law)[:-1], np.cumsum(law[::-1])[-2::-1]
    contraction = (keep**2 + (1 - keep) ** 2) ** s * binom.cdf(deltas - 1, h, keep)
    return np.stack([(deltas == h) & (s > 0), contraction, below, binom.sf(deltas - 1, s, split), above])


def _deviation(h, s, keep, draws, rng):
    """Return how far a drawn frequency of D' < δ is from the law, in standard errors."""
    first, second = np.ones((2, h + s))
    first[: h // 2], second[h // 2 : h] = 0, 0
    distances = np.not_equal(*masked_pairs(first, second, keep, draws, rng)).sum(1)
    below = np.cumsum(distance_law(h, s, keep))[:-1]
    place = int(np.abs(below - 0.5).argmin())
    error = np.sqrt(below[place] * (1 - below[place]) / draws)
    return float(((distances <= place).mean() - below[place]) / error)


def _curve(epochs, rng):
    time = np.arange(1, epochs + 1)
    rise = 0.4 * (1 - np.exp(-time / rng.uniform(3, 30)))
    fall = rng.uniform(0, 0.001) * np.maximum(time - rng.uniform(10, epochs), 0)
    return rise - fall + 10 ** rng.uniform(-4, -2) * rng.standard_normal(epochs)


def _relative(found, expected):
    return np.abs(found - np.array(expected)) / np.abs(expected)


def _axes(rng):
    return np.linalg.qr(rng.standard_normal((RANK, RANK)))[0]


def _matrix(axes, values):
    return axes @ np.diag(values) @ axes.T


def _white(rng):
    """Return points (N_MASKS, RANK) with mean 0 and covariance I, exactly."""
    drawn = rng.standard_normal((N_MASKS, RANK))
    return np.linalg.qr(drawn - drawn.mean(0))[0] * np.sqrt(N_MASKS - 1)
