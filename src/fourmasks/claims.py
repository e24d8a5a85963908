"""The ledger: every number and statement of the papers beside what the records say.

A claims file, `data/claims/<paper>.yaml`, holds `paper` and `groups`. A group holds `claims` and whatever
fields of `Claim` its claims have in common; where both a group and a claim have `match`, the two are joined.
How a claim of each kind is judged is told in `fourmasks.verdicts`.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from fourmasks.names import unknown
from fourmasks.paths import data_folder
from fourmasks.profiles import check_profile
from fourmasks.records import Record, is_stale, load_records, records_directory
from fourmasks.verdicts import CANNOT_BE, JUDGES, NOT_ATTEMPTED, VERDICTS, Unmeasured, judge

DATASETS = (
    *("ml-100k", "ml-1m", "ml-10m", "ml-20m", "netflix", "msd", "flixster", "douban"),
    *("yale-b", "reuters-21578", "s6", "s7", "s8", "s9", "s10", "h2", "h3", "h4", "h5", "h6"),
)
DIRECTIONS = ("decrease", "increase")
MEASURED = {  # what the ledger calls the measured number where it is not the metric itself
    "gain": "gain in {} (%)",
    "order": "smallest gain in {} (%)",
    "trend": "smallest growth of the gain in {} (percentage points)",
}
# What a kind cannot be judged without, beyond the required fields.
COMPARED = ["baselines", "over"]
NEEDED = {"gain": ["baselines"], "order": COMPARED, "trend": COMPARED, "fact": ["decimals"]}
SHOWN = "place dataset method metric reported measured spread n_seeds verdict why".split()


@dataclass(frozen=True)
class Claim:
    """One number or statement of a paper, and where in the records its counterpart is found.

    Attributes
    ----------
    paper, id : str
        The paper's short name; a name of the claim that no other claim of the paper has.
    place : str
        "Table 3", "Figure 7", "Theorem 4.26", "Algorithm 1".
    kind : str
        "value", "gain", "order", "trend" or "fact".
    metric : str
        Name of a metric in the records.
    protocol : str
        In short words, how the paper measured it.
    reported : float or str
        The number; for gains in percent. Words for an order or a trend.
    dataset : tuple of str
        None, one or several; in the file a name or a list. Records must have it as parameter `dataset`.
    method : str, optional
        The method's name in the paper, in small letters.
    experiment : str, optional
        "mmf/reconstruction". Without it nothing is looked up, and `why` is required.
    match : dict
        Parameters that the records of the method have; a list stands for any of its values.
    baselines : list of dict
        For gain, order and trend: how `match` changes for each baseline.
    over : list of str
        For order and trend: the parameters that make up a cell, such as budget.
    direction : str
        Which change of the metric is a gain, "decrease" (default) or "increase".
    decimals : int, optional
        For a fact: to how many decimals the records must agree.
    note : str, optional
        What the reader of the reported number should know.
    why : str, optional
        Why there are no records, or cannot be.
    cannot_be : bool
        Whether nobody outside can test it, as with private data.
    """

    paper: str
    id: str
    place: str
    kind: str
    metric: str
    protocol: str
    reported: float | str
    dataset: tuple[str, ...] = ()
    method: str | None = None
    experiment: str | None = None
    match: dict = field(default_factory=dict)
    baselines: list[dict] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    direction: str = "decrease"
    decimals: int | None = None
    note: str | None = None
    why: str | None = None
    cannot_be: bool = False


REQUIRED = ("id", "place", "kind", "metric", "protocol", "reported")
TYPES = {
    **dict.fromkeys(("id", "place", "kind", "metric", "protocol", "method"), str),
    **dict.fromkeys(("experiment", "direction", "note", "why"), str),
    **dict.fromkeys(("baselines", "over"), list),
    "reported": (int, float, str),
    "dataset": (str, list),
    "match": dict,
    "decimals": int,
    "cannot_be": bool,
}


def load_claims(paper: str) -> list[Claim]:
    """Return the claims of a paper, in the order of its file.

    Parameters
    ----------
    paper : str
        Short name, such as "mmf".

    Raises
    ------
    ValueError
        If there is no such file, or something in it is not as described in `Claim`; the message names the
        file and the claim.
    """
    if paper not in _papers():
        raise ValueError(unknown("paper", paper, _papers()))
    path = _folder() / f"{paper}.yaml"
    try:
        return _claims(paper, yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from error


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
        `metric` (what is measured, with its unit), `reported`, `measured` (mean over seeds), `spread`
        (standard deviation over seeds, 0 for one seed), `n_seeds`, `verdict`, `why` (remarks on the verdict,
        or the reason for none) and `record` (a list of file names). What a claim lacks is None.

    Raises
    ------
    ValueError
        If there is no such paper or profile, or a claims file is wrong.
    """
    check_profile(profile)
    rows = []
    for name in [paper] if paper else _papers():
        claims = load_claims(name)
        found = load_records(directory=records_directory(name, profile)) if records is None else records
        usable = [r for r in found if r.profile == profile]
        rows += [_row(claim, usable, profile) for claim in claims]
    return rows


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


