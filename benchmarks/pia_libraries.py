"""Multi-VAE and EASE beside cornac's implementations, on the same split of the same data.

    python benchmarks/pia_libraries.py [--epochs N] [--seeds N] [--threads N]

Data: ML-1M, all ratings as interactions, since that is what figures of libraries are usually of (the
simulated interactions where it is missing). Each seed has a split of its own. EASE has the same penalty in
both libraries and is to give the same numbers. cornac's VAECF has neither input dropout, nor normalised
inputs, nor annealing, nor shuffled users: ours runs as Multi-VAE is meant, and without dropout and annealing.
Epochs are fixed, nothing is tuned. The last line is JSON: means over seeds, and whether each of ours is at
least as good as cornac's but for two standard errors over test users.
"""

import argparse
import json

import numpy as np
import torch

from fourmasks.baselines.top_n.ease import EASE
from fourmasks.data.errors import DataNotFound
from fourmasks.data.interactions import hold_out_users, load_interactions, make_interactions
from fourmasks.data.ratings import load_ratings
from fourmasks.learning.held_out_users import measure
from fourmasks.pia.models.multi_vae import MultiVAE

L2 = 500.0
NETWORK = {"batch_size": 500, "learning_rate": 1e-3, "beta": 0.2}


def ours(train, epochs, seed):
    """Return our fitted models' functions from shown items to scores, by name."""
    vae = {"epochs": epochs, "random_state": seed} | NETWORK
    models = {
        "EASE": EASE(l2=L2),
        "Multi-VAE": MultiVAE(anneal_epochs=epochs / 2, **vae),
        "Multi-VAE without dropout and annealing": MultiVAE(dropout=0.0, anneal_epochs=0, **vae),
    }
    return {name: model.fit(train).predict for name, model in models.items()}


def theirs(train, epochs, seed):
    """Return the same of cornac's models; none where cornac is missing."""
    try:
        import cornac
    except ImportError:
        print("cornac is not installed: nothing to compare with; pip install '.[peers]'")
        return {}
    users, items = train.nonzero()
    data = cornac.data.Dataset.from_uir(list(zip(users, items, np.ones(len(users)), strict=True)))
    order = np.array(list(data.iid_map))  # cornac numbers items as they come
    ease = cornac.models.EASE(lamb=L2, posB=False, verbose=False).fit(data)
    vae = cornac.models.VAECF(
        k=200, autoencoder_structure=[600], act_fn="tanh", likelihood="mult", n_epochs=epochs, seed=seed,
        use_gpu=False, **NETWORK,
    ).fit(data)  # fmt: skip

    @torch.no_grad()
    def decoded(shown):
        mean, _ = vae.vae.encode(torch.tensor(shown.toarray(), dtype=torch.float32))
        return vae.vae.decode(mean).numpy()

    def placed(score):
        def scores(shown):
            found = np.full(shown.shape, -np.inf)  # also for items that nobody of the training has
            found[:, order] = score(shown[:, order])
            return found

        return scores

    return {"cornac EASE": placed(lambda shown: shown @ ease.B), "cornac VAECF": placed(decoded)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=50, help="of the networks")
    parser.add_argument("--seeds", type=int, default=1, help="each with a split of its own")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    try:
        ratings = load_ratings("ml-1m")
        data = make_interactions("ml-1m, all ratings", ratings.users, ratings.items, least_items=5)
    except DataNotFound as error:
        print(error)
        data = load_interactions("simulated")
    means, errors = {}, {}
    for seed in range(options.seeds):
        split = hold_out_users(data, seed)
        models = ours(split.train, options.epochs, seed) | theirs(split.train, options.epochs, seed)
        for name, scores in models.items():
            found = measure(scores, split.test_in, split.test_out)
            means.setdefault(name, []).append({metric: values.mean() for metric, values in found.items()})
            values = found["ndcg_at_100"]
            errors.setdefault(name, []).append(values.std(ddof=1) / np.sqrt(len(values)))
            row = "  ".join(f"{metric} {value:.4f}" for metric, value in means[name][-1].items())
            print(f"{data.name}, split {seed}, {name}: {row}, standard error {errors[name][-1]:.4f}")
    table = {
        name: {metric: float(np.mean([row[metric] for row in rows])) for metric in rows[0]}
        for name, rows in means.items()
    }
    pairs = {"EASE": "cornac EASE", "Multi-VAE": "cornac VAECF"}
    not_worse = {
        name: bool(
            table[name]["ndcg_at_100"]
            > table[rival]["ndcg_at_100"] - 2 * np.mean(errors[rival]) / np.sqrt(options.seeds)
        )
        for name, rival in pairs.items()
        if rival in table
    }
    print(json.dumps({"dataset": data.name, "test": table, "not_worse_than_cornac": not_worse}))


if __name__ == "__main__":
    main()
