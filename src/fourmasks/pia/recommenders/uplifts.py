"""By how much PIA and its controls are above the plain model: over splits, and user by user."""

import math
from collections.abc import Iterable

import numpy as np
from scipy.stats import ttest_1samp

from fourmasks.claims.measurements import estimate
from fourmasks.pages.tables import plus_minus
from fourmasks.pia.recommenders.plan import EXPERIMENT
from fourmasks.pia.recommenders.run import GROUPS
from fourmasks.pia.recommenders.tables import GROUP_LABELS, runs
from fourmasks.records.store import Record

# What is left of PIA in each control, from nothing to all of it; and what else the plain model could do.
PLAIN, PIA = "multi-vae", "multi-vae+pia"
STEPS = {
    "multi-vae+dropout": "more dropout",
    "multi-vae+beta": "larger beta",
    "multi-vae+zero": "pull to zero",
    "multi-vae+frozen": "pull to frozen random anchors",
    "multi-vae+shuffled": "pull to another user's anchors",
    PIA: "pull to the user's own anchors (PIA)",
}
PULLS = ("multi-vae+zero", "multi-vae+frozen", "multi-vae+shuffled")
MODELS = {PIA: PLAIN, "rec-vae+pia": "rec-vae"}  # with PIA and without


def user_values(records: Iterable[Record], dataset: str, method: str) -> dict[int, dict[str, list[float]]]:
    """Return the NDCG@100 of each kept test user, by split and by group."""
    prefix = "ndcg_at_100_of_"
    return {
        record.parameters["split_seed"]: {
            group: record.curves[prefix + group] for group in GROUPS if prefix + group in record.curves
        }
        for record in records
        if record.experiment == EXPERIMENT
        and (record.parameters["dataset"], record.parameters["method"]) == (dataset, method)
    }


def uplifts(records: Iterable[Record], dataset: str, pairs: Iterable[tuple[str, str]], group: str = ""):
    """Return by how much the NDCG@100 of methods is above that of others, with two kinds of intervals.

    Parameters
    ----------
    records : iterable of Record
    dataset : str
    pairs : iterable of (method, rival)
        Those that were not run on a split in common are left out.
    group : str, optional
        One of `GROUPS`; by default all users.

    Returns
    -------
    DataFrame
        With a row for each pair: method, rival; base, the rival's mean; difference, the mean over splits of
        the differences of means over users; half_seeds, half of Student's 95 % interval over splits, each of
        which has a seed of its own (NaN for one split); splits; difference_users and half_users, mean of the
        differences user by user, all splits together, and half of its interval; p_users, of the paired t
        test on them; and users, how many they are. A user who is in the test of two splits counts twice.
        The users' interval says what other test users would change, the splits' what other users for
        training and other random numbers would change too.
    """
    import pandas as pd

    records, rows = list(records), []
    name = f"ndcg_at_100_of_{group}" if group else "ndcg_at_100"
    part = runs(records).query("dataset == @dataset")
    for method, rival in pairs:
        mine, others = (
            part[part["method"] == one].groupby("split_seed")[name].mean() for one in (method, rival)
        )
        paired = (mine - others).dropna()
        apart = _user_differences(records, dataset, method, rival, group)
        if paired.empty or not len(apart):
            continue
        over_seeds, over_users = estimate(paired.tolist()), estimate(apart.tolist())
        rows.append(
            {
                "method": method,
                "rival": rival,
                "base": others[paired.index].mean(),
                "difference": over_seeds.mean,
                "half_seeds": over_seeds.half,
                "splits": over_seeds.n_seeds,
                "difference_users": over_users.mean,
                "half_users": over_users.half,
                "p_users": _p_value(apart),
                "users": over_users.n_seeds,
            }
        )
    columns = (
        "method rival base difference half_seeds splits difference_users half_users p_users users".split()
    )
    numbers = dict.fromkeys(set(columns) - {"method", "rival", "splits", "users"}, float)
    return pd.DataFrame(rows, columns=columns).astype(numbers)


def steps(records: Iterable[Record], dataset: str):
    """Return the uplifts over the plain model of PIA and of each control, in the order of `STEPS`."""
    return uplifts(records, dataset, [(method, PLAIN) for method in STEPS])


def shown(found):
    """Return uplifts as a table to print: in percent of the rival, and each ± half its interval."""
    import pandas as pd

    rows = {
        (row.method, row.rival): {
            "uplift (%)": 100 * row.difference / row.base,
            "over splits": _interval(row.difference, row.half_seeds),
            "splits": row.splits,
            "over users": _interval(row.difference_users, row.half_users),
            "p over users": f"{row.p_users:.3f}" if math.isfinite(row.p_users) else "–",
            "users": row.users,
        }
        for row in found.itertuples()
    }
    columns = ["uplift (%)", "over splits", "splits", "over users", "p over users", "users"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["method", "rival"])
    return table


