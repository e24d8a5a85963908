"""What is read from the records of the rating experiment: runs, curves, differences, reconstruction."""

from collections.abc import Iterable, Mapping

import pandas as pd

from fourmasks.lunet.ratings.plan import EXPERIMENT, METHODS, STATED
from fourmasks.pages import tables as page
from fourmasks.pages.figures import rounded
from fourmasks.records.store import Record

OUTER = ["dataset", "method", "split_seed", "seed"]
CURVES = ["train_mse", "test_mse", "train_loss", "test_loss"]
# What is compared: first the controls of the paper's network, then the rest.
CONTROLS = [
    ("lu-net", "dense"),
    ("lu-net", "identity"),
    ("lu-net", "averages"),
    ("lu-net", "biased-mf"),
    ("lu-net-stopped", "mlp-stopped"),
]
PAIRS = [
    ("lu-net", "mlp"),
    ("lu-net", "coupling"),
    ("lu-net-stopped", "lu-net"),
    ("lu-net-tuned", "lu-net"),
    ("lu-net-tuned", "averages"),
    ("lu-net-tuned", "biased-mf"),
    ("lu-net-tuned", "mlp-tuned"),
    ("lu-net-tuned", "coupling-tuned"),
]
ROUND_TRIP = {
    f"{prefix}{name}": (when, label)
    for prefix, when in {"untrained_": "untrained", "": "trained"}.items()
    for name, label in {
        "log10_condition": "log₁₀ of condition",
        "reconstruction_error_float32": "single precision",
        "reconstruction_error_float64": "double precision",
    }.items()
}
RECONSTRUCTION = {
    "untrained_reconstruction_mse_float32": ("untrained", "single precision"),
    "reconstruction_mse_float32": ("trained", "single precision"),
    "reconstruction_error_float32": ("trained", "relative"),
    "reconstruction_mse_float64": ("trained", "double precision"),
    "decoder_mse": ("decoder", "error"),
    "decoder_share": ("decoder", "share"),
    "affine_decoder_share": ("decoder", "affine"),
    "condition_lower": ("condition", "L"),
    "condition_upper": ("condition", "U"),
}


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each final run: by data set, by method in the order of the plan, and by seed."""
    frame = page.run_rows(records, EXPERIMENT, OUTER)
    return _in_order(frame if len(frame) else frame.assign(test_mse=[]))


def curves(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each epoch of the runs as stated: what it was, the epoch from 1, and its curves."""
    parts = [
        pd.DataFrame({name: r.parameters.get(name) for name in OUTER} | r.curves)
        .rename_axis("epoch")
        .reset_index()
        for r in records
        if r.experiment == EXPERIMENT and r.parameters["method"] in STATED
    ]
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=[*OUTER, "epoch", *CURVES])
    return _in_order(frame.assign(epoch=frame["epoch"] + 1))


def at_epochs(frame: pd.DataFrame, *epochs: int) -> pd.DataFrame:
    """Return the errors and losses of `curves` at some epochs, means over splits."""
    means = frame.groupby(["dataset", "method", "epoch"], sort=False)[CURVES].mean()
    found = means.rename_axis(columns="curve").stack().dropna().unstack("epoch")
    return rounded(found[[epoch for epoch in epochs if epoch in found]])


def last_and_best(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the test MSE of `curves` at the last epoch and at the best, where that is, and the splits."""
    by_run = frame.set_index("epoch").groupby(["dataset", "method", "split_seed"], sort=False)["test_mse"]
    found = pd.DataFrame(
        {"last epoch": by_run.last(), "best epoch": by_run.min(), "reached at epoch": by_run.idxmin()}
    )
    by_method = found.groupby(["dataset", "method"], sort=False)
    places = by_method["reached at epoch"].agg(
        lambda at: f"{at.min()} to {at.max()}" if at.min() < at.max() else f"{at.min()}"
    )
    errors = by_method[["last epoch", "best epoch"]].agg(page.spread)
    return errors.assign(**{"reached at epoch": places, "splits": by_method.size()})


def beside_paper(
    frame: pd.DataFrame, claims: Iterable[Mapping], methods: Iterable[str] = METHODS
) -> pd.DataFrame:
    """Return Table 2: by method, for each data set the paper's test MSE, ours, and the verdict.

    Parameters
    ----------
    frame : DataFrame
        Of `runs`.
    claims : iterable of mapping
        Rows of the ledger; those of Table 2 on the test MSE count.
    methods : iterable of str
        In the order of the rows.
    """
    own = {
        (row["dataset"], row["method"]): row
        for row in claims
        if row["place"] == "Table 2" and row["metric"] == "test_mse"
    }
    ours = frame.groupby(["dataset", "method"], sort=False)["test_mse"].agg(page.spread)
    columns = {
        "paper": pd.Series({place: row["reported"] for place, row in own.items()}, dtype=float),
        "ours": ours,
        "verdict": pd.Series({place: row["verdict"] for place, row in own.items()}, dtype=object),
    }
    table = pd.DataFrame({name: part.reindex(ours.index) for name, part in columns.items()})
    table = table.unstack("dataset").swaplevel(axis=1)
    datasets = list(frame["dataset"].unique())
    rows = [method for method in methods if method in table.index]
    return table.loc[rows, [(name, column) for name in datasets for column in columns]]


def medians(frame: pd.DataFrame, columns: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """Return medians over splits to two digits, as text, under heads of two lines."""
    frame = frame.reindex(columns=["dataset", "method", *columns])
    found = frame.groupby(["dataset", "method"], sort=False).median().dropna(how="all")
    found = found.map(_short)
    return found.set_axis(pd.MultiIndex.from_tuples(columns.values()), axis=1)


def _short(number):
    """Return a number with two digits, with a power of ten only where it is far from 1."""
    if number != number:
        return "–"
    return f"{number:.2g}" if number == 0 or 0.01 <= abs(number) < 100 else f"{number:.1e}"


def _in_order(frame):
    return frame.sort_values(
        ["dataset", "method", "seed"],
        key=lambda column: column.map(METHODS.index) if column.name == "method" else column,
        kind="stable",
        ignore_index=True,
    )
