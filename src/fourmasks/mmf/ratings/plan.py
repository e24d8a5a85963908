"""The rating experiment: which methods meet which ratings, with which settings (paper, Tables 2, 4, 7)."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from fourmasks.baselines.ratings.catalogue import MODELS
from fourmasks.baselines.ratings.catalogue import SPACES as BASELINE_SPACES
from fourmasks.data.ratings import rating_names
from fourmasks.data.splits import default_protocol, protocols
from fourmasks.experiments.plan import Run, Search, carry_out, grid
from fourmasks.experiments.profiles import Options, option, threads_option
from fourmasks.mmf.ratings.data import describe
from fourmasks.mmf.ratings.run import load, run_trial
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
METHODS = (*FIXED, *SEARCHED, *CONTROLS, *MODELS)

# Trials of the search where the profile does not say; runs on the largest data, and wide ones, take minutes.
TRIALS, TRIALS_OF_SLOW = 12, 6
SEARCH_SPLIT, SEARCH_VALIDATION = 100, 0.05


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(("simulated",), help="ratings to predict", choices=rating_names())
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
    "book": Config(),
    "paper": Config(
        dataset=("flixster", "douban", "ml-100k", "ml-1m"),
        methods=METHODS,
        seeds=5,
        trials=0,
        epochs=100,
        validation=0.02,
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs that are missing, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run | Search]:
    """Yield a description of each data set, then the runs, each after the search that it rests on.

    Raises
    ------
    ValueError
        If the protocol is none of a data set's.
    """
    for name in config.dataset:
        if config.protocol != "auto" and config.protocol not in protocols(load(name)):
            raise ValueError(
                unknown(f"protocol of {name}", config.protocol, ["auto", *protocols(load(name))])
            )
    for name in config.dataset:
        yield Run(DATASETS, describe, {"dataset": name, "seed": 0}, load(name).sha256)
    for dataset, method, seed in grid(config.dataset, config.methods, config.seeds):
        sources = _sources(method)
        tried = {source: _trials(dataset, source, config) for source in sources}
        final = partial(_final, dataset, method, seed, config)
        yield Search([trial for trials in tried.values() for trial in trials], final)


def _sources(method: str) -> list[str]:
    """Return the methods whose searches the settings of a method rest on."""
    if method in FIXED:
        return []
    if method == "mmf-same-size":
        return ["mmf-learned", "mf-tuned"]
    return ["mmf-learned" if method in CONTROLS else method]


def _trials(dataset: str, method: str, config: Config) -> list[Run]:
    n = config.trials or (TRIALS_OF_SLOW if dataset == "ml-1m" or method in WIDE else TRIALS)
    place = _place(dataset, method, SEARCH_SPLIT, SEARCH_VALIDATION, config)
    digest = load(dataset).sha256
    return [
        Run(SEARCH, run_trial, place | trial, digest, on_device=True)
        for trial in trials(method, n, config.epochs)
    ]


def _final(dataset: str, method: str, seed: int, config: Config, tried: list[Record]) -> Run:
    parameters = _place(dataset, method, seed, config.validation, config)
    parameters |= _settings(method, tried) | {"epochs": config.epochs}
    return Run(EXPERIMENT, run_one, parameters, load(dataset).sha256, on_device=True)


def _place(dataset, method, seed, validation, config) -> dict:
    protocol = default_protocol(dataset) if config.protocol == "auto" else config.protocol
    place = {"dataset": dataset, "method": method, "protocol": protocol}
    return place | {"split_seed": seed, "validation": validation, "seed": seed}


def _settings(method: str, tried: list[Record]) -> dict:
    """Return a method's settings: fixed, found by its search, or found for MMF but for one thing."""
    if method in FIXED:
        return FIXED[method]
    found = {
        source: chosen([record for record in tried if record.parameters["method"] == source])
        for source in _sources(method)
    }
    if method not in CONTROLS:
        return found[method]
    settings = found["mmf-learned"] | CONTROLS[method]
    if method == "mmf-same-size":
        settings["rank"] = max(1, found["mf-tuned"]["rank"] - settings["n_masks"])
    return settings


def trials(method: str, n: int, epochs: int) -> list[dict]:
    """Draw n settings from a method's space, none twice; the same for every data set and device."""
    space, fixed = SPACES[method], SEARCHED.get(method, {})
    generator = np.random.default_rng(0)
    drawn = {}
    while len(drawn) < min(n, math.prod(len(values) for values in space.values())):
        setting = {name: values[generator.integers(len(values))] for name, values in space.items()}
        drawn[json.dumps(setting)] = setting
    return [setting | fixed | {"epochs": epochs} for setting in drawn.values()]


def chosen(tried: list[Record]) -> dict:
    """Return the settings of the trial with the lowest validation error."""
    best = min(tried, key=lambda record: record.metrics["validation_rmse"])
    outer = ("dataset", "method", "protocol", "split_seed", "validation", "seed", "epochs")
    return {name: value for name, value in best.parameters.items() if name not in outer}
