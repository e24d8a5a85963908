"""The reconstruction experiment: which methods meet which matrices, at which budgets (paper, Section 5.2)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.claims.measurements import DETERMINISTIC
from fourmasks.data.matrices import matrix_names
from fourmasks.experiments.plan import Run, Search, carry_out, search
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.reconstruction.run import METHODS, describe, load
from fourmasks.mmf.reconstruction.run import run as run_one
from fourmasks.records.store import Record

EXPERIMENT, DATASETS, PILOT = "mmf/reconstruction", "mmf/datasets", "mmf/pilot"
SEARCH = "mmf/reconstruction-search"

# Table 3's budgets on the real matrices. The paper's Figure 3 does not print its own.
BUDGETS = {
    "s6": (8, 12, 16, 20),
    "s7": (8, 16, 24, 32),
    "s8": (10, 20, 40, 60),
    "s9": (20, 40, 60),
    "s10": (20, 40, 60),
    "yale-b": (10, 20, 30, 40, 50, 60),
    "reuters-21578": (20, 40, 60, 80, 100, 120),
    "digits": (8, 16),
    "h4-240": (8, 16, 24),
} | {f"h{b}": (20, 40, 60) for b in range(2, 7)}


@dataclass(frozen=True)
class Choice:
    """What was chosen for a matrix.

    Mask family; masks as a share of the budget B; sweeps times B, because a sweep costs the more the
    larger B is; random starts.
    """

    mask: str = "cosine"
    share: float = 0.4
    work: int = 2000
    n_init: int = 1


# The pilot (`pilot`, one budget, one seed that is not used again) chose family and share for the real
# matrices; synthetic ones have cosine masks and the reference implementation's K = 0.4 B. The work is what
# the time allowed.
CHOICES = {
    "yale-b": Choice("sine", 0.3, work=6000, n_init=4),
    "reuters-21578": Choice("cosine", 0.5, work=2400),
    "digits": Choice("sine", 0.3),
}
# Controls: the learned model at the same K, R, solver, sweeps and starts, but its shifts stay as they were
# drawn, each row's and column's own ("mmf-frozen") or the same for all ("mmf-shared"), or as they were
# learned and then dealt out to other rows and columns ("mmf-shuffled"). How far apart each row's shifts are
# drawn is searched for each matrix, on a seed that is not used again. A shift that all share leaves a
# product of rank R, wherever it is: nothing to search.
#
# What is not learned costs no numbers. "mmf-frozen-full" spends them on the rank, R = B: as large as the
# learned model, and the only control that differs in two things.
DRAWN = {"mmf-frozen": {"shared": False}, "mmf-frozen-full": {"shared": False}}
CONTROLS = DRAWN | {"mmf-shared": {"shared": True, "shift_spread": 1.0}, "mmf-shuffled": {}}
SPREADS, SEARCH_SEED = (0.1, 0.3, 1.0, 3.0, 10.0), 100

PAPER_DATASETS = (
    [f"s{n}" for n in range(6, 11)] + [f"h{b}" for b in range(2, 7)] + ["yale-b", "reuters-21578"]
)

LEAST_SIZE = 32  # of a file of one's own, for budgets that leave something for masks and factors

DEAR = ("mmf-frozen-full", "mmf-shuffled")  # half the time of all: not on the book's pages


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("s6", "h4-240", "digits"), help="matrices to reconstruct", choices=matrix_names(), or_file=True
    )
    budgets: tuple[int, ...] = option(
        (), least=2, may_be_empty=True, help="budgets B, empty for each matrix's own"
    )
    methods: tuple[str, ...] = option(tuple(METHODS), help="methods to compare", choices=METHODS)
    seeds: int = option(3, least=1, help="number of seeds, from 0")
    mask: str = option("auto", help="mask family, auto for the pilot's choice", choices=("auto", *FAMILIES))
    n_masks: int = option(0, least=0, help="number of masks K, 0 for the pilot's share of the budget")
    sweeps: int = option(
        40, least=0, help="sweeps of alternating Levenberg-Marquardt, 0 for each matrix's own number"
    )
    warm_up: int = option(
        150, least=0, help="epochs of Adam in their place on synthetic matrices, 0 for none"
    )
    polish: int = option(10, least=1, help="sweeps after that warm-up")
    epochs: int = option(200, least=1, help="epochs of Adam and of the MF baselines")
    threads: int = threads_option()
    dtype: str = dtype_option()


PROFILES = {
    "smoke": Config(dataset=("s6",), budgets=(8,), seeds=1, sweeps=3, warm_up=5, polish=1, epochs=10),
    "book": Config(methods=tuple(name for name in METHODS if name not in DEAR)),
    "paper": Config(
        dataset=tuple(PAPER_DATASETS), sweeps=0, warm_up=400, polish=20, epochs=2000, dtype="float32"
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs that are missing, and return the records of all, those of Table 1 first."""
    return carry_out(plan(config), config, profile, device)


