"""The command `fourmasks`."""

import argparse
import importlib.metadata
import io
import json
import os
import platform
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from fourmasks import __version__
from fourmasks.book import notebooks
from fourmasks.book.built import browser
from fourmasks.system.names import check_profile
from fourmasks.system.paths import data_folder, existing, project_root

# What the experiments need, and what only notebooks, tables, downloads and clusters do.
REQUIRED = ("numpy", "scipy", "torch", "scikit-learn", "pyyaml", "tqdm")
OPTIONAL = ("papermill", "jupytext", "matplotlib", "pandas", "pooch", "distributed")
MINUTES = 10  # of `verify`, where nothing says how much


def list_command(options: argparse.Namespace) -> int:
    """Print every notebook with its parameters."""
    for name in notebooks.list_notebooks():
        print(name)
        for line in _columns([(p.name, p.type, p.default, p.help) for p in notebooks.parameters(name)]):
            print(f"    {line}")
    return 0


def run_command(options: argparse.Namespace) -> int:
    """Execute a notebook with the given parameters and print where the result is."""
    given = {name: notebooks.parse_value(text) for name, text in options.parameter}
    if options.profile:
        check_profile(options.profile)
        given["profile"] = options.profile
    if sys.stdout.isatty():  # by its name: /dev/tty is none in the kernel, which has its own session
        os.environ.setdefault("FOURMASKS_PROGRESS", os.ttyname(sys.stdout.fileno()))
    print(notebooks.run(options.notebook, given, options.output))
    return 0


def data_list_command(options: argparse.Namespace) -> int:
    """Print the data sets of the registry, and where each is."""
    rows = []
    for dataset, files in _registered():
        where = str(next(iter(files.values())).parent) if files else "not here"
        rows.append((dataset.name, " x ".join(map(str, dataset.shape)), where, dataset.title))
    for line in _columns(rows):
        print(line)
    return 0


def data_fetch_command(options: argparse.Namespace) -> int:
    """Find a data set, downloading it if it is not here, and print its files; 1 if one is damaged."""
    from fourmasks.data.locate import locate, verify

    print(*locate(options.name, dict(options.digest)).values(), sep="\n")
    damaged = [check.path for check in verify(options.name) if check.state == "wrong digest"]
    for path in damaged:
        print(f"fourmasks: {path} is damaged: delete it and fetch again", file=sys.stderr)
    return int(bool(damaged))


def data_check_command(options: argparse.Namespace) -> int:
    """Compare the files that are here with the registry's digests; 1 if one differs."""
    from fourmasks.data.locate import verify

    names = options.names or [dataset.name for dataset, files in _registered() if files]
    checks = [check for name in names for check in verify(name)]
    for line in _columns([(check.state, str(check.path)) for check in checks]):
        print(line)
    return int(any(check.state == "wrong digest" for check in checks))


def claims_command(options: argparse.Namespace) -> int:
    """Print the papers' claims, what the records say, and verdicts; or an audit, 1 if it finds something."""
    from fourmasks.claims.ledger import as_table, ledger, summary

    existing(data_folder() / "claims")
    if options.paper == "audit":
        return _audit(options.json)
    rows = ledger(options.paper)
    if options.json:
        print(json.dumps(rows, indent=1, allow_nan=False))
    else:
        print(as_table(rows).to_string())
        print(", ".join(f"{count} {verdict}" for verdict, count in summary(rows).items()))
    return 0


def _audit(as_json: bool) -> int:
    from fourmasks.claims.audit import audit, committed

    found = audit(*committed())
    if as_json:
        print(json.dumps(found, indent=1))
    else:
        for head, lines in found.items():
            print(f"{head}: {len(lines)}", *lines, sep="\n    ")
    return int(any(found.values()))


def records_status_command(options: argparse.Namespace) -> int:
    """Print how many records stand where, by experiment; 1 if one is stale or unexplained."""
    from fourmasks.records.confirm import STANDINGS, status
    from fourmasks.records.store import load_records

    existing(data_folder() / "records")
    found = status(r for r in load_records() if r.experiment.startswith(options.paper or ""))
    rows = [(name, *(str(counts[one] or "") for one in STANDINGS)) for name, counts in sorted(found.items())]
    total = ("all", *(str(sum(counts[one] for counts in found.values())) for one in STANDINGS))
    for line in _columns([("experiment", *STANDINGS), *rows, total]):
        print(line)
    return int(any(counts["stale"] + counts["unexplained"] for counts in found.values()))


