import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fourmasks.data.readers import movielens_csv, text

HEADER = "userId,movieId,rating,timestamp\n"
numbers = st.integers(0, 999_999_999)
stars = st.sampled_from(["0.5", "1", "1.5", "3.5", "4.0", "4.5", "5"])


def plain(path, content):
    (path / "ratings.csv").write_bytes(content.encode())
    return {"ratings.csv": path / "ratings.csv"}


def zipped(path, content):
    path = path / "ml-20m.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ml-20m/ratings.csv", content)
        archive.writestr("ml-20m/tags.csv", "no")
    return {path.name: path}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    rows=st.lists(st.tuples(numbers, numbers, stars, numbers), min_size=1),
    size=st.integers(1, 100),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_parsing_agrees_with_python_however_the_file_is_cut(tmp_path, rows, size, end):
    content = (HEADER + "".join(",".join(map(str, row)) + "\n" for row in rows)).replace("\n", end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text.blocks, "__defaults__", (size,))
        users, items, source = movielens_csv.read(plain(tmp_path, content), 4)
    kept = [row for row in rows if float(row[2]) >= 4]
    assert users.tolist() == [row[0] for row in kept] and items.tolist() == [row[1] for row in kept]
    assert (users.dtype, items.dtype, source) == (np.int32, np.int32, "ratings.csv")


def test_from_the_archive(tmp_path):
    users, items, source = movielens_csv.read(zipped(tmp_path, HEADER + "1,2,3.5,7\n1,29,4.0,7\n"), 3.5)
    assert users.tolist() == [1, 1] and items.tolist() == [2, 29] and source == "ml-20m.zip"


@pytest.mark.parametrize(
    "broken",
    [
        "", "1,2,3.5", "1,2,3.5,4,5", "1,2,,4", "x,2,3.5,4", "-1,2,3.5,4", "1,2,0,4", "1,2,5.5,4",
        "1,2,3.7,4", "1,2,nan,4", "1.0,2,3.5,4", "1,99999999999,3.5,4", '1,"2",3.5,4', "1;2;3.5;4",
        "1,2,3.5,-4",
    ],
)  # fmt: skip
@pytest.mark.parametrize("make", [plain, zipped])
def test_a_broken_line_is_named(tmp_path, broken, make):
    content = HEADER + "1,2,3.5,7\n1,29,4.0,7\n" + (broken or "\n") + "\n1,3,5.0,7\n"
    with pytest.raises(ValueError, match=r"ratings.csv, line 4: '.*', expected user, item, rating from 0.5"):
        movielens_csv.read(make(tmp_path, content), 4)


@pytest.mark.parametrize("content", ["", "1,2,3.5,7\n", "userId,movieId,tag,timestamp\n1,2,3.5,7\n"])
def test_another_header_is_refused(tmp_path, content):
    with pytest.raises(ValueError, match=r"ratings.csv, line 1: '.*', expected 'userId,movieId,rating,time"):
        movielens_csv.read(plain(tmp_path, content), 4)


@pytest.mark.parametrize("content", [HEADER, HEADER.strip()])
def test_a_header_alone_is_refused(tmp_path, content):
    with pytest.raises(ValueError, match=r"ratings.csv, line 1: '', expected user, item"):
        movielens_csv.read(plain(tmp_path, content), 4)
