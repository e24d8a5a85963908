"""What the papers claim: the files `data/claims/<paper>.yaml`, read and checked.

A file holds `paper`, `groups` and, where runs have splits that overlap, `overlap`: by experiment and data set
the size of the test part over that of the training part. A group holds `claims` and whatever fields of
`Claim` its claims have in common; where both a group and a claim have `match`, the two are joined. How a
claim of each form is judged is told in `fourmasks.claims.verdicts`.
"""

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from fourmasks.claims.verdicts import FORMS, NUMBERS, margin
from fourmasks.system.names import unknown
from fourmasks.system.paths import data_folder

# The one in C takes a tenth of the time; not every build of PyYAML has it.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

DATASETS = (
    *("ml-100k", "ml-1m", "ml-10m", "ml-20m", "netflix", "msd", "flixster", "douban"),
    *("lastfm-2k", "yale-b", "reuters-21578", "s6", "s7", "s8", "s9", "s10", "h2", "h3", "h4", "h5", "h6"),
)
KINDS = ("data", "theory", "experiment")
FAULTS = ("slip", "gap")
DIRECTIONS = ("decrease", "increase")
WORDY = ("order", "trend", "bound", "optimum")  # forms of which a paper reports words
BARE = ("value", "fact", "optimum")  # forms that compare with no baseline
# What a form cannot be judged without, beyond the required fields.
NEEDED = {
    "gain": ["baselines"],
    "order": ["baselines", "over"],
    "fact": ["decimals"],
    "bound": ["between"],
    "optimum": ["along", "between"],
}
RANGE = "expected two ascending numbers, one of which may be null"


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
        "data" for a fact about a data set, "theory" for a theorem or a worked example, "experiment" for the
        result of an experiment.
    form : str
        "value", "gain", "order", "trend", "bound", "optimum" or "fact".
    metric : str
        Name of a metric in the records.
    protocol : str
        In short words, how the paper measured it.
    reported : float or str
        The number; for gains in percent. Words for an order, a trend, a bound or an optimum.
    dataset : tuple of str
        None, one or several; in the file a name or a list. Records must have it as parameter `dataset`.
    method : str, optional
        The method's name in the paper, in small letters.
    experiment : str, optional
        "mmf/reconstruction". Without it nothing is looked up, and `why` is required.
    match : dict
        Parameters that the records of the method have; a list stands for any of its values.
    held_out : bool
        Whether the metric is of data held out, so that a single configuration must match.
    baselines : list of dict
        For gain and order, and where wanted for trend and bound: how `match` and the cell change for each
        baseline; None drops a parameter.
    rival : float, optional
        What the paper prints for the strongest that it compares with. Half of a value's distance from it is
        the value's margin; an order is against it where none that was run is better.
    over : list of str
        For order, trend, bound and optimum: the parameters that make up a cell, such as budget.
    along : str, optional
        For a trend the parameter with which the gain or the metric grows, by default `dataset` in the order
        of the claim; for an optimum the one whose best value is looked for.
    between : list, optional
        For a bound and an optimum: between which two numbers the measured one lies; one may be None.
    direction : str
        Which change of the metric is a gain, "decrease" (default) or "increase".
    decimals : int, optional
        For a fact: to how many decimals the records must agree.
    instances : str, optional
        For a fact: the metric that says on how many instances a run tried it.
    exact : bool
        Whether the measured number has no chance in it, so that one run is enough.
    overlap : float
        From the file's `overlap`; 0 where splits are disjoint or the same, or each seed draws its own data.
    headline : bool
        Whether it is one of the few that the paper stands for.
    quote : str, optional
        The paper's own words, in short.
    effect : str, optional
        The size of the effect that the paper claims, in its own unit; of a headline required.
    control : dict, optional
        How `match` changes for the run in which the mask alone is gone; required of an experiment's headline.
    control_words : str, optional
        What the control changes, in short words.
    not_comparable : str, optional
        Why the measured number says nothing on the reported one.
    fault : str, optional
        Of a statement that fails as printed without being wrong in substance: "slip" where a sign, letter
        or case is misprinted, "gap" where more is concluded than proved.
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
    form: str
    metric: str
    protocol: str
    reported: float | str
    dataset: tuple[str, ...] = ()
    method: str | None = None
    experiment: str | None = None
    match: dict = field(default_factory=dict)
    held_out: bool = False
    baselines: list[dict] = field(default_factory=list)
    rival: float | None = None
    over: list[str] = field(default_factory=list)
    along: str | None = None
    between: list | None = None
    direction: str = "decrease"
    decimals: int | None = None
    instances: str | None = None
    exact: bool = False
    overlap: float = 0.0
    headline: bool = False
    quote: str | None = None
    effect: str | None = None
    control: dict | None = None
    control_words: str | None = None
    not_comparable: str | None = None
    fault: str | None = None
    note: str | None = None
    why: str | None = None
    cannot_be: bool = False


REQUIRED = ("id", "place", "kind", "form", "metric", "protocol", "reported")
TYPES = {
    **dict.fromkeys(("id", "place", "kind", "form", "metric", "protocol", "method"), str),
    **dict.fromkeys(("experiment", "along", "direction", "fault", "note", "why", "instances"), str),
    **dict.fromkeys(("quote", "effect", "control_words", "not_comparable"), str),
    **dict.fromkeys(("baselines", "over", "between"), list),
    **dict.fromkeys(("held_out", "cannot_be", "exact", "headline"), bool),
    **dict.fromkeys(("match", "control"), dict),
    "rival": (int, float),
    "reported": (int, float, str),
    "dataset": (str, list),
    "decimals": int,
}


