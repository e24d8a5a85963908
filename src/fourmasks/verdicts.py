"""What the records say about one claim, and the verdict that follows from it.

A verdict is computed, never typed. An interval is Student's 95 % interval of a mean over seeds; it needs
two seeds at least. A claim is *reproduced*, by kind, when

- value, gain: the measured mean lies within 1 % of the reported number, or the reported number lies in
  the interval;
- fact: the two agree to the decimals that the claim states, those printed or, of a synthetic matrix, more;
- order: in every cell the whole interval of the gain over the best baseline is above zero;
- trend: at every step the whole interval of the growth of that gain is above zero.

Otherwise it has the *same direction* when

- gain: the measured gain has the reported sign and its interval excludes zero, so only the size differs;
- order, trend: the gain, or its growth, is positive on average over the cells, or the steps, though not
  beyond doubt at each.

A value or a fact is a bare number, which has no direction: it is reproduced or *not reproduced*. A claim
without matching records is *not attempted*; one that nobody outside can test *cannot be*.
"""

import json
import math
import statistics
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from scipy.special import stdtrit

VERDICTS = ("reproduced", "same direction", "not reproduced", "not attempted", "cannot be")
REPRODUCED, SAME_DIRECTION, NOT_REPRODUCED, NOT_ATTEMPTED, CANNOT_BE = VERDICTS

RELATIVE_TOLERANCE = 0.01
ROUNDING = 1 + 1e-9  # lets a difference that equals its bound in decimal arithmetic pass in binary


class Unmeasured(Exception):
    """The records do not settle a claim; the message says what is missing."""


