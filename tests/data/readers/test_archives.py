import io
import re
import tarfile
import zipfile

import pytest

from fourmasks.data.readers.archives import read_members

TEXT = re.compile(r"[a-z]+\.txt")
UNSAFE = ["/etc/a.txt", "../a.txt", "b/../../a.txt", "C:/a.txt", "..\\a.txt", "\\\\host\\share\\a.txt"]


def make(path, members):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content)
        return path
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.fixture(params=["a.zip", "a.tar.gz"])
def path(request, tmp_path):
    return tmp_path / request.param


def test_wanted_members_come_in_alphabetical_order(path, tmp_path):
    make(path, [("d/b.txt", b"two"), ("readme", b"no"), ("e/a.txt", b"one"), ("a.txt.bad", b"no")])
    assert list(read_members(path, TEXT).items()) == [("a.txt", b"one"), ("b.txt", b"two")]
    assert [p.name for p in tmp_path.iterdir()] == [path.name], "nothing is unpacked"


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_paths_are_refused(path, name):
    make(path, [("fine.txt", b"x"), (name, b"y")])
    with pytest.raises(ValueError, match="unsafe path"):
        read_members(path, TEXT)


def test_an_unsafe_path_is_refused_even_if_nobody_wants_the_file(path):
    make(path, [("fine.txt", b"x"), ("../evil.sh", b"y")])
    with pytest.raises(ValueError, match="unsafe path '../evil.sh'"):
        read_members(path, TEXT)


def test_links_in_a_tar_are_not_followed(tmp_path):
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("a.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    with pytest.raises(ValueError, match="no file in it is named like"):
        read_members(path, TEXT)


def test_two_members_of_one_name_are_refused(path):
    make(path, [("d/a.txt", b"one"), ("e/a.txt", b"two")])
    with pytest.raises(ValueError, match="holds a.txt twice"):
        read_members(path, TEXT)


def test_a_cut_archive_is_refused(path):
    make(path, [("a.txt", bytes(range(256)) * 400)])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=f"{path.name}: not a whole archive"):
        read_members(path, TEXT)


def test_something_else_is_refused(path):
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(ValueError, match="not a whole archive; delete it and get it again"):
        read_members(path, TEXT)
