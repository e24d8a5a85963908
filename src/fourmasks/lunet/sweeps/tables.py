"""Tables of the sweeps, from their records."""

from collections.abc import Iterable, Mapping

import pandas as pd

from fourmasks.claims.files import overlaps
from fourmasks.lunet.sweeps.plan import DEFAULTS, EXPERIMENT, VARIED, changes
from fourmasks.pages.tables import differences, run_rows, signed, spread
from fourmasks.records.store import Record


def change(parameters: Mapping) -> tuple[str, str]:
    """Return option and value that differ from the defaults; without a network the option is the read-out."""
    changed = {name: parameters[name] for name, default in DEFAULTS.items() if parameters[name] != default}
    if not changed:
        return "default", "all"
    if "network" in changed:
        return "readout", f"{changed['readout']}, no network"
    ((name, value),) = changed.items()
    return name, f"{value}"


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each run, by data set, by option and value; together they are the method."""
    frame = run_rows(records, EXPERIMENT, ("dataset", "split_seed", *DEFAULTS))
    words = [change(row) for row in frame.to_dict("records")]
    frame[["option", "value"]] = pd.DataFrame(words, columns=["option", "value"], index=frame.index)
    frame["method"] = [option if option == "default" else f"{option} {value}" for option, value in words]
    places = [change(DEFAULTS | one) for one in changes(VARIED)]
    places.sort(key=lambda words: ("default", *VARIED).index(words[0]))
    frame["place"] = [places.index(one) for one in words]
    return frame.sort_values(["dataset", "place", "split_seed"], ignore_index=True)


def by_value(frame: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Return the sweep on one data set, option by option; the difference is that from the default."""
    part = frame[frame["dataset"] == dataset]
    pairs = [(method, "default") for method in part["method"].unique()]
    apart = differences(part, "test_mse", pairs, overlaps(EXPERIMENT))
    own = part.groupby(["option", "value"], sort=False)
    table = pd.DataFrame(
        {
            "test MSE, last epoch": own["test_mse"].agg(spread),
            "difference": signed(apart),
            "test MSE, stopped": own["stopped_test_mse"].agg(spread),
            "stopped at": own["stopped_epoch"].mean().map("{:.1f}".format),
            "interaction": own["interaction_share"].mean().map("{:.4f}".format),
            "parameters": own["n_parameters"].mean().map("{:.0f}".format),
        }
    )
    table.loc[("default", "all"), "difference"] = "–"
    return table


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
    found = differences(part, "test_mse", list(pairs.values()), overlaps(EXPERIMENT))
    found = found.assign(option=list(pairs))
    found = found.rename(columns={"method": "worst", "baseline": "best"}).set_index("option")
    return found.sort_values("difference", ascending=False)
