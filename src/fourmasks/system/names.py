"""The names of the profiles, and words of messages: on a name that does not exist, on a number of things."""

import difflib
from collections.abc import Iterable

PROFILE_NAMES = ("smoke", "book", "paper")


def unknown(kind: str, name: object, valid: Iterable[str]) -> str:
    """Return the message for an unknown name: the valid ones, and the nearest if one is near."""
    valid = [str(one) for one in valid]
    near = difflib.get_close_matches(str(name), valid, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"unknown {kind} {name!r}: expected one of {', '.join(valid)}.{hint}"


def counted(n: int, one: str, more: str | None = None) -> str:
    """Return a number with its noun, as "1 edge" or "2 edges"; `more` is for plurals as "entries"."""
    return f"{n} {one if n == 1 else more or f'{one}s'}"


def check_profile(profile: str) -> None:
    """Raise ValueError, naming the three profiles, if `profile` is none of them."""
    if profile not in PROFILE_NAMES:
        raise ValueError(unknown("profile", profile, PROFILE_NAMES))
