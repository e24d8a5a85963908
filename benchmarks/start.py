"""How long the commands take before they do anything: import, list, a plan, all claims.

    python benchmarks/start.py [--rounds N]

Each is a process of its own, by the clock; the first run, which may compile and fill caches, does not count,
and of the others the median does. plan_loads_torch says whether the plan of an experiment that trains nothing
imports torch. The last line is JSON.
"""

import argparse
import json
import subprocess
import sys
import time

import numpy as np

PLAN = "sparse/gap"  # trains nothing
CALLS = {
    "import_seconds": "import fourmasks",
    "list_seconds": "list",
    "plan_seconds": f"plan {PLAN}",
    "claims_seconds": "claims",
}
LOADED = """
import sys
from fourmasks.book.cli import main
status = main({!r})
print('torch' in sys.modules)
sys.exit(status)
"""


def command(call):
    """Return the command line of a call of Python, or of `fourmasks`."""
    if call.startswith("import"):
        return [sys.executable, "-c", call]
    return [sys.executable, "-m", "fourmasks.book.cli", *call.split()]


def seconds_of(call, rounds):
    """Return the median seconds of a call."""
    seconds = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(command(call), check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds[1:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    figures = {}
    for name, call in CALLS.items():
        figures[name] = seconds_of(call, options.rounds)
        print(f"{call}: {figures[name]:.2f} s")
    code = LOADED.format(["plan", PLAN])
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    print(json.dumps(figures | {"plan_loads_torch": shown.splitlines()[-1] == "True"}))


if __name__ == "__main__":
    main()
