"""The ablations: which family of masks, and how many masks at a fixed budget (paper, Section 5.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from fourmasks.experiments.profiles import option
from fourmasks.mmf.masks.timing import check_shares, masks_of
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.reconstruction import plan as reconstruction_plan
from fourmasks.mmf.reconstruction.run import train
from fourmasks.mmf.reconstruction.sweeps import SIZES, train_missing
from fourmasks.records.store import Record

EXPERIMENT, SEARCH, SHARED = "mmf/masks", "mmf/masks-search", "mmf/masks-shared"
SEARCH_SEED = 100  # no other run uses it

# How a training starts: Adam's step size for the factors (half of it for the shifts), and whether the shifts
# start at zero, as in the reference implementation, or spread over all latent positions. The reconstruction
# experiment trains with "fast", which was chosen for cosine masks; a narrow mask overshoots with it.
STARTS = {
    "fast": (0.2, False),
    "fast-spread": (0.2, True),
    "slow": (0.05, False),
    "slow-spread": (0.05, True),
}


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("s7", "h4-240"), help="synthetic matrices to reconstruct", choices=SIZES
    )
    budgets: tuple[int, ...] = option((8, 16), help="budgets B at which families are compared")
    masks: tuple[str, ...] = option(tuple(FAMILIES), help="mask families to compare", choices=FAMILIES)
    share: float = option(0.4, help="number of masks K for that, as a share of B")
    count_budget: int = option(16, help="budget B at which the number of masks varies")
    count_mask: str = option("cosine", help="mask family for that", choices=FAMILIES)
    shares: tuple[float, ...] = option(
        tuple(tenths / 10 for tenths in range(1, 10)), help="numbers of masks K for that, as shares of B"
    )
    starts: tuple[str, ...] = option(
        tuple(STARTS), help="starts to choose from for each family", choices=STARTS
    )
    shared_start: str = option(
        "fast", help="start that a control gives to all families, at the smallest budget", choices=STARTS
    )
    reference_epochs: int = option(
        0, help="epochs of the reference implementation's own training, at the smallest budget, 0 for none"
    )
    seeds: int = option(2, help="number of seeds, from 0")
    warm_up: int = option(150, help="epochs of Adam")
    polish: int = option(10, help="sweeps of alternating Levenberg-Marquardt after them")
    threads: int = option(1, help="threads on the CPU, 0 for all; one is fastest on small matrices")
    dtype: str = option(
        "float64",
        help="precision; in float64 the printed digits are the same on other machines",
        choices=("float32", "float64"),
    )

    def __post_init__(self):
        for name in ("dataset", "budgets", "masks", "shares", "starts"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty: expected at least one")
        for name in ("seeds", "warm_up", "polish"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        for name in ("reference_epochs", "threads"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 0")
        rows = min(SIZES[dataset] for dataset in self.dataset)
        for name, budgets in (("budgets", self.budgets), ("count_budget", (self.count_budget,))):
            for budget in budgets:
                if not 2 <= budget < rows:
                    raise ValueError(f"{name} = {budget}: expected 2 to {rows - 1}, a matrix has {rows} rows")
        check_shares((self.share, *self.shares))


PROFILES = {
    "smoke": Config(
        dataset=("s6",), budgets=(8,), count_budget=8, shares=(0.25, 0.5), seeds=1, warm_up=5, polish=1,
        starts=("fast", "slow-spread"), reference_epochs=5,
    ),
    "book": Config(),
    "paper": Config(
        dataset=("s10", "h6"), budgets=(20, 40), count_budget=40, seeds=3, warm_up=400, polish=20,
        reference_epochs=500, dtype="float32",
    ),
}  # fmt: skip


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Choose a start for each matrix and family, train what is not yet trained, and return all records.

    The choice is the start with the smallest error at the smallest budget, on a matrix that no other run
    sees; its records, of experiment `SEARCH`, come first. It holds for all budgets and numbers of masks.
    Then come those of `EXPERIMENT`, and last the control, of `SHARED`: every family whose own start is
    another one, with the start that all share.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    place = {"profile": profile, "device": device}
    searched = train_missing(train, list(_search_jobs(config)), experiment=SEARCH, **place)
    starts = chosen_starts(searched)
    jobs = [*_jobs(config, starts), *_reference_jobs(config)]
    trained = train_missing(train, jobs, experiment=EXPERIMENT, **place)
    return (
        searched
        + trained
        + train_missing(train, list(_shared_jobs(config, starts)), experiment=SHARED, **place)
    )


def settings(dataset: str, budget: int, mask: str, n_masks: int, start: str, config: Config) -> dict:
    """Return the estimator's settings (JSON values): the reconstruction experiment's, but for the start."""
    rate, spread = STARTS[start]
    usual = reconstruction_plan.settings(dataset, "mmf-lm", budget, _usual(mask, n_masks, config))
    return usual | {
        "learning_rate": rate,
        "shift_learning_rate": rate / 2,
        "shift_spread": float(budget - n_masks) if spread else 0.0,
    }


def chosen_starts(searched: list[Record]) -> dict[tuple[str, str], str]:
    """Return the name of the start with the smallest error, by matrix and family, from a search."""
    ranked = sorted(searched, key=lambda record: record.metrics["relative_error"], reverse=True)
    return {(r.parameters["dataset"], r.parameters["mask"]): start_of(r.parameters) for r in ranked}


def start_of(parameters: dict) -> str:
    """Return the name of the start that a run was made with."""
    start = (parameters["learning_rate"], parameters["shift_spread"] > 0)
    return next(name for name, values in STARTS.items() if values == start)


def _search_jobs(config: Config) -> Iterator[dict]:
    budget = min(config.budgets)
    for dataset in config.dataset:
        for mask in dict.fromkeys((*config.masks, config.count_mask)):
            for start in config.starts:
                n_masks = masks_of(config.share, budget)
                yield _job(dataset, budget, SEARCH_SEED, mask, n_masks, start, config)


def _jobs(config: Config, starts: dict[tuple[str, str], str]) -> Iterator[dict]:
    """Yield the parameters of every run, seed by seed: the SVD, the families, the numbers of masks."""
    compared = [(b, mask, masks_of(config.share, b)) for mask in config.masks for b in config.budgets]
    b = config.count_budget
    counted = [(b, config.count_mask, masks_of(share, b)) for share in config.shares]
    for seed in range(config.seeds):
        for dataset in config.dataset:
            for budget in dict.fromkeys((*config.budgets, config.count_budget)):
                yield {"dataset": dataset, "method": "svd", "budget": budget, "seed": seed}
            for budget, mask, n_masks in dict.fromkeys(compared + counted):  # the two share a run
                yield _job(dataset, budget, seed, mask, n_masks, starts[dataset, mask], config)


def _shared_jobs(config: Config, starts: dict[tuple[str, str], str]) -> Iterator[dict]:
    """Yield the runs of the control; a family whose own start is the shared one has run already."""
    budget = min(config.budgets)
    for seed in range(config.seeds):
        for dataset in config.dataset:
            for mask in config.masks:
                if starts[dataset, mask] != config.shared_start:
                    n_masks = masks_of(config.share, budget)
                    yield _job(dataset, budget, seed, mask, n_masks, config.shared_start, config)


def _reference_jobs(config: Config) -> Iterator[dict]:
    """Yield one long run of each family with the settings of the reference implementation."""
    if config.reference_epochs:
        budget = min(config.budgets)
        for dataset in config.dataset:
            for mask in config.masks:
                usual = _usual(mask, masks_of(config.share, budget), config)
                job = {"dataset": dataset, "method": "mmf-adam", "budget": budget, "seed": 0}
                yield job | reconstruction_plan.settings(dataset, "mmf-adam", budget, usual)


def _usual(mask, n_masks, config) -> reconstruction_plan.Config:
    return reconstruction_plan.Config(
        mask=mask, n_masks=n_masks, warm_up=config.warm_up, polish=config.polish, dtype=config.dtype,
        epochs=max(1, config.reference_epochs),
    )  # fmt: skip


def _job(dataset, budget, seed, mask, n_masks, start, config) -> dict:
    job = {"dataset": dataset, "method": "mmf-lm", "budget": budget, "seed": seed}
    return job | settings(dataset, budget, mask, n_masks, start, config)
