"""What is read from the records of the density experiment: runs, choices, differences, flows in the plane."""

import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd
import torch

from fourmasks.claims.files import overlaps
from fourmasks.lunet.density.plan import EXPERIMENT, POINTS
from fourmasks.lunet.density.run import FLOWS, METHODS, make_flow, with_state
from fourmasks.lunet.flows.flow import Flow
from fourmasks.pages import tables as page
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record

HELD_OUT, VALIDATION = "test_log_likelihood", "validation_log_likelihood"
BASELINES = [method for method in METHODS if method != "lu"]
HELD = (0.5, 0.9, 0.99)  # share of the normal distribution that lies in each circle
INTEGRALS = {
    "plane_error": "plane − 1",
    "integral_error": "rectangle − share",
    "share_deviation": "sd of share",
    "grid_error": "coarser grid",
    "largest_box_deviations": "worst box",
}
DISTANCES = {"test_projection_distance": "samples", "floor_projection_distance": "points to fit"}
CHOICES = {
    "M, LU layers": ("lu", "n_layers"),
    "M, coupling layers": ("coupling", "n_layers"),
    "components": ("mixture", "components"),
    "bandwidth": ("kernel", "bandwidth"),
}


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


def shapes(records: Iterable[Record]) -> pd.DataFrame:
    """Return what the points are like: how many, and how far from normal."""
    rows = {points_of(r.parameters): r.metrics for r in records if r.experiment == POINTS}
    counts = dict.fromkeys(("n_train", "n_test", "width"), int)
    columns = [*counts, "largest_skewness", "largest_kurtosis", "largest_correlation"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("points")
    return found.astype(counts).sort_index().sort_values("width", kind="stable")


def likelihoods(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the mean held-out log-likelihood of `runs`, methods by points."""
    found = frame.groupby(["name", "dataset"], sort=False)[HELD_OUT].agg(page.spread).unstack("dataset")
    return found.reindex(frame["name"].unique()).rename_axis(columns="points")


def above(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `differences` as texts, points by baselines, with half of the interval where there is one."""
    found = differences(frame)
    found["text"] = [
        f"{round(mean, 3) + 0.0:+.3f}"
        if half != half
        else page.plus_minus(f"{round(mean, 3) + 0.0:+.3f}", f"{half:.3f}")
        for mean, half in zip(found["difference"], found["half"], strict=True)
    ]
    columns = [name for name in BASELINES if name in set(found["baseline"])]
    table = found.pivot(index="dataset", columns="baseline", values="text").reindex(found["dataset"].unique())
    return table[columns].fillna("–").rename_axis(index="points", columns="LU flows minus")


def score(frame: pd.DataFrame) -> pd.DataFrame:
    """Return on how many sets of points LU flows are above each baseline, below, or undecided."""
    found, rows = differences(frame), {}
    for baseline, part in found.groupby("baseline", sort=False):
        higher, lower = (part["difference"] > part["half"]).sum(), (-part["difference"] > part["half"]).sum()
        rows[baseline] = (higher, lower, len(part) - higher - lower)
    columns = ["LU is likelier", "LU is less likely", "undecided"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("beside")


def choices(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what validation points chose, a value for each seed."""
    names = dict.fromkeys(name for _, name in CHOICES.values())
    best = chosen(frame).reindex(columns=["dataset", "method", *names])
    found = {
        words: best[best["method"] == method]
        .groupby("dataset")[name]
        .agg(lambda values: ", ".join(f"{x:.3g}" for x in values))
        for words, (method, name) in CHOICES.items()
    }
    return pd.DataFrame(found).reindex(frame["dataset"].unique()).rename_axis("points")


def by_points(frame: pd.DataFrame, columns: Mapping[str, str], how: str | Callable) -> pd.DataFrame:
    """Return some measures over seeds, such as their "mean", by points and name."""
    own = frame.reindex(columns=["dataset", "name", *columns]).dropna()
    found = own.groupby(["dataset", "name"], sort=False).agg(how).rename(columns=columns)
    return found.rename_axis(["points", "name"])


def agreement(frame: pd.DataFrame) -> pd.DataFrame:
    """Return by method how far integrals in the plane are from 1 and from shares of samples, at most."""
    rows = {}
    for method in METHODS:
        part = frame[frame["method"] == method].reindex(columns=INTEGRALS).dropna()
        if len(part):
            apart = (part["integral_error"] / part["share_deviation"]).max()
            rows[method] = {
                "fits": len(part),
                "integral minus 1": f"{part['plane_error'].max():.1g}",
                "rectangle, in sd": f"{apart:.1f}",
                "worst box, in sd": f"{part['largest_box_deviations'].max():.1f}",
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def sizes(frame: pd.DataFrame) -> pd.DataFrame:
    """Return how many numbers each method keeps, means over sets of points, by the width of the points."""
    own = frame.reindex(columns=["name", "width", "n_parameters"])
    found = own.pivot_table(index="name", columns="width", values="n_parameters", sort=False)
    found = found.rename(columns=lambda width: f"{width}-D")
    return found.rename_axis(index="method", columns=None)


def in_the_plane(records: Iterable[Record]) -> dict[str, Record]:
    """Return by points the LU flow in the plane that validation points choose, that of the first seed."""
    found: dict[str, list[Record]] = {}
    for r in records:
        if r.experiment == EXPERIMENT and r.parameters["method"] == "lu" and "state" in r.curves:
            found.setdefault(points_of(r.parameters), []).append(r)
    return {
        points: min(those, key=lambda r: (r.parameters["seed"], -r.metrics[VALIDATION]))
        for points, those in sorted(found.items())
    }


def held_out(records: Iterable[Record], points: str) -> np.ndarray | None:
    """Return the points in the plane to measure on, those of the first seed; None if they are not there."""
    for r in records:
        if r.experiment == POINTS and points_of(r.parameters) == points and "x" in r.curves:
            return np.array([r.curves["x"], r.curves["y"]]).T
    return None


@torch.no_grad()
def circles(records: list[Record]) -> pd.DataFrame:
    """Return which share of held-out points each circle of `HELD` holds, a row for each flow in the plane."""
    rows = {}
    for name, record in in_the_plane(records).items():
        points = held_out(records, name)
        if points is not None:
            squares = rebuilt(record)(torch.from_numpy(points)).square().sum(1).numpy()
            found = [(squares < -2 * math.log1p(-share)).mean() for share in HELD]
            rows[f"{name}, M = {record.parameters['n_layers']}"] = found
    columns = [f"{share:.0%}" for share in HELD]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)
