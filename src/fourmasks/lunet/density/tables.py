"""Tables and sentences of the density experiment, from its records."""

import math
from collections.abc import Iterable

import torch

from fourmasks.claims.measurements import Estimate, estimate
from fourmasks.lunet.density.plan import EXPERIMENT, POINTS
from fourmasks.lunet.density.run import FLOWS, METHODS, make_flow, with_state
from fourmasks.lunet.density.toy_points import TOYS
from fourmasks.lunet.flows.flow import Flow
from fourmasks.pages.tables import plus_minus, spread
from fourmasks.records.store import Record

OUTER = ["points", "method", "n_layers", "name", "seed", "width"]
HELD_OUT, VALIDATION = "test_log_likelihood", "validation_log_likelihood"
RIVALS = [method for method in METHODS if method != "lu"]
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
    frame = pd.DataFrame(rows, columns=None if rows else [*OUTER, HELD_OUT, VALIDATION])
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


def taught(records: Iterable[Record]) -> list[str]:
    """Return in words which recommenders have learned the embeddings."""
    found = {
        (record.parameters["dataset"], record.parameters["recommender"]["dimension"]): record
        for record in records
        if record.parameters.get("recommender")
    }
    return [
        f"{dataset}, d = {d}: a recommender of {record.parameters['recommender']['epochs']} epochs"
        for (dataset, d), record in sorted(found.items())
    ]


def groups(frame) -> dict:
    """Return the parts of a DataFrame of `runs`: toy sets first, then embeddings by their width."""
    kinds = {
        points: "toy sets" if points in TOYS else f"embeddings, {points.split(', ')[-1]}"
        for points in frame["points"]
    }
    parts = frame.groupby(frame["points"].map(kinds), sort=False)
    return dict(sorted(parts, key=lambda item: item[0] != "toy sets"))


def likelihoods(frame):
    """Return the mean held-out log-likelihood, methods by points, ± standard deviations over seeds."""
    table = frame.groupby(["name", "points"], sort=False)[HELD_OUT].agg(spread)
    return table.unstack("points").reindex(list(dict.fromkeys(frame["name"]))).fillna("–")


def chosen(frame):
    """Return, of each method's fits with a seed, the one that is likeliest on the validation points.

    So M is chosen as the mixture's and the kernel's settings are: for each seed, never by the points to
    measure on.
    """
    best = frame.sort_values(VALIDATION, ascending=False, kind="stable")
    return best.drop_duplicates(["points", "method", "seed"]).sort_index()


def choices(frame):
    """Return what validation points chose on each set of points, one value for each seed."""
    import pandas as pd

    own = chosen(frame).reindex(columns=["points", "method", "n_layers", "components", "bandwidth"])
    wanted = [(f"M, {method}", method, "n_layers") for method in FLOWS]
    wanted += [("components", "mixture", "components"), ("bandwidth", "kernel", "bandwidth")]
    columns = {
        words: own[own["method"] == method].groupby("points", sort=False)[name].agg(_listed)
        for words, method, name in wanted
    }
    table = pd.DataFrame(columns, dtype=object).reindex(list(dict.fromkeys(own["points"])))
    return table.fillna("–")


def _listed(values) -> str:
    return ", ".join(f"{value:.3g}" for value in values)


def sizes(frame):
    """Return how many numbers each method keeps, means over sets of points, by their width."""
    table = frame.reindex(columns=["name", "width", "n_parameters"]).dropna()
    found = table.groupby(["name", "width"], sort=False)["n_parameters"].mean().unstack("width")
    return found.rename(columns=lambda width: f"{width}-D")


def integrals(frame):
    """Return integrals beside shares of samples for the flows in the plane: the worst over seeds each.

    Columns: how far the integral over the plane is from 1; how far the integral over a rectangle is from the
    share of samples inside, that share's standard deviation, and what a coarser grid changes; the largest
    deviation of a box, in standard deviations of its share.
    """
    columns = {
        "plane_error": "plane − 1",
        "integral_error": "rectangle − share",
        "share_deviation": "sd of share",
        "grid_error": "coarser grid",
        "largest_box_deviations": "worst box",
    }
    there = frame.reindex(columns=["points", "name", *columns]).dropna()
    table = there.groupby(["points", "name"], sort=False).max().rename(columns=columns)
    return table


