"""The baselines in the ranking experiment: apart, so that work on one leaves the records of MMF valid."""

from fourmasks.baselines.ranking.catalogue import MODELS
from fourmasks.mmf import ranking_training


def train(method, **parameters) -> dict:
    """As `ranking_training.train`, for a method of `MODELS`."""
    return ranking_training.train(method=method, estimator=MODELS[method], **parameters)


def try_out(method, **parameters) -> dict:
    """As `ranking_training.try_out`, for a method of `MODELS`."""
    return ranking_training.try_out(method=method, estimator=MODELS[method], **parameters)
