"""How much memory a fit needs: it is made in a process of its own."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from fourmasks.system.device import peak_memory_mb


def fit_memory(prepared: Callable[..., Callable], parameters: Mapping) -> float:
    """Return by how much the peak of a process grows while a model is fitted (2**20 bytes).

    The peak of a process that has made other runs before would be theirs.

    Parameters
    ----------
    prepared : callable
        `prepared(**parameters)` loads the data, and returns a call that fits. A function of a module.
    parameters : mapping
        JSON values.

    Returns
    -------
    float
        0 if loading the data took more than the fit does.

    Raises
    ------
    subprocess.CalledProcessError
        If the fit failed; its traceback is on standard error.
    """
    code = f"""
from {__name__} import print_growth
from {prepared.__module__} import {prepared.__name__} as prepared
print_growth(prepared)
"""
    command, given = [sys.executable, "-c", code], json.dumps(parameters)
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def print_growth(prepared: Callable[..., Callable]) -> None:
    """Fit what standard input says, and print by how much the peak of this process grew."""
    fit = prepared(**json.load(sys.stdin))
    before = _peak()
    fit()
    print(_peak() - before)


def _peak() -> float:
    """Return the peak of this process; what Linux says of processes takes in the one that began this one."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_memory_mb("cpu")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
    return int(found[1]) / 1024