def own_budgets(dataset: str) -> tuple[int, ...]:
    """Return the budgets where none are asked for: of a file an eighth, a quarter and half of its size."""
    if dataset in BUDGETS:
        return BUDGETS[dataset]
    size = min(load(dataset, 0).values.shape)
    if size < LEAST_SIZE:
        raise ValueError(f"{dataset}: {size} rows or columns, expected {LEAST_SIZE} at least, or budgets")
    return size // 8, size // 4, size // 2


def settings(dataset: str, method: str, budget: int, config: Config) -> dict:
    """Return the estimator's settings of a method (JSON values)."""
    choice = CHOICES.get(dataset, Choice())
    mask = choice.mask if config.mask == "auto" else config.mask
    n_masks = config.n_masks or max(1, round(choice.share * budget))
    sweeps, n_init = (config.sweeps, 1) if config.sweeps else (choice.work // budget, choice.n_init)
    masked = {"mask": mask, "n_masks": n_masks, "dtype": config.dtype}
    scaled = {"norm": 0.4 * budget, "epochs": config.epochs, "dtype": config.dtype}
    if method == "mmf-adam":  # the reference implementation's, but for the number of epochs
        return masked | {"solver": "adam", "max_iter": [config.epochs]}
    if method == "mmf-lm" and config.warm_up and load(dataset, 0).kind == "synthetic":
        rates = {"learning_rate": 0.2, "shift_learning_rate": 0.1}
        return masked | rates | {"solver": "adam+alternating-lm", "max_iter": [config.warm_up, config.polish]}
    if method == "mmf-lm":
        return masked | {"solver": "alternating-lm", "max_iter": [sweeps], "n_init": n_init}
    if method in CONTROLS:
        rank = budget if method == "mmf-frozen-full" else budget - n_masks
        return settings(dataset, "mmf-lm", budget, config) | CONTROLS[method] | {"rank": rank}
    return {
        "mf-sgd": {"optimizer": "sgd", "learning_rate": 0.2, "momentum": 0.999} | scaled,
        "mf-ridge": {"optimizer": "adam", "learning_rate": 0.02, "ridge": 1e-3} | scaled,
        "mf-bias": {"optimizer": "adam", "learning_rate": 0.02, "bias": True} | scaled,
    }.get(method, {})


def plan(config: Config) -> Iterator[Run | Search]:
    """Yield the runs, seed by seed, after a description of each matrix."""
    budgets_of = {dataset: config.budgets or own_budgets(dataset) for dataset in config.dataset}
    for dataset, budgets in budgets_of.items():
        matrix = load(dataset, 0)
        for budget in budgets:
            if config.n_masks >= budget:
                raise ValueError(f"n_masks = {config.n_masks} leaves nothing of budget {budget} of {dataset}")
            if budget >= min(matrix.values.shape):
                raise ValueError(
                    f"budgets = {budget}: {dataset} is {matrix.values.shape}, give less than"
                    f" {min(matrix.values.shape)}"
                )
        yield Run(DATASETS, describe, {"dataset": dataset, "seed": 0}, matrix.sha256, load=load)
    for seed in range(config.seeds):
        for dataset, budgets in budgets_of.items():
            matrix = load(dataset, seed)
            for method in config.methods:
                if seed and method in DETERMINISTIC and matrix.kind == "real":
                    continue
                if method == "block-svd" and matrix.row_groups is None:
                    continue
                for budget in budgets:
                    yield _with_search(dataset, method, budget, seed, config)


def _with_search(dataset: str, method: str, budget: int, seed: int, config: Config) -> Run | Search:
    """Return a run, of a control with the search for how far apart its shifts are drawn."""

    def one(experiment, budget, seed, found):
        place = {"dataset": dataset, "method": method, "budget": budget, "seed": seed}
        parameters = place | settings(dataset, method, budget, config) | found
        digest = load(dataset, seed).sha256
        return Run(experiment, run_one, parameters, digest, on_device=True, load=load)

    if method not in DRAWN:
        return one(EXPERIMENT, budget, seed, {})
    budgets = config.budgets or own_budgets(dataset)
    middle = budgets[len(budgets) // 2]
    return search(
        lambda spread: one(SEARCH, middle, SEARCH_SEED, spread),
        [{"shift_spread": spread} for spread in SPREADS],
        {"shift_spread": SPREADS},
        "relative_error",
        lambda found: one(EXPERIMENT, budget, seed, found),
        lowest=True,
    )


def pilot(dataset: str, budget: int, *, sweeps: int, n_init: int, seed: int = 100) -> Iterator[Run]:
    """Yield runs of mask families and numbers of masks on one matrix: what `CHOICES` rests on."""
    for mask in ("cosine", "sine", "gaussian"):
        for share in (0.1, 0.2, 0.3, 0.4, 0.5):
            parameters = {"dataset": dataset, "method": "mmf-lm", "budget": budget, "seed": seed}
            parameters |= {"mask": mask, "n_masks": max(1, round(share * budget))}
            parameters |= {"solver": "alternating-lm", "max_iter": [sweeps], "n_init": n_init}
            yield Run(PILOT, run_one, parameters, load(dataset, seed).sha256, load=load)
