"""Our models beside the nearest of cornac and Surprise, on MovieLens 100K: a fit, an epoch, a wanted error.

    python benchmarks/four_ways.py [--rounds N] [--threads N]

speedup_...: seconds of an epoch, or of a whole fit where there are no epochs, of the library's model over
those of ours; the median over rounds in which they take turns. equal_...: the same of the seconds until both
have the error that the worse of the two reaches at best, on validation data, with 5, 10, 20, 40, 80 or 160
epochs. For that, models of ratings have the settings that the comparison's search found for each;
autoencoders have the same sizes and learning rate, since cornac's has no dropout that could be searched.
Otherwise both sides have the same sizes. Libraries do not report errors by epoch, so each number of epochs is
a fit of its own. A library that is not installed is left out (pip install '.[peers]'). All times are those of
the processor. The last line is JSON.
"""

import argparse
import json
import time
from functools import partial
from statistics import median

import numpy as np
import torch

from fourmasks.baselines.ranking.bpr import BPRMF
from fourmasks.baselines.top_n.ease import EASE
from fourmasks.data.errors import DataNotFound
from fourmasks.data.ratings import load_ratings, make_ratings
from fourmasks.data.splits import split
from fourmasks.four.models.surprise_svd import SurpriseSVD
from fourmasks.four.rankings.data import parts
from fourmasks.four.rankings.measures import accuracy, lists
from fourmasks.four.ratings.plan import EXPERIMENT, SPACES
from fourmasks.mmf.models.rating_mmf import RatingMMF
from fourmasks.pia.models.multi_vae import MultiVAE
from fourmasks.records.store import book_records

LADDER = (5, 10, 20, 40, 80, 160)
RANK, L2 = 64, 300.0
VAE = {"batch_size": 100, "learning_rate": 1e-3, "beta": 0.2}


def triples(matrix):
    """Return ones as cornac takes them, and in which order it numbers the items."""
    import cornac

    users, items = matrix.nonzero()
    data = cornac.data.Dataset.from_uir(list(zip(users, items, np.ones(len(users)), strict=True)))
    return data, np.array(list(data.iid_map))


def vae_pair(data):
    """Return two functions from epochs to a loss, of Multi-VAE and cornac's VAECF, twice: minus NDCG@100."""
    import cornac

    given, order = triples(data.train)

    def ours(epochs):
        model = MultiVAE(epochs=epochs, **VAE).fit(data.train)
        return lambda: -ndcg(model.predict, data.validation)

    def theirs(epochs):
        model = cornac.models.VAECF(
            k=200, autoencoder_structure=[600], act_fn="tanh", likelihood="mult", n_epochs=epochs, seed=0,
            use_gpu=False, **VAE,
        ).fit(given)  # fmt: skip

        @torch.no_grad()
        def scores(shown):
            mean, _ = model.vae.encode(torch.tensor(shown[:, order].toarray(), dtype=torch.float32))
            found = np.full(shown.shape, -np.inf)  # also for items that nobody of the training has
            found[:, order] = model.vae.decode(mean).numpy()
            return found

        return lambda: -ndcg(scores, data.validation)

    return (ours, theirs), (ours, theirs)


def ease_pair(data):
    """Return two functions that fit EASE, here and in cornac; neither has epochs, nor a loss."""
    import cornac

    given, _ = triples(data.train)
    alike = (
        lambda _: EASE(l2=L2).fit(data.train),
        lambda _: cornac.models.EASE(lamb=L2, posB=False, verbose=False).fit(given),
    )
    return alike, None


def bpr_pair(data):
    """Return two functions that fit BPR for so many epochs, here and in cornac, without a loss."""
    import cornac

    given, _ = triples(data.train)
    users, items = data.train.nonzero()
    ratings = make_ratings("ones", users, items, np.ones(len(users)), data.train.shape, (0, 1))
    alike = (
        lambda epochs: BPRMF(rank=RANK, epochs=epochs, batch_size=4096, item_bias=True).fit(ratings),
        lambda epochs: cornac.models.BPR(
            k=RANK, max_iter=epochs, learning_rate=0.01, num_threads=torch.get_num_threads(), seed=0
        ).fit(given),
    )
    return alike, None


