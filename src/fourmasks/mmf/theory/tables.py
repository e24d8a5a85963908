"""Tables of the page on the theorems: random instances, singular values, and the factors of two runs."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import torch

from fourmasks.data.matrices import SIZES
from fourmasks.learning.metrics import effective_rank
from fourmasks.mmf.models.masks import FAMILIES, Masks
from fourmasks.mmf.models.parameters import product
from fourmasks.mmf.theory import plan, spectra, stability
from fourmasks.mmf.theory.expressivity import independence, instance, wronskian
from fourmasks.mmf.theory.identifiability import rotated, scaled, shared_rotation
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record, book_records

POINTS = 400  # shifts at which functions are compared


def kept_records(experiment: str, methods: Sequence[str] = ()) -> list[Record]:
    """Return the records of the `paper` profile, by matrix, by method, by number of masks and by seed.

    Without methods they are in the order of the plan of the theorems' trials.
    """
    records = book_records(experiment)

    def place(record):
        p = record.parameters
        return [*SIZES].index(p["dataset"]), methods.index(p["method"]), p.get("n_masks") or 0, p["seed"]

    def trial(record):
        p = record.parameters
        masks = (*FAMILIES, "none")
        shifts = {name: number for number, name in enumerate(plan.TIED)}
        return (
            masks.index(p["mask"]),
            p["parametrisation"],
            shifts.get(p["shifts"], len(shifts)),
            -p["n_masks"],
        )

    return sorted(records, key=place if methods else trial)


# ---------------------------------------------------------------- Theorems 1 and 2


def rank_trials(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each trial of Theorem 1."""
    trials = _trials(records)
    return trials[trials["rank_deficit"].notna()]


