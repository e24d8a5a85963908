"""Tests and intervals of a mean over runs: Student's, corrected where the splits of the data overlap.

Splits drawn anew from the same data share most of their training data, so that their results vary less
around their common mean than around what other data would give. Nadeau and Bengio (2003, Machine Learning 52,
p. 239) put (1/n + n_test/n_train) s² in place of s²/n for the variance of the mean. What is tested is always
the same: whether a mean lies in a range, by two one-sided tests, each at the level (Schuirmann, 1987).
"""

import math
import statistics
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from scipy.special import stdtr, stdtrit

LEVEL = 0.05
MOST_SPLITS = 1000  # where more would be needed, we say so and do not count


@dataclass(frozen=True)
class Estimate:
    """Mean over seeds, standard deviation (0 for one seed), number of seeds, half of the 95 % interval.

    `half` is None for one seed, which gives no interval.
    """

    mean: float
    spread: float
    n_seeds: int
    half: float | None


def estimate(values: Sequence[float], overlap: float = 0.0) -> Estimate:
    """Return mean, spread and interval of one number per seed, or per split of the data.

    Parameters
    ----------
    values : sequence of float
        One at least.
    overlap : float, default 0.0
        Size of the test part over that of the training part, where the splits were drawn anew from the same
        data; 0 where they are disjoint, or where each seed draws its own data.
    """
    mean = statistics.fmean(values)
    if len(values) < 2:
        return Estimate(mean, 0.0, len(values), None)
    spread = statistics.stdev(values)
    half = stdtrit(len(values) - 1, 1 - LEVEL / 2) * _error(spread, len(values), overlap)
    return Estimate(mean, spread, len(values), float(half))


def p_inside(found: Estimate, low: float, high: float, overlap: float = 0.0) -> float:
    """Return the p-value against the mean's not lying between low and high: small if it surely does.

    The larger p of two one-sided t-tests; either end may be infinite. A spread of 0 leaves no doubt.
    """
    if found.spread == 0.0:
        return 0.0 if low < found.mean < high else 1.0
    return max(_p_above(found, low, overlap), _p_above(_mirrored(found), -high, overlap))


def p_outside(found: Estimate, low: float, high: float, overlap: float = 0.0) -> float:
    """Return the p-value against the mean's lying between low and high: small if it surely does not.

    The smaller p of one-sided t-tests, one for each finite end, adjusted for their number.
    """
    if found.spread == 0.0:
        return 1.0 - p_inside(found, low, high)
    beyond = _p_above(_mirrored(found), -low, overlap), _p_above(found, high, overlap)
    ends = sum(map(math.isfinite, (low, high)))
    return min(1.0, ends * min(beyond))


def further(found: Estimate, low: float, high: float, overlap: float, level: float = LEVEL) -> int | None:
    """Return how many more splits would settle whether the mean lies between low and high.

    If mean and spread stayed what they are: the least number at which one of the two tests falls below the
    level. None if `MOST_SPLITS` would not do, as where the correction for overlap alone is too large.
    """

    def settled(n):
        more = Estimate(found.mean, found.spread, n, None)
        return min(p_inside(more, low, high, overlap), p_outside(more, low, high, overlap)) <= level

    numbers = range(found.n_seeds + 1, MOST_SPLITS + 1)
    first = bisect_left(numbers, True, key=settled)  # what is settled once stays so
    return numbers[first] - found.n_seeds if first < len(numbers) else None


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number (Holm, 1979): each for those not smaller, and in their order.

    The same as statsmodels' `multipletests`, which collects garbage at each call.
    """
    ascending = sorted(range(len(p_values)), key=p_values.__getitem__)
    stepped = ((len(p_values) - place) * p_values[number] for place, number in enumerate(ascending))
    adjusted = dict(zip(ascending, accumulate(stepped, max), strict=True))
    return [min(1.0, adjusted[number]) for number in range(len(p_values))]


def _p_above(found: Estimate, bound: float, overlap: float) -> float:
    """Return the p-value of the one-sided test whose alternative is a mean above the bound."""
    if math.isinf(bound):
        return 0.0 if bound < 0 else 1.0
    t = (found.mean - bound) / _error(found.spread, found.n_seeds, overlap)
    return float(stdtr(found.n_seeds - 1, -t))


def _mirrored(found: Estimate) -> Estimate:
    return Estimate(-found.mean, found.spread, found.n_seeds, found.half)


def _error(spread: float, n: int, overlap: float) -> float:
    """Return the standard error of a mean (Nadeau and Bengio, 2003, Section 3)."""
    return spread * math.sqrt(1 / n + overlap)
