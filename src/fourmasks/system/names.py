"""The names of the profiles, and what is said of a name that does not exist."""

import difflib
from collections.abc import Iterable

PROFILE_NAMES = ("smoke", "book", "paper")


def unknown(kind: str, name: object, valid: Iterable[str]) -> str:
    """Return the message for an unknown name: the valid ones, and the nearest if one is near."""
    valid = [str(one) for one in valid]
    near = difflib.get_close_matches(str(name), valid, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"unknown {kind} {name!r}: expected one of {', '.join(valid)}.{hint}"


def check_profile(profile: str) -> None:
    """Raise ValueError, naming the three profiles, if `profile` is none of them."""
    if profile not in PROFILE_NAMES:
        raise ValueError(unknown("profile", profile, PROFILE_NAMES))
