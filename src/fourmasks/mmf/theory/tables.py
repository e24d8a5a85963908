"""Tables on spectra and on the stability of factors, from their records (paper, Figures 6 and 7)."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from fourmasks.data.matrices import SIZES
from fourmasks.mmf.theory import spectra, stability
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record


def in_order(records: Iterable[Record]) -> list[Record]:
    """Return records by matrix, by method, by number of masks and by seed."""
    matrices = [*SIZES]
    methods = {spectra.EXPERIMENT: spectra.METHODS, stability.EXPERIMENT: stability.METHODS}

    def place(record):
        given = record.parameters
        cell = matrices.index(given["dataset"]), methods[record.experiment].index(given["method"])
        return *cell, given.get("n_masks") or 0, given["seed"]

    return sorted(records, key=place)


def spectra_table(records: Iterable[Record]) -> pd.DataFrame:
    """Return means over seeds by matrix, method and K; `bound` is the largest rank the model can have."""
    frame = run_rows(records, spectra.EXPERIMENT, ["dataset", "method", "budget", "n_masks", "seed"])
    n_masks = frame["n_masks"].astype(float)
    rank = frame["budget"] - n_masks * (frame["method"] != "mmf-frozen")
    frame["bound"] = (n_masks * rank).fillna(frame["budget"])
    frame["n_masks"] = n_masks.fillna(0).astype(int)
    columns = ["bound", "numerical_rank", "effective_rank", "entropy_rank", "relative_error"]
    return frame.groupby(["dataset", "method", "n_masks"], sort=False)[columns].mean()


def stability_table(records: Iterable[Record]) -> pd.DataFrame:
    """Return means over pairs of runs: the diagonal without and with matching, and how far both agree."""
    frame = run_rows(records, stability.EXPERIMENT, ["dataset", "method", "n_masks", "matched", "seed"])
    frame["model"] = [_model(*given) for given in zip(frame["method"], frame["n_masks"], strict=True)]
    columns = ["dominant", "off_diagonal", "output_difference", "relative_error", "error_gap", "n_iter"]
    means = frame.groupby(["dataset", "model", "matched"], sort=False)[["diagonal", *columns]].mean()
    plain, matched = (means.xs(is_matched, level="matched") for is_matched in (False, True))
    plain.insert(1, "matched", matched["diagonal"])
    return plain


def maps(records: Iterable[Record], seed: int = 0) -> dict[tuple[str, str, bool], np.ndarray]:
    """Return the R x R maps of one pair of runs by matrix, model and whether matched."""
    chosen = {
        (p["dataset"], _model(p["method"], p["n_masks"]), p["matched"]): record
        for record in records
        for p in [record.parameters]
        if p["seed"] == seed
    }
    found = {}
    for (*cell, matched), record in chosen.items():
        rank, plain = record.parameters["rank"], chosen[*cell, False]
        cosines = np.reshape(plain.curves["similarity"], (rank, rank))
        found[*cell, matched] = cosines[:, record.curves["order"]] if matched else cosines
    return found


def _model(method, n_masks):
    return f"mmf, K = {n_masks:g}" if method == "mmf" else method
