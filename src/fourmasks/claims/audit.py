"""The audit: what is unfinished or unfair in the runs that the verdicts rest on.

`fourmasks claims audit` prints what the functions here find, a line for each finding, under five heads. They
ask records and claims alone, never the plans. What these cannot tell, the remarks of `data/audit.yaml` say
(`fourmasks.claims.remarks`); one that fits nothing is a finding, too.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from fourmasks.claims.files import Claim, load_claims, papers
from fourmasks.claims.measurements import Unmeasured, cells, measure, words
from fourmasks.claims.remarks import Remark, load_remarks
from fourmasks.records.standing import is_stale
from fourmasks.records.store import Record, load_records

PLACE = {"dataset", "method", "seed", "split_seed"}  # parameters that no search draws
OF_A_SEARCH = ("dataset", "protocol", "share", "method", "budget")  # tell the searches of an experiment apart
MORE_IS_BETTER = ("ndcg", "recall", "likelihood")  # in the name of a metric; of errors less is


def committed() -> tuple[list[Claim], list[Record], dict[str, list[Remark]]]:
    """Return what `audit` takes: all claims, the records of the profile "paper", and the remarks."""
    claims = [claim for paper in papers() for claim in load_claims(paper)]
    return claims, [record for record in load_records() if record.profile == "paper"], load_remarks()


def audit(
    claims: Sequence[Claim], records: Sequence[Record], remarks: dict[str, list[Remark]]
) -> dict[str, list[str]]:
    """Return the findings under each head, in plain English; several runs that fail alike are one finding."""
    found = {
        "Final runs that ended at their cap of epochs": cut_short(records),
        "Winners of a search at the edge of its space": at_edges(records, remarks["ends"]),
        "Arms that differ in more than what sets them apart": unequal_arms(claims, records, remarks["apart"]),
        "Headline claims without a control": without_control(claims, records),
        "Records that are dirty or stale": unclean(records),
    }
    return {head: sorted(lines) for head, lines in found.items()}


def cut_short(records: Iterable[Record]) -> list[str]:
    """Find final runs that might have become better, had their cap of epochs been higher.

    Only those count that can stop before it: their parameters have a patience, or a run of the same method
    did stop before. To the others the number of epochs is a setting like any other.
    """
    trained = [
        r for r in records if "epochs" in r.parameters and {"epochs", "best_epoch"} <= r.metrics.keys()
    ]
    stopping = {_method(r) for r in trained if "patience" in r.parameters or not _at_cap(r)}
    groups = defaultdict(list)
    for record in trained:
        if not _is_trial(record) and _method(record) in stopping:
            groups[_place(record), record.parameters["epochs"]].append(_at_cap(record))
    return [
        f"{place}: {sum(ends)} of {len(ends)} final runs ended at the cap of {cap} epochs"
        for (place, cap), ends in groups.items()
        if any(ends)
    ]


def _at_cap(record):
    return record.metrics["epochs"] >= record.parameters["epochs"]


def _is_trial(record):
    return record.experiment.endswith("-search")


def _method(record):
    return record.experiment.removesuffix("-search"), record.parameters.get("method")


def _place(record, names=("dataset", "method")):
    """Return "mmf/ranking, ml-1m, mmf", with numbers by their names."""
    given = [(name, record.parameters.get(name)) for name in names]
    values = [
        value if isinstance(value, str) else f"{name} {value}" for name, value in given if value is not None
    ]
    return ", ".join([record.experiment, *values])


def at_edges(records: Iterable[Record], ends: Sequence[Remark]) -> list[str]:
    """Find numbers that a search chose from at least three, and that are the smallest or largest of them.

    A better one may lie beyond. The space of a search is what its trials drew.
    """
    searches = defaultdict(list)
    for record in filter(_is_trial, records):
        searches[_place(record, OF_A_SEARCH)].append(record)
    found, used = [], set()
    for place, trials in searches.items():
        best = _winner(trials)
        for option, values in _ordered(trials).items():
            value = best.parameters[option]
            if value not in (values[0], values[-1]):
                continue
            fitting = {remark for remark in ends if remark.fits(best, option)}
            if not fitting:
                found.append(f"{place}: {option} {value} won, an edge of {', '.join(map(str, values))}")
            used |= fitting
    return found + _idle(ends, used)


def _winner(trials):
    """Return the best trial by its validation metric, or by its error where nothing is held out."""
    metrics = [name for name in sorted(trials[0].metrics) if name.startswith("validation_")]
    metric = metrics[0] if metrics else "relative_error"
    pick = max if any(part in metric for part in MORE_IS_BETTER) else min
    return pick(trials, key=lambda record: record.metrics[metric])


def _ordered(trials):
    """Return the numbers that the trials drew of each option, ascending, where there are at least three."""
    numbers = {
        option: sorted(values)
        for option, values in _drawn(trials).items()
        if all(type(value) in (int, float) for value in values)
    }
    return {option: values for option, values in numbers.items() if len(values) > 2}


def _drawn(trials):
    """Return the values of each option that trials differ in."""
    values = defaultdict(dict)
    for trial in trials:
        for option in trial.parameters.keys() - PLACE:
            value = trial.parameters[option]
            values[option][json.dumps(value)] = value
    return {option: list(found.values()) for option, found in sorted(values.items()) if len(found) > 1}


def _idle(remarks, used):
    return [
        f"data/audit.yaml: the remark on {remark.option} of {remark.experiment} fits nothing"
        for remark in remarks
        if remark not in used
    ]


def unequal_arms(claims: Iterable[Claim], records: Sequence[Record], apart: Sequence[Remark]) -> list[str]:
    """Find runs that a claim compares although their options, or the efforts of their searches, are unequal.

    In every cell a claim's own runs meet each of its baselines and its control. Options that both have are to
    be equal, but for what the claim itself changes, what `apart` names ("trials" among them), and what was
    searched for: by both searches, or by the only one.
    """
    searches = defaultdict(list)
    for record in filter(_is_trial, records):
        searches[_searched(record)].append(record)
    pairs, used = defaultdict(lambda: defaultdict(dict)), set()
    for one, other, change in _arms(claims, records):
        pair = (one.experiment, one.parameters.get("dataset"), _versus(one, other, change))
        for option, difference in _differences(one, other, searches).items():
            if option in change:
                continue
            fitting = {r for r in apart if r.fits(one, option) or r.fits(other, option)}
            if not fitting:
                pairs[pair][option][difference] = None
            used |= fitting
    return _lines(pairs) + _idle(apart, used)


def _searched(record):
    return *_method(record), record.parameters.get("dataset")


def _arms(claims, records):
    """Yield two runs that a claim compares, in the order of their methods, and what it changes for one."""
    for claim in claims:
        usable = _usable(claim, records)
        for change in [*claim.baselines, *([claim.control] if claim.control else [])]:
            for pair in _compared(claim, usable, change):
                yield *sorted(pair, key=lambda record: str(record.parameters.get("method"))), change


def _usable(claim, records):
    return [r for r in records if r.experiment == claim.experiment and claim.metric in r.metrics]


def _compared(claim, records, change):
    """Yield in each cell a run of the claim's own and one with the change; none where either was not made."""
    along = [claim.along] if claim.along else []
    alone = replace(claim, baselines=[], over=[*claim.over, *along, "dataset"])
    with suppress(Unmeasured):
        for cell in map(dict, cells(alone, records, claim.match)):
            with suppress(Unmeasured):
                yield [measure(alone, records, cell | own).records[0] for own in ({}, change)]


