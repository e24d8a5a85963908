"""Tables, sentences and figures of the statements of the paper's Section 2, from their records."""

from collections.abc import Iterable, Sequence

import numpy as np

from fourmasks.lunet.theory.run import GRID, printed_2_9, solutions
from fourmasks.records.store import Record

# In the paper's order: its place, or that of our page on theory, and the statement.
STATEMENTS = {
    "equation-2.2": ("Eq. (2.2)", "the printed formula inverts a layer"),
    "existence": ("Section 2.2", "a non-singular matrix has an LU"),
    "uniqueness": ("Section 2.2", "the LU is unique"),
    "equation-2.4": ("Eq. (2.4)", "the determinant is the product of the diagonal"),
    "equation-2.6": ("Eq. (2.6)", "LeakySoftplus takes every value once"),
    "classical-activations": ("Section 2.3", "it has neither drawback of the classical ones"),
    "equation-2.8": ("Eq. (2.8)", "inverses in reverse order invert the network"),
    "equation-2.9": ("Eq. (2.9)", "the general form takes every value once"),
    "equation-2.9-gradient": ("Eq. (2.9)", "its slope is nowhere zero"),
    "equation-2.13": ("Eq. (2.13)", "the loss is bounded below"),
    "equation-2.9-units": ("ours", "Eq. (2.9), β > 0, is (2.6) in other units"),
    "log-determinant": ("ours", "log-determinant of the network"),
}


def statement_table(records: Iterable[Record]):
    """Return for each statement how many instances it was asked of, and how many contradict it: as printed,
    and as corrected, where it is."""
    import pandas as pd

    records, rows = list(records), []
    for name, words in STATEMENTS.items():
        found = [r.metrics for r in records if r.parameters["statement"] == name]
        if found:
            rows.append(
                [*words, *(_total(found, m) for m in ("instances", "failures", "corrected_failures"))]
            )
    columns = ["place", "statement", "instances", "failures", "corrected"]
    return pd.DataFrame(rows, columns=columns, dtype=object).set_index(["place", "statement"])


def failing_sentence(table) -> str:
    """Return in words which statements of `statement_table` fail, and whether a corrected one does."""
    if table.empty:
        return "no statement has been asked yet"
    failed = [f"{place}: {words}" for place, words in table.index[table["failures"] > 0]]
    corrected = table["corrected"].dropna()
    kept = f"{(corrected == 0).sum()} of {len(corrected)} corrections hold"
    if not failed:
        return f"None of {len(table)} statements fails; {kept}."
    lines = "\n  ".join(failed)
    return f"{len(failed)} of {len(table)} statements fail; {kept}. Those that fail:\n  {lines}"


def share_table(records: Iterable[Record]):
    """Return by size how many non-singular matrices there were, how many without an LU, and their share."""
    import pandas as pd

    rows = [
        (r.parameters["size"], int(r.metrics["instances"]), int(r.metrics["failures"]))
        for r in records
        if r.parameters["statement"] == "existence"
    ]
    frame = pd.DataFrame(sorted(rows), columns=["d", "matrices", "without LU"]).set_index("d")
    return frame.assign(share=frame["without LU"] / frame["matrices"])


def beta_table(alpha: float, betas: Sequence[float], targets: Sequence[float]):
    """Return how often Eq. (2.9) takes each target, by counting on a grid, for each β."""
    import pandas as pd

    rows = [solutions(printed_2_9(GRID, alpha, beta), np.array(targets)) for beta in betas]
    columns = [f"y = {target:g}" for target in targets]
    return pd.DataFrame(rows, index=pd.Index(betas, name="β"), columns=columns)


def share_figure(table):
    """Draw the share of `share_table` by size."""
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(6.0, 3.4))
    axis.plot(table.index, table["share"])
    axis.set(xlabel="d", ylabel="share without an LU", ylim=(0, 1))
    return figure


def activation_figure(alpha: float, betas: Sequence[float]):
    """Draw the graphs of Eq. (2.9) for several β."""
    from matplotlib import pyplot

    figure, axis = pyplot.subplots(figsize=(6.0, 3.8))
    x = np.linspace(-8, 8, 321)
    for beta, dash in zip(betas, ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))), strict=True):
        axis.plot(x, printed_2_9(x, alpha, beta), linestyle=dash, marker="", label=f"β = {beta:g}")
    axis.axhline(0, color="#777777", linewidth=0.8)
    axis.set(xlabel="x", ylabel="φ(x)", ylim=(-6, 10))
    axis.legend(fontsize=9)
    return figure


def _total(metrics, name):
    """Return the sum of a count over records, or None where they do not have it."""
    found = [int(one[name]) for one in metrics if name in one]
    return sum(found) if found else None
