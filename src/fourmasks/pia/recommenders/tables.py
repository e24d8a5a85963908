"""Tables of the recommender experiment: how far methods are above others, over splits and user by user."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy.stats import ttest_1samp

from fourmasks.claims.files import overlaps
from fourmasks.claims.measurements import estimate
from fourmasks.pages.names import GROUP_LABELS, MEASURES
from fourmasks.pages.tables import differences, label, plus_minus, run_rows, spread
from fourmasks.pages.words import judged
from fourmasks.pia.recommenders.plan import EXPERIMENT, FIXED
from fourmasks.pia.recommenders.run import GROUPS
from fourmasks.records.store import Record

OUTER = ("dataset", "method", "split_seed", "seed")
METRICS = ("recall_at_20", "recall_at_50", "ndcg_at_100")


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each final run, by data set, split and method: what it was, and all its metrics."""
    frame = run_rows(records, EXPERIMENT, OUTER)
    return frame.sort_values(["dataset", "split_seed", "method"], ignore_index=True)


def uplifts(
    records: Iterable[Record], dataset: str, pairs: Iterable[tuple[str, str]], group: str = ""
) -> pd.DataFrame:
    """Return by how much the NDCG@100 of methods is above that of others, with two kinds of intervals.

    Parameters
    ----------
    records : iterable of Record
    dataset : str
    pairs : iterable of (method, baseline)
        Those that were not run on a split in common are left out.
    group : str, optional
        One of `GROUPS`; by default all users.

    Returns
    -------
    DataFrame
        With a row for each pair: method, baseline; base, the baseline's mean; difference, the mean over
        splits of the differences of means over users; half_splits, half of the 95 % interval over splits,
        corrected for their overlap (each has a seed of its own; NaN for one split); percent and
        half_percent, the same in percent of the baseline on the same split, as in the ledger; splits;
        difference_users and half_users, mean of the differences user by user, all splits together, and half
        of its interval; p_users, of the paired t test on them; and users, how many they are. A user who is
        in the test of two splits counts twice. The users' interval says what other test users would change,
        the splits' what other users for training and other random numbers would change too.
    """
    records, name = list(records), f"ndcg_at_100_of_{group}" if group else "ndcg_at_100"
    frame = runs(records).query("dataset == @dataset").reindex(columns=[*OUTER, name])
    values = frame.pivot(index="split_seed", columns="method", values=name)
    pairs, overlap, rows = list(pairs), overlaps(EXPERIMENT), []
    found = differences(frame, name, pairs, overlap)
    found[["percent", "half_percent"]] = differences(frame, name, pairs, overlap, percent=True)[
        ["difference", "half"]
    ]
    for row in found.itertuples():
        apart = _user_differences(records, dataset, row.method, row.baseline, group)
        if not apart:
            continue
        over_users = estimate(apart)
        base = values[[row.method, row.baseline]].dropna()[row.baseline].mean()
        rows.append(
            (row.method, row.baseline, base, row.difference, row.half)
            + (row.percent, row.half_percent, row.splits)
            + (over_users.mean, over_users.half, _p_value(apart), over_users.n_seeds)
        )
    columns = "method baseline base difference half_splits percent half_percent splits"
    columns = [*columns.split(), "difference_users", "half_users", "p_users", "users"]
    halves = ["half_splits", "half_percent", "half_users"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(halves, float))


