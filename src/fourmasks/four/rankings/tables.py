"""Tables of the lists: accuracy and variety side by side, and accuracy by activity."""

from collections.abc import Iterable

import pandas as pd

from fourmasks.four.rankings.plan import EXPERIMENT, METHODS
from fourmasks.four.rankings.run import GROUPS
from fourmasks.pages.names import GROUP_LABELS
from fourmasks.pages.tables import measured, run_rows
from fourmasks.records.store import Record

OUTER = ["dataset", "protocol", "method", "split_seed", "seed"]
MEASURES = ["recall_at_20", "ndcg_at_100", "coverage_at_20", "novelty_at_20"]
# What is compared of models that take users whom they have never seen, and of all others.
PAIRS = [
    ("multi-vae+pia", "multi-vae"),
    ("rec-vae+pia", "rec-vae"),
    ("multi-vae", "ease"),
    ("rec-vae+pia", "ease"),
    ("ease-supported", "ease"),
    ("ease-supported", "ease-cut"),
    ("ease-supported", "similar-items"),
    ("wmf", "ease"),
    ("multi-vae+pia", "wmf"),
    ("mmf", "mmf-unmasked"),
    ("mmf", "bprmf"),
    ("lightgcn", "bprmf"),
    ("lightgcn", "ease"),
    ("lightgcn", "wmf"),
    ("mmf", "ease"),
    ("lu-net-implicit", "popularity"),
]


def runs(records: Iterable[Record], protocol: str) -> pd.DataFrame:
    """Return a row for each final run in one protocol, methods in the order of the plan."""
    frame = run_rows(records, EXPERIMENT, OUTER)
    frame = frame if len(frame) else frame.assign(ndcg_at_100=[], training_seconds=[])
    return frame[frame["protocol"] == protocol].sort_values(
        ["dataset", "method", "seed"], kind="stable", ignore_index=True,
        key=lambda column: column.map(METHODS.index) if column.name == "method" else column,
    )  # fmt: skip


def common(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the runs on splits that all models of a data set met: quick ones meet more."""
    met = frame.groupby(["dataset", "seed"])["method"].transform("nunique")
    return frame[met == met.groupby(frame["dataset"]).transform("max")]


def lists(frame: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Return accuracy and variety on one data set, `spread` over splits: methods by measures."""
    return measured(frame, dataset, METHODS, MEASURES)


def by_activity(frame: pd.DataFrame, dataset: str, metric: str = "ndcg_at_100") -> pd.DataFrame:
    """Return means of a measure by how many items a user has: methods by groups of users."""
    names = {f"{metric}_of_{group}": GROUP_LABELS[group] for group in GROUPS}
    part = frame[frame["dataset"] == dataset].set_index("method").reindex(columns=list(names))
    return part.groupby("method", sort=False).mean().dropna(axis=1, how="all").rename(columns=names)
