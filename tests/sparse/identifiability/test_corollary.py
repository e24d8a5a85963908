"""Corollary 5.12 against its definition, exact Kruskal ranks in time, and the tables on both."""

from itertools import product

import numpy as np
import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.records.store import load_records
from fourmasks.sparse.gap import figures as gap_figures
from fourmasks.sparse.identifiability import corollary, tables
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


def test_tables_and_sentences(made):
    table = tables.corollary_table(made)
    assert (
        table.loc["(iv) global", "printed_contradictions"] == 1
        and (table["mended_contradictions"] == 0).all()
    )
    timed = tables.timing_table(made)
    assert (timed["cpu_seconds"] > 0).all() and timed.loc[("rank", 8), "sets"] == 70
    assert timed.loc[("rank", 8), "rank"] == 4 and timed.loc[("s = 2", 10), "rank"] == 4


def test_the_limit_decides_what_is_reached():
    def timing(columns, seconds):
        from types import SimpleNamespace

        return SimpleNamespace(
            experiment=corollary.TIMING,
            parameters={"question": "rank", "columns": columns},
            metrics={"cpu_seconds": seconds, "sets": float(corollary.sets_of("rank", columns)), "rank": 4.0},
        )

    records = [timing(8, 1.0), timing(10, 5.0)]
    assert tables.timing_sentences(records, 2.0) == ["rank: 8 columns in 1 s; 10 would take about 3.6 s."]
    assert tables.timing_sentences(records, 0.5) == ["rank: no size within 0.5 s."]


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


def test_seconds_are_drawn(made):
    from matplotlib import pyplot

    table = tables.timing_table(made)
    figure = gap_figures.seconds_by_columns(table, 1.0)
    lines = figure.axes[0].lines
    assert len(lines) == table.index.get_level_values(0).nunique() + 1
    assert lines[0].get_ydata().tolist() == table.loc["rank", "cpu_seconds"].tolist()
    pyplot.close(figure)


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="size '2x2': expected m x r x n, such as 2x3x1"):
        resolve(corollary.PROFILES, "smoke", sizes="2x2")
    with pytest.raises(ValueError, match="limit = 0.0: expected a positive number of seconds"):
        resolve(corollary.PROFILES, "smoke", limit=0.0)
