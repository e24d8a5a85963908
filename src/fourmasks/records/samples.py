"""Which records are made again: drawn at random, stratified over experiments, within a budget of time."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from fourmasks.records.store import Record

# All that these measure is time, or a ratio of times: no rerun could confirm it.
TIMED = ("lunet/costs", "mmf/timing", "pia/overhead", "four/growth")


@dataclass
class Sample:
    """Records to make again, in the order of the draw, and those left out, by the reason."""

    records: list[Record] = field(default_factory=list)
    left_out: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))


def seed_of_today() -> int:
    """Return the date as a number, such as 20270131: the seed of a sample that is another each day."""
    return int(f"{date.today():%Y%m%d}")


def draw(
    records: Iterable[Record],
    *,
    seed: int,
    n: int | None = None,
    budget: float | None = None,
    unfit: Mapping[str, str] | None = None,
) -> Sample:
    """Draw records: one of each experiment in turn, in a random order, until it is enough.

    Parameters
    ----------
    records : iterable of Record
    seed : int
        The same one draws the same records.
    n : int, optional
        How many; default as many as there are.
    budget : float, optional
        Seconds. A record whose run took longer than a quarter of them, or than what is left, is passed over.
    unfit : mapping of str to str, optional
        Keys of records that cannot be made again here, with the reason.

    Raises
    ------
    ValueError
        If `n` or `budget` is not positive.
    """
    for name, value in (("n", n), ("budget", budget)):
        if value is not None and value <= 0:
            raise ValueError(f"{name} is {value}: expected a positive number")
    sample, strata, left = Sample(), defaultdict(list), budget
    for record in sorted(records, key=lambda record: (record.experiment, record.key)):
        if reason := (unfit or {}).get(record.key):
            sample.left_out[reason].append(record)
        else:
            strata[record.experiment].append(record)
    for record in _in_turn(list(strata.values()), random.Random(seed)):
        if len(sample.records) == n:
            break
        if left is not None and record.seconds > min(left, budget / 4):
            sample.left_out["longer than a quarter of the budget, or than what was left"].append(record)
            continue
        if left is not None:
            left -= record.seconds
        sample.records.append(record)
    return sample


def _in_turn(strata: list[list[Record]], chance: random.Random) -> list[Record]:
    """Return all records in a random order in which each stratum comes as early as any other."""
    chance.shuffle(strata)
    for stratum in strata:
        chance.shuffle(stratum)
    rounds = range(max(map(len, strata), default=0))
    return [stratum[number] for number in rounds for stratum in strata if number < len(stratum)]
