"""What PIA adds to an epoch of Multi-VAE, and our autoencoders and EASE against those of cornac.

    python benchmarks/pia_epoch.py [--steps N] [--epochs N] [--threads N]

The overhead is that of a step with alignment over one without, minus 1; the two models take steps in turn on
the same users, and the fastest quarter of each counts, since what else runs only adds to the time. It is
measured on ML-1M (ratings of 4 and 5; the simulated interactions where it is missing) and on a synthetic
matrix of ML-20M's shape, 136,677 x 20,108 with 10 million entries, whose items are drawn by a power law.

cornac's models have the same layers, batches and threads. Its VAECF has no input dropout, no normalisation
and no shuffling, all of which would be to its cost; its RecVAE ranks all items after each epoch: that is left
out here; its EASE has the same penalty. Without cornac (extra `peers`) these figures are null.
share_of_products is how much of a step of Multi-VAE its three products with the decoder's matrix take, timed
by themselves: no step can be shorter, so that the speed-up over cornac can at most be
limit_multi_vae_over_cornac. All times are those of the processor, which other processes do not change much.
The last line is JSON.
"""

import argparse
import json
import time
from contextlib import nullcontext
from unittest.mock import patch

import numpy as np
import scipy.sparse
import torch
from threadpoolctl import threadpool_limits

from fourmasks.baselines.top_n.ease import EASE
from fourmasks.data.errors import DataNotFound
from fourmasks.data.interactions import load_interactions
from fourmasks.learning.user_items import training_matrix
from fourmasks.pia.models.multi_vae import MultiVAE
from fourmasks.pia.models.rec_vae import RecVAE

L2 = 500.0
ML_20M = (136_677, 20_108, 10_000_000)  # users, items, interactions


def ml_20m_shape(seed=0):
    """Draw a binary matrix: numbers of items log-normal over the users, items by a power law.

    The few users that draw no item are left out.
    """
    n_users, n_items, n = ML_20M
    rng = np.random.default_rng(seed)
    popularity = rng.permutation((np.arange(n_items) + 50.0) ** -1)
    activity = rng.lognormal(sigma=1.1, size=n_users)
    found = np.empty(0, np.int64)
    while len(found) < n:  # pairs that were there before are drawn again
        missing = int(1.2 * (n - len(found))) + 1000
        users = rng.choice(n_users, missing, p=activity / activity.sum())
        items = rng.choice(n_items, missing, p=popularity / popularity.sum())
        found = np.unique(np.concatenate([found, users * n_items + items]))
    users, items = np.divmod(np.sort(rng.permutation(found)[:n]), n_items)
    drawn = scipy.sparse.csr_array((np.ones(n, np.float32), (users, items)), shape=(n_users, n_items))
    return drawn[np.diff(drawn.indptr) > 0]


def step_seconds(train, n_steps):
    """Return the seconds of a step without and with PIA, the lower quartile of all."""
    models = {name: MultiVAE(alignment=name) for name in ("none", "items")}
    data = {name: model._start(train) for name, model in models.items()}
    batches = {name: endless(part) for name, part in data.items()}
    seconds = {name: [] for name in models}
    for step in range(n_steps + 2):
        for name, model in models.items():
            start = time.process_time()
            loss = model._step(data[name], next(batches[name]))
            if not np.isfinite(loss):  # NaN take longer
                raise RuntimeError(f"the loss of {name} is {loss} in step {step}: expected a finite number")
            if step >= 2:  # the first ones set up the memory
                seconds[name].append(time.process_time() - start)
    return [float(np.quantile(seconds[name], 0.25)) for name in ("none", "items")]


def endless(data):
    """Yield batches of full size, epoch after epoch."""
    size = min(MultiVAE().batch_size, data.n_users)
    while True:
        yield from (users for users in data.batches() if len(users) == size)


def our_models():
    """Return functions of a number of epochs and a matrix that fit our models, by name."""
    return {
        "multi_vae": lambda n, train: MultiVAE(epochs=n).fit(train),
        "rec_vae": lambda n, train: RecVAE(epochs=n).fit(train),
        "ease": lambda n, train: [EASE(l2=L2).fit(train) for _ in range(n)],
    }


