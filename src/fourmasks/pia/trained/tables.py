"""Tables and sentences on Figures 1 and 2 and on drift, from their records."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from fourmasks.claims.measurements import estimate
from fourmasks.data.interactions import interaction_names
from fourmasks.pages.tables import plus_minus, spread
from fourmasks.pia.trained.plan import LATENT, METHODS, SETTINGS
from fourmasks.records.store import Record

COHORTS = ("small", "mid", "large")
FIT = ("ndcg_at_100", "best_epoch", "alignment_weight")
GROUPS = ("activity", "silhouette", "within", "between", "mid_large", "small_large", "order", "related")
INPUT = ("overlap_jaccard", "overlap_l1", "follows_cosine", "follows_l1")
DRIFT = ("drift", "drift_from_clean", "view_ratio", "recognised")


def in_order(records: Iterable[Record], experiment: str) -> list[Record]:
    """Return an experiment's records in the order of data sets and methods, then by seed."""

    def place(record):
        p = record.parameters
        return interaction_names().index(p["dataset"]), METHODS.index(p["method"]), p["seed"]

    return sorted((r for r in records if r.experiment == experiment), key=place)


def runs(records: Iterable[Record], experiment: str = LATENT):
    """Return a DataFrame with a row for each run of an experiment: data, method, seed and all metrics."""
    import pandas as pd

    keys = ["dataset", "method", "seed"]
    rows = [{key: r.parameters[key] for key in keys} | r.metrics for r in in_order(records, experiment)]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=keys)


def summary(frame, metrics: Sequence[str], digits: int = 3):
    """Return a table of metrics by data set and method: mean over seeds ± standard deviation.

    Metrics that no run has are left out; one that a method lacks is empty.
    """
    present = [name for name in metrics if name in frame.columns]
    if not present:
        return frame[["dataset", "method"]].drop_duplicates().set_index(["dataset", "method"])

    def text(values):
        values = values.dropna()
        return spread(values, digits) if len(values) else None

    return frame.groupby(["dataset", "method"], sort=False)[present].agg(text)


def cohort_sizes(frame):
    """Return the median number of items in each cohort, averaged over seeds, by data set."""
    columns = {f"items_{name}": name for name in COHORTS}
    return frame.groupby("dataset", sort=False)[list(columns)].mean().rename(columns=columns)


def differences(frame, metric: str, pairs: Iterable[tuple[str, str]]):
    """Return by how much a metric of a method differs from that of another one on the same seed.

    Parameters
    ----------
    frame : DataFrame
        As from `runs`.
    metric : str
    pairs : iterable of (str, str)
        Method, and the one that it is compared with.

    Returns
    -------
    DataFrame
        dataset, method, against, difference (mean over seeds), half (of Student's 95 % interval; missing for
        one seed), seeds; a row for each pair that has seeds in common.
    """
    import pandas as pd

    rows = []
    for dataset, part in frame.groupby("dataset", sort=False):
        values = part.pivot_table(index="seed", columns="method", values=metric)
        for method, other in pairs:
            if {method, other} <= set(values.columns):
                gaps = (values[method] - values[other]).dropna()
                if len(gaps):
                    found = estimate(gaps.tolist())
                    rows.append([dataset, method, other, found.mean, found.half, found.n_seeds])
    names = ["dataset", "method", "against", "difference", "half", "seeds"]
    return pd.DataFrame(rows, columns=names).astype({"difference": float, "half": float})


def changes(frame, metrics: Mapping[str, str], pairs: Iterable[tuple[str, str]]):
    """Return a table of `differences`: pairs of methods by metrics.

    Parameters
    ----------
    frame : DataFrame
        As from `runs`.
    metrics : mapping of str to str
        What each metric is to be called.
    pairs : iterable of (str, str)

    Returns
    -------
    DataFrame
        Texts: the mean difference ± half of Student's 95 % interval, and a star if the interval is without
        zero. One seed has no interval. Rows are by data set, method and the one that it is compared with.
    """
    import pandas as pd

    pairs, columns = list(pairs), {}
    for metric, name in metrics.items():
        found = differences(frame, metric, pairs).set_index(["dataset", "method", "against"])
        columns[name] = found.apply(_change, axis=1, result_type="reduce").astype(str)
    return pd.DataFrame(columns)


def _change(row) -> str:
    size = f"{row['difference']:+.3f}"
    if np.isnan(row["half"]):
        return size
    star = "*" if abs(row["difference"]) > row["half"] else ""
    return plus_minus(size, f"{row['half']:.3f}{star}")


def order_sentences(frame) -> list[str]:
    """Say for the paper's settings and the inputs how often the large cohort is nearer to the mid one."""
    found = []
    for (dataset, method), part in frame.groupby(["dataset", "method"], sort=False):
        if method in (*SETTINGS, "input-binary", "input-unit"):
            found.append(
                f"{dataset}, {method}: large is nearer to mid than to small in {(part['order'] > 0).sum()} of"
                f" {len(part)} runs"
            )
    return found


# ---------------------------------------------------------------- Figure 1


def trio_table(record: Record):
    """Return the two pairs of Figure 1: items of both, in common, L1, and share of the other's items."""
    import pandas as pd

    rows = {}
    user = set(record.curves["user"])
    for kind in ("near", "related"):
        other = set(record.curves[kind])
        rows[kind] = {
            "user's items": len(user),
            "other's items": len(other),
            "in common": len(user & other),
            "L1": len(user ^ other),
            "share of the other's": len(user & other) / len(other),
        }
    return pd.DataFrame(rows).T.astype(
        dict.fromkeys(["user's items", "other's items", "in common", "L1"], int)
    )


def trio_cells(record: Record) -> tuple[np.ndarray, list[str]]:
    """Return who of the trio has which item, (3, items), and a label for each.

    The items come in groups: those of all three, of the user and the near one, of the user and the related
    one, of the user alone, and the rest.
    """
    sets = [set(record.curves[name]) for name in ("user", "near", "related")]
    has = np.array([[item in s for item in sorted(set.union(*sets))] for s in sets])
    user, near, related = has
    group = np.select([user & near & related, user & near, user & related, user], range(4), 4)
    return has[:, np.argsort(group, kind="stable")], ["one user", "near", "far but related"]


def geometry_table(records: Iterable[Record]):
    """Return what L1 says of related users, by data set (see `trio.describe`)."""
    import pandas as pd

    names = ["stranger_nearest", "has_related", "nearer_l1", "nearer_cosine"]
    rows = {r.parameters["dataset"]: [r.metrics[name] for name in names] for r in records}
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("dataset")
