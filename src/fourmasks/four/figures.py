"""Figures of the comparison: what accuracy costs, and how a measure changes with a share or a size."""

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

PRICE = "training_seconds"
# A colour for each family, a marker for each of its models.
_FAMILIES = {
    "#000000": ("popularity", "averages"),
    "#CC79A7": ("mf-tuned", "surprise-svd", "wmf", "bprmf", "lightgcn"),
    "#E69F00": ("ease", "ease-supported", "ease-cut", "similar-items"),
    "#0072B2": ("mmf", "mmf-learned", "mmf-zero", "mmf-constant", "mmf-unmasked"),
    "#D55E00": ("lu-net-tuned", "lu-net-implicit"),
    "#009E73": ("autorec", "multi-vae", "multi-vae+pia"),
    "#56B4E9": ("rec-vae", "rec-vae+pia"),
}
STYLES = {
    model: {"color": color, "marker": marker}
    for color, models in _FAMILIES.items()
    for model, marker in zip(models, "osD^v", strict=False)
}


def pareto(frame: pd.DataFrame, metric: str, better: str, label: str) -> Figure:
    """Draw what models reach against what their training takes, a panel for each data set, means over runs.

    A line joins the models that no other dominates. Models of one family have one colour.

    Parameters
    ----------
    frame : DataFrame
        With columns dataset, method, training_seconds and the metric; a row for each run.
    metric : str
    better : {"lower", "higher"}
    label : str
        Of the metric's axis.
    """
    figure = _front(frame, (PRICE, metric), ("lower", better), ("training (s, one core)", label))
    for axis in figure.axes:
        axis.set_xscale("log")
    return figure


def beside(frame: pd.DataFrame, metrics: tuple[str, str], labels: tuple[str, str]) -> Figure:
    """Draw the second metric against the first, both better the higher, as `pareto` does against time."""
    return _front(frame, metrics, ("higher", "higher"), labels)


def _front(frame, metrics, better, labels):
    """Draw the second metric against the first, and join the models that no other beats in both."""
    names = list(frame["dataset"].unique())
    columns = min(2, len(names))
    lines = -(-len(names) // columns)
    figure, axes = pyplot.subplots(lines, columns, figsize=(4.6 * columns, 3.6 * lines), squeeze=False)
    for axis in axes.flat[len(names) :]:
        axis.remove()
    x, y = metrics
    for axis, name in zip(axes.flat, names, strict=False):
        means = frame[frame["dataset"] == name].groupby("method", sort=False)[[x, y]].mean()
        for method, point in means.iterrows():
            axis.plot(point[x], point[y], label=method, linestyle="", **STYLES[method])
        best = means.sort_values(x, ascending=better[0] == "lower")[y]
        reached = best.cummin() if better[1] == "lower" else best.cummax()
        front = means.loc[best.index[best == reached]].sort_values(x)
        axis.plot(front[x], front[y], color="#999999", linewidth=1, marker="", zorder=0)
        axis.margins(0.08)
        axis.set(title=name, xlabel=labels[0], ylabel=labels[1])
    _legend(figure)
    return figure


def along(
    frame: pd.DataFrame, by: str, metric: str, labels: tuple[str, str], panel: str = "dataset"
) -> Figure:
    """Draw a metric against a number, a panel for each data set and a line for each method, means over runs.

    Parameters
    ----------
    frame : DataFrame
        With columns method, the panel's, `by` and the metric; a row for each run.
    by, metric : str
    labels : pair of str
        Of the two axes, which are logarithmic.
    panel : str, default "dataset"
        The column that has a panel for each value.
    """
    names = list(frame[panel].unique())
    figure, axes = pyplot.subplots(
        1, len(names), figsize=(1 + 3.6 * len(names), 4.2), squeeze=False, sharey=panel != "dataset"
    )
    for axis, name in zip(axes.flat, names, strict=True):
        for method, part in frame[frame[panel] == name].groupby("method", sort=False):
            line = part.groupby(by)[metric].mean()
            axis.plot(line.index, line, label=method, **STYLES[method])
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set(title=name, xlabel=labels[0])
    axes[0, 0].set_ylabel(labels[1])
    _legend(figure)
    return figure


def _legend(figure):
    """Add one legend of the models of all panels, in the order of the families."""
    shown = {}
    for axis in figure.axes:
        shown |= {label: handle for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)}
    labels = sorted(shown, key=list(STYLES).index)
    figure.legend([shown[label] for label in labels], labels, loc="outside lower center", ncols=4, fontsize=9)
