import gzip
import zipfile

import numpy as np
import pandas as pd
import pyarrow
import pytest
from pyarrow import parquet

from fourmasks.data import own_table
from fourmasks.data.errors import DataNotFound
from fourmasks.data.files import parse
from fourmasks.data.interactions import load_interactions
from fourmasks.data.ratings import load_ratings
from fourmasks.data.times import latest

TEXT = "Customer ID,asin,Stars,timestamp\nann,x1,5,30\nbob,x1,2.5,20\nann,x2,1,10\nzoé,x3,4,40\n"


def write(path, text=TEXT):
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(path, rules=""):
    return own_table.read(parse(f"{path}{rules}"))


def rows(table):
    """Return who gave what how many stars, by the names of the file."""
    users, items = table.user_ids[table.users], table.item_ids[table.items]
    return sorted(
        zip(users.tolist(), items.tolist(), table.values.tolist(), table.times.tolist(), strict=True)
    )


ROWS = [
    ("ann", "x1", 5.0, 30.0),
    ("ann", "x2", 1.0, 10.0),
    ("bob", "x1", 2.5, 20.0),
    ("zoé", "x3", 4.0, 40.0),
]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.parquet", "a.csv.gz", "a.tsv.zip", "a.CSV"])
def test_a_table_is_read_by_any_of_its_formats(tmp_path, name):
    path = tmp_path / name
    if name == "a.parquet":
        pd.read_csv(write(tmp_path / "b.csv")).to_parquet(path)
    else:
        content = (
            (TEXT.replace(",", "\t") if "tsv" in name else TEXT).replace("\n", "\r\n").encode("utf-8-sig")
        )
        if name.endswith(".gz"):
            content = gzip.compress(content)
        if name.endswith(".zip"):
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("folder/a.tsv", content)
        else:
            write(path, content)
    table = read(path)
    assert rows(table) == ROWS
    assert table.users.tolist() == [0, 1, 0, 2] and table.shape == (3, 3)


def test_a_quoted_field_may_hold_the_delimiter_and_a_line_end(tmp_path):
    path = write(tmp_path / "a.csv", 'user,item,rating\n"a, b",1,3\n"c\nd",2,4\ne,3,x\n')
    with pytest.raises(ValueError, match=r"a.csv, line 5: the rating is 'x', expected a finite number"):
        read(path)


def test_columns_may_be_given(tmp_path):
    path = write(tmp_path / "a.csv", "wer,was,nie,note\na,x,0,3\nb,y,0,4\n")
    table = read(path, "?columns=wer:was:note")
    assert table.values.tolist() == [3, 4] and table.user_ids.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="no column of the user among wer, was, nie, note"):
        read(path)
    with pytest.raises(ValueError, match="no column 'wie'; it has wer, was, nie, note"):
        read(path, "?columns=wer:was:wie")


def test_identifiers_of_any_type_in_parquet(tmp_path):
    frame = pd.DataFrame(
        {"user_id": [10**15, 7, 10**15], "item": pd.Categorical(["b", "a", "a"]), "rating": [1, 2, 3]}
    )
    frame.to_parquet(tmp_path / "a.parquet")
    table = read(tmp_path / "a.parquet")
    assert table.user_ids.tolist() == [str(10**15), "7"] and table.item_ids.tolist() == ["b", "a"]
    assert table.values.dtype == np.float32 and table.times is None


@pytest.mark.parametrize(
    ("rule", "value"), [("last", [1, 3.0]), ("mean", [1, 2.5])]
)  # the later one in time stands first in the file
def test_duplicates(tmp_path, rule, value):
    path = write(tmp_path / "a.csv", "user,item,rating,time\na,x,3,9\na,x,2,5\nb,y,1,0\n")
    table = read(path, f"?duplicates={rule}")
    assert sorted(table.values.tolist()) == value and len(table.users) == 2
    with pytest.raises(ValueError, match=r"a.csv, line 3: this user and item occur before: 'a,x,2,5'"):
        read(path)


