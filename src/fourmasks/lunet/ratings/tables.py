"""Tables and sentences of the rating experiment, from its records."""

import math
from collections.abc import Iterable, Mapping

from fourmasks.claims.measurements import estimate
from fourmasks.lunet.ratings.plan import DATASETS, EXPERIMENT, METHODS, SEARCH, SPACES
from fourmasks.pages.tables import searched, spread
from fourmasks.records.store import Record

OUTER = ("dataset", "method", "split_seed", "seed")
AT = (1, 5, 10, 20, 30, 40, 50)  # epochs at which a table shows curves

# What stands beside the paper's network: method, rival, and what is taken away or put in its place.
PAIRS = (
    ("lu-net", "dense", "free matrices instead of triangles"),
    ("lu-net", "identity", "no network"),
    ("lu-net", "averages", "averages instead"),
    ("lu-net", "biased-mf", "biased MF instead"),
    ("lu-net", "mlp", "perceptron instead"),
    ("lu-net", "coupling", "coupling layers instead"),
    ("lu-net-stopped", "mlp-stopped", "perceptron instead, both stopped"),
    ("lu-net-stopped", "lu-net", "not stopped"),
    ("lu-net-tuned", "lu-net", "as stated, not tuned"),
    ("lu-net-tuned", "averages", "averages instead"),
    ("lu-net-tuned", "biased-mf", "biased MF instead"),
    ("lu-net-tuned", "mlp-tuned", "perceptron instead"),
    ("lu-net-tuned", "coupling-tuned", "coupling layers instead"),
)


def runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each final run: what it was, and its metrics.

    Raises
    ------
    ValueError
        If there are two runs of one method on one split: with other settings, and not to be averaged.
    """
    import pandas as pd

    rows = [
        {name: record.parameters[name] for name in OUTER} | record.metrics
        for record in records
        if record.experiment == EXPERIMENT
    ]
    frame = pd.DataFrame(rows, columns=None if rows else [*OUTER, "test_mse"])
    twice = frame[frame.duplicated(list(OUTER))]
    if len(twice):
        run = ", ".join(f"{name} {twice.iloc[0][name]}" for name in OUTER)
        raise ValueError(f"two runs of {run}: expected one; remove the record with superseded settings")
    order = frame["method"].map({method: place for place, method in enumerate(METHODS)})
    return (
        frame.assign(order=order)
        .sort_values(["dataset", "order", "seed"], ignore_index=True)
        .drop(columns="order")
    )


def sizes(records: Iterable[Record], reported: Mapping | None = None):
    """Return Table 1 of our data, and where given the paper's counts by (dataset, metric) beside it."""
    import pandas as pd

    rows = {}
    for record in records:
        if record.experiment == DATASETS:
            name = record.parameters["dataset"]
            for metric in ("users", "items", "ratings", "density"):
                digits = 4 if metric == "density" else 0
                cells = {"ours": f"{record.metrics[metric]:.{digits}f}"}
                if reported is not None and (name, metric) in reported:
                    cells["paper"] = f"{reported[name, metric]:.{digits}f}"
                rows[name, metric] = cells
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["dataset", "what"])
    return table


def errors(frame, reported: Mapping, datasets: Iterable[str]):
    """Return Table 2: reported and measured test MSE side by side, methods by data sets.

    Parameters
    ----------
    frame : DataFrame
        As `runs` gives it.
    reported : mapping of (dataset, method) to float
    datasets : iterable of str
    """
    import pandas as pd

    ours = frame.groupby(["dataset", "method"])["test_mse"].agg(spread)
    rows = {}
    for method in (method for method in METHODS if method in set(frame["method"])):
        cells = {}
        for name in datasets:
            number = reported.get((name, method))
            cells[name, "paper"] = "–" if number is None else f"{number:.4f}"
            cells[name, "ours"] = ours.get((name, method), "–")
        rows[method] = cells
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def beside_paper(frame, dataset: str, reported: float) -> str:
    """Return in words where the paper's test MSE of its network stands among ours."""
    means = frame[frame["dataset"] == dataset].groupby("method")["test_mse"].mean()
    if not {"averages", "lu-net"} <= set(means.index):
        return f"{dataset}: no runs of lu-net and of the averages are there yet"
    apart = [
        f"{abs(reported - means[name]):.4f} {'above' if reported > means[name] else 'below'} our {name}"
        f" ({means[name]:.4f})"
        for name in ("averages", "identity", "lu-net", "biased-mf")
        if name in means.index
    ]
    return f"{dataset}: the paper's {reported:.4f} is {', '.join(apart)}"


