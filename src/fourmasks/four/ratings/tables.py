"""Tables of the ratings: errors side by side, by activity, and with fewer ratings."""

from collections.abc import Iterable

import pandas as pd

from fourmasks.claims.statistics import estimate
from fourmasks.four.ratings import shares
from fourmasks.four.ratings.plan import EXPERIMENT, METHODS
from fourmasks.four.ratings.run import GROUPS
from fourmasks.pages.tables import interval, run_rows, spread
from fourmasks.records.store import Record

OUTER = ["dataset", "method", "split_seed", "seed"]
# What the masks and the network are compared with.
PAIRS = [
    ("mmf-learned", "mmf-constant"),
    ("mmf-learned", "mmf-zero"),
    ("mmf-learned", "mf-tuned"),
    ("mmf-constant", "mf-tuned"),
    ("lu-net-tuned", "mf-tuned"),
    ("autorec", "mf-tuned"),
    ("mf-tuned", "averages"),
    ("autorec", "averages"),
    ("lu-net-tuned", "averages"),
]
LABELS = {"0_to_10": "up to 10", "11_to_30": "11–30", "31_to_100": "31–100", "over_100": "over 100"}


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each final run, methods in the order of the plan."""
    frame = run_rows(records, EXPERIMENT, OUTER)
    frame = frame if len(frame) else frame.assign(test_rmse=[], training_seconds=[])
    return _in_order(frame, ["dataset", "method", "seed"])


def errors(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the test RMSE, `spread` over splits: methods by data sets."""
    table = frame.pivot_table(
        index="method", columns="dataset", values="test_rmse", aggfunc=spread, sort=False
    )
    return table.fillna("–").rename_axis(columns=None)


def by_activity(frame: pd.DataFrame, dataset: str, of: str, kind: str = "rmse") -> pd.DataFrame:
    """Return errors by how many ratings a user, or an item, has in the training: methods by groups, means.

    Parameters
    ----------
    frame : DataFrame
        Of `runs`.
    dataset : str
    of : {"users", "items"}
    kind : {"rmse", "bias"}, default "rmse"
        Bias is the mean error, prediction minus rating.
    """
    names = {f"{kind}_of_{of}_{group}": LABELS[group] for group in GROUPS}
    part = frame[frame["dataset"] == dataset].set_index("method").reindex(columns=list(names))
    return part.groupby("method", sort=False).mean().dropna(axis=1, how="all").rename(columns=names)


def little(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each run with a share of the ratings."""
    part = run_rows(records, shares.EXPERIMENT, [*OUTER, "share"])
    part = part if len(part) else part.assign(test_rmse=[])
    return _in_order(part, ["dataset", "share", "method", "seed"])


def by_share(frame: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Return the test RMSE of `little` on one data set, `spread` over splits: methods by shares."""
    part = frame[frame["dataset"] == dataset].assign(share=lambda rows: rows["share"].map("{:.0%}".format))
    table = part.pivot_table(index="method", columns="share", values="test_rmse", aggfunc=spread, sort=False)
    return table.fillna("–").rename_axis(columns=None)


def crossings(frame: pd.DataFrame, dataset: str, test_share: float) -> pd.DataFrame:
    """Return the pairs of models of which one is surely better with few ratings and the other with all.

    Parameters
    ----------
    frame : DataFrame
        Of `little`.
    dataset : str
    test_share : float
        Ratings of the test over those of the whole training: what the interval of a share is corrected for;
        0 where the test is the same for all splits.

    Returns
    -------
    DataFrame
        Indexed by the model that is better with few ratings and by the other; for the lowest share and for
        all ratings by how much the first is better, with half of the 95 % interval.
    """
    part = frame[frame["dataset"] == dataset]
    table = part.pivot_table(index="split_seed", columns=["share", "method"], values="test_rmse")
    rows = {}
    for few in shares.METHODS:
        for many in shares.METHODS:
            ends = [_gain(table, share, few, many, test_share) for share in sorted(part["share"].unique())]
            ends = [end for end in ends if end and end.half is not None]
            if len(ends) > 1 and ends[0].mean > ends[0].half and ends[-1].mean < -ends[-1].half:
                rows[few, many] = [interval(end, sign="+") for end in (ends[0], ends[-1])]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=["fewest ratings", "all ratings"])
    found.index = pd.MultiIndex.from_tuples(list(rows), names=["better with few", "better with all"])
    return found


def _gain(table, share, one, other, test_share):
    if not {(share, one), (share, other)} <= set(table.columns):
        return None
    gains = (table[share, other] - table[share, one]).dropna()
    return estimate(gains.tolist(), test_share / share) if len(gains) else None


def _in_order(frame, columns):
    return frame.sort_values(
        columns, kind="stable", ignore_index=True,
        key=lambda column: column.map(METHODS.index) if column.name == "method" else column,
    )  # fmt: skip
