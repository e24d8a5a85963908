"""Each of the paper's statements on random instances: one series of trials."""

from fourmasks.pia.theorems.masking_trials import (
    alignment_trial,
    distance_trial,
    growth_trial,
    surrogate_trial,
)
from fourmasks.pia.theorems.posterior_trials import (
    information_trial,
    lemma_trial,
    overlap_trial,
    transport_trial,
)
from fourmasks.pia.theorems.sharing_trials import sharing_trial, slope_trial

TRIALS = {
    "sharing": sharing_trial,
    "slope": slope_trial,
    "lemma": lemma_trial,
    "overlap": overlap_trial,
    "transport": transport_trial,
    "information": information_trial,
    "distance": distance_trial,
    "alignment": alignment_trial,
    "surrogate": surrogate_trial,
    "growth": growth_trial,
}


def run(statement: str, **parameters) -> dict:
    """Return what the trial of a statement gives, as told at the function in `TRIALS`."""
    return TRIALS[statement](**parameters)
