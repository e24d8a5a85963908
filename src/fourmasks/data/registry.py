"""The registry of data sets, `data/registry.yaml`, read into checked records."""

import re
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from fourmasks.system.extras import required
from fourmasks.system.names import unknown
from fourmasks.system.paths import data_folder


@dataclass(frozen=True)
class DataFile:
    """One file of a data set.

    Attributes
    ----------
    name : str
        Its name in the data set's folder.
    digests : tuple of str
        "sha256:..." or "md5:...", any of which it may have; empty where none is known for certain.
    bytes : int or None
        Its size, where known.
    url : str or None
        Where it is published; None for one that has to be fetched by hand or was prepared.
    """

    name: str
    digests: tuple[str, ...] = ()
    bytes: int | None = None
    url: str | None = None


@dataclass(frozen=True)
class Dataset:
    """One data set.

    Attributes
    ----------
    name, title, contents : str
    shape : tuple of int
        Rows and columns of the matrix that it makes.
    homepage : str
    licence : str
        Terms of use and of redistribution, in a few words.
    citation : tuple of str
        Keys of the bibliography.
    folder : str
        Its folder below `$FOURMASKS_DATA` and the user cache.
    layouts : tuple of tuple of DataFile
        Alternatives: the files of any one of them are enough.
    """

    name: str
    title: str
    contents: str
    shape: tuple[int, ...]
    homepage: str
    licence: str
    citation: tuple[str, ...]
    folder: str
    layouts: tuple[tuple[DataFile, ...], ...]


def load_registry(path: Path | None = None) -> dict[str, Dataset]:
    """Read and check the registry.

    Parameters
    ----------
    path : Path, optional
        Default: `data/registry.yaml` of the project.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If an entry lacks a field, has one that does not exist, or a value of the wrong type; the
        message names the file, the entry and the field.
    """
    yaml = required("yaml")
    path = path or data_folder() / "registry.yaml"
    if not path.is_file():
        raise FileNotFoundError(f"no registry at {path}: set FOURMASKS_ROOT to a checkout of the project")
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{path}: expected a mapping from names to data sets")
    return {name: _dataset(f"{path}: {name}", name, entry) for name, entry in content.items()}


def find_dataset(name: str) -> Dataset:
    """Return one entry of the registry; an unknown name raises ValueError with the valid ones."""
    registry = load_registry()
    if name not in registry:
        raise ValueError(unknown("data set", name, registry))
    return registry[name]


def _dataset(where: str, name: str, entry: object) -> Dataset:
    text, texts = (str, None), (list, str)
    fields = {
        "title": text, "contents": text, "homepage": text, "licence": text, "folder": text,
        "shape": (list, int), "citation": texts, "layouts": (list, list),
    }  # fmt: skip
    entry = {"folder": name} | _checked(where, entry, fields, required=fields.keys() - {"folder"})
    _check_plain_name(where, entry["folder"])
    entry["shape"], entry["citation"] = tuple(entry["shape"]), tuple(entry["citation"])
    entry["layouts"] = tuple(tuple(_file(where, file) for file in layout) for layout in entry["layouts"])
    return Dataset(name=name, **entry)


def _file(where: str, entry: object) -> DataFile:
    fields = {"name": (str, None), "url": (str, None), "bytes": (int, None), "digests": (list, str)}
    entry = _checked(where, entry, fields, required={"name"})
    _check_plain_name(where, entry["name"])
    digests = tuple(check_digest(where, digest) for digest in entry.pop("digests", []))
    return DataFile(digests=digests, **entry)


def check_digest(where: str, digest: str) -> str:
    """Return a digest as it is; `where` starts the message of the ValueError if it is not well formed."""
    if not re.fullmatch(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}", digest):
        raise ValueError(f"{where}: digest {digest!r}, expected sha256: or md5: and 64 or 32 hex digits")
    return digest


def _checked(where: str, entry: object, fields: dict, required: Set[str]) -> dict:
    """Return a copy of a mapping once its keys and the types of its values (and items) are as they should."""
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: expected a mapping, not {entry!r}")
    if missing := sorted(required - entry.keys()):
        raise ValueError(f"{where}: the field {missing[0]!r} is missing")
    for key, value in entry.items():
        if key not in fields:
            raise ValueError(f"{where}: {unknown('field', key, fields)}")
        kind, item_kind = fields[key]
        if not isinstance(value, kind) or (item_kind and not all(isinstance(v, item_kind) for v in value)):
            expected = f"a list of {item_kind.__name__}" if item_kind else kind.__name__
            raise ValueError(f"{where}: {key} is {value!r}, expected {expected}")
    return dict(entry)


def _check_plain_name(where: str, name: str) -> None:
    if name in {"", ".", ".."} or "/" in name or "\\" in name:
        raise ValueError(f"{where}: {name!r} is not a plain name of a file or folder")