def records_confirm_command(options: argparse.Namespace) -> int:
    """Make runs of an experiment again, and stamp its stale records if they give the same; 1 if not."""
    from fourmasks.records.confirm import cheapest, confirm, family, like_codes, makers, sampled, standing
    from fourmasks.records.loaded import confirm_loaded
    from fourmasks.system.progress import progress

    if options.loaded:
        stamped = confirm_loaded(family(options.experiment), options.against or "HEAD")
        print(f"{options.experiment}: {len(stamped)} records have the same data, and all else is as it was")
        return int(bool(like_codes(family(options.experiment))))
    groups = like_codes(family(options.experiment))
    chosen = [sampled(group, options.sample) if options.sample else cheapest(group) for group in groups]
    asked = {"tolerance": options.tolerance, "longest": options.longest}
    with makers(options.against) as made_by, progress(sum(map(len, chosen)), options.experiment) as bar:
        for group, some in zip(groups, chosen, strict=True):
            for rerun in confirm(group, some, made_by, **asked):
                part = "" if rerun.share == 1 else f", {100 * rerun.share:.0f} % of its epochs"
                print(f"{rerun.record.experiment} {rerun.record.key}: difference {rerun.difference:g}{part}")
                bar.update()
    left = [record for group in like_codes(family(options.experiment)) for record in group]
    for record in left:
        print(f"{standing(record)}, to be trained again: {record.experiment} {record.key}")
    return int(bool(left))


def verify_command(options: argparse.Namespace) -> int:
    """Make committed records again, compare, and write a certificate; 1 if one does not agree."""
    from fourmasks.claims.certificate import write_certificate
    from fourmasks.claims.verify import certify, new_folder
    from fourmasks.records.samples import seed_of_today
    from fourmasks.records.store import load_records

    existing(data_folder() / "records")
    budget, n = options.budget, options.sample
    if not (options.all or n or budget):
        budget = MINUTES
    certificate = certify(
        load_records(directory=data_folder() / "records"),
        folder := new_folder(options.output),
        seed=seed_of_today() if options.seed is None else options.seed,
        n=n,
        budget=budget and 60 * budget,
        only=options.paper or "",
    )
    write_certificate(certificate, folder)
    rows = [(one["word"], one["record"].removesuffix(".json"), one["why"]) for one in certificate["reruns"]]
    rows += [("left out", str(len(some)), why) for why, some in certificate["left_out"].items()]
    rows += [("verdict", one["id"], f"{one['old']} -> {one['new']}") for one in certificate["verdicts"]]
    print(*_columns(rows), sep="\n")
    counts = ", ".join(f"{count} {word}" for word, count in certificate["summary"].items() if count)
    print(f"{'green' if certificate['green'] else 'RED'}, seed {certificate['sample']['seed']}: {counts}")
    print(folder / "certificate.md")
    return int(not certificate["green"])


def compare_command(options: argparse.Namespace) -> int:
    """Print somebody else's records against ours, claim by claim."""
    from fourmasks.claims.compare import as_lines, compare, read_folder

    existing(data_folder() / "claims")
    rows = compare(read_folder(Path(options.folder)))
    if options.json:
        print(json.dumps(rows, indent=1, allow_nan=False))
    else:
        print(*_columns([("claim", "ours", "theirs", "verdict"), *as_lines(rows)]), sep="\n")
        print(f"{sum(row['same'] for row in rows)} of {len(rows)} verdicts are the same")
    return 0


def plan_command(options: argparse.Namespace) -> int:
    """Print the runs that are missing, stale or unconfirmed, what they may take, and the claims on them."""
    from fourmasks.experiments.schedule import REASONS, overview

    schedule, failed = _scheduled(options)
    rows = [vars(row) | {"claims": _claims_on(row.runs)} for row in overview(schedule)]
    for row in rows:
        row["runs"] = len(row["runs"])
    if options.json:
        print(json.dumps({"rows": rows, "failed": failed}, indent=1))
        return int(bool(failed))
    lines = [("experiment", "data set", "method", *REASONS, "time", "memory", "claims")]
    for row in (*rows, _total(rows)):
        counts = [str(row["reasons"].get(reason) or "") for reason in REASONS]
        known = [str(timedelta(seconds=round(row["seconds"])))] * (row["unknown"] < row["runs"])
        known += [f"{row['unknown']} unknown"] * (row["unknown"] > 0)
        memory = f"{row['memory_mb']:.0f} MB" if row["memory_mb"] else ""
        place = row["experiment"], row["dataset"], row["method"]
        lines.append((*place, *counts, " + ".join(known), memory, str(len(row["claims"]) or "")))
    print(*(_columns(lines) if rows else ["nothing to make"]), *failed, sep="\n")
    return int(bool(failed))


