"""Tables and sentences of the density experiment, from its records."""

import math
from collections.abc import Iterable

import torch

from fourmasks import comparison
from fourmasks.lunet.densities import EXPERIMENT, POINTS
from fourmasks.lunet.density_training import FLOWS, METHODS, make_flow, with_state
from fourmasks.lunet.flow import Flow
from fourmasks.measurements import estimate
from fourmasks.records import Record

OUTER = ["points", "method", "n_layers", "name", "seed", "width"]
HELD_OUT = "test_log_likelihood"
HELD = (0.5, 0.9, 0.99)  # share of the normal distribution that lies in each circle


def points_of(record: Record) -> str:
    """Return the name of a record's points: "moons", or "ml-100k items, 16-D"."""
    own = record.parameters
    if own.get("side") is None:
        return own["dataset"]
    return f"{own['dataset']} {own['side']}, {_width(record)}-D"


def _width(record) -> int:
    recommender = record.parameters.get("recommender")
    return recommender["dimension"] // 2 if recommender else 2


def runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each fit: points, method, M (0 for none), name, and its metrics."""
    import pandas as pd

    rows = []
    for record in records:
        if record.experiment == EXPERIMENT:
            method, m = record.parameters["method"], record.parameters.get("n_layers", 0)
            name = f"{method}, M = {m}" if m else method
            outer = (points_of(record), method, m, name, record.parameters["seed"], _width(record))
            rows.append(dict(zip(OUTER, outer, strict=True)) | record.metrics)
    frame = pd.DataFrame(rows, columns=None if rows else [*OUTER, HELD_OUT])
    order = frame["method"].map({method: place for place, method in enumerate(METHODS)})
    keys = ["width", "points", "order", "n_layers", "seed"]
    return frame.assign(order=order).sort_values(keys, ignore_index=True).drop(columns="order")


def shapes(records: Iterable[Record]):
    """Return what the points are like, a row each: how many, and how far from normal."""
    import pandas as pd

    rows = {points_of(record): record.metrics for record in records if record.experiment == POINTS}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("points")
    if table.empty:
        return table
    counts = dict.fromkeys(("n_train", "n_test", "width"), int)
    return table.astype(counts).sort_index().sort_values("width", kind="stable")


def likelihoods(frame):
    """Return the mean held-out log-likelihood in nats per point, methods by points, with its spread."""
    table = frame.groupby(["name", "points"], sort=False)[HELD_OUT].agg(comparison.spread)
    return table.unstack("points").reindex(list(dict.fromkeys(frame["name"]))).fillna("–")


def sizes(frame):
    """Return how many numbers each method keeps, methods by points, and what validation points chose."""
    names = [name for name in ("n_parameters", "components", "bandwidth") if name in frame]
    return frame.groupby(["points", "name"], sort=False)[names].mean()


def integrals(frame):
    """Return integrals beside shares of samples for the flows in the plane: the worst over seeds each.

    Columns: how far the integral over the plane is from 1; how far the integral over a rectangle is from the
    share of samples inside, that share's standard deviation, and what a coarser grid changes; the largest
    deviation of a box, in standard deviations of its share.
    """
    columns = {
        "plane_error": "plane − 1",
        "integral_error": "rectangle − share",
        "share_deviation": "deviation of share",
        "grid_error": "coarser grid",
        "largest_box_deviations": "worst box, deviations",
    }
    there = frame.reindex(columns=["points", "name", *columns]).dropna()
    table = there.groupby(["points", "name"], sort=False).max().rename(columns=columns)
    return table


def integral_sentence(frame) -> str:
    """Return in words how well integrals and shares of samples agree over all flows in the plane."""
    columns = ["plane_error", "integral_error", "share_deviation", "largest_box_deviations"]
    there = frame.reindex(columns=columns).dropna()
    if there.empty:
        return "no fits of flows in the plane are there yet"
    apart = (there["integral_error"] / there["share_deviation"]).max()
    return (
        f"{len(there)} flows: the integral over the plane is 1 to within {there['plane_error'].max():.4f};"
        f" over the rectangle it is the share of samples to within {there['integral_error'].max():.4f},"
        f" {apart:.1f} standard deviations at most; over the boxes to within"
        f" {there['largest_box_deviations'].max():.1f} standard deviations"
    )


def projections(frame):
    """Return how far samples are from held-out points on random lines, and how far the points to fit are."""
    columns = {"test_projection_distance": "samples", "floor_projection_distance": "points to fit"}
    part = frame.reindex(columns=["points", "name", *columns])
    return part.groupby(["points", "name"], sort=False).mean().rename(columns=columns)


def differences(frame, rival: str):
    """Return by how many nats per point each method is above a rival: mean over paired seeds, half interval.

    Parameters
    ----------
    frame : DataFrame
        As `runs` gives it.
    rival : str
        A name in it, such as "gaussian" or "coupling, M = 4".
    """
    import pandas as pd

    rows = []
    for points in dict.fromkeys(frame["points"]):
        part = frame[frame["points"] == points]
        values = part.pivot_table(index="seed", columns="name", values=HELD_OUT)
        if rival in values:
            for name in dict.fromkeys(part["name"]):
                paired = (values[name] - values[rival]).dropna()
                if name != rival and len(paired):
                    found = estimate(paired.tolist())
                    half = math.nan if found.half is None else found.half
                    rows.append((points, name, found.mean, half, found.n_seeds))
    columns = ["points", "name", "difference", "half", "seeds"]
    return pd.DataFrame(rows, columns=columns).astype({"difference": float, "half": float})


def sentence(frame, points: str, name: str, rival: str) -> str:
    """Return in words how the held-out likelihoods of two methods compare on some points."""
    found = differences(frame[frame["points"] == points], rival)
    found = found[found["name"] == name]
    if found.empty:
        return f"{points}: no fits of {name} and {rival} with the same seed are there yet"
    mean, half = found["difference"].item(), found["half"].item()
    text = f"{points}: {name} minus {rival} is {mean:+.3f} nats per point"
    if math.isnan(half):
        return f"{text} (one seed, no interval)"
    if abs(mean) <= half:
        return f"{text} ± {half:.3f}: no difference beyond the interval"
    return f"{text} ± {half:.3f}: {'better' if mean > 0 else 'worse'} beyond the interval"


def sentences(frame) -> list[str]:
    """Return for all points how the deepest LU flow compares with one normal distribution and the rivals."""
    said = []
    for points in dict.fromkeys(frame["points"]):
        deepest = frame[(frame["points"] == points) & (frame["method"] == "lu")]["n_layers"].max()
        if deepest > 0:
            for rival in ("gaussian", f"coupling, M = {deepest}", "mixture", "kernel"):
                said.append(sentence(frame, points, f"lu, M = {deepest}", rival))
    return said or ["no fits of LU flows are there yet"]


def in_the_plane(records: Iterable[Record], method: str = "lu") -> dict[str, Record]:
    """Return by points the deepest fit of a kind of flow in the plane, that of the first seed."""
    found = {}
    for record in records:
        if record.experiment == EXPERIMENT and record.parameters["method"] == method:
            if "state" in record.curves:
                found.setdefault(points_of(record), []).append(record)
    return {
        points: min(those, key=lambda r: (-r.parameters["n_layers"], r.parameters["seed"]))
        for points, those in sorted(found.items())
    }


def rebuilt(record: Record) -> Flow:
    """Return the flow of a record in the plane, as it was trained.

    Raises
    ------
    ValueError
        If the record has no flow in the plane.
    """
    own = record.parameters
    if own.get("method") not in FLOWS or "state" not in record.curves:
        raise ValueError(f"the record of {points_of(record)}: expected one of a flow in the plane")
    start = make_flow(
        own["method"], 2, own["n_layers"], own["alpha"], own["spread"], torch.Generator().manual_seed(0)
    )
    return with_state(start, record.curves["state"])


def held_out(records: Iterable[Record], points: str):
    """Return the points in the plane (n, 2) to measure on, those of the first seed; None if not there."""
    import numpy as np

    for record in records:
        if record.experiment == POINTS and points_of(record) == points and "x" in record.curves:
            return np.array([record.curves["x"], record.curves["y"]]).T
    return None


def circles(records: Iterable[Record]):
    """Return which share of held-out points each circle of `density_plots.maps` holds, a row for each flow.

    The columns are the shares that the circles hold of a normal distribution in the plane.
    """
    import pandas as pd

    records, rows = list(records), {}
    for name, record in in_the_plane(records).items():
        points = held_out(records, name)
        if points is not None:
            with torch.no_grad():
                squares = rebuilt(record)(torch.from_numpy(points)).square().sum(1).numpy()
            found = {f"{share:.0%}": (squares < -2 * math.log1p(-share)).mean() for share in HELD}
            rows[name, f"lu, M = {record.parameters['n_layers']}"] = found
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["points", "name"])
    return table
