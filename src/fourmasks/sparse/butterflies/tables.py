"""Tables and sentences on butterfly factorizations, from their records."""

from collections.abc import Iterable

from fourmasks.records.store import Record
from fourmasks.sparse.butterflies.baselines import OURS
from fourmasks.sparse.butterflies.plan import EXPERIMENTS


def factorizations(records: Iterable[Record]):
    """Return a DataFrame with a row for each factorization: what it was, its error, its seconds."""
    names = ["transform", "size", "method", "factors"]
    return _frame(records, "factorization", names, ["error", "cpu_seconds"])


def applications(records: Iterable[Record]):
    """Return a DataFrame with a row for each transform, size and number of vectors."""
    metrics = ["speedup", "dense_seconds", "sparse_seconds", "entries_saved", "difference"]
    return _frame(records, "application", ["transform", "size", "vectors"], metrics)


def error_table(frame):
    """Return the errors of our factorizations, to one digit: a row for each size."""
    ours = frame[frame["method"] == OURS]
    table = ours.pivot_table(index="size", columns=["transform", "factors"], values="error", sort=False)
    return table.map(lambda error: f"{error:.0e}" if error else "0")


def error_sentence(frame, bound: float) -> str:
    """Say how many errors are below a bound; the digits of smaller ones depend on the machine."""
    below = frame["error"] < bound
    return f"{int(below.sum())} of {len(frame)} relative errors are below {bound:g}."


def seconds_table(frame):
    """Return the seconds by method, a row for each transform, number of factors and size."""
    return frame.pivot_table(
        index=["transform", "factors", "size"], columns="method", values="cpu_seconds", sort=False
    )


def speedup_table(frame):
    """Return the speed-ups: a row for each size, a column for each transform and number of vectors."""
    return frame.pivot_table(index="size", columns=["transform", "vectors"], values="speedup", sort=False)


def saved_table(frame):
    """Return dense entries over those of all factors, by size; the same for all transforms."""
    return frame.groupby("size")[["entries_saved"]].mean()


def break_even_sentences(frame) -> list[str]:
    """Say from which size on the factors are the faster way to apply a transform."""
    found = []
    for (transform, vectors), part in frame.groupby(["transform", "vectors"], sort=False):
        part = part.sort_values("size")
        slower = part[part["speedup"] <= 1]
        faster = part[part["size"] > (slower["size"].max() if len(slower) else 0)]
        what = f"{transform}, {vectors} vector{'' if vectors == 1 else 's'}"
        largest = part.iloc[-1]
        if len(faster):
            found.append(
                f"{what}: faster from n = {faster['size'].min()} on, {largest['speedup']:.1f} times at n ="
                f" {largest['size']}."
            )
        else:
            ratio = f"{largest['speedup']:.2f} times at n = {largest['size']}"
            found.append(f"{what}: slower at every size, {ratio}.")
    return found


def peer_sentences(frame) -> list[str]:
    """Say for the largest size common to all how our time compares with each peer's."""
    found = []
    for (transform, factors), part in frame.groupby(["transform", "factors"], sort=False):
        table = part.pivot_table(index="size", columns="method", values="cpu_seconds")
        for peer in table.columns.drop(OURS, errors="ignore"):
            both = table[[OURS, peer]].dropna()
            if len(both):
                ratio = both[OURS].iloc[-1] / both[peer].iloc[-1]
                what = f"{transform}, {factors} factors, n = {both.index[-1]}"
                found.append(f"{what}: {ratio:.2f} times the time of {peer}.")
    return found


def structure_table(records: Iterable[Record]):
    """Return what is shared and uncovered in the cuts, and the pairs of columns of the cosine transform."""
    metrics = ["shared", "uncovered", "cosine_pairs", "odd_pairs"]
    return _frame(records, "structure", ["size"], metrics).astype(int).set_index("size")


def disturbed_table(records: Iterable[Record]):
    """Return the mean amplification of errors, completion and least squares side by side."""
    keys = ["transform", "size", "noise", "least_squares"]
    frame = _frame(records, "disturbed", [*keys, "seed"], ["amplification"])
    frame["method"] = frame["least_squares"].map({False: "completion", True: "least squares"})
    return frame.pivot_table(
        index=["transform", "noise", "size"], columns="method", values="amplification", sort=False
    )


def chain_table(records: Iterable[Record]):
    """Return mean decimal logarithms of how errors grow along a chain, by its length."""
    frame = _frame(records, "chain", ["length", "seed"], ["log_completion", "log_least_squares"])
    return frame.groupby("length")[["log_completion", "log_least_squares"]].mean()


def _frame(records, trial, names, metrics):
    import pandas as pd

    rows = [
        {name: r.parameters[name] for name in names} | {name: r.metrics[name] for name in metrics}
        for r in records
        if r.experiment == EXPERIMENTS[trial]
    ]
    return pd.DataFrame(rows, columns=[*names, *metrics])
