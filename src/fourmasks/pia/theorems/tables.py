"""Tables and sentences on the theorems on random instances, from their records."""

from collections.abc import Iterable

from fourmasks.pia.theorems.plan import VARIANTS
from fourmasks.records.store import Record

# By statement and check of `fourmasks.pia.theorems.run`: the place in the paper, and what should hold.
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
COLUMNS = ("cases", "violations", "median", "largest", "error")
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


def in_order(records: Iterable[Record]) -> list[Record]:
    """Return the records in the order of the experiment."""
    variants = [(name, variant) for name, listed in VARIANTS.items() for variant in listed]
    return sorted(records, key=lambda record: variants.index(_variant(record)))


def checks_table(records: Iterable[Record]):
    """Return what became of each statement: a row for each check and what it was tried with.

    Returns
    -------
    DataFrame
        cases and violations; of an inequality the median and the largest of left over right, where 1 is a
        bound that is reached; of an equation the largest error.
    """
    import pandas as pd

    ordered, rows = in_order(records), []
    for statement, checks in CHECKS.items():
        for name, (place, words) in checks.items():
            for record in ordered:
                if record.parameters["statement"] == statement and f"{name}_cases" in record.metrics:
                    found = [record.metrics.get(f"{name}_{column}") for column in COLUMNS]
                    rows.append([place, words, _label(record), *map(int, found[:2]), *found[2:]])
    index = ["place", "statement", "with"]
    frame = pd.DataFrame(rows, columns=[*index, *COLUMNS]).set_index(index)
    return frame.astype(dict.fromkeys(COLUMNS[2:], float))


def measures_table(records: Iterable[Record]):
    """Return what the trials measured beside: a row for each measure and what it was tried with."""
    import pandas as pd

    rows = [
        [place, words, _label(record), record.metrics[name]]
        for name, (place, words) in MEASURES.items()
        for record in in_order(records)
        if name in record.metrics
    ]
    index = ["place", "measure", "with"]
    return pd.DataFrame(rows, columns=[*index, "value"]).set_index(index)


def failure_sentences(records: Iterable[Record]) -> list[str]:
    """Say how many checks never failed, and of each other one in how many cases it did."""
    table = checks_table(records)
    if table.empty:
        return []
    failed = table[table["violations"] > 0]
    found = [f"{len(table) - len(failed)} of {len(table)} checks hold in all of their cases; the others:"]
    for (place, words, label), row in failed.iterrows():
        cases, violations = row["cases"], row["violations"]
        found.append(f'- {place}, {label}: "{words}" fails in {violations:.0f} of {cases:.0f} cases')
    return found


def _variant(record):
    statement = record.parameters["statement"]
    names = VARIANTS[statement][0]
    return statement, {name: record.parameters[name] for name in names}


def _label(record):
    _, variant = _variant(record)
    name, value = next(iter(variant.items()), ("", ""))
    words = {"rank": f"R = {value}", "keep": f"ρ = {value}", "most": f"h, s ≤ {value}"}
    return words.get(name, value)
