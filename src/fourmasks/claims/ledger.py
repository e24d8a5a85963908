"""The ledger: every number and statement of the papers beside what the records say.

It joins the claims (`fourmasks.claims.files`) with the records and gives each a verdict
(`fourmasks.claims.verdicts`).
"""

import math
from collections import Counter, defaultdict
from dataclasses import replace
from statistics import fmean

from fourmasks.claims.files import Claim, load_claims, papers
from fourmasks.claims.measurements import Unmeasured, cells, common, measure
from fourmasks.claims.statistics import estimate
from fourmasks.claims.verdicts import (
    CANNOT_BE,
    NOT_ATTEMPTED,
    NOT_COMPARABLE,
    NOT_REPRODUCED,
    NUMBERS,
    VERDICTS,
    Evidence,
    Finding,
    gather,
    judge,
    margin,
)
from fourmasks.records.standing import is_stale
from fourmasks.records.store import Record, book_records
from fourmasks.system.names import check_profile

SHOWN = "id place dataset method metric reported measured interval n_seeds p_adjusted verdict why".split()
FAULT_WORDS = {
    "slip": "a slip in print; the substance stands",
    "gap": "a gap: more is concluded than the theorem gives",
}
UNMEASURED = dict.fromkeys(("measured", "spread", "interval", "p", "p_adjusted", "test", "control"))


def ledger(
    paper: str | None = None, *, records: list[Record] | None = None, profile: str = "paper"
) -> list[dict]:
    """Return every claim with its measured value and its verdict.

    Parameters
    ----------
    paper : str, optional
        Short name; default all papers that have a claims file.
    records : list of Record, optional
        The training runs to use; default those of the book, `book_records`.
    profile : str, default "paper"
        Only runs made for this profile count.

    Returns
    -------
    list of dict
        JSON values. What a claim lacks is None.

        - `id`, `paper`, `place`, `kind` ("data", "theory", "experiment"), `headline` (bool), `dataset`
          (several are separated by commas), `method`, `metric` (what is measured, with its unit);
        - what the paper says: `reported`, `quote` (its own words), `effect` (the size that it claims);
        - what we measured: `measured` (mean over seeds, or over splits of the data where there are several),
          `spread` (their standard deviation, 0 for one), `n_seeds` (how many), `interval` (both ends, 95 %);
        - `fault`: "slip" or "gap", of a statement that fails as printed without being wrong in substance;
        - how it is judged: `margin` (how far a number may be off, in its unit), `test` ("exact" or what kind
          of t-test), `p` and `p_adjusted` (of the claim's failing somewhere; adjusted after Holm for the
          claims of the place), `further` (how many more splits would settle it), `verdict`;
        - `control`: the run in which the mask alone is gone: `words`, and of the gain over it, in percent of
          its metric, `measured`, `interval`, `n_seeds` and `helps` ("yes", "no", "cannot tell"); and `kept`,
          the share in percent of the claim's gain that is left without the mask: `measured` and `interval`,
          or None where there may be no gain, or where it is over the control itself;
        - `why` (remarks on the verdict, or the reason for none) and `record` (a list of file names).

    Raises
    ------
    ValueError
        If there is no such paper or profile, or a claims file is wrong.
    """
    check_profile(profile)
    claims = [claim for name in ([paper] if paper else papers()) for claim in load_claims(name)]
    if records is None:
        names = sorted({claim.experiment for claim in claims if claim.experiment})
        records = book_records(*names)
    usable = defaultdict(list)
    for record in records:
        if record.profile == profile:
            usable[record.experiment].append(record)
    evidence = [_evidence(claim, usable[claim.experiment], profile) for claim in claims]
    findings = _findings(claims, evidence)
    return [
        _row(claim, found, findings.get(number), usable[claim.experiment])
        for number, (claim, found) in enumerate(zip(claims, evidence, strict=True))
    ]


