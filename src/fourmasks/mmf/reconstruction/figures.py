"""Figure of the reconstruction experiment (paper, Figure 3)."""

import pandas as pd
from matplotlib import pyplot

from fourmasks.mmf.reconstruction.tables import by_method
from fourmasks.pages.figures import method_style


def error_against_budget(frame: pd.DataFrame, columns: int = 2):
    """Draw the relative error of every method against the budget, one panel for each matrix (Figure 3).

    Parameters
    ----------
    frame : DataFrame
        As `tables.runs` gives it.
    columns : int, default 2
        Panels side by side.
    """
    means, spreads = (by_method(frame, "relative_error", kind) for kind in ("mean", "std"))
    datasets = list(means.index.unique("dataset"))
    columns = min(columns, len(datasets))
    rows = -(-len(datasets) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(4.0 * columns, 3.0 * rows), squeeze=False)
    for axis, dataset in zip(axes.flat, datasets, strict=False):
        for method, curve in means.loc[dataset].dropna(how="all", axis=1).items():
            curve = curve.dropna()
            bars = spreads.loc[dataset][method][curve.index].fillna(0)
            axis.errorbar(
                curve.index, curve, yerr=bars, label=method, markersize=5, linewidth=1.4,
                **method_style(method),
            )  # fmt: skip
        axis.set(title=dataset, xlabel="budget B", ylabel="relative error")
    for axis in axes.flat[len(datasets) :]:
        axis.set_axis_off()
    handles = [axis.get_legend_handles_labels() for axis in axes.flat]
    seen = {label: handle for pair in handles for handle, label in zip(*pair, strict=True)}
    figure.legend(seen.values(), seen.keys(), loc="outside lower center", ncols=min(5, len(seen)))
    return figure
