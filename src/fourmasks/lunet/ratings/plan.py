"""The rating experiment: which models meet which ratings (paper, Tables 1 and 2, Figures 3 to 6)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.files import check_enough, is_file
from fourmasks.data.ratings import rating_names
from fourmasks.experiments.plan import AGAIN, Run, Search, carry_out, grid, search
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.experiments.search import draw_settings
from fourmasks.lunet.models.data import check_unrated, describe, load
from fourmasks.lunet.ratings.run import BASELINES, parts, run_baseline, run_baseline_trial, run_trial
from fourmasks.lunet.ratings.run import run as run_model
from fourmasks.lunet.ratings.run_dense import run_dense
from fourmasks.records.store import Record

EXPERIMENT, SEARCH, DATASETS = "lunet/ratings", "lunet/ratings-search", "lunet/datasets"

# As the paper states it: no search, no early stopping, the last epoch.
STATED = {
    "lu-net": {"network": "lu"},
    "dense": {"network": "lu"},  # with free matrices, see `run_dense`
    "mlp": {"network": "mlp"},
    "coupling": {"network": "coupling"},
    "identity": {"network": "identity"},
}
# As stated, but with 5 % of the training ratings kept apart, and stopped by them.
STOPPED = {"lu-net-stopped": {"network": "lu"}, "mlp-stopped": {"network": "mlp"}}
# The same networks, with settings searched on validation ratings, and stopped by them.
TUNED = {f"{name}-tuned": setting for name, setting in STATED.items() if name != "dense"}
_SPACE = {
    "dimension": [16, 32, 64],
    "ridge": [0.0, 0.003, 0.01, 0.03],
    "gamma": [0.5, 0.8, 1.0],
    "learning_rate": [0.001, 0.002, 0.004],
    "embedding_scale": [0.1, 0.3, 1.0],
}
SPACES = dict.fromkeys(TUNED, _SPACE) | {
    "averages": {"item_damping": [1.0, 2.0, 4.0, 8.0, 16.0], "user_damping": [1.0, 2.0, 4.0, 8.0, 16.0]},
    "biased-mf": {
        "rank": [4, 8, 16, 32],
        "ridge": [4.0, 7.0, 10.0, 15.0, 20.0],
        "bias_ridge": [1.0, 3.0, 8.0],
    },
}
METHODS = (*STATED, *STOPPED, *TUNED, *BASELINES)

SEARCH_SPLIT = 100  # no final run uses it
REPEATED = ("ml-100k", "lu-net-tuned")  # whose search is made again, for the luck of a search

# How many seeds they get at most where the configuration is sparing: runs that take many minutes. The rest of
# the plan stays planned, and missing.
FEWER = {("ml-1m", name): 0 for name in ("coupling", "coupling-tuned", "identity-tuned")}


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="ratings to predict", choices=rating_names(), or_file=True
    )
    methods: tuple[str, ...] = option((*STATED, *BASELINES), help="models to compare", choices=METHODS)
    seeds: int = option(2, least=1, help="number of seeds, from 0, each with a split of its own")
    epochs: int = option(8, least=1, help="epochs as stated")
    batch_size: int = option(512, least=1, help="ratings per step as stated")
    learning_rate: float = option(0.004, above=0, help="Adam's, as stated")
    dimension: int = option(16, least=1, help="d, the network's dimension, where it is not searched")
    gamma: float = option(0.5, least=0, most=1, help="weight of the squared errors, where it is not searched")
    decoder_epochs: int = option(3, least=0, help="epochs of the decoder of a network's output")
    trials: int = option(1, least=1, help="trials of the search, which goes on outward from a best at an end")
    tuned_epochs: int = option(10, least=1, help="epochs of tuned runs at most")
    tuned_batch_size: int = option(512, least=1, help="ratings per step of tuned runs")
    patience: int = option(
        3, least=0, help="epochs without a better validation, 0 for the data set's own number"
    )
    validation: float = option(
        0.05, above=0, below=1, help="share of the training ratings for validation of tuned runs"
    )
    dtype: str = dtype_option()
    sparing: bool = option(False, help="leave out runs that take many minutes, as FEWER says, for now")
    threads: int = threads_option()


PROFILES = {
    "smoke": Config(
        dataset=("simulated-small",), methods=METHODS, seeds=1, epochs=2, tuned_epochs=2, decoder_epochs=1
    ),
    "book": Config(),
    "paper": Config(
        dataset=("ml-100k", "ml-1m"),
        methods=METHODS,
        seeds=5,
        epochs=50,
        batch_size=128,
        learning_rate=1e-3,
        dimension=32,
        decoder_epochs=30,
        trials=12,
        tuned_epochs=300,
        patience=0,
        dtype="float32",
    ),
}
# Where the profile does not say. The LU network rests for thousands of steps at the level of the averages
# before it goes on, which a shorter patience takes for the end: 15 epochs on ML-100K stopped two runs of
# five. An epoch of ML-1M has ten times the steps.
PATIENCE, PATIENCE_ELSEWHERE = {"ml-1m": 6}, 40


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs of the plan that are not there yet, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run | Search]:
    """Yield descriptions of the data, and the final runs, each with the search that it rests on.

    Raises
    ------
    ValueError
        If a file of one's own has too few ratings for validation, or a user who has rated every item.
    """
    for dataset in config.dataset:
        if is_file(dataset):
            _check_size(dataset, config)
        yield Run(DATASETS, describe, {"dataset": dataset, "seed": 0}, load(dataset).sha256, load=load)
    for dataset, method, seed in finals(config):
        yield _with_search(dataset, method, seed, config)
        if (dataset, method) == REPEATED:
            yield _with_search(dataset, method, seed, config, draw=1)


def _check_size(dataset: str, config: Config) -> None:
    methods = set(config.methods)
    if methods - set(BASELINES):  # the others learn from pairs without a rating, too
        check_unrated(dataset, 1)
    if methods - set(STATED):
        data = parts(dataset, 0, config.validation)
        left = len(data.train) + len(data.validation)
        check_enough(dataset, "ratings outside of the test", left, math.ceil(1 / config.validation))


def finals(config: Config) -> list[tuple[str, str, int]]:
    """Return data set, method and seed of each final run."""
    return list(grid(config.dataset, config.methods, config.seeds, FEWER if config.sparing else None))


def _with_search(dataset: str, method: str, seed: int, config: Config, draw: int = 0) -> Run | Search:
    """Return a final run, if its settings are searched with the trials of the search."""
    name = EXPERIMENT + draw * AGAIN
    is_baseline = method in BASELINES
    function = run_baseline if is_baseline else run_dense if method == "dense" else run_model

    def one(experiment, function, parameters):
        digest = load(dataset).sha256
        return Run(experiment, function, parameters, digest, on_device=not is_baseline, load=load)

    place = {"dataset": dataset, "method": method, "split_seed": seed, "seed": seed}
    if method in STATED or method in STOPPED:
        return one(EXPERIMENT, function, place | stated(method, dataset, config))
    fixed = common(method, dataset, config)
    apart = {"split_seed": SEARCH_SPLIT, "seed": SEARCH_SPLIT, "validation": config.validation}
    trial = run_baseline_trial if is_baseline else run_trial
    return search(
        lambda setting: one(f"{name}-search", trial, place | apart | fixed | setting),
        draw_settings(SPACES[method], config.trials, draw),
        SPACES[method],
        "validation_mse",
        lambda found: one(name, function, place | fixed | found | extras(method, config)),
        lowest=True,
    )


def stated(method: str, dataset: str, config: Config) -> dict:
    """Return the settings of a run as the paper states it, or of one that is stopped besides.

    Nothing is searched. As stated no rating is kept apart, and the last epoch counts.
    """
    names = ["epochs", "batch_size", "learning_rate", "dimension", "gamma", "dtype"]
    names += ["decoder_epochs"] * (method != "dense")
    given = {name: getattr(config, name) for name in names}
    if method in STATED:
        return STATED[method] | given | {"validation": 0.0}
    stopping = {"epochs": config.tuned_epochs, "patience": patience(dataset, config)}
    return STOPPED[method] | given | stopping | {"validation": config.validation}


def patience(dataset: str, config: Config) -> int:
    """Return after how many epochs without a better validation training is stopped."""
    return config.patience or PATIENCE.get(dataset, PATIENCE_ELSEWHERE)


def common(method: str, dataset: str, config: Config) -> dict:
    """Return what is not drawn for a method with a search."""
    if method == "averages":
        return {}
    given = {"epochs": config.tuned_epochs, "patience": patience(dataset, config)}
    if method == "biased-mf":
        return given
    return TUNED[method] | given | {"batch_size": config.tuned_batch_size, "dtype": config.dtype}


def extras(method: str, config: Config) -> dict:
    """Return what a final run with a search has besides. Averages have no use for validation ratings."""
    found = {"validation": 0.0 if method == "averages" else config.validation}
    return found | ({"decoder_epochs": config.decoder_epochs} if method in TUNED else {})
