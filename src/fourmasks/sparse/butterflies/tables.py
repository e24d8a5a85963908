"""Tables on butterfly factorizations: times, errors, and their growth (frames: `pages.tables.run_rows`)."""

import pandas as pd

from fourmasks.sparse.butterflies.baselines import OURS


def break_even(frame: pd.DataFrame) -> pd.DataFrame:
    """Return from which size on the factors are the faster way to apply a transform.

    The frame has columns transform, vectors, size and speedup. Indexed by the first two, the table has
    faster_from (the smallest size from which on no larger one is slower, missing if the largest is), largest
    (the largest size) and speedup (there).
    """
    rows = {}
    for cell, part in frame.groupby(["transform", "vectors"], sort=False):
        part = part.sort_values("size")
        slower = part.loc[part["speedup"] <= 1, "size"].max()
        faster = part.loc[~(part["size"] <= slower), "size"].min()
        rows[cell] = (faster, part["size"].iloc[-1], part["speedup"].iloc[-1])
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["faster_from", "largest", "speedup"])
    table.index = pd.MultiIndex.from_tuples(rows, names=["transform", "vectors"])
    return table.astype({"faster_from": "Int64"})


def over_baselines(frame: pd.DataFrame) -> pd.DataFrame:
    """Return our seconds over those of each library, at the largest size that both have.

    The frame has columns transform, factors, size, method and cpu_seconds. The table, indexed by transform,
    factors and baseline, has size and ratio, below 1 where we are faster; it is empty without libraries.
    """
    rows, names = [], ["transform", "factors", "baseline"]
    for (transform, factors), part in frame.groupby(names[:2], sort=False):
        seconds = part.pivot_table(index="size", columns="method", values="cpu_seconds")
        for baseline in seconds.columns.drop(OURS):
            ratio = (seconds[OURS] / seconds[baseline]).dropna()
            if len(ratio):
                rows.append((transform, factors, baseline, ratio.index[-1], ratio.iloc[-1]))
    return pd.DataFrame(rows, columns=[*names, "size", "ratio"]).set_index(names)


def largest_errors(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the largest relative error over the sizes, methods by transform and factors.

    The frame has columns transform, factors, size, method and error.
    """
    table = frame.pivot_table(
        index="method", columns=["transform", "factors"], values="error", aggfunc="max", sort=False
    )
    return table.map(lambda error: "–" if error != error else f"{error:.0e}" if error else "0")


def amplifications(frame: pd.DataFrame) -> pd.DataFrame:
    """Return error of the product over error of the matrix, means over seeds, both ways side by side.

    The frame has columns transform, noise, size, least_squares and amplification.
    """
    table = frame.pivot_table(
        index=["transform", "noise", "size"], columns="least_squares", values="amplification"
    )
    return table.rename(columns={False: "completion", True: "least squares"}).rename_axis(columns="method")


def growth(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the logarithm of the most by which errors grow along a chain, means over seeds, by length.

    The frame has columns length, log_completion and log_least_squares.
    """
    table = frame.groupby("length")[["log_completion", "log_least_squares"]].mean()
    return table.set_axis(["completion", "least squares"], axis="columns")
