"""Figures of the recommender's experiments."""

import numpy as np

from fourmasks.figures import PALETTE, method_style
from fourmasks.lunet.rating_report import by_method


def loss_curves(records, frame, datasets: list[str], methods: list[str], levels=("averages", "biased-mf")):
    """Draw Figures 3 to 6: the squared error of training and of test by epoch, a row for each data set.

    Parameters
    ----------
    records : list of Record
    frame : DataFrame
        As `rating_report.runs` gives it.
    datasets, methods : list of str
    levels : tuple of str
        Methods without epochs, whose mean test MSE is drawn as a horizontal line.
    """
    from matplotlib import pyplot

    size = (9.0, 0.6 + 3.0 * len(datasets))
    figure, axes = pyplot.subplots(len(datasets), 2, figsize=size, squeeze=False)
    for row, dataset in zip(axes, datasets, strict=True):
        found = by_method(records, dataset, methods)
        for axis, name in zip(row, ("train_mse", "test_mse"), strict=True):
            for method, theirs in found.items():
                _curve(axis, [record.curves[name] for record in theirs], method)
            axis.set(title=f"{dataset}, {name.split('_')[0]}", xlabel="epoch", ylabel="squared error")
        low, high = row[1].get_ylim()
        for level, dash in zip(levels, ("--", ":"), strict=False):
            mean = frame[(frame["dataset"] == dataset) & (frame["method"] == level)]["test_mse"].mean()
            if np.isfinite(mean):
                row[1].axhline(mean, color="#777777", linestyle=dash, linewidth=1.2, label=level)
                low = min(low, mean - 0.005)
        row[1].set_ylim(low, min(high, 1.1))
        row[1].legend(fontsize=8)
    return figure


def _curve(axis, curves, method):
    length = min(map(len, curves))
    values = np.array([curve[:length] for curve in curves])
    epochs = np.arange(1, length + 1)
    style = method_style(method) | {"marker": ""}
    axis.plot(epochs, values.mean(axis=0), label=method, **style)
    axis.fill_between(epochs, values.min(axis=0), values.max(axis=0), color=style["color"], alpha=0.15, lw=0)


def errors(frame, datasets: list[str], methods: list[str], reported=None):
    """Draw the test MSE of every run, methods side by side; grey lines join runs on one split.

    `reported` maps (dataset, method) to what the paper has, drawn as a cross.
    """
    from matplotlib import pyplot

    size = (4.8 * len(datasets), 4.0)
    figure, axes = pyplot.subplots(1, len(datasets), figsize=size, squeeze=False)
    for axis, dataset in zip(axes.flat, datasets, strict=True):
        part = frame[(frame["dataset"] == dataset) & frame["method"].isin(methods)]
        table = part.pivot_table(index="method", columns="split_seed", values="test_mse")
        table = table.reindex([method for method in methods if method in table.index])
        for split in table:
            axis.plot(range(len(table)), table[split], color="#BBBBBB", linewidth=0.8, marker="", zorder=1)
        for place, method in enumerate(table.index):
            style = method_style(method) | {"linestyle": ""}
            axis.plot(np.full(table.shape[1], place), table.loc[method], markersize=6, **style)
            if reported and (dataset, method) in reported:
                axis.plot(place, reported[dataset, method], "x", color="#000000", markersize=9, label="paper")
        axis.set(title=dataset, ylabel="test MSE")
        axis.set_xticks(range(len(table)), table.index, rotation=40, ha="right", fontsize=9)
        handles, labels = axis.get_legend_handles_labels()
        if labels:
            axis.legend(handles[:1], labels[:1], fontsize=9)
    return figure


def sweep(frame, dataset: str):
    """Draw the test MSE for the values of each option, at the last epoch and where validation would stop.

    Parameters
    ----------
    frame : DataFrame
        As `sweep_report.runs` gives it.
    dataset : str
    """
    from matplotlib import pyplot

    part = frame[frame["dataset"] == dataset].copy()
    part["label"] = [f"{r.option} {r.value}" if r.option else "default" for r in part.itertuples()]
    labels = list(dict.fromkeys(part["label"]))
    figure, axis = pyplot.subplots(figsize=(7.0, 0.9 + 0.27 * len(labels)))
    kinds = (
        ("test_mse", "o", PALETTE[0], "last epoch"),
        ("stopped_test_mse", "x", PALETTE[1], "stopped by validation"),
    )
    for metric, marker, colour, name in kinds:
        places = [len(labels) - 1 - labels.index(label) for label in part["label"]]
        axis.plot(part[metric], places, linestyle="", marker=marker, color=colour, markersize=6, label=name)
    axis.set_yticks(range(len(labels)), labels[::-1], fontsize=9)
    axis.set(xlabel=f"test MSE on {dataset}")
    axis.legend(fontsize=9)
    return figure


def round_trips(frame):
    """Draw the relative error of inverting the network against the product of all condition numbers.

    Parameters
    ----------
    frame : DataFrame
        Runs with `log10_condition`, reconstruction errors, and the same before training.
    """
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(6.4, 3.8))
    for precision, colour in (("float32", PALETTE[0]), ("float64", PALETTE[1])):
        for prefix, marker, when in (("untrained_", "x", "untrained"), ("", "o", "trained")):
            x = 10 ** frame[f"{prefix}log10_condition"].to_numpy(dtype=float)
            y = frame[f"{prefix}reconstruction_error_{precision}"].to_numpy(dtype=float)
            there = np.isfinite(x) & (y > 0)
            label = f"{precision}, {when}"
            axis.loglog(x[there], y[there], linestyle="", marker=marker, color=colour, label=label)
    axis.set(xlabel="product of the condition numbers", ylabel="relative error of $f^{-1}(f(x))$")
    axis.legend(fontsize=8)
    return figure


def rankings(frame, datasets: list[str]):
    """Draw HR@10 among sampled candidates against HR@10 among all items, a point for each method."""
    from matplotlib import pyplot

    size = (4.8 * len(datasets), 3.9)
    figure, axes = pyplot.subplots(1, len(datasets), figsize=size, squeeze=False)
    for axis, dataset in zip(axes.flat, datasets, strict=True):
        means = (
            frame[frame["dataset"] == dataset].groupby("method")[["sampled_hr_at_10", "full_hr_at_10"]].mean()
        )
        for method, row in means.iterrows():
            axis.plot(*row, **method_style(method) | {"linestyle": ""}, markersize=7, label=method)
        axis.set(title=dataset, xlabel="HR@10 among 100 sampled items", ylabel="HR@10 among all items")
        axis.legend(fontsize=7)
    return figure
