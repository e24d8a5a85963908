"""The ranking experiment, which the paper announces and does not report: leave-one-out (Section 3.1.2)."""

from dataclasses import dataclass
from functools import partial

import torch

from fourmasks.data.ratings import rating_names
from fourmasks.experiments.jobs import planned, run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.experiments.search import draw_settings
from fourmasks.lunet.models.data import load
from fourmasks.lunet.rankings import run as training
from fourmasks.lunet.rankings import run_baselines
from fourmasks.records.store import Record, run_or_load

EXPERIMENT, SEARCH = "lunet/ranking", "lunet/ranking-search"

# As the paper states it: nothing searched, no early stopping.
STATED = {"lu-net-stated": {"network": "lu", "dimension": 32}}
# Stopped by validation items, with settings searched on them. "factors" has no network: items are ranked by
# the scalar product of the two embeddings.
_SPACE = {
    "dimension": [16, 32, 64],
    "learning_rate": [0.001, 0.002, 0.004],
    "ridge": [0.0, 0.003, 0.01],
    "n_negatives": [1, 4],
}
SEARCHED = {
    "lu-net": {"network": "lu"},
    "mlp": {"network": "mlp"},
    "factors": {"network": "identity", "readout": "product"},
}
SPACES = dict.fromkeys(SEARCHED, _SPACE) | {
    "bprmf": {"learning_rate": [0.01, 0.02, 0.03], "l2": [0.003, 0.01, 0.03], "item_bias": [False, True]},
    "neumf": {"learning_rate": [0.005, 0.01, 0.02], "l2": [0.001, 0.003, 0.01], "rank": [16, 32, 64]},
    "ease": {"l2": [50.0, 100.0, 200.0, 400.0, 800.0]},
    "popularity": {},
}
# Controls: the settings found for the LU network, with one change. The identity is an additive model, which
# ranks the items alike for all users.
CONTROLS = {
    "lu-net-implicit": {"gamma": 0.0},
    "lu-net-explicit": {"gamma": 1.0},
    "identity": {"network": "identity"},
}
METHODS = (*STATED, *SEARCHED, *CONTROLS, *run_baselines.MODELS)

SEARCH_SPLIT = 100  # no final run uses it
TRIALS, TRIALS_ELSEWHERE = {"ml-1m": 2}, 4  # of the search, where the profile does not say
# How many seeds they get at most where the configuration is sparing: runs that take many minutes.
FEWER = {("ml-1m", method): 0 for method in (*SEARCHED, *CONTROLS, "neumf")} | {
    ("ml-1m", "lu-net-stated"): 1,
    ("ml-1m", "bprmf"): 2,
}


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(("simulated",), help="ratings to rank by", choices=rating_names())
    methods: tuple[str, ...] = option(
        ("lu-net-stated", "popularity", "ease"), help="models to compare", choices=METHODS
    )
    seeds: int = option(2, help="number of seeds, from 0, each with candidates of its own")
    candidates: int = option(100, help="items that each held-out item is ranked among")
    epochs: int = option(4, help="epochs as stated")
    searched_epochs: int = option(4, help="epochs at most where settings are searched")
    batch_size: int = option(512, help="ratings per step as stated")
    learning_rate: float = option(0.004, help="Adam's, as stated")
    searched_batch_size: int = option(512, help="ratings per step where settings are searched")
    gamma: float = option(0.5, help="weight of the squared errors")
    patience: int = option(2, help="epochs without a higher validation NDCG@10 after which training stops")
    trials: int = option(1, help="trials of the search for settings, 0 for each data set's own number")
    dtype: str = option(
        "float64",
        help="precision; in float64 the printed digits are the same on other machines",
        choices=("float32", "float64"),
    )
    sparing: bool = option(False, help="fewer seeds for what takes many minutes, as FEWER says")
    threads: int = option(1, help="threads on the CPU, 0 for all")

    def __post_init__(self):
        for name in (
            "seeds",
            "candidates",
            "epochs",
            "searched_epochs",
            "batch_size",
            "searched_batch_size",
            "patience",
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        for name in ("trials", "threads"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 0")


PROFILES = {
    "smoke": Config(
        methods=METHODS, dataset=("simulated-small",), seeds=1, candidates=20, epochs=1, searched_epochs=1
    ),
    "book": Config(),
    "paper": Config(
        dataset=("ml-100k", "ml-1m"),
        methods=METHODS,
        seeds=3,
        epochs=50,
        searched_epochs=100,
        batch_size=128,
        learning_rate=1e-3,
        patience=12,
        trials=0,
        dtype="float32",
        sparing=True,
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Search settings, and train with those found; only what is not there yet.

    Returns
    -------
    list of Record
        Of experiments `SEARCH` and `EXPERIMENT`, each record once.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    return run_jobs(plan(config), lambda job: _do(*job, config, profile, device), "ranking")


def plan(config: Config) -> list[tuple[str, str, int]]:
    """Return data set, method and seed of each final run."""
    return list(planned(config.dataset, config.methods, config.seeds, FEWER if config.sparing else None))


def _do(dataset, method, seed, config: Config, profile: str, device: str) -> list[Record]:
    """Return the records of the search that a final run rests on, and of the run."""
    source = "lu-net" if method in CONTROLS else method

    def stored(name, parameters, experiment):
        is_rival = source in run_baselines.MODELS
        function = getattr(run_baselines if is_rival else training, name)
        return run_or_load(
            function if is_rival else partial(function, device=device), parameters,
            experiment=experiment, profile=profile, device="cpu" if is_rival else device,
            data_sha256=load(dataset).sha256,
        )  # fmt: skip

    data = {"dataset": dataset, "candidates": config.candidates}
    final = data | {"method": method, "split_seed": seed, "seed": seed}
    fixed = common(source, config)
    if method in STATED:
        return [stored("train", final | fixed, EXPERIMENT)]
    place = data | {"method": source, "split_seed": SEARCH_SPLIT, "seed": SEARCH_SPLIT}
    n = config.trials or TRIALS.get(dataset, TRIALS_ELSEWHERE)
    tried = [stored("try_out", place | fixed | trial, SEARCH) for trial in draw_settings(SPACES[source], n)]
    settings = fixed | chosen(source, tried) | CONTROLS.get(method, {})
    return [*tried, stored("train", final | settings, EXPERIMENT)]


def common(method: str, config: Config) -> dict:
    """Return the settings of a method that are not drawn."""
    given = {"epochs": config.searched_epochs, "dtype": config.dtype}
    if method in run_baselines.FROM_ITEMS:
        return {}
    if method in run_baselines.PAIRWISE:
        return given | {"patience": config.patience}
    given |= {"gamma": config.gamma}
    if method in STATED:
        names = ("epochs", "batch_size", "learning_rate")
        return STATED[method] | given | {name: getattr(config, name) for name in names}
    return SEARCHED[method] | given | {"batch_size": config.searched_batch_size, "patience": config.patience}


def chosen(method: str, tried: list[Record]) -> dict:
    """Return what was drawn in the trial with the highest NDCG@10 on the validation items."""
    if not tried:
        return {}
    best = max(tried, key=lambda record: record.metrics["validation_ndcg_at_10"])
    return {name: best.parameters[name] for name in SPACES[method]}
