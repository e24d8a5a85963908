"""The rating experiment: which methods meet which ratings, with which settings (paper, Tables 2, 4, 7)."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fourmasks.baselines.ratings.catalogue import MODELS
from fourmasks.baselines.ratings.catalogue import SPACES as BASELINE_SPACES
from fourmasks.data.files import check_enough, is_file
from fourmasks.data.ratings import rating_names
from fourmasks.data.splits import default_protocol, protocols
from fourmasks.experiments.plan import AGAIN, Run, Search, carry_out, chosen, grid
from fourmasks.experiments.profiles import Options, option, threads_option
from fourmasks.experiments.search import outward
from fourmasks.mmf.ratings.data import describe
from fourmasks.mmf.ratings.run import load, parts, run_trial
from fourmasks.mmf.ratings.run import run as run_one
from fourmasks.records.store import Record
from fourmasks.system.names import unknown

EXPERIMENT, SEARCH, DATASETS = "mmf/ratings", "mmf/ratings-search", "mmf/ratings-data"

# The reference implementation: R and K of its scripts, rates of its command line. Its plain factorization has
# the lower rate; it is the "biased MF" that it compares with.
REFERENCE = {"rank": 256, "n_masks": 42, "learning_rate": 5e-3}
FIXED = {
    "mf-plain": {"rank": 256, "shifts": "none", "learning_rate": 2e-3},
    "mmf-reference": {"shifts": "zero"} | REFERENCE,
    "mmf-constant": {"shifts": "constant"} | REFERENCE,
}

# What a trial draws from. Masked and plain factorization have equally many choices: the number of masks, or
# a learning rate of the biases that differs from that of the factors.
_SHARED = {
    "rank": [16, 32, 64, 128],
    "bias_ridge": [0.0, 0.002, 0.005, 0.01, 0.02],
}
SEARCHED = {
    "mf-tuned": {"shifts": "none"},
    "mmf-learned": {"shifts": "learned"},
    "mf-wide": {"shifts": "none"},
    "mmf-wide": {"shifts": "learned"},
}
# What a search does not draw. The baselines wait as long as ours for a better validation.
KEPT = SEARCHED | dict.fromkeys(MODELS, {"patience": 5})
# A wider search, in the paper profile alone because its ranks take long: the constant weight showed that the
# scale at the start matters.
WIDE = ("mf-wide", "mmf-wide")
_WIDE = {"rank": [128, 256, 512], "bias_ridge": [0.0, 0.002, 0.01]}
SPACES = BASELINE_SPACES | {
    "mf-tuned": _SHARED
    | {
        "ridge": [0.0, 0.01, 0.02, 0.05, 0.1],
        "factor_learning_rate": [2e-4, 5e-4, 1e-3, 2e-3],
        "learning_rate": [2e-3, 5e-3, 1e-2],
    },
    "mmf-learned": _SHARED
    | {
        "ridge": [0.0, 3e-4, 1e-3, 3e-3, 1e-2],
        "factor_learning_rate": [5e-4, 1e-3, 2e-3, 5e-3],
        "n_masks": [2, 3, 4],
    },
    "mf-wide": _WIDE
    | {
        "factor_scale": [5e-4, 2e-3, 5e-3],
        "ridge": [0.0, 0.01, 0.02, 0.05],
        "factor_learning_rate": [2e-4, 4e-4, 8e-4],
        "learning_rate": [2e-3, 5e-3],
    },
    "mmf-wide": _WIDE
    | {
        "factor_scale": [2e-3, 5e-3, 2e-2],
        "ridge": [0.0, 3e-4, 1e-3, 3e-3],
        "factor_learning_rate": [5e-4, 1e-3, 2e-3],
        "n_masks": [2, 4],
    },
}
# Controls that keep the settings found for MMF but for one thing each. "mmf-same-size" has the rank reduced
# until its parameters are as many as those of the tuned plain factorization.
CONTROLS = {
    "mmf-unmasked": {"shifts": "constant"},
    "mmf-random": {"shifts": "random", "shift_spread": 1.0},
    "mmf-permuted": {"shifts": "permuted"},
    "mmf-same-size": {},
}
# The searches that they rest on.
SOURCES = dict.fromkeys(CONTROLS, ("mmf-learned",)) | {"mmf-same-size": ("mmf-learned", "mf-tuned")}
METHODS = (*FIXED, *SEARCHED, *CONTROLS, *MODELS)

# Trials of the search where the profile does not say; runs on the largest data, and wide ones, take minutes.
TRIALS, TRIALS_OF_SLOW = 12, 6
SEARCH_SPLIT, SEARCH_VALIDATION = 100, 0.05
REPEATED = ("ml-100k", "mmf-learned")  # whose search is made again, for the luck of a search


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="ratings to predict", choices=rating_names(), or_file=True
    )
    protocol: str = option("auto", help="how to split, auto for each data set's own")
    methods: tuple[str, ...] = option(
        tuple(name for name in METHODS if name not in WIDE), help="methods to compare", choices=METHODS
    )
    seeds: int = option(3, least=1, help="number of seeds, from 0, each with a split of its own")
    trials: int = option(
        2, least=0, help="trials of the search for settings, 0 for each data set's own number"
    )
    epochs: int = option(12, least=1, help="epochs at most")
    validation: float = option(
        0.05, above=0, below=1, help="share of the training ratings for early stopping"
    )
    threads: int = threads_option()


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), seeds=1, trials=1, epochs=2),
    "book": Config(seeds=2),
    "paper": Config(
        dataset=("flixster", "douban", "ml-100k", "ml-1m"),
        methods=METHODS,
        seeds=5,
        trials=0,
        epochs=300,
        validation=0.02,
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs that are missing, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run | Search]:
    """Yield what describes each data set, and the final runs, each with the searches that it rests on.

    Raises
    ------
    ValueError
        If the protocol is none of a data set's, or a file of one's own has too few ratings.
    """
    for dataset in config.dataset:
        valid = ["auto", *protocols(load(dataset))]
        if config.protocol not in valid:
            raise ValueError(unknown(f"protocol of {dataset}", config.protocol, valid))
        if is_file(dataset):
            _check_size(dataset, config)
        yield Run(DATASETS, describe, {"dataset": dataset, "seed": 0}, load(dataset).sha256, load=load)
    for dataset, method, seed in grid(config.dataset, config.methods, config.seeds):
        yield _with_search(dataset, method, seed, config)
        if (dataset, method) == REPEATED:
            yield _with_search(dataset, method, seed, config, draw=1)


def _check_size(dataset: str, config: Config) -> None:
    """Raise ValueError unless what the test leaves of a file of one's own has a rating for validation."""
    data = parts(dataset, _protocol(dataset, config), 0, config.validation)
    searched = set(config.methods) - set(FIXED)
    share = min(config.validation, SEARCH_VALIDATION) if searched else config.validation
    left = len(data.train) + len(data.validation)
    check_enough(dataset, "ratings outside of the test", left, math.ceil(1 / share))


