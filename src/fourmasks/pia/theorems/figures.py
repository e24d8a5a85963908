"""Figures of the theory notebook."""

import numpy as np

from fourmasks.pages.figures import PALETTE

KIND_STYLE = {"random": ("#8C8C8C", "."), "near": (PALETTE[0], "o"), "related": (PALETTE[1], "D")}


def influence(tables: dict[str, object]):
    """Draw what a step on v does to u by their distance, and below it, dotted, what the theorem grants.

    Parameters
    ----------
    tables : dict of str to DataFrame
        As from `worked.influence`, by title.
    """
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        1, len(tables), figsize=(4.4 * len(tables), 3.6), sharex=True, squeeze=False
    )
    for axis, (title, table) in zip(axes[0], tables.items(), strict=True):
        for colour, (direction, part) in zip(PALETTE, table.groupby("direction", sort=False), strict=False):
            axis.plot(part["distance"], part["product"], color=colour, marker="", label=direction)
            axis.plot(part["distance"], part["granted"], color=colour, marker="", linestyle=":")
        axis.axhline(0, color="#444444", linewidth=0.8)
        axis.set(title=title, xlabel="distance of v from u")
    axes[0, 0].set_ylabel("how much a step on v helps u")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def pairs(tables: dict[str, object]):
    """Draw every pair: cosine of the gradients by distance and by items in common, a row for each network.

    Parameters
    ----------
    tables : dict of str to DataFrame
        As from `trained.theory_tables.drawn_pairs`.
    """
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        len(tables), 3, figsize=(10.5, 2.9 * len(tables) + 0.4), squeeze=False, sharey="col", sharex="col"
    )
    columns = (
        ("distance", "gradients", "distance of the posteriors", "cosine of the gradients"),
        ("items", "gradients", "cosine of the items", ""),
        ("distance", "penalty", "distance of the posteriors", "penalty D / ‖g_u‖"),
    )
    for row, (method, table) in zip(axes, tables.items(), strict=True):
        for axis, (x, y, xlabel, ylabel) in zip(row, columns, strict=True):
            for kind, (colour, marker) in KIND_STYLE.items():
                part = table[table["kind"] == kind]
                axis.plot(part[x], part[y], marker, color=colour, markersize=4, alpha=0.6, label=kind)
            axis.axhline(1.0 if y == "penalty" else 0.0, color="#444444", linewidth=0.9)
            axis.set(ylabel=ylabel, xlabel=xlabel if row is axes[-1] else "")
        row[2].set_yscale("log")
        row[0].set_title(method, fontsize=11)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def compromise(gaps, best, n_different: int):
    """Draw the price of overlap by separation, and the best separation by β (Theorem 2.5).

    Parameters
    ----------
    gaps, best : DataFrame
        As from `worked.compromise` and `worked.separation`.
    n_different : int
        h; the thresholds h (Bernoulli) and h / 2 (multinomial) are drawn.
    """
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6))
    for colour, (family, part) in zip(PALETTE, gaps.groupby("family", sort=False), strict=False):
        left.plot(part["separation"], part["quadrature"], color=colour, marker="", label=family)
        left.plot(part["separation"], part["closed form"], "x", color=colour)
        left.plot(part["separation"], part["decoder 5"], color=colour, marker="", linestyle=":")
        chosen = best[best["family"] == family]
        right.plot(chosen["beta"], chosen["separation"], color=colour, marker="", label=family)
        threshold = n_different / (1 if family == "bernoulli" else 2)
        right.axvline(threshold, color=colour, linewidth=0.9, linestyle="--")
    left.set(xlabel="separation m", ylabel="price of overlap")
    right.set(xlabel="β", ylabel="best separation m")
    left.legend()
    return figure


