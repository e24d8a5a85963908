"""What a search for settings draws its trials from."""

import json
import math
from collections.abc import Mapping, Sequence

import numpy as np


def draw_settings(space: Mapping[str, Sequence], n: int, draw: int = 0) -> list[dict]:
    """Draw n settings from a space of options, none twice; the same each time.

    They are drawn like a Latin square: any few in a row hold each value of each option about equally often.

    Parameters
    ----------
    space : mapping of str to sequence
        The values of each option, which JSON can write.
    n : int
        How many; where the space has fewer, all of them. A space without options has none.
    draw : int, default 0
        Which draw, of many that have nothing to do with one another.
    """
    if not space:
        return []
    generator = np.random.default_rng(draw)
    rows = max(len(values) for values in space.values())
    drawn = {}
    while len(drawn) < min(n, math.prod(len(values) for values in space.values())):
        columns = [generator.permutation(np.resize(range(len(values)), rows)) for values in space.values()]
        for places in zip(*columns, strict=True):
            setting = {name: space[name][place] for name, place in zip(space, places, strict=True)}
            drawn[json.dumps(setting)] = setting
    return list(drawn.values())[:n]


# The least and the most that options may be. Others are limited below alone: integers count something, and
# are 1 at least, and no number goes below 0. Of the numbers that a ranking by MMF has for each user and each
# item, as many are shifts as it has masks: more than 16 would leave too few. Local models are averaged, which
# gains less and less and is never worse: beyond 160 it is the fourth decimal. A network of twice the
# dimension has four times the weights. A factorization of twice the rank takes twice the time and, from 512
# on, gains less than a thousandth of the error.
LIMITS = {
    "dropout": (0.0, 0.99),
    "gamma": (0.0, 1.0),
    "alignment_scale": (1.0, math.inf),
    "n_masks": (1, 16),
    "n_local": (1, 160),
    "dimension": (1, 256),
    "rank": (1, 2048),
}


def outward(space: Mapping[str, Sequence], tried: Sequence[Mapping], best: Mapping) -> list[dict]:
    """Return the best setting moved one step outward in each option where it is the end of what was tried.

    When none of these is better, the best lies inside of what was tried. Of less than three values none is
    called an end.

    Parameters
    ----------
    space : mapping of str to sequence
        The values of each option, in ascending order. Options whose values are no numbers are left alone.
    tried : sequence of mapping
        The settings that were tried, `best` among them.
    best : mapping

    Returns
    -------
    list of dict
        A step is the one between the last two values of the space: a factor where they differ by half or
        more, else a difference. None leads beyond `LIMITS`.
    """
    moved = []
    for name, values in space.items():
        held = {setting[name] for setting in tried}
        if len(held) < 3 or not all(type(value) in (int, float) for value in values):
            continue
        least, most = LIMITS.get(name, (1 if type(values[0]) is int else 0.0, math.inf))
        for end, last, before in ((min(held), *values[:2]), (max(held), *values[:-3:-1])):
            beyond = _step(best[name], last, before)
            if best[name] == end and beyond != end and least <= beyond <= most:
                moved.append({option: best[option] for option in space} | {name: beyond})
    return moved


def _step(value, last, before):
    """Return the value that comes after this one, in the direction and at the distance of the last two."""
    low, high = sorted((last, before))
    by_factor = low > 0 and high / low >= 1.5
    beyond = value * last / before if by_factor else value + last - before
    return round(beyond) if type(value) is int else float(f"{beyond:.2g}")
