"""The recommender experiment: which methods meet which users, with which settings (paper, Tables 1, 3, 5)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.baselines.top_n.catalogue import MODELS
from fourmasks.baselines.top_n.catalogue import SPACES as BASELINE_SPACES
from fourmasks.data.interactions import interaction_names
from fourmasks.experiments.plan import Run, Search, carry_out, chosen, grid
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.experiments.search import draw_settings
from fourmasks.pia.recommenders.data import describe
from fourmasks.pia.recommenders.run import load, run_trial
from fourmasks.pia.recommenders.run import run as run_one
from fourmasks.records.store import Record

EXPERIMENT, SEARCH, DATASETS = "pia/recommenders", "pia/recommenders-search", "pia/datasets"

# What a trial draws from: each variational autoencoder has four options of three values. The first two are
# drawn alike for all, so that the n-th trials of a model and of its controls differ in what sets them apart
# and in little else.
_MASKED = {"dropout": [0.3, 0.5, 0.7], "beta": [0.1, 0.2, 0.4]}
_TRAINED = {"learning_rate": [0.001, 0.002, 0.004], "anneal_epochs": [5, 20, 80]}
_PULLED = {"alignment_weight": [0.3, 1.0, 3.0], "anchor_scale": [0.1, 0.3, 1.0]}
_MASKED_REC = {"dropout": [0.3, 0.5, 0.7], "gamma": [0.0025, 0.005, 0.01]}
SPACES = BASELINE_SPACES | {
    "multi-vae": _MASKED | _TRAINED,
    "multi-vae+pia": _MASKED | _PULLED,
    "multi-vae+zero": _MASKED | {"alignment_weight": [0.3, 1.0, 3.0], "alignment_scale": [1.0, 1.5, 2.0]},
    "multi-vae+frozen": _MASKED | _PULLED,
    "multi-vae+shuffled": _MASKED | _PULLED,
    "multi-vae+dropout": _MASKED | {"dropout": [0.6, 0.7, 0.8]} | _TRAINED,
    "multi-vae+beta": _MASKED | {"beta": [0.8, 1.6, 3.2]} | _TRAINED,
    "rec-vae": _MASKED_REC | {"learning_rate": [0.0005, 0.001, 0.002], "encoder_epochs": [2, 3, 4]},
    "rec-vae+pia": _MASKED_REC | _PULLED,
}

# What is not drawn: whom the posterior is pulled to, and Algorithm 1's patience and factor.
_GROWING = {"alignment_patience": 3, "alignment_scale": 2.0}
FIXED = {
    "multi-vae": {},
    "multi-vae+pia": {"alignment": "items"} | _GROWING,
    "multi-vae+zero": {"alignment": "zero"} | _GROWING,
    "multi-vae+frozen": {"alignment": "frozen"} | _GROWING,
    "multi-vae+shuffled": {"alignment": "shuffled-users"} | _GROWING,
    "multi-vae+dropout": {},
    "multi-vae+beta": {},
    "rec-vae": {},
    "rec-vae+pia": {"alignment": "items", "alignment_patience": 2, "alignment_scale": 2.0},
}
# Controls without a search: the method whose settings they keep, and what they change of them.
CONTROLS = {"multi-vae-clean": ("multi-vae", {"dropout": 0.0})}
METHODS = (*MODELS, *CONTROLS, *FIXED)

SEARCH_SPLIT = 100  # no final run uses it


@dataclass(frozen=True)
class Scale:
    """What depends on how many users there are: trials of the search, and the length of a training."""

    trials: int = 3
    batch_size: int = 500
    epochs: int = 200
    learning_rate: float = 1e-3
    anneal_epochs: int = 170


# The defaults are the paper's and Multi-VAE's, for 100,000 users and more. On less data a batch of 500 would
# leave an epoch a few steps.
SCALES = {
    "ml-100k": Scale(trials=6, batch_size=50, epochs=60, anneal_epochs=20),
    "ml-1m": Scale(trials=6, batch_size=100, epochs=25, learning_rate=2e-3, anneal_epochs=10),
    "simulated": Scale(trials=1, batch_size=100, epochs=6, learning_rate=4e-3, anneal_epochs=5),
    "simulated-small": Scale(trials=1, batch_size=50, epochs=2, learning_rate=4e-3, anneal_epochs=2),
}


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(("simulated",), help="interactions", choices=interaction_names())
    methods: tuple[str, ...] = option(METHODS, help="methods to compare", choices=METHODS)
    seeds: int = option(2, least=1, help="number of seeds, from 0, each with a split of its own")
    trials: int = option(
        0, least=0, help="trials of the search for settings, 0 for each data set's own number"
    )
    epochs: int = option(
        0, least=0, help="epochs at most, half as many of RecVAE, 0 for each data set's own number"
    )
    patience: int = option(
        3, least=1, help="epochs without a higher validation NDCG@100 after which training stops"
    )
    hidden: int = option(60, least=1, help="width of the hidden layers of the variational autoencoders")
    latent: int = option(20, least=1, help="width of their latent space")
    dtype: str = dtype_option()
    threads: int = threads_option()

    def scale(self, dataset: str) -> Scale:
        """Return the scale of a data set, where the configuration does not say otherwise."""
        return scale(dataset, trials=self.trials, epochs=self.epochs)


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), seeds=1),
    "book": Config(),
    "paper": Config(
        dataset=("ml-100k", "ml-1m"), seeds=5, patience=5, hidden=600, latent=200, dtype="float32"
    ),
}


def scale(dataset: str, **wanted: int) -> Scale:
    """Return the scale of a data set with those of the `wanted` numbers that are not 0."""
    own = SCALES.get(dataset, Scale())
    return Scale(**(vars(own) | {name: value for name, value in wanted.items() if value}))


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs of the plan that are not there yet, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run | Search]:
    """Yield what describes each data set, and its final runs, each with the search that it rests on."""
    for dataset in config.dataset:
        yield Run(DATASETS, describe, {"dataset": dataset, "seed": 0}, load(dataset).sha256)
        for _, method, seed in grid([dataset], config.methods, config.seeds):
            yield _with_search(dataset, method, seed, config)


def _with_search(dataset: str, method: str, seed: int, config: Config) -> Search:
    """Return a final run with the trials of the search for its settings."""
    source, changed = CONTROLS.get(method, (method, {}))
    fixed = common(source, dataset, config) | FIXED.get(source, {})

    def one(experiment, function, method, seed, settings):
        place = {"dataset": dataset, "method": method, "split_seed": seed, "seed": seed}
        return Run(experiment, function, place | fixed | settings, load(dataset).sha256, on_device=True)

    def final(tried):
        found = chosen(tried, "validation_ndcg_at_100", SPACES[source])
        return one(EXPERIMENT, run_one, method, seed, found | changed)

    drawn = draw_settings(SPACES[source], config.scale(dataset).trials)
    return Search([one(SEARCH, run_trial, source, SEARCH_SPLIT, settings) for settings in drawn], final)


def common(method: str, dataset: str, config: Config) -> dict:
    """Return what is not drawn and not the method's own: sizes, precision and the length of the training.

    An epoch of RecVAE goes over the users four times: it gets half as many epochs and half the learning rate
    (as the reference implementations have it). A baseline gets what it takes.
    """
    own = config.scale(dataset)
    given = {name: getattr(config, name) for name in ("hidden", "latent", "patience", "dtype")}
    given |= {"batch_size": own.batch_size, "epochs": own.epochs}
    rising = given | {"anneal_epochs": own.anneal_epochs}
    if method in MODELS:
        takes = MODELS[method]().get_params()
        return {name: value for name, value in rising.items() if name in takes}
    if not method.startswith("rec-vae"):
        return rising | {"learning_rate": own.learning_rate}
    halved = {"epochs": -(-own.epochs // 2), "patience": -(-config.patience // 2)}
    return given | halved | {"learning_rate": own.learning_rate / 2}
