"""The experiment on the gap between Theorems 4.13 and 4.26: what its records hold."""

import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.records.store import load_records
from fourmasks.sparse.gap import plan
from fourmasks.sparse.gap.run import CLASSES, CONTRADICTIONS
from fourmasks.sparse.referees.solution_count import solutions_at_random
from fourmasks.sparse.supports.classes import supports_of
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


def test_shares_of_the_phases_add_up(made):
    found = [r.metrics for r in made if r.experiment == plan.PHASES]
    assert len(found) == 2 * 2 * 2 and all(m["instances"] == 3 for m in found)
    assert all(sum(m[name] for name in CLASSES) == pytest.approx(1) for m in found)
    assert sum(m[name] for m in found for name in CONTRADICTIONS) == 0


def test_the_census_keeps_the_first_of_each_part_of_the_gap(made):
    census = {(*r.parameters["shape"], r.parameters["rank"]): r for r in made if r.experiment == plan.CENSUS}
    assert census[2, 2, 2].metrics["classes"] == 7 and census[2, 3, 2].metrics["unique"] == 1
    for size, part, solutions in (((2, 3, 2), "unique", 1), ((2, 2, 2), "moving", None)):
        sides = (census[size].curves[f"{part}_{side}"] for side in ("rows", "columns"))
        pair = supports_of(*sides, size[2])
        assert pair.shape == size[:2] and solutions_at_random(pair, 1) == solutions
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