def work_command(options: argparse.Namespace) -> int:
    """Make the runs that `plan` prints; 1 if some failed."""
    from fourmasks.experiments.workers import Cluster, Processes, work
    from fourmasks.system.device import resolve_device

    if not options.dask:
        resolve_device(options.device)
    schedule, failed = _scheduled(options)
    before = len(schedule.records)
    if schedule.tasks:
        workers = Cluster(options.dask) if options.dask else Processes(options.processes)
        failures = work(schedule, workers, options.device)
        failed += [f"{run.experiment} {json.dumps(run.parameters)}: {why}" for run, why in failures]
    print(
        f"{len(schedule.records) - before} runs made, {before} were there, {len(failed)} failed",
        *failed,
        sep="\n",
    )
    return int(bool(failed))


def _scheduled(options: argparse.Namespace) -> tuple:
    """Return the schedule of the plans that are asked for, and what is said of those that failed."""
    from fourmasks.experiments.schedule import Schedule, jobs, plans
    from fourmasks.system.device import device_type, resolve_device

    check_profile(options.profile)
    device_type(options.device)  # refuses what is none
    if options.device == "auto":
        options.device = str(resolve_device())
    found, failed = [], []
    for name, module in plans(options.plan).items():
        try:
            found += jobs(module, options.profile, options.device)
        except OSError as error:  # data that are not here
            failed.append(f"{name} cannot be planned: {error}")
    return Schedule(found, options.profile), failed


def _claims_on(runs: list) -> list[str]:
    """Return the ids of the claims that rest on one of these runs."""
    from fourmasks.claims.files import load_claims
    from fourmasks.claims.measurements import rests_on

    return [
        claim.id
        for claim in load_claims(runs[0].experiment.split("/")[0])
        if any(rests_on(claim, run.experiment, run.parameters) for run in runs)
    ]


def _total(rows: list[dict]) -> dict:
    return {
        "experiment": "all",
        "dataset": "",
        "method": "",
        "reasons": sum((row["reasons"] for row in rows), Counter()),
        "seconds": sum(row["seconds"] for row in rows),
        "memory_mb": max((row["memory_mb"] for row in rows), default=0),
        "unknown": sum(row["unknown"] for row in rows),
        "runs": sum(row["runs"] for row in rows),
        "claims": {claim for row in rows for claim in row["claims"]},
    }


def doctor_command(options: argparse.Namespace) -> int:
    """Print what is here and what is missing; 1 if something is broken that is needed."""
    print(f"fourmasks {__version__}, python {platform.python_version()}, project in {project_root()}")
    broken = False
    for name, check in DOCTOR.items():
        try:
            print(f"{name}: {check()}")
        except (ImportError, OSError, ValueError) as error:
            print(f"{name}: BROKEN: {error}")
            broken = True
    return int(broken)


def _packages() -> str:
    versions = {name: _version(name) for name in REQUIRED + OPTIONAL}
    if missing := [name for name in REQUIRED if versions[name] is None]:
        raise ImportError(f"not installed, and needed by everything: {', '.join(missing)}")
    return ", ".join(f"{name} {version or 'not installed'}" for name, version in versions.items())


def _device() -> str:
    from fourmasks.system.device import banner

    return banner().removeprefix("device: ")


def _data() -> str:
    found = {dataset.name: files is not None for dataset, files in _registered()}
    here, missing = (", ".join(name for name in found if found[name] is state) for state in (True, False))
    return f"here: {here or 'none'}; missing: {missing or 'none'}"


def _notebooks() -> str:
    return ", ".join(notebooks.list_notebooks()) or "none"


def _browser() -> str:
    return browser.find() or "no Chromium, so that the tests of the site in a browser are skipped"


DOCTOR = {
    "packages": _packages, "device": _device, "data": _data, "notebooks": _notebooks, "browser": _browser
}  # fmt: skip