def papers() -> list[str]:
    """Return the short names of the papers that have a claims file."""
    return sorted(path.stem for path in _folder().glob("*.yaml"))


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
    if paper not in papers():
        raise ValueError(unknown("paper", paper, papers()))
    path = _folder() / f"{paper}.yaml"
    try:
        return _claims(paper, yaml.load(path.read_text(encoding="utf-8"), Loader))
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def overlaps(experiment: str) -> dict[str, float]:
    """Return, by data set, the overlap of an experiment's splits, as its paper's claims file has it.

    A data set without an entry counts as one without overlap: its splits are the same, or each seed draws
    its own data.

    Parameters
    ----------
    experiment : str
        "mmf/ratings".
    """
    path = _folder() / f"{experiment.split('/')[0]}.yaml"
    content = yaml.load(path.read_text(encoding="utf-8"), Loader)
    return content.get("overlap", {}).get(experiment, {})


def _folder() -> Path:
    return data_folder() / "claims"


def _claims(paper, content):
    complete = isinstance(content, dict) and content.keys() - {"overlap"} == {"paper", "groups"}
    _demand(complete, "expected paper, groups, perhaps overlap, and nothing else")
    _demand(content["paper"] == paper, f"paper is {content['paper']!r}: expected the file's name, {paper!r}")
    claims = []
    for group in content["groups"]:
        complete = isinstance(group, dict) and isinstance(group.get("claims"), list)
        _demand(complete, f"expected a group with claims: {group!r:.200}")
        common = {name: value for name, value in group.items() if name != "claims"}
        claims += [_claim(paper, common, entry, content.get("overlap", {})) for entry in group["claims"]]
    twice = [name for name, count in Counter(claim.id for claim in claims).items() if count > 1]
    _demand(not twice, f"more than one claim has the id {', '.join(twice)}")
    return claims


def _claim(paper, common, entry, overlaps):
    """Return one claim, made of its group's common fields and its own."""
    _demand(isinstance(entry, dict) and isinstance(entry.get("id"), str), f"a claim without id: {entry}")
    values = common | entry
    try:
        for name, value in values.items():
            _demand_known("field", name, TYPES)
            _demand(isinstance(value, TYPES[name]), f"{name} is {value!r}, which is of the wrong type")
        absent = [name for name in REQUIRED if name not in values]
        _demand(not absent, f"{', '.join(absent)} missing")
        dataset = values.get("dataset", [])
        values["dataset"] = (dataset,) if isinstance(dataset, str) else tuple(dataset)
        values["match"] = common.get("match", {}) | entry.get("match", {})
        if dataset:
            values["match"] = {"dataset": dataset} | values["match"]
        by_dataset = overlaps.get(values.get("experiment"), {})
        overlap = max((by_dataset.get(name, 0.0) for name in values["dataset"]), default=0.0)
        claim = Claim(paper=paper, overlap=overlap, **values)
        _check(claim)
        return claim
    except ValueError as error:
        raise ValueError(f"claim {entry['id']}: {error}") from error


def _check(claim):
    _demand_known("kind", claim.kind, KINDS)
    _demand_known("form", claim.form, FORMS)
    _demand_known("direction", claim.direction, DIRECTIONS)
    for name in claim.dataset:
        _demand_known("dataset", name, DATASETS)
    wordy = claim.form in WORDY
    number = type(claim.reported) in (int, float) and math.isfinite(claim.reported)
    expected = f"expected {'words' if wordy else 'a number'} for form {claim.form}"
    _demand(type(claim.reported) is str if wordy else number, f"reported is {claim.reported!r}: {expected}")
    _check_headline(claim)
    if claim.fault is not None:
        _demand_known("fault", claim.fault, FAULTS)
    if claim.experiment is None:
        _demand(claim.why, "without an experiment it needs why")
        return
    own = claim.experiment.startswith(f"{claim.paper}/")
    _demand(own, f"experiment is {claim.experiment!r}: expected {claim.paper}/...")
    _demand(all(isinstance(other, dict) for other in claim.baselines), "baselines are to be mappings")
    _demand(not claim.cannot_be, "cannot_be goes without an experiment")
    absent = [name for name in NEEDED.get(claim.form, []) if getattr(claim, name) in (None, [])]
    _demand(not absent, f"form {claim.form} needs {', '.join(absent)}")
    _demand(claim.form != "gain" or len(claim.baselines) == 1, "form gain needs a single baseline")
    _demand(claim.form not in NUMBERS or margin(claim) > 0, "its margin is zero: take form fact")
    _demand(claim.form not in BARE or not claim.baselines, f"form {claim.form} has no baselines")
    along_datasets = claim.form == "trend" and claim.along is None
    _demand(not along_datasets or len(claim.dataset) > 1, "form trend needs several datasets, or along")
    _demand(claim.between is None or _is_range(claim.between), f"between is {claim.between}: {RANGE}")


def _check_headline(claim):
    needed = {"quote", "effect"} | ({"control", "control_words"} if claim.kind == "experiment" else set())
    absent = sorted(name for name in needed if not getattr(claim, name))
    _demand(not claim.headline or not absent, f"a headline needs {', '.join(absent)}")
    _demand((claim.control is None) == (claim.control_words is None), "control and control_words go together")


def _is_range(between):
    ends = [end for end in between if end is not None]
    numbers = all(type(end) in (int, float) and math.isfinite(end) for end in ends)
    return len(between) == 2 and len(ends) > 0 and numbers and ends == sorted(set(ends))


def _demand_known(kind, name, valid):
    if name not in valid:  # what is nearest takes long to find
        raise ValueError(unknown(kind, name, valid))


def _demand(condition, message):
    if not condition:
        raise ValueError(message)
