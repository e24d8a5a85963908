"""Four Masks: an executable companion to four papers on matrix factorization.

What stands in `__all__` is for users, and stays. It is imported when it is first used: `import fourmasks`
alone takes no time.
"""

import importlib

__version__ = "0.1.0"

# What is for users, by the module that defines it.
_PUBLIC = {
    "mmf.models.matrix_mmf": ["MMF"],
    "mmf.models.ranking_mmf": ["RankingMMF"],
    "mmf.models.rating_mmf": ["RatingMMF"],
    "pia.models.multi_vae": ["MultiVAE"],
    "pia.models.rec_vae": ["RecVAE"],
    "lunet.flows.flow": ["LUFlow"],
    "lunet.flows.layers": ["LULayer"],
    "lunet.models.recommender": ["LUNetRecommender"],
    "sparse.supports.pair": ["SupportPair"],
    "sparse.theorems.closure": ["closable", "sufficient_condition"],
    "sparse.theorems.necessary": ["generic_conditions", "necessary_conditions"],
    "sparse.referees.jacobian": ["generic_identifiability"],
    "sparse.completion.fast": ["complete"],
    "sparse.completion.refinement": ["refine"],
    "sparse.butterflies.butterfly": ["factorize"],
    "baselines.matrix": ["TruncatedSVD"],
    "baselines.ratings.biased_mf": ["BiasedMF"],
    "baselines.top_n.ease": ["EASE"],
    "learning.rating_regressor": ["RatingRegressor", "rating_pairs"],
    "learning.trainer": ["Diverged"],
    "data.ratings": ["Ratings", "load_ratings", "make_ratings"],
    "data.interactions": ["Interactions", "hold_out_users", "load_interactions", "make_interactions"],
    "data.matrices": ["load_matrix"],
    "data.own_matrix": ["read_supports"],
    "data.splits": ["implicit_split", "split"],
    "data.held_out": ["leave_one_out", "split_per_user"],
    "data.errors": ["DataNotFound"],
}
_HOMES = {name: module for module, names in _PUBLIC.items() for name in names}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__():
    return sorted([*globals(), *_HOMES])
