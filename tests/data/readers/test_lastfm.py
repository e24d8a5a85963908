import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fourmasks.data.locate import find
from fourmasks.data.readers import lastfm, text

HEADER = "userID\tartistID\tweight\n"
GOOD = HEADER + "2\t51\t13883\n2\t52\t11690\n"
ids = st.integers(0, 999_999_999)


def plain(path, content):
    (path / "user_artists.dat").write_bytes(content.encode())
    return {"user_artists.dat": path / "user_artists.dat"}


def zipped(path, content):
    path = path / "hetrec2011-lastfm-2k.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("user_artists.dat", content)
        archive.writestr("user_taggedartists.dat", "no")
    return {path.name: path}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    rows=st.lists(
        st.tuples(ids, ids, st.integers(1, 999_999_999)), min_size=1, unique_by=lambda row: row[:2]
    ),
    size=st.integers(1, 100),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_parsing_agrees_with_python_however_the_file_is_cut(tmp_path, rows, size, end):
    content = (HEADER + "".join("\t".join(map(str, row)) + "\n" for row in rows)).replace("\n", end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text.blocks, "__defaults__", (size,))
        *columns, source = lastfm.read(plain(tmp_path, content))
    assert [*zip(*(column.tolist() for column in columns), strict=True)] == rows
    assert {column.dtype for column in columns} == {np.dtype(np.int32)} and source == "user_artists.dat"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_from_the_archive(tmp_path, end, last):
    content = GOOD if last else GOOD.removesuffix("\n")
    users, artists, plays, source = lastfm.read(zipped(tmp_path, content.replace("\n", end)))
    assert users.tolist() == [2, 2] and artists.tolist() == [51, 52] and plays.tolist() == [13_883, 11_690]
    assert source == "hetrec2011-lastfm-2k.zip"


@pytest.mark.parametrize(
    "broken",
    [
        "", "3\t51", "3\t51\t1\t1", "3\t51\t", "\t51\t1", "x\t51\t1", "-3\t51\t1", "3\t-51\t1", "3\t51\t0",
        "3\t51\t-1", "3\t51\t1.5", "3.0\t51\t1", "3\t51\tnan", "3\t99999999999\t1", "3\t51\t99999999999",
        "3 51 1", "3,51,1", '3\t"51"\t1', HEADER.strip(),
    ],
)  # fmt: skip
@pytest.mark.parametrize("make", [plain, zipped])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_broken_line_is_named(tmp_path, broken, make, end):
    content = (GOOD + (broken or "\n") + "\n3\t52\t7\n").replace("\n", end)
    with pytest.raises(
        ValueError, match=r"user_artists.dat, line 4: '.*', expected user, artist and how often"
    ):
        lastfm.read(make(tmp_path, content))


@pytest.mark.parametrize(
    "header", ["", "userID\tartistID\n", "userID artistID weight\n", "userID\tartistID\tweights\n"]
)
def test_another_header_is_refused(tmp_path, header):
    content = header + GOOD.removeprefix(HEADER)
    message = r"user_artists.dat, line 1: '.*', expected 'userID\\tartistID\\tweight'"
    with pytest.raises(ValueError, match=message):
        lastfm.read(plain(tmp_path, content))


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_file_is_refused(tmp_path, content):
    with pytest.raises(ValueError, match=r"user_artists.dat, line 1: '', expected 'userID"):
        lastfm.read(plain(tmp_path, content))


@pytest.mark.parametrize("content", [HEADER, HEADER.strip()])
def test_a_header_alone_is_refused(tmp_path, content):
    with pytest.raises(ValueError, match=r"user_artists.dat, line 1: '', expected user, artist"):
        lastfm.read(plain(tmp_path, content))


def test_a_pair_that_occurs_again_is_refused(tmp_path):
    content = GOOD + "52\t2\t1\n3\t51\t1\n2\t52\t11690\n2\t51\t1\n"
    with pytest.raises(
        ValueError, match=r"dat, line 6: user 2 and artist 52 are on line 3 already, expected every"
    ):
        lastfm.read(plain(tmp_path, content))


def test_lines_are_counted_over_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(text.blocks, "__defaults__", (20,))
    rows = "".join(f"1\t{artist}\t1\n" for artist in range(30))
    with pytest.raises(ValueError, match=r"line 32: 'oh'"):
        lastfm.read(plain(tmp_path, HEADER + rows + "oh\n"))
    with pytest.raises(ValueError, match=r"line 32: user 1 and artist 7 are on line 9 already"):
        lastfm.read(plain(tmp_path, HEADER + rows + "1\t7\t1\n"))


def test_an_archive_without_the_file(tmp_path):
    path = tmp_path / "hetrec2011-lastfm-2k.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("artists.dat", "no")
    with pytest.raises(ValueError, match="holds user_artists.dat 0 times, expected once; get it again"):
        lastfm.read({path.name: path})


def test_a_broken_archive(tmp_path):
    path = tmp_path / "hetrec2011-lastfm-2k.zip"
    path.write_bytes(b"PK")
    with pytest.raises(ValueError, match=r"hetrec2011-lastfm-2k.zip: not a whole archive; delete it"):
        lastfm.read({path.name: path})


@pytest.mark.skipif(not find("lastfm-2k"), reason="lastfm-2k is not on this machine")
def test_the_real_file():
    users, artists, plays, _ = lastfm.read(find("lastfm-2k"))
    assert (len(np.unique(users)), len(np.unique(artists)), len(plays)) == (1_892, 17_632, 92_834)
    assert np.count_nonzero(np.bincount(users) == 50) == 1_829
    assert (plays.min(), plays.max(), np.median(plays)) == (1, 352_698, 260)