def group_uplifts(records: Iterable[Record], dataset: str, pairs: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Return `uplifts` for each user group that has users, with its label in the column "items"."""
    records, pairs = list(records), list(pairs)
    found = [
        uplifts(records, dataset, pairs, group).assign(items=label) for group, label in GROUP_LABELS.items()
    ]
    return pd.concat([part for part in found if len(part)] or found[:1], ignore_index=True)


def with_base(methods: Iterable[str]) -> list[tuple[str, str]]:
    """Return those of some methods that change another of them, as "multi-vae+pia", each with that other."""
    methods = list(methods)
    pairs = [(method, method.partition("+")[0]) for method in methods if "+" in method]
    return [(method, base) for method, base in pairs if base in methods]


def pulls(base: str) -> list[str]:
    """Return the controls that pull to something else than the user's own items, on a model of the plan."""
    own = {method: fixed.get("alignment") for method, fixed in FIXED.items() if method.startswith(f"{base}+")}
    return [method for method, target in own.items() if target and target != "items"]


def signed(mean: float, half: float, digits: int = 4) -> str:
    """Return a difference with its sign, ± half of its interval if there is one."""
    text = f"{round(mean, digits) + 0.0:+.{digits}f}"  # no -0.0000
    return text if math.isnan(half) else plus_minus(text, f"{half:.{digits}f}")


def controls(records: Iterable[Record], dataset: str, methods: Iterable[str]) -> pd.DataFrame:
    """Return what PIA and each control add to the model that they change, and how they compare with PIA.

    Both are differences of NDCG@100 in percent, ± half of their 95 % interval over splits, and what that
    interval says of them; methods of which there are no runs are left out.
    """
    pairs, rows = with_base(methods), {}
    records = list(records)
    gain = uplifts(records, dataset, pairs).set_index("method")
    others = [(method, f"{base}+pia") for method, base in pairs if method != f"{base}+pia"]
    apart = uplifts(records, dataset, others).set_index("method")
    for method, row in gain.iterrows():
        cells = {
            "above the plain model (%)": signed(row["percent"], row["half_percent"], 2),
            "it is": _in_short(row["percent"], row["half_percent"]),
        }
        if method in apart.index:
            other = apart.loc[method]
            cells["above PIA (%)"] = signed(other["percent"], other["half_percent"], 2)
            cells["than PIA"] = _in_short(other["percent"], other["half_percent"])
        rows[method] = cells
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def over_users(found: pd.DataFrame) -> pd.DataFrame:
    """Return uplifts in percent of the baseline, and each ± half its interval over splits and over users."""
    table = {
        "uplift (%)": found["percent"],
        "over splits": list(map(signed, found["difference"], found["half_splits"])),
        "splits": found["splits"],
        "over users": list(map(signed, found["difference_users"], found["half_users"])),
        "p over users": found["p_users"].map("{:.3f}".format, na_action="ignore"),
        "users": found["users"],
    }
    return pd.DataFrame(table).set_index([found["method"], found["baseline"]])


def by_group(frame: pd.DataFrame, methods: Iterable[str]) -> pd.DataFrame:
    """Return measures by user group and method, means ± standard deviations over splits, and mean users.

    Parameters
    ----------
    frame : DataFrame
        Of `runs`, of one data set.
    methods : iterable of str
        In the order of the rows.
    """
    rows = {}
    for group, items in GROUP_LABELS.items():
        for method in methods:
            part = frame[frame["method"] == method].dropna(subset=f"users_of_{group}")
            if len(part):
                cells = {label(metric): spread(part[f"{metric}_of_{group}"]) for metric in METRICS}
                rows[items, method] = cells | {"users": f"{part[f'users_of_{group}'].mean():.1f}"}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["items", "method"])


def group_percents(found: pd.DataFrame) -> pd.DataFrame:
    """Return changes in percent ± half their interval over splits, methods by user group, and the users.

    Parameters
    ----------
    found : DataFrame
        Of `group_uplifts`.
    """
    cells = [signed(*row, 1) for row in zip(found["percent"], found["half_percent"], strict=True)]
    table = found.assign(cells=cells).pivot(index="method", columns="items", values="cells")
    table = table.reindex(found["method"].unique())
    table = table[[items for items in GROUP_LABELS.values() if items in table]]
    table.loc["users, all splits"] = found.groupby("items")["users"].max().astype(str)
    return table.rename_axis(columns="items", index=None)


def verdict_rows(rows: Iterable[dict], printed: Mapping[tuple[str, str], str] | None = None) -> pd.DataFrame:
    """Return rows of a ledger by data set and method: the measure, the paper's number, ours, and the verdict.

    Parameters
    ----------
    rows : iterable of dict
        Of `fourmasks.claims.ledger.ledger`.
    printed : mapping of (method, measure) to str, optional
        What the paper prints of it; default what the ledger says that it reports.
    """
    cells = []
    for row in rows:
        measure = next(filter(None, map(MEASURES.get, row["metric"].split())), row["metric"])
        said = row["reported"] if printed is None else printed.get((row["method"], measure), "–")
        found = "–" if row["measured"] is None else signed(row["measured"], _half(row), 2)
        cells.append((row["dataset"], row["method"], measure, said, found, row["n_seeds"], row["verdict"]))
    columns = ["dataset", "method", "measure", "the paper", "we found", "splits", "verdict"]
    table = pd.DataFrame(cells, columns=columns).sort_values("dataset", kind="stable")
    return table.set_index(columns[:3])


def _in_short(difference: float, half: float) -> str:
    """Return "better", "worse" or "no difference"."""
    return judged(difference, half).partition(" beyond")[0]


def _half(row: dict) -> float:
    return (row["interval"][1] - row["interval"][0]) / 2 if row["interval"] else math.nan


def _user_differences(records, dataset, method, baseline, group) -> list[float]:
    """Return differences of NDCG@100 user by user, split by split and group by group."""
    curves = {
        (r.parameters["method"], r.parameters["split_seed"]): r.curves
        for r in records
        if r.experiment == EXPERIMENT and r.parameters["dataset"] == dataset
    }
    found = []
    for split in sorted(split for name, split in curves if name == method and (baseline, split) in curves):
        mine, other = curves[method, split], curves[baseline, split]
        for name in [f"ndcg_at_100_of_{one}" for one in ([group] if group else GROUPS)]:
            found.extend(np.subtract(mine.get(name, []), other.get(name, [])).tolist())
    return found


def _p_value(values):
    spread = len(values) > 1 and np.ptp(values) > 0
    return float(ttest_1samp(values, 0).pvalue) if spread else math.nan
