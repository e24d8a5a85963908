"""Packages that the light install lacks, imported where they are needed."""

import importlib
from types import ModuleType


def required(name: str) -> ModuleType:
    """Return a module of the data extra.

    Raises
    ------
    ModuleNotFoundError
        If it is not installed; the message is one line that says what to do.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        package = name.partition(".")[0]
        if error.name != package:
            raise
        raise ModuleNotFoundError(
            f'{package} is not installed: pip install "fourmasks[data]"', name=package
        ) from None
