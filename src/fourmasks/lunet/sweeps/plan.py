"""What each open choice matters: one changed at a time, all else as stated (paper, Section 4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.ratings import rating_names
from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.lunet.models.data import load
from fourmasks.lunet.ratings.run import run as run_model
from fourmasks.records.store import Record

EXPERIMENT = "lunet/sweeps"

# Values beside the default, which every row of the sweep shares.
VALUES = {
    "gamma": [0.1, 1.0],
    "dimension": [8, 16, 64],
    "n_layers": [1, 2, 6],
    "alpha": [0.1, 0.9],
    "beta": [0.05, 1.0],
    "activation": ["simple"],
    "readout": ["coordinate", "mean", "product", "separate"],
    "heads": [1],
    "n_negatives": [4],
    "embedding_scale": [1.0],
}
# Of two read-outs what is left without the network: the factors alone.
PAIRS = [{"readout": "product", "network": "identity"}, {"readout": "separate", "network": "identity"}]
DEFAULTS = {
    "network": "lu", "gamma": 0.5, "dimension": 32, "n_layers": 3, "alpha": 0.5, "beta": 0.5,
    "activation": "general", "readout": "linear", "heads": 2, "n_negatives": 1, "embedding_scale": 0.1,
}  # fmt: skip
VARIED = (*VALUES, "network")


@dataclass(frozen=True)
class Config(Options):
    """What the sweeps run."""

    dataset: tuple[str, ...] = option(
        ("simulated-small",), help="ratings to predict", choices=rating_names(), or_file=True
    )
    varied: tuple[str, ...] = option(
        ("gamma", "dimension", "n_layers", "readout", "network"), help="what to vary", choices=VARIED
    )
    seeds: int = option(1, least=1, help="number of seeds, from 0, each with a split of its own")
    epochs: int = option(10, least=1, help="epochs")
    batch_size: int = option(128, least=1, help="ratings per step")
    learning_rate: float = option(0.004, above=0, help="Adam's")
    validation: float = option(
        0.05, above=0, below=1, help="share of the training ratings that tells what stopping would give"
    )
    dtype: str = dtype_option()
    threads: int = threads_option()


PROFILES = {
    "smoke": Config(varied=("gamma", "network"), epochs=1),
    "book": Config(varied=("gamma", "readout", "network"), epochs=6),
    "paper": Config(
        dataset=("ml-100k",), varied=VARIED, seeds=2, epochs=50, learning_rate=1e-3, dtype="float32"
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs of the plan that are not there yet, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield the runs with the defaults and with each change of them, all seeds of one together."""
    names = ("epochs", "batch_size", "learning_rate", "validation", "dtype")
    given = {name: getattr(config, name) for name in names}
    for dataset in config.dataset:
        for change in changes(config.varied):
            for seed in range(config.seeds):
                place = {"dataset": dataset, "method": "lu-net", "split_seed": seed, "seed": seed}
                parameters = place | DEFAULTS | change | given
                digest = load(dataset).sha256
                yield Run(EXPERIMENT, run_model, parameters, digest, on_device=True, load=load)


def changes(varied: tuple[str, ...]) -> list[dict]:
    """Return the changes of the defaults, no change first."""
    single = [{name: value} for name in varied if name in VALUES for value in VALUES[name]]
    return [{}, *single, *(PAIRS if "network" in varied else [])]
