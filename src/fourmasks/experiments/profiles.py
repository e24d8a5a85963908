"""Typed configurations of experiments, and the three profiles that each comes in.

An experiment declares what it can be told as a frozen dataclass, and its profiles as three of them::

    @dataclass(frozen=True)
    class Config:
        datasets: tuple[str, ...] = option(("s6",), help="which data", choices=("s6", "s7"))
        epochs: int = option(5, help="passes over the data")

    PROFILES = {"smoke": Config(epochs=1), "book": Config(), "paper": Config(("s6", "s7"), epochs=100)}

    config = resolve(PROFILES, "book", epochs=10)
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from fourmasks.system.names import unknown

Config = TypeVar("Config")

PROFILE_NAMES = ("smoke", "book", "paper")


def check_profile(profile: str) -> None:
    """Raise ValueError, naming the three profiles, if `profile` is none of them."""
    if profile not in PROFILE_NAMES:
        raise ValueError(unknown("profile", profile, PROFILE_NAMES))


def option(default: object, *, help: str, choices: Iterable | None = None) -> Any:
    """Return the dataclass field of an option.

    Parameters
    ----------
    default : int, float, str, bool or tuple
        Its value where a profile does not say otherwise.
    help : str
        One line for the reader.
    choices : iterable, optional
        The values that it may take; for a tuple, those that each of its elements may.
    """
    choices = None if choices is None else tuple(choices)
    return dataclasses.field(default=default, metadata={"help": help, "choices": choices})


def resolve(profiles: Mapping[str, Config], profile: str, **overrides: object) -> Config:
    """Return the configuration of a profile with some options set otherwise.

    Parameters
    ----------
    profiles : mapping of str to dataclass instance
        The experiment's configurations by profile.
    profile : str
        One of the names in `profiles`.
    **overrides
        Options by name. None leaves an option as the profile says. A value is converted to the option's
        type if it stands for one of that type: 20.0 and "20" for the int 20, "true" for True; for a tuple
        also a single element (20), a list ([20, 30]) or text with commas ("20,30").

    Returns
    -------
    dataclass instance
        Of the same class as those in `profiles`.

    Raises
    ------
    ValueError
        If there is no such profile, or a value is not among the option's choices.
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
            changes[name] = _convert(name, value, types[name], example, options[name].metadata.get("choices"))
    return dataclasses.replace(config, **changes)


def describe(config: object) -> list[tuple[str, str, object, str]]:
    """Return (name, type, value, help) of each option, such as ("epochs", "int", 5, "passes over ...")."""
    types = get_type_hints(type(config))
    return [
        (name, _type_name(types[name]), getattr(config, name), field.metadata.get("help", ""))
        for name, field in _options(config).items()
    ]


def _options(config: object) -> dict[str, dataclasses.Field]:
    return {field.name: field for field in dataclasses.fields(config)}


def _convert(name: str, value: object, expected: type, example: object, choices: tuple | None) -> object:
    many = get_origin(expected) is tuple
    if not many:
        items = [value]
    elif isinstance(value, str):
        items = [item.strip() for item in value.split(",")]
    else:
        items = list(value) if isinstance(value, list | tuple | range) else [value]
    try:
        converted = tuple(_scalar(item, get_args(expected)[0] if many else expected) for item in items)
    except (ValueError, OverflowError):
        raise TypeError(
            f"option {name} is {value!r}: expected {_type_name(expected)}, such as {example!r}"
        ) from None
    for item in converted:
        if choices is not None and item not in choices:
            raise ValueError(unknown(name, item, map(str, choices)))
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
