import itertools

import numpy as np
import pytest

from fourmasks.learning.held_out_users import recall
from fourmasks.pia.theory.recall_bounds import fewest_targets, least_share, lowest_recall

# Table 2 (offline) and the last group of Table 3: Recall@20 and Recall@50 of Multi-VAE and of PIA.
REPORTED = [(0.592, 0.288), (0.609, 0.302), (0.418, 0.386), (0.435, 0.393)]


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
