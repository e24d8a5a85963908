"""Tables and sentences of the sweep over PIA's weight and its growth, from its records."""

from collections.abc import Iterable

from scipy.stats import spearmanr

from fourmasks.pia.sweep.plan import AXES, EXPERIMENT, PATIENCE, SCALE
from fourmasks.records.store import Record

METRICS = ("validation_ndcg_at_100", "ndcg_at_100", "recall_at_20", "recall_at_50")
SHORT = {"validation_ndcg_at_100": "validation NDCG@100"} | {
    name: "test " + name.replace("recall", "Recall").replace("ndcg", "NDCG").replace("_at_", "@")
    for name in METRICS[1:]
}
NEAR = 0.01  # below the best by less than this share counts as near it


def runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each run: data set, seed, the three settings, the measures."""
    import pandas as pd

    outer = ("dataset", "seed", *AXES)
    rows = [
        {name: record.parameters[name] for name in outer}
        | {name: record.metrics[name] for name in METRICS}
        | {"best_epoch": record.metrics["best_epoch"]}
        for record in records
        if record.experiment == EXPERIMENT
    ]
    frame = pd.DataFrame(rows, columns=[*outer, *METRICS, "best_epoch"])
    return frame.sort_values(list(outer), ignore_index=True)


def grid(frame, dataset: str, weight: float, metric: str = METRICS[0]):
    """Return one of Figures 3 to 5: the mean measure over seeds, patience by factor.

    A factor of 1 keeps the weight, whatever the patience: its one run fills the column.
    """
    part = frame[(frame["dataset"] == dataset) & (frame["alignment_weight"] == weight)]
    table = part.pivot_table(index="alignment_patience", columns="alignment_scale", values=metric)
    if 1.0 in table:
        table[1.0] = table[1.0].max()
    return table


def grid_weights(frame, dataset: str) -> list[float]:
    """Return the weights at which more than one patience or factor was tried."""
    tried = frame[frame["dataset"] == dataset].groupby("alignment_weight")[list(AXES[1:])].nunique()
    return [float(weight) for weight in tried.index[(tried > 1).any(axis=1)]]


def by_weight(frame, dataset: str):
    """Return Figure 6: mean measures over seeds by weight, at the paper's patience and factor."""
    here = (frame["dataset"] == dataset) & (frame["alignment_patience"] == PATIENCE)
    part = frame[here & (frame["alignment_scale"] == SCALE)]
    return part.groupby("alignment_weight")[list(METRICS)].mean().rename(columns=SHORT)


def grid_sentence(frame, dataset: str, weight: float) -> str:
    """Return how flat one grid is, in words."""
    values = grid(frame, dataset, weight).stack()
    low, best = values.min(), values.max()
    near = (values >= (1 - NEAR) * best).mean()
    patience, scale = values.idxmax()
    return (
        f"{dataset}, weight {weight:g}: validation NDCG@100 from {low:.4f} to {best:.4f}, best at patience"
        f" {patience} and factor {scale:g}; {100 * near:.0f} % of the grid is within {100 * NEAR:.0f} % of it"
    )


def weight_sentence(frame, dataset: str) -> str:
    """Return what the weight does, and whether the test goes with the validation, in words."""
    table = by_weight(frame, dataset)
    positive = table[table.index > 0]["validation NDCG@100"]
    if len(positive) < 2:
        return f"{dataset}: fewer than two positive weights were tried"
    spread = positive.max() / positive.min() - 1
    text = (
        f"{dataset}: over weights from {positive.index.min():g} to {positive.index.max():g} validation"
        f" NDCG@100 varies by {100 * spread:.1f} %, best at {positive.idxmax():g}"
    )
    if 0.0 in table.index:
        gain = positive.max() / table.loc[0.0, "validation NDCG@100"] - 1
        text += f", {100 * gain:+.1f} % against weight 0"
    rank = spearmanr(table["validation NDCG@100"], table["test NDCG@100"]).statistic
    return f"{text}; rank correlation of validation and test over the weights {rank:+.2f}"