def _evidence(claim: Claim, records: list[Record], profile: str) -> Evidence | str:
    """Return what the records say about a claim, or why they say nothing."""
    try:
        if claim.experiment is None:
            raise Unmeasured(claim.why)
        return gather(claim, records)
    except Unmeasured as missing:
        return claim.why or f"{missing} in profile {profile}"


def _findings(claims: list[Claim], evidence: list[Evidence | str]) -> dict[int, Finding]:
    """Judge the claims of each table, figure or statement together; return findings by the claim's place."""
    tables = defaultdict(list)
    for number, (claim, found) in enumerate(zip(claims, evidence, strict=True)):
        if isinstance(found, Evidence) and not claim.not_comparable:
            tables[claim.paper, claim.place].append(number)
    findings = {}
    for numbers in tables.values():
        findings |= zip(numbers, judge([evidence[number] for number in numbers]), strict=True)
    return findings


def summary(rows: list[dict]) -> dict[str, int]:
    """Return how many rows of a ledger have each of the verdicts."""
    counts = Counter(row["verdict"] for row in rows)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def as_lines(rows: list[dict]) -> list[tuple[str, ...]]:
    """Return rows of a ledger as texts for display: what `SHOWN` names."""
    return [tuple(_text(row[name]) for name in SHOWN) for row in rows]


def as_table(rows: list[dict]):
    """Return `as_lines` as a pandas DataFrame, indexed by id."""
    import pandas as pd

    return pd.DataFrame(as_lines(rows), columns=SHOWN).set_index("id")


def _text(value):
    if value is None:
        return "–"
    if isinstance(value, list):
        return " to ".join(map(_text, value))
    if isinstance(value, float):  # a count is whole, and is shown whole
        return f"{value:.0f}" if value.is_integer() else f"{value:.4g}"
    return str(value)


def _row(claim: Claim, evidence: Evidence | str, finding: Finding | None, records: list[Record]) -> dict:
    note = _join(
        FAULT_WORDS.get(claim.fault), f"reported {claim.reported} ({claim.note})" if claim.note else ""
    )
    row = {
        "id": claim.id,
        "paper": claim.paper,
        "place": claim.place,
        "kind": claim.kind,
        "headline": claim.headline,
        "fault": claim.fault,
        "dataset": ", ".join(claim.dataset) or None,
        "method": claim.method,
        "metric": _measured(claim, not isinstance(evidence, str) and len(evidence.estimates) > 1),
        "reported": claim.reported,
        "quote": claim.quote,
        "effect": claim.effect,
        "margin": margin(claim) if claim.form in NUMBERS else None,
    }
    if isinstance(evidence, str):
        verdict = CANNOT_BE if claim.cannot_be else NOT_ATTEMPTED
        why = {"n_seeds": 0, "further": None, "verdict": verdict, "why": _join(note, evidence), "record": []}
        return row | UNMEASURED | why
    used = {record.file_name: record for record in evidence.records}
    stale = sum(map(is_stale, used.values()))
    warning = f"stale: {stale} of {len(used)} records are older than the code" if stale else ""
    found = evidence.estimate
    return row | {
        "measured": found.mean,
        "spread": found.spread,
        "n_seeds": found.n_seeds,
        "interval": _interval(found),
        "test": _test(claim, evidence),
        "p": evidence.p,
        "p_adjusted": finding.p_adjusted if finding else None,
        "further": finding.further if finding else None,
        "verdict": finding.verdict if finding else NOT_COMPARABLE,
        "control": _control(claim, records),
        "why": _join(note, claim.not_comparable, *evidence.remarks, _doubt(finding, evidence), warning),
        "record": sorted(used),
    }


def _interval(found):
    return None if found.half is None else [found.mean - found.half, found.mean + found.half]


def _test(claim, evidence):
    """Name the test of a claim."""
    if evidence.exact:
        return "exact"
    if evidence.p is None:
        return None
    ends = sum(map(math.isfinite, evidence.between))
    corrected = f", corrected for overlap {claim.overlap:g}" if claim.overlap else ""
    return ("one-sided t" if ends == 1 else "two one-sided t") + corrected


