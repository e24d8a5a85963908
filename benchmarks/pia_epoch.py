"""What PIA adds to an epoch of Multi-VAE, and Multi-VAE's epochs against those of cornac's VAECF.

    python benchmarks/pia_epoch.py [--steps N] [--epochs N] [--threads N]

The overhead is that of the median step with alignment over the median step without, minus 1; the two models
take steps in turn on the same users. It is measured on ML-1M (ratings of 4 and 5; the simulated interactions
where it is missing) and on a synthetic matrix of ML-20M's shape, 136,677 x 20,108 with 10 million entries,
whose items are drawn by a power law. cornac's model has the same layers, batches and threads, but no input
dropout, no normalisation and no shuffling, all of which would be to its cost; without cornac (extra `peers`)
that figure is null. All times are those of the processor, which other processes do not change. The last line
is JSON.
"""

import argparse
import json
import time

import numpy as np
import scipy.sparse
import torch

from fourmasks.data.errors import DataNotFound
from fourmasks.data.interactions import load_interactions
from fourmasks.learning.user_items import binary_matrix, training_matrix
from fourmasks.pia.models.multi_vae import MultiVAE

ML_20M = (136_677, 20_108, 10_000_000)  # users, items, interactions


def ml_20m_shape(seed=0):
    """Draw a binary matrix: numbers of items log-normal over the users, items by a power law."""
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
    return scipy.sparse.csr_array((np.ones(n, np.float32), (users, items)), shape=(n_users, n_items))


def step_seconds(train, n_steps):
    """Return the median seconds of a step without and with PIA."""
    models = {name: MultiVAE(alignment=name) for name in ("none", "items")}
    data = {name: model._start(train) for name, model in models.items()}
    batches = {name: endless(part) for name, part in data.items()}
    seconds = {name: [] for name in models}
    for step in range(n_steps + 2):
        for name, model in models.items():
            start = time.process_time()
            model._step(data[name], next(batches[name]))
            if step >= 2:  # the first ones set up the memory
                seconds[name].append(time.process_time() - start)
    return [float(np.median(seconds[name])) for name in ("none", "items")]


def endless(data):
    """Yield batches of full size, epoch after epoch."""
    size = min(MultiVAE().batch_size, data.n_users)
    while True:
        yield from (users for users in data.batches() if len(users) == size)


def our_epoch(train, epochs):
    """Return the seconds of an epoch of Multi-VAE, without the set-up."""
    return fit_seconds(lambda n: MultiVAE(epochs=n).fit(train), epochs)


def cornac_epoch(train, epochs):
    """Return the seconds of an epoch of cornac's VAECF; None where cornac is missing."""
    try:
        import cornac
    except ImportError:
        print("cornac is not installed: no figure against it; pip install '.[peers]'")
        return None
    users, items = train.nonzero()
    data = cornac.data.Dataset.from_uir(zip(users, items, np.ones(len(users)), strict=True))
    settings = {"k": 200, "autoencoder_structure": [600], "act_fn": "tanh", "likelihood": "mult"}
    return fit_seconds(
        lambda n: cornac.models.VAECF(
            **settings, n_epochs=n, batch_size=500, learning_rate=1e-3, beta=0.2, seed=0, use_gpu=False
        ).fit(data),
        epochs,
    )


def fit_seconds(fit, epochs):
    """Return how many seconds an epoch adds to a fit; a first fit warms the libraries up."""
    fit(1)
    seconds = []
    for n in (1, 1 + epochs):
        start = time.process_time()
        fit(n)
        seconds.append(time.process_time() - start)
    return (seconds[1] - seconds[0]) / epochs


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=200, help="of each model, for the overhead")
    parser.add_argument("--epochs", type=int, default=5, help="of each model, against cornac")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    try:
        interactions = load_interactions("ml-1m")
    except DataNotFound as error:
        print(error)
        interactions = load_interactions("simulated")
    train = training_matrix(interactions.matrix)
    print(f"{interactions.name}: {train.shape[0]} users, {train.shape[1]} items, {train.nnz} interactions")
    peer, ours = cornac_epoch(train, options.epochs), our_epoch(train, options.epochs)
    print(f"an epoch of Multi-VAE: {ours:.2f} s" + (f", of VAECF: {peer:.2f} s" if peer else ""))
    steps, shaped = {}, binary_matrix("train", ml_20m_shape())
    for name, matrix in ((interactions.name, train), ("ml-20m's shape", shaped)):
        steps[name] = plain, aligned = step_seconds(matrix, options.steps)
        print(f"{name}: {1e3 * plain:.1f} ms a step, with PIA {1e3 * aligned:.1f} ms")
    small, large = (aligned / plain - 1 for plain, aligned in steps.values())
    figures = {
        "pia_overhead_ml1m": small,
        "pia_overhead_ml20m_shape": large,
        "speedup_over_cornac": peer / ours if peer else None,
    }
    details = {
        "dataset": interactions.name,
        "multi_vae_epoch_s": ours,
        "vaecf_epoch_s": peer,
        "step_s": steps,
        "threads": options.threads,
    }
    print(json.dumps(figures | details))


if __name__ == "__main__":
    main()
