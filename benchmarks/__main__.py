"""Run the benchmarks, and keep what they measure for the page "How fast is it?".

    python benchmarks [NAME ...]

Each script runs by itself with its own defaults; without names all of them do. The last line that it prints
is JSON, and goes to data/benchmarks/NAME.json with the machine, the date, the commit and the versions of all
sides. A script that fails leaves the file of the last time, and the exit status is 1. Times need a machine
that does nothing else.
"""

import argparse
import datetime
import importlib.metadata
import json
import subprocess
import sys
import time
from pathlib import Path

from fourmasks.records.sources import git_commit, library_versions
from fourmasks.system.device import machine
from fourmasks.system.files import write_whole
from fourmasks.system.paths import data_folder

HERE = Path(__file__).parent
SCRIPTS = {path.stem: path for path in sorted(HERE.glob("*.py")) if path.stem != "__main__"}
PEERS = ("cornac", "lazylinop", "pyfaust", "scikit-surprise")


def versions():
    """Return the versions of what computes, peers included that are installed."""
    found = library_versions()
    for peer in PEERS:
        try:
            found[peer] = importlib.metadata.version(peer)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def commit():
    """Return the commit of package and scripts, with "+dirty" when one of them differs."""
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--", str(HERE)], cwd=HERE, capture_output=True, text=True
    ).stdout
    return git_commit().removesuffix("+dirty") + ("+dirty" if changed or "+" in git_commit() else "")


def figures_of(path):
    """Run a script, show what it prints, and return the figures in its last line; None if it has none."""
    lines = []
    with subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, text=True) as script:
        for line in script.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    try:
        return json.loads(lines[-1]) if script.returncode == 0 else None
    except (IndexError, ValueError):
        return None


def main():
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SCRIPTS))
    names = parser.parse_args().names or list(SCRIPTS)
    unknown = [name for name in names if name not in SCRIPTS]
    if unknown:
        parser.error(f"unknown benchmark {unknown[0]!r}: expected one of {', '.join(SCRIPTS)}")
    failed, made_by = [], commit()
    for name in names:
        print(f"== {name}", flush=True)
        start = time.perf_counter()
        figures = figures_of(SCRIPTS[name])
        if figures is None:
            failed.append(name)
            continue
        kept = {
            "script": f"benchmarks/{name}.py",
            "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "commit": made_by,
            "seconds": round(time.perf_counter() - start, 1),
            "machine": machine(),
            "versions": versions(),
            "figures": figures,
        }
        path = data_folder() / "benchmarks" / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        write_whole(path, json.dumps(kept, indent=1) + "\n")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