def _doubt(finding, evidence):
    """Say what would settle an inconclusive claim, and where another one leans."""
    if finding is None or finding.verdict in ("reproduced", NOT_REPRODUCED):
        return ""
    low, high = evidence.between
    leaning = "the mean is in the claimed range" if low <= evidence.estimate.mean <= high else ""
    if evidence.p is None:
        return _join("one run gives no interval", leaning)
    if finding.further is None:
        return _join("more splits of these data would not settle it", leaning)
    return _join(f"{finding.further} more would settle it, if mean and spread stayed the same", leaning)


def _control(claim, records):
    """Compare the method with the run in which the mask alone is gone, on average over the claim's cells."""
    if claim.control is None:
        return None
    against = replace(claim, form="order", baselines=[claim.control], rival=None)
    usable = [r for r in records if r.experiment == claim.experiment and claim.metric in r.metrics]
    try:
        gains = _by_seed(against, usable, "runs with the mask and without")
    except Unmeasured as missing:
        return {"words": claim.control_words, "why": str(missing)}
    gain = estimate(list(gains.values()), claim.overlap)
    ends, helps = _interval(gain), "cannot tell"
    if ends and ends[0] > 0:
        helps = "yes"
    elif ends and (ends[1] < 0 or ends[0] == ends[1]):
        helps = "no"
    found = {"measured": gain.mean, "interval": ends, "n_seeds": gain.n_seeds, "helps": helps}
    return {"words": claim.control_words} | found | {"kept": _kept(claim, usable)}


def _kept(claim, records):
    """Return the share of a claim's gain that is left without the mask, in percent, with its interval.

    The interval is that of a ratio of paired means by linearization: a share of 0.5 is judged by how far
    "gain without" - 0.5 * "gain with" is from nothing.
    """
    if not claim.baselines or claim.control in claim.baselines:
        return None
    own = {name: claim.match[name] for name in claim.control if name in claim.match}
    rivals = [own | other for other in claim.baselines]  # the same for the method and its control
    whole = replace(claim, form="order", rival=None, baselines=rivals)
    try:
        gains = _by_seed(whole, records, "runs of the method and its rival")
        left = _by_seed(
            replace(whole, match=claim.match | claim.control), records, "runs of control and rival"
        )
    except Unmeasured:
        return None
    seeds = [seed for seed in gains if seed in left]
    gain = estimate([gains[seed] for seed in seeds], claim.overlap) if len(seeds) > 1 else None
    if gain is None or gain.mean <= gain.half:
        return None
    share = fmean(left[seed] for seed in seeds) / gain.mean
    found = estimate(
        [share + (left[seed] - share * gains[seed]) / gain.mean for seed in seeds], claim.overlap
    )
    return {"measured": 100 * share, "interval": [100 * end for end in _interval(found)]}


def _by_seed(claim, records, what):
    """Return what is measured of a claim by seed, as a mean over its cells."""
    found = [measure(claim, records, dict(cell)) for cell in cells(claim, records, claim.match)]
    return {seed: fmean(one.by_seed[seed] for one in found) for seed in common(found, what)}


def _measured(claim, several):
    """Return what the measured number of a claim is, with its unit: of several, that least in its favour."""
    name, compared = claim.metric, bool(claim.baselines)
    worst, smallest = ("worst ", "smallest ") if several else ("", "")
    growth = f"growth of the gain in {name} (percentage points)" if compared else f"step of {name}"
    return {
        "gain": f"gain in {name} (%)",
        "order": f"{smallest}gain in {name} (%)",
        "trend": f"{smallest}{growth}",
        "bound": f"{worst}ratio of {name}" if compared else f"{worst}{name}",
        "optimum": f"{claim.along} of the best {name}",
    }.get(claim.form, name)


def _join(*texts):
    return "; ".join(text for text in texts if text)