def cornac_models():
    """Return the same of cornac's; none where cornac is missing."""
    try:
        import cornac
    except ImportError:
        print("cornac is not installed: no figure against it; pip install '.[peers]'")
        return {}
    common = {"batch_size": 500, "seed": 0, "use_gpu": False}
    vaecf = {"k": 200, "autoencoder_structure": [600], "act_fn": "tanh", "likelihood": "mult", "beta": 0.2}
    models = cornac.models
    return {
        "multi_vae": lambda n, data: models.VAECF(n_epochs=n, learning_rate=1e-3, **vaecf, **common).fit(
            data
        ),
        "rec_vae": lambda n, data: models.RecVAE(n_epochs=n, **common).fit(data),
        "ease": lambda n, data: [models.EASE(lamb=L2, posB=False, verbose=False).fit(data) for _ in range(n)],
    }


def cornac_data(train):
    import cornac

    users, items = train.nonzero()
    return cornac.data.Dataset.from_uir(zip(users, items, np.ones(len(users)), strict=True))


def epochs_beside(train, epochs, rounds=3):
    """Return the seconds of an epoch, or of a fit of EASE, of our models and of cornac's, by name.

    Both take turns, and the least time counts.
    """
    ours, theirs = our_models(), cornac_models()
    data = cornac_data(train) if theirs else None
    unranked = patch("cornac.eval_methods.ranking_eval", lambda **_: [[0.0]])
    found = {}
    for name in ours:
        fits = [lambda n, fit=ours[name]: fit(n, train)]
        fits += [lambda n, fit=theirs[name]: fit(n, data)] if theirs else []
        with unranked if theirs else nullcontext():
            for fit in fits:  # warms the libraries up
                fit(1)
            seconds = [[fit_seconds(fit, epochs) for fit in fits] for _ in range(rounds)]
        found[name] = least = [min(side) for side in zip(*seconds, strict=True)]
        print(f"{name}: " + " s, cornac's ".join(f"{side:.2f}" for side in least) + " s")
    return found


def products_seconds(n_items, repetitions=50):
    """Return the seconds of the decoder's three products of a step of Multi-VAE: images and two gradients."""
    model = MultiVAE()
    hidden, weight = torch.randn(model.batch_size, model.hidden), torch.randn(n_items, model.hidden)
    by_logits = torch.randn(model.batch_size, n_items)
    products = (lambda: hidden @ weight.T), (lambda: by_logits @ weight), (lambda: by_logits.T @ hidden)
    seconds = []
    for _ in range(repetitions):
        start = time.process_time()
        for product in products:
            product()
        seconds.append(time.process_time() - start)
    return float(np.quantile(seconds, 0.25))


def fit_seconds(fit, epochs):
    """Return how many seconds an epoch adds to a fit."""
    seconds = []
    for n in (1, 1 + epochs):
        start = time.process_time()
        fit(n)
        seconds.append(time.process_time() - start)
    return (seconds[1] - seconds[0]) / epochs


def measured(options):
    """Measure all, and print the figures."""
    try:
        interactions = load_interactions("ml-1m")
    except DataNotFound as error:
        print(error)
        interactions = load_interactions("simulated")
    train = training_matrix(interactions.matrix)
    print(f"{interactions.name}: {train.shape[0]} users, {train.shape[1]} items, {train.nnz} interactions")
    beside = epochs_beside(train, options.epochs)
    steps, shaped = {}, training_matrix(ml_20m_shape())
    for name, matrix in ((interactions.name, train), ("ml-20m's shape", shaped)):
        steps[name] = plain, aligned = step_seconds(matrix, options.steps)
        print(f"{name}: {1e3 * plain:.1f} ms a step, with PIA {1e3 * aligned:.1f} ms")
    small, large = (aligned / plain - 1 for plain, aligned in steps.values())
    share = products_seconds(train.shape[1]) / steps[interactions.name][0]
    speedups = {
        f"speedup_{name}_over_cornac": side[1] / side[0] if len(side) == 2 else None
        for name, side in beside.items()
    }
    multi_vae = speedups["speedup_multi_vae_over_cornac"]
    figures = {
        "pia_overhead_ml1m": small,
        "pia_overhead_ml20m_shape": large,
        **speedups,
        "share_of_products": share,
        "limit_multi_vae_over_cornac": multi_vae / share if multi_vae else None,
    }
    details = {
        "dataset": interactions.name,
        "epoch_s": beside,
        "step_s": steps,
        "threads": options.threads,
    }
    print(json.dumps(figures | details))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100, help="of each model, for the overhead")
    parser.add_argument("--epochs", type=int, default=2, help="of each model at a time, against cornac")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with threadpool_limits(limits=options.threads):  # EASE is NumPy's
        measured(options)


if __name__ == "__main__":
    main()