BAD = {
    "a.csv": [
        (
            "user;item;rating\na;b;1\n",
            "line 1: 'user;item;rating' with ';' between the columns, expected ','",
        ),
        ("user\na\nb\n", "with one column"),
        ("user,item,rating\n", "no rows"),
        ("user,item,rating\na,x,1\n,y,2\n", "line 3: ',y,2' has no user"),
        ("user,item,rating\na,x,1\n\nb, ,2\n", "line 4: 'b, ,2' has no item"),
        ("user,item,rating\na,x,1\nb,y,nan\n", "line 3: the rating is 'nan'"),
        ("user,item,rating\na,x,1\nb,y,inf\n", "line 3: the rating is 'inf'"),
        ("user,item,rating\na,x,1\nb,y\n", "line 3: the rating is ''"),
        ("user,item,rating\na,x,1\nb,y,1,5\n", "line 3: .*expected as many columns as the header"),
        ("user,item,rating\na,x,1\na,y,2\n", "the only user is 'a'"),
        ("user,item,rating\na,x,1\nb,x,2\n", "the only item is 'x'"),
        ('"user","item","rating"\n"1",17,3,5\n', "line 2: '1,17,3,5' has 4 fields and the header 3"),
        ("user,item,rating\na,x,1\nb,y,1e39\n", "line 3: the rating is '1e39', expected a finite number, of"),
        ('user,item,rating\na,x,1\n\n"b,y,2\nc,z,3\n', "line 4: a quote in the row that begins here is not"),
        (f'user,item,rating\n"{"a" * 200_000}",x,1\nb,y,?\n', "line 3: the rating is '\\?'"),
        ("user,user,item,rating\na,b,x,1\n", "2 columns are called 'user': expected one"),
        ("user,item,film,rating\na,x,y,1\n", "item and film may both be the item"),
        (b"user,item,rating\na,x,1\nb\xe9,y,2\n", r"line 3: b'\\xe9,y,2\\n' is not UTF-8"),
        (b"user,item,rating\na,x,1\0\n", "holds bytes that no text has"),
    ],
    "a.parquet": [(b"PAR1 or not", "cannot be read as Parquet")],
    "a.csv.gz": [(gzip.compress(TEXT.encode(), mtime=0)[:-9], "not a whole archive")],
    "a.zip": [(b"PK\3\4", "not a whole archive")],
}


@pytest.mark.parametrize(("name", "text", "message"), [(name, *case) for name in BAD for case in BAD[name]])
def test_a_bad_file_is_refused_by_name_line_and_value(tmp_path, name, text, message):
    with pytest.raises(ValueError, match=f"{name}.*{message}"):
        read(write(tmp_path / name, text))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"user": [["a"], ["b"]]}, r"row 1: user is .*a.*, expected one number or word"),
        ({"item": [{"id": 1}, {"id": 2}]}, "row 1: item is .*expected one number or word"),
        ({"rating": [[1], [2]]}, "row 1: rating is .*expected one number or word"),
        (
            {"time": pd.to_datetime(["2020-01-01", None])},
            "row 2: the time is 'NaT', expected a finite number",
        ),
    ],
)
def test_bad_columns_of_parquet_are_refused(tmp_path, changed, message):
    frame = pd.DataFrame({"user": ["a", "b"], "item": ["x", "y"], "rating": [1, 2]} | changed)
    frame.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=f"a.parquet, {message}"):
        read(tmp_path / "a.parquet")


