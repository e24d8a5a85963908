"""Typed options of experiments, and the three profiles that each comes in; see `plan` for an example."""

import dataclasses
import math
import operator
import re
from collections.abc import Iterable, Mapping
from numbers import Real
from os import path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from fourmasks.data.files import check_name, divided, is_file
from fourmasks.system.names import unknown

Config = TypeVar("Config", bound="Options")

WITHIN = {"least": operator.ge, "most": operator.le, "above": operator.gt, "below": operator.lt}
WORDS = {"least": "at least", "most": "at most", "above": "above", "below": "below"}


def option(
    default: object,
    *,
    help: str,
    choices: Iterable | None = None,
    or_file: bool = False,
    least: float | None = None,
    most: float | None = None,
    above: float | None = None,
    below: float | None = None,
    may_be_empty: bool = False,
) -> Any:
    """Return the dataclass field of an option. Of a tuple, what is said of values holds for its elements.

    Parameters
    ----------
    default : int, float, str, bool or tuple
        Its value where a profile does not say otherwise.
    help : str
        One line for the reader.
    choices : iterable, optional
        The values that it may take.
    or_file : bool, default False
        Whether it may also name a file of one's own, as `fourmasks.data.files` has it, in place of a choice.
    least, most, above, below : float, optional
        Between which it must be: the first two may be reached, the others not.
    may_be_empty : bool, default False
        Whether a tuple may have no elements.
    """
    bounds = {"least": least, "above": above, "most": most, "below": below}
    metadata = {
        "help": help,
        "choices": None if choices is None else tuple(choices),
        "or_file": or_file,
        "bounds": {kind: bound for kind, bound in bounds.items() if bound is not None},
        "may_be_empty": may_be_empty,
    }
    return dataclasses.field(default=default, metadata=metadata)


def threads_option(default: int = 1) -> Any:
    """Return the option for the number of threads."""
    return option(default, least=0, help="threads on the CPU, 0 for all")


def dtype_option(default: str = "float64") -> Any:
    """Return the option for the precision."""
    return option(
        default,
        help="precision; in float64 the printed digits are the same on other machines",
        choices=("float32", "float64"),
    )


@dataclasses.dataclass(frozen=True)
class Options:
    """What the options of an experiment derive from: each is checked when they are made.

    Raises
    ------
    ValueError
        If an option is out of its range, is none of its choices, or is an empty tuple; or if `check` refuses.
    """

    def __post_init__(self):
        for name, field in _options(self).items():
            _check(name, getattr(self, name), field.metadata)
        self.check()

    def check(self) -> None:
        """Raise ValueError if options do not go together; by default all do."""


def _check(name: str, value: object, said: Mapping) -> None:
    items = value if isinstance(value, tuple) else (value,)
    if not items and not said["may_be_empty"]:
        raise ValueError(f"{name} is empty: expected at least one")
    bounds = said["bounds"]
    for item in items:
        if said["or_file"]:
            check_name(name, item, said["choices"])
        elif said["choices"] is not None and item not in said["choices"]:
            raise ValueError(unknown(name, item, said["choices"]))
        if not all(WITHIN[kind](item, bound) for kind, bound in bounds.items()):
            expected = " and ".join(f"{WORDS[kind]} {bound}" for kind, bound in bounds.items())
            raise ValueError(f"{name} = {item}: expected {expected}")


def resolve(profiles: Mapping[str, Config], profile: str, **overrides: object) -> Config:
    """Return the configuration of a profile with some options set otherwise.

    Parameters
    ----------
    profiles : mapping of str to Options
        The experiment's configurations by profile.
    profile : str
        One of the names in `profiles`.
    **overrides
        Options by name. None leaves an option as the profile says. A value is converted to the option's
        type if it stands for one of that type: 20.0 and "20" for the int 20, "true" for True; for a tuple
        also a single element (20), a list ([20, 30]) or text with commas ("20,30"), but for the name of a
        file that is there.

    Returns
    -------
    Options
        Of the same class as those in `profiles`.

    Raises
    ------
    ValueError
        If there is no such profile, or a value is none of the option's choices or out of its range.
    TypeError
        If there is no such option, or a value does not stand for one of its type.
    """
    if profile not in profiles:
        raise ValueError(unknown("profile", profile, profiles))
    config = profiles[profile]
    types, options = get_type_hints(type(config)), _options(config)
    changes = {}
    for name, value in overrides.items():
        if name not in options:
            raise TypeError(unknown("option", name, options))
        if value is not None:
            example = getattr(config, name)
            changes[name] = _convert(name, value, types[name], example)
    return dataclasses.replace(config, **changes)


def describe(config: Options) -> list[tuple[str, str, object, str]]:
    """Return (name, type, value, help) of each option, such as ("epochs", "int", 5, "passes over ...")."""
    types = get_type_hints(type(config))
    return [
        (name, _type_name(types[name]), getattr(config, name), field.metadata.get("help", ""))
        for name, field in _options(config).items()
    ]


def _options(config: Options) -> dict[str, dataclasses.Field]:
    return {field.name: field for field in dataclasses.fields(config)}


def _convert(name: str, value: object, expected: type, example: object) -> object:
    many = get_origin(expected) is tuple
    if not many:
        items = [value]
    elif isinstance(value, str):
        if re.fullmatch(r"\(.+\)|\[.+\]", value):  # as a hint shows it
            value = value[1:-1].removesuffix(",")
        items = [item.strip() for item in value.split(",")]
        if is_file(value) and path.isfile(path.expanduser(divided(value)[0])):  # a folder may have a comma
            items = [value]
    else:
        items = list(value) if isinstance(value, list | tuple | range) else [value]
    try:
        converted = tuple(_scalar(item, get_args(expected)[0] if many else expected) for item in items)
    except (ValueError, OverflowError):
        raise TypeError(
            f"option {name} is {value!r}: expected {_type_name(expected)}, such as {example!r}"
        ) from None
    return converted if many else converted[0]


def _scalar(value: object, expected: type) -> int | float | str | bool:
    """Return `value` as an int, float, str or bool, or raise ValueError if it does not stand for one."""
    if expected is str:
        if isinstance(value, str) and value:
            return value
    elif expected is bool:
        value = {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else value
        if isinstance(value, bool):
            return value
    elif isinstance(value, str | Real) and not isinstance(value, bool):
        number = expected(value)
        if math.isfinite(number) and (isinstance(value, str) or number == value):
            return number
    raise ValueError


def _type_name(expected: type) -> str:
    return str(expected) if get_origin(expected) else expected.__name__
