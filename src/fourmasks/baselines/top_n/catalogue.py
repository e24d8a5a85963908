"""The recommenders by the names that records have, and what a search for their settings draws from."""

from fourmasks.baselines.top_n.cdae import CDAE
from fourmasks.baselines.top_n.ease import EASE
from fourmasks.baselines.top_n.factorization import ALS, WMF
from fourmasks.baselines.top_n.grals import GRALS
from fourmasks.baselines.top_n.lambdanet import LambdaNet
from fourmasks.baselines.top_n.plrec import PLRec
from fourmasks.baselines.top_n.popularity import Popularity
from fourmasks.baselines.top_n.ract import RaCT
from fourmasks.baselines.top_n.warp import WARP

MODELS = {
    "popularity": Popularity,
    "ease": EASE,
    "als": ALS,
    "wmf": WMF,
    "grals": GRALS,
    "plrec": PLRec,
    "warp": WARP,
    "lambdanet": LambdaNet,
    "cdae": CDAE,
    "ract": RaCT,
}

# For data from MovieLens 100K to 20M. Penalties of linear models act beside singular values and
# co-occurrences, which grow with the data: they go over one decade and a half or more, around what Steck
# (2019) reports for EASE. Learning rates are those of the PIA paper, 0.001, and larger ones for fewer steps;
# that of RaCT's last phase goes from its published code's up. Dropout and beta are Multi-VAE's and what is
# around them, the width and the weight decay of CDAE those of Liang et al. (2018). The rest are usual values.
_RANKS = [16, 32, 64, 128, 256]
_RATES = [0.001, 0.002, 0.004]
_DROPOUTS = [0.3, 0.5, 0.7]
_PENALTIES = [1.0, 3.0, 10.0, 30.0, 100.0]

SPACES = {
    "popularity": {},
    "ease": {"l2": [30.0, 100.0, 200.0, 300.0, 500.0, 1000.0]},
    "als": {"rank": _RANKS, "l2": _PENALTIES},
    "wmf": {"rank": _RANKS, "l2": _PENALTIES, "confidence": [1.0, 2.0, 5.0, 10.0, 20.0]},
    "grals": {
        "rank": _RANKS,
        "l2": _PENALTIES,
        "graph_weight": [0.3, 1.0, 3.0, 10.0],
        "neighbours": [5, 10, 20, 50],
    },
    "plrec": {
        "rank": _RANKS,
        "l2": [1.0, 10.0, 100.0, 1000.0],
        "popularity_power": [0.0, 0.25, 0.5],
    },
    "warp": {
        "rank": [50, 100, 200],
        "learning_rate": _RATES,
        "dropout": _DROPOUTS,
        "weight_decay": [0.0, 0.1, 1.0],
    },
    "lambdanet": {"learning_rate": _RATES, "dropout": _DROPOUTS, "beta": [0.1, 0.2, 0.4]},
    "cdae": {
        "rank": [50, 100, 200],
        "learning_rate": _RATES,
        "weight_decay": [0.01, 0.1, 1.0, 10.0, 100.0],
        "negatives": [2.0, 5.0, 20.0],
    },
    "ract": {
        "learning_rate": _RATES,
        "dropout": _DROPOUTS,
        "beta": [0.1, 0.2, 0.4],
        "ranking_rate": [2e-6, 2e-5, 2e-4],
    },
}
