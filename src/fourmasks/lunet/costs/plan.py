"""What inverse and determinant cost: LU layers beside dense and coupling layers (paper, Section 1)."""

from dataclasses import dataclass

from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.lunet.costs.run import time_costs
from fourmasks.lunet.costs.run_rounding import trace_rounding
from fourmasks.records.store import Record, run_or_load
from fourmasks.system.device import resolve_device

EXPERIMENT, ROUNDING = "lunet/costs", "lunet/rounding"
NO_DATA = "none"


@dataclass(frozen=True)
class Config:
    """What the experiment measures."""

    sizes: tuple[int, ...] = option((64, 128, 256, 512), help="dimensions d, ascending, two at least")
    batches: tuple[int, ...] = option((1, 16, 64, 256), help="numbers n of points at once")
    spreads: tuple[float, ...] = option((0.1, 1.0), help="how far from the identity layers are for rounding")
    points: int = option(64, help="points that go through a layer and back for rounding")
    rounds: int = option(3, help="how often each operation has its turn")
    seeds: int = option(1, help="number of seeds, from 0: each is one more measurement")
    threads: int = option(1, help="threads on the CPU")

    def __post_init__(self):
        for name in ("points", "rounds", "seeds", "threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        if len(self.sizes) < 2 or list(self.sizes) != sorted(set(self.sizes)) or self.sizes[0] < 2:
            raise ValueError(f"sizes = {self.sizes}: expected two or more, ascending, from 2 on")
        if min(self.batches, default=0) < 1:
            raise ValueError(f"batches = {self.batches}: expected numbers of points, at least 1 each")
        if min(self.spreads, default=-1) < 0:
            raise ValueError(f"spreads = {self.spreads}: expected numbers that are not negative")


PROFILES = {
    "smoke": Config(sizes=(8, 16, 32), batches=(1, 8), rounds=1, points=8),
    "book": Config(),
    "paper": Config(
        sizes=(64, 128, 256, 512, 1024, 2048), batches=(1, 4, 16, 64, 256, 1024), rounds=5, seeds=3
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Measure what is not yet measured, and return all records: of seconds, and of rounding.

    All kinds of layers in one record were timed in one run, in turn. Device and threads are among the
    parameters of a timing: here they are part of what is measured. Rounding is that of the CPU.
    """
    timed = {"rounds": config.rounds, "device": resolve_device(device).type}
    jobs = []
    for seed in range(config.seeds):
        common = {"seed": seed, "sizes": list(config.sizes), "threads": config.threads}
        for batch in config.batches:
            jobs.append((EXPERIMENT, time_costs, common | timed | {"batch": batch}, device))
        for spread in config.spreads:
            own = {"spread": spread, "points": config.points}
            jobs.append((ROUNDING, trace_rounding, common | own, "cpu"))

    def stored(job):
        experiment, trial, parameters, where = job
        given = {"experiment": experiment, "data_sha256": NO_DATA, "profile": profile, "device": where}
        return run_or_load(trial, parameters, **given)

    return run_jobs(jobs, stored, "costs")
