"""The baselines in the recommender experiment: apart, so that work on one leaves the VAEs' records valid."""

from fourmasks.baselines.top_n.catalogue import MODELS
from fourmasks.pia.recommenders import run


def train(method, **parameters) -> dict:
    """As `run.train`, for a method of `MODELS`."""
    return run.train(method=method, estimator=MODELS[method], **parameters)


def try_out(method, **parameters) -> dict:
    """As `run.try_out`, for a method of `MODELS`."""
    return run.try_out(method=method, estimator=MODELS[method], **parameters)
