"""The ablations: which family of masks, and how many masks at a fixed budget (paper, Section 5.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.matrices import SIZES
from fourmasks.experiments.plan import Run, Search, carry_out
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.mmf.masks.timing import masks_of
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.reconstruction import plan as reconstruction_plan
from fourmasks.mmf.reconstruction.run import load
from fourmasks.mmf.reconstruction.run import run as run_one
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
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("s7", "h4-240"), help="synthetic matrices to reconstruct", choices=SIZES
    )
    budgets: tuple[int, ...] = option((8, 16), help="budgets B at which families are compared")
    masks: tuple[str, ...] = option(tuple(FAMILIES), help="mask families to compare", choices=FAMILIES)
    share: float = option(0.4, above=0, below=1, help="number of masks K for that, as a share of B")
    count_budget: int = option(16, help="budget B at which the number of masks varies")
    count_mask: str = option("cosine", help="mask family for that", choices=FAMILIES)
    shares: tuple[float, ...] = option(
        tuple(tenths / 10 for tenths in range(1, 10)),
        above=0,
        below=1,
        help="numbers of masks K for that, as shares of B",
    )
    starts: tuple[str, ...] = option(
        tuple(STARTS), help="starts to choose from for each family", choices=STARTS
    )
    shared_start: str = option(
        "fast", help="start that a control gives to all families, at the smallest budget", choices=STARTS
    )
    reference_epochs: int = option(
        0,
        least=0,
        help="epochs of the reference implementation's own training, at the smallest budget, 0 for none",
    )
    seeds: int = option(2, least=1, help="number of seeds, from 0")
    warm_up: int = option(150, least=1, help="epochs of Adam")
    polish: int = option(10, least=1, help="sweeps of alternating Levenberg-Marquardt after them")
    threads: int = threads_option()
    dtype: str = dtype_option()

    def check(self):
        rows = min(SIZES[dataset] for dataset in self.dataset)
        for name, budgets in (("budgets", self.budgets), ("count_budget", (self.count_budget,))):
            for budget in budgets:
                if not 2 <= budget < rows:
                    raise ValueError(f"{name} = {budget}: expected 2 to {rows - 1}, a matrix has {rows} rows")


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
    """Make the runs that are missing, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run | Search]:
    """Yield the runs of `EXPERIMENT`, seed by seed, then those of the control, `SHARED`.

    The trials of a matrix and a family, of `SEARCH`, choose its start: the one with the smallest error at the
    smallest budget, on a matrix that no other run sees. It holds for all budgets and numbers of masks. The
    control gives the start that all share to every family whose own start is another one.
    """
    yield from _compared(config)
    yield from _reference(config) if config.reference_epochs else ()
    budget = min(config.budgets)
    for seed in range(config.seeds):
        for dataset in config.dataset:
            for mask in config.masks:
                n_masks = masks_of(config.share, budget)
                yield _with_search(dataset, budget, seed, mask, n_masks, config, config.shared_start)


def _compared(config: Config) -> Iterator[Run | Search]:
    """Yield the SVD, the families with one share of masks, and one family with all numbers of masks."""
    families = [(b, mask, masks_of(config.share, b)) for mask in config.masks for b in config.budgets]
    b = config.count_budget
    counts = [(b, config.count_mask, masks_of(share, b)) for share in config.shares]
    for seed in range(config.seeds):
        for dataset in config.dataset:
            for budget in dict.fromkeys((*config.budgets, b)):
                yield _run(EXPERIMENT, {"dataset": dataset, "method": "svd", "budget": budget, "seed": seed})
            for budget, mask, n_masks in dict.fromkeys(families + counts):  # the two share a run
                yield _with_search(dataset, budget, seed, mask, n_masks, config)


def _reference(config: Config) -> Iterator[Run]:
    """Yield one long run of each family with the settings of the reference implementation."""
    budget = min(config.budgets)
    for dataset in config.dataset:
        for mask in config.masks:
            usual = _usual(mask, masks_of(config.share, budget), config)
            place = {"dataset": dataset, "method": "mmf-adam", "budget": budget, "seed": 0}
            yield _run(EXPERIMENT, place | reconstruction_plan.settings(dataset, "mmf-adam", budget, usual))


def _with_search(dataset, budget, seed, mask, n_masks, config: Config, shared: str | None = None) -> Search:
    """Return a run with the start that trials choose; with the shared one, if that is not the run itself."""

    def one(experiment, budget, seed, n_masks, start):
        place = {"dataset": dataset, "method": "mmf-lm", "budget": budget, "seed": seed}
        return _run(experiment, place | settings(dataset, budget, mask, n_masks, start, config))

    def final(tried):
        own = chosen_start(tried)
        experiment = EXPERIMENT if shared in (None, own) else SHARED
        return one(experiment, budget, seed, n_masks, shared or own)

    least = min(config.budgets)
    trials = [
        one(SEARCH, least, SEARCH_SEED, masks_of(config.share, least), start) for start in config.starts
    ]
    return Search(trials, final)


def settings(dataset: str, budget: int, mask: str, n_masks: int, start: str, config: Config) -> dict:
    """Return the estimator's settings (JSON values): the reconstruction experiment's, but for the start."""
    rate, spread = STARTS[start]
    usual = reconstruction_plan.settings(dataset, "mmf-lm", budget, _usual(mask, n_masks, config))
    return usual | {
        "learning_rate": rate,
        "shift_learning_rate": rate / 2,
        "shift_spread": float(budget - n_masks) if spread else 0.0,
    }


def chosen_start(tried: list[Record]) -> str:
    """Return the name of the start with the smallest error."""
    return start_of(min(tried, key=lambda record: record.metrics["relative_error"]).parameters)


def start_of(parameters: dict) -> str:
    """Return the name of the start that a run was made with."""
    start = (parameters["learning_rate"], parameters["shift_spread"] > 0)
    return next(name for name, values in STARTS.items() if values == start)


def _usual(mask, n_masks, config) -> reconstruction_plan.Config:
    return reconstruction_plan.Config(
        mask=mask, n_masks=n_masks, warm_up=config.warm_up, polish=config.polish, dtype=config.dtype,
        epochs=max(1, config.reference_epochs),
    )  # fmt: skip


def _run(experiment: str, parameters: dict) -> Run:
    digest = load(parameters["dataset"], parameters["seed"]).sha256
    return Run(experiment, run_one, parameters, digest, on_device=True, load=load)
