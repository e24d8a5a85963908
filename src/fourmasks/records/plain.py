"""Plain data: what JSON stores and gives back exactly, and the outcome of a run as such."""

import math
from numbers import Integral, Real


def check_json(value: object, where: str) -> None:
    """Raise TypeError or ValueError, saying where, if JSON does not give `value` back as it is.

    None, bool, int, finite float, str, list, and dict with str keys pass; their subclasses and tuples do not.
    """
    if type(value) is dict:
        for name, item in value.items():
            if type(name) is not str:
                raise TypeError(f"{where} has the key {name!r}: expected a string")
            check_json(item, f"{where}[{name!r}]")
    elif type(value) is list:
        for index, item in enumerate(value):
            check_json(item, f"{where}[{index}]")
    elif type(value) is float and not math.isfinite(value):
        raise ValueError(f"{where} is {value!r}: expected a finite number")
    elif value is not None and type(value) not in (bool, int, float, str):
        raise TypeError(
            f"{where} is {value!r} of type {type(value).__name__}: expected None, bool, int, float, str, "
            "list or dict; convert it first, for example with list(...), float(...) or str(...)"
        )


def number(value: object, where: str) -> int | float:
    """Return a finite Python or NumPy number as a Python one; raise TypeError or ValueError for others."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{where} is {value!r:.200}: expected a number; convert it with float(...)")
    if not math.isfinite(value):
        raise ValueError(f"{where} is {value!r}: expected a finite number")
    return int(value) if isinstance(value, Integral) else float(value)


def numbers(values: object, where: str) -> list:
    """Return a list, a tuple, an array or a tensor of finite numbers, or None, as a list of Python ones."""
    if hasattr(values, "tolist"):  # an array or a tensor
        values = values.tolist()
    if not isinstance(values, list | tuple):
        raise TypeError(f"{where} is {values!r:.200}: expected a list")
    return [None if item is None else number(item, f"{where}, point {i}") for i, item in enumerate(values)]


def check_outcome(outcome: object, name: str) -> tuple[dict[str, float], dict[str, list]]:
    """Return the metrics and the curves that a training gave, as plain numbers."""
    if not (isinstance(outcome, dict) and "metrics" in outcome and outcome.keys() <= {"metrics", "curves"}):
        raise TypeError(f"{name} returned {outcome!r:.200}: expected {{'metrics': ..., 'curves': ...}}")
    metrics, curves = outcome["metrics"], outcome.get("curves", {})
    for part in (metrics, curves):
        if not (isinstance(part, dict) and all(isinstance(key, str) for key in part)):
            raise TypeError(f"{name} returned {part!r:.200}: expected a dict with names as keys")
    return (  # in the order in which they will be read
        {key: float(number(value, f"{name}: metric {key!r}")) for key, value in sorted(metrics.items())},
        {key: numbers(values, f"{name}: curve {key!r}") for key, values in sorted(curves.items())},
    )
