"""Tables of costs, from the records: times by operation, slopes, gains, memory and rounding."""

from collections.abc import Callable, Iterable

import pandas as pd

from fourmasks.lunet.costs import growth
from fourmasks.lunet.costs.counts import last_batch, multiplications, ratios
from fourmasks.lunet.costs.plan import ROUNDING
from fourmasks.lunet.costs.run import KINDS
from fourmasks.pages.figures import rounded
from fourmasks.pages.tables import interval
from fourmasks.records.store import Record

PARTS = {
    "inverse": "inverse",
    "logdet": "log-determinant",
    "kept_inverse": "kept inverse",
    "at_once": "both at once",
    "step": "step",
}
WORDS = {
    name: f"{PARTS[part]}, {'LU' if kind == 'lu' else kind}"
    for name in multiplications(2, 1)
    for part, _, kind in [name.rpartition("_")]
} | {"inverse_activation": "inverse of the activation"}
SLOPES = {
    "measured": ("all sizes", "measured"),
    "counted": ("all sizes", "counted"),
    "last": ("last two sizes", "measured"),
    "half": ("last two sizes", "± 95 %"),
    "counted_last": ("last two sizes", "counted"),
    "grows": ("last two sizes", "grows"),
    "half_explained": ("half explained", "from d ="),
}
CONDITIONS = {"condition_lower": "cond L", "condition_upper": "cond U", "condition_dense": "cond A, dense"}
LIMITS = {"inverse and determinant twice as fast": ("at_once", 2), "step faster": ("step", 1)}


def counts(pairs: Iterable[tuple[int, int]]) -> pd.DataFrame:
    """Return the multiplications of each operation, a column for each pair of d and n."""
    found = pd.DataFrame({pair: multiplications(*pair) for pair in pairs}).rename(index=WORDS)
    return found.rename_axis(index="operation", columns=["d", "n"])


def by_operation(table: pd.DataFrame, batch: int) -> pd.DataFrame:
    """Return the part of a table by n and d that is of n points, operations by dimension."""
    part = table[table.index.get_level_values("n") == batch].droplevel("n")
    return part.T.rename(index=WORDS).rename_axis(index="operation", columns="d")


def slopes(timed: list[Record], batch: int) -> pd.DataFrame:
    """Return the slopes of all operations for n points, with a head of two lines."""
    found = growth.slopes(timed, batch).rename(index=WORDS).rename_axis("slope").reindex(columns=SLOPES)
    return rounded(found.set_axis(pd.MultiIndex.from_tuples(SLOPES.values()), axis=1), digits=2)


def shares(seconds: pd.DataFrame, operations: Iterable[str]) -> pd.DataFrame:
    """Return the share of the time that the count explains, in percent."""
    rows = {
        (batch, WORDS[name]): growth.explained(seconds.loc[batch].T, name, batch)
        for name in operations
        for batch in seconds.index.unique("n")
    }
    found = 100 * pd.DataFrame.from_dict(rows, orient="index")
    return rounded(
        found.rename_axis(["n", "operation"]).rename_axis(columns="d") if rows else found, digits=0
    )


def beside_counts(function: Callable[[dict], dict], seconds: pd.DataFrame) -> pd.DataFrame:
    """Return by d and n what a function makes of the columns of seconds, and of counts."""
    own = pd.DataFrame([multiplications(d, n) for n, d in seconds.index], index=seconds.index)
    both = {"measured": seconds, "counted": own.reindex(columns=seconds.columns)}
    found = {how: pd.DataFrame(function(dict(frame.items()))) for how, frame in both.items()}
    columns = [(name, how) for name in found["counted"] for how in both]
    return pd.concat(found, axis=1).swaplevel(axis=1)[columns].swaplevel(axis=0).sort_index()


def dense_over_lu(seconds: pd.DataFrame) -> pd.DataFrame:
    """Return what an LU layer gains over a dense one by d and n, measured and counted, in four ways."""
    wanted = ("separate", "at_once", "kept", "step")
    return beside_counts(lambda values: {name: ratios(values)[name] for name in wanted}, seconds)


def last_points(gains: pd.DataFrame) -> pd.DataFrame:
    """Return up to how many points LU gains what `LIMITS` says, by the clock and by the count.

    Parameters
    ----------
    gains : DataFrame
        Of `dense_over_lu`.
    """
    found = {
        size: [
            limit
            for name, level in LIMITS.values()
            for limit in (
                growth.crossing(gains.loc[size][name, "measured"], level),
                str(last_batch(size, name, level)),
            )
        ]
        for size in gains.index.unique("d")
    }
    columns = pd.MultiIndex.from_product([[f"{words}, n up to" for words in LIMITS], ["measured", "counted"]])
    return pd.DataFrame.from_dict(found, orient="index", columns=columns).rename_axis("d")


