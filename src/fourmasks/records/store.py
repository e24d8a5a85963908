"""Records: one training run is one JSON file; how it is written, and found again."""

import hashlib
import json
import math
import os
import re
import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import get_origin

from fourmasks.records.plain import check_json
from fourmasks.system.files import write_whole
from fourmasks.system.names import check_profile, unknown
from fourmasks.system.paths import data_folder, runs_folder


@dataclass(frozen=True)
class Record:
    """What one training run was given, gave and took.

    Attributes
    ----------
    experiment : str
        "paper/name", such as "mmf/reconstruction".
    profile : str
        "smoke", "book" or "paper": the one that the run was first made for.
    parameters : dict
        JSON values, the seed among them: all that the training was called with.
    metrics : dict of str to float
        Finite numbers.
    curves : dict of str to list
        What changed during the training; lists of numbers.
    seconds : float
        Wall-clock time of the training.
    peak_memory_mb : float
        In 2**20 bytes; on a CPU it is the peak of the whole process (see `system.device.peak_memory_mb`).
    device : str
        "cpu", "mps" or "cuda (NVIDIA H200)".
    threads : int
        That torch used on the CPU.
    versions : dict of str to str
        Of Python and the libraries.
    machine : dict of str to str
        Processor, operating system, and BLAS with its threads, see `system.device.machine`; empty in records
        that were made before it was kept.
    commit : str
        Git commit, with "+dirty" when the package differed from it; "unknown" outside git.
    function : str
        Dotted name of the function that made the run, as it was then.
    code : str
        Digest of the code that the run reaches, see `digest`; "unknown" if the function has no file.
    confirmed : dict
        What was rerun when the code had changed and gave the same, see `confirm`; empty if it was not.
    data_sha256 : str
        Digest of the data.
    created : str
        UTC, ISO 8601.
    """

    experiment: str
    profile: str
    parameters: dict[str, object]
    metrics: dict[str, float]
    curves: dict[str, list]
    seconds: float
    peak_memory_mb: float
    device: str
    threads: int
    versions: dict[str, str]
    machine: dict[str, str]
    commit: str
    function: str
    code: str
    confirmed: dict[str, object]
    data_sha256: str
    created: str

    def __post_init__(self):
        for field in fields(self):
            value, expected = getattr(self, field.name), get_origin(field.type) or field.type
            if type(value) is not expected:
                raise TypeError(f"record field {field.name} is {value!r}: expected {expected.__name__}")
        for name, value in self.metrics.items():
            if type(value) is not float or not math.isfinite(value):
                raise ValueError(f"metric {name!r} is {value!r}: expected a finite float")
        run_key(self.experiment, self.parameters, self.data_sha256)  # refuses what names no run

    @property
    def key(self) -> str:
        """The run's key, 16 hex digits."""
        return run_key(self.experiment, self.parameters, self.data_sha256)

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return _file_name(self.experiment, self.key)


