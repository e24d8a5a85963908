"""Tables of the ranking experiment: Table 5 beside ours, and MMF against each other method."""

from collections.abc import Iterable, Mapping

import pandas as pd

from fourmasks.claims.files import Claim
from fourmasks.mmf.ranking import plan
from fourmasks.pages.cells import rounded
from fourmasks.pages.tables import differences, label, measured, run_rows
from fourmasks.pages.words import judged
from fourmasks.records.store import Record

METRICS = ("recall_at_10", "ndcg_at_10", "recall_at_20", "ndcg_at_20")


def final_runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each final run."""
    outer = ("dataset", "method", "threshold", "split_seed", "seed")
    return run_rows(records, plan.EXPERIMENT, outer)


def there(frame: pd.DataFrame) -> list[str]:
    """Return the methods that have runs, in the order of the plan."""
    return [method for method in plan.METHODS if method in set(frame["method"])]


def reported(claims: Iterable[Claim]) -> pd.DataFrame:
    """Return the numbers of Table 5: methods by measures."""
    values = {
        (claim.match["method"], claim.metric): claim.reported
        for claim in claims
        if claim.place == "Table 5" and claim.form == "value"
    }
    return pd.Series(values).unstack()[list(METRICS)]


def table_5(theirs: pd.DataFrame, frame: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Return Table 5: for each measure the paper's numbers beside ours, mean ± standard deviation.

    Parameters
    ----------
    theirs : DataFrame
        Of `reported`.
    frame : DataFrame
        Of `final_runs`.
    dataset : str
    """
    methods = there(frame[frame["dataset"] == dataset])
    ours = measured(frame, dataset, methods, METRICS)
    parts = {"paper": rounded(theirs).rename(columns=label), "ours": ours}
    columns = pd.MultiIndex.from_product([map(label, METRICS), parts])
    both = pd.concat(parts, axis=1).swaplevel(axis=1)
    return both.reindex(index=methods, columns=columns).fillna("–")


def panels(
    frame: pd.DataFrame, dataset: str, metrics: Iterable[str] = METRICS[:2]
) -> dict[str, pd.DataFrame]:
    """Return measures of every run on a data set, by measure: methods by splits."""
    own = frame[frame["dataset"] == dataset]
    found = {m: own.pivot(index="method", columns="split_seed", values=m) for m in metrics}
    return {label(m): table.reindex(there(own)) for m, table in found.items()}


def against(frame: pd.DataFrame, overlap: Mapping[str, float], method: str = "mmf") -> pd.DataFrame:
    """Return a method minus each other one in every measure, with the interval and what that means.

    Parameters
    ----------
    frame : DataFrame
        Of `final_runs`, of one data set.
    overlap : mapping of str to float
        Of the experiment, by data set: `fourmasks.claims.files.overlaps`.
    method : str, default "mmf"
    """
    pairs = [(method, other) for other in there(frame) if other != method]
    found = pd.concat(
        [
            differences(frame, metric, [pair], overlap).assign(measure=label(metric))
            for pair in pairs
            for metric in METRICS
        ]
    )
    found["judgement"] = [judged(d, half) for d, half in zip(found["difference"], found["half"], strict=True)]
    return found
