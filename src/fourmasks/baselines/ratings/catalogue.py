"""The rating models by the names that records have, and what a search for their settings draws from."""

from fourmasks.baselines.ratings.autorec import AutoRec
from fourmasks.baselines.ratings.llorma import LLORMA
from fourmasks.baselines.ratings.nnmf import NNMF
from fourmasks.baselines.ratings.pmf import PMF
from fourmasks.baselines.ratings.rbm import RBM
from fourmasks.baselines.ratings.svdpp import SVDpp

MODELS = {"pmf": PMF, "svd++": SVDpp, "llorma": LLORMA, "autorec": AutoRec, "rbm": RBM, "nnmf": NNMF}

SPACES = {
    "pmf": {
        "rank": [8, 16, 32, 64],
        "ridge": [2.0, 5.0, 10.0, 15.0, 20.0],
        "learning_rate": [0.002, 0.005, 0.01],
        "batch_size": [64, 256],
    },
    "svd++": {
        "rank": [8, 16, 32, 64],
        "ridge": [0.02, 0.05, 0.1],
        "implicit_ridge": [0.2, 0.5, 1.0, 2.0],
        "learning_rate": [0.002, 0.005, 0.01],
    },
    "llorma": {
        "rank": [3, 5, 7, 10],
        "n_local": [5, 10, 20],
        "bandwidth": [1.6, 2.0, 2.6, 3.2],
        "ridge": [0.5, 1.0, 2.0, 3.0, 5.0],
    },
    "autorec": {
        "n_hidden": [150, 300],
        "ridge": [3.0, 5.0, 10.0, 20.0],
        "learning_rate": [0.0005, 0.001, 0.002],
        "batch_size": [64, 128],
    },
    "rbm": {
        "n_hidden": [20, 30, 50],
        "ridge": [0.0003, 0.001, 0.002, 0.004],
        "learning_rate": [0.002, 0.003, 0.005],
        "batch_size": [32, 64],
    },
    "nnmf": {
        "rank": [8, 16],
        "n_features": [5, 10],
        "n_hidden": [20, 30],
        "ridge": [10.0, 20.0, 30.0, 50.0],
        "learning_rate": [0.002, 0.003, 0.005],
    },
}
