"""Corollary 5.12 against its definition, and exact Kruskal ranks in time."""

from itertools import product

import numpy as np
import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.records.store import load_records
from fourmasks.sparse.identifiability import corollary
from fourmasks.sparse.identifiability.run_corollary import (
    PARTS,
    PRIME,
    allowed,
    bounded,
    field_kruskal_rank,
    left_factors,
    printed_rank,
    right_factors,
    run_part,
    run_timing,
    uniform_by_definition,
)
from fourmasks.sparse.referees.exhaustive import orbit
from fourmasks.sparse.supports.families import column_sparse, globally_sparse, row_sparse
from fourmasks.sparse.theorems.kruskal import kruskal_rank, required_rank


def slowly_uniform(X, factors):
    """Return whether the right factors with one product are equivalent, by the referee's own orbits."""
    seen = {}
    for Y in factors:
        seen.setdefault((X @ Y.T % PRIME).tobytes(), set()).add(orbit(X, Y, PRIME))
    return all(len(orbits) == 1 for orbits in seen.values())


@pytest.mark.parametrize("rows, columns, height", [(1, 2, 1), (2, 2, 1), (1, 2, 2)])
def test_uniformity_by_definition_is_that_of_single_orbits(rows, columns, height):
    rights = right_factors(height, columns)
    families = [globally_sparse((height, columns), 1), globally_sparse((height, columns), 2)]
    answers = []
    for X, family in product(left_factors(rows, columns), families):
        factors = rights[allowed(rights, family)]
        answers.append(uniform_by_definition(X, factors))
        assert answers[-1] == slowly_uniform(X, factors)
    assert any(answers) and not all(answers)


def test_all_left_factors_are_listed_once():
    assert len(list(left_factors(2, 1))) == 7  # zero, and the 6 lines of the plane over the field of 5
    assert len(list(left_factors(1, 3))) == 4
    assert len(right_factors(2, 1)) == 25 == len({Y.tobytes() for Y in right_factors(2, 1)})


def test_allowed_is_membership_in_the_family():
    rights = right_factors(2, 2)
    for part in PARTS:
        for family in bounded(part, (2, 2)):
            expected = [family.allows(Y) for Y in rights[::7]]
            assert allowed(rights, family)[::7].tolist() == expected
    with pytest.raises(ValueError, match="part = 'rows': expected one of row, column, both, global"):
        bounded("rows", (2, 2))


def test_kruskal_ranks_over_the_field():
    assert field_kruskal_rank(np.array([[1, 0, 1], [0, 1, 1]])) == 2
    assert (
        field_kruskal_rank(np.array([[1, 1], [2, 2]])) == 1 and field_kruskal_rank(np.zeros((2, 1), int)) == 0
    )
    assert field_kruskal_rank(np.array([[1, 0], [0, 1]])) == 2
    for X in list(left_factors(2, 2))[::3]:
        # Small entries: where a determinant is no multiple of 5, the rational rank is the same.
        minor = X[0, 0] * X[1, 1] - X[0, 1] * X[1, 0]
        if minor == 0 or minor % PRIME:
            assert field_kruskal_rank(X) == kruskal_rank(X).value


def test_only_part_iv_fails_and_only_as_printed():
    found = {part: run_part(part, 1, 2, 2)["metrics"] for part in PARTS}
    assert {part: m["printed_contradictions"] for part, m in found.items()} == {
        "row": 0, "column": 0, "both": 0, "global": 1}  # fmt: skip
    assert all(m["mended_contradictions"] == 0 < m["instances"] for m in found.values())


def test_the_printed_corollary():
    assert printed_rank(globally_sparse((2, 3), 1)) == 2 and required_rank(globally_sparse((2, 3), 1)) == 1
    assert printed_rank(globally_sparse((1, 3), 1)) is None and printed_rank(row_sparse((1, 3), 1)) is None
    assert printed_rank(row_sparse((2, 3), 1)) == 2 and printed_rank(column_sparse((2, 3), 1)) == 3
    assert printed_rank(bounded("both", (2, 3))[0]) is None and printed_rank(bounded("both", (2, 3))[1]) == 2


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        config = resolve(corollary.PROFILES, "smoke")
        records = corollary.run(config, "smoke")
        assert {r.key for r in corollary.run(config, "smoke")} == {r.key for r in load_records()}
        yield records


def test_timings_are_of_the_sets_that_decide(made):
    timed = {
        (r.parameters["question"], r.parameters["columns"]): r.metrics
        for r in made
        if r.experiment == corollary.TIMING
    }
    assert all(metrics["cpu_seconds"] > 0 for metrics in timed.values())
    assert timed["rank", 8]["sets"] == 70 and timed["rank", 8]["rank"] == timed["s = 2", 10]["rank"] == 4


def test_timings_go_on_while_the_next_size_fits(monkeypatch, tmp_path):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    sizes = []

    def one_second(question, columns, seed):
        sizes.append(columns)
        return {"metrics": {"cpu_seconds": 1.0, "sets": corollary.sets_of(question, columns), "rank": 1}}

    one_second.__module__ = run_timing.__module__
    monkeypatch.setattr(corollary, "run_timing", one_second)
    monkeypatch.setattr(corollary, "QUESTIONS", ("rank",))
    corollary.run(resolve(corollary.PROFILES, "smoke", sizes=(), limit=3.72), "smoke")
    assert sizes == [8, 10, 12, 14]  # C(16, 8) / C(14, 7) is 3.75


def test_bad_sizes_are_refused():
    with pytest.raises(ValueError, match="size '2x2': expected m x r x n, such as 2x3x1"):
        resolve(corollary.PROFILES, "smoke", sizes="2x2")
