"""The rating experiment: which methods meet which ratings, with which settings (paper, Tables 2, 4, 7)."""

import json
import math
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from fourmasks.baselines.ratings.catalogue import MODELS
from fourmasks.baselines.ratings.catalogue import SPACES as BASELINE_SPACES
from fourmasks.data.ratings import rating_names
from fourmasks.data.splits import default_protocol, protocols
from fourmasks.experiments.jobs import planned, run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.mmf.ratings import run as training
from fourmasks.mmf.ratings.data import describe
from fourmasks.records.store import Record, run_or_load
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
class Config:
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(("simulated",), help="ratings to predict", choices=rating_names())
    protocol: str = option("auto", help="how to split, auto for each data set's own")
    methods: tuple[str, ...] = option(
        tuple(name for name in METHODS if name not in WIDE), help="methods to compare", choices=METHODS
    )
    seeds: int = option(3, help="number of seeds, from 0, each with a split of its own")
    trials: int = option(2, help="trials of the search for settings, 0 for each data set's own number")
    epochs: int = option(12, help="epochs at most")
    validation: float = option(0.05, help="share of the training ratings for early stopping")
    threads: int = option(1, help="threads on the CPU, 0 for all")

    def __post_init__(self):
        for name in ("seeds", "epochs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        for name in ("trials", "threads"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 0")
        if not 0 < self.validation < 1:
            raise ValueError(f"validation = {self.validation}: expected a share between 0 and 1")


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
    """Describe the data, search settings, and train with those found; only what is not there yet."""
    if config.threads:
        torch.set_num_threads(config.threads)
    for name in config.dataset:
        if config.protocol != "auto" and config.protocol not in protocols(training.load(name)):
            valid = ["auto", *protocols(training.load(name))]
            raise ValueError(unknown(f"protocol of {name}", config.protocol, valid))
    described = [(dataset, "", 0) for dataset in config.dataset]
    jobs = [*described, *planned(config.dataset, config.methods, config.seeds)]
    return run_jobs(jobs, lambda job: _do(*job, config, profile, device), "ratings")


def _do(dataset, method, seed, config: Config, profile: str, device: str) -> list[Record]:
    """Return the records of a data set's description (no method), or of a search and the run after it."""

    def stored(function, parameters, experiment):
        bound = function if function is describe else partial(function, device=device)
        digest = training.load(dataset).sha256
        return run_or_load(
            bound, parameters, experiment=experiment, data_sha256=digest, profile=profile, device=device
        )

    if not method:
        return [stored(describe, {"dataset": dataset, "seed": 0}, DATASETS)]
    protocol = default_protocol(dataset) if config.protocol == "auto" else config.protocol
    common = {"dataset": dataset, "method": method, "protocol": protocol}

    def search(method):
        place = {"split_seed": SEARCH_SPLIT, "validation": SEARCH_VALIDATION, "seed": SEARCH_SPLIT}
        return [
            stored(training.try_out, common | {"method": method} | place | trial, SEARCH)
            for trial in trials(method, config.trials or _trials(dataset, method), config.epochs)
        ]

    tried, settings = _settings(method, search)
    settings = settings | {"epochs": config.epochs}
    place = {"split_seed": seed, "validation": config.validation, "seed": seed}
    return [*tried, stored(training.train, common | place | settings, EXPERIMENT)]


def _trials(dataset, method):
    return TRIALS_OF_SLOW if dataset == "ml-1m" or method in WIDE else TRIALS


def _settings(method: str, search) -> tuple[list[Record], dict]:
    """Return the records of the search that a method's settings rest on, and the settings."""
    if method in FIXED:
        return [], FIXED[method]
    if method not in CONTROLS:
        tried = search(method)
        return tried, chosen(tried)
    tried = search("mmf-learned")
    settings = chosen(tried) | CONTROLS[method]
    if method == "mmf-same-size":
        plain = search("mf-tuned")
        tried, rank = tried + plain, chosen(plain)["rank"] - settings["n_masks"]
        settings["rank"] = max(1, rank)
    return tried, settings


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
