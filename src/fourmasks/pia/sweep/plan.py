"""How sensitive PIA is to its weight and to the growth of it (paper, Section D.1, Figures 3 to 6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch

from fourmasks.data.interactions import interaction_names
from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.pia.recommenders import run as recommender_training
from fourmasks.pia.recommenders.plan import scale
from fourmasks.records.store import Record, run_or_load

EXPERIMENT, METHOD = "pia/sweep", "multi-vae+pia"

# What the paper fixes for Figure 6, and for all its other experiments.
PATIENCE, SCALE = 5, 2.0


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(("simulated",), help="interactions", choices=interaction_names())
    weights: tuple[float, ...] = option((2.0,), help="alignment weights of the grids (Figures 3 to 5)")
    patiences: tuple[int, ...] = option((1, 3), help="epochs after which the weight grows, in the grids")
    scales: tuple[float, ...] = option((1.0, 2.0), help="factors by which it grows, in the grids")
    more_weights: tuple[float, ...] = option(
        (0.0, 1.0, 8.0), help="weights beside those of the grids, at the paper's patience and factor"
    )
    seeds: int = option(1, help="number of seeds, from 0, each with a split of its own")
    epochs: int = option(6, help="epochs at most, 0 for the data set's own number")
    patience: int = option(6, help="epochs without a higher validation NDCG@100 after which training stops")
    batch_size: int = option(0, help="users per step, 0 for the data set's own number")
    anchor_scale: float = option(1.0, help="standard deviation of the anchors at the start")
    hidden: int = option(60, help="width of the hidden layers")
    latent: int = option(20, help="width of the latent space")
    dtype: str = option("float64", help="precision", choices=("float32", "float64"))
    threads: int = option(1, help="threads on the CPU, 0 for all")

    def __post_init__(self):
        for name in ("weights", "patiences", "scales"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty: expected at least one")
        for name, least in (("seeds", 1), ("patience", 1), ("epochs", 0), ("batch_size", 0), ("threads", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least {least}")
        if min(self.patiences) < 1 or min(self.scales) < 1 or min(*self.weights, *self.more_weights, 0) < 0:
            raise ValueError(
                f"patiences = {self.patiences}, scales = {self.scales}, weights = {self.weights},"
                f" more_weights = {self.more_weights}: expected patiences and scales of at least 1, and no"
                " negative weight"
            )


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), epochs=2, more_weights=(0.0,)),
    "book": Config(),
    "paper": Config(
        dataset=("ml-100k",),
        weights=(2.0, 4.0, 8.0),
        patiences=(3, 5, 7, 10, 15),
        scales=(1.0, 1.5, 2.0, 2.5, 3.0),
        more_weights=(0.0, 0.25, 0.5, 1.0, 16.0),
        seeds=2,
        epochs=0,
        patience=16,
        batch_size=100,
        hidden=600,
        latent=200,
        dtype="float32",
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Train what is not yet trained, and return all records."""
    if config.threads:
        torch.set_num_threads(config.threads)
    jobs = list(_jobs(config))

    def stored(parameters):
        return run_or_load(
            partial(recommender_training.train, device=device),
            parameters,
            experiment=EXPERIMENT,
            data_sha256=recommender_training.load(parameters["dataset"]).sha256,
            profile=profile,
            device=device,
        )

    return run_jobs(jobs, stored, "sweep")


def _jobs(config: Config) -> Iterator[dict]:
    """Yield the parameters of every run, seed by seed."""
    for dataset in config.dataset:
        own = scale(dataset, epochs=config.epochs, batch_size=config.batch_size)
        common = {name: getattr(config, name) for name in ("hidden", "latent", "patience", "dtype")}
        common |= {"anchor_scale": config.anchor_scale, "alignment": "items", "method": METHOD}
        common |= {name: getattr(own, name) for name in ("batch_size", "epochs", "learning_rate")}
        common |= {"anneal_epochs": own.anneal_epochs, "dataset": dataset}
        for seed in range(config.seeds):
            for weight, patience, factor in points(config):
                yield common | {
                    "split_seed": seed,
                    "seed": seed,
                    "alignment_weight": weight,
                    "alignment_patience": patience,
                    "alignment_scale": factor,
                }


def points(config: Config) -> list[tuple[float, int, float]]:
    """Return weight, patience and factor of every run, each once.

    A weight that does not grow has no patience: there is one run in place of a row.
    """
    grid = [(w, p, s) for w in config.weights for s in config.scales for p in config.patiences]
    line = [(w, PATIENCE, SCALE) for w in (*config.weights, *config.more_weights)]
    return list(dict.fromkeys((w, PATIENCE if s == 1 else p, s) for w, p, s in grid + line))
