"""Tables and sentences of the sweeps, from their records."""

from collections.abc import Iterable

from fourmasks import comparison
from fourmasks.lunet.sweeps import DEFAULTS, EXPERIMENT, VARIED
from fourmasks.measurements import estimate
from fourmasks.records import Record

METRICS = {
    "test_mse": "test MSE, last epoch",
    "stopped_test_mse": "test MSE, stopped",
    "stopped_epoch": "stopped at",
    "interaction_share": "interaction",
}


def runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each run: option and value that differ from the default, metrics.

    Rows are in the order of the options, then of the values. The option is "" for the defaults; for a
    read-out without a network it is the read-out.
    """
    import pandas as pd

    rows = []
    for record in records:
        if record.experiment == EXPERIMENT:
            option, value = change(record.parameters)
            place = {name: record.parameters[name] for name in ("dataset", "split_seed", "seed")}
            rows.append(place | {"option": option, "value": value} | record.metrics)
    columns = None if rows else ["dataset", "option", "value", "seed", "split_seed", *METRICS]
    order = ("", *VARIED)
    rows.sort(key=lambda row: (row["dataset"], order.index(row["option"]), _place(row["value"]), row["seed"]))
    return pd.DataFrame(rows, columns=columns)


def change(parameters: dict) -> tuple[str, str]:
    """Return what differs from the defaults: option and value as texts, ("", "") for nothing."""
    changed = {name: parameters[name] for name, default in DEFAULTS.items() if parameters[name] != default}
    if not changed:
        return "", ""
    if "network" in changed:
        return "readout", f"{changed['readout']}, no network"
    ((name, value),) = changed.items()
    return name, f"{value}"


def table(frame, dataset: str):
    """Return the sweep on one data set, option by option, means ± standard deviations over splits.

    "difference" is that of the last epoch's test MSE from the default's, on the same splits.
    """
    import pandas as pd

    part = frame[frame["dataset"] == dataset]
    base = part[part["option"] == ""].set_index("seed")
    rows = {}
    for option in ("", *VARIED):
        for value in dict.fromkeys(part[part["option"] == option]["value"]):
            own = part[(part["option"] == option) & (part["value"] == value)].set_index("seed")
            apart = (own["test_mse"] - base["test_mse"]).dropna()
            cells = {
                METRICS["test_mse"]: comparison.spread(own["test_mse"]),
                "difference": f"{apart.mean():+.4f}" if option and len(apart) else "–",
                METRICS["stopped_test_mse"]: comparison.spread(own["stopped_test_mse"]),
                METRICS["stopped_epoch"]: f"{own['stopped_epoch'].mean():.1f}",
                METRICS["interaction_share"]: f"{own['interaction_share'].mean():.4f}",
            }
            rows[option or "default", value or "all"] = cells
    found = pd.DataFrame.from_dict(rows, orient="index")
    found.index = pd.MultiIndex.from_tuples(list(rows), names=["option", "value"])
    return found


def spreads(frame, dataset: str, metric: str = "test_mse") -> dict[str, float]:
    """Return for each option how far apart the means of its values are, the default among them."""
    part = frame[frame["dataset"] == dataset]
    means = part.groupby(["option", "value"])[metric].mean()
    if ("", "") not in means.index:
        return {}
    base = means["", ""]
    found = {}
    for option in VARIED:
        if option in means.index.get_level_values("option"):
            values = [*means[option], base]
            found[option] = max(values) - min(values)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def sentence(frame, dataset: str) -> str:
    """Return in words which choices matter, beside what another split changes."""
    found = spreads(frame, dataset)
    if not found:
        return f"{dataset}: no sweep is there yet"
    base = frame[(frame["dataset"] == dataset) & (frame["option"] == "")]["test_mse"]
    split = estimate(base.tolist()).spread
    text = ", ".join(f"{option} {value:.4f}" for option, value in found.items())
    start = f"{dataset}: from the best to the worst value of an option the test MSE differs by"
    return f"{start} {text}; its standard deviation over splits is {split:.4f}"


def _place(value):
    """Return the key by which values are sorted: numbers by size, then texts."""
    try:
        return 0, float(value), ""
    except ValueError:
        return 1, 0.0, value