def _folder() -> Path:
    return data_folder() / "claims"


def _papers():
    return sorted(path.stem for path in _folder().glob("*.yaml"))


def _text(value):
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _row(claim, records, profile):
    row = {
        "id": claim.id,
        "paper": claim.paper,
        "place": claim.place,
        "dataset": ", ".join(claim.dataset) or None,
        "method": claim.method,
        "metric": MEASURED.get(claim.kind, "{}").format(claim.metric),
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


def _join(*texts):
    return "; ".join(text for text in texts if text)


def _file_name(record):
    return f"{record.experiment.replace('/', '-')}-{record.key}.json"


def _claims(paper, content):
    complete = isinstance(content, dict) and content.keys() == {"paper", "groups"}
    _demand(complete, "expected paper and groups and nothing else")
    _demand(content["paper"] == paper, f"paper is {content['paper']!r}: expected the file's name, {paper!r}")
    claims = []
    for group in content["groups"]:
        complete = isinstance(group, dict) and isinstance(group.get("claims"), list)
        _demand(complete, f"expected a group with claims: {group!r:.200}")
        common = {name: value for name, value in group.items() if name != "claims"}
        claims += [_claim(paper, common, entry) for entry in group["claims"]]
    twice = [name for name, count in Counter(claim.id for claim in claims).items() if count > 1]
    _demand(not twice, f"more than one claim has the id {', '.join(twice)}")
    return claims


def _claim(paper, common, entry):
    """Return one claim, made of its group's common fields and its own."""
    _demand(isinstance(entry, dict) and isinstance(entry.get("id"), str), f"a claim without id: {entry}")
    values = common | entry
    try:
        for name, value in values.items():
            _demand(name in TYPES, unknown("field", name, TYPES))
            _demand(isinstance(value, TYPES[name]), f"{name} is {value!r}, which is of the wrong type")
        absent = [name for name in REQUIRED if name not in values]
        _demand(not absent, f"{', '.join(absent)} missing")
        dataset = values.get("dataset", [])
        values["dataset"] = (dataset,) if isinstance(dataset, str) else tuple(dataset)
        values["match"] = common.get("match", {}) | entry.get("match", {})
        if dataset:
            values["match"] = {"dataset": dataset} | values["match"]
        claim = Claim(paper=paper, **values)
        _check(claim)
        return claim
    except ValueError as error:
        raise ValueError(f"claim {entry['id']}: {error}") from error


def _check(claim):
    _demand(claim.kind in JUDGES, unknown("kind", claim.kind, JUDGES))
    _demand(claim.direction in DIRECTIONS, unknown("direction", claim.direction, DIRECTIONS))
    for name in claim.dataset:
        _demand(name in DATASETS, unknown("dataset", name, DATASETS))
    wordy = claim.kind in ("order", "trend")
    number = type(claim.reported) in (int, float) and math.isfinite(claim.reported)
    expected = f"expected {'words' if wordy else 'a number'} for kind {claim.kind}"
    _demand(type(claim.reported) is str if wordy else number, f"reported is {claim.reported!r}: {expected}")
    if claim.experiment is None:
        _demand(claim.why, "without an experiment it needs why")
        return
    own = claim.experiment.startswith(f"{claim.paper}/")
    _demand(own, f"experiment is {claim.experiment!r}: expected {claim.paper}/...")
    _demand(all(isinstance(other, dict) for other in claim.baselines), "baselines are to be mappings")
    _demand(not claim.cannot_be, "cannot_be goes without an experiment")
    absent = [name for name in NEEDED.get(claim.kind, []) if getattr(claim, name) in (None, [])]
    _demand(not absent, f"kind {claim.kind} needs {', '.join(absent)}")
    _demand(claim.kind != "gain" or len(claim.baselines) == 1, "kind gain needs a single baseline")
    _demand(claim.kind != "trend" or len(claim.dataset) > 1, "kind trend needs several datasets")


def _demand(condition, message):
    if not condition:
        raise ValueError(message)
