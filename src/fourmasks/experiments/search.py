"""What a search for settings draws its trials from."""

import json
import math
from collections.abc import Mapping, Sequence

import numpy as np


def draw_settings(space: Mapping[str, Sequence], n: int) -> list[dict]:
    """Draw n settings from a space of options, none twice; the same each time.

    They are drawn like a Latin square: any few in a row hold each value of each option about equally often.

    Parameters
    ----------
    space : mapping of str to sequence
        The values of each option, which JSON can write.
    n : int
        How many; where the space has fewer, all of them. A space without options has none.
    """
    if not space:
        return []
    generator = np.random.default_rng(0)
    rows = max(len(values) for values in space.values())
    drawn = {}
    while len(drawn) < min(n, math.prod(len(values) for values in space.values())):
        columns = [generator.permutation(np.resize(range(len(values)), rows)) for values in space.values()]
        for places in zip(*columns, strict=True):
            setting = {name: space[name][place] for name, place in zip(space, places, strict=True)}
            drawn[json.dumps(setting)] = setting
    return list(drawn.values())[:n]
