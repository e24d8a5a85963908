"""The verdict on a claim, from what `fourmasks.claims.measurements` finds in the records.

A verdict is computed, never typed. An interval is Student's 95 % interval of a mean over seeds, or over
splits of the data where there are several; it needs two at least. A claim is *reproduced*, by kind, when

- value, gain: the measured mean lies within 1 % of the reported number, or the reported number lies in
  the interval;
- fact: in every run the two agree to the decimals that the claim states, those printed or, of a synthetic
  matrix, more;
- order: in every cell the whole interval of the gain over the best baseline is above zero;
- trend: at every step the whole interval of the growth of that gain, or of the metric, is above zero;
- bound: in every cell the whole interval of the metric, or of its ratio to the baseline's, lies strictly
  between the stated bounds;
- optimum: in every cell the whole interval of the place of the best value lies strictly between them.

Otherwise it has the *same direction* when

- gain: the measured gain has the reported sign and its interval excludes zero, so only the size differs;
- order, trend: the gain, or the growth, is positive on average over the cells, or the steps, though not
  beyond doubt at each;
- bound, optimum: on average over the cells the distance to the nearer bound is positive, though not beyond
  doubt in each.

A value or a fact is a bare number, which has no direction: it is reproduced or *not reproduced*. A claim
without matching records is *not attempted*; one that nobody outside can test *cannot be*.
"""

import math
import statistics
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from fourmasks.claims.measurements import (
    Estimate,
    Unmeasured,
    cells,
    common,
    estimate,
    matching,
    measure,
    optimum,
    values_along,
    words,
)

VERDICTS = ("reproduced", "same direction", "not reproduced", "not attempted", "cannot be")
REPRODUCED, SAME_DIRECTION, NOT_REPRODUCED, NOT_ATTEMPTED, CANNOT_BE = VERDICTS

RELATIVE_TOLERANCE = 0.01
ROUNDING = 1 + 1e-9  # lets a difference that equals its bound in decimal arithmetic pass in binary
ABOVE_ZERO = (0, None)


@dataclass(frozen=True)
class Finding:
    """The verdict on a claim with what it rests on; `remarks` are short texts, some empty."""

    estimate: Estimate
    verdict: str
    remarks: tuple[str, ...]
    records: tuple


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
    found = measure(claim, records, {})
    verdict = REPRODUCED if _agrees(found.estimate, claim.reported) else NOT_REPRODUCED
    return Finding(found.estimate, verdict, (found.choice,), found.records)


def _judge_gain(claim, records):
    gains = measure(claim, records, {})
    found = gains.estimate
    if _agrees(found, claim.reported):
        verdict = REPRODUCED
    elif found.half is not None and abs(found.mean) > found.half and found.mean * claim.reported > 0:
        verdict = SAME_DIRECTION
    else:
        verdict = NOT_REPRODUCED
    return Finding(found, verdict, (gains.choice, _one_seed([found])), gains.records)


def _judge_fact(claim, records):
    runs = matching(claim, records, claim.match)
    values = [r.metrics[claim.metric] for r in runs]
    tolerance = 0.5 * 10.0**-claim.decimals * ROUNDING
    wrong = sum(abs(value - claim.reported) > tolerance for value in values)
    remark = f"{wrong} of {len(runs)} runs differ" if wrong and len(runs) > 1 else ""
    return Finding(estimate(values), NOT_REPRODUCED if wrong else REPRODUCED, (remark,), tuple(runs))


def _judge_cells(claim, records, found_by):
    """Judge a claim on every cell: on an order, a bound or an optimum."""
    for name in claim.dataset:
        matching(claim, records, claim.match | {"dataset": name})
    found = {cell: found_by(claim, records, dict(cell)) for cell in cells(claim, records, claim.match)}
    estimates = {cell: one.estimate for cell, one in found.items()}
    between = claim.between or ABOVE_ZERO
    rooms = {cell: replace(e, mean=_room(e.mean, *between)) for cell, e in estimates.items()}
    worst = min(rooms, key=lambda cell: rooms[cell].mean)
    extreme = "smallest" if claim.kind == "order" else "worst"
    place = f"{extreme} of {len(found)} at {words(dict(worst))}" if worst else ""
    rival = f"against {found[worst].rival}" if found[worst].rival else ""
    remarks = (
        ", ".join(filter(None, (place, rival))),
        f"expected {_range(*claim.between)}" if claim.between else "",
        found[worst].choice,
        _one_seed(estimates.values()),
    )
    return Finding(estimates[worst], _every(rooms.values()), remarks, _used(found.values()))


def _judge_trend(claim, records):
    along = claim.along or "dataset"
    values = claim.dataset if along == "dataset" else values_along(claim, records, claim.match)
    first, *others = [cells(claim, records, claim.match | {along: value}) for value in values]
    shared = [cell for cell in first if all(cell in found for found in others)]
    if not shared:
        raise Unmeasured(f"no {' and '.join(claim.over)} common to {', '.join(map(str, values))}")
    found = [[measure(claim, records, {along: value} | dict(cell)) for cell in shared] for value in values]
    sign = 1 if claim.baselines or claim.direction == "increase" else -1  # a gain is better when larger
    steps = [estimate(_growth(before, after, sign)) for before, after in pairwise(found)]
    smallest = min(range(len(steps)), key=lambda i: steps[i].mean)
    before, after = values[smallest : smallest + 2]
    remarks = (f"smallest of {len(steps)} steps, from {before} to {after}", _one_seed(steps))
    return Finding(steps[smallest], _every(steps), remarks, _used(one for row in found for one in row))


JUDGES = {
    "value": _judge_value,
    "gain": _judge_gain,
    "fact": _judge_fact,
    "order": partial(_judge_cells, found_by=measure),
    "bound": partial(_judge_cells, found_by=measure),
    "optimum": partial(_judge_cells, found_by=optimum),
    "trend": _judge_trend,
}


def _agrees(found, reported):
    off = abs(found.mean - reported)
    inside = found.half is not None and off <= found.half
    return inside or off <= RELATIVE_TOLERANCE * abs(reported) * ROUNDING


def _every(estimates):
    if all(e.above_zero for e in estimates):
        return REPRODUCED
    return SAME_DIRECTION if statistics.fmean(e.mean for e in estimates) > 0 else NOT_REPRODUCED


def _room(value, low, high):
    """Return the distance to the nearer bound, negative outside; a bound that is None is nowhere near."""
    return min(math.inf if low is None else value - low, math.inf if high is None else high - value)


def _range(low, high):
    if low is None:
        return f"below {high:g}"
    return f"above {low:g}" if high is None else f"between {low:g} and {high:g}"


def _growth(before, after, sign):
    """Return, for each seed, how much the mean over the cells grows, or falls where `sign` is -1."""
    seeds = common([*before, *after], "runs before and after a step")

    def mean(found, seed):
        return statistics.fmean(one.by_seed[seed] for one in found)

    return [sign * (mean(after, seed) - mean(before, seed)) for seed in seeds]


def _one_seed(estimates):
    return "one seed gives no interval" if any(e.half is None for e in estimates) else ""


def _used(found):
    return tuple(record for one in found for record in one.records)