@dataclass(frozen=True)
class Estimate:
    """Mean over seeds, standard deviation (0 for one seed), number of seeds, half of the 95 % interval.

    `half` is None for one seed, which gives no interval.
    """

    mean: float
    spread: float
    n_seeds: int
    half: float | None

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval is above zero."""
        return self.half is not None and self.mean > self.half


@dataclass(frozen=True)
class Finding:
    """The verdict on a claim with what it rests on; `remarks` are short texts, some empty."""

    estimate: Estimate
    verdict: str
    remarks: tuple[str, ...]
    records: tuple


@dataclass(frozen=True)
class Gains:
    """Relative gains in percent by seed, with the records of both sides and words for the two."""

    by_seed: dict
    records: tuple
    choice: str
    rival: str

    @property
    def estimate(self) -> Estimate:
        return estimate(list(self.by_seed.values()))


def estimate(values: list[float]) -> Estimate:
    """Return mean, spread and interval of one number per seed."""
    n = len(values)
    mean = statistics.fmean(values)
    if n < 2:
        return Estimate(mean, 0.0, n, None)
    spread = statistics.stdev(values)
    return Estimate(mean, spread, n, float(stdtrit(n - 1, 0.975)) * spread / math.sqrt(n))


def judge(claim, records) -> Finding:
    """Return the finding on a claim.

    Parameters
    ----------
    claim : Claim
        A claim with an experiment.
    records : sequence of Record
        The training runs that may count, of any experiment.

    Raises
    ------
    Unmeasured
        If the runs that the claim needs are not among them.
    """
    usable = [r for r in records if r.experiment == claim.experiment and claim.metric in r.metrics]
    return JUDGES[claim.kind](claim, usable)


def _judge_value(claim, records):
    runs, choice = _best(claim, records, claim.match)
    found = estimate([r.metrics[claim.metric] for r in runs])
    verdict = REPRODUCED if _agrees(found, claim.reported) else NOT_REPRODUCED
    return Finding(found, verdict, (choice,), tuple(runs))


def _judge_gain(claim, records):
    gains = _gains(claim, records, {})
    found = gains.estimate
    if _agrees(found, claim.reported):
        verdict = REPRODUCED
    elif found.half is not None and abs(found.mean) > found.half and found.mean * claim.reported > 0:
        verdict = SAME_DIRECTION
    else:
        verdict = NOT_REPRODUCED
    return Finding(found, verdict, (gains.choice, _one_seed([found])), gains.records)


def _judge_order(claim, records):
    for name in claim.dataset:
        _matching(claim, records, claim.match | {"dataset": name})
    gains = {cell: _gains(claim, records, dict(cell)) for cell in _cells(claim, records, claim.match)}
    estimates = {cell: gain.estimate for cell, gain in gains.items()}
    worst = min(estimates, key=lambda cell: estimates[cell].mean)
    remarks = (
        f"smallest of {len(gains)} at {_words(dict(worst))}, against {gains[worst].rival}",
        gains[worst].choice,
        _one_seed(estimates.values()),
    )
    return Finding(estimates[worst], _every(estimates.values()), remarks, _used(gains.values()))


def _judge_trend(claim, records):
    first, *others = [_cells(claim, records, claim.match | {"dataset": name}) for name in claim.dataset]
    shared = [cell for cell in first if all(cell in cells for cells in others)]
    if not shared:
        raise Unmeasured(f"no {' and '.join(claim.over)} common to {', '.join(claim.dataset)}")
    gains = [
        [_gains(claim, records, {"dataset": name} | dict(cell)) for cell in shared] for name in claim.dataset
    ]
    steps = [estimate(_growth(before, after)) for before, after in pairwise(map(_mean_by_seed, gains))]
    smallest = min(range(len(steps)), key=lambda i: steps[i].mean)
    before, after = claim.dataset[smallest : smallest + 2]
    remarks = (f"smallest of {len(steps)} steps, from {before} to {after}", _one_seed(steps))
    return Finding(steps[smallest], _every(steps), remarks, _used(gain for row in gains for gain in row))


def _judge_fact(claim, records):
    runs = _matching(claim, records, claim.match)
    found = estimate([r.metrics[claim.metric] for r in runs])
    close = abs(found.mean - claim.reported) <= 0.5 * 10.0**-claim.decimals * ROUNDING
    return Finding(found, REPRODUCED if close else NOT_REPRODUCED, (), tuple(runs))


JUDGES = {
    "value": _judge_value,
    "gain": _judge_gain,
    "order": _judge_order,
    "trend": _judge_trend,
    "fact": _judge_fact,
}


def _agrees(found, reported):
    off = abs(found.mean - reported)
    inside = found.half is not None and off <= found.half
    return inside or off <= RELATIVE_TOLERANCE * abs(reported) * ROUNDING


def _every(estimates):
    if all(e.above_zero for e in estimates):
        return REPRODUCED
    return SAME_DIRECTION if statistics.fmean(e.mean for e in estimates) > 0 else NOT_REPRODUCED


def _one_seed(estimates):
    return "one seed gives no interval" if any(e.half is None for e in estimates) else ""


def _used(gains):
    return tuple(record for gain in gains for record in gain.records)


def _matching(claim, records, match):
    found = [r for r in records if all(_fits(r.parameters, *condition) for condition in match.items())]
    if not found:
        raise Unmeasured(f"no record of {claim.experiment} with {_words(match)}")
    return found


def _fits(parameters, name, wanted):
    return name in parameters and parameters[name] in (wanted if isinstance(wanted, list) else [wanted])


def _best(claim, records, match):
    """Return the runs of the matching configuration with the best mean, and what sets it apart.

    A configuration is the parameters without the seed; the same one is taken for all seeds. "Best" is by the
    claim's own metric, as befits an error of reconstruction, for which there is nothing held out.
    """
    found = _matching(claim, records, match)
    configurations = defaultdict(list)
    for record in found:
        configurations[json.dumps(_setting(record), sort_keys=True)].append(record)
    runs = _better(claim, configurations.values())
    apart = {
        name: value
        for name, value in _setting(runs[0]).items()
        if isinstance(match.get(name), list) or any(r.parameters.get(name) != value for r in found)
    }
    count = len(configurations)
    return runs, (f"best of {count} configurations: " if count > 1 else "") + _words(apart)


def _better(claim, groups):
    """Return the group of runs whose mean is best: smallest, or largest where an increase is the gain."""
    pick = min if claim.direction == "decrease" else max
    return pick(groups, key=lambda runs: statistics.fmean(r.metrics[claim.metric] for r in runs))


def _setting(record):
    return {name: value for name, value in record.parameters.items() if name != "seed"}


def _gains(claim, records, cell):
    """Return the gains of the claim's method over the best of its baselines in one cell."""
    runs, choice = _best(claim, records, claim.match | cell)
    rivals = [_best(claim, records, claim.match | other | cell)[0] for other in claim.baselines]
    best = _better(claim, rivals)
    rival = _words(claim.baselines[rivals.index(best)])
    pairs = [(run, other) for run in runs if (other := _partner(run, best))]
    if not pairs:
        raise Unmeasured(f"{rival} and {choice or 'the method'} have no data and seed in common")
    by_seed = {run.parameters.get("seed"): _relative(claim, run, other) for run, other in pairs}
    return Gains(by_seed, tuple(record for pair in pairs for record in pair), choice, rival)


def _partner(run, others):
    """Return the run on the same data with the same seed; a single run there counts as deterministic."""
    same_data = [o for o in others if o.data_sha256 == run.data_sha256]
    same_seed = [o for o in same_data if o.parameters.get("seed") == run.parameters.get("seed")]
    if same_seed:
        return same_seed[0]
    return same_data[0] if len(same_data) == 1 else None


def _relative(claim, run, other):
    value, base = run.metrics[claim.metric], other.metrics[claim.metric]
    if base == 0:
        raise Unmeasured(f"the baseline's {claim.metric} is zero: there is no gain relative to it")
    return 100 * (base - value if claim.direction == "decrease" else value - base) / base


def _cells(claim, records, match):
    """Return for what values of the parameters `over` the method has runs, as tuples of (name, value)."""
    runs = _matching(claim, records, match)
    return sorted({tuple((name, r.parameters.get(name)) for name in claim.over) for r in runs}, key=repr)


def _mean_by_seed(gains):
    seeds = set.intersection(*(set(gain.by_seed) for gain in gains))
    return {seed: statistics.fmean(gain.by_seed[seed] for gain in gains) for seed in seeds}


def _growth(before, after):
    seeds = before.keys() & after.keys()
    if not seeds:
        raise Unmeasured("the datasets have no seed in common")
    return [after[seed] - before[seed] for seed in seeds]


def _words(parameters):
    """Return "dataset s6, method a or b" for parameters, each with its value or those asked for."""
    return ", ".join(
        f"{name} {' or '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in parameters.items()
    )