def mf_pair(ratings):
    """Return two functions from epochs to a loss, the RMSE, of factors with biases and of Surprise's, twice.

    First of the same size, then with the settings that were found for each.
    """
    import surprise  # noqa: F401  that it is there

    data = split(ratings, "per-user", 0)

    def fitted(make):
        def fit(epochs):
            model = make(epochs=epochs).fit(data.train)
            held = data.validation

            def rmse():
                predicted = model.predict(held.users, held.items).clip(*held.scale)
                return float(np.sqrt(np.mean((predicted - held.values) ** 2)))

            return rmse

        return fit

    plain = partial(RatingMMF, shifts="none")
    alike = [fitted(partial(model, rank=RANK)) for model in (plain, SurpriseSVD)]
    tuned = [
        fitted(partial(model, **found(method, ratings.name)))
        for model, method in ((plain, "mf-tuned"), (SurpriseSVD, "surprise-svd"))
    ]
    return alike, tuned


def found(method, dataset):
    """Return the settings that the comparison's search found, none where it was not run."""
    for record in book_records(EXPERIMENT):
        at = record.parameters
        if (at["method"], at["dataset"]) == (method, dataset):
            return {name: at[name] for name in SPACES[method] if name != "epochs"}
    return {}


def ndcg(scores, hidden):
    users, items = lists(lambda rows: scores(hidden.shown[rows]), hidden)
    return float(accuracy(users, items, hidden)["ndcg_at_100"].mean())


def seconds(fit, epochs):
    """Return the seconds of a fit, and what it gives."""
    start = time.process_time()
    found = fit(epochs)
    return time.process_time() - start, found


def epoch_ratio(ours, theirs, rounds, epochs=(2, 12)):
    """Return the seconds of an epoch of the second over those of the first, the median over rounds."""
    ours(1), theirs(1)  # what is loaded and compiled once
    ratios = []
    for _ in range(rounds):
        own, other = (
            (seconds(fit, epochs[1])[0] - seconds(fit, epochs[0])[0]) / (epochs[1] - epochs[0])
            for fit in (ours, theirs)
        )
        ratios.append(other / own)
    return median(ratios)


def fit_ratio(ours, theirs, rounds):
    """Return the seconds of a whole fit of the second over those of the first."""
    ours(None), theirs(None)
    return median(seconds(theirs, None)[0] / seconds(ours, None)[0] for _ in range(rounds))


def equal_ratio(ours, theirs):
    """Return the ratio of the times until both have the loss that the worse one reaches at best, and both."""
    ladders = []
    for fit in (ours, theirs):
        timed = [(epochs, *seconds(fit, epochs)) for epochs in LADDER]
        ladders.append([(epochs, took, loss()) for epochs, took, loss in timed])
    wanted = max(min(loss for *_, loss in ladder) for ladder in ladders)
    own, other = (min(took for _, took, loss in ladder if loss <= wanted) for ladder in ladders)
    return other / own, wanted


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median is taken")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    try:
        ratings, name = load_ratings("ml-100k"), "ml-100k"
    except DataNotFound as error:
        print(error)
        ratings, name = load_ratings("simulated"), "simulated"
    data = parts(name, "users", 0)
    figures = {"dataset": name}
    pairs = {
        "multi_vae_over_cornac": (vae_pair, data),
        "bpr_over_cornac": (bpr_pair, data),
        "ease_over_cornac": (ease_pair, data),
        "mf_over_surprise": (mf_pair, ratings),
    }
    for pair, (make, given) in pairs.items():
        try:
            alike, best = make(given)
        except ImportError as error:
            print(f"{pair}: {error}: no figure; pip install '.[peers]'")
            continue
        ratio = fit_ratio if make is ease_pair else epoch_ratio
        figures[f"speedup_{pair}"] = ratio(*alike, options.rounds)
        print(f"{pair}: {figures[f'speedup_{pair}']:.2f} times as fast")
        if best:
            figures[f"equal_{pair}"], wanted = equal_ratio(*best)
            print(f"{pair}: {figures[f'equal_{pair}']:.2f} times as fast to a loss of {wanted:.4f}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
