"""Figures of the sweep over PIA's weight and its growth (paper, Figures 3 to 6)."""

import numpy as np

from fourmasks.pia.sweep.tables import by_weight, grid


def grids(frame, dataset: str, weights: list[float]):
    """Draw validation NDCG@100 over patience and factor, a panel for each weight, in one scale of colours."""
    from matplotlib import pyplot

    tables = [grid(frame, dataset, weight) for weight in weights]
    low = min(np.nanmin(table.to_numpy()) for table in tables)
    high = max(np.nanmax(table.to_numpy()) for table in tables)
    width = 1.4 + 2.9 * len(tables)
    figure, axes = pyplot.subplots(1, len(tables), figsize=(width, 3.2), sharey=True, squeeze=False)
    for axis, weight, table in zip(axes[0], weights, tables, strict=True):
        picture = axis.imshow(table, vmin=low, vmax=high, origin="lower", aspect="auto")
        axis.set_xticks(range(table.shape[1]), [f"{scale:g}" for scale in table.columns])
        axis.set_yticks(range(table.shape[0]), table.index)
        axis.set(title=f"weight {weight:g}", xlabel="factor of growth")
        axis.grid(False)
    axes[0, 0].set_ylabel("patience (epochs)")
    figure.colorbar(picture, ax=axes, label="validation NDCG@100")
    return figure


def weights(frame, dataset: str):
    """Draw validation and test measures against the weight, relative to their largest (Figure 6)."""
    from matplotlib import pyplot

    table = by_weight(frame, dataset)
    figure, axis = pyplot.subplots(figsize=(7.0, 3.6))
    for name in table:
        axis.plot(range(len(table)), table[name] / table[name].max(), label=name)
    axis.set_xticks(range(len(table)), [f"{weight:g}" for weight in table.index])
    axis.set(title=dataset, xlabel="weight of the alignment at the start", ylabel="share of the largest")
    figure.legend(loc="outside lower center", ncols=2)
    return figure
