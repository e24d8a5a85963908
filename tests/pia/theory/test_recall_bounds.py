"""How far the recall of Multi-VAE, divided by min(k, number of targets), can fall as the list grows."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from fourmasks.learning.held_out_users import recall

# Table 2 (offline) and the last group of Table 3: Recall@20 and Recall@50 of Multi-VAE and of PIA.
REPORTED = [(0.592, 0.288), (0.609, 0.302), (0.418, 0.386), (0.435, 0.393)]


def lowest_recall(value, n_targets, k: int = 20, longer: int = 50):
    r"""Return the smallest recall that the longer list can have, given that of its first k items.

    Hits are not lost, so that :math:`r_\ell \min(\ell, n) \ge r_k \min(k, n)` for :math:`\ell > k`. Equality
    holds when no later item is a target, and it can hold where there are enough items. The ratio of the two
    is 1 for n <= k, k/n up to :math:`\ell`, and :math:`k/\ell` beyond: only users with more than k targets
    can have a recall that falls, to no less than two fifths at 20 and 50.

    Parameters
    ----------
    value : float or ndarray
        Recall@k, one of :math:`h / \min(k, n)` for whole h.
    n_targets : int or ndarray of int
        n, at least 1.
    k, longer : int, default 20 and 50
    """
    return value * np.minimum(k, n_targets) / np.minimum(longer, n_targets)


def fewest_targets(value: float, later: float, k: int = 20, longer: int = 50) -> int | None:
    """Return how many targets some user must have if mean recall is `value` at k and `later` at `longer`.

    A mean cannot fall by a larger factor than for the user with the most targets (see `lowest_recall`). The
    decimal numbers are taken as they are printed.

    Returns
    -------
    int or None
        1 if any numbers of targets will do; None if no numbers will.
    """
    value, later = _exact(value), _exact(later)
    if later >= value:
        return 1
    if later < value * Fraction(k, longer):
        return None
    return -(-k * value // later)  # the smallest n with k / n <= later / value


def least_share(value: float, later: float, k: int = 20, longer: int = 50) -> float | None:
    r"""Return which share of the users at least must have more than k targets, for mean recalls to fall so.

    A user's recall is at most 1 and falls by at most :math:`1 - k/\ell` of it, and by nothing with k targets
    or fewer: the mean falls by at most that times the share. The bound is met where those users have
    :math:`\ell` targets or more, k hits among the first k items and no other.

    Returns
    -------
    float or None
        0 if the recall does not fall; None if no share is enough.
    """
    if fewest_targets(value, later, k, longer) is None:
        return None
    fall = max(_exact(value) - _exact(later), Fraction(0))
    return float(fall / (1 - Fraction(k, longer)))


def _exact(value: float) -> Fraction:
    return Fraction(str(value))


@pytest.mark.parametrize(("k", "longer", "n_items"), [(1, 2, 5), (2, 3, 6), (2, 5, 8), (3, 4, 7)])
def test_the_lowest_recall_is_that_of_the_worst_of_all_lists(k, longer, n_items):
    for n in range(1, n_items - longer + k + 1):  # so that a list without any later hit exists
        lowest = {}
        for places in itertools.combinations(range(n_items), n):
            hits = np.zeros((1, n_items), bool)
            hits[0, list(places)] = True
            here, later = (recall(hits[:, :length], np.array([n]), length)[0] for length in (k, longer))
            assert later >= lowest_recall(here, n, k, longer) - 1e-12
            lowest[here] = min(later, lowest.get(here, 1))
        for here, later in lowest.items():
            must = max(0, n - (n_items - longer) - round(here * min(k, n)))  # hits for want of other items
            if not must:
                assert np.isclose(later, lowest_recall(here, n, k, longer))


def test_only_with_more_than_20_targets_can_recall_fall_and_to_two_fifths_at_most():
    n = np.arange(1, 200)
    ratio = lowest_recall(1.0, n)
    assert (ratio[n <= 20] == 1).all() and (ratio[n > 20] < 1).all()
    assert (np.diff(ratio) <= 0).all() and np.isclose(ratio[n >= 50], 0.4).all()


def test_the_recall_divided_by_the_number_of_targets_cannot_fall():
    rng = np.random.default_rng(0)
    hits = rng.random((500, 50)) < 0.3
    n = hits.sum(axis=1) + rng.integers(0, 50, 500) + 1
    assert (hits.sum(axis=1) / n >= hits[:, :20].sum(axis=1) / n).all()
    assert (recall(hits, n, 50) < recall(hits[:, :20], n, 20)).any()


@pytest.mark.parametrize(
    ("value", "later", "n"),
    [(0.5, 0.5, 1), (0.461, 0.625, 1), (0.42, 0.4, 21), (0.5, 0.2, 50), (0.5, 0.199, None), (0, 0, 1)],
)
def test_fewest_targets(value, later, n):
    assert fewest_targets(value, later) == n


@pytest.mark.parametrize("rounding", [-0.0005, 0, 0.0005])
@pytest.mark.parametrize(("pair", "n"), [*zip(REPORTED, (42, 41, 22, 23), strict=True)])
def test_the_falls_that_the_paper_reports_are_possible(pair, n, rounding):
    value, later = pair
    assert fewest_targets(round(value + rounding, 4), round(later - rounding, 4)) == n
    assert lowest_recall(value, n) <= later < lowest_recall(value, n - 1)


def test_shares_that_the_paper_would_need():
    shares = [least_share(*pair) for pair in REPORTED]
    assert np.allclose(shares, [0.304 / 0.6, 0.307 / 0.6, 0.032 / 0.6, 0.042 / 0.6])
    assert least_share(0.313, 0.478) == 0 and least_share(0.5, 0.1) is None


def test_the_share_is_needed_and_enough():
    rng = np.random.default_rng(0)
    for _ in range(200):  # needed: of any users with any hits
        n = rng.integers(1, 120, 30)
        hits = rng.random((30, 50)) < rng.random((30, 1))
        hits &= hits.cumsum(axis=1) <= n[:, None]
        here, later = (float(recall(hits[:, :k], n, k).mean()) for k in (20, 50))
        assert np.mean(n > 20) >= least_share(here, later) - 1e-12
    for value, later in REPORTED:  # enough: users with all 20 hits at once, and users who never fall
        share = least_share(value, later)
        others = (value - share) / (1 - share)
        assert 0 <= others <= 1
        assert np.isclose(share * lowest_recall(1.0, 50) + (1 - share) * others, later)
