"""The comparison of rating models: the same splits, search and stopping for all."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.ratings import rating_names
from fourmasks.data.splits import default_protocol
from fourmasks.experiments.plan import Run, Search, carry_out, grid, search
from fourmasks.experiments.profiles import Options, option, threads_option
from fourmasks.experiments.search import draw_settings
from fourmasks.four.ratings.run import load, run_memory, run_trial
from fourmasks.four.ratings.run import run as run_one
from fourmasks.records.store import Record

EXPERIMENT, SEARCH, MEMORY = "four/ratings", "four/ratings-search", "four/ratings-memory"

# What is not drawn.
FIXED = {
    "averages": {},
    "mf-tuned": {"shifts": "none"},
    "mmf-constant": {"shifts": "constant"},
    "mmf-zero": {"shifts": "zero"},
    "mmf-learned": {"shifts": "learned"},
    "autorec": {},
    "lu-net-tuned": {"network": "lu", "batch_size": 512},
    "surprise-svd": {},
}
METHODS = tuple(FIXED)
OURS = tuple(
    name for name in METHODS if name != "surprise-svd"
)  # the others need a library of the extra `peers`

# What a trial draws from. All arms of MMF have one space; plain factors, which no weight makes smaller, take
# larger penalties, and the rate of the biases has the place of the number of masks.
_RANKS = [32, 64, 128]
_MASKED = {
    "rank": _RANKS,
    "factor_scale": [0.002, 0.005, 0.02],
    "factor_learning_rate": [0.0005, 0.001, 0.002],
    "ridge": [0.0003, 0.001, 0.003],
    "bias_ridge": [0.002, 0.005, 0.01],
    "n_masks": [1, 2, 4],
}
SPACES = {
    "averages": {"item_damping": [1.0, 2.0, 4.0, 8.0], "user_damping": [1.0, 2.0, 4.0, 8.0]},
    "mf-tuned": {
        "rank": _RANKS,
        "factor_scale": [0.0005, 0.002, 0.005],
        "factor_learning_rate": [0.0002, 0.0004, 0.0008],
        "ridge": [0.01, 0.02, 0.05],
        "bias_ridge": [0.002, 0.005, 0.01],
        "learning_rate": [0.002, 0.005, 0.01],
    },
    "mmf-constant": _MASKED,
    "mmf-zero": _MASKED,
    "mmf-learned": _MASKED,
    "autorec": {
        "n_hidden": [150, 300, 600],
        "ridge": [3.0, 6.0, 12.0],
        "learning_rate": [0.0005, 0.001, 0.002],
        "batch_size": [64, 128, 256],
    },
    "lu-net-tuned": {
        "dimension": [16, 32, 64],
        "ridge": [0.003, 0.01, 0.03],
        "gamma": [0.5, 0.8, 1.0],
        "learning_rate": [0.0005, 0.001, 0.002],
        "embedding_scale": [0.1, 0.3, 1.0],
    },
    "surprise-svd": {
        "rank": _RANKS,
        "epochs": [20, 40, 80],
        "learning_rate": [0.0025, 0.005, 0.01],
        "ridge": [0.02, 0.05, 0.1],
    },
}
# Not trained epoch by epoch with a look at validation: a formula, and a library without early stopping.
WITHOUT_STOPPING = ("averages", "surprise-svd")
SEARCH_SPLIT = 100  # no final run uses it


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="ratings to predict", choices=rating_names(), or_file=True
    )
    methods: tuple[str, ...] = option(OURS, help="models to compare", choices=METHODS)
    seeds: int = option(2, least=1, help="number of seeds, from 0, each with a split of its own")
    trials: int = option(
        2,
        least=0,
        help="trials of the search, which goes on outward from a best at an end, 0 for each data set's own",
    )
    epochs: int = option(12, least=1, help="epochs at most")
    patience: int = option(
        3,
        least=0,
        help="epochs without a better validation after which training stops, 0 for each data set's own",
    )
    validation: float = option(
        0.05, above=0, below=1, help="share of the training ratings for early stopping"
    )
    memory: bool = option(False, help="also measure the memory of a fit, in processes of its own")
    threads: int = threads_option()


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), seeds=1, trials=1, epochs=2),
    "book": Config(),
    "paper": Config(
        dataset=("flixster", "douban", "ml-100k", "ml-1m"),
        methods=METHODS,
        seeds=5,
        trials=0,
        epochs=400,
        patience=0,
        memory=True,
    ),
}
# Where the profile does not say: the LU network rests for thousands of steps at the level of the averages, so
# that small data need a long patience. All models of a data set have the same.
PATIENCE, PATIENCE_ELSEWHERE = {"ml-1m": 10}, 40
TRIALS, TRIALS_ELSEWHERE = {"ml-1m": 6}, 12  # a trial of MovieLens 1M takes minutes


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs that are missing, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Search]:
    """Yield the final runs, each with the search that it rests on."""
    for dataset, method, seed in grid(config.dataset, config.methods, config.seeds):
        yield with_search(EXPERIMENT, dataset, method, seed, config)
        if config.memory and seed == 0:
            yield with_search(EXPERIMENT, dataset, method, seed, config, memory=True)


def with_search(
    experiment: str, dataset: str, method: str, seed: int, config: Options, memory: bool = False, **place
) -> Search:
    """Return a final run of an experiment, or what measures its memory, with the search that it rests on.

    `place` is what else says where: a share.
    """
    name, function = (MEMORY, run_memory) if memory else (experiment, run_one)
    place |= {"dataset": dataset, "method": method, "protocol": default_protocol(dataset)}
    fixed = place | {"validation": config.validation} | FIXED[method] | stopping(dataset, method, config)

    def one(name, function, seed, found):
        seeds = {"split_seed": seed, "seed": seed}
        return Run(name, function, fixed | seeds | found, load(dataset).sha256, on_device=True, load=load)

    return search(
        lambda setting: one(f"{experiment}-search", run_trial, SEARCH_SPLIT, setting),
        draw_settings(SPACES[method], config.trials or TRIALS.get(dataset, TRIALS_ELSEWHERE)),
        SPACES[method],
        "validation_rmse",
        lambda found: one(name, function, seed, found),
        lowest=True,
    )


def stopping(dataset: str, method: str, config: Options) -> dict[str, int]:
    """Return when training ends, of what validation can stop."""
    if method in WITHOUT_STOPPING:
        return {}
    return {"epochs": config.epochs, "patience": config.patience or PATIENCE.get(dataset, PATIENCE_ELSEWHERE)}
