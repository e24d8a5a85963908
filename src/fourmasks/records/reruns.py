"""Runs made again: in a process of its own, with the code of a folder, and compared number by number."""

import itertools
import json
import math
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from fourmasks.records.plain import check_outcome

CLOCK = re.compile("second|speedup|memory")  # names of what depends on the machine and the hour
# What makes runs with the code of the folder that PYTHONPATH names: a line of JSON in, a line out. What a run
# prints goes elsewhere.
CHILD = """
import importlib, json, os, sys, time, traceback
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
import torch
for line in sys.stdin:
    run = json.loads(line)
    torch.set_num_threads(run["threads"])
    module, _, name = run["function"].rpartition(".")
    try:
        function = getattr(importlib.import_module(module), name)
        start = time.perf_counter()
        answer = {"value": function(**run["parameters"])}
        answer["seconds"] = time.perf_counter() - start
    except Exception as error:
        missing = type(error).__name__ in ("DataNotFound", "ModuleNotFoundError")
        if not missing:
            traceback.print_exc()
        answer = {"missing": missing, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer, default=lambda value: value.tolist()), file=answers, flush=True)
"""
# A proxy that nobody is: with it a run finds the data of this machine, and downloads none.
OFFLINE = {
    name: "http://127.0.0.1:9"
    for scheme in ("http_proxy", "https_proxy", "all_proxy")
    for name in (scheme, scheme.upper())
} | {"no_proxy": "", "NO_PROXY": ""}


class Missing(ValueError):
    """A run needs data or a library that is not on this machine; the message names it."""


class Runner:
    """Makes runs in a process with the code of a folder, which is started when the first run is asked for.

    Parameters
    ----------
    folder : Path
        A project: its package is in `src/`.
    environment : mapping of str to str, optional
        Variables that the process has beside ours.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None):
        here = {"PYTHONPATH": str(folder / "src"), "FOURMASKS_ROOT": str(folder)}
        self._environment = os.environ | here | (environment or {})
        self._process = None

    def __call__(self, function: str, parameters: dict, threads: int) -> dict:
        """Return metrics, curves and seconds of a run.

        Raises
        ------
        Missing
            If data or a library are not here.
        ValueError
            If the run failed; its traceback is on standard error.
        """
        answer = self.call(function, parameters, threads)
        metrics, curves = check_outcome(answer["value"], function)
        return {"metrics": metrics, "curves": curves, "seconds": answer["seconds"]}

    def call(self, function: str, parameters: dict, threads: int) -> dict:
        """Return what a function gave, as JSON has it, and its seconds; raise as a run does."""
        if self._process is None:
            command, pipe = [sys.executable, "-c", CHILD], subprocess.PIPE
            self._process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, text=True, env=self._environment
            )
        line = json.dumps({"function": function, "parameters": parameters, "threads": threads})
        print(line, file=self._process.stdin, flush=True)
        if not (text := self._process.stdout.readline()):
            self.stop()
            raise ValueError(f"the run of {function} with {parameters} ended its process")
        answer = json.loads(text)
        if "error" in answer:
            if answer["missing"]:
                raise Missing(answer["error"])
            raise ValueError(f"the run of {function} with {parameters} failed: {answer['error']}")
        return answer

    def stop(self) -> None:
        """End the process; the next run starts another."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.terminate()
            self._process.wait()
            self._process = None


@contextmanager
def runner(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Runner]:
    """Give a `Runner`, and end its process."""
    run = Runner(folder, environment)
    try:
        yield run
    finally:
        run.stop()


def difference(found: Mapping, expected: Mapping) -> float:
    """Return the largest relative difference of two outcomes; infinite if they do not hold the same numbers.

    What a clock has measured is passed over, see `CLOCK`. Of runs that only measure time see `slowdown`.
    """
    mine, other = (
        {place: values for place, values in _numbers(outcome).items() if not CLOCK.search(place[1])}
        for outcome in (found, expected)
    )
    return max(itertools.starmap(relative, _paired(mine, other)), default=0.0)


def slowdown(found: Sequence[Mapping], expected: Sequence[Mapping]) -> float:
    """Return how far the typical ratio of the times of two codes is from 1; infinite as above.

    Of a run that only measures time, made by two codes at once, as often as there are outcomes of each. Its
    typical ratio is the median over numbers that are not the same: the others are sizes and counts.
    """
    pairs = (_paired(_numbers(one), _numbers(other)) for one, other in zip(found, expected, strict=True))
    differing = [pair for pair in itertools.chain.from_iterable(pairs) if pair[0] != pair[1]]
    if any(None in pair for pair in differing):
        return math.inf
    ratios = [one / other if other else math.inf for one, other in differing]
    return abs(statistics.median(ratios) - 1) if ratios else 0.0


def _numbers(outcome: Mapping) -> dict[tuple[str, str], list]:
    return {
        (part, name): value if isinstance(value, list) else [value]
        for part in ("metrics", "curves")
        for name, value in outcome.get(part, {}).items()
    }


def _paired(mine: dict, other: dict) -> Iterator[tuple]:
    """Yield numbers of the same place; one without a partner if the places are not the same."""
    if {place: len(values) for place, values in mine.items()} != {
        place: len(values) for place, values in other.items()
    }:
        yield None, 0.0
        return
    for place, values in mine.items():
        yield from zip(values, other[place], strict=True)


def relative(one: float | None, other: float | None) -> float:
    """Return the relative difference of two numbers; infinite if one of them is missing."""
    if one is None or other is None:
        return 0.0 if one is other else math.inf
    return 0.0 if one == other else abs(one - other) / max(abs(one), abs(other))
