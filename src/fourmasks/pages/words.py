"""Judgements in words, the only sentences that are code: all else that a page says stands on the page."""


def judged(difference: float, half: float | None, better: str = "higher") -> str:
    """Return what a difference means: better, worse, or no difference beyond the interval.

    Parameters
    ----------
    difference : float
        Of a method's values minus those of what it is compared with.
    half : float or None
        Half of the 95 % interval; None or NaN if there is none, as of a single run.
    better : {"higher", "lower"}, default "higher"
        Which values are better.
    """
    if half is None or half != half:
        return "one run, no interval"
    if abs(difference) <= half:
        return "no difference beyond the interval"
    is_better = (difference > 0) == (better == "higher")
    return f"{'better' if is_better else 'worse'} beyond the interval"
