"""Whether a run that was made again agrees with its record, and by which measure.

Where machine, threads and versions are the same, all numbers must have the same bits. Elsewhere sums are
taken in another order, and a training can enlarge a last digit, about as far as another seed would. So a
metric may then differ by `FACTOR` standard deviations of what other seeds give. Curves count for their
bits alone: where they ended at another epoch, no point of one is the counterpart of a point of the other.

Some things are rounding on no machine, and "differs" whatever the spread: one metric that changes alone, by
more than `ALONE`, while all other numbers are equal to rounding or measure it; a metric that is the last, the
smallest or the largest value of a curve in the rerun, and of none in the record; and a count that is not
whole in the record. Runs that fit nothing, but count or evaluate formulas, must be equal to rounding. What
measures rounding itself may be larger or smaller by a factor of `TIMES`: a change by less is not seen in it.
"""

import json
import math
import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from fourmasks.records.reruns import CLOCK, relative
from fourmasks.records.samples import TIMED
from fourmasks.records.store import Record

BITS, ROUNDING, SPREAD = "equal bits", "equal to rounding", "within the spread over seeds"
DIFFERS, UNJUDGED = "differs", "cannot be judged"
WORDS = (BITS, ROUNDING, SPREAD, DIFFERS, UNJUDGED)

RELATIVE = 1e-5  # up to here a difference is rounding: some hundred of it in single precision
ALONE = 1e-3  # a place in a ranking can change alone, by less than this
ABSOLUTE = 1e-12  # what is smaller is a rounding error itself
FACTOR = 3.0
ENOUGH = 3  # settings, for their spread to be called usual
DRAWN = ("seed", "split_seed")
TRAINED = re.compile(r"(.*_)?(epochs|max_iter|steps)")
ROUNDED = re.compile("_float(32|64)|equation_error")  # how large rounding is itself
LOGARITHM = "log_gap"  # of such a one, to base 10
TIMES = 10.0  # by this factor rounding may be larger or smaller on another machine


@dataclass(frozen=True)
class Agreement:
    """How a rerun compares with its record.

    Attributes
    ----------
    word : str
        One of `WORDS`.
    why : str
        What decided, where the word alone does not say it.
    largest : float
        The largest relative difference of a metric, times apart.
    metric : str
        The one that differs by it; empty if none differs.
    off : dict
        The metrics that are not equal to rounding, each with `then`, `now` and `tolerance`, by how much it
        may be larger or smaller (None if there is no spread to derive one from).
    """

    word: str
    why: str = ""
    largest: float = 0.0
    metric: str = ""
    off: dict[str, dict] = field(default_factory=dict)


def setting(record: Record) -> str:
    """Return what records have in common that differ in nothing but the seed."""
    same = {name: value for name, value in record.parameters.items() if name not in DRAWN}
    return json.dumps([record.experiment, record.function, same], sort_keys=True)


class Spreads:
    """The spread of metrics over seeds, of records as a whole.

    The record in question does not count, so that a wrong one widens nothing. Two or three seeds can lie
    close by chance. So the spread of a setting counts as no smaller, relative to the value, than the median
    over other settings of its experiment: those of the same method on the same data if there are `ENOUGH`,
    else those on the same data, else all. A trial has one seed, and takes that of the final runs:
    "validation_rmse" of mmf/ratings-search the median of "test_rmse" of mmf/ratings.
    """

    def __init__(self, records: Iterable[Record]):
        self._records = defaultdict(list)  # by setting
        self._shares = defaultdict(dict)  # spread over mean, by place and setting
        for record in records:
            self._records[setting(record)].append(record)
        for one, group in self._records.items():
            for name in group[0].metrics:
                values = [record.metrics[name] for record in group if name in record.metrics]
                if len(values) > 1:
                    share = statistics.stdev(values) / (abs(statistics.fmean(values)) or 1.0)
                    self._shares[_place(group[0], name)][one] = share

    def tolerance(self, record: Record, name: str) -> float | None:
        """Return by how much a metric may differ on another machine; None if nothing says so."""
        if name == LOGARITHM:
            return math.log10(TIMES)
        if _of_rounding(name):
            return (TIMES - 1) * abs(record.metrics[name])
        if not _fits(record.parameters):
            return 0.0
        own = setting(record)
        seeds = [r.metrics[name] for r in self._records[own] if r.key != record.key and name in r.metrics]
        found = [statistics.stdev(seeds)] if len(seeds) > 1 else []
        if shares := self._alike(record, name, own):
            found.append(statistics.median(shares) * abs(record.metrics[name]))
        return FACTOR * max(found) if found else None

    def _alike(self, record: Record, name: str, own: str) -> list[float]:
        """Return the relative spreads of the settings that are most like a record's."""
        shares = {one: share for one, share in self._shares[_place(record, name)].items() if one != own}
        for same in (("method", "dataset"), ("dataset",)):
            near = [share for one, share in shares.items() if self._same(one, record, same)]
            if len(near) >= ENOUGH:
                return near
        return list(shares.values())

    def _same(self, one: str, record: Record, names: Iterable[str]) -> bool:
        other = self._records[one][0].parameters
        return all(other.get(name) == record.parameters.get(name) for name in names)


def _of_rounding(name: str) -> bool:
    return name == LOGARITHM or bool(ROUNDED.search(name))


