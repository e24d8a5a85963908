"""The tables of the masks, from small runs."""

import pytest

from fourmasks.four.masks import plan, tables


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        return plan.run(plan.Config(families=("cosine", "triangle"), ranks=(3,)), "smoke")


def test_freedom_stands_beside_that_of_plain_factors(records):
    table = tables.beyond(tables.points(records), "fixed")
    assert list(table.columns) == ["K = 1", "K = 2", "R² − R"]
    assert table.loc[("cosine", 3)].tolist() == ["6", "0", 6]
    low, high = (int(end) for end in table.loc[("triangle", 3), "K = 1"].split(" to "))
    assert 6 < low < high


def test_triangles_are_counted_by_condition(records):
    table = tables.triangles(records)
    assert table.loc["no pivot is zero"].tolist() == ["4 of 4"] * 4
    assert table.loc["one pivot is zero", tables.WORDS["necessary"]] == "0 of 4"


def test_cut_masks_are_counted_by_family_and_rank(records):
    table = tables.supports(records)
    assert table.loc[("triangle", 3)].tolist()[1:] == ["2 of 2"] * 3
    assert 0 < table.loc[("cosine", 3), tables.WORDS["density"]] <= 1


def test_inputs_stand_by_what_is_masked(records):
    table = tables.inputs(records)
    assert table.loc[("half of the items kept", 3)].tolist() == ["0", "6"]
    assert int(table.loc[("no mask", 3)].iloc[0].split(" ")[0]) > 0


def test_there_may_be_no_runs():
    assert tables.beyond(tables.points([]), "fixed").empty and tables.triangles([]).empty
    assert tables.supports([]).empty and tables.inputs([]).empty