def integral_sentences(frame) -> list[str]:
    """Return in words, for each method, how well integrals and shares of samples agree in the plane."""
    columns = ["plane_error", "integral_error", "share_deviation", "largest_box_deviations"]
    there = frame.reindex(columns=["method", *columns]).dropna()
    said = []
    for method, part in there.groupby("method", sort=False):
        worst = part.max(numeric_only=True)
        apart = (part["integral_error"] / part["share_deviation"]).max()
        said.append(
            f"{method}, {len(part)} fits: the integral over the plane is 1 to within"
            f" {worst['plane_error']:.1g}; integral and share of samples are at most {apart:.1f} standard"
            f" deviations apart over the rectangle, {worst['largest_box_deviations']:.1f} over a box"
        )
    return said or ["no fits of flows in the plane are there yet"]


def projections(frame):
    """Return how far samples are from held-out points on random lines, and how far the points to fit are."""
    columns = {"test_projection_distance": "samples", "floor_projection_distance": "points to fit"}
    part = frame.reindex(columns=["points", "name", *columns])
    return part.groupby(["points", "name"], sort=False).mean().rename(columns=columns)


def advantages(frame) -> dict[tuple[str, str], Estimate]:
    """Return by points and rival by how many nats per held-out point LU flows are above, over paired seeds.

    Of all flows those of `chosen` count.
    """
    own, found = chosen(frame), {}
    for points in dict.fromkeys(own["points"]):
        part = own[own["points"] == points]
        values = part.pivot_table(index="seed", columns="method", values=HELD_OUT)
        for rival in RIVALS:
            paired = (values["lu"] - values[rival]).dropna() if {"lu", rival} <= set(values) else []
            if len(paired):
                found[points, rival] = estimate(paired.tolist())
    return found


def differences(frame):
    """Return `advantages` as texts, points by rivals, ± half of the 95 % interval where seeds give one."""
    import pandas as pd

    cells = {pair: _signed(found) for pair, found in advantages(frame).items()}
    if not cells:
        return pd.DataFrame()
    table = pd.Series(cells).unstack().reindex(list(dict.fromkeys(points for points, _ in cells)))
    columns = [rival for rival in RIVALS if rival in table]
    return table[columns].rename(columns=lambda rival: f"lu − {rival}").fillna("–")


def _signed(found: Estimate) -> str:
    mean = f"{round(found.mean, 3) + 0.0:+.3f}"  # no -0.000
    return mean if found.half is None else plus_minus(mean, f"{found.half:.3f}")


def in_short(frame) -> list[str]:
    """Return the answers to the notebook's three questions, a sentence each."""
    found = advantages(frame)
    if not found:
        return ["no fits of LU flows are there yet"]
    density = integral_sentences(frame[frame["method"] == "lu"])[0]
    return [
        f"1. A density? {density}.",
        f"2. A good one? {_score(found)}.",
        f"3. Embeddings: {_gains(found)}.",
    ]


def _score(found) -> str:
    """Return in words on how many sets of points LU is above and below each rival, beyond the interval."""
    said = []
    for rival in dict.fromkeys(rival for _, rival in found):
        theirs = [one for (_, name), one in found.items() if name == rival]
        above = sum(one.above_zero for one in theirs)
        below = sum(one.half is not None and -one.mean > one.half for one in theirs)
        open_ = len(theirs) - above - below
        said.append(f"above {rival} on {above}, below on {below}, undecided on {open_}")
    n = len({points for points, _ in found})
    return f"Of {n} sets of points, by the 95 % interval, LU flows are {'; '.join(said)}"


def _gains(found) -> str:
    """Return in words how far LU is above one normal distribution on embeddings, and on toy sets."""
    gains = {points: one.mean for (points, rival), one in found.items() if rival == "gaussian"}
    said = []
    for words, toys in (("embeddings", False), ("toy sets", True)):
        means = [mean for points, mean in gains.items() if (points in TOYS) is toys]
        if means:
            said.append(f"by {min(means):+.2f} to {max(means):+.2f} nats per point on {words}")
    return f"LU is above one normal distribution {', '.join(said)}"


def in_the_plane(records: Iterable[Record]) -> dict[str, Record]:
    """Return by points the LU flow in the plane that validation points choose, that of the first seed."""
    found = {}
    for record in records:
        if record.experiment == EXPERIMENT and record.parameters["method"] == "lu":
            if "state" in record.curves:
                found.setdefault(points_of(record), []).append(record)
    return {
        points: min(those, key=lambda r: (r.parameters["seed"], -r.metrics[VALIDATION]))
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
    """Return which share of held-out points each circle of `figures.maps` holds, a row for each flow.

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