def _place(record: Record, name: str) -> tuple[str, str]:
    return record.experiment.split("-")[0], re.sub("^(validation|test)_", "", name)


def same_place(record: Record, machine: Mapping[str, str], versions: Mapping[str, str]) -> bool:
    """Return whether a record is from a machine and from versions like these.

    Which libraries for linear algebra are loaded depends on what else a process has done, so that one list of
    them need only be part of the other. A record that does not say its machine may be from any.
    """
    if not record.machine or record.versions != versions or record.device != "cpu":
        return False
    then, now = (set(one["blas"].split(", ")) for one in (record.machine, machine))
    same = all(record.machine[name] == machine[name] for name in ("processor", "system"))
    return same and (then <= now or now <= then)


def agreement(record: Record, found: Mapping, spreads: Spreads, same: bool) -> Agreement:
    """Return how a rerun compares with its record.

    Parameters
    ----------
    record : Record
    found : mapping
        Its "metrics" and "curves" today.
    spreads : Spreads
    same : bool
        Whether it was made in the `same_place`, so that the same bits are asked for.
    """
    then, now = _numbers(record.experiment, record.__dict__), _numbers(record.experiment, found)
    if not then["metrics"]:
        return Agreement(UNJUDGED, "all its metrics are times")
    if any(then[part].keys() != now[part].keys() for part in then):
        return Agreement(DIFFERS, "it has other metrics or curves")
    if then == now:
        return Agreement(BITS)
    metrics = {name: (value, now["metrics"][name]) for name, value in then["metrics"].items()}
    off = {
        name: {"then": one, "now": two, "tolerance": spreads.tolerance(record, name)}
        for name, (one, two) in metrics.items()
        if not _rounding(one, two)
    }
    apart = {name: relative(*pair) for name, pair in metrics.items()}
    if not off:  # what is apart by more is a rounding error itself
        apart = {name: share for name, share in apart.items() if share <= RELATIVE}
    worst = max(apart, key=apart.get, default="")
    largest = apart.get(worst, 0.0)
    measured = {"largest": largest, "metric": worst if largest else ""}
    if same:
        return Agreement(DIFFERS, "the same machine and versions give the same bits", off=off, **measured)
    if not off:
        return Agreement(ROUNDING, "" if largest else "its curves differ", **measured)
    measured["off"] = off
    if why := _no_rounding(then, now, off):
        return Agreement(DIFFERS, why, **measured)
    judged = {name: _within(name, **one) for name, one in off.items() if one["tolerance"] is not None}
    if beyond := [name for name, within in judged.items() if not within]:
        return Agreement(DIFFERS, f"beyond its tolerance: {', '.join(beyond)}", **measured)
    if len(judged) < len(off):
        return Agreement(UNJUDGED, "nothing like it was run with several seeds", **measured)
    return Agreement(SPREAD, **measured)


def _numbers(experiment: str, outcome: Mapping) -> dict[str, dict]:
    """Return the metrics and the curves of an outcome without what a clock has measured."""
    if experiment in TIMED:
        return {"metrics": {}, "curves": {}}
    return {
        part: {name: value for name, value in outcome[part].items() if not CLOCK.search(name)}
        for part in ("metrics", "curves")
    }


def _fits(parameters: Mapping) -> bool:
    """Return whether a run fits something, so that rounding can grow; others count, or evaluate a formula."""
    return "method" in parameters or any(map(TRAINED.fullmatch, parameters))


def _no_rounding(then: dict, now: dict, off: Mapping) -> str:
    """Say why it is no rounding that a metric differs; nothing if it may be."""
    for name, one in off.items():
        if one["now"] == int(one["now"]) > 1 and one["then"] != int(one["then"]):
            return f"{name} is a count"
        before, after = ({*_of_curves(part, part["metrics"][name])} for part in (then, now))
        if after and not before:
            return f"{name} does not belong to its curve"
    alone = [name for name in off if not _of_rounding(name)]
    if len(alone) == 1 and relative(off[alone[0]]["then"], off[alone[0]]["now"]) > ALONE:
        others = [
            pair
            for before, after in zip(_values(then, off), _values(now, off), strict=True)
            for pair in zip_longest(before, after)
        ]
        if all(_rounding(*pair) for pair in others) and any(one and one != int(one) for one, _ in others):
            return f"{alone[0]} differs alone"
    return ""


def _within(name: str, then: float, now: float, tolerance: float) -> bool:
    """Return whether a metric differs by no more than it may: downwards, rounding may by its factor."""
    vanished = bool(ROUNDED.search(name)) and TIMES * abs(now) < abs(then)
    return abs(then - now) <= tolerance and not vanished


def _rounding(one: float | None, two: float | None) -> bool:
    return relative(one, two) <= RELATIVE or (None not in (one, two) and abs(one - two) <= ABSOLUTE)


def _of_curves(outcome: dict, value: float) -> Iterable[str]:
    """Yield the curves of which a broken number is the last, the smallest or the largest value."""
    for name, curve in outcome["curves"].items():
        points = [point for point in curve if point is not None]
        if points and value != int(value) and value in (points[-1], min(points), max(points)):
            yield name


def _values(outcome: dict, but: Iterable[str]) -> Iterable[list]:
    """Yield the curves, and the metrics but for some, as lists."""
    yield from outcome["curves"].values()
    yield from ([value] for name, value in outcome["metrics"].items() if name not in but)