def masked_distance(tables: dict[str, object]):
    """Draw the tails of the masked distance, drawn masks, and Theorem 2.6's bounds, a column for each table.

    Parameters
    ----------
    tables : dict of str to DataFrame
        As from `worked.masked_distance`, by title.
    """
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        2, len(tables), figsize=(3.4 * len(tables), 5.2), squeeze=False, sharey=True, sharex="col"
    )
    for column, (title, table) in enumerate(tables.items()):
        for axis, name in zip(axes[:, column], ("closer", "not closer"), strict=True):
            axis.plot(table["delta"], table[name], color=PALETTE[0], marker="", label="exact")
            every = slice(None, None, max(1, len(table) // 12))
            axis.plot(table["delta"][every], table[f"{name}, drawn"][every], "o", color=PALETTE[2],
                      markersize=4, label="drawn")  # fmt: skip
            axis.plot(table["delta"], table[f"{name}, bound"], color=PALETTE[1], marker="", linestyle="--",
                      label="bound")  # fmt: skip
        axes[0, column].set_title(title, fontsize=11)
        axes[1, column].set_xlabel("δ")
    axes[0, 0].set_ylabel("Pr[D' < δ]")
    axes[1, 0].set_ylabel("Pr[D' ≥ δ]")
    axes[0, -1].legend()
    return figure


def looseness(table):
    """Draw how many times the exact probability at δ = h is the bound, by keep, for pairs (h, s)."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    for axis, name in zip(axes, ("closer", "not closer"), strict=True):
        for colour, ((h, s), part) in zip(PALETTE, table.groupby(["h", "s"], sort=False), strict=False):
            known = part[part[f"{name}, bound"] > 0]
            ratio = known[name] / known[f"{name}, bound"]
            axis.plot(known["keep"], ratio, color=colour, marker="", label=f"h = {h}, s = {s}")
        axis.set(title=name, xlabel="share of items kept ρ", yscale="log", ylim=(0.5, 1e12))
    axes[0].set_ylabel("exact / bound")
    axes[0].legend(fontsize=9)
    return figure


def transport(table, datasets: list[str]):
    """Draw both sides of Eq. (6) and the mean KL by what masks keep, a row for each data set.

    Parameters
    ----------
    table : DataFrame
        As from `trained.theory_tables.transport_table`.
    datasets : list of str
    """
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        len(datasets), 2, figsize=(9, 3.3 * len(datasets)), squeeze=False, sharex=True
    )
    for row, dataset in zip(axes, datasets, strict=True):
        methods = table.loc[dataset].groupby(level="method", sort=False)
        for colour, (method, part) in zip(PALETTE, methods, strict=False):
            keep = part.index.get_level_values("keep")
            row[0].plot(keep, part["kl"], color=colour, label=method)
            row[1].plot(keep, part["w1_high"], color=colour)
            row[1].plot(keep, part["bound"], color=colour, marker="", linestyle="--")
        row[0].set(title=dataset, ylabel="mean KL, nats")
        row[1].set(ylabel="mean distance; bound dashed", yscale="log")
    for axis in axes[-1]:
        axis.set_xlabel("share of items kept ρ")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def contraction(frame, dataset: str):
    """Draw the ratios of Prop. 3.2 by method: what τ² promises, what happened, and what is left of it.

    Parameters
    ----------
    frame : DataFrame
        As from `trained.theory_tables.contraction_runs`.
    dataset : str
    """
    from matplotlib import pyplot

    part = frame[frame["dataset"] == dataset]
    methods = list(dict.fromkeys(part["method"]))
    labels = {
        "tau_squared": "τ²",
        "unit": "change of unit",
        "trace": "variance over masks",
        "relative": "the same, over the variance of users",
    }
    figure, axis = pyplot.subplots(figsize=(7.5, 1.6 + 0.6 * len(methods)))
    for colour, marker, (name, label) in zip(PALETTE, "os^D", labels.items(), strict=False):
        for place, method in enumerate(methods):
            values = part.loc[part["method"] == method, name]
            axis.plot(values, np.full(len(values), place), marker, color=colour, alpha=0.8,
                      label=label if place == 0 else None)  # fmt: skip
    axis.axvline(1, color="#444444", linewidth=0.9)
    axis.set(xscale="log", xlabel="with alignment / without", ylim=(-0.6, len(methods) - 0.4))
    axis.set_yticks(range(len(methods)), methods)
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
