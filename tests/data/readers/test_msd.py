import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.data.readers import msd, text

USERS = [f"{k:040x}" for k in (11, 5, 2**150)]
SONGS = ["SOAKIMP12A8C130995", "SOAPDEY12A81C210A9", "SOBBMDR12A8C13253B", "SOBXHDL12A81C204C0"]
PATH = Path("some") / "train_triplets.txt"

triplets = st.lists(
    st.tuples(st.sampled_from(USERS), st.sampled_from(SONGS), st.integers(1, 9999)), min_size=1, max_size=30
)


def written(rows):
    return "".join("\t".join(map(str, row)) + "\n" for row in rows).encode()


def plain(path, content):
    (path / msd.NAME).write_bytes(content)
    return {msd.NAME: path / msd.NAME}


def zipped(path, content, member="train_triplets.txt"):
    path = path / "train_triplets.txt.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    return {path.name: path}


def numbered(names):
    """Return the numbers of names in the order in which they first occur."""
    order = list(dict.fromkeys(names))
    return [order.index(name) for name in names]


@settings(max_examples=40)
@given(rows=triplets, size=st.integers(1, 200))
def test_numbers_are_in_the_order_of_the_file_however_it_is_cut(rows, size):
    numbers, found = {"user": {}, "song": {}}, {"user": [], "song": []}
    for first, block in text.blocks(io.BytesIO(written(rows)), size):
        for name, column in msd._parse(block, first, PATH).items():
            found[name] += msd._numbered(column, numbers[name]).tolist()
    assert found["user"] == numbered([row[0] for row in rows])
    assert found["song"] == numbered([row[1] for row in rows])


@pytest.mark.parametrize("make", [plain, zipped])
def test_the_file_and_the_archive(tmp_path, make):
    rows = [(USERS[0], SONGS[1], 1), (USERS[0], SONGS[0], 7), (USERS[1], SONGS[1], 2)]
    files = make(tmp_path, written(rows))
    users, songs, source = msd.read(files)
    assert users.tolist() == [0, 0, 1] and songs.tolist() == [0, 1, 0]
    assert (users.dtype, songs.dtype) == (np.int32, np.int32) and [source] == [*files]


GOOD = f"{USERS[0]}\t{SONGS[0]}\t3\n"


@pytest.mark.parametrize(
    "broken",
    [
        "", USERS[0], f"{USERS[0]}\t{SONGS[0]}", f"{USERS[0]}\t{SONGS[0]}\t", f"{USERS[0]}\t{SONGS[0]}\t0",
        f"{USERS[0]}\t{SONGS[0]}\t-1", f"{USERS[0]}\t{SONGS[0]}\t1.5", f"{USERS[0]}\t{SONGS[0]}\t1\t1",
        f"{USERS[0][1:]}\t{SONGS[0]}\t1", f"{USERS[0]}\t{SONGS[0]}x\t1", f"{USERS[0]} {SONGS[0]} 1",
        f"{USERS[0]}\t{SONGS[0]}\t9999999999", f"\t{SONGS[0]}\t1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("make", [plain, zipped])
def test_a_broken_line_is_named(tmp_path, broken, make):
    files = make(tmp_path, (2 * GOOD + (broken or "\n") + "\n" + GOOD).encode())
    with pytest.raises(ValueError, match=r"train_triplets.txt, line 3: '.*', expected a user of 40"):
        msd.read(files)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    line = b"\xff" + f"{USERS[0][1:]}\t{SONGS[0]}\t1\n".encode()
    with pytest.raises(ValueError, match=r"train_triplets.txt, line 2: '.*', expected a user of 40"):
        msd.read(plain(tmp_path, GOOD.encode() + line))


def test_lines_are_counted_over_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(text.blocks, "__defaults__", (100,))
    with pytest.raises(ValueError, match=r"line 31: 'oh'"):
        msd.read(plain(tmp_path, (30 * GOOD + "oh\n" + GOOD).encode()))


def test_an_empty_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"train_triplets.txt, line 1: '', expected a user"):
        msd.read(plain(tmp_path, b""))


def test_an_archive_that_is_broken_or_of_something_else_is_refused(tmp_path):
    files = zipped(tmp_path, "".join(f"{k:040x}\t{SONGS[0]}\t3\n" for k in range(2000)))
    path = files["train_triplets.txt.zip"]
    content = path.read_bytes()
    broken = bytearray(content)
    broken[len(content) // 3 : len(content) // 2] = bytes(len(content) // 2 - len(content) // 3)
    for damaged in (content[:-30], bytes(broken)):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"train_triplets.txt.zip: not a whole archive"):
            msd.read(files)
    with pytest.raises(ValueError, match=r"zip: holds train_triplets.txt 0 times, expected once"):
        msd.read(zipped(tmp_path, GOOD, "other.txt"))
