"""Tables of the rating experiment, from its records."""

from collections.abc import Iterable, Mapping

from fourmasks.claims.measurements import estimate
from fourmasks.mmf.ratings.plan import DATASETS, EXPERIMENT, METHODS, PROFILES, SEARCH
from fourmasks.records.store import Record

CELL = ["dataset", "method"]

# What the control experiments take away or put in, one step after the other: name, before, after.
STEPS = (
    ("rescaling", "mf-plain", "mmf-constant"),
    ("weights by dimension", "mmf-constant", "mmf-reference"),
    ("tuning", "mmf-constant", "mf-tuned"),
    ("masks and tuning", "mf-tuned", "mmf-learned"),
    ("masks alone", "mmf-unmasked", "mmf-learned"),
    ("a wider search", "mf-tuned", "mf-wide"),
    ("masks, wider search", "mf-wide", "mmf-wide"),
)

UNMASKED = ("mmf-constant", "mmf-unmasked")  # they have the settings of an MMF, and no masks


def in_order(records: Iterable[Record]) -> list[Record]:
    """Return the records on the paper profile's data sets, in its order, then by method and seed."""
    datasets, methods = PROFILES["paper"].dataset, ["", *METHODS]

    def place(record):
        dataset, method = (record.parameters.get(name, "") for name in CELL)
        return datasets.index(dataset), methods.index(method), record.parameters["seed"]

    return sorted((r for r in records if r.parameters["dataset"] in datasets), key=place)


def runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each final run: what it was, its errors, sizes and seconds."""
    import pandas as pd

    rows = [
        {name: record.parameters[name] for name in ("dataset", "method", "protocol", "seed", "split_seed")}
        | record.metrics
        for record in records
        if record.experiment == EXPERIMENT
    ]
    return pd.DataFrame(rows)


def sizes(records: Iterable[Record]):
    """Return Table 2: users, items, ratings and density of each data set."""
    import pandas as pd

    found = {r.parameters["dataset"]: r.metrics for r in records if r.experiment == DATASETS}
    table = pd.DataFrame(found).T.rename_axis("dataset")[["users", "items", "ratings", "density"]]
    return table.astype(dict.fromkeys(("users", "items", "ratings"), int))


def settings(records: Iterable[Record]):
    """Return the settings that the search found, by data set and method, as text."""
    import pandas as pd

    outer = {"dataset", "method", "protocol", "split_seed", "validation", "seed", "epochs"}
    best, count = {}, {}
    for record in records:
        if record.experiment == SEARCH:
            cell = tuple(record.parameters[name] for name in CELL)
            count[cell] = count.get(cell, 0) + 1
            if cell not in best or _error(record) < _error(best[cell]):
                best[cell] = record
    rows = [
        dict(zip(CELL, cell, strict=True))
        | {"trials": count[cell], "validation_rmse": _error(record)}
        | {"settings": ", ".join(f"{k} {v}" for k, v in record.parameters.items() if k not in outer)}
        for cell, record in best.items()
    ]
    return pd.DataFrame(rows, columns=[*CELL, "trials", "validation_rmse", "settings"]).set_index(CELL)


def rounded(frame, metric: str = "test_rmse"):
    """Return a table of "mean ± standard deviation" over seeds, methods by data sets."""
    return frame.groupby(CELL, sort=False)[metric].agg(_spread).unstack("dataset", sort=False).fillna("–")


def quoted(reported: Mapping, methods: Iterable[str], datasets: Iterable[str]):
    """Return the reported RMSE of methods that are not among ours, methods by data sets."""
    import pandas as pd

    ours = set(methods)
    rest = {(method, name): value for (name, method), value in reported.items() if method not in ours}
    return pd.Series(rest, dtype=float).unstack().reindex(columns=list(datasets)).rename_axis("method")


def beside(frame, reported: Mapping, methods: Iterable[str], datasets: Iterable[str]):
    """Return Table 4: reported and measured RMSE side by side, methods by data sets.

    Parameters
    ----------
    frame : DataFrame
        As `runs` gives it.
    reported : mapping of (dataset, method) to float
    methods, datasets : iterable of str
        Rows and columns, in this order.
    """
    import pandas as pd

    ours = frame.groupby(CELL)["test_rmse"].agg(_spread)
    rows = {}
    for method in methods:
        cells = {}
        for dataset in datasets:
            number = reported.get((dataset, method))
            cells[dataset, "paper"] = "–" if number is None else f"{number:.3f}"
            cells[dataset, "ours"] = ours.get((dataset, method), "–")
        rows[method] = cells
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def differences(frame, steps=STEPS):
    """Return how much each step lowers the test RMSE: mean over paired seeds, and half of its 95 % interval.

    Columns are dataset, step, before, after, gain, half (NaN for one seed) and seeds. Both runs of a pair
    have the same seed, and so the same split.
    """
    import pandas as pd

    rows = []
    errors = frame.set_index([*CELL, "seed"])["test_rmse"].sort_index()
    for dataset in frame["dataset"].unique():
        for step, before, after in steps:
            if not all((dataset, method) in errors.index.droplevel("seed") for method in (before, after)):
                continue
            gain = (errors[dataset, before] - errors[dataset, after]).dropna()
            if len(gain):
                found = estimate(gain.tolist())
                rows.append((dataset, step, before, after, found.mean, found.half, found.n_seeds))
    return pd.DataFrame(rows, columns=["dataset", "step", "before", "after", "gain", "half", "seeds"])


def sentence(frame, dataset: str, before: str, after: str) -> str:
    """Return in words what one step does to the test RMSE of one data set."""
    found = differences(frame[frame["dataset"] == dataset], [("", before, after)])
    if found.empty:
        return f"{dataset}: no runs of {before} and {after} with a seed in common"
    gain, half = found["gain"].item(), found["half"].item()
    if half != half or half is None:
        return f"{dataset}: from {before} to {after} the RMSE changes by {-gain:+.4f} (one seed, no interval)"
    sure = "beyond doubt" if abs(gain) > half else "no difference beyond the interval"
    return f"{dataset}: from {before} to {after} the RMSE changes by {-gain:+.4f} ± {half:.4f}: {sure}"


def luck(records, reported: float | None = None, near: float = 0.003):
    """Return what the split changes, and what the training's seed does, as a DataFrame with a row for each.

    Parameters
    ----------
    records : list of Record
        Of one data set.
    reported : float, optional
        A test RMSE; the column "reached" then counts the runs no more than `near` above it.
    near : float, default 0.003
    """
    import pandas as pd

    cells = [(r.parameters["split_seed"], r.parameters["seed"], r.metrics["test_rmse"]) for r in records]
    kinds = {
        "another split": [error for split_seed, seed, error in cells if seed == 0],
        "another training on split 0": [error for split_seed, seed, error in cells if split_seed == 0],
    }
    rows = {}
    for kind, errors in kinds.items():
        errors = pd.Series(errors)
        rows[kind] = {
            "runs": len(errors),
            "mean": errors.mean(),
            "deviation": errors.std(),
            "lowest": errors.min(),
            "highest": errors.max(),
        }
        if reported is not None:
            rows[kind]["reached"] = int((errors <= reported + near).sum())
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("what changes")


def targets(frame, searched, reported: Mapping, datasets: Iterable[str], near: float = 0.003):
    """Return how close the runs of MMF came to what the paper reports for it.

    Parameters
    ----------
    frame : DataFrame
        As `runs` gives it.
    searched : iterable of Record
        The trials are those of the search; others are passed over.
    reported : mapping of dataset to float
    datasets : iterable of str
    near : float, default 0.003
        What may be missing for "reached".

    Returns
    -------
    DataFrame
        For each data set: reported; the kind of MMF with the lowest mean test RMSE, and that mean; the method
        of any kind with the lowest; trials, of all methods together; reached.
    """
    import pandas as pd

    means = frame.groupby(CELL)["test_rmse"].mean()
    tried = {r.key: r.parameters["dataset"] for r in searched if r.experiment == SEARCH}
    rows = {}
    for dataset in datasets:
        mine, target = means[dataset], reported[dataset]
        masked = mine[[name for name in mine.index if name.startswith("mmf-") and name not in UNMASKED]]
        rows[dataset] = {
            "reported": target,
            "best MMF": masked.idxmin(),
            "its RMSE": masked.min(),
            "best of all": mine.idxmin(),
            "RMSE of that": mine.min(),
            "trials": list(tried.values()).count(dataset),
            "reached": "yes" if masked.min() <= target + near else "no",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("dataset")


def times(frame, methods: Iterable[str]):
    """Return Table 7: seconds of training and of predicting the test set, and per epoch, mean over seeds."""
    chosen = frame[frame["method"].isin(list(methods))]
    names = ["training_seconds", "epoch_seconds", "epochs", "inference_seconds"]
    return chosen.groupby(CELL, sort=False)[names].mean()


def _error(record):
    return record.metrics["validation_rmse"]


def _spread(values):
    text = f"{values.mean():.4f}"
    return f"{text} ± {values.std():.4f}" if len(values) > 1 else text
