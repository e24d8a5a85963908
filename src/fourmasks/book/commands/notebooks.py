"""Notebooks, listed and run."""

import argparse
import os
import sys

from fourmasks.book.commands.columns import columns
from fourmasks.book.notebooks import execution, texts
from fourmasks.system.names import check_profile


def show(options: argparse.Namespace) -> int:
    """Print every notebook with its parameters."""
    for name in texts.list_notebooks():
        print(name)
        for line in columns([(p.name, p.type, p.default, p.help) for p in texts.parameters(name)]):
            print(f"    {line}")
    return 0


def run(options: argparse.Namespace) -> int:
    """Execute a notebook with the given parameters and print where the result is."""
    given = {name: texts.parse_value(text) for name, text in options.parameter}
    if options.profile:
        check_profile(options.profile)
        given["profile"] = options.profile
    if sys.stdout.isatty():  # by its name: /dev/tty is none in the kernel, which has its own session
        os.environ.setdefault("FOURMASKS_PROGRESS", os.ttyname(sys.stdout.fileno()))
    print(execution.run(options.notebook, given, options.output))
    return 0
