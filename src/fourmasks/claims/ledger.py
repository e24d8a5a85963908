"""The ledger: every number and statement of the papers beside what the records say.

It joins the claims (`fourmasks.claims.files`) with the records and gives each a verdict
(`fourmasks.claims.verdicts`).
"""

from collections import Counter, defaultdict

from fourmasks.claims.files import load_claims, papers
from fourmasks.claims.measurements import Unmeasured
from fourmasks.claims.verdicts import CANNOT_BE, NOT_ATTEMPTED, VERDICTS, judge
from fourmasks.records.store import Record, is_stale, load_records, records_directory
from fourmasks.system.names import check_profile

SHOWN = "place dataset method metric reported measured spread n_seeds verdict why".split()


def ledger(
    paper: str | None = None, *, records: list[Record] | None = None, profile: str = "paper"
) -> list[dict]:
    """Return every claim with its measured value and its verdict.

    Parameters
    ----------
    paper : str, optional
        Short name; default all papers that have a claims file.
    records : list of Record, optional
        The training runs to use; default those in the paper's `records_directory`.
    profile : str, default "paper"
        Only runs made for this profile count.

    Returns
    -------
    list of dict
        JSON values under `id`, `paper`, `place`, `dataset` (several are separated by commas), `method`,
        `metric` (what is measured, with its unit), `reported`, `measured` (mean over seeds, or over splits
        of the data where there are several), `spread` (their standard deviation, 0 for one), `n_seeds` (how
        many), `verdict`, `why` (remarks on the verdict, or the reason for none) and `record` (a list of file
        names). What a claim lacks is None.

    Raises
    ------
    ValueError
        If there is no such paper or profile, or a claims file is wrong.
    """
    check_profile(profile)
    claims = [claim for name in ([paper] if paper else papers()) for claim in load_claims(name)]
    if records is None:
        names = sorted({claim.experiment for claim in claims if claim.experiment})
        records = [r for name in names for r in load_records(name, records_directory(name, profile))]
    usable = defaultdict(list)
    for record in records:
        if record.profile == profile:
            usable[record.experiment].append(record)
    return [_row(claim, usable[claim.experiment], profile) for claim in claims]


def summary(rows: list[dict]) -> dict[str, int]:
    """Return how many rows of a ledger have each of the five verdicts."""
    counts = Counter(row["verdict"] for row in rows)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def as_table(rows: list[dict]):
    """Return a ledger as a pandas DataFrame of texts for display, one row per claim, indexed by id."""
    import pandas as pd

    rows = [row if row["n_seeds"] > 1 else row | {"spread": None} for row in rows]
    cells = [[_text(row[name]) for name in SHOWN] for row in rows]
    return pd.DataFrame(cells, columns=SHOWN, index=pd.Index([row["id"] for row in rows], name="id"))


def _text(value):
    if value is None:
        return "–"
    if isinstance(value, float):  # a count is whole, and is shown whole
        return f"{value:.0f}" if value.is_integer() else f"{value:.4g}"
    return str(value)


def _row(claim, records, profile):
    row = {
        "id": claim.id,
        "paper": claim.paper,
        "place": claim.place,
        "dataset": ", ".join(claim.dataset) or None,
        "method": claim.method,
        "metric": _measured(claim),
        "reported": claim.reported,
    }
    note = f"reported {claim.reported} ({claim.note})" if claim.note else ""
    try:
        if claim.experiment is None:
            raise Unmeasured(claim.why)
        finding = judge(claim, records)
    except Unmeasured as missing:
        reason = claim.why or f"{missing} in profile {profile}"
        verdict = CANNOT_BE if claim.cannot_be else NOT_ATTEMPTED
        unmeasured = {"measured": None, "spread": None, "n_seeds": 0, "verdict": verdict}
        return row | unmeasured | {"why": _join(note, reason), "record": []}
    used = {_file_name(record): record for record in finding.records}
    stale = sum(map(is_stale, used.values()))
    warning = f"stale: {stale} of {len(used)} records are older than the code" if stale else ""
    return row | {
        "measured": finding.estimate.mean,
        "spread": finding.estimate.spread,
        "n_seeds": finding.estimate.n_seeds,
        "verdict": finding.verdict,
        "why": _join(note, *finding.remarks, warning),
        "record": sorted(used),
    }


def _measured(claim):
    """Return what the measured number of a claim is, with its unit."""
    name, compared = claim.metric, bool(claim.baselines)
    growth = f"growth of the gain in {name} (percentage points)" if compared else f"step of {name}"
    return {
        "gain": f"gain in {name} (%)",
        "order": f"smallest gain in {name} (%)",
        "trend": f"smallest {growth}",
        "bound": f"worst ratio of {name}" if compared else f"worst {name}",
        "optimum": f"{claim.along} of the best {name}",
    }.get(claim.kind, name)


def _join(*texts):
    return "; ".join(text for text in texts if text)


def _file_name(record):
    return f"{record.experiment.replace('/', '-')}-{record.key}.json"
