"""Figures of the rating experiment."""

import numpy as np

from fourmasks.pages.figures import PALETTE, method_style


def gain_split(found, datasets: list[str]):
    """Draw what each step takes off the test RMSE, with 95 % intervals, one panel for each data set.

    Parameters
    ----------
    found : DataFrame
        As `tables.differences` gives it.
    datasets : list of str
    """
    from matplotlib import pyplot

    columns = min(2, len(datasets))
    rows = -(-len(datasets) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(4.6 * columns, 0.6 + 2.4 * rows), squeeze=False)
    for axis, dataset in zip(axes.flat, datasets, strict=False):
        part = found[found["dataset"] == dataset].reset_index(drop=True)
        half = np.nan_to_num(part["half"].to_numpy(dtype=float))
        colours = [PALETTE[1] if step.startswith("masks") else PALETTE[0] for step in part["step"]]
        places = np.arange(len(part))[::-1]
        axis.barh(places, part["gain"], xerr=half, color=colours, height=0.6, ecolor="#000000", capsize=3)
        axis.axvline(0, color="#000000", linewidth=0.8)
        axis.set(title=dataset, yticks=places, xlabel="reduction of the test RMSE")
        labels = [f"{row.step}\n{row.before} → {row.after}" for row in part.itertuples()]
        axis.set_yticklabels(labels, fontsize=8)
        axis.grid(False, axis="y")
    for axis in axes.flat[len(datasets) :]:
        axis.remove()
    return figure


def errors_by_seed(frame, methods: list[str], datasets: list[str]):
    """Draw the test RMSE of every run, methods side by side; lines join the runs on one split."""
    from matplotlib import pyplot

    columns = min(2, len(datasets))
    rows = -(-len(datasets) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(4.6 * columns, 0.6 + 2.6 * rows), squeeze=False)
    for axis, dataset in zip(axes.flat, datasets, strict=False):
        part = frame[(frame["dataset"] == dataset) & frame["method"].isin(methods)]
        table = part.pivot_table(index="method", columns="seed", values="test_rmse")
        table = table.reindex(methods).dropna(how="all")
        for seed in table:
            axis.plot(range(len(table)), table[seed], color="#BBBBBB", linewidth=0.8, marker="", zorder=1)
        for place, method in enumerate(table.index):
            style = method_style(method) | {"linestyle": ""}
            axis.plot(np.full(table.shape[1], place), table.loc[method], markersize=6, **style)
        axis.set(title=dataset, ylabel="test RMSE")
        axis.set_xticks(range(len(table)), table.index, rotation=40, ha="right", fontsize=8)
    for axis in axes.flat[len(datasets) :]:
        axis.remove()
    return figure


def by_split(records, reported: float | None = None):
    """Draw the test RMSE by split, and of other trainings on split 0; a line is what the paper reports."""
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(6.4, 3.2))
    cells = [(r.parameters["split_seed"], r.parameters["seed"], r.metrics["test_rmse"]) for r in records]
    splits = [(split_seed, error) for split_seed, seed, error in cells if seed == 0]
    others = [(split_seed, error) for split_seed, seed, error in cells if seed != 0]
    for points, marker, colour, label in (
        (others, "x", PALETTE[1], "other trainings on split 0"),
        (splits, "o", PALETTE[0], "one training per split"),
    ):
        axis.plot(*zip(*points, strict=True), linestyle="", marker=marker, color=colour, label=label)
    if reported is not None:
        axis.axhline(reported, color="#777777", linestyle="--", linewidth=1, label="reported")
    axis.set(xlabel="split", ylabel="test RMSE")
    axis.legend(fontsize=8)
    return figure


def growth(by_masks, by_ratings):
    """Draw the seconds of an epoch against K R and against the number of ratings, with proportional growth.

    Parameters
    ----------
    by_masks, by_ratings : DataFrame
        As `scaling` gives them.
    """
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(8.4, 3.4))
    for axis, frame, label in zip(axes, (by_masks, by_ratings), ("K R", "number of ratings"), strict=True):
        frame = frame.sort_values("size")
        size, seconds = frame["size"].to_numpy(), frame["seconds"].to_numpy()
        axis.loglog(size, seconds, linestyle="", marker="o", color=PALETTE[0], label="measured")
        axis.loglog(
            size,
            seconds[-1] * size / size[-1],
            linestyle="--",
            marker="",
            color="#777777",
            label="proportional",
        )
        axis.set(xlabel=label, ylabel="seconds per epoch")
    axes[0].legend()
    return figure
