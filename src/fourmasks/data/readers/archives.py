"""Archives are read member by member, in memory; nothing is ever unpacked to disk."""

import gzip
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath


def read_members(path: Path, wanted: re.Pattern) -> dict[str, bytes]:
    """Read the files of a zip or tar archive whose names, without their folders, match in full.

    Returns
    -------
    dict of str to bytes
        Contents by name without folders, in alphabetical order.

    Raises
    ------
    ValueError
        If a member's path is absolute or climbs out of the archive, if two wanted members share a
        name, if none is there, or if the archive is broken.
    """
    members = _zip_members if zipfile.is_zipfile(path) else _tar_members
    contents = {}
    try:
        for name, content in members(path, wanted):
            if name in contents:
                raise ValueError(f"{path}: holds {name} twice")
            contents[name] = content
    except (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{path}: not a whole archive; delete it and get it again") from error
    if not contents:
        raise ValueError(f"{path}: no file in it is named like {wanted.pattern}")
    return dict(sorted(contents.items()))


def _zip_members(path: Path, wanted: re.Pattern) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = _base_name(path, member.filename)
            if not member.is_dir() and wanted.fullmatch(name):
                yield name, archive.read(member)


def _tar_members(path: Path, wanted: re.Pattern) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for member in archive:
            name = _base_name(path, member.name)
            if member.isfile() and wanted.fullmatch(name):
                yield name, archive.extractfile(member).read()


def _base_name(path: Path, member: str) -> str:
    # Windows rules know both separators and drive letters. An archive that breaks them is not what it
    # claims to be, even though nothing here would follow such a path.
    parts = PureWindowsPath(member)
    if parts.anchor or ".." in parts.parts:
        raise ValueError(f"{path}: unsafe path {member!r} in the archive")
    return parts.name
