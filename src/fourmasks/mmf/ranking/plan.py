"""The ranking experiment: which methods rank whose items, with which settings (paper, Table 5)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fourmasks.baselines.ranking.catalogue import MODELS
from fourmasks.data.files import check_enough, is_file
from fourmasks.data.ratings import rating_names
from fourmasks.data.splits import FEWEST
from fourmasks.experiments.plan import Run, Search, carry_out, grid, search
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.experiments.search import draw_settings
from fourmasks.learning.ranking import CUTOFFS
from fourmasks.mmf.ranking.run import load, run_trial
from fourmasks.mmf.ranking.run import run as run_one
from fourmasks.records.store import Record

EXPERIMENT, SEARCH = "mmf/ranking", "mmf/ranking-search"

# What a trial draws from: for each method a learning rate, a penalty and one more choice. Graph models
# take fewer steps, and averages shrink what they learn. Cosine masks multiply by about 1 / (2 K), so
# that the same penalty is 2 K times as heavy as without them.
_MASKED = {"learning_rate": [0.01, 0.03, 0.1], "l2": [0.0003, 0.001, 0.003], "n_masks": [2, 4, 8]}
# "mmf-zero" and "mmf-unmasked" are controls, tuned as hard: masks that do not differ between users or items,
# and one constant in place of all.
SEARCHED = {
    "mmf": {"shifts": "learned"},
    "mmf-zero": {"shifts": "zero"},
    "mmf-unmasked": {"shifts": "constant"},
}
SPACES = {
    "bprmf": {"learning_rate": [0.003, 0.01, 0.03], "l2": [0.003, 0.01, 0.03], "item_bias": [False, True]},
    "neumf": {"learning_rate": [0.002, 0.005, 0.01], "l2": [0.001, 0.003, 0.01], "dropout": [0.0, 0.2]},
    "ngcf": {"learning_rate": [0.003, 0.01, 0.03], "l2": [0.001, 0.003, 0.01], "dropout": [0.0, 0.1]},
    "lightgcn": {"learning_rate": [0.03, 0.1, 0.3], "l2": [0.001, 0.003, 0.01], "n_layers": [2, 3]},
    "sgl": {"learning_rate": [0.03, 0.1, 0.3], "l2": [0.001, 0.003, 0.01], "contrast": [0.02, 0.1]},
} | dict.fromkeys(SEARCHED, _MASKED)
FIXED = SEARCHED | {"sgl": {"n_layers": 2}}
METHODS = (*MODELS, *SEARCHED)

SEARCH_SPLIT = 100  # no final run uses it
BATCH_SIZES, BATCH_SIZE_ELSEWHERE = {"ml-1m": 32768}, 2048


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="ratings to rank by", choices=rating_names(), or_file=True
    )
    methods: tuple[str, ...] = option(METHODS, help="methods to compare", choices=METHODS)
    threshold: float = option(3.0, help="ratings of at least so many stars, or plays, are likes")
    seeds: int = option(3, least=1, help="number of seeds, from 0, each with a split of its own")
    trials: int = option(2, least=1, help="trials of the search for settings, for each method")
    trial_epochs: int = option(5, least=1, help="epochs of a trial at most")
    epochs: int = option(8, least=1, help="epochs of a final run at most")
    patience: int = option(
        3, least=1, help="epochs without a better validation NDCG@10 after which training stops"
    )
    rank: int = option(
        32, least=24, help="numbers that each user and each item has; of MMF, K of them are shifts"
    )
    batch_size: int = option(0, least=0, help="triples per step, 0 for each data set's own number")
    dtype: str = dtype_option()
    threads: int = threads_option()

    def check(self):
        if self.rank % 8:
            raise ValueError(
                f"rank = {self.rank}: expected a multiple of 8, because NeuMF halves it three times"
            )


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), seeds=1, trials=1, trial_epochs=2, epochs=2),
    "book": Config(),
    "paper": Config(
        dataset=("ml-1m", "lastfm-2k"),
        seeds=5,
        trials=6,
        trial_epochs=10,
        epochs=200,
        rank=64,
        dtype="float32",
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs that are missing, and return the records of all, of `SEARCH` and `EXPERIMENT`."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Search]:
    """Yield the final runs, each with the search that it rests on.

    Raises
    ------
    ValueError
        If a file of one's own has too few items, or nobody with enough likes.
    """
    for dataset in filter(is_file, config.dataset):
        liked = load(dataset).values >= config.threshold
        counts = np.bincount(load(dataset).users[liked], minlength=1)
        check_enough(dataset, "items", load(dataset).shape[1], max(CUTOFFS))
        check_enough(
            dataset, f"ratings of at least {config.threshold:g} by one user", int(counts.max()), FEWEST
        )
    for dataset, method, seed in grid(config.dataset, config.methods, config.seeds):
        yield _with_search(dataset, method, seed, config)


def _with_search(dataset: str, method: str, seed: int, config: Config) -> Search:
    fixed = {"dataset": dataset, "method": method, "threshold": config.threshold, "rank": config.rank}
    fixed |= {"dtype": config.dtype, "patience": config.patience} | FIXED.get(method, {})
    fixed["batch_size"] = config.batch_size or BATCH_SIZES.get(dataset, BATCH_SIZE_ELSEWHERE)

    def one(experiment, function, seed, settings):
        seeds = {"split_seed": seed, "seed": seed}
        digest = load(dataset).sha256
        return Run(experiment, function, fixed | seeds | settings, digest, on_device=True, load=load)

    epochs = {"epochs": config.trial_epochs}
    return search(
        lambda setting: one(SEARCH, run_trial, SEARCH_SPLIT, setting | epochs),
        draw_settings(SPACES[method], config.trials),
        SPACES[method],
        "validation_ndcg_at_10",
        lambda found: one(EXPERIMENT, run_one, seed, found | {"epochs": config.epochs}),
    )
