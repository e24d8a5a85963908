"""Tables of the reconstruction experiment: errors by budget, what controls keep of the gain, Table 3."""

from collections.abc import Iterable, Mapping

import pandas as pd

from fourmasks.claims.files import Claim
from fourmasks.claims.statistics import estimate
from fourmasks.data.matrices import matrix_names
from fourmasks.mmf.reconstruction import plan
from fourmasks.mmf.reconstruction.gains import CELL, gains_over
from fourmasks.mmf.reconstruction.run import METHODS
from fourmasks.pages.tables import run_rows, share
from fourmasks.records.store import Record

OURS = ("mmf-lm", "mmf-adam")
CONTROLS = tuple(name for name in METHODS if name.startswith("mmf-") and name not in OURS)
ORDER = (*OURS, *CONTROLS, *(name for name in METHODS if not name.startswith("mmf-")))


def final_runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each run, by matrix and by budget."""
    frame = run_rows(records, plan.EXPERIMENT, [*CELL, "method", "seed"])
    place = {name: number for number, name in enumerate(matrix_names())}
    return frame.sort_values(
        [*CELL, "seed"], key=lambda c: c.map(place).fillna(len(place)) if c.name == "dataset" else c
    )


def by_method(frame: pd.DataFrame, column: str = "relative_error", aggregate="mean") -> pd.DataFrame:
    """Return a column aggregated over seeds: a row for each matrix and budget, methods side by side."""
    table = frame.groupby([*CELL, "method"], sort=False)[column].agg(aggregate).unstack("method")
    rows = pd.MultiIndex.from_frame(frame[CELL].drop_duplicates())
    return table.loc[rows, [method for method in ORDER if method in table]]


def below_mmf(errors: pd.DataFrame, baselines: Iterable[str]) -> pd.DataFrame:
    """Return at how many budgets the mean error of each baseline is below that of MMF, by matrix.

    Parameters
    ----------
    errors : DataFrame
        Of `by_method`.
    baselines : iterable of str
    """
    found = {}
    for baseline in baselines:
        both = errors.reindex(columns=["mmf-lm", baseline]).dropna()
        wins = (both[baseline] < both["mmf-lm"]).groupby("dataset", sort=False).agg(["sum", "count"])
        wins.loc["all"] = wins.sum()
        found[baseline] = wins["sum"].astype(str) + " of " + wins["count"].astype(str)
    order = [*errors.index.unique("dataset"), "all"]
    return pd.DataFrame(found).reindex(order).rename_axis("dataset").fillna("–")


def kept_by_controls(frame: pd.DataFrame, largest: bool = False) -> pd.DataFrame:
    """Return which part of MMF's gain over the SVD each control has, in percent, by matrix and budget.

    Parameters
    ----------
    frame : DataFrame
        Of `final_runs`.
    largest : bool, default False
        Whether only the largest budget of each matrix counts; then the rows are matrices.

    Returns
    -------
    DataFrame
        Missing where the gain's own 95 % interval holds zero: of what may be nothing there is no part.
    """
    gains = gains_over(frame, "svd")
    means = by_method(gains, "gain")
    whole = by_method(gains, "gain", lambda gain: estimate(gain.tolist()))["mmf-lm"]
    parts = {
        control: [share(100 * part, of.mean, of.half) for part, of in zip(means[control], whole, strict=True)]
        for control in CONTROLS
        if control in means
    }
    table = pd.DataFrame(parts, index=means.index, dtype=float)
    return table.groupby("dataset", sort=False).tail(1).droplevel("budget") if largest else table


def table_3(claims: Iterable[Claim], rows: Mapping[str, Mapping]) -> pd.DataFrame:
    """Return Table 3: errors of SVD and MMF and the gain, the paper's and ours, and the verdict on the gain.

    Parameters
    ----------
    claims : iterable of Claim
    rows : mapping of str to mapping
        The ledger by id.
    """
    found: dict[tuple, dict] = {}
    for claim in claims:
        if claim.place == "Table 3":
            name, row = claim.id.rpartition("-")[2], rows[claim.id]
            name = {"improvement": "gain (%)", "svd": "SVD", "mmf": "MMF"}[name]
            digits = 1 if claim.form == "gain" else 4
            line = found.setdefault((claim.dataset[0], claim.match["budget"]), {})
            line[name, "paper"] = f"{claim.reported:.{digits}f}"
            line[name, "ours"] = "–" if row["measured"] is None else f"{row['measured']:.{digits}f}"
            if claim.form == "gain":
                line[name, "verdict"] = row["verdict"]
    table = pd.DataFrame(found).T.rename_axis(CELL)
    table.columns = pd.MultiIndex.from_tuples(table.columns)
    return table


def solvers(records: Iterable[Record]) -> dict[tuple[str, str], Record]:
    """Return runs with an error curve, of seed 0, at each matrix's largest budget, by matrix and method."""
    records = [record for record in records if "seconds" in record.curves]
    largest: dict[str, int] = {}
    for given in (record.parameters for record in records):
        largest[given["dataset"]] = max(given["budget"], largest.get(given["dataset"], 0))
    return {
        (given["dataset"], given["method"]): record
        for record in records
        for given in [record.parameters]
        if record.experiment == plan.EXPERIMENT
        and given["seed"] == 0
        and given["budget"] == largest[given["dataset"]]
    }


def ends(timed: Mapping[tuple[str, str], Record]) -> pd.DataFrame:
    """Return where runs begin and end: iterations, first and last error.

    Parameters
    ----------
    timed : mapping of (dataset, method) to Record
        Of `solvers`.
    """
    rows = {
        place: [int(run.metrics["n_iter"]), run.curves["relative_error"][0], run.metrics["relative_error"]]
        for place, run in timed.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["iterations", "first error", "last error"])
    table.index = pd.MultiIndex.from_tuples(rows, names=["dataset", "method"])
    return table