def test_columns_of_parquet_with_one_name_are_refused_where_they_are_used(tmp_path):
    names = ["user", "item", "rating", "note", "note"]
    columns = [pyarrow.array(values) for values in (["a", "b"], ["x", "y"], [1, 2], [0, 0], [0, 0])]
    parquet.write_table(pyarrow.table(columns, names), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").values.tolist() == [1, 2]
    with pytest.raises(ValueError, match="a.parquet: 2 columns are called 'note': expected one"):
        read(tmp_path / "a.parquet", "?columns=user:item:note")


def test_the_index_of_a_data_frame_is_read(tmp_path):
    frame = pd.DataFrame({"user": ["a", "b"], "item": ["x", "y"], "rating": [1, 2]})
    frame.set_index(["user", "item"]).to_parquet(tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").item_ids.tolist() == ["x", "y"]


def test_the_types_that_recbole_adds_to_names_are_ignored(tmp_path):
    path = write(tmp_path / "a.tsv", "user_id:token\titem_id:token\trating:float\na\tx\t1\nb\ty\t2\n")
    assert read(path).values.tolist() == [1, 2]


def test_a_delimiter_at_the_end_of_each_line_is_no_column(tmp_path):
    assert read(write(tmp_path / "a.csv", "user,item,rating\na,x,1,\nb,y,2,\n")).values.tolist() == [1, 2]


def test_lines_may_end_in_carriage_returns(tmp_path):
    assert rows(read(write(tmp_path / "a.csv", TEXT.replace("\n", "\r")))) == ROWS


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(DataNotFound, match="a.csv: is a folder, expected a file"):
        read(tmp_path / "a.csv")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataNotFound, match="none.csv: no such file"):
        read(tmp_path / "none.csv")


def many(n_users=12, n_items=9, stars=5):
    return "user,item,rating\n" + "".join(
        f"u{u},i{i},{1 + (u + i) % stars}\n" for u in range(n_users) for i in range(n_items)
    )


def test_ratings_of_a_file(tmp_path):
    path = write(tmp_path / "a.csv", many())
    ratings = load_ratings(str(path))
    assert ratings.shape == (12, 9) and ratings.scale == (1, 5) and ratings.kind == "real"
    assert ratings.name == str(path) and ratings.source == "a.csv"
    assert ratings.user_ids.tolist() == [f"u{u}" for u in range(12)] and ratings.item_ids[8] == "i8"
    wider = load_ratings(f"{path}?scale=0:5")
    assert wider.scale == (0, 5) and wider.sha256 != ratings.sha256
    with pytest.raises(ValueError, match="a.csv: a rating is 5, expected 1 to 4"):
        load_ratings(f"{path}?scale=1:4")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (many(stars=1), "all ratings are 1: expected different ones"),
        ("user,item\na,x\nb,y\n", "no column of ratings"),
        ("user,item,rating\na,x,1\nb,y,2\n", "no user has 3 ratings"),
    ],
)
def test_ratings_that_cannot_be_predicted(tmp_path, text, message):
    with pytest.raises(ValueError, match=f"a.csv: {message}"):
        load_ratings(str(write(tmp_path / "a.csv", text)))


def test_the_latest_rating_of_each_user_by_the_times_of_a_file(tmp_path):
    path = write(
        tmp_path / "a.csv",
        "user,item,rating,date\nb,x,1,2024-05-01\na,x,2,2024-01-02\na,y,3,2023-12-31\na,z,4,2020-01-01\n",
    )
    assert latest(load_ratings(str(path))).tolist() == [0, 1]
    assert latest(load_ratings(str(write(tmp_path / "b.csv", many())))) is None


def test_interactions_of_a_file(tmp_path):
    path = write(tmp_path / "a.csv", many())
    liked = [sum((u + i) % 5 >= 3 for i in range(9)) for u in range(12)]  # 4 of 5 and more
    matrix = load_interactions(f"{path}?least_items=3").matrix
    assert sorted(np.diff(matrix.indptr)) == sorted(n for n in liked if n >= 3)
    assert load_interactions(f"{path}?threshold=1").matrix.nnz == 12 * 9
    found = load_interactions(f"{path}?least_items=3")
    assert found.user_ids.tolist() == [f"u{u}" for u in range(12)]
    liked_of_first = [found.item_ids[i] for i in found.matrix[[0]].indices]
    assert liked_of_first == [f"i{i}" for i in range(9) if (int(found.user_ids[0][1:]) + i) % 5 >= 3]
    plays = write(tmp_path / "b.csv", many().replace(",rating", ",plays").replace(",5\n", ",50\n"))
    assert load_interactions(str(plays)).matrix.nnz == 12 * 9, "only a highest of 5 looks like stars"
    with pytest.raises(ValueError, match="0 users have 5 rows rated 9 and more: expected 10|no user is left"):
        load_interactions(f"{path}?threshold=9")


def test_too_few_users_to_hold_some_out(tmp_path):
    path = write(tmp_path / "a.csv", many(n_users=9))
    with pytest.raises(ValueError, match="a.csv: 9 users have 5 rows rated 1 and more: expected 10"):
        load_interactions(f"{path}?threshold=1")
    with pytest.raises(ValueError, match="no column of ratings that threshold = 3 could be for"):
        load_interactions(
            f"{write(tmp_path / 'b.csv', 'user,item' + chr(10) + 'a,x' + chr(10) + 'b,y')}?threshold=3"
        )