def sentences(found, dataset: str) -> list[str]:
    """Return for each row of `uplifts` in words what its intervals say."""
    texts = []
    for row in found.itertuples():
        text = f"{dataset}: NDCG@100 of {row.method} minus {row.rival} is {row.difference:+.4f}"
        seeds = _words(row.difference, row.half_seeds, "split", "splits", row.splits)
        users = _words(row.difference_users, row.half_users, "user", "users", row.users)
        texts.append(f"{text}; {seeds}; {users}")
    return texts


def centroid(records: Iterable[Record], dataset: str) -> str:
    """Return whether it matters to which anchors the posteriors are pulled, as one sentence.

    PIA is compared with each control that pulls elsewhere. It counts as better than one if both of its
    intervals, over splits and over users, are above zero.
    """
    found = uplifts(records, dataset, [(PIA, rival) for rival in PULLS])
    if len(found) < len(PULLS):
        return f"{dataset}: not all runs with anchors and with their controls are there yet"
    clear = [row.rival for row in found.itertuples() if _clear(row)]
    if len(clear) == len(PULLS):
        return f"{dataset}: the user's own items matter: PIA is above all {len(PULLS)} other pulls"
    if not clear:
        return f"{dataset}: PIA is above none of the other pulls: the user's own items do not show"
    rest = [rival for rival in PULLS if rival not in clear]
    return f"{dataset}: PIA is above {', '.join(clear)}, but we cannot tell it from {', '.join(rest)}"


def share_without_items(records: Iterable[Record], dataset: str) -> str:
    """Return how much of PIA's uplift each control has, as one sentence."""
    found = steps(records, dataset).set_index("method")["difference"]
    if PIA not in found.index:
        return f"{dataset}: the runs with PIA and without are not there yet"
    whole = found[PIA]
    if whole <= 0:
        return f"{dataset}: PIA has no uplift ({whole:+.4f}) of which a control could have a part"
    parts = [f"{STEPS[name]} {100 * found[name] / whole:.0f} %" for name in found.index if name != PIA]
    return f"{dataset}: of PIA's uplift of {whole:+.4f}, {', '.join(parts)}"


def group_uplifts(records: Iterable[Record], dataset: str, pairs: Iterable[tuple[str, str]]):
    """Return `uplifts` for each user group that has users, with its label in the column "items"."""
    import pandas as pd

    records, pairs = list(records), list(pairs)
    found = [
        uplifts(records, dataset, pairs, group).assign(items=label) for group, label in GROUP_LABELS.items()
    ]
    found = [part for part in found if len(part)]
    return pd.concat(found, ignore_index=True) if found else uplifts([], dataset, []).assign(items=[])


def group_sentence(found, dataset: str) -> str:
    """Return in which rows of `group_uplifts`, if any, both intervals are without zero."""
    if not len(found):
        return f"{dataset}: no runs are there yet"
    apart = [
        f"{row.items} items {row.difference:+.4f}"
        for row in found.itertuples()
        if row.difference * row.difference_users > 0
        and abs(row.difference) > row.half_seeds
        and abs(row.difference_users) > row.half_users
    ]
    return f"{dataset}: groups in which both intervals are without zero: {', '.join(apart) or 'none'}"


def _user_differences(records, dataset, method, rival, group):
    """Return differences user by user, all splits together."""
    mine, others = (user_values(records, dataset, one) for one in (method, rival))
    found = [
        np.subtract(mine[split][name], others[split][name])
        for split in sorted(mine.keys() & others.keys())
        for name in mine[split]
        if group in ("", name)
    ]
    return np.concatenate(found) if found else np.empty(0)


def _p_value(values):
    spread = len(values) > 1 and np.ptp(values) > 0
    return float(ttest_1samp(values, 0).pvalue) if spread else math.nan


def _clear(row):
    return row.difference > row.half_seeds and row.difference_users > row.half_users


def _words(mean, half, one, many, n):
    if half is None or math.isnan(half):
        return f"one {one}, no interval"
    beyond = "no difference" if abs(mean) <= half else "better" if mean > 0 else "worse"
    return f"{beyond} beyond the interval of ± {half:.4f} over {n} {many}"


def _interval(mean, half):
    return f"{mean:+.4f}" if math.isnan(half) else plus_minus(f"{mean:+.4f}", f"{half:.4f}")
