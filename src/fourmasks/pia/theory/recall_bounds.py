"""How far the recall of Multi-VAE, divided by min(k, number of targets), can fall as the list grows."""

from fractions import Fraction

import numpy as np


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
