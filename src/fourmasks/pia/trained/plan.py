"""The experiments on collaboration: Figures 1 and 2, drift, and the theorems on trained networks.

They share their networks: a network is fitted once for all that is asked of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from fourmasks.data.interactions import interaction_names
from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.pia.trained import run_latent, run_theory, trio
from fourmasks.pia.trained.networks import load, parts
from fourmasks.records.store import Record, run_or_load
from fourmasks.system.names import unknown

TRIO, LATENT, THEORY = "pia/trio", "pia/latent", "pia/theory"
EXPERIMENTS = (TRIO, LATENT, THEORY)

# What sets a network apart from Multi-VAE. The last five are controls.
NETWORKS = {
    "multi-vae-clean": {"dropout": 0.0},
    "multi-vae": {},
    "multi-vae+pia": {"alignment": "items"},
    "multi-vae+zero": {"alignment": "zero"},
    "multi-vae+frozen": {"alignment": "frozen"},
    "multi-vae+shuffled": {"alignment": "shuffled-users"},
    "multi-vae+dropout": {"dropout": 0.75},
    "multi-vae+beta": {"beta": 1.0},
}
SETTINGS = ("multi-vae-clean", "multi-vae", "multi-vae+pia")  # those of the paper's Figure 2
METHODS = (*NETWORKS, *run_latent.INPUTS)

# Epochs at most: by then the validation score of Multi-VAE stands still or falls. The KL term grows for a
# third of them, and training stops after a third without a better score.
EPOCHS = {"simulated-small": 20, "simulated": 20, "ml-100k": 60, "ml-1m": 24}
OTHER_EPOCHS = 24


@dataclass(frozen=True)
class Config:
    """What the experiments run."""

    dataset: tuple[str, ...] = option(("simulated",), help="interactions", choices=interaction_names())
    methods: tuple[str, ...] = option(METHODS, help="networks and inputs to look at", choices=METHODS)
    theory: tuple[str, ...] = option(
        (*SETTINGS, "multi-vae+zero"), help="networks to measure the theorems on", choices=NETWORKS
    )
    seeds: int = option(2, help="number of seeds, each with a division of the users of its own")
    hidden: int = option(64, help="units of the hidden layers")
    latent: int = option(16, help="latent dimensions R")
    epochs: int = option(0, help="epochs at most, 0 for each data set's own number")
    batch_size: int = option(100, help="users per step")
    learning_rate: float = option(3e-3, help="Adam's; thrice the paper's, for fewer epochs")
    beta: float = option(0.2, help="weight of the KL term in the end")
    # The paper states no scale. Drawn at 1, as torch.nn.Embedding does, the anchors of ML-100K still had a
    # correlation of 0.99 with their start when training ended, little else than frozen ones; at 0.1, 0.36.
    anchor_scale: float = option(0.1, help="standard deviation of the anchors at the start")
    alignment_weight: float = option(1.0, help="weight of the alignment at the start")
    users: int = option(400, help="users of the training among whom neighbours are looked for, at most")
    pair_users: int = option(100, help="users of the training whose pairs the theorems are measured on")
    cohort: int = option(40, help="users in a cohort of Figure 2")
    neighbours: int = option(10, help="neighbours k")
    views: int = option(4, help="independent masks of all users")
    mask_rate: float = option(0.5, help="share of the items that they hide")
    perplexity: float = option(30.0, help="of t-SNE, whose seed is 0")
    least_items: int = option(10, help="items of the first user of Figure 1, at least")
    most_items: int = option(100, help="and at most")
    least_share: float = option(0.8, help="of the related user's items, how many the first user has")
    threads: int = option(1, help="threads on the CPU, 0 for all")
    dtype: str = option(
        "float64",
        help="precision; in float64 the printed digits are the same on other machines",
        choices=("float32", "float64"),
    )

    def __post_init__(self):
        for name in ("dataset", "methods", "theory"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty: expected at least one")
        for name, least in (
            ("seeds", 1), ("users", 3), ("pair_users", 3), ("cohort", 2), ("neighbours", 1), ("views", 2),
            ("epochs", 0), ("threads", 0), ("least_items", 1), ("most_items", self.least_items),
        ):  # fmt: skip
            if getattr(self, name) < least:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least {least}")
        for name in ("mask_rate", "least_share"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected above 0 and at most 1")
        if self.mask_rate == 1:
            raise ValueError("mask_rate = 1.0 hides everything: expected less than 1")
        if self.neighbours >= self.users:
            raise ValueError(f"neighbours = {self.neighbours}: expected less than users = {self.users}")
        if not 1 <= self.perplexity < 3 * self.cohort:
            raise ValueError(
                f"perplexity = {self.perplexity}: expected 1 to less than {3 * self.cohort}, the users of the"
                " picture"
            )


PROFILES = {
    "smoke": Config(
        dataset=("simulated-small",), methods=(*SETTINGS, "input-unit"), seeds=1, hidden=16, latent=4,
        epochs=3, users=40, pair_users=12, cohort=10, neighbours=5, views=2, perplexity=5.0,
    ),
    "book": Config(),
    "paper": Config(
        dataset=("ml-100k", "ml-1m"), seeds=3, hidden=600, latent=200, batch_size=250, users=600,
        pair_users=150, cohort=100, dtype="float32",
    ),
}  # fmt: skip


def run(
    config: Config, profile: str, device: str = "cpu", experiments: Sequence[str] = EXPERIMENTS
) -> list[Record]:
    """Train what is not yet trained, and return the records of the experiments, in the order of the jobs.

    Parameters
    ----------
    config : Config
    profile, device : str
    experiments : sequence of str, default all three
        Names in `EXPERIMENTS`.
    """
    for name in experiments:
        if name not in EXPERIMENTS:
            raise ValueError(unknown("experiment", name, EXPERIMENTS))
    for name in config.dataset:
        _check_held_out(name, config)
    jobs = [job for job in _jobs(config) if job[0] in experiments]
    if config.threads:
        torch.set_num_threads(config.threads)

    def stored(job):
        experiment, function, parameters = job
        return run_or_load(
            function if function is trio.search else partial(function, device=device),
            parameters,
            experiment=experiment,
            data_sha256=load(parameters["dataset"]).sha256,
            profile=profile,
            device=device,
        )

    return run_jobs(jobs, stored, "collaboration")


def settings(dataset: str, method: str, config: Config) -> dict:
    """Return the network's settings of a method on a data set (JSON values); none for an input."""
    if method not in NETWORKS:
        return {}
    names = "hidden latent batch_size learning_rate beta anchor_scale alignment_weight dtype".split()
    epochs = config.epochs or EPOCHS.get(dataset, OTHER_EPOCHS)
    third = max(1, epochs // 3)
    own = {"epochs": epochs, "patience": third, "anneal_epochs": third}
    return {name: getattr(config, name) for name in names} | own | NETWORKS[method]


def _jobs(config: Config) -> Iterator[tuple]:
    """Yield experiment, function and parameters of every run; those of one network follow one another."""
    for dataset in config.dataset:
        figure_1 = {name: getattr(config, name) for name in ("least_items", "most_items", "least_share")}
        yield TRIO, trio.search, {"dataset": dataset} | figure_1
        for seed in range(config.seeds):
            for method in dict.fromkeys((*config.methods, *config.theory)):
                job = {"dataset": dataset, "method": method, "seed": seed}
                job |= settings(dataset, method, config)
                job |= {"mask_rate": config.mask_rate}
                if method in config.methods:
                    names = "users", "cohort", "neighbours", "views", "perplexity"
                    own = {name: getattr(config, name) for name in names}
                    yield LATENT, run_latent.train, job | own | {"draw": method in SETTINGS}
                if method in config.theory:
                    yield THEORY, run_theory.train, job | {"users": config.pair_users}


def _check_held_out(dataset, config):
    """Refuse data with too few users for what is asked, before any training."""
    data = parts(dataset, 0)
    for what, matrix in (("training", data.train), ("test", data.test_in)):
        if config.neighbours >= matrix.shape[0]:
            raise ValueError(
                f"neighbours = {config.neighbours}: {dataset} has {matrix.shape[0]} users of the {what}, give"
                " less"
            )
