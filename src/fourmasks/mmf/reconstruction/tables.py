"""Tables of the reconstruction experiment, from its records."""

from collections.abc import Iterable

import numpy as np

from fourmasks.records.store import Record

CELL = ["dataset", "budget"]


def runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each run of a method: what it was and what it reached."""
    import pandas as pd

    names = ("dataset", "method", "budget", "seed", "mask", "n_masks")
    rows = [
        {name: record.parameters.get(name) for name in names}
        | {"relative_error": record.metrics["relative_error"], "seconds": record.seconds}
        for record in records
        if "method" in record.parameters
    ]
    return _sorted(pd.DataFrame(rows, columns=[*names, "relative_error", "seconds"]))


def sizes(records: Iterable[Record]):
    """Return Table 1: rows, columns, density and number of non-zero entries of each matrix."""
    import pandas as pd

    found = {
        record.parameters["dataset"]: record.metrics for record in records if "density" in record.metrics
    }
    table = pd.DataFrame(found).T.rename_axis("dataset")
    whole = ["rows", "columns", "n_nonzero"]
    return table.astype(dict.fromkeys(whole, int))[[*whole, "density"]]


def errors(frame):
    """Return mean, standard deviation over seeds, and number of seeds, by dataset, budget and method."""
    grouped = frame.groupby([*CELL, "method"], sort=False)["relative_error"]
    return grouped.agg(mean="mean", spread="std", seeds="count").reset_index()


def gains(frame, baseline: str = "svd"):
    """Return the gain of every run over a baseline on the same matrix: (e_base - e) / e_base, in percent.

    A deterministic baseline on a real matrix has one run; it stands for all seeds.
    """
    base = frame[frame["method"] == baseline].set_index([*CELL, "seed"])["relative_error"].to_dict()

    def gain(run):
        cell = (run.dataset, run.budget)
        reference = base.get((*cell, run.seed), base.get((*cell, 0), np.nan))
        return 100 * (1 - run.relative_error / reference)

    found = frame.assign(gain=[gain(run) for run in frame.itertuples()])
    return found[found["method"] != baseline].dropna(subset="gain")


def wide(means, methods: Iterable[str]):
    """Return a table of mean errors with a row for each dataset and budget, a column for each method."""
    return _by_method(means.set_index([*CELL, "method"])["mean"], methods)


def gain_table(found, methods: Iterable[str]):
    """Return the gains, "mean ± standard deviation", with a column for each method."""

    def text(gain):
        mean = f"{round(gain.mean(), 1) + 0.0:.1f}"  # adding 0 takes the sign from a zero
        return f"{mean} ± {gain.std():.1f}" if len(gain) > 1 else mean

    return _by_method(found.groupby([*CELL, "method"], sort=False)["gain"].agg(text), methods)


def share_left(found, control: str, method: str):
    """Return which part of a method's mean gain a control keeps, in percent, by dataset and budget."""
    gain = found.groupby([*CELL, "method"], sort=False)["gain"].mean()
    table = _by_method(gain, [control, method])
    share = (100 * table[control] / table[method]).where(table[method] > 0).unstack("budget", sort=False)
    return share[sorted(share.columns)]


def duel(means, method: str, rival: str) -> str:
    """Return a sentence: at how many datasets and budgets the rival's mean error is the smaller one."""
    table = wide(means, [method, rival])
    if not {method, rival} <= set(table.columns):
        return f"{rival}: no runs"
    both = table.dropna()
    wins = both[rival] < both[method]
    by_dataset = wins.groupby(level="dataset", sort=False).agg(["sum", "count"])
    details = ", ".join(f"{name} {won} of {n}" for name, (won, n) in by_dataset.iterrows())
    return f"{rival} beats {method} in {wins.sum()} of {len(wins)} cases: {details}"


def final_errors(records: Iterable[Record], budget_of: dict[str, int]):
    """Return the first and the last error of each method with a training curve, at one budget."""
    import pandas as pd

    rows = [
        {
            "dataset": record.parameters["dataset"],
            "method": record.parameters["method"],
            "iterations": int(record.metrics["n_iter"]),
            "first error": record.curves["relative_error"][0],
            "last error": record.metrics["relative_error"],
        }
        for record in records
        if "seconds" in record.curves
        and record.parameters["seed"] == 0
        and budget_of.get(record.parameters["dataset"]) == record.parameters["budget"]
    ]
    return pd.DataFrame(rows).set_index(["dataset", "method"]) if rows else pd.DataFrame()


def mask_peaks(masks: np.ndarray, instances: list[int]):
    """Return the latent dimension, counted from 1, at which each instance's k-th mask is largest."""
    import pandas as pd

    peaks = np.abs(masks[instances]).argmax(axis=2) + 1
    columns = [f"k = {k + 1}" for k in range(masks.shape[1])]
    return pd.DataFrame(peaks, index=pd.Index(instances, name="instance"), columns=columns)


def against_paper(rows: list[dict], claims: Iterable, place: str):
    """Return a table of the paper: what it reports, what we measured, and the verdicts.

    Parameters
    ----------
    rows : list of dict
        The ledger.
    claims : iterable of claims.Claim
        With `match` holding the budget.
    place : str
        "Table 3".
    """
    import pandas as pd

    measured = {row["id"]: row for row in rows}
    table = {}
    for claim in claims:
        if claim.place == place:
            row, name = measured[claim.id], claim.id.rpartition("-")[2]
            cell = table.setdefault((claim.dataset[0], claim.match["budget"]), {})
            cell[f"{name} reported"] = claim.reported
            cell[f"{name} ours"] = row["measured"]
            cell["seeds"] = row["n_seeds"]
            cell["verdict on the gain"] = row["verdict"]
    frame = pd.DataFrame(table).T.rename_axis(CELL)
    return frame[
        [
            *(name for name in frame.columns if "reported" in name or "ours" in name),
            "seeds",
            "verdict on the gain",
        ]
    ]


def pilot_table(records: Iterable[Record]):
    """Return the errors of the pilot: a row for each dataset and mask family, a column for each K."""
    frame = runs(records)
    return frame.pivot_table(index=["dataset", "budget", "mask"], columns="n_masks", values="relative_error")


def _by_method(cells, methods: Iterable[str]):
    """Return a series over dataset, budget and method as a table; rows stay in their order."""
    table = cells.unstack("method", sort=False)
    table = table.reindex(cells.index.droplevel("method").unique())
    return table[[method for method in methods if method in table.columns]]


def _sorted(frame):
    """Return a frame in the order s6 ... s10, h2 ... h6, then the real matrices, and by budget."""

    def place(name):
        letter, number = name[0], name[1:].split("-")[0]
        return f"{'sh'.index(letter)}{int(number):03d}" if letter in "sh" and number.isdigit() else f"9{name}"

    order = frame["dataset"].map(place)
    return frame.assign(order=order).sort_values(["order", "budget", "method", "seed"]).drop(columns="order")
