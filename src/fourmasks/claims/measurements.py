"""What the records say about one claim: numbers by seed, with what they rest on.

Which runs count is told by the claim's `match`, in which None stands for any value. Runs that differ in the
seed alone are one configuration; where several match, the one with the best mean counts, except on data that
are held out: there a choice by the result would be a leak.
"""

import json
import statistics
from collections import defaultdict
from dataclasses import dataclass

from fourmasks.claims.statistics import Estimate, estimate

DRAWN = ("seed", "split_seed")  # parameters that tell runs of one configuration apart
DETERMINISTIC = ("svd", "block-svd", "largest-entries")  # methods of which one run stands for all seeds


class Unmeasured(Exception):
    """The records do not settle a claim; the message says what is missing."""


@dataclass(frozen=True)
class Measurement:
    """A number by seed, the records it is from, and words for the configuration and for its rival."""

    by_seed: dict
    records: tuple
    choice: str
    rival: str = ""

    def estimate(self, overlap: float) -> Estimate:
        return estimate(list(self.by_seed.values()), overlap)


def measure(claim, records, cell: dict) -> Measurement:
    """Return the claim's metric in one cell; where there are baselines, compared with the best of them.

    The comparison is the gain in percent of the baseline's value; for a bound, the ratio of the two. An order
    is against what the paper prints for its strongest rival, where that is better than any that was run.
    """
    runs, choice = _best(claim, records, claim.match | cell)
    if not claim.baselines:
        values = [run.metrics[claim.metric] for run in runs]
        return Measurement(_by_seed(runs, values), tuple(runs), choice)
    rivals = [_best(claim, records, claim.match | cell | other)[0] for other in claim.baselines]
    best = _better(claim, rivals)
    if claim.form == "order" and claim.rival is not None and _printed_is_better(claim, best):
        values = [_compared(claim, run.metrics[claim.metric], claim.rival) for run in runs]
        return Measurement(_by_seed(runs, values), tuple(runs), choice, f"the printed {claim.rival}")
    rival = words(claim.baselines[rivals.index(best)])
    pairs = [(run, other) for run in runs if (other := _partner(run, best))]
    if not pairs:
        raise Unmeasured(f"{rival} and {choice or 'the method'} have no data and seed in common")
    values = [_compared(claim, *(one.metrics[claim.metric] for one in pair)) for pair in pairs]
    used = tuple(record for pair in pairs for record in pair)
    return Measurement(_by_seed([run for run, _ in pairs], values), used, choice, rival)


def optimum(claim, records, cell: dict) -> Measurement:
    """Return the value of the parameter `along` at which the claim's metric is best in one cell."""
    values = values_along(claim, records, claim.match | cell)
    found = {value: measure(claim, records, cell | {claim.along: value}) for value in values}
    pick = min if claim.direction == "decrease" else max
    best = {
        seed: pick(values, key=lambda value: found[value].by_seed[seed])
        for seed in common(found.values(), f"runs that differ in {claim.along}")
    }
    used = tuple(record for one in found.values() for record in one.records)
    return Measurement(best, used, f"of {', '.join(map(str, values))}")


def values_along(claim, records, match: dict) -> list:
    """Return the values of the parameter `along` with runs, ascending; there must be two at least."""
    runs = matching(claim, records, match)
    values = sorted({r.parameters[claim.along] for r in runs if claim.along in r.parameters})
    if len(values) < 2:
        raise Unmeasured(f"fewer than two values of {claim.along} with {words(match)}")
    return values


def cells(claim, records, match: dict) -> list[tuple]:
    """Return for what values of the parameters `over` the method has runs, as tuples of (name, value)."""
    runs = matching(claim, records, match)
    return sorted({tuple((name, r.parameters.get(name)) for name in claim.over) for r in runs}, key=repr)


def common(measurements, what: str) -> list:
    """Return the seeds that all measurements have, ascending; there must be one at least."""
    seeds = set.intersection(*(set(one.by_seed) for one in measurements))
    if not seeds:
        raise Unmeasured(f"the {what} have no seed in common")
    return sorted(seeds, key=repr)


