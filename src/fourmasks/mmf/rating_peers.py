"""The baselines in the rating experiment: apart, so that work on one leaves the records of MMF valid."""

from fourmasks.baselines.ratings.catalogue import MODELS
from fourmasks.mmf import rating_training


def train(method, **parameters) -> dict:
    """As `rating_training.train`, for a method of `MODELS`."""
    return rating_training.train(method=method, estimator=MODELS[method], **parameters)


def try_out(method, **parameters) -> dict:
    """As `rating_training.try_out`, for a method of `MODELS`."""
    return rating_training.try_out(method=method, estimator=MODELS[method], **parameters)