def symmetry_trials(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each trial of Theorem 2, with what was tried in the column model."""
    trials = _trials(records)
    trials = trials[trials["kernel_share"].notna()]
    return trials.assign(model="K = " + trials["n_masks"].astype(str) + ", " + trials["shifts"])


def by_model(frame: pd.DataFrame, columns: str, metric: str) -> pd.DataFrame:
    """Return a metric of the trials: parametrisations and families by models."""
    index = ["parametrisation", "mask"]
    table = frame.pivot_table(index=index, columns=columns, values=metric, sort=False)
    return table.sort_index(level="parametrisation", sort_remaining=False, kind="stable").rename_axis(
        columns=None
    )


def independences(parametrisation: str) -> pd.DataFrame:
    """Return how independent the masks of each family are, as functions of the shift.

    Returns
    -------
    DataFrame
        For each family and dimension the smallest singular value of sampled columns of length one, and the
        smallest Wronskian at 0.7; none of the triangle, which is not analytic.
    """
    points, found = np.linspace(0, 4 if parametrisation == "paper" else 2, POINTS), {}
    for family in FAMILIES:
        given = family, plan.N_MASKS, plan.RANK, parametrisation
        row = dict(enumerate(independence(Masks(*given, dtype=torch.float64), points)))
        if family != "triangle":
            row["Wronskian"] = min(abs(wronskian(*given, r, 0.7)) for r in range(plan.RANK))
        found[family] = row
    return pd.DataFrame(found).T.rename_axis("mask").rename_axis("dimension", axis=1)


def witnesses(ranks: pd.DataFrame) -> pd.DataFrame:
    """Return at how many dimensions (C2) fails, and what the proof's own parameters lack of the full rank."""
    own = ranks[ranks["shifts"] == "own"].set_index(["mask", "parametrisation"])
    fails = own["dependent_dimensions"].astype(int).astype(str) + " of " + own["rank"].astype(str)
    table = own.assign(**{"(C2) fails at": fails, "rank lacks": own["witness_deficit"]})
    return table[["(C2) fails at", "rank lacks"]]


def seen_changes(angles: Sequence[float] = (0.1, 1.0)) -> pd.DataFrame:
    """Return how much of the product, relative to its size, a scaling and rotations by angles change.

    The masks are Gaussian, with shifts of each row's own or shared by all rows. "rotated with D" is the
    rotation that plain factorization with weights D has; it is one with shared shifts only.
    """
    rank = plan.SYMMETRY_RANK
    masks = Masks("gaussian", 3, rank, "paper", dtype=torch.float64)
    turn = torch.zeros(rank, rank, dtype=torch.float64)
    turn[0, 1], turn[1, 0] = 1.0, -1.0
    found = {}
    for shifts in ("own", "shared"):
        point = instance(plan.SYMMETRY_SHAPE, 3, rank, "paper", shifts)
        before = product(point, masks)

        def change(after, before=before):
            moved = torch.linalg.norm(product(after, masks) - before)
            return float(moved / torch.linalg.norm(before))

        row = {"scaled": change(scaled(point, torch.tensor([2.0, 3.0, 0.5], dtype=torch.float64)))}
        for angle in angles:
            q = torch.linalg.matrix_exp(angle * turn)
            row[f"rotated by {angle}"] = change(rotated(point, q))
            if shifts == "shared":
                row[f"rotated with D by {angle}"] = change(shared_rotation(point, masks, q))
        found[f"{shifts} shifts"] = row
    return pd.DataFrame(found).T


def _trials(records):
    return run_rows(records, plan.EXPERIMENT, ["mask", "parametrisation", "n_masks", "rank", "shifts"])


# ---------------------------------------------------------------- Figure 6


def spectra_table(records: Iterable[Record]) -> pd.DataFrame:
    """Return means over seeds by matrix, method and K; `bound` is the largest rank the model can have."""
    frame = run_rows(records, spectra.EXPERIMENT, ["dataset", "method", "budget", "n_masks", "seed"])
    n_masks = frame["n_masks"].astype(float)
    rank = frame["budget"] - n_masks * (frame["method"] != "mmf-frozen")
    frame["bound"] = (n_masks * rank).fillna(frame["budget"])
    frame["n_masks"] = n_masks.fillna(0).astype(int)
    columns = ["bound", "numerical_rank", "effective_rank", "entropy_rank", "relative_error"]
    return frame.groupby(["dataset", "method", "n_masks"], sort=False)[columns].mean()


def growth(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many times the effective rank of MMF grows from the smallest to the largest K, and K R.

    Parameters
    ----------
    table : DataFrame
        Of `spectra_table`.
    """
    found = {}
    for name, part in table.xs("mmf", level="method").groupby("dataset", sort=False):
        part = part.droplevel("dataset").sort_index()
        grown = part.iloc[-1] / part.iloc[0]
        shares = part["effective_rank"] / part["bound"]
        found[name] = {
            "K": f"{part.index[0]} to {part.index[-1]}",
            "effective rank grows": f"{grown['effective_rank']:.2f} times",
            "K R grows": f"{grown['bound']:.2f} times",
            "effective rank over K R": f"{100 * shares.min():.0f} to {100 * shares.max():.0f} %",
        }
    return pd.DataFrame(found).T.rename_axis("dataset")


def above(records: Iterable[Record], shares: Iterable[float]) -> pd.DataFrame:
    """Return how many singular values of MMF lie above shares of the largest, means over seeds."""
    shares = tuple(shares)
    counts = [
        {name: record.parameters[name] for name in ("dataset", "n_masks")}
        | {
            f"above {100 * share:g} %": effective_rank(np.array(record.curves["singular_values"]), share)
            for share in shares
        }
        for record in records
        if record.parameters["method"] == "mmf"
    ]
    return pd.DataFrame(counts).groupby(["dataset", "n_masks"], sort=False).mean()


# ---------------------------------------------------------------- Figure 7


def model_name(method: str, n_masks: float | None) -> str:
    """Return what a model of Figure 7 is called."""
    return f"MMF, K = {n_masks:g}" if method == "mmf" else method


def similarities(records: Iterable[Record]) -> dict[tuple[str, str, bool], np.ndarray]:
    """Return the R x R maps of pair 0 by matrix, model and whether matched."""
    chosen = {
        (p["dataset"], model_name(p["method"], p["n_masks"]), p["matched"]): record
        for record in records
        for p in [record.parameters]
        if p["seed"] == 0
    }
    maps = {}
    for (*cell, matched), record in chosen.items():
        rank, plain = record.parameters["rank"], chosen[*cell, False]
        cosines = np.reshape(plain.curves["similarity"], (rank, rank))
        maps[*cell, matched] = cosines[:, record.curves["order"]] if matched else cosines
    return maps


def stability_table(records: Iterable[Record]) -> pd.DataFrame:
    """Return means over pairs of runs: the diagonal without and with matching, and how far both agree."""
    frame = run_rows(records, stability.EXPERIMENT, ["dataset", "method", "n_masks", "matched", "seed"])
    frame["model"] = [model_name(*given) for given in zip(frame["method"], frame["n_masks"], strict=True)]
    columns = ["dominant", "off_diagonal", "output_difference", "relative_error", "error_gap", "n_iter"]
    means = frame.groupby(["dataset", "model", "matched"], sort=False)[["diagonal", *columns]].mean()
    plain, matched = (means.xs(is_matched, level="matched") for is_matched in (False, True))
    plain.insert(1, "matched", matched["diagonal"])
    return plain