def matching(claim, records, match: dict) -> list:
    """Return the records whose parameters are as `match` says; there must be one at least."""
    found = records
    for name, wanted in match.items():  # one after the other: the first leaves little for the rest
        if wanted is not None:
            choices = wanted if isinstance(wanted, list) else [wanted]
            found = [r for r in found if name in r.parameters and r.parameters[name] in choices]
    if not found:
        raise Unmeasured(f"no record of {claim.experiment}" + (f" with {words(match)}" if match else ""))
    return list(found)


def fits(parameters: dict, match: dict) -> bool:
    """Return whether a run's parameters are as `match` says."""
    return all(
        name in parameters and parameters[name] in (wanted if isinstance(wanted, list) else [wanted])
        for name, wanted in match.items()
        if wanted is not None
    )


def rests_on(claim, experiment: str, parameters: dict) -> bool:
    """Return whether a run is one of the method, of a baseline or of the control that a claim is about."""
    changes = ({}, *claim.baselines, claim.control or {})
    return claim.experiment == experiment and any(
        fits(parameters, claim.match | change) for change in changes
    )


def words(parameters: dict) -> str:
    """Return "dataset s6, method a or b" for parameters, each with its value or those asked for."""
    return ", ".join(
        f"{name} {' or '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in parameters.items()
        if value is not None
    )


def _best(claim, records, match):
    """Return the runs of the matching configuration with the best mean, and what sets it apart.

    A configuration is the parameters but for `DRAWN`; the same one is taken for all seeds. "Best" is by the
    claim's own metric, as befits an error of reconstruction, for which there is nothing held out.
    """
    found = matching(claim, records, match)
    configurations = defaultdict(list)
    for record in found:
        configurations[json.dumps(_setting(record), sort_keys=True)].append(record)
    count = len(configurations)
    if claim.held_out and count > 1:
        raise Unmeasured(f"{count} configurations with {words(match)}, and none may be chosen by its result")
    runs = _better(claim, [configurations[name] for name in sorted(configurations)])
    apart = {
        name: value
        for name, value in _setting(runs[0]).items()
        if isinstance(match.get(name), list) or any(r.parameters.get(name) != value for r in found)
    }
    return runs, (f"best of {count} configurations: " if count > 1 else "") + words(apart)


def _better(claim, groups):
    """Return the group of runs whose mean is best: smallest, or largest where an increase is the gain."""
    pick = min if claim.direction == "decrease" else max
    return pick(groups, key=lambda runs: statistics.fmean(r.metrics[claim.metric] for r in runs))


def _setting(record):
    return {name: value for name, value in record.parameters.items() if name not in DRAWN}


def _by_seed(runs, values):
    """Return the mean by seed, or by split where there are several: runs on one split share its luck."""
    splits = {run.parameters.get("split_seed") for run in runs}
    unit = "split_seed" if len(splits) > 1 else "seed"
    groups = defaultdict(list)
    for run, value in zip(runs, values, strict=True):
        groups[run.parameters.get(unit)].append(value)
    return {name: statistics.fmean(group) for name, group in groups.items()}


def _partner(run, others):
    """Return the run on the same data with the same seed, of a deterministic method with any."""
    same_data = [other for other in others if _same_data(run, other)]
    same_seed = [o for o in same_data if o.parameters.get("seed") == run.parameters.get("seed")]
    any_seed = [o for o in same_data if o.parameters.get("method") in DETERMINISTIC]
    return next(iter(same_seed + any_seed), None)


def _same_data(run, other):
    """Return whether data and split are the same; a claim may compare two datasets, but only by design."""
    here, there = run.parameters, other.parameters
    same = run.data_sha256 == other.data_sha256 or here.get("dataset") != there.get("dataset")
    return same and here.get("split_seed") == there.get("split_seed")


def _printed_is_better(claim, runs):
    mean = statistics.fmean(run.metrics[claim.metric] for run in runs)
    return claim.rival < mean if claim.direction == "decrease" else claim.rival > mean


def _compared(claim, value, base):
    """Return by how many percent of the base the value is better; for a bound, the ratio of the two."""
    if base == 0:
        raise Unmeasured(f"the baseline's {claim.metric} is zero: nothing is relative to it")
    if claim.form == "bound":
        return value / base
    return 100 * (base - value if claim.direction == "decrease" else value - base) / base
