"""The experiment on the paper's theorems: random instances of every mask family (paper, Section 4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.mmf.models.masks import FAMILIES, PARAMETRISATIONS
from fourmasks.mmf.theory.run import rank_trial, symmetry_trial
from fourmasks.records.store import Record

EXPERIMENT = "mmf/theorems"
# Both cases of the proof of Theorem 1: K R = 12 below and above the smaller side.
RANK, N_MASKS, SHAPES = 4, 3, [[24, 30], [10, 13]]
TIED = ("own", "instance", "shared", "far")
# Theorem 2: large enough that the count of parameters alone leaves nothing free.
SYMMETRY_RANK, SYMMETRY_SHAPE = 3, [18, 20]
MODELS = ((2, "own"), (3, "own"), (3, "shared"), (3, "zero"), (1, "own"))


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    theorems: tuple[int, ...] = option((1, 2), help="theorems to check", choices=(1, 2))
    masks: tuple[str, ...] = option(tuple(FAMILIES), help="mask families", choices=FAMILIES)
    parametrisations: tuple[str, ...] = option(
        ("paper", "reference"), help="parametrisations of the masks", choices=PARAMETRISATIONS
    )
    instances: int = option(5, least=1, help="random instances of each kind")
    seed: int = option(0, least=0, help="of the first")


PROFILES = {
    "smoke": Config(masks=("gaussian",), parametrisations=("paper",), instances=1),
    "book": Config(instances=3),
    "paper": Config(instances=5),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the trials that are missing, and return the records of all. On one thread of the CPU."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield the trials."""
    for theorem, parameters in _trials(config):
        yield Run(EXPERIMENT, {1: rank_trial, 2: symmetry_trial}[theorem], parameters)


def _trials(config: Config) -> Iterator[tuple[int, dict]]:
    """Yield theorem and parameters of every trial."""
    common = {"instances": config.instances, "seed": config.seed}
    for theorem in config.theorems:
        sizes = {"rank": RANK, "shapes": SHAPES} if theorem == 1 else _symmetry_sizes()
        models = [(N_MASKS, shifts) for shifts in TIED] if theorem == 1 else MODELS
        for mask in config.masks:
            for parametrisation in config.parametrisations:
                for n_masks, shifts in models:
                    job = {"mask": mask, "parametrisation": parametrisation, "shifts": shifts}
                    yield theorem, job | {"n_masks": n_masks} | sizes | common
    if 2 in config.theorems:
        plain = {"mask": "none", "parametrisation": "paper", "shifts": "own", "n_masks": 1}
        yield 2, plain | _symmetry_sizes() | common


def _symmetry_sizes():
    return {"rank": SYMMETRY_RANK, "shape": SYMMETRY_SHAPE}
