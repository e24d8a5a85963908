from pathlib import Path

import pytest

from fourmasks.data import interactions, matrices, ratings
from fourmasks.data.errors import DataNotFound
from fourmasks.data.files import FILE, check_name, entry, is_file, parse, suffix, with_rules


@pytest.mark.parametrize(
    "name", ["a.csv", "/b/a.tsv", "a.parquet", "a.csv.gz", "a.zip", "a.npy", "a.csv?scale=1:5"]
)
def test_names_of_files(name):
    assert is_file(name) and entry(name) == (name, FILE)


@pytest.mark.parametrize("name", ["ml-1m", "ratings.dat", "csv", ""])
def test_names_of_none(name):
    assert not is_file(name) and entry(name) == (name, name)
    with pytest.raises(
        ValueError, match=r"unknown ratings .*expected one of ml-10m\..*Or the name of a file"
    ):
        check_name("ratings", name, ["ml-10m", FILE])


def test_each_table_of_loaders_has_the_entry_for_files():
    for table in (ratings.LOADERS, interactions.LOADERS, matrices.REAL):
        assert FILE in table
    for names in (ratings.rating_names, interactions.interaction_names, matrices.matrix_names):
        assert FILE not in names()


def test_rules():
    name = with_rules("a.csv", {"columns": "u,i,r", "duplicates": "last", "scale": "1,5", "least_items": 3})
    assert name == "a.csv?columns=u:i:r&duplicates=last&scale=1:5&least_items=3"
    found = parse(with_rules(name, {"threshold": 3.5}))
    assert found.columns == ("u", "i", "r") and found.duplicates == "last" and found.scale == (1, 5)
    assert found.threshold == 3.5 and found.least_items == 3 and suffix(found.path) == ".csv"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.csv?skale=1:5", "unknown rule 'skale'.*Did you mean 'scale'"),
        ("a.csv?scale=5:1", "scale = '5:1': expected the lowest and the highest rating, as 1,5"),
        ("a.csv?scale=1", "scale = '1'"),
        ("a.csv?duplicates=first", "duplicates = 'first': expected one of error, last, mean"),
        ("a.csv?columns=a", "columns = 'a'"),
        ("a.csv?columns=a:a", "columns = 'a:a'"),
        ("a.csv?threshold=nan", "threshold = 'nan': expected a number"),
        ("a.csv?least_items=0", "least_items = '0': expected a whole number from 1 on"),
    ],
)
def test_bad_rules_are_refused(name, message):
    with pytest.raises(ValueError, match=message):
        parse(name)


def test_rules_are_for_files():
    with pytest.raises(ValueError, match="columns: is for a file of your own, and ml-1m is none"):
        with_rules("ml-1m", {"columns": "a,b"})


def test_a_file_is_looked_for_before_any_work(tmp_path):
    with pytest.raises(DataNotFound, match=f"dataset: there is no file {tmp_path}/a.csv"):
        check_name("dataset", f"{tmp_path}/a.csv?scale=1:5", ["ml-1m"])
    (tmp_path / "a.csv").touch()
    check_name("dataset", f"{tmp_path}/a.csv", ["ml-1m"])


@pytest.mark.parametrize(
    ("load", "name", "message"),
    [
        (ratings.load_ratings, "a.csv?threshold=3", "threshold has no meaning .*columns, duplicates, scale"),
        (ratings.load_ratings, "a.csv?least_items=3", "least_items has no meaning"),
        (interactions.load_interactions, "a.csv?scale=1:5", "scale has no meaning .*threshold, least_items"),
        (matrices.load_matrix, "a.npy?columns=a:b", "columns has no meaning .*expected no rules"),
    ],
)
def test_a_rule_without_a_meaning_is_refused(load, name, message):
    with pytest.raises(ValueError, match=message):
        load(name)


def test_a_folder_may_have_a_question_mark_in_its_name():
    name = "/q?d/a.csv"
    assert is_file(name) and parse(name).path == Path(name)
    found = parse(with_rules(name, {"columns": "u/v,i"}))
    assert found.path == Path(name) and found.columns == ("u/v", "i")