def reconstructions(frame, dataset: str):
    """Return the errors of reconstruction on one data set beside condition numbers, medians over splits.

    Columns: squared error by coordinate, before and after training and in both precisions; the relative
    error in single precision, Frobenius norm of the difference over that of the embeddings; what decoders
    leave, alike for networks with and without inverse, also as a share of the variance, and that of an affine
    decoder; the largest condition numbers of L and U over the layers, in the spectral norm.
    """
    columns = {
        "untrained_reconstruction_mse_float32": ("untrained", "float32"),
        "reconstruction_mse_float32": ("trained", "float32"),
        "reconstruction_error_float32": ("trained", "relative"),
        "reconstruction_mse_float64": ("trained", "float64"),
        "decoder_mse": ("decoder", "error"),
        "decoder_share": ("decoder", "share"),
        "affine_decoder_share": ("decoder", "affine"),
        "condition_lower": ("condition", "L"),
        "condition_upper": ("condition", "U"),
    }
    part = frame[frame["dataset"] == dataset].reindex(columns=["method", *columns])
    return _medians(part, ["method"], columns)


def round_trips(frame):
    """Return what the figure of round trips shows, medians over splits by data set and method.

    Relative errors of the inverse in both precisions, and the logarithm of the product of all condition
    numbers, before training and after.
    """
    columns = {
        f"{prefix}{name}": (when, label)
        for prefix, when in (("untrained_", "untrained"), ("", "trained"))
        for name, label in (
            ("log10_condition", "log10 cond"),
            ("reconstruction_error_float32", "float32"),
            ("reconstruction_error_float64", "float64"),
        )
    }
    part = frame.reindex(columns=["dataset", "method", *columns])
    return _medians(part, ["dataset", "method"], columns)


def _medians(frame, by: list[str], columns: Mapping[str, tuple[str, str]]):
    """Return medians as texts, with a head of two lines."""
    import pandas as pd

    found = frame.groupby(by, sort=False).median().dropna(how="all").map(scientific)
    return found.set_axis(pd.MultiIndex.from_tuples(columns.values()), axis=1)


def scientific(number: float) -> str:
    """Return a number to two digits, 0 as it is and a missing one as "–"."""
    return "–" if math.isnan(number) else "0" if number == 0 else f"{number:.1e}"


def differences(frame, pairs=PAIRS, metric: str = "test_mse"):
    """Return the test MSE of methods minus that of rivals: mean over paired seeds, half its 95 % interval.

    Both runs of a pair are on the same split. Pairs without runs in common are left out.
    """
    import pandas as pd

    rows = []
    for dataset in frame["dataset"].unique():
        values = frame[frame["dataset"] == dataset].pivot_table(index="seed", columns="method", values=metric)
        for method, rival, what in pairs:
            if {method, rival} <= set(values):
                paired = (values[method] - values[rival]).dropna()
                if len(paired):
                    found = estimate(paired.tolist())
                    rows.append((dataset, method, rival, what, found.mean, found.half, found.n_seeds))
    columns = ["dataset", "method", "rival", "what", "difference", "half", "splits"]
    return pd.DataFrame(rows, columns=columns).astype({"difference": float, "half": float})


def sentence(frame, dataset: str, method: str, rival: str) -> str:
    """Return in words how the test MSE of two methods compares on one data set."""
    found = differences(frame[frame["dataset"] == dataset], [(method, rival, "")])
    if found.empty:
        return f"{dataset}: no runs of {method} and {rival} on the same split are there yet"
    mean, half = found["difference"].item(), found["half"].item()
    text = f"{dataset}: the test MSE of {method} minus that of {rival} is {mean:+.4f}"
    if math.isnan(half):
        return f"{text} (one split, no interval)"
    if abs(mean) <= half:
        return f"{text} ± {half:.4f}: no difference beyond the interval"
    return f"{text} ± {half:.4f}: {'worse' if mean > 0 else 'better'} beyond the interval"


def settings(records: Iterable[Record]):
    """Return what the search found: trials, validation MSE and the settings as text, by data and method."""
    columns = ["trials", "validation MSE", "settings"]
    return searched(records, SEARCH, SPACES, METHODS, "validation_mse", min).set_axis(columns, axis=1)


def curves(records: Iterable[Record], dataset: str, methods: Iterable[str], at: Iterable[int] = AT):
    """Return training and test losses at some epochs, means over seeds: the numbers of Figures 3 to 6."""
    import pandas as pd

    found = by_method(records, dataset, methods)
    rows = {}
    for method, theirs in found.items():
        names = ("train_mse", "test_mse", "train_loss", "test_loss")
        for name in (name for name in names if name in theirs[0].curves):
            length = min(len(record.curves[name]) for record in theirs)
            means = [
                sum(values) / len(theirs) for values in zip(*(r.curves[name] for r in theirs), strict=False)
            ]
            rows[method, name] = {epoch: means[epoch - 1] for epoch in at if epoch <= length}
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["method", "curve"])
    return table


