"""The ranking experiment: which methods rank whose items, with which settings (paper, Table 5)."""

from dataclasses import dataclass
from functools import partial

import torch

from fourmasks.baselines.ranking.catalogue import GRAPHS, MODELS
from fourmasks.data.ratings import rating_names
from fourmasks.experiments.jobs import planned, run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.experiments.search import draw_settings
from fourmasks.mmf.ranking import run as training
from fourmasks.records.store import Record, run_or_load

EXPERIMENT, SEARCH = "mmf/ranking", "mmf/ranking-search"

# What a trial draws from: for each method a learning rate, a penalty and one more choice. Graph models
# take fewer steps, and averages shrink what they learn. Cosine masks multiply by about 1 / (2 K), so
# that the same penalty is 2 K times as heavy as without them.
_MASKED = {"learning_rate": [0.01, 0.02, 0.03], "l2": [0.0001, 0.0003, 0.001], "n_masks": [2, 4, 8]}
SEARCHED = {"mmf": {"shifts": "learned"}, "mmf-zero": {"shifts": "zero"}}
SPACES = {
    "bprmf": {"learning_rate": [0.01, 0.02, 0.03], "l2": [0.003, 0.01, 0.03], "item_bias": [False, True]},
    "neumf": {"learning_rate": [0.005, 0.01, 0.02], "l2": [0.001, 0.003, 0.01], "dropout": [0.0, 0.2]},
    "ngcf": {"learning_rate": [0.01, 0.02, 0.03], "l2": [0.001, 0.003, 0.01], "dropout": [0.0, 0.1]},
    "lightgcn": {"learning_rate": [0.03, 0.05, 0.1], "l2": [0.0003, 0.001, 0.003], "n_layers": [2, 3]},
    "sgl": {"learning_rate": [0.03, 0.05, 0.1], "l2": [0.0003, 0.001, 0.003], "contrast": [0.02, 0.1]},
} | dict.fromkeys(SEARCHED, _MASKED)
FIXED = SEARCHED | {"sgl": {"n_layers": 2}}
# Controls: the method whose settings they keep, and what they change of them.
CONTROLS = {
    "mmf-constant": ("mmf-zero", {"shifts": "constant"}),
    "mmf-unmasked": ("mmf", {"shifts": "constant"}),
}
METHODS = (*MODELS, *SEARCHED, *CONTROLS)

SEARCH_SPLIT = 100  # no final run uses it
# What is no setting of the estimator, or not drawn.
OUTER = ("dataset", "method", "threshold", "split_seed", "seed")
COMMON = ("rank", "batch_size", "patience", "dtype", "epochs")


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(("simulated",), help="ratings to rank by", choices=rating_names())
    methods: tuple[str, ...] = option(METHODS, help="methods to compare", choices=METHODS)
    threshold: float = option(3.0, help="ratings of at least so many stars are likes")
    seeds: int = option(3, help="number of seeds, from 0, each with a split of its own")
    trials: int = option(2, help="trials of the search for settings, for each method")
    trial_epochs: int = option(5, help="epochs of a trial at most")
    epochs: int = option(8, help="epochs of a final run at most")
    patience: int = option(3, help="epochs without a better validation NDCG@10 after which training stops")
    rank: int = option(16, help="numbers that each user and each item has; of MMF, K of them are shifts")
    batch_size: int = option(2048, help="triples per step")
    graph_batch_size: int = option(4096, help="triples per step of NGCF, LightGCN and SGL")
    dtype: str = option(
        "float64",
        help="precision; in float64 the printed digits are the same on other machines",
        choices=("float32", "float64"),
    )
    threads: int = option(1, help="threads on the CPU, 0 for all")

    def __post_init__(self):
        counts = ("seeds", "trials", "trial_epochs", "epochs", "patience", "batch_size", "graph_batch_size")
        for name in counts:
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        if self.threads < 0:
            raise ValueError(f"threads = {self.threads}: expected at least 0")
        if self.rank < 16 or self.rank % 8:
            raise ValueError(
                f"rank = {self.rank}: expected a multiple of 8, at least 16, because NeuMF halves it three"
                " times and MMF takes up to 8 numbers for masks"
            )


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), seeds=1, trials=1, trial_epochs=2, epochs=2),
    "book": Config(),
    "paper": Config(
        dataset=("ml-1m",),
        trials=6,
        trial_epochs=10,
        epochs=40,
        rank=64,
        batch_size=16384,
        graph_batch_size=32768,
        dtype="float32",
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
    jobs = list(planned(config.dataset, config.methods, config.seeds))
    return run_jobs(jobs, lambda job: _do(*job, config, profile, device), "ranking")


def _do(dataset, method, seed, config: Config, profile: str, device: str) -> list[Record]:
    """Return the records of the search that a final run rests on, and of the run."""

    def stored(function, parameters, experiment):
        return run_or_load(
            partial(function, device=device), parameters, experiment=experiment,
            data_sha256=training.load(dataset).sha256, profile=profile, device=device,
        )  # fmt: skip

    place = {"dataset": dataset, "threshold": config.threshold}
    source, changed = CONTROLS.get(method, (method, {}))
    searched = place | {"method": source, "split_seed": SEARCH_SPLIT, "seed": SEARCH_SPLIT}
    common = _common(source, config)
    tried = [
        stored(training.try_out, searched | common | {"epochs": config.trial_epochs} | trial, SEARCH)
        for trial in trials(source, config.trials)
    ]
    final = place | {"method": method, "split_seed": seed, "seed": seed} | common
    settings = chosen(tried) | changed | {"epochs": config.epochs}
    return [*tried, stored(training.train, final | settings, EXPERIMENT)]


def _common(method: str, config: Config) -> dict:
    size = config.graph_batch_size if method in GRAPHS else config.batch_size
    return {"rank": config.rank, "batch_size": size, "patience": config.patience, "dtype": config.dtype}


def trials(method: str, n: int) -> list[dict]:
    """Draw n settings from a method's space, see `draw_settings`; the same for every data set and device."""
    return [setting | FIXED.get(method, {}) for setting in draw_settings(SPACES[method], n)]


def chosen(tried: list[Record]) -> dict:
    """Return what was drawn in the trial with the highest NDCG@10 on the validation likes."""
    best = max(tried, key=lambda record: record.metrics["validation_ndcg_at_10"])
    return {name: value for name, value in best.parameters.items() if name not in OUTER + COMMON}
