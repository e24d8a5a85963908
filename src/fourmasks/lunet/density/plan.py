"""The density experiment: how good a generative model LU layers are, on toys and on learned embeddings."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.ratings import rating_names
from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.lunet.density.run import FLOWS, METHODS, SIDES, describe
from fourmasks.lunet.density.run import run as run_fit
from fourmasks.lunet.density.toy_points import TOYS
from fourmasks.lunet.models.data import load
from fourmasks.records.store import Record

EXPERIMENT, POINTS = "lunet/densities", "lunet/densities-points"

# As many steps as on ML-100K: it has ten times as many ratings.
EPOCHS = {"ml-1m": 0.1}


@dataclass(frozen=True)
class Config(Options):
    """What the experiment fits, and to what."""

    dataset: tuple[str, ...] = option(
        ("moons", "simulated"),
        help="toy sets, and ratings whose embeddings are learned first",
        choices=(*TOYS, *rating_names()),
        or_file=True,
    )
    sides: tuple[str, ...] = option(("items",), help="whose embeddings", choices=SIDES)
    dimensions: tuple[int, ...] = option(
        (4, 32), least=4, help="d of the recommender, even; an embedding has d / 2 numbers"
    )
    methods: tuple[str, ...] = option(METHODS, help="densities to compare", choices=METHODS)
    n_layers: tuple[int, ...] = option((1, 2, 4), least=1, help="M of the flows; coupling layers from 2 on")
    seeds: int = option(2, least=1, help="number of seeds, from 0, each with points or a split of its own")
    n_points: int = option(500, least=1, help="points of a toy set to fit")
    n_samples: int = option(10_000, least=1, help="samples to draw from each density")
    steps: int = option(300, least=1, help="of a flow's training, from each start")
    starts: int = option(1, least=1, help="starts of a flow's training; validation points choose")
    batch_size: int = option(500, least=1, help="points per step")
    learning_rate: float = option(0.06, above=0, help="Adam's in the first round of the first start")
    alpha: float = option(0.3, above=0, below=1, help="slope of the bends on the left; on the right it is 1")
    spread: float = option(1.0, least=0, help="of the triangles at the start")
    recommender_epochs: int = option(8, least=1, help="of the recommender")
    recommender_batch_size: int = option(512, least=1, help="ratings per step of the recommender")
    recommender_rate: float = option(0.004, above=0, help="learning rate of the recommender")
    dtype: str = dtype_option()
    threads: int = threads_option()

    def check(self):
        for d in self.dimensions:
            if d % 2:
                raise ValueError(f"dimensions = {d}: expected an even number, half of it for each side")


PROFILES = {
    "smoke": Config(
        dataset=("ring", "simulated-small"),
        n_layers=(1, 2),
        seeds=1,
        n_points=100,
        n_samples=500,
        steps=8,
        recommender_epochs=1,
    ),
    "book": Config(n_layers=(1, 2), seeds=1),
    "paper": Config(
        dataset=(*TOYS, "ml-100k"),
        sides=SIDES,
        n_layers=(1, 2, 4, 8),
        seeds=3,
        n_points=1000,
        n_samples=100_000,
        steps=1500,
        recommender_epochs=50,
        recommender_batch_size=128,
        recommender_rate=1e-3,
        dtype="float32",
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs of the plan that are not there yet, on the CPU, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield descriptions of the points and the fits to them; those to the same points after one another."""
    for place in _places(config):
        is_toy = place["dataset"] in TOYS
        data = {"data_sha256": _digest(place["dataset"]), "load": None if is_toy else load}
        for seed in range(config.seeds):
            points = place | {"seed": seed, "n_points": config.n_points}
            if not seed:
                yield Run(POINTS, describe, points, **data)
            for method in config.methods:
                for settings in _settings(method, config):
                    given = {"method": method, "n_samples": config.n_samples} | settings
                    yield Run(EXPERIMENT, run_fit, points | given, **data)


def _places(config: Config) -> Iterator[dict]:
    for dataset in config.dataset:
        if dataset in TOYS:
            yield {"dataset": dataset}
            continue
        for dimension in config.dimensions:
            recommender = {
                "dimension": dimension,
                "epochs": max(1, round(config.recommender_epochs * EPOCHS.get(dataset, 1))),
                "batch_size": config.recommender_batch_size,
                "learning_rate": config.recommender_rate,
                "dtype": config.dtype,
            }
            for side in config.sides:
                yield {"dataset": dataset, "side": side, "recommender": recommender}


def _settings(method: str, config: Config) -> list[dict]:
    """Return the settings of a method's fits. A single coupling layer leaves half of a point as it is."""
    if method not in FLOWS:
        return [{}]
    names = ("alpha", "spread", "steps", "starts", "batch_size", "learning_rate")
    shared = {name: getattr(config, name) for name in names}
    least = 2 if method == "coupling" else 1
    return [shared | {"n_layers": m} for m in config.n_layers if m >= least]


def _digest(dataset: str) -> str:
    """Return the digest of ratings; of a toy set, which its name and the seed determine, of its name."""
    return hashlib.sha256(dataset.encode()).hexdigest() if dataset in TOYS else load(dataset).sha256