def by_method(records: Iterable[Record], dataset: str, methods: Iterable[str]) -> dict[str, list[Record]]:
    """Return the final runs with curves of some methods on one data set, by method, without empty ones."""
    found = {method: [] for method in methods}
    for record in records:
        own = record.parameters
        if record.experiment == EXPERIMENT and own["dataset"] == dataset and own["method"] in found:
            if "test_mse" in record.curves:
                found[own["method"]].append(record)
    return {method: theirs for method, theirs in found.items() if theirs}


def best_epochs(records: Iterable[Record], dataset: str, methods: Iterable[str]):
    """Return the test MSE at the last epoch and at the best, which is chosen on the test and so flatters.

    Means ± standard deviations over splits; "at" is the best epoch, from the first split to the last.
    """
    import pandas as pd

    rows = {}
    for method, theirs in by_method(records, dataset, methods).items():
        curves = pd.Series([record.curves["test_mse"] for record in theirs])
        at = sorted(1 + curve.index(min(curve)) for curve in curves)
        rows[method] = {
            "last epoch": spread(curves.map(lambda curve: curve[-1])),
            "best epoch": spread(curves.map(min)),
            "at": f"{at[0]} to {at[-1]}" if at[0] < at[-1] else f"{at[0]}",
            "splits": len(theirs),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def left_out(fewer: Mapping[tuple[str, str], int], dataset: str, seeds: int) -> str:
    """Return in words which methods get fewer splits on a data set, and how many, by plan."""
    own = {method: most for (name, method), most in fewer.items() if name == dataset and most < seeds}
    text = ", ".join(f"{method} {most or 'none'}" for method, most in own.items())
    return f"{dataset}: {seeds} splits" + (f"; by plan fewer for {text}" if own else "")


def below_averages(records: Iterable[Record], frame, dataset: str, method: str = "lu-net") -> str:
    """Return in words from which epoch on a method's test MSE is below that of the averages, by split."""
    levels = frame[(frame["dataset"] == dataset) & (frame["method"] == "averages")]
    levels = dict(zip(levels["split_seed"], levels["test_mse"], strict=True))
    epochs = []
    for record in by_method(records, dataset, [method]).get(method, []):
        level, curve = levels.get(record.parameters["split_seed"]), record.curves["test_mse"]
        if level is not None:
            above = [epoch for epoch, error in enumerate(curve, 1) if error >= level]
            epochs.append(above[-1] + 1 if above and above[-1] < len(curve) else None if above else 1)
    if not epochs:
        return f"{dataset}: no runs of {method} and of the averages on the same split are there yet"
    there = sorted(epoch for epoch in epochs if epoch is not None)
    text = f"{dataset}: {method} stays below the averages in {len(there)} of {len(epochs)} runs"
    return f"{text}, from epoch {there[0]} to {there[-1]} on" if there else text


def at_rest(frame, dataset: str, method: str = "lu-net-tuned", share: float = 0.02) -> str:
    """Return in words how many runs of a method ended at the level of the averages, or above it, by split.

    Parameters
    ----------
    frame : DataFrame
        As `runs` gives it.
    dataset, method : str
    share : float, default 0.02
        An error less than so much below that of the averages is at their level.
    """
    values = frame[frame["dataset"] == dataset].pivot_table(
        index="split_seed", columns="method", values="test_mse"
    )
    if not {method, "averages"} <= set(values.columns):
        return f"{dataset}: no runs of {method} and of the averages on the same split are there yet"
    pairs = values[[method, "averages"]].dropna()
    resting = int((pairs[method] > (1 - share) * pairs["averages"]).sum())
    return f"{dataset}: {resting} of {len(pairs)} runs of {method} ended at the level of the averages"


def lost(frame, dataset: str, method: str = "lu-net") -> str:
    """Return in words how many trained networks four decimals would show an error of in single precision."""
    found = frame[(frame["dataset"] == dataset) & (frame["method"] == method)]
    found = found.reindex(columns=["reconstruction_mse_float32"]).dropna()
    if found.empty:
        return f"{dataset}: no runs of {method} are there yet"
    shown = int((found["reconstruction_mse_float32"] >= 0.00005).sum())
    return (
        f"{dataset}: in single precision {shown} of {len(found)} trained networks of {method} have an error"
        " of reconstruction that four decimals show"
    )
