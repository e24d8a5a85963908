"""The verdict on a claim, from what `fourmasks.claims.measurements` finds in the records.

A verdict is computed, never typed, and one rule gives it. A claim says in which range a mean lies:

- value, gain: within a margin of the reported number, which is half of the effect that the paper claims
  there (of a gain half of it, of a value half of its distance from the rival's number), and 1 % of a number
  that claims no effect;
- order: the gain over the strongest rival, run or printed, is above zero in every cell;
- trend: the growth of that gain, or of the metric, is above zero at every step;
- bound, optimum: the metric, its ratio to the baseline's, or the place of its best value, lies between the
  stated bounds in every cell.

Whether the mean does is tested by one-sided t-tests (`fourmasks.claims.statistics`) at the level of 5 %,
adjusted after Holm for all claims of the same table, figure or statement:

- *reproduced*: it surely lies in the range in every cell; a range with two ends, as every number has, needs
  five splits besides, or five seeds where the data come divided;
- *not reproduced*: it surely lies outside in some cell (adjusted after Bonferroni for their number);
- *inconclusive*: neither; then it is said how many more splits would settle it.

What is computed without chance needs no test: a fact is reproduced if it agrees in every run to the decimals
that the claim states, a claim marked as exact if its one value lies in the range. A claim whose protocol is
not given, or was chosen to fit the printed numbers, is *not comparable*; without matching records *not
attempted*; one that nobody outside can test *cannot be*.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from statistics import fmean

from fourmasks.claims.measurements import (
    Unmeasured,
    cells,
    common,
    matching,
    measure,
    optimum,
    values_along,
    words,
)
from fourmasks.claims.statistics import LEVEL, Estimate, estimate, further, holm, p_inside, p_outside

VERDICTS = ("reproduced", "not reproduced", "inconclusive", "not comparable", "not attempted", "cannot be")
REPRODUCED, NOT_REPRODUCED, INCONCLUSIVE, NOT_COMPARABLE, NOT_ATTEMPTED, CANNOT_BE = VERDICTS

NUMBERS = ("value", "gain")  # forms that report a number, within a margin
LEAST_SPLITS = 5  # for a range with two ends
DIVIDED = "official"  # protocol of data that come divided: seeds differ in the training alone
SHARE_OF_EFFECT, SHARE_OF_NUMBER = 0.5, 0.01
ROUNDING = 1 + 1e-9  # lets a difference that equals its bound in decimal arithmetic pass in binary
ABOVE_ZERO = (0.0, math.inf)


@dataclass(frozen=True)
class Evidence:
    """What the records say about one claim, before the other claims of its table are looked at.

    Attributes
    ----------
    estimates : tuple of Estimate
        One for each cell or step.
    between : tuple of two floats
        The range that the claim states for each; an end may be infinite.
    worst : int
        Which of the estimates lies least inside.
    exact, wrong : bool
        Whether there is no chance in it, and whether the claim then fails.
    overlap : float
        See `fourmasks.claims.statistics.estimate`.
    least : int
        How many splits the claim needs to be reproduced.
    remarks, records : tuple
        Short texts, some empty; the records that count.
    """

    estimates: tuple[Estimate, ...]
    between: tuple[float, float]
    worst: int
    exact: bool
    wrong: bool
    overlap: float
    least: int
    remarks: tuple[str, ...]
    records: tuple

    @property
    def estimate(self) -> Estimate:
        return self.estimates[self.worst]

    @property
    def p(self) -> float | None:
        """The p-value against the claim's failing somewhere; None if nothing was tested."""
        if self.exact or any(one.half is None for one in self.estimates):
            return None
        return max(p_inside(one, *self.between, self.overlap) for one in self.estimates)

    @property
    def p_against(self) -> float | None:
        """The p-value against the claim's holding everywhere; None if nothing was tested."""
        if self.p is None:
            return None
        least = min(p_outside(one, *self.between, self.overlap) for one in self.estimates)
        return min(1.0, len(self.estimates) * least)


@dataclass(frozen=True)
class Finding:
    """The verdict on a claim: adjusted p-values, None without a test, and how many more splits it needs."""

    evidence: Evidence
    verdict: str
    p_adjusted: float | None
    p_against: float | None
    further: int | None


