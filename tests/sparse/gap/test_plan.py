"""The experiment on the gap between Theorems 4.13 and 4.26, and what its tables add up."""

import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.records.store import load_records
from fourmasks.sparse.gap import plan, tables
from fourmasks.sparse.referees.solution_count import solutions_at_random
from fourmasks.sparse.theorems.closure import closable
from fourmasks.sparse.theorems.necessary import generic_conditions


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        config = resolve(plan.PROFILES, "smoke", laws="entries,columns", census="2x2x2,2x3x2")
        records = plan.run(config, "smoke")
        assert {r.key for r in plan.run(config, "smoke")} == {r.key for r in load_records()}
        yield records


def test_the_tables_add_up(made):
    frame = tables.phases(made)
    assert len(frame) == 2 * 2 * 2 and frame["contradictions"].sum() == 0
    totals = tables.totals(frame)
    phases = totals[["closable", "isolated", "moving", "crowded"]].sum(axis=1)
    assert (totals["instances"] == 12).all() and (phases == totals["instances"]).all()
    assert tables.phases([]).empty and tables.census_table([]).empty


def test_the_census_and_the_smallest_of_the_gap(made):
    table = tables.census_table(made)
    assert table.loc[(2, 2, 2), "classes"] == 7 and table.loc[(2, 3, 2), "unique"] == 1
    smallest = tables.smallest_examples(made)
    assert {name: pair.shape for name, pair in smallest.items()} == {"unique": (2, 3), "moving": (2, 2)}
    assert [solutions_at_random(pair, 1) for pair in smallest.values()] == [1, None]
    for pair in smallest.values():
        assert not closable(pair).holds and generic_conditions(pair).holds


@pytest.mark.parametrize(
    "size, message",
    [
        ("3x2x2", "'3x2x2': expected positive numbers, not more rows than columns"),
        ("2x2", "'2x2': expected rows x columns x atoms, such as 2x3x2"),
    ],
)
def test_bad_sizes_are_refused(size, message):
    with pytest.raises(ValueError, match=message):
        resolve(plan.PROFILES, "smoke", census=size)
