import io
import random
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


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_damage_anywhere_in_a_tar_is_noticed_or_harmless(tmp_path, mode):
    contents = {f"{letter}.txt": bytes(range(256)) * 4 for letter in "abcd"}
    path = tmp_path / "a.tar"
    with tarfile.open(path, mode) as archive:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    whole, rng, noticed = path.read_bytes(), random.Random(0), 0
    for _ in range(150):
        place = rng.randrange(len(whole))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << rng.randrange(8))]) + whole[place + 1 :])
        try:
            found = read_members(path, TEXT)
        except ValueError as error:
            assert "a.tar" in str(error)
            noticed += 1
        else:  # without a checksum nothing tells changed contents, but none may be missing
            assert found == contents if mode == "w:gz" else found.keys() == contents.keys()
    assert noticed > (140 if mode == "w:gz" else 15)


def test_a_zip_with_a_password_is_refused_in_one_line(tmp_path):
    path = make(tmp_path / "a.zip", [("a.txt", b"secret")])
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag that it is encrypted, in front of the file and in the list of contents
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a.zip: not a whole archive; delete it and get it again"):
        read_members(path, TEXT)


def test_damage_anywhere_in_the_directory_of_a_zip_is_noticed_or_harmless(tmp_path):
    path, wanted = tmp_path / "a.zip", re.compile(r"[ab]\.txt")
    make(path, [("x/a.txt", b"a"), ("x/b.txt", b"b"), ("x/readme", b"c")])
    whole, found = path.read_bytes(), read_members(path, wanted)
    for place in range(whole.index(b"PK\1\2"), len(whole)):
        for bit in (0, 7):
            damaged = bytearray(whole)
            damaged[place] ^= 1 << bit
            path.write_bytes(damaged)
            try:
                assert read_members(path, wanted) == found
            except ValueError as error:
                assert str(path) in str(error)
