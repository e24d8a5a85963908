"""Tables of the sweeps, from their records."""

from collections.abc import Iterable, Mapping

import pandas as pd

from fourmasks.lunet.sweeps.plan import DEFAULTS, EXPERIMENT, VARIED, changes
from fourmasks.pages.tables import differences, run_rows
from fourmasks.records.store import Record


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each run: data set, split, what is changed, and metrics.

    The change is in `option` and `value`, and in `method` both together: ("gamma", "0.1", "gamma 0.1"), or
    ("default", "all", "default") for none. Rows are in the order of the options, then of the values.
    """
    frame = run_rows(records, EXPERIMENT, ("dataset", "split_seed", *DEFAULTS))
    words = [change(row) for row in frame.to_dict("records")]
    frame[["option", "value"]] = pd.DataFrame(words, columns=["option", "value"], index=frame.index)
    frame["method"] = [option if option == "default" else f"{option} {value}" for option, value in words]
    order = [change(DEFAULTS | one) for one in changes(VARIED)]
    order.sort(key=lambda words: ("default", *VARIED).index(words[0]))
    frame["place"] = [order.index(one) for one in words]
    return frame.sort_values(["dataset", "place", "split_seed"], ignore_index=True)


def change(parameters: Mapping) -> tuple[str, str]:
    """Return option and value that differ from the defaults; without a network the option is the read-out."""
    changed = {name: parameters[name] for name, default in DEFAULTS.items() if parameters[name] != default}
    if not changed:
        return "default", "all"
    if "network" in changed:
        return "readout", f"{changed['readout']}, no network"
    ((name, value),) = changed.items()
    return name, f"{value}"


def extremes(frame: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Return for each option its worst value, its best, and `differences` of the test MSE between the two.

    The default is among the values; what counts are means over the splits that all of them have.
    """
    part = frame[frame["dataset"] == dataset]
    errors = part.pivot_table(index="split_seed", columns="method", values="test_mse", sort=False)
    pairs = {}
    for option in (name for name in VARIED if name in set(part["option"])):
        names = part.loc[part["option"].isin(["default", option]), "method"].unique()
        means = errors[names].dropna().mean()
        pairs[option] = means.idxmax(), means.idxmin()
    found = differences(part, "test_mse", list(pairs.values())).assign(option=list(pairs))
    found = found.rename(columns={"method": "worst", "baseline": "best"}).set_index("option")
    return found.sort_values("difference", ascending=False)
