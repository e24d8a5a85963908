"""The experiments on collaboration: Figures 1 and 2, drift, and the theorems on trained networks.

They share their networks: a network is fitted once for all that is asked of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fourmasks.data.interactions import interaction_names
from fourmasks.experiments.plan import Run, carry_out, grid
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.pia.trained.networks import load, parts
from fourmasks.pia.trained.run_latent import INPUTS, run_latent
from fourmasks.pia.trained.run_theory import run_theory
from fourmasks.pia.trained.trio import run_trio
from fourmasks.records.store import Record
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
METHODS = (*NETWORKS, *INPUTS)

# The KL term grows for so many epochs, or for a third of all if that is less. After as many without a better
# validation score training stops: on real data the epochs are a cap that patience comes before.
ANNEAL_EPOCHS, OTHER_ANNEAL_EPOCHS = {"ml-100k": 20}, 8
EPOCHS, OTHER_EPOCHS = {"simulated-small": 20, "simulated": 20}, 200


@dataclass(frozen=True)
class Config(Options):
    """What the experiments run."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="interactions", choices=interaction_names(), or_file=True
    )
    methods: tuple[str, ...] = option(METHODS, help="networks and inputs to look at", choices=METHODS)
    theory: tuple[str, ...] = option(
        (*SETTINGS, "multi-vae+zero"), help="networks to measure the theorems on", choices=NETWORKS
    )
    seeds: int = option(2, least=1, help="number of seeds, each with a split of the users of its own")
    hidden: int = option(64, least=1, help="units of the hidden layers")
    latent: int = option(16, least=1, help="latent dimensions R")
    epochs: int = option(0, least=0, help="epochs at most, 0 for each data set's own number")
    batch_size: int = option(100, least=1, help="users per step")
    learning_rate: float = option(3e-3, help="Adam's; thrice the paper's, for fewer epochs")
    beta: float = option(0.2, help="weight of the KL term in the end")
    # The paper states no scale. Drawn at 1, as torch.nn.Embedding does, the anchors of ML-100K still had a
    # correlation of 0.99 with their start when training ended, little else than frozen ones; at 0.1, 0.36.
    anchor_scale: float = option(0.1, help="standard deviation of the anchors at the start")
    alignment_weight: float = option(1.0, help="weight of the alignment at the start")
    users: int = option(
        400, least=3, help="users of the training among whom neighbours are looked for, at most"
    )
    pair_users: int = option(
        100, least=3, help="users of the training whose pairs the theorems are measured on"
    )
    cohort: int = option(40, least=2, help="users in a cohort of Figure 2")
    neighbours: int = option(10, least=1, help="neighbours k")
    views: int = option(4, least=2, help="independent masks of all users")
    mask_rate: float = option(0.5, above=0, below=1, help="share of the items that they hide")
    perplexity: float = option(30.0, least=1, help="of t-SNE, whose seed is 0")
    least_items: int = option(10, least=1, help="items of the first user of Figure 1, at least")
    most_items: int = option(100, help="and at most")
    least_share: float = option(
        0.8, above=0, most=1, help="of the related user's items, how many the first user has"
    )
    threads: int = threads_option()
    dtype: str = dtype_option()

    def check(self):
        if self.most_items < self.least_items:
            raise ValueError(
                f"most_items = {self.most_items}: expected at least least_items = {self.least_items}"
            )
        if self.neighbours >= self.users:
            raise ValueError(f"neighbours = {self.neighbours}: expected less than users = {self.users}")
        if self.perplexity >= 3 * self.cohort:
            raise ValueError(
                f"perplexity = {self.perplexity}: expected less than {3 * self.cohort}, users in the picture"
            )


PROFILES = {
    "smoke": Config(
        dataset=("simulated-small",), methods=(*SETTINGS, "input-unit"), seeds=1, hidden=16, latent=4,
        epochs=3, users=40, pair_users=12, cohort=10, neighbours=5, views=2, perplexity=5.0,
    ),
    "book": Config(seeds=1),
    "paper": Config(
        dataset=("ml-100k", "ml-1m"), seeds=3, hidden=600, latent=200, batch_size=250, users=600,
        pair_users=150, cohort=100, dtype="float32",
    ),
}  # fmt: skip


def run(
    config: Config, profile: str, device: str = "cpu", experiments: Sequence[str] = EXPERIMENTS
) -> list[Record]:
    """Make the runs of some of `EXPERIMENTS` that are not there yet, and return the records of all."""
    return carry_out(plan(config, experiments), config, profile, device)


def plan(config: Config, experiments: Sequence[str] = EXPERIMENTS) -> Iterator[Run]:
    """Yield the runs of the experiments; those of one network follow one another."""
    for name in experiments:
        if name not in EXPERIMENTS:
            raise ValueError(unknown("experiment", name, EXPERIMENTS))
    for dataset in config.dataset:
        _check_held_out(dataset, config)
        for run in _runs(dataset, config):
            if run.experiment in experiments:
                yield run


def _runs(dataset: str, config: Config) -> Iterator[Run]:
    digest = load(dataset).sha256
    figure_1 = {name: getattr(config, name) for name in ("least_items", "most_items", "least_share")}
    yield Run(TRIO, run_trio, {"dataset": dataset} | figure_1, digest, load=load)
    names = "users", "cohort", "neighbours", "views", "perplexity"
    methods = list(dict.fromkeys((*config.methods, *config.theory)))
    looked_at = {name: getattr(config, name) for name in names}
    for _, method, seed in grid([dataset], methods, config.seeds):
        network = {"dataset": dataset, "method": method, "seed": seed}
        network |= settings(dataset, method, config) | {"mask_rate": config.mask_rate}
        if method in config.methods:
            parameters = network | looked_at | {"draw": method in SETTINGS}
            yield Run(LATENT, run_latent, parameters, digest, on_device=True, load=load)
        if method in config.theory:
            parameters = network | {"users": config.pair_users}
            yield Run(THEORY, run_theory, parameters, digest, on_device=True, load=load)


def settings(dataset: str, method: str, config: Config) -> dict:
    """Return the network's settings of a method on a data set (JSON values); none for an input."""
    if method not in NETWORKS:
        return {}
    names = "hidden latent batch_size learning_rate beta anchor_scale alignment_weight dtype".split()
    epochs = config.epochs or EPOCHS.get(dataset, OTHER_EPOCHS)
    growing = min(ANNEAL_EPOCHS.get(dataset, OTHER_ANNEAL_EPOCHS), max(1, epochs // 3))
    own = {"epochs": epochs, "patience": growing, "anneal_epochs": growing}
    return {name: getattr(config, name) for name in names} | own | NETWORKS[method]


def _check_held_out(dataset, config):
    """Refuse data with too few users for what is asked, before any training."""
    data = parts(dataset, 0)
    for what, matrix in (("training", data.train), ("test", data.test_in)):
        if config.neighbours >= matrix.shape[0]:
            raise ValueError(
                f"neighbours = {config.neighbours}: {dataset} has {matrix.shape[0]} users of the {what}, give"
                " less"
            )
