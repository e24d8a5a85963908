"""One trained network looked at through the paper's theorems."""

import numpy as np

from fourmasks.pia.trained import sharing as pairs_of
from fourmasks.pia.trained.networks import (
    alignment_targets,
    fit_metrics,
    fitted,
    masked_posteriors,
    opened,
    parts,
    some_users,
)
from fourmasks.pia.trained.spread import (
    lipschitz_measures,
    mask_spread,
    surrogate_measures,
    transport_curves,
)

KEEPS = (0.1, 0.25, 0.5, 0.75, 1.0)
VIEWS = 16  # masks of each user, for the spread over masks
SURROGATE_USERS, SURROGATE_VIEWS = 6, 4


def run_theory(dataset, method, seed, users, mask_rate, device="cpu", **settings) -> dict:
    """Fit a network and measure what the paper's theorems are about.

    Parameters
    ----------
    dataset, method : str
    seed : int
        Of the split of the users, of the training, of the choice of users, and of masks and samples.
    users : int
        Users of the training, at most, that are looked at.
    mask_rate : float
        Share of the items that a mask hides.
    device : str, default "cpu"
    **settings
        Of the network, see `MultiVAE`.

    Returns
    -------
    dict
        "metrics": those of `fit_metrics`; of `sharing.summarise` by inputs and kind of pair, as
        "clean_near_inside"; of `all_pairs`; of `lipschitz_measures`; of `mask_spread` and
        `surrogate_measures`; kl_ratio, the mean KL to the prior with half of the items hidden, over that with
        none. "curves": keep and, along it, those of `transport_curves`; those of
        `mask_spread` and `surrogate_measures`; for seed 0 and each pair without masks, kind (number in
        `KINDS`), distance, penalty over ‖g_u‖, and the cosines of gradients and of items.
    """
    data = parts(dataset, seed)
    model = fitted(dataset, seed, device, **settings)
    network, rows = opened(model), some_users(data.train, users, seed)
    beta = model.beta * min(1.0, model.best_epoch_ / max(model.anneal_epochs, 1))
    sample = data.train[rows]

    def view(number, rate=mask_rate, matrix=sample):
        return masked_posteriors(model, matrix, rate, 1000 * seed + number)

    def clean(matrix=sample):
        return masked_posteriors(model, matrix, 0.0, 0)

    metrics = fit_metrics(model, data)
    chosen_pairs, kept = pairs_of.choose_pairs(data.train, rows), {}
    for inputs, rate in (("clean", 0.0), ("masked", mask_rate)):
        for kind, pairs in chosen_pairs.items():
            measured = pairs_of.measure_pairs(
                network, data.train, lambda chosen, r=rate: view(0, r, data.train[chosen]), pairs, seed
            )
            if measured:
                found = pairs_of.summarise(measured)
                metrics |= {f"{inputs}_{kind}_{name}": value for name, value in found.items()}
            kept[inputs, kind] = measured
    metrics |= pairs_of.all_pairs(
        network, sample, clean(), beta, alignment_targets(model, data.train, rows), seed
    )
    metrics |= lipschitz_measures(sample, clean, np.random.default_rng(seed))
    masked = [view(number) for number in range(VIEWS)]
    means = np.stack([posterior.mean for posterior in masked])
    spread, spread_curves = mask_spread(means)
    few = slice(SURROGATE_USERS)
    surrogate, surrogate_curves = surrogate_measures(
        network, sample[few].toarray().astype(np.float64), means[:SURROGATE_VIEWS, few], clean().std[few],
        beta, np.random.default_rng(seed),
    )  # fmt: skip
    curves = {"keep": KEEPS} | transport_curves([view(0, 1 - keep) for keep in KEEPS])
    curves |= spread_curves | surrogate_curves
    if not seed:
        curves |= pair_curves(kept)
    by_keep = dict(zip(KEEPS, curves["kl"], strict=True))
    metrics |= spread | surrogate | {"kl_ratio": by_keep[0.5] / by_keep[1.0]}
    return {"metrics": metrics, "curves": curves}


def pair_curves(measured: dict) -> dict[str, list]:
    """Return what a picture of the pairs without masks needs, one number for each pair."""
    listed = [
        (number, pair) for number, kind in enumerate(pairs_of.KINDS) for pair in measured["clean", kind]
    ]
    return {
        "pair_kind": [number for number, _ in listed],
        "pair_distance": [round(pair.sharing.distance, 3) for _, pair in listed],
        "pair_penalty": [round(pair.sharing.penalty / pair.sharing.own_norm, 3) for _, pair in listed],
        "pair_gradients": [round(pair.gradient_cosine, 3) for _, pair in listed],
        "pair_items": [round(pair.cosine, 3) for _, pair in listed],
    }