def _protocol(dataset: str, config: Config) -> str:
    return default_protocol(dataset) if config.protocol == "auto" else config.protocol


def _with_search(dataset: str, method: str, seed: int, config: Config, draw: int = 0) -> Search:
    name = EXPERIMENT + draw * AGAIN
    common = {"dataset": dataset, "protocol": _protocol(dataset, config), "epochs": config.epochs}

    def one(experiment, function, method, seed, validation, settings):
        place = {"method": method, "split_seed": seed, "validation": validation, "seed": seed}
        digest = load(dataset).sha256
        return Run(experiment, function, common | place | settings, digest, on_device=True, load=load)

    def final(tried):
        return one(name, run_one, method, seed, config.validation, _settings(method, tried))

    def trial(source, setting):
        return one(f"{name}-search", run_trial, source, SEARCH_SPLIT, SEARCH_VALIDATION, setting)

    def further(tried):
        return [
            trial(source, setting | KEPT.get(source, {}))
            for source in sources
            for setting in outward(
                SPACES[source], [one.parameters for one in _of(source, tried)], _found(source, tried)
            )
        ]

    sources = SOURCES.get(method, () if method in FIXED else (method,))
    drawn = [
        trial(source, setting)
        for source in sources
        for setting in trials(source, config.trials or _number_of_trials(dataset, source), draw)
    ]
    return Search(drawn, final, further)


def _of(source: str, tried: list[Record]) -> list[Record]:
    """Return the trials of the search of a method."""
    return [record for record in tried if record.parameters["method"] == source]


def _found(source: str, tried: list[Record]) -> dict:
    """Return what the search of a method has found."""
    best = chosen(_of(source, tried), "validation_rmse", SPACES[source], lowest=True)
    return best | KEPT.get(source, {})


def _settings(method: str, tried: list[Record]) -> dict:
    """Return a method's settings: fixed, found by its search, or found for MMF but for one thing."""
    if method not in CONTROLS:
        return FIXED[method] if method in FIXED else _found(method, tried)
    settings = _found("mmf-learned", tried) | CONTROLS[method]
    if method == "mmf-same-size":
        settings["rank"] = max(1, _found("mf-tuned", tried)["rank"] - settings["n_masks"])
    return settings


def _number_of_trials(dataset, method):
    return TRIALS_OF_SLOW if dataset == "ml-1m" or method in WIDE else TRIALS


def trials(method: str, n: int, draw: int = 0) -> list[dict]:
    """Draw n settings from a method's space, none twice; the same for every data set and device."""
    space, fixed = SPACES[method], KEPT.get(method, {})
    generator = np.random.default_rng(draw)
    drawn = {}
    while len(drawn) < min(n, math.prod(len(values) for values in space.values())):
        setting = {name: values[generator.integers(len(values))] for name, values in space.items()}
        drawn[json.dumps(setting)] = setting
    return [setting | fixed for setting in drawn.values()]
