"""Data sets, listed, fetched and checked."""

import argparse
import sys

from fourmasks.book.commands.columns import columns


def show(options: argparse.Namespace) -> int:
    """Print the data sets of the registry, and where each is."""
    rows = []
    for dataset, files in registered():
        where = str(next(iter(files.values())).parent) if files else "not here"
        rows.append((dataset.name, " x ".join(map(str, dataset.shape)), where, dataset.title))
    for line in columns(rows):
        print(line)
    return 0


def fetch(options: argparse.Namespace) -> int:
    """Find a data set, downloading it if it is not here, and print its files; 1 if one is damaged."""
    from fourmasks.data.locate import locate, verify

    print(*locate(options.name, dict(options.digest)).values(), sep="\n")
    damaged = [check.path for check in verify(options.name) if check.state == "wrong digest"]
    for path in damaged:
        print(f"fourmasks: {path} is damaged: delete it and fetch again", file=sys.stderr)
    return int(bool(damaged))


def check(options: argparse.Namespace) -> int:
    """Compare the files that are here with the registry's digests; 1 if one differs."""
    from fourmasks.data.locate import verify

    names = options.names or [dataset.name for dataset, files in registered() if files]
    checks = [check for name in names for check in verify(name)]
    for line in columns([(check.state, str(check.path)) for check in checks]):
        print(line)
    return int(any(check.state == "wrong digest" for check in checks))


def registered() -> list[tuple]:
    """Return every data set of the registry with its files here, or None."""
    from fourmasks.data.locate import find
    from fourmasks.data.registry import load_registry

    return [(dataset, find(dataset.name)) for dataset in load_registry().values()]
