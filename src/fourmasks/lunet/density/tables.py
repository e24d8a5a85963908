"""What is read from the records of the density experiment: runs, choices, differences, flows in the plane."""

from collections.abc import Iterable, Mapping

import pandas as pd
import torch

from fourmasks.claims.files import overlaps
from fourmasks.lunet.density.plan import EXPERIMENT
from fourmasks.lunet.density.run import FLOWS, METHODS, make_flow, with_state
from fourmasks.lunet.flows.flow import Flow
from fourmasks.pages import tables as page
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record

HELD_OUT, VALIDATION = "test_log_likelihood", "validation_log_likelihood"
BASELINES = [method for method in METHODS if method != "lu"]


def points_of(parameters: Mapping) -> str:
    """Return the name of a run's points: "moons", or "ml-100k items, 16-D"."""
    side, width = parameters.get("side"), width_of(parameters)
    return f"{parameters['dataset']} {side}, {width}-D" if side else parameters["dataset"]


def width_of(parameters: Mapping) -> int:
    """Return how many numbers each of a run's points has."""
    recommender = parameters.get("recommender")
    return recommender["dimension"] // 2 if recommender else 2


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each fit: points in `dataset`, width, method, M (0 for none), name, seed, metrics."""
    own = [record for record in records if record.experiment == EXPERIMENT]
    frame = run_rows(own, EXPERIMENT, ["dataset", "side", "recommender", "method", "n_layers", "seed"])
    if frame.empty:
        frame = frame.assign(**{HELD_OUT: [], VALIDATION: []})
    layers = frame["n_layers"].fillna(0).astype(int)
    frame = frame.drop(columns=["side", "recommender"]).assign(
        dataset=[points_of(record.parameters) for record in own],
        width=[width_of(record.parameters) for record in own],
        n_layers=layers,
        name=[
            f"{method}, M = {m}" if m else method for method, m in zip(frame["method"], layers, strict=True)
        ],
        order=frame["method"].map(METHODS.index),
    )
    keys = ["width", "dataset", "order", "n_layers", "seed"]
    return frame.sort_values(keys, ignore_index=True).drop(columns="order")


def chosen(frame: pd.DataFrame) -> pd.DataFrame:
    """Return, of each method's fits with a seed, the one that is likeliest on the validation points.

    So M is chosen as the mixture's and the kernel's settings are: for each seed, never by the points to
    measure on.
    """
    best = frame.sort_values(VALIDATION, ascending=False, kind="stable")
    return best.drop_duplicates(["dataset", "method", "seed"]).sort_index()


def differences(frame: pd.DataFrame) -> pd.DataFrame:
    """Return by how many nats per held-out point the `chosen` LU flows are above `chosen` baselines."""
    pairs, by_data = [("lu", baseline) for baseline in BASELINES], overlaps(EXPERIMENT)
    overlap = {points: by_data.get(points.split(" ")[0], 0.0) for points in frame["dataset"].unique()}
    return page.differences(chosen(frame), HELD_OUT, pairs, overlap, "seed")


def rebuilt(record: Record) -> Flow:
    """Return the flow of a record in the plane, as it was trained.

    Raises
    ------
    ValueError
        If the record has no flow in the plane.
    """
    own = record.parameters
    if own.get("method") not in FLOWS or "state" not in record.curves:
        raise ValueError(f"the record of {points_of(own)}: expected one of a flow in the plane")
    start = make_flow(
        own["method"], 2, own["n_layers"], own["alpha"], own["spread"], torch.Generator().manual_seed(0)
    )
    return with_state(start, record.curves["state"])
