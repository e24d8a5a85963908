"""Tables of the statements on random instances: cases, violations, and what else was measured."""

from collections.abc import Iterable, Iterator

import pandas as pd

from fourmasks.pages.markup import table
from fourmasks.pia.theorems.plan import VARIANTS
from fourmasks.records.store import Record

# By statement and check: the place in the paper, and what should hold.
CHECKS = {
    "sharing": {
        "change": ("Theorem 2.3", "a step changes the loss by the bound at most"),
        "gradients": ("Theorem 2.3", "two gradients differ by D at most"),
        "step": ("Theorem 2.3", "inside the radius a step lowers the loss"),
        "restricted": ("Theorem 2.3", "where the radius is zero no step helps"),
    },
    "slope": {
        "bounded": ("Theorem 2.3", "the gradient is Lipschitz in z"),
        "constant": ("Theorem 2.3", "our constant bounds its slope"),
    },
    "lemma": {
        "lemma": ("Lemma 2.4", "W₁ ≤ L h"),
        "root": ("Lemma 2.4", "W₁ ≤ L √h"),
    },
    "overlap": {
        "equation": ("Theorem 2.5", "both sides of Eq. (3) agree"),
        "attained": ("Theorem 2.5", "a decoder reaches the minimum"),
        "sign": ("Theorem 2.5", "the gap is not negative"),
        "equality": ("Theorem 2.5", "the gap is zero for equal users only"),
        "equality_inside": ("Theorem 2.5", "the same for 0 < α < 1"),
    },
    "transport": {"transport": ("Theorem 2.5", "Eq. (4)")},
    "information": {
        "average": ("Equation 6", "mean W₁ below the root of the mean KL"),
        "decomposition": ("Equation 7", "KL is information and aggregate"),
        "information": ("Section 2.4", "masks lower the information"),
    },
    "distance": {
        "contraction": ("Theorem 2.6", "contraction"),
        "expansion": ("Theorem 2.6", "expansion"),
        "law": ("Theorem 2.6", "drawn masks follow the law"),
    },
    "alignment": {
        "terms": ("Proposition 3.1", "Eq. (9) is Eq. (10)"),
        "loss": ("Proposition 3.1", "and the loss that we train on"),
    },
    "surrogate": {
        "minimiser": ("Proposition 3.2", "Eq. (32) minimises the aligned loss"),
        "norm": ("Proposition 3.2", "norm of V shrinks by τ²"),
        "trace": ("Proposition 3.2", "trace of V shrinks by τ²"),
        "loewner": ("Proposition 3.2", "V shrinks by τ² in every direction"),
        "drift": ("Proposition 3.2", "drift shrinks by τ"),
        "drift_squared": ("Proposition 3.2", "drift shrinks by τ²"),
    },
    "growth": {"growth": ("Algorithm 1", "the weight waits for the patience")},
}
MEASURES = {
    "helped": ("Theorem 2.3", "share of pairs that a step helps"),
    "inside": ("Theorem 2.3", "share of pairs inside the radius"),
    "growth": ("Theorem 2.3", "slope at distance 1000 over that at 10"),
    "gap": ("Theorem 2.5", "price of overlap, nats"),
    "information_ratio": ("Section 2.4", "information with masks over that without"),
    "closer": ("Theorem 2.6", "contraction's bound over the probability, δ = h"),
    "not_closer": ("Theorem 2.6", "expansion's bound over the probability, δ = h"),
    "law_deviation": ("Theorem 2.6", "drawn masks from the law, standard errors"),
    "constant_gradient": ("Proposition 3.1", "gradient of the constant over that of the loss"),
    "growing": ("Algorithm 1", "share of epochs in which the weight grows"),
    "log10_weight": ("Algorithm 1", "decimal logarithm of the growth in all"),
}
CASES = "statement on random instances: how many cases, and how many contradict it"
COLUMNS = ["cases", "violations", "median", "largest", "error"]
WITH = {"rank": "R = {}", "keep": "ρ = {}", "most": "h, s ≤ {}"}


def checked(records: Iterable[Record]) -> pd.DataFrame:
    """Return what became of each statement: a row for each check and what it was tried with.

    Parameters
    ----------
    records : iterable of Record
        Of the experiment; statements without a record are left out.

    Returns
    -------
    DataFrame
        Indexed by place, statement and what it was tried with; columns cases, violations, median and largest
        (left over right side of an inequality), and error (of an equation).
    """
    found = list(trials(records))
    rows = [
        (place, words, label, *(metrics.get(f"{name}_{column}") for column in COLUMNS))
        for statement, listed in CHECKS.items()
        for name, (place, words) in listed.items()
        for tried, label, metrics in found
        if tried == statement and f"{name}_cases" in metrics
    ]
    index = ["place", "statement", "with"]
    frame = pd.DataFrame(rows, columns=[*index, *COLUMNS]).set_index(index).astype(float)
    return frame.astype({"cases": int, "violations": int})


def measured(records: Iterable[Record]) -> pd.DataFrame:
    """Return what the trials measured beside: a row for each measure and what it was tried with."""
    found = list(trials(records))
    rows = [
        (place, words, label, metrics[name])
        for name, (place, words) in MEASURES.items()
        for _, label, metrics in found
        if name in metrics
    ]
    index = ["place", "measure", "with"]
    return pd.DataFrame(rows, columns=[*index, "value"]).set_index(index)


def show(records: Iterable[Record]) -> None:
    """Display the checks that fail in some of their cases and, in closed boxes, all checks and measures."""
    found = checked(records)
    failed = found.loc[found["violations"] > 0, ["violations", "cases"]]
    table(failed, caption="Checks that fail in some of their cases").show()
    table(found, digits=3, caption=f"Each {CASES}", folded=True).show()
    table(measured(records), digits=3, caption="What else the trials measure", folded=True).show()


def trials(records: Iterable[Record]) -> Iterator[tuple[str, str, dict]]:
    """Yield statement, what it is tried with, and the metrics of each trial, in the order of the plan."""
    records = list(records)
    for statement, variants in VARIANTS.items():
        for variant in variants:
            name, value = next(iter(variant.items()), ("", ""))
            for record in records:
                if record.parameters.items() >= ({"statement": statement} | variant).items():
                    yield statement, WITH.get(name, "{}").format(value), record.metrics
