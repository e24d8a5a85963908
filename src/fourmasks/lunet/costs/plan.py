"""What inverse and determinant cost: LU layers beside dense and coupling layers (paper, Section 1)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.lunet.costs.run import run as run_costs
from fourmasks.lunet.costs.run_rounding import run_rounding
from fourmasks.records.store import Record
from fourmasks.system.device import device_type

EXPERIMENT, ROUNDING = "lunet/costs", "lunet/rounding"


@dataclass(frozen=True)
class Config(Options):
    """What the experiment measures."""

    sizes: tuple[int, ...] = option(
        (64, 128, 256, 512), least=2, help="dimensions d, ascending, two at least"
    )
    batches: tuple[int, ...] = option((1, 16, 64, 256), least=1, help="numbers n of points at once")
    spreads: tuple[float, ...] = option(
        (0.1, 1.0), least=0, help="how far from the identity layers are for rounding"
    )
    points: int = option(64, least=1, help="points that go through a layer and back for rounding")
    rounds: int = option(3, least=1, help="how often each operation has its turn")
    seeds: int = option(1, least=1, help="number of seeds, from 0: each is one more measurement")
    threads: int = option(1, least=1, help="threads on the CPU")

    def check(self):
        if len(self.sizes) < 2 or list(self.sizes) != sorted(set(self.sizes)):
            raise ValueError(f"sizes = {self.sizes}: expected two or more, ascending")


PROFILES = {
    "smoke": Config(sizes=(8, 16, 32), batches=(1, 8), rounds=1, points=8),
    "book": Config(),
    "paper": Config(
        sizes=(64, 128, 256, 512, 1024, 2048), batches=(1, 4, 16, 64, 256, 1024), rounds=5, seeds=3
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the measurements that are not there yet, and return the records of all."""
    return carry_out(plan(config, device), config, profile, device)


def plan(config: Config, device: str = "cpu") -> Iterator[Run]:
    """Yield the measurements of seconds and of rounding.

    All kinds of layers in one record are timed in one run, in turn. Device and threads are among the
    parameters of a timing: here they are part of what is measured. Rounding is that of the CPU.
    """
    timed = {"rounds": config.rounds, "device": device_type(device)}
    for seed in range(config.seeds):
        common = {"seed": seed, "sizes": list(config.sizes), "threads": config.threads}
        for batch in config.batches:
            yield Run(EXPERIMENT, run_costs, common | timed | {"batch": batch}, on_device=True, alone=True)
        for spread in config.spreads:
            yield Run(ROUNDING, run_rounding, common | {"spread": spread, "points": config.points})
