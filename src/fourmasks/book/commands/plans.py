"""The runs that plans ask for and no record holds: shown, and made."""

import argparse
import json
from collections import Counter
from datetime import timedelta
from types import ModuleType

from fourmasks.book.commands.columns import columns
from fourmasks.book.notebooks import texts
from fourmasks.system.names import check_profile
from fourmasks.system.paths import data_folder, existing


def show(options: argparse.Namespace) -> int:
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
    print(*(columns(lines) if rows else ["nothing to make"]), *failed, sep="\n")
    return int(bool(failed))


def work(options: argparse.Namespace) -> int:
    """Make the runs that `plan` prints; 1 if some failed."""
    from fourmasks.experiments.loop import work
    from fourmasks.experiments.workers import Cluster, Processes
    from fourmasks.system.device import resolve_device

    if not options.dask or options.device == "auto":
        options.device = str(resolve_device(options.device))
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
    from fourmasks.system.device import device_type

    existing(data_folder() / "claims")
    check_profile(options.profile)
    if options.device != "auto":
        device_type(options.device)  # refuses what is none
    found, failed, modules = [], [], plans(options.plan)
    if options.parameter:
        modules, given = _told(options, modules)
    else:
        given = {}
    for name, module in modules.items():
        try:
            found += jobs(module, options.profile, options.device, given)
        except OSError as error:  # data that are not here
            failed.append(f"{name} cannot be planned: {error}")
    return Schedule(found, options.profile), failed


def _told(options: argparse.Namespace, modules: dict[str, ModuleType]) -> tuple[dict, dict]:
    """Return the one experiment that is asked for, and the options that are given to it."""
    from fourmasks.experiments.profiles import describe, resolve

    module = modules.get(options.plan)
    if module is None:
        raise ValueError(f"-p {options.parameter[0][0]}: expected one experiment, of {', '.join(modules)}")
    valid = [option for option, *_ in describe(module.PROFILES[options.profile])]
    given = {name: texts.parse_value(text) for name, text in options.parameter}
    given = texts.with_own_files(given, valid, options.plan)
    try:
        resolve(module.PROFILES, options.profile, **given)
    except TypeError as error:  # of a value that cannot be converted
        raise ValueError(str(error)) from error
    return {options.plan: module}, given


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