def _differences(one, other, searches):
    """Return by option in words what differs; the number of trials is an option too, see `_unequal`."""
    trials = [searches[_searched(run)] for run in (one, other)]
    drawn = [set(_drawn(some)) for some in trials]
    alike = drawn[0] & drawn[1] if all(trials) else drawn[0] | drawn[1]
    found = {}
    for option in sorted((one.parameters.keys() & other.parameters.keys()) - PLACE - alike):
        values = [run.parameters[option] for run in (one, other)]
        if values[0] != values[1]:
            alone = " (searched for one alone)" if option in drawn[0] | drawn[1] else ""
            found[option] = f"{values[0]} against {values[1]}{alone}"
    return found | _unequal(*map(len, trials))


def _unequal(one, other):
    """Return numbers of trials that differ. A search that goes on outward has more, but not twice as many."""
    if one == other:
        return {}
    option = "further trials" if max(one, other) < 2 * min(one, other) else "trials"
    return {option: f"{one} against {other}"}


def _versus(one, other, change):
    methods = [run.parameters.get("method", "runs") for run in (one, other)]
    return " against ".join(methods) if methods[0] != methods[1] else f"{methods[0]} against {words(change)}"


def _lines(pairs):
    """Return a line for each pair of arms, data sets with the same differences together."""
    datasets = defaultdict(list)
    for (experiment, dataset, versus), options in pairs.items():
        text = "; ".join(f"{option} {', '.join(found)}" for option, found in options.items())
        datasets[experiment, versus, text].append(dataset)
    return [
        f"{', '.join(filter(None, (experiment, *names)))}, {versus}: {text}"
        for (experiment, versus, text), names in datasets.items()
    ]


def without_control(claims: Iterable[Claim], records: Sequence[Record]) -> list[str]:
    """Find headline results of experiments without a run in which the mask alone is gone.

    A theorem or a worked example, of the kind "theory", has no mask to take away, and needs none.
    """
    found = []
    for claim in claims:
        if claim.headline and claim.kind == "experiment":
            if claim.control is None:
                found.append(f"{claim.id}: no control")
            elif not any(_compared(claim, _usable(claim, records), claim.control)):
                found.append(f"{claim.id}: its control, {words(claim.control)}, was not run")
    return found


def unclean(records: Iterable[Record]) -> list[str]:
    """Find experiments with records that no commit, or no present code, stands behind."""
    counts = defaultdict(Counter)
    for record in records:
        states = {"dirty": record.commit.endswith("+dirty"), "stale": is_stale(record)}
        counts[record.experiment].update(["all", *(state for state, holds in states.items() if holds)])
    return [
        f"{experiment}: {count[state]} of {count['all']} records are {state}"
        for experiment, count in counts.items()
        for state in ("dirty", "stale")
        if count[state]
    ]
