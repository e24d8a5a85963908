"""Archives are read member by member, in memory; nothing is ever unpacked to disk."""

import errno
import gzip
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

# What damage raises, depending on where it is; RuntimeError is what a zip archive with a password raises.
DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError,
    RuntimeError, UnicodeError,
)  # fmt: skip
OF_DAMAGE = (None, errno.EINVAL)  # an OSError's numbers: of bzip2's data, of a place before the file's start
CHUNK = 2**20
END, LONGEST_END = b"PK\5\6", 2**16 + 22  # of a zip archive: how it begins, and how many bytes it may have


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
    with whole(path):
        for name, content in members(path, wanted):
            if name in contents:
                raise ValueError(f"{path}: holds {name} twice")
            contents[name] = content
    if not contents:
        raise ValueError(f"{path}: no file in it is named like {wanted.pattern}")
    return dict(sorted(contents.items()))


@contextmanager
def whole(path: Path) -> Iterator[None]:
    """Turn what a damaged or encrypted archive raises into one ValueError that names it."""
    try:
        yield
    except (*DAMAGE, OSError) as error:
        if not isinstance(error, DAMAGE) and error.errno not in OF_DAMAGE:
            raise
        raise ValueError(f"{path}: not a whole archive; delete it and get it again") from error


def tar_files(stream: BinaryIO, wanted: re.Pattern) -> Iterator[tuple[str, BinaryIO]]:
    """Yield the files of a tar stream whose full names match, each to be read before the next.

    `tarfile` takes a damaged header for the end of the archive, and gzip's checksum stands at its end: so the
    stream is read to the end, and is to hold nothing but zeros there.

    Raises
    ------
    tarfile.ReadError
        If something else follows, or whatever else `whole` knows.
    """
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            if member.isfile() and wanted.fullmatch(member.name):
                yield member.name, archive.extractfile(member)
        rest = archive.fileobj
        while chunk := rest.read(CHUNK):
            if chunk.strip(b"\0"):
                raise tarfile.ReadError("a damaged header")


def _zip_members(path: Path, wanted: re.Pattern) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if _count(path) not in (len(members) % 2**16, 2**16 - 1):  # the latter where it has no room for more
            raise zipfile.BadZipFile("a damaged directory")
        for member in members:
            name = _base_name(path, member.filename)
            with archive.open(member) as content:  # of all: zipfile compares a member's two names
                if not member.is_dir() and wanted.fullmatch(name):
                    yield name, content.read()


def _count(path: Path) -> int:
    """Return how many members a zip archive has by its end, which zipfile does not look at."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - LONGEST_END))
        end = stream.read()
    return int.from_bytes(end[end.rfind(END) + 10 :][:2], "little")


def _tar_members(path: Path, wanted: re.Pattern) -> Iterator[tuple[str, bytes]]:
    with opened(path) as stream:
        for member, content in tar_files(stream, re.compile(".*", re.DOTALL)):
            name = _base_name(path, member)
            if wanted.fullmatch(name):
                yield name, content.read()


def opened(path: Path) -> BinaryIO:
    """Open a file, through gzip if it is compressed so."""
    with path.open("rb") as stream:
        compressed = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path) if compressed else path.open("rb")


def unpacked(path: Path) -> tuple[bytes, str]:
    """Return the content of a file and its name, those of the one file that a gzip or zip file packs.

    Raises
    ------
    ValueError
        If the archive is damaged, or holds another number of files.
    """
    packing = path.suffix.lower()
    with whole(path):
        if packing == ".gz":
            return gzip.decompress(path.read_bytes()), path.stem
        if packing != ".zip":
            return path.read_bytes(), path.name
        with zipfile.ZipFile(path) as archive:
            files = [one for one in archive.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
            if len(files) != 1:
                raise ValueError(f"{path}: holds {len(files)} files, expected one")
            return archive.read(files[0]), PurePosixPath(files[0].filename).name


def _base_name(path: Path, member: str) -> str:
    # Windows rules know both separators and drive letters. An archive that breaks them is not what it
    # claims to be, even though nothing here would follow such a path.
    parts = PureWindowsPath(member)
    if parts.anchor or ".." in parts.parts:
        raise ValueError(f"{path}: unsafe path {member!r} in the archive")
    return parts.name