def gather(claim, records) -> Evidence:
    """Return what the records say about a claim.

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
    return FORMS[claim.form](claim, usable)


def judge(table: Sequence[Evidence]) -> list[Finding]:
    """Return the findings on the claims of one table, figure or statement."""
    tested = [one for one in table if one.p is not None]
    adjusted = iter(zip(holm([e.p for e in tested]), holm([e.p_against for e in tested]), strict=True))
    return [_finding(one, *(next(adjusted) if one.p is not None else (None, None))) for one in table]


def _finding(found: Evidence, p: float | None, against: float | None) -> Finding:
    if found.exact:
        return Finding(found, NOT_REPRODUCED if found.wrong else REPRODUCED, None, None, None)
    least = min(one.n_seeds for one in found.estimates)
    if p is None:
        return Finding(found, INCONCLUSIVE, None, None, max(found.least, 2) - least)
    if against <= LEVEL:
        return Finding(found, NOT_REPRODUCED, p, against, None)
    if p <= LEVEL and least >= found.least:
        return Finding(found, REPRODUCED, p, against, None)
    if p <= LEVEL:
        return Finding(found, INCONCLUSIVE, p, against, found.least - least)
    return Finding(found, INCONCLUSIVE, p, against, _further(found, p, against))


def _further(found: Evidence, p: float, against: float) -> int | None:
    """Return how many more splits would settle an inconclusive claim, one way or the other."""
    low, high = found.between
    outside = [one for one in found.estimates if not low < one.mean < high]
    if outside:  # one cell that surely fails is enough
        level = LEVEL * found.p_against / against / len(found.estimates)
        more = [further(one, low, high, found.overlap, level) for one in outside]
        return min((n for n in more if n is not None), default=None)
    more = [further(one, low, high, found.overlap, LEVEL * found.p / p) for one in found.estimates]
    least = min(one.n_seeds for one in found.estimates)
    return None if None in more else max(*more, found.least - least)


def margin(claim) -> float:
    """Return how far a measured number may be from the reported one, in its unit."""
    if claim.form == "gain":
        return SHARE_OF_EFFECT * abs(claim.reported)
    if claim.rival is not None:
        return SHARE_OF_EFFECT * abs(claim.reported - claim.rival)
    return SHARE_OF_NUMBER * abs(claim.reported)


def _number(claim, records):
    found = measure(claim, records, {})
    one, off = found.estimate(claim.overlap), margin(claim) * ROUNDING
    return _evidence(claim, [one], (claim.reported - off, claim.reported + off), (found.choice,), [found])


def _fact(claim, records):
    runs = matching(claim, records, claim.match)
    values = [r.metrics[claim.metric] for r in runs]
    tolerance = 0.5 * 10.0**-claim.decimals * ROUNDING
    wrong = sum(abs(value - claim.reported) > tolerance for value in values)
    differ = f"{wrong} of {len(runs)} runs differ" if wrong and len(runs) > 1 else ""
    remarks = (differ, "" if wrong else _tried(claim, runs))
    between = (claim.reported - tolerance, claim.reported + tolerance)
    return Evidence((estimate(values),), between, 0, True, wrong > 0, 0.0, 1, remarks, tuple(runs))


def _tried(claim, runs):
    """Say how many instances a theorem was tried on, and what share of exceptions that leaves possible."""
    count = sum(r.metrics.get(claim.instances, 0) for r in runs) if claim.instances else 0
    return f"{count:.0f} instances: exceptions are at most {3 / count:.1g} of all, at 95 %" if count else ""


def _by_cell(claim, records, found_by):
    """Gather a claim on every cell: an order, a bound or an optimum."""
    for name in claim.dataset:
        matching(claim, records, claim.match | {"dataset": name})
    found = {cell: found_by(claim, records, dict(cell)) for cell in cells(claim, records, claim.match)}
    estimates = [one.estimate(claim.overlap) for one in found.values()]
    between = ABOVE_ZERO
    if claim.between:
        low, high = claim.between
        between = (-math.inf if low is None else low, math.inf if high is None else high)
    worst = list(found)[_least_inside(estimates, between)]
    extreme = "smallest" if claim.form == "order" else "worst"
    of_several = f"{extreme} of {len(found)} " if len(found) > 1 else ""
    place = f"{of_several}at {words(dict(worst))}" if worst else ""
    rival = f"against {found[worst].rival}" if found[worst].rival else ""
    remarks = (
        ", ".join(filter(None, (place, rival))),
        f"expected {_range(*claim.between)}" if claim.between else "",
        found[worst].choice,
    )
    return _evidence(claim, estimates, between, remarks, found.values())


def _trend(claim, records):
    along = claim.along or "dataset"
    values = claim.dataset if along == "dataset" else values_along(claim, records, claim.match)
    first, *others = [cells(claim, records, claim.match | {along: value}) for value in values]
    shared = [cell for cell in first if all(cell in found for found in others)]
    if not shared:
        raise Unmeasured(f"no {' and '.join(claim.over)} common to {', '.join(map(str, values))}")
    found = [[measure(claim, records, {along: value} | dict(cell)) for cell in shared] for value in values]
    sign = 1 if claim.baselines or claim.direction == "increase" else -1  # a gain is better when larger
    steps = [estimate(_growth(before, after, sign), claim.overlap) for before, after in pairwise(found)]
    smallest = _least_inside(steps, ABOVE_ZERO)
    before, after = values[smallest : smallest + 2]
    of_several = f"smallest of {len(steps)} steps, " if len(steps) > 1 else ""
    remark = f"{of_several}from {before} to {after}"
    return _evidence(claim, steps, ABOVE_ZERO, (remark,), [one for row in found for one in row])


FORMS = {
    "value": _number,
    "gain": _number,
    "fact": _fact,
    "order": partial(_by_cell, found_by=measure),
    "bound": partial(_by_cell, found_by=measure),
    "optimum": partial(_by_cell, found_by=optimum),
    "trend": _trend,
}


def _evidence(claim, estimates, between, remarks, found):
    low, high = between
    worst = _least_inside(estimates, between)
    wrong = not all(low < one.mean < high for one in estimates)
    least = LEAST_SPLITS if math.isfinite(low) and math.isfinite(high) else 2
    used = tuple(record for one in found for record in one.records)
    if any(record.parameters.get("protocol") == DIVIDED for record in used):
        remarks = *remarks, "the data have one test set: trainings count, not splits"
    return Evidence(
        tuple(estimates), between, worst, claim.exact, wrong, claim.overlap, least, tuple(remarks), used
    )


def _least_inside(estimates, between):
    """Return which mean lies least inside the range, or farthest outside."""
    low, high = between
    return min(range(len(estimates)), key=lambda i: min(estimates[i].mean - low, high - estimates[i].mean))


def _range(low, high):
    if low is None:
        return f"below {high:g}"
    return f"above {low:g}" if high is None else f"between {low:g} and {high:g}"


def _growth(before, after, sign):
    """Return, for each seed, how much the mean over the cells grows, or falls where `sign` is -1."""
    seeds = common([*before, *after], "runs before and after a step")

    def mean(found, seed):
        return fmean(one.by_seed[seed] for one in found)

    return [sign * (mean(after, seed) - mean(before, seed)) for seed in seeds]
