"""Where the files of a data set are: `$FOURMASKS_DATA`, then the user cache, then a download."""

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fourmasks.data.errors import DataNotFound
from fourmasks.data.registry import DataFile, Dataset, check_digest, find_dataset
from fourmasks.system.extras import required
from fourmasks.system.names import unknown


def locate(name: str, digests: Mapping[str, str] | None = None) -> dict[str, Path]:
    """Find the files of a data set, downloading them if need be.

    `$FOURMASKS_DATA/<folder>` comes first, then the user cache, then the official hosts. A download
    shows its progress on a terminal, goes to a temporary name, and takes its place in the cache only
    when its digest is right.

    Parameters
    ----------
    name : str
        A name of the registry.
    digests : mapping of str to str, optional
        "sha256:..." or "md5:..." by file name, for files whose digest the registry does not know:
        without one such a file is not downloaded, because nothing would tell a wrong one.

    Returns
    -------
    dict of str to Path
        The files of one layout, by name.

    Raises
    ------
    DataNotFound
        If they are nowhere to be had. The message is one line that says what to do.
    ValueError
        If the name is unknown, or a download has another digest than it should.
    """
    dataset = find_dataset(name)
    found = _found(dataset) or _download(dataset, digests or {})
    return {file.name: path for file, path in found.items()}


def find(name: str) -> dict[str, Path] | None:
    """Return what `locate` would, but None instead of a download."""
    found = _found(find_dataset(name))
    return found and {file.name: path for file, path in found.items()}


@dataclass(frozen=True)
class FileCheck:
    """What `verify` found out about one file: `state` is "ok", "wrong digest" or "no digest known"."""

    path: Path
    state: str


def verify(name: str) -> list[FileCheck]:
    """Compare the files of a data set on this machine with the digests of the registry.

    Raises
    ------
    DataNotFound
        If they are not on this machine; nothing is downloaded.
    """
    dataset = find_dataset(name)
    found = _found(dataset)
    if found is None:
        raise DataNotFound(f"{name} is not on this machine; {_advice(dataset)}")
    return [FileCheck(path, _state(file, path)) for file, path in found.items()]


def _state(file: DataFile, path: Path) -> str:
    if not file.digests:
        return "no digest known"
    return "ok" if any(_has_digest(path, digest) for digest in file.digests) else "wrong digest"


def _has_digest(path: Path, digest: str) -> bool:
    algorithm, expected = digest.split(":")
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest() == expected


def _found(dataset: Dataset) -> dict[DataFile, Path] | None:
    """Return the files of the first complete layout on this machine, or None."""
    for folder in _folders(dataset):
        for layout in dataset.layouts:
            paths = {file: folder / file.name for file in layout}
            if all(path.is_file() for path in paths.values()):
                return paths
    return None


def _folders(dataset: Dataset) -> Iterator[Path]:
    if given := os.environ.get("FOURMASKS_DATA"):
        root = Path(given).expanduser()
        if not root.is_dir():
            raise DataNotFound(f"FOURMASKS_DATA={given} is not a folder: correct it or unset it")
        yield root / dataset.folder
    yield _cache(dataset)


def _cache(dataset: Dataset) -> Path:
    pooch = required("pooch")
    return Path(pooch.os_cache("fourmasks")) / dataset.folder


def _download(dataset: Dataset, digests: Mapping[str, str]) -> dict[DataFile, Path]:
    layout = next((files for files in dataset.layouts if all(file.url for file in files)), None)
    if layout is None:
        raise DataNotFound(f"{dataset.name} cannot be downloaded; {_advice(dataset)}")
    expected = _expected_digests(dataset, layout, digests)
    return {file: _retrieve(dataset, file, expected[file]) for file in layout}


def _expected_digests(
    dataset: Dataset, layout: tuple[DataFile, ...], given: Mapping[str, str]
) -> dict[DataFile, str]:
    names = [file.name for file in layout]
    for name in given.keys() - names:
        raise ValueError(unknown(f"file of {dataset.name}", name, names))
    expected = {file: check_digest(file.name, given[file.name]) for file in layout if file.name in given}
    expected |= {file: file.digests[0] for file in layout if file.digests}
    if missing := [file for file in layout if file not in expected]:
        raise DataNotFound(
            f"no digest of {missing[0].name} is known, so that {missing[0].url} is not downloaded unless you"
            f" give it; {_advice(dataset)}"
        )
    return expected


def _retrieve(dataset: Dataset, file: DataFile, digest: str) -> Path:
    pooch, requests = required("pooch"), required("requests")

    pooch.get_logger().setLevel("WARNING")
    downloader = pooch.HTTPDownloader(progressbar=sys.stderr.isatty())
    try:
        path = pooch.retrieve(file.url, digest, file.name, _cache(dataset), downloader=downloader)
    except requests.RequestException as error:
        reason = f"{file.url} could not be fetched ({type(error).__name__})"
        raise DataNotFound(f"{dataset.name}: {reason}; {_advice(dataset)}") from error
    return Path(path)


def _advice(dataset: Dataset) -> str:
    layouts = " or ".join(_listed(files) for files in dataset.layouts)
    return (
        f"get {layouts} from {dataset.homepage} into the folder {dataset.folder}"
        " of a directory, and set FOURMASKS_DATA to that directory"
    )


def _listed(files: tuple[DataFile, ...]) -> str:
    shown = [file.name for file in files]
    return ", ".join(shown) if len(shown) < 5 else f"{', '.join(shown[:2])}, … (all {len(shown)} files)"