def _registered() -> list[tuple]:
    """Return every data set of the registry with its files here, or None."""
    from fourmasks.data.locate import find
    from fourmasks.data.registry import load_registry

    return [(dataset, find(dataset.name)) for dataset in load_registry().values()]


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Return rows as lines whose columns are aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fourmasks", description="Rerun the notebooks of Four Masks.")
    parser.add_argument("--version", action="version", version=f"fourmasks {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(group, name, function):
        text = function.__doc__ or ""  # none with python -OO
        command = group.add_parser(name, help=text.partition("\n")[0], description=text)
        command.set_defaults(function=function)
        return command

    add(commands, "list", list_command)
    run = add(commands, "run", run_command)
    run.add_argument("notebook", metavar="PAPER/NOTEBOOK")
    run.add_argument("--profile", help="short for -p profile PROFILE: smoke, book or paper")
    run.add_argument(
        *("-p", "--parameter"), type=_parameter, action="append", default=[], metavar="NAME VALUE",
        help="value of a parameter of the notebook, also as NAME=VALUE; see fourmasks list",
    )  # fmt: skip
    run.add_argument("--output", help="the executed notebook; default: a new file under runs/")
    planning, working = add(commands, "plan", plan_command), add(commands, "work", work_command)
    for command in (planning, working):
        command.add_argument("plan", nargs="?", metavar="PAPER[/EXPERIMENT]", help="default: all papers")
        command.add_argument("--profile", default="paper", help="smoke, book or paper, which is the default")
        command.add_argument("--device", default="auto", help="cpu, cuda or mps; default: as for notebooks")
    planning.add_argument("--json", action="store_true", help="print JSON, with the names of the claims")
    makers = working.add_mutually_exclusive_group()
    makers.add_argument(
        "--processes", type=_count, metavar="N",
        help="processes of this machine, each with one run and one thread; default: its cores",
    )  # fmt: skip
    makers.add_argument("--dask", metavar="ADDRESS", help="of the scheduler of a running Dask cluster")
    data = commands.add_parser("data", help="Find, fetch and check data sets.")
    data = data.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add(data, "list", data_list_command)
    fetch = add(data, "fetch", data_fetch_command)
    fetch.add_argument("name", metavar="NAME")
    fetch.add_argument(
        "--digest", nargs=2, action="append", default=[], metavar=("FILE", "DIGEST"),
        help="sha256:... or md5:... of a file for which the registry knows none",
    )  # fmt: skip
    add(data, "check", data_check_command).add_argument("names", nargs="*", metavar="NAME")
    claims = add(commands, "claims", claims_command)
    claims.add_argument(
        "paper", nargs="?", metavar="PAPER | audit",
        help="short name of a paper; audit: what is unfinished or unfair in the runs; default: all papers",
    )  # fmt: skip
    claims.add_argument("--json", action="store_true", help="print JSON")
    records = commands.add_parser("records", help="See and confirm what the present code stands behind.")
    records = records.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add(records, "status", records_status_command).add_argument(
        "paper", nargs="?", metavar="PAPER[/EXPERIMENT]", help="only what begins so; default: all"
    )
    confirming = add(records, "confirm", records_confirm_command)
    confirming.add_argument("experiment", metavar="PAPER/EXPERIMENT", help="with its search and the like")
    which = confirming.add_mutually_exclusive_group()
    which.add_argument(
        "--cheapest", action="store_true", help="the cheapest of each method and data set; the default"
    )
    which.add_argument(
        "--loaded", action="store_true",
        help="none: the code differs, with --against, in how data are read alone, and the data are the same",
    )  # fmt: skip
    which.add_argument("--sample", type=int, metavar="N", help="N of those with the same code, at random")
    confirming.add_argument(
        "--against", metavar="COMMIT", help="compare with runs by the code of a commit, to the bit"
    )
    confirming.add_argument(
        "--tolerance", type=float,
        help="relative; default: the same bits, but 1e-6 for records of other machines or versions",
    )  # fmt: skip
    confirming.add_argument(
        "--longest", type=float, default=float("inf"), metavar="SECONDS",
        help="what took longer is made with a share of its epochs, with --against",
    )  # fmt: skip
    verifying = add(commands, "verify", verify_command)
    verifying.add_argument(
        "paper", nargs="?", metavar="PAPER[/EXPERIMENT]", help="only what begins so; default: all"
    )
    how_many = verifying.add_mutually_exclusive_group()
    how_many.add_argument("--sample", type=int, metavar="N", help="N records, one of each experiment in turn")
    how_many.add_argument("--all", action="store_true", help="all records whose data are here")
    verifying.add_argument(
        "--budget", type=float, metavar="MINUTES",
        help=f"only as many as once took so long; default without --sample and --all: {MINUTES}",
    )  # fmt: skip
    verifying.add_argument("--seed", type=int, help="of the draw; default: the date, as 20270131")
    verifying.add_argument("--output", metavar="FOLDER", help="a new folder; default: one under runs/")
    comparing = add(commands, "compare", compare_command)
    comparing.add_argument("folder", metavar="FOLDER", help="of records, also in subfolders")
    comparing.add_argument("--json", action="store_true", help="print JSON")
    add(commands, "doctor", doctor_command)
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
    except notebooks.NotebookError as error:
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
