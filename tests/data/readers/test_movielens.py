import zipfile
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from fourmasks.data.readers.movielens import parse, read_100k, read_dat, read_parquet

PATH = Path("some") / "ratings.dat"
WHOLE = b"196\t242\t3\t881250949\n186\t302\t3\t891717742\n22\t377\t1\t878887116\n244\t51\t2\t880606923\n"
LINES = WHOLE.splitlines(keepends=True)
TESTS = {f"u{k}.test": LINES[k % 4] + LINES[(k + 1) % 4] for k in range(1, 6)}
# As in ml-10m.zip: whole stars without a point.
DAT = b"1::122::5::838985046\n1::185::4.5::838983525\n2::122::0.5::868245645\n"


def folder(path, members):
    for name, content in members.items():
        (path / name).write_bytes(content)
    return {name: path / name for name in members}


def archive(path, members):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return {path.name: path}


numbers = st.integers(0, 10**18 - 1)
stars = st.sampled_from(["0.5", "1", "1.5", "2", "3.0", "4.5", "5"])


@given(
    separator=st.sampled_from(["\t", "::"]),
    rows=st.lists(st.tuples(numbers, numbers, stars, numbers), min_size=1),
    between=st.sampled_from(["\n", "\r\n"]),
    ended=st.booleans(),
)
def test_parsing_agrees_with_python(separator, rows, between, ended):
    content = between.join(separator.join(map(str, row)) for row in rows) + between * ended
    users, items, ratings = parse(content.encode(), separator, PATH)
    assert (users.dtype, items.dtype, ratings.dtype) == (np.int64, np.int64, np.float32)
    assert users.tolist() == [row[0] for row in rows]
    assert items.tolist() == [row[1] for row in rows]
    assert ratings.tolist() == [float(row[2]) for row in rows]


@pytest.mark.parametrize(
    "broken",
    [
        "", "1::2::3", "1::2::3::4::5", "1::2::3::4::", "::2::3::4", "1::2::::4", "1:2:3:4:5:6:7",
        "1::2::3:4", "1\t2\t3\t4", "1::2.5::3::4", "1::2::3.::4", "1::2::3.5.5::4", "1::2::-1::4",
        "1::2::nan::4", "1::2::3::4 ", "user::item::rating::time",
        "1::2::3::9999999999999999999", "1::2::3::é",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["", "\n5::6::2::8\n"])
def test_a_broken_line_is_named(broken, end):
    content = DAT + (broken or "\n").encode() + end.encode()
    with pytest.raises(ValueError, match=r"ratings.dat, line 4: '.*', expected user, item, rating and time"):
        parse(content, "::", PATH)


def test_a_file_without_a_line_is_refused():
    with pytest.raises(ValueError, match="ratings.dat, line 1: '', expected"):
        parse(b"", "::", PATH)


def test_a_long_broken_line_is_cut_short():
    with pytest.raises(ValueError) as raised:
        parse(DAT + b"x" * 10**6, "::", PATH)
    assert len(str(raised.value)) < 300


def test_100k_from_the_folder_and_from_the_archive(tmp_path):
    files = folder(tmp_path, {"u.data": WHOLE, "u.item": b"1|Toy Story", "u1.base": b""} | TESTS)
    members = {f"ml-100k/{name}": content for name, content in ({"u.data": WHOLE} | TESTS).items()}
    members |= {"ml-100k/": b"", "ml-100k/ua.test": b"no", "ml-100k/u.item": b"1|Toy Story"}
    zipped = archive(tmp_path / "ml-100k.zip", members)
    for given_files, name in ((files, "u.data"), (zipped, "ml-100k.zip")):
        (users, items, ratings), tests, source = read_100k(given_files)
        assert source == name
        assert users.tolist() == [196, 186, 22, 244] and items.tolist() == [242, 302, 377, 51]
        assert ratings.tolist() == [3, 3, 1, 2]
        assert {name: positions.tolist() for name, positions in tests.items()} == {
            "u1": [1, 2], "u2": [2, 3], "u3": [0, 3], "u4": [0, 1], "u5": [1, 2],
        }  # fmt: skip


@pytest.mark.parametrize("line", ["196\t242\t4\t881250949", "196\t302\t3\t1", "999\t999\t3\t1", "1\t1\t3\t1"])
def test_a_test_rating_that_is_not_among_all_is_named(tmp_path, line):
    files = folder(tmp_path, {"u.data": WHOLE} | TESTS | {"u3.test": LINES[0] + line.encode()})
    user, item, stars, _ = line.split("\t")
    message = rf"u3.test, line 2: user {user} and item {item} do not have the rating {stars} in u.data"
    with pytest.raises(ValueError, match=message):
        read_100k(files)


def test_a_file_that_the_archive_lacks_is_named(tmp_path):
    members = {f"ml-100k/{name}": content for name, content in TESTS.items()}
    with pytest.raises(ValueError, match="ml-100k.zip: u.data is not in it"):
        read_100k(archive(tmp_path / "ml-100k.zip", members))


def test_a_broken_line_in_an_archive_is_named(tmp_path):
    files = archive(tmp_path / "ml-10m.zip", {"ml-10M100K/ratings.dat": DAT + b"1:2"})
    with pytest.raises(ValueError, match=r"ml-10m.zip.ratings.dat, line 4: '1:2'"):
        read_dat(files)


def test_ratings_dat_from_the_folder_and_from_the_archive(tmp_path):
    files = folder(tmp_path, {"ratings.dat": DAT, "users.dat": b"1::F::1::10::48067"})
    members = {"ml-10M100K/ratings.dat": DAT, "ml-10M100K/tags.dat": b"no", "ml-10M100K/README.html": b""}
    zipped = archive(tmp_path / "ml-10m.zip", members)
    for given_files, name in ((files, "ratings.dat"), (zipped, "ml-10m.zip")):
        (users, items, ratings), source = read_dat(given_files)
        assert source == name
        assert users.tolist() == [1, 1, 2] and items.tolist() == [122, 185, 122]
        assert ratings.tolist() == [5, 4.5, 0.5]


def table(**columns):
    default = {"user_id": np.int16([1, 1, 3]), "item_id": np.int16([7, 9, 7]), "rating": np.int8([5, 1, 3])}
    return pyarrow.table({name: column for name, column in (default | columns).items() if column is not None})


def test_parquet(tmp_path):
    parquet.write_table(table(), tmp_path / "ratings.parquet")
    users, items, ratings = read_parquet(tmp_path / "ratings.parquet")
    assert (users.dtype, items.dtype, ratings.dtype) == (np.int64, np.int64, np.float32)
    assert users.tolist() == [1, 1, 3] and items.tolist() == [7, 9, 7] and ratings.tolist() == [5, 1, 3]


@pytest.mark.parametrize("column", [None, [1, None, 3]])
@pytest.mark.parametrize("name", ["user_id", "item_id", "rating"])
def test_parquet_without_a_column_or_with_gaps_in_it_is_refused(tmp_path, name, column):
    parquet.write_table(table(**{name: column}), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=f"a.parquet: expected a column '{name}' without gaps"):
        read_parquet(tmp_path / "a.parquet")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"user_id,item_id,rating\n1,1,5\n"])
def test_what_is_not_parquet_is_refused(tmp_path, content):
    (tmp_path / "a.parquet").write_bytes(content)
    with pytest.raises(ValueError, match="a.parquet: cannot be read as Parquet"):
        read_parquet(tmp_path / "a.parquet")
