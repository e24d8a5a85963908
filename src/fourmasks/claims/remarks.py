"""What the audit cannot tell from claims and records, and `data/audit.yaml` says, each entry with its reason.

`ends`: at which edge of a search's space the option itself ends. `apart`: which options set arms apart that a
claim compares; "trials" stands for the number of trials of their searches, "further trials" for one that is
less than twice as large.
"""

from dataclasses import dataclass

import yaml

from fourmasks.claims.files import Loader
from fourmasks.records.store import Record
from fourmasks.system.paths import data_folder

NEEDED = {"ends": {"experiment", "option", "value", "why"}, "apart": {"experiment", "option", "why"}}
OPTIONAL = {"dataset", "method"}


@dataclass(frozen=True)
class Remark:
    """An entry of the file; without a data set or a method it is on all of them."""

    experiment: str
    option: str
    why: str
    value: float | None = None
    dataset: str | None = None
    method: str | None = None

    def fits(self, record: Record, option: str) -> bool:
        """Return whether it speaks of this option of this run."""
        given = record.parameters
        place = all(getattr(self, name) in (None, given.get(name)) for name in OPTIONAL)
        same = (self.experiment, self.option) == (record.experiment, option)
        return same and place and self.value in (None, given.get(option))


def load_remarks() -> dict[str, list[Remark]]:
    """Return the remarks of `data/audit.yaml`, those of `ends` and those of `apart`.

    Raises
    ------
    ValueError
        If something in it is not as described; the message names the entry.
    """
    content = yaml.load((data_folder() / "audit.yaml").read_text(encoding="utf-8"), Loader)
    if not isinstance(content, dict) or content.keys() != NEEDED.keys():
        raise ValueError("audit.yaml: expected ends, apart, and nothing else")
    return {head: [_remark(head, entry) for entry in entries] for head, entries in content.items()}


def _remark(head, entry):
    needed = NEEDED[head]
    if not isinstance(entry, dict) or not needed <= entry.keys() <= needed | OPTIONAL:
        expected = f"{', '.join(sorted(needed))}, perhaps {', '.join(sorted(OPTIONAL))}"
        raise ValueError(f"audit.yaml, {head}: {entry}: expected {expected}")
    return Remark(**entry)
