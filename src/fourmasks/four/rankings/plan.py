"""The comparison of recommenders: the same divisions, search and patience for all, in two protocols."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.baselines.top_n.catalogue import SPACES as BASELINE_SPACES
from fourmasks.data.interactions import interaction_names
from fourmasks.experiments.plan import Run, Search, carry_out, grid, search
from fourmasks.experiments.profiles import Options, option, threads_option
from fourmasks.experiments.search import draw_settings
from fourmasks.four.rankings.data import PROTOCOLS, load
from fourmasks.four.rankings.run import FROM_ITEMS, OF_USERS, run_trial
from fourmasks.four.rankings.run import run as run_one
from fourmasks.records.store import Record

EXPERIMENT, SEARCH = "four/rankings", "four/rankings-search"
METHODS = (*FROM_ITEMS, *OF_USERS)

# What is not drawn.
_VAE = {"hidden": 600, "latent": 200}
FIXED = {
    "multi-vae": _VAE,
    "multi-vae+pia": _VAE | {"alignment": "items", "alignment_patience": 3},
    "rec-vae": _VAE,
    "rec-vae+pia": _VAE | {"alignment": "items", "alignment_patience": 2},
    "bprmf": {"batch_size": 4096},
    "lightgcn": {"batch_size": 4096},
    "mmf": {"batch_size": 4096},
    "lu-net": {"network": "lu", "gamma": 0.0, "batch_size": 512},
}
# What a trial draws from. The arms of an autoencoder draw what they share alike.
_TRAINED = {"dropout": [0.3, 0.5, 0.7], "learning_rate": [0.0005, 0.001, 0.002]}
_PULL = {
    "alignment_weight": [0.3, 1.0, 3.0],
    "alignment_scale": [1.0, 1.5, 2.0],
    "anchor_scale": [0.1, 0.3, 1.0],
}
_MULTI = _TRAINED | {"beta": [0.1, 0.2, 0.4], "anneal_epochs": [5, 20, 80]}
_REC = _TRAINED | {"gamma": [0.0025, 0.005, 0.01], "encoder_epochs": [2, 3, 4]}
_FACTORS = {"rank": [32, 64, 128], "learning_rate": [0.003, 0.01, 0.03]}
SPACES = {
    "popularity": {},
    "ease": BASELINE_SPACES["ease"],
    "wmf": BASELINE_SPACES["wmf"],
    "multi-vae": _MULTI,
    "multi-vae+pia": _MULTI | _PULL,
    "rec-vae": _REC,
    "rec-vae+pia": _REC | _PULL,
    "bprmf": _FACTORS | {"l2": [0.003, 0.01, 0.03]},
    "lightgcn": _FACTORS | {"l2": [0.0003, 0.001, 0.003], "n_layers": [1, 2, 3]},
    "mmf": _FACTORS | {"l2": [0.0001, 0.0003, 0.001], "n_masks": [2, 4, 8]},
    "lu-net": {
        "dimension": [16, 32, 64],
        "ridge": [0.0003, 0.001, 0.003],
        "learning_rate": [0.0005, 0.001, 0.002],
        "n_negatives": [1, 2, 4],
    },
}
SEARCH_SPLIT = 100  # no final run uses it
WITHOUT_EPOCHS = ("popularity", "ease", "wmf")


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="interactions", choices=interaction_names(), or_file=True
    )
    protocol: tuple[str, ...] = option(
        PROTOCOLS, help="whether users or items of known users are held out", choices=PROTOCOLS
    )
    methods: tuple[str, ...] = option(METHODS, help="models to compare", choices=METHODS)
    seeds: int = option(2, least=1, help="number of seeds, from 0, each with a division of its own")
    trials: int = option(2, least=1, help="trials of the search, which goes on outward from a best at an end")
    epochs: int = option(6, least=1, help="epochs at most")
    patience: int = option(3, least=1, help="epochs without a better validation after which training stops")
    threads: int = threads_option()


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), seeds=1, trials=1, epochs=2),
    "book": Config(),
    "paper": Config(dataset=("ml-100k", "ml-1m", "lastfm-2k"), seeds=5, trials=12, epochs=400, patience=10),
}
