"""The command `fourmasks`."""

import argparse
import io
import math
import os
import sys

from fourmasks import __version__
from fourmasks.book.commands import claims, data, doctor, notebooks, plans, records
from fourmasks.book.notebooks.execution import NotebookError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fourmasks", description="Rerun the notebooks of Four Masks.")
    parser.add_argument("--version", action="version", version=f"fourmasks {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(group, name, function):
        text = function.__doc__ or ""  # none with python -OO
        command = group.add_parser(name, help=text.partition("\n")[0], description=text)
        command.set_defaults(function=function)
        return command

    add(commands, "list", notebooks.show)
    running = add(commands, "run", notebooks.run)
    running.add_argument("notebook", metavar="PAPER/NOTEBOOK")
    running.add_argument("--profile", help="short for -p profile PROFILE: smoke, book or paper")
    running.add_argument(
        *("-p", "--parameter"), type=_parameter, action="append", default=[], metavar="NAME VALUE",
        help="value of a parameter of the notebook, also as NAME=VALUE; see fourmasks list",
    )  # fmt: skip
    running.add_argument("--output", help="the executed notebook; default: a new file under runs/")
    planning, working = add(commands, "plan", plans.show), add(commands, "work", plans.work)
    for command in (planning, working):
        command.add_argument("plan", nargs="?", metavar="PAPER[/EXPERIMENT]", help="default: all papers")
        command.add_argument("--profile", default="paper", help="smoke, book or paper, which is the default")
        command.add_argument("--device", default="auto", help="cpu, cuda or mps; default: as for notebooks")
        command.add_argument(
            *("-p", "--parameter"), type=_parameter, action="append", default=[], metavar="NAME VALUE",
            help="value of an option of the one experiment, also as NAME=VALUE, as dataset mine.csv",
        )  # fmt: skip
    planning.add_argument("--json", action="store_true", help="print JSON, with the names of the claims")
    makers = working.add_mutually_exclusive_group()
    makers.add_argument(
        "--processes", type=_count, metavar="N",
        help="processes of this machine, each with one run and one thread; default: its cores",
    )  # fmt: skip
    makers.add_argument("--dask", metavar="ADDRESS", help="of the scheduler of a running Dask cluster")
    datasets = commands.add_parser("data", help="Find, fetch and check data sets.")
    datasets = datasets.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add(datasets, "list", data.show)
    fetching = add(datasets, "fetch", data.fetch)
    fetching.add_argument("name", metavar="NAME")
    fetching.add_argument(
        "--digest", nargs=2, action="append", default=[], metavar=("FILE", "DIGEST"),
        help="sha256:... or md5:... of a file for which the registry knows none",
    )  # fmt: skip
    add(datasets, "check", data.check).add_argument("names", nargs="*", metavar="NAME")
    claiming = add(commands, "claims", claims.show)
    claiming.add_argument(
        "paper", nargs="?", metavar="PAPER | audit",
        help="short name of a paper; audit: what is unfinished or unfair in the runs; default: all papers",
    )  # fmt: skip
    claiming.add_argument("--json", action="store_true", help="print JSON")
    stored = commands.add_parser("records", help="See and confirm what the present code stands behind.")
    stored = stored.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add(stored, "status", records.status).add_argument(
        "paper", nargs="?", metavar="PAPER[/EXPERIMENT]", help="only what begins so; default: all"
    )
    confirming = add(stored, "confirm", records.confirm)
    confirming.add_argument("experiment", metavar="PAPER/EXPERIMENT", help="with its search and the like")
    which = confirming.add_mutually_exclusive_group()
    which.add_argument(
        "--cheapest", action="store_true", help="the cheapest of each method and data set; the default"
    )
    which.add_argument(
        "--loaded", action="store_true",
        help="none: the code differs, with --against, in how data are read alone, and the data are the same",
    )  # fmt: skip
    which.add_argument("--sample", type=_count, metavar="N", help="N of those with the same code, at random")
    confirming.add_argument(
        "--against", metavar="COMMIT", help="compare with runs by the code of a commit, to the bit"
    )
    confirming.add_argument(
        "--tolerance", type=float,
        help="relative; default: the same bits, but 1e-6 for records of other machines or versions",
    )  # fmt: skip
    confirming.add_argument(
        "--longest", type=float, default=float("inf"), metavar="SECONDS",
        help="what took longer is made with a share of its epochs or of what else it repeats, with --against",
    )  # fmt: skip
    verifying = add(commands, "verify", records.verify)
    verifying.add_argument(
        "paper", nargs="?", metavar="PAPER[/EXPERIMENT]", help="only what begins so; default: all"
    )
    how_many = verifying.add_mutually_exclusive_group()
    how_many.add_argument(
        "--sample", type=_count, metavar="N", help="N records, one of each experiment in turn"
    )
    how_many.add_argument("--all", action="store_true", help="all records whose data are here")
    verifying.add_argument(
        "--budget", type=_minutes, metavar="MINUTES",
        help=f"only as many as once took so long; default without --sample and --all: {records.MINUTES}",
    )  # fmt: skip
    verifying.add_argument("--seed", type=int, help="of the draw; default: the date, as 20270131")
    verifying.add_argument("--output", metavar="FOLDER", help="a new folder; default: one under runs/")
    comparing = add(commands, "compare", claims.compare)
    comparing.add_argument("folder", metavar="FOLDER", help="of records, also in subfolders")
    comparing.add_argument("--json", action="store_true", help="print JSON")
    add(commands, "doctor", doctor.examine)
    return parser


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected NAME VALUE or NAME=VALUE, and got {text!r} alone")
    return name, value


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, and got {text!r}")
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not 0 < minutes < math.inf:
        raise argparse.ArgumentTypeError(f"expected a positive number of minutes, and got {text!r}")
    return minutes


def _joined(arguments: list[str]) -> list[str]:
    """Write `-p NAME VALUE` as one argument, so that a value may begin with a minus, as -1e-3 does."""
    joined, rest = [], list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument in ("-p", "--parameter") and rest:
            name = rest.pop(0)
            value = [rest.pop(0)] if rest and "=" not in name else []
            argument = f"--parameter={'='.join([name, *value])}"
        joined.append(argument)
    return joined


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Returns
    -------
    int
        Exit status: 0; 1 if a notebook raised or a check found something; 2 for a bad request; 130
        if interrupted.
    """
    for stream in (sys.stdout, sys.stderr):  # on a terminal of few letters the others show as escapes
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(_joined(sys.argv[1:] if arguments is None else arguments))
    try:
        status = options.function(options)
        sys.stdout.flush()
        return status
    except NotebookError as error:
        print(error.traceback, f"fourmasks: error: {error}", sep="\n", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever reads has had enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError) as error:
        print(f"fourmasks: error: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(f"fourmasks: error: {error}; see requirements.txt", file=sys.stderr)
    except KeyboardInterrupt:
        print("fourmasks: interrupted; the same command goes on from the records so far", file=sys.stderr)
        return 130
    return 2


if __name__ == "__main__":
    sys.exit(main())