def run_key(experiment: str, parameters: dict, data_sha256: str) -> str:
    """Return the name of a run: 16 hex digits that depend on what determines it, and on nothing else.

    Parameters
    ----------
    experiment : str
        "paper/name", in lower-case letters, digits, "_" and "-".
    parameters : dict
        JSON values: None, bool, int, float, str, list, and dict with str keys. Their order does not matter;
        1 and 1.0 are two values.
    data_sha256 : str
        Digest of the data.

    Raises
    ------
    TypeError
        If a value is not a JSON value; the message says where.
    ValueError
        If a float is not finite, the experiment's name has another form, or the digest is empty.
    """
    if not (isinstance(experiment, str) and re.fullmatch(r"[a-z0-9_]+(/[a-z0-9_-]+)+", experiment)):
        raise ValueError(
            f"experiment {experiment!r}: expected 'paper/name' in lower-case letters, digits, '_' and '-'"
        )
    if not (isinstance(data_sha256, str) and data_sha256):
        raise ValueError(f"data_sha256 {data_sha256!r}: expected the digest of the data, a string")
    if type(parameters) is not dict:
        raise TypeError(f"parameters are {parameters!r}: expected a dict")
    check_json(parameters, "parameters")
    run = {"data_sha256": data_sha256, "experiment": experiment, "parameters": parameters}
    text = json.dumps(run, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def records_directory(experiment: str, profile: str) -> Path:
    """Return the folder of the records of an experiment, or of a paper.

    It is `FOURMASKS_RECORDS` if set; otherwise `data/records/<paper>`, which is committed, for the profile
    "paper" and `runs/records/<paper>` for the others.

    Raises
    ------
    ValueError
        If there is no such profile.
    """
    check_profile(profile)
    if given := os.environ.get("FOURMASKS_RECORDS"):
        return Path(given).expanduser()
    return (data_folder() if profile == "paper" else runs_folder()) / "records" / experiment.split("/")[0]


def _file_name(experiment: str, key: str) -> str:
    """Return the name of a record's file."""
    return f"{experiment.replace('/', '-')}-{key}.json"


def stored(experiment: str, key: str, profile: str, directory: str | Path | None = None) -> Record | None:
    """Return the record of a run, whatever code made it, or None.

    Parameters
    ----------
    experiment, key, profile : str
    directory : path, optional
        Default `records_directory(experiment, profile)`.
    """
    path = _folder(experiment, profile, directory) / _file_name(experiment, key)
    record = _read(path)
    if record is not None and record.key != key:
        warnings.warn(f"{path} holds another run than its name says: training anew", stacklevel=3)
        return None
    return record


def save(record: Record, directory: str | Path | None = None) -> None:
    """Write a record where `stored` finds it."""
    folder = _folder(record.experiment, record.profile, directory)
    text = json.dumps(asdict(record), indent=1, sort_keys=True, allow_nan=False)
    write_whole(folder / record.file_name, f"{text}\n")


def _folder(experiment: str, profile: str, directory: str | Path | None) -> Path:
    return records_directory(experiment, profile) if directory is None else Path(directory)


def load_records(experiment: str | None = None, directory: str | Path | None = None) -> list[Record]:
    """Return the records under a folder, in the order of their file names.

    Parameters
    ----------
    experiment : str, optional
        Only this experiment's; default all.
    directory : path, optional
        Searched with its subfolders; default `FOURMASKS_RECORDS` if set, else the committed `data/records`.
        An absent folder holds no records.

    Warns
    -----
    UserWarning
        For a file that is no record, which is left out.
    """
    if directory is None:
        directory = os.environ.get("FOURMASKS_RECORDS") or data_folder() / "records"
    names = _file_name(experiment, "?" * 16) if experiment else "*.json"
    found = [_read(path) for path in sorted(Path(directory).expanduser().rglob(names))]
    return [record for record in found if record is not None and experiment in (None, record.experiment)]


def beginning(records: Iterable[Record], start: str) -> list[Record]:
    """Return the records whose experiment begins so, as those of "mmf", or of "mmf/ratings" and its search.

    Raises
    ------
    ValueError
        If there is none.
    """
    records = list(records)
    found = [record for record in records if record.experiment.startswith(start)]
    if not found:
        raise ValueError(unknown("experiment", start, sorted({record.experiment for record in records})))
    return found


def book_records(*experiments: str) -> list[Record]:
    """Return the records of experiments that the book rests on, whatever `FOURMASKS_RECORDS` says.

    They are those of the profile "paper" in the committed `data/records`.
    """
    folder = data_folder() / "records"
    found = [load_records(experiment, folder / experiment.split("/")[0]) for experiment in experiments]
    return [record for records in found for record in records if record.profile == "paper"]


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def read(path: Path) -> Record:
    """Read a record; raise OSError, TypeError or ValueError for a file that is none."""
    return Record(**json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant))


def _read(path: Path) -> Record | None:
    try:
        return read(path)
    except FileNotFoundError:
        return None
    except (OSError, TypeError, ValueError) as error:
        warnings.warn(f"{path} is no readable record and counts as missing: {error}", stacklevel=3)
        return None
