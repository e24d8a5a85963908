"""The baselines in the recommender experiment: apart, so that work on one leaves the VAEs' records valid."""

from fourmasks.baselines.top_n.catalogue import MODELS
from fourmasks.pia import recommender_training


def train(method, **parameters) -> dict:
    """As `recommender_training.train`, for a method of `MODELS`."""
    return recommender_training.train(method=method, estimator=MODELS[method], **parameters)


def try_out(method, **parameters) -> dict:
    """As `recommender_training.try_out`, for a method of `MODELS`."""
    return recommender_training.try_out(method=method, estimator=MODELS[method], **parameters)
