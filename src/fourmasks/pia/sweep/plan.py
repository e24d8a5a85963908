"""How sensitive PIA is to its weight and to the growth of it (paper, Section D.1, Figures 3 to 6)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.interactions import interaction_names
from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.pia.recommenders.plan import scale
from fourmasks.pia.recommenders.run import load
from fourmasks.pia.recommenders.run import run as run_vae
from fourmasks.records.store import Record

EXPERIMENT, METHOD = "pia/sweep", "multi-vae+pia"
AXES = ("alignment_weight", "alignment_patience", "alignment_scale")

# What the paper fixes for Figure 6, and for all its other experiments.
PATIENCE, SCALE = 5, 2.0


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="interactions", choices=interaction_names(), or_file=True
    )
    weights: tuple[float, ...] = option(
        (2.0,), least=0, help="alignment weights of the grids (Figures 3 to 5)"
    )
    patiences: tuple[int, ...] = option(
        (1, 3), least=1, help="epochs after which the weight grows, in the grids"
    )
    scales: tuple[float, ...] = option((1.0, 2.0), least=1, help="factors by which it grows, in the grids")
    more_weights: tuple[float, ...] = option(
        (0.0, 1.0, 8.0),
        least=0,
        may_be_empty=True,
        help="weights beside those of the grids, at the paper's patience and factor",
    )
    seeds: int = option(1, least=1, help="number of seeds, from 0, each with a split of its own")
    epochs: int = option(6, least=0, help="epochs at most, 0 for the data set's own number")
    patience: int = option(
        6, least=1, help="epochs without a higher validation NDCG@100 after which training stops"
    )
    batch_size: int = option(0, least=0, help="users per step, 0 for the data set's own number")
    anchor_scale: float = option(1.0, help="standard deviation of the anchors at the start")
    hidden: int = option(60, least=1, help="width of the hidden layers")
    latent: int = option(20, least=1, help="width of the latent space")
    dtype: str = dtype_option()
    threads: int = threads_option()


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
        epochs=200,
        patience=16,
        batch_size=100,
        hidden=600,
        latent=200,
        dtype="float32",
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs of the plan that are not there yet, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield every run, data set by data set and seed by seed."""
    for dataset in config.dataset:
        own = scale(dataset, METHOD, epochs=config.epochs, batch_size=config.batch_size)
        common = {name: getattr(config, name) for name in ("hidden", "latent", "patience", "dtype")}
        common |= {"anchor_scale": config.anchor_scale, "alignment": "items", "method": METHOD}
        common |= {name: getattr(own, name) for name in ("batch_size", "epochs", "learning_rate")}
        common |= {"anneal_epochs": own.anneal_epochs, "dataset": dataset}
        for seed in range(config.seeds):
            for point in points(config):
                parameters = common | {"split_seed": seed, "seed": seed} | dict(zip(AXES, point, strict=True))
                digest = load(dataset).sha256
                yield Run(EXPERIMENT, run_vae, parameters, digest, on_device=True, load=load)


def points(config: Config) -> list[tuple[float, int, float]]:
    """Return the values of `AXES` of every run, each once.

    A weight that does not grow has no patience: there is one run in place of a row.
    """
    grid = [(w, p, s) for w in config.weights for s in config.scales for p in config.patiences]
    line = [(w, PATIENCE, SCALE) for w in (*config.weights, *config.more_weights)]
    return list(dict.fromkeys((w, PATIENCE if s == 1 else p, s) for w, p, s in grid + line))
