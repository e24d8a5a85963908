"""The recommender experiment: which methods meet which users, with which settings (paper, Tables 1, 3, 5)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from fourmasks.baselines.top_n.catalogue import MODELS
from fourmasks.baselines.top_n.catalogue import SPACES as BASELINE_SPACES
from fourmasks.data.files import check_enough, is_file
from fourmasks.data.interactions import FOLD, interaction_names
from fourmasks.experiments.plan import AGAIN, Run, Search, carry_out, grid, search
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.experiments.search import draw_settings
from fourmasks.pia.recommenders.data import describe
from fourmasks.pia.recommenders.run import load, parts, run_trial
from fourmasks.pia.recommenders.run import run as run_one
from fourmasks.records.store import Record

EXPERIMENT, SEARCH, DATASETS = "pia/recommenders", "pia/recommenders-search", "pia/datasets"

# What a trial draws from: what a variational autoencoder has, and what a pull adds to it. All arms of a model
# are drawn together, each takes the options that it has: the n-th trials of two arms differ in nothing that
# both have.
_TRAINED = {"dropout": [0.3, 0.5, 0.7], "learning_rate": [0.001, 0.002, 0.004]}
_PULL = {"alignment_weight": [0.3, 1.0, 3.0], "alignment_scale": [1.0, 1.5, 2.0]}
_ANCHORS = {"anchor_scale": [0.1, 0.3, 1.0]}
DRAWN = {
    "multi-vae": _TRAINED | {"beta": [0.1, 0.2, 0.4], "anneal_epochs": [5, 20, 80]} | _PULL | _ANCHORS,
    "rec-vae": _TRAINED
    | {"learning_rate": [0.0005, 0.001, 0.002], "gamma": [0.0025, 0.005, 0.01], "encoder_epochs": [2, 3, 4]}
    | _PULL
    | _ANCHORS,
}

# What is not drawn: whom the posterior is pulled to, and the patience of Algorithm 1.
FIXED = {
    "multi-vae": {},
    "multi-vae+pia": {"alignment": "items", "alignment_patience": 3},
    "multi-vae+zero": {"alignment": "zero", "alignment_patience": 3},
    "multi-vae+frozen": {"alignment": "frozen", "alignment_patience": 3},
    "multi-vae+shuffled": {"alignment": "shuffled-users", "alignment_patience": 3},
    "rec-vae": {},
    "rec-vae+pia": {"alignment": "items", "alignment_patience": 2},
    "rec-vae+zero": {"alignment": "zero", "alignment_patience": 2},
}


def _space(method: str) -> dict[str, list]:
    """Return the options of an arm, of those that are drawn for its model."""
    pulled = FIXED[method].get("alignment")
    without = {None: _PULL | _ANCHORS, "zero": _ANCHORS}.get(pulled, {})
    return {name: values for name, values in DRAWN[model_of(method)].items() if name not in without}


def model_of(method: str) -> str:
    """Return the model that an arm changes, as "multi-vae" of "multi-vae+pia"; a baseline is its own."""
    return method.partition("+")[0]


SPACES = BASELINE_SPACES | {method: _space(method) for method in FIXED}

# Controls without a search: the method whose settings they keep, and what they change of them.
CONTROLS = {"multi-vae-clean": ("multi-vae", {"dropout": 0.0})}
METHODS = (*MODELS, *CONTROLS, *FIXED)

SEARCH_SPLIT = 100  # no final run uses it
REPEATED = ("ml-100k", "multi-vae+pia")  # whose search is made again, for the luck of a search


@dataclass(frozen=True)
class Scale:
    """What depends on how many users there are: trials of the search, and the length of a training.

    The epochs are a cap: patience is to end a training before it.
    """

    trials: int = 12
    batch_size: int = 500
    epochs: int = 200
    learning_rate: float = 1e-3
    anneal_epochs: int = 170


# The defaults are the paper's and Multi-VAE's, for 100,000 users and more. On less data a batch of 500 would
# leave an epoch a few steps. A file of one's own has the scale of Last.fm.
SCALES = {
    "ml-100k": Scale(batch_size=50, epochs=100, anneal_epochs=20),
    "ml-1m": Scale(batch_size=100, epochs=400, learning_rate=2e-3, anneal_epochs=10),
    "lastfm-2k": Scale(batch_size=50, epochs=200, anneal_epochs=20),
    "simulated": Scale(trials=1, batch_size=100, epochs=6, learning_rate=4e-3, anneal_epochs=5),
    "simulated-small": Scale(trials=1, batch_size=50, epochs=2, learning_rate=4e-3, anneal_epochs=2),
}
# Of the baselines where theirs differs.
BASELINE_SCALES = {"ml-1m": replace(SCALES["ml-1m"], trials=6)}


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="interactions", choices=interaction_names(), or_file=True
    )
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

    def scale(self, dataset: str, method: str) -> Scale:
        """Return the scale of a method on a data set, where the configuration does not say otherwise."""
        return scale(dataset, method, trials=self.trials, epochs=self.epochs)


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), seeds=1, trials=1, epochs=2),
    "book": Config(seeds=1),
    "paper": Config(
        dataset=("ml-100k", "ml-1m", "lastfm-2k"),
        seeds=10,
        patience=5,
        hidden=600,
        latent=200,
        dtype="float32",
    ),  # fmt: skip
}


def scale(dataset: str, method: str, **wanted: int) -> Scale:
    """Return the scale of a method on a data set with those of the `wanted` numbers that are not 0."""
    own = SCALES.get("lastfm-2k" if is_file(dataset) else dataset, Scale())
    if method in MODELS:
        own = BASELINE_SCALES.get(dataset, own)
    return Scale(**(vars(own) | {name: value for name, value in wanted.items() if value}))


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs of the plan that are not there yet, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run | Search]:
    """Yield what describes each data set, and its final runs, each with the search that it rests on.

    Raises
    ------
    ValueError
        If in a file of one's own no user held out has enough items for a target.
    """
    for dataset in config.dataset:
        if is_file(dataset):
            _check_size(dataset, config)
        yield Run(DATASETS, describe, {"dataset": dataset, "seed": 0}, load(dataset).sha256, load=load)
        for _, method, seed in grid([dataset], config.methods, config.seeds):
            yield _with_search(dataset, method, seed, config)
            if (dataset, method) == REPEATED:
                yield _with_search(dataset, method, seed, config, drawn=1)


def _check_size(dataset: str, config: Config) -> None:
    for seed in (*range(config.seeds), SEARCH_SPLIT):
        data = parts(dataset, seed)
        held_out = {
            "validation": data.validation_in + data.validation_out,
            "test": data.test_in + data.test_out,
        }
        for part, matrix in held_out.items():
            counts = np.diff(matrix.indptr)
            what = f"items of each of the {len(counts)} users in the {part} of seed {seed}"
            check_enough(dataset, what, int(counts.max()), FOLD)


def _with_search(dataset: str, method: str, seed: int, config: Config, drawn: int = 0) -> Search:
    """Return a final run with the trials of the search for its settings."""
    name = EXPERIMENT + drawn * AGAIN
    source, changed = CONTROLS.get(method, (method, {}))
    fixed, space = common(source, dataset, config) | FIXED.get(source, {}), SPACES[source]

    def one(experiment, function, method, seed, settings):
        place = {"dataset": dataset, "method": method, "split_seed": seed, "seed": seed}
        digest = load(dataset).sha256
        return Run(experiment, function, place | fixed | settings, digest, on_device=True, load=load)

    return search(
        lambda setting: one(f"{name}-search", run_trial, source, SEARCH_SPLIT, setting),
        draw(source, config.scale(dataset, source).trials, drawn),
        space,
        "validation_ndcg_at_100",
        lambda found: one(name, run_one, method, seed, found | changed),
    )


def draw(method: str, trials: int, which: int = 0) -> list[dict]:
    """Return the settings that a search tries first: the same of two arms where both have the option."""
    model = model_of(method)
    if model not in DRAWN:
        return draw_settings(SPACES[method], trials, which)
    drawn = draw_settings(DRAWN[model], trials, which)
    return [{name: setting[name] for name in SPACES[method]} for setting in drawn]


def common(method: str, dataset: str, config: Config) -> dict:
    """Return what is not drawn and not the method's own: sizes, precision and the length of the training.

    An epoch of RecVAE goes over the users four times: it gets half as many epochs (as the reference
    implementation has it). A baseline gets what it takes.
    """
    own = config.scale(dataset, method)
    given = {name: getattr(config, name) for name in ("hidden", "latent", "patience", "dtype")}
    given |= {"batch_size": own.batch_size, "epochs": own.epochs}
    if method in MODELS:
        takes = MODELS[method]().get_params()
        given |= {"anneal_epochs": own.anneal_epochs}
        return {name: value for name, value in given.items() if name in takes}
    if model_of(method) == "rec-vae":
        return given | {"epochs": -(-own.epochs // 2), "patience": -(-config.patience // 2)}
    return given