def over_lu(timed: list[Record], kind: str) -> pd.DataFrame:
    """Return how many times longer layers of a kind take than LU layers, and whether LU is cheaper, by n."""
    batches = sorted({record.parameters["batch"] for record in timed})
    found = {batch: growth.at_largest(timed, batch, kind) for batch in batches}
    table = pd.DataFrame.from_dict(found, orient="index").rename_axis("n")
    return table.map(lambda one: f"{interval(one, 2)}, {growth.cheaper(one)}")


def at_a_glance(timed: list[Record]) -> pd.DataFrame:
    """Return count and time of other layers over LU at the largest d, for the fewest and the most points."""
    batches = sorted({record.parameters["batch"] for record in timed})
    rows = {}
    for n in (batches[0], batches[-1]) if timed else ():
        size = timed[0].curves["dimension"][-1]
        for kind in KINDS[1:]:
            count, time = growth.over_lu(kind, multiplications(size, n)), growth.at_largest(timed, n, kind)
            rows[f"{kind}, n = {n}"] = {
                (words, how): text
                for name, words in {"both": "inverse and log-determinant", "step": "step"}.items()
                for how, text in {
                    "counted": f"{count[name]:.2f}",
                    "timed": interval(time[name], 2),
                    "LU is": growth.cheaper(time[name]),
                }.items()
            }
    found = pd.DataFrame.from_dict(rows, orient="index")
    return found.set_axis(pd.MultiIndex.from_tuples(found.columns), axis=1) if rows else found


def growth_of(claims: Iterable[dict]) -> pd.DataFrame:
    """Return how time grows with d for one point: the paper's order, our slope ± 95 %, the verdict.

    Parameters
    ----------
    claims : iterable of dict
        Rows of the ledger: those of Section 1 on slopes count.
    """
    places = {
        "lunet-section1-inverse": ("inverse, LU", "d²"),
        "lunet-section1-inverse-dense": ("inverse, dense", "d³"),
        "lunet-section1-determinant": ("log-determinant, LU, diagonals alone", "d"),
        "lunet-section1-determinant-dense": ("log-determinant, dense", "d³"),
    }
    own = {row["id"]: row for row in claims}
    rows = {}
    for name, (words, order) in places.items():
        if name in own and own[name]["measured"] is not None:
            low, high = own[name]["interval"] or (float("nan"),) * 2
            rows[words] = {
                "the paper says": order,
                "slope": f"{own[name]['measured']:.2f}",
                "95 % interval": f"{low:.2f} to {high:.2f}",
                "verdict": own[name]["verdict"],
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("operation")


def matrices(timed: list[Record], batch: int) -> pd.DataFrame:
    """Return the memory that each operation writes anew, in matrices; the activation's inverse iterates."""
    written = growth.medians(timed, "bytes_").drop(columns="inverse_activation")
    return by_operation(written.div(4 * written.index.get_level_values("d") ** 2, axis=0), batch)


def rounding(records: Iterable[Record]) -> pd.DataFrame:
    """Return what was measured of rounding by spread and dimension, the largest over seeds."""
    frames = [
        pd.DataFrame(r.curves).assign(spread=r.parameters["spread"])
        for r in records
        if r.experiment == ROUNDING
    ]
    return pd.concat(frames).rename(columns={"dimension": "d"}).groupby(["spread", "d"]).max()


def conditions(worst: pd.DataFrame) -> pd.DataFrame:
    """Return condition numbers of `rounding`, and whether the LU layer keeps its bound in both precisions."""
    within = (worst["error_float32_lu"] <= worst["bound_float32"]) & (
        worst["error_float64_lu"] <= worst["bound_float64"]
    )
    found = worst[list(CONDITIONS)].map("{:.3g}".format).rename(columns=CONDITIONS)
    return found.assign(**{"LU within its bound": within.map({True: "yes", False: "no"})})


def errors(worst: pd.DataFrame, dtype: str) -> pd.DataFrame:
    """Return the largest relative errors of `rounding` in a precision, and the LU layer's bound."""
    columns = {f"error_{dtype}_{kind}": kind for kind in KINDS} | {f"bound_{dtype}": "bound for LU layers"}
    return worst[list(columns)].map("{:.1e}".format).rename(columns=columns)
