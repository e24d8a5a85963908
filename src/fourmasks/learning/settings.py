"""What the settings of an estimator may be, checked before any work: the messages name what is wrong."""

import math
from collections.abc import Collection, Mapping
from numbers import Integral, Real
from os import PathLike
from typing import Any

import numpy as np
import torch

from fourmasks.system.names import unknown

DTYPES = {"float32": torch.float32, "float64": torch.float64}
LARGEST_SEED = 2**32 - 1  # that NumPy and torch both take


def _whole(value):
    return isinstance(value, Integral) and not isinstance(value, bool)


def _real(value):
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _is_choice(value):
    return isinstance(value, str) or _whole(value)


# Kinds of settings: what one must be, and how the message puts it.
KINDS = {
    "count": (lambda value: _whole(value) and value >= 1, "an integer of at least 1"),
    "seed": (
        lambda value: _whole(value) and 0 <= value <= LARGEST_SEED,
        f"an integer from 0 to {LARGEST_SEED}",
    ),
    "count or None": (
        lambda value: value is None or _whole(value) and value >= 1,
        "an integer of at least 1, or None",
    ),
    "positive": (lambda value: _real(value) and value > 0, "a finite number > 0"),
    "positive or None": (
        lambda value: value is None or _real(value) and value > 0,
        "a finite number > 0, or None",
    ),
    "not negative": (lambda value: _real(value) and value >= 0, "a finite number >= 0"),
    "not negative or None": (
        lambda value: value is None or _real(value) and value >= 0,
        "a finite number >= 0, or None",
    ),
    "growth": (lambda value: _real(value) and value >= 1, "a finite number >= 1, with 1 for no growth"),
    "share": (lambda value: _real(value) and 0 <= value < 1, "a share from 0 on and below 1"),
    "flag": (lambda value: isinstance(value, bool | np.bool_), "True or False"),
    "path or None": (
        lambda value: value is None or isinstance(value, str | PathLike),
        "a path, or None",
    ),
    "function or None": (lambda value: value is None or callable(value), "a function, or None"),
    "generator": (lambda value: isinstance(value, torch.Generator), "a torch.Generator"),
}


def check_settings(settings: Mapping[str, Any], kinds: Mapping[str, str | Collection]) -> None:
    """Raise ValueError unless each setting is what it may be.

    Parameters
    ----------
    settings : mapping of str to object
        Those that `kinds` does not name may be anything.
    kinds : mapping of str to str or collection
        For each name one of `KINDS`, or the strings or integers to choose from.
    """
    for name, value in settings.items():
        kind = kinds.get(name)
        if isinstance(kind, str):
            valid, expected = KINDS[kind]
            if not valid(value):
                raise ValueError(f"{name} = {value!r}: expected {expected}")
        elif kind is not None and not (_is_choice(value) and value in kind):
            raise ValueError(unknown(name, value, list(kind)))
