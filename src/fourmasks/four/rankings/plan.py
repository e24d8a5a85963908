"""The comparison of recommenders: the same splits and search for all, in two protocols."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.baselines.top_n.catalogue import SPACES as BASELINE_SPACES
from fourmasks.data.interactions import interaction_names
from fourmasks.experiments.plan import Run, Search, carry_out, grid, search
from fourmasks.experiments.profiles import Options, option, threads_option
from fourmasks.experiments.search import draw_settings
from fourmasks.four.rankings.data import PROTOCOLS, load
from fourmasks.four.rankings.run import FROM_ITEMS, OF_USERS, run_memory, run_trial
from fourmasks.four.rankings.run import run as run_one
from fourmasks.records.store import Record

EXPERIMENT, SEARCH, MEMORY = "four/rankings", "four/rankings-search", "four/rankings-memory"
METHODS = (*FROM_ITEMS, *OF_USERS)

# What is not drawn.
_VAE = {"hidden": 600, "latent": 200}
_PAIRS = {"batch_size": 4096, "cutoff": 100}  # stopped by the NDCG@100 like all others
FIXED = {
    "ease-supported": {"weights": "fitted"},
    "ease-cut": {"weights": "cut"},
    "similar-items": {"weights": "similarity"},
    "multi-vae": _VAE,
    "multi-vae+pia": _VAE | {"alignment": "items", "alignment_patience": 3},
    "rec-vae": _VAE,
    "rec-vae+pia": _VAE | {"alignment": "items", "alignment_patience": 2},
    "bprmf": _PAIRS,
    "lightgcn": _PAIRS,
    "mmf": _PAIRS | {"shifts": "learned"},
    "mmf-unmasked": _PAIRS | {"shifts": "constant"},
    "lu-net-implicit": {"network": "lu", "gamma": 0.0, "batch_size": 512},
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
_SUPPORTED = {"neighbours": [25, 50, 75, 100], "l2": [30.0, 100.0, 300.0, 1000.0]}
_FACTORS = {"rank": [32, 64, 128], "learning_rate": [0.003, 0.01, 0.03]}
# Both arms of MMF have one space. A penalty weighs more where masks multiply the factors.
_MASKED = _FACTORS | {"l2": [0.0003, 0.001, 0.003, 0.01], "n_masks": [2, 4, 8]}
SPACES = {
    "popularity": {},
    "ease": {"l2": [10.0, 20.0, 40.0, 70.0, 100.0, 150.0, 200.0, 300.0, 500.0, 700.0, 1000.0, 2000.0]},
    "ease-supported": _SUPPORTED,
    "ease-cut": _SUPPORTED,
    "similar-items": {"neighbours": [5, 10, 15, 20, 25, 35, 50, 75, 100, 150, 200, 300]},
    "wmf": BASELINE_SPACES["wmf"],
    "multi-vae": _MULTI,
    "multi-vae+pia": _MULTI | _PULL,
    "rec-vae": _REC,
    "rec-vae+pia": _REC | _PULL,
    "bprmf": _FACTORS | {"l2": [0.003, 0.01, 0.03], "item_bias": [False, True]},
    "lightgcn": _FACTORS | {"l2": [0.0003, 0.001, 0.003], "n_layers": [1, 2, 3]},
    "mmf": _MASKED,
    "mmf-unmasked": _MASKED,
    "lu-net-implicit": {
        "dimension": [16, 32, 64],
        "ridge": [0.0003, 0.001, 0.003],
        "learning_rate": [0.0005, 0.001, 0.002],
        "n_negatives": [1, 2, 4],
    },
}
SEARCH_SPLIT = 100  # no final run uses it
# Models with numbers for each user wait longer on small data: the LU network rests there for thousands of
# steps at the level of popularity.
PATIENCE_OF_USERS = {"ml-100k": 40, "lastfm-2k": 40}
QUICK = ("ease", "ease-supported", "ease-cut", "similar-items")
# Where the profile does not say. A trial of MovieLens 1M takes minutes, but for `QUICK`.
TRIALS, TRIALS_ELSEWHERE = {"ml-1m": 6}, 12
# Users per step of an autoencoder: an epoch of small data would have a few steps otherwise.
BATCHES, BATCH_ELSEWHERE = {"ml-1m": 100}, 50
# Not run: a training takes a quarter of an hour and more of one core there.
TOO_LONG = {"ml-1m": ("rec-vae", "rec-vae+pia", "lu-net-implicit")}
WITHOUT_EPOCHS = ("popularity", "ease", "ease-supported", "ease-cut", "similar-items", "wmf")


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="interactions", choices=interaction_names(), or_file=True
    )
    protocol: tuple[str, ...] = option(
        PROTOCOLS, help="whether users or items of known users are held out", choices=PROTOCOLS
    )
    methods: tuple[str, ...] = option(
        ("popularity", "ease", "multi-vae", "multi-vae+pia", "bprmf", "mmf"),
        help="models to compare",
        choices=METHODS,
    )
    seeds: int = option(2, least=1, help="number of seeds, from 0, each with a split of its own")
    quick_seeds: int = option(2, least=1, help="the same of EASE and its kin, which take seconds")
    trials: int = option(
        2,
        least=0,
        help="trials of the search, which goes on outward from a best at an end, 0 for each data set's own",
    )
    epochs: int = option(6, least=1, help="epochs at most")
    patience: int = option(3, least=1, help="epochs without a better validation after which training stops")
    memory: bool = option(False, help="also measure the memory of a fit, in processes of its own")
    threads: int = threads_option()

    def check(self):
        if "items" not in self.protocol and not set(self.methods) & set(FROM_ITEMS):
            raise ValueError(
                f"methods {','.join(self.methods)} with protocol users: they take no users whom they have not"
                f" seen; expected one of {', '.join(FROM_ITEMS)}, or protocol items"
            )


PROFILES = {
    "smoke": Config(
        dataset=("simulated-small",), methods=METHODS, seeds=1, quick_seeds=1, trials=1, epochs=2
    ),
    "book": Config(),
    "paper": Config(
        dataset=("ml-100k", "ml-1m", "lastfm-2k"),
        methods=METHODS,
        seeds=5,
        quick_seeds=20,
        trials=0,
        epochs=400,
        patience=10,
        memory=True,
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs that are missing, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Search]:
    """Yield the final runs, each with the search that it rests on."""
    for protocol in config.protocol:
        methods = [name for name in config.methods if protocol == "items" or name in FROM_ITEMS]
        numbers = {name: config.quick_seeds if name in QUICK else config.seeds for name in methods}
        most = {
            (dataset, name): 0 if name in TOO_LONG.get(dataset, ()) else number
            for dataset in config.dataset
            for name, number in numbers.items()
        }
        for dataset, method, seed in grid(config.dataset, methods, max(numbers.values(), default=0), most):
            yield _with_search(dataset, protocol, method, seed, config)
            if config.memory and seed == 0:
                yield _with_search(dataset, protocol, method, seed, config, memory=True)


def _with_search(
    dataset: str, protocol: str, method: str, seed: int, config: Config, memory: bool = False
) -> Search:
    """Return a final run, or what measures its memory, with the search that it rests on."""
    name, function = (MEMORY, run_memory) if memory else (EXPERIMENT, run_one)
    fixed = {"dataset": dataset, "protocol": protocol, "method": method} | FIXED.get(method, {})
    if method not in WITHOUT_EPOCHS:
        fixed |= {"epochs": config.epochs, "patience": _patience(dataset, method, config)}
    if method.startswith(("multi-vae", "rec-vae")):
        fixed["batch_size"] = BATCHES.get(dataset, BATCH_ELSEWHERE)

    def one(experiment, function, seed, found):
        seeds = {"split_seed": seed, "seed": seed}
        digest = load(dataset).sha256
        return Run(experiment, function, fixed | seeds | found, digest, on_device=True, load=load)

    return search(
        lambda setting: one(SEARCH, run_trial, SEARCH_SPLIT, setting),
        draw(method, config.trials or _trials(dataset, method)),
        SPACES[method],
        "validation_ndcg_at_100",
        lambda found: one(name, function, seed, found),
    )


def _trials(dataset, method):
    return TRIALS_ELSEWHERE if method in QUICK else TRIALS.get(dataset, TRIALS_ELSEWHERE)


def _patience(dataset, method, config):
    return PATIENCE_OF_USERS.get(dataset, config.patience) if method in OF_USERS else config.patience


def draw(method: str, trials: int) -> list[dict]:
    """Return the settings that a search tries first: with PIA those of without, of what both have."""
    drawn = draw_settings(SPACES.get(f"{method}+pia", SPACES[method]), trials)
    return [{name: setting[name] for name in SPACES[method]} for setting in drawn]
