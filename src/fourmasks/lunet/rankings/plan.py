"""The ranking experiment, which the paper announces and does not report: leave-one-out (Section 3.1.2)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.files import is_file
from fourmasks.data.ratings import rating_names
from fourmasks.experiments.plan import Run, Search, carry_out, grid, search
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.experiments.search import draw_settings
from fourmasks.lunet.models.data import check_unrated, load
from fourmasks.lunet.rankings.run import (
    BASELINES,
    FROM_ITEMS,
    PAIRWISE,
    run_baseline,
    run_baseline_trial,
    run_trial,
)
from fourmasks.lunet.rankings.run import run as run_model
from fourmasks.records.store import Record

EXPERIMENT, SEARCH = "lunet/ranking", "lunet/ranking-search"

# As the paper states it: nothing searched, no early stopping.
STATED = {"lu-net-stated": {"network": "lu", "dimension": 32}}
# Stopped by validation items, with settings searched on them. The paper does not say how its loss weighs
# ratings against interactions, so that this is searched, too; one part of the loss alone is searched as hard.
# "factors" has no network: items are ranked by the scalar product of the two embeddings.
_SPACE = {
    "dimension": [16, 32, 64],
    "learning_rate": [0.001, 0.002, 0.004],
    "ridge": [0.0, 0.003, 0.01],
    "n_negatives": [1, 4],
}
SEARCHED = {
    "lu-net": {"network": "lu"},
    "lu-net-implicit": {"network": "lu", "gamma": 0.0},
    "lu-net-explicit": {"network": "lu", "gamma": 1.0},
    "mlp": {"network": "mlp"},
    "factors": {"network": "identity", "readout": "product"},
}
SPACES = {
    name: _SPACE if "gamma" in fixed else _SPACE | {"gamma": [0.1, 0.3, 0.5, 0.8]}
    for name, fixed in SEARCHED.items()
} | {
    "bprmf": {"learning_rate": [0.01, 0.02, 0.03], "l2": [0.003, 0.01, 0.03], "item_bias": [False, True]},
    "neumf": {"learning_rate": [0.005, 0.01, 0.02], "l2": [0.001, 0.003, 0.01], "rank": [16, 32, 64]},
    "ease": {"l2": [50.0, 100.0, 200.0, 400.0, 800.0]},
    "popularity": {},
}
# A control: the settings found for the LU network, with one change. The identity is an additive model, which
# ranks the items alike for all users.
CONTROLS = {"identity": {"network": "identity"}}
METHODS = (*STATED, *SEARCHED, *CONTROLS, *BASELINES)

SEARCH_SPLIT = 100  # no final run uses it
# How many seeds they get at most where the configuration is sparing: runs that take many minutes. The rest of
# the plan stays planned, and missing.
FEWER = {("ml-1m", method): 0 for method in (*SEARCHED, *CONTROLS, "neumf")} | {
    ("ml-1m", "lu-net-stated"): 1,
    ("ml-1m", "bprmf"): 2,
}


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="ratings to rank by", choices=rating_names(), or_file=True
    )
    methods: tuple[str, ...] = option(
        ("lu-net-stated", "popularity", "ease"), help="models to compare", choices=METHODS
    )
    seeds: int = option(2, least=1, help="number of seeds, from 0, each with candidates of its own")
    candidates: int = option(100, least=1, help="items that each held-out item is ranked among")
    epochs: int = option(4, least=1, help="epochs as stated")
    searched_epochs: int = option(4, least=1, help="epochs at most where settings are searched")
    batch_size: int = option(512, least=1, help="ratings per step as stated")
    learning_rate: float = option(0.004, above=0, help="Adam's, as stated")
    searched_batch_size: int = option(512, least=1, help="ratings per step where settings are searched")
    gamma: float = option(0.5, least=0, most=1, help="weight of the squared errors as stated")
    patience: int = option(
        2, least=1, help="epochs without a higher validation NDCG@10 after which training stops"
    )
    trials: int = option(1, least=1, help="trials of the search, which goes on outward from a best at an end")
    dtype: str = dtype_option()
    sparing: bool = option(False, help="leave out runs that take many minutes, as FEWER says, for now")
    threads: int = threads_option()


PROFILES = {
    "smoke": Config(
        methods=METHODS, dataset=("simulated-small",), seeds=1, candidates=20, epochs=1, searched_epochs=1
    ),
    "book": Config(),
    "paper": Config(
        dataset=("ml-100k", "ml-1m"),
        methods=METHODS,
        seeds=5,
        epochs=50,
        searched_epochs=300,
        batch_size=128,
        learning_rate=1e-3,
        patience=12,
        trials=12,
        dtype="float32",
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs of the plan that are not there yet, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run | Search]:
    """Yield the final runs, each with the search that it rests on.

    Raises
    ------
    ValueError
        If a user of a file of one's own has rated so many items that too few candidates are left.
    """
    for dataset in filter(is_file, config.dataset):
        check_unrated(dataset, config.candidates)
    for final in finals(config):
        yield _with_search(*final, config)


def finals(config: Config) -> list[tuple[str, str, int]]:
    """Return data set, method and seed of each final run."""
    return list(grid(config.dataset, config.methods, config.seeds, FEWER if config.sparing else None))


def _with_search(dataset: str, method: str, seed: int, config: Config) -> Run | Search:
    """Return a final run, if its settings are searched with the trials of the search."""
    source = "lu-net" if method in CONTROLS else method
    is_baseline = source in BASELINES
    function, trial = (run_baseline, run_baseline_trial) if is_baseline else (run_model, run_trial)

    def one(experiment, function, parameters):
        digest = load(dataset).sha256
        return Run(experiment, function, parameters, digest, on_device=not is_baseline, load=load)

    place = {"dataset": dataset, "candidates": config.candidates, "method": method}
    place |= {"split_seed": seed, "seed": seed}
    fixed = common(source, config)
    if method in STATED:
        return one(EXPERIMENT, function, place | fixed)
    apart = {"method": source, "split_seed": SEARCH_SPLIT, "seed": SEARCH_SPLIT}
    return search(
        lambda setting: one(SEARCH, trial, place | apart | fixed | setting),
        draw_settings(SPACES[source], config.trials),
        SPACES[source],
        "validation_ndcg_at_10",
        lambda found: one(EXPERIMENT, function, place | fixed | found | CONTROLS.get(method, {})),
    )


def common(method: str, config: Config) -> dict:
    """Return the settings of a method that are not drawn."""
    given = {"epochs": config.searched_epochs, "dtype": config.dtype}
    if method in FROM_ITEMS:
        return {}
    if method in PAIRWISE:
        return given | {"patience": config.patience}
    if method in STATED:
        names = ("epochs", "batch_size", "learning_rate", "gamma")
        return STATED[method] | given | {name: getattr(config, name) for name in names}
    return SEARCHED[method] | given | {"batch_size": config.searched_batch_size, "patience": config.patience}
