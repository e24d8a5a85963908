"""Tables and sentences of the sweeps, from their records."""

from collections.abc import Iterable

from fourmasks.claims.measurements import estimate
from fourmasks.lunet.sweeps.plan import DEFAULTS, EXPERIMENT, VARIED
from fourmasks.pages.tables import plus_minus, spread
from fourmasks.records.store import Record

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

    "difference" is that of the last epoch's test MSE from the default's, on the same splits, with half its
    95 % interval where there are two splits or more.
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
                METRICS["test_mse"]: spread(own["test_mse"]),
                "difference": _difference(apart) if option and len(apart) else "–",
                METRICS["stopped_test_mse"]: spread(own["stopped_test_mse"]),
                METRICS["stopped_epoch"]: f"{own['stopped_epoch'].mean():.1f}",
                METRICS["interaction_share"]: f"{own['interaction_share'].mean():.4f}",
                "parameters": f"{own['n_parameters'].mean():.0f}",
            }
            rows[option or "default", value or "all"] = cells
    found = pd.DataFrame.from_dict(rows, orient="index")
    found.index = pd.MultiIndex.from_tuples(list(rows), names=["option", "value"])
    return found


def extremes(frame, dataset: str):
    """Return for each option the values with the lowest and the highest test MSE, and how far they are apart.

    The default is among the values. "± 95 %" is half Student's interval of the difference on the same splits.
    """
    import pandas as pd

    part = frame[frame["dataset"] == dataset]
    errors = part.pivot_table(index="seed", columns=["option", "value"], values="test_mse")
    rows = {}
    for option in (name for name in VARIED if name in errors.columns.get_level_values(0)):
        own = errors[[column for column in errors if column[0] in ("", option)]].dropna()
        if len(own):
            low, high = own.mean().idxmin(), own.mean().idxmax()
            found = estimate((own[high] - own[low]).tolist())
            rows[option] = {"best": low[1] or "default", "worst": high[1] or "default", "apart": found.mean}
            rows[option] |= {"± 95 %": found.half, "splits": found.n_seeds}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("option")
    return table.sort_values("apart", ascending=False) if rows else table


def sentence(frame, dataset: str) -> str:
    """Return in words which choices matter beyond what the splits leave open."""
    found = extremes(frame, dataset)
    if found.empty:
        return f"{dataset}: no sweep is there yet"
    if found["splits"].max() < 2:
        return f"{dataset}: one split, no intervals"
    clear = found[found["apart"] > found["± 95 %"]]
    return f"{dataset}: best and worst differ beyond the interval for {', '.join(clear.index) or 'no option'}"


def _difference(apart):
    found = estimate(apart.tolist())
    mean = f"{found.mean:+.4f}"
    return mean if found.half is None else plus_minus(mean, f"{found.half:.4f}")


def _place(value):
    """Return the key by which values are sorted: numbers by size, then texts."""
    try:
        return 0, float(value), ""
    except ValueError:
        return 1, 0.0, value
