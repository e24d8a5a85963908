"""The gap between Theorems 4.13 and 4.26: classes of supports, numbers of solutions, the experiment."""

from itertools import permutations, product

import numpy as np
import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.records.store import load_records
from fourmasks.sparse.gap import figures, plan, tables
from fourmasks.sparse.gap.run import (
    covered,
    drawn,
    parameters,
    run_census,
    run_phases,
    shared_entries,
    sorted_out,
)
from fourmasks.sparse.referees.jacobian import jacobian_rank
from fourmasks.sparse.referees.solution_count import count_zeros, solutions_at_random
from fourmasks.sparse.referees.symbolic import example_supports as squares
from fourmasks.sparse.supports.classes import support_classes, supports_of
from fourmasks.sparse.supports.instances import example_supports
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.random_instances import random_supports
from fourmasks.sparse.theorems.closure import closable
from fourmasks.sparse.theorems.necessary import generic_conditions

CROSS = SupportPair([[1, 0], [1, 1]], [[0, 1], [1, 1]])
SIDES = [[1, 1, 0], [1, 0, 1], [0, 1, 1]]
TRIANGLE = SupportPair(SIDES, SIDES)


def canonical(pair):
    """Return the same for pairs of one class, and for those only: the slow way."""
    sides = [[side[:, list(order)].tolist() for side in (pair.left, pair.right)]
             for order in permutations(range(pair.rank))]  # fmt: skip
    variants = [tuple(tuple(map(tuple, sorted(side))) for side in both) for both in sides]
    square = pair.shape[0] == pair.shape[1]
    return min(variants + [variant[::-1] for variant in variants] if square else variants)


@pytest.mark.parametrize("shape, rank", [((1, 2), 2), ((2, 2), 2), ((2, 3), 2), ((3, 3), 2), ((2, 2), 3)])
def test_one_pair_of_supports_for_each_class(shape, rank):
    listed = [canonical(supports_of(*types, rank)) for types in support_classes(shape, rank)]
    kinds = range(1, 2**rank)
    every = (
        supports_of(rows, columns, rank)
        for rows in product(kinds, repeat=shape[0])
        for columns in product(kinds, repeat=shape[1])
    )
    used = {canonical(p) for p in every if p.left.any(axis=0).all() and p.right.any(axis=0).all()}
    assert len(listed) == len(set(listed)) and set(listed) == used


def test_too_many_classes_are_refused():
    with pytest.raises(ValueError, match="candidates for .9, 9., rank 4: expected at most 3000000"):
        next(support_classes((9, 9), 4))


# ---- numbers of solutions ----


def test_zeros_are_counted_from_leading_monomials():
    assert count_zeros([(2, 0), (1, 1), (0, 3)]) == 4  # 1, x, y, y²
    assert count_zeros([(1, 0), (1, 1)]) is None


def test_the_three_examples_of_the_gap():
    found = [
        solutions_at_random(supports, seed) for supports in (squares(), TRIANGLE, CROSS) for seed in (1, 2)
    ]
    assert found == [1, 1, 2, 2, None, None]
    for supports in (squares(), TRIANGLE, CROSS):
        assert not closable(supports).holds and generic_conditions(supports).holds
    assert [jacobian_rank(s).freedom for s in (squares(), TRIANGLE, CROSS)] == [0, 0, 1]
    assert solutions_at_random(example_supports(), 1) == 1


def test_the_triangles_second_solution_is_the_other_root():
    """Going round the triangle with fractions leads back to both roots, and to no third number."""
    rng = np.random.default_rng(0)
    X, Y = (np.where(TRIANGLE.left, rng.uniform(0.5, 2, (3, 3)), 0) for _ in range(2))
    Z = X @ Y.T

    def round_trip(t):
        at_33 = Z[0, 2] * Z[2, 0] / (Z[0, 0] - t)
        at_22 = Z[1, 2] * Z[2, 1] / (Z[2, 2] - at_33)
        return Z[0, 1] * Z[1, 0] / (Z[1, 1] - at_22)

    M = np.eye(2)  # the matrix of the fraction, step by step
    for numerator, level in (
        (Z[0, 2] * Z[2, 0], Z[0, 0]),
        (Z[1, 2] * Z[2, 1], Z[2, 2]),
        (Z[0, 1] * Z[1, 0], Z[1, 1]),
    ):
        M = np.array([[0, numerator], [-1, level]]) @ M
    roots = np.roots([M[1, 0], M[1, 1] - M[0, 0], -M[0, 1]])
    assert np.allclose([round_trip(root) for root in roots], roots)
    assert np.abs(roots - X[0, 0] * Y[0, 0]).min() < 1e-12 and abs(roots[0] - roots[1]) > 1e-3


# ---- trials ----


def test_phases_are_one_of_four_and_contradict_nothing():
    rng = np.random.default_rng(3)
    for law in ("entries", "columns"):
        for _ in range(60):
            supports = drawn(rng, (5, 4), 3, rng.uniform(0.1, 0.9), law)
            found = sorted_out(supports, 0)
            assert sum(found[name] for name in ("closable", "isolated", "moving", "crowded")) == 1
            assert not found["sufficient_contradictions"] and not found["necessary_contradictions"]
            # What counting excludes, the Jacobian excludes as well.
            assert found["countable"] or jacobian_rank(supports).freedom > 0


def test_counts_of_the_example():
    supports = example_supports()
    masks = supports.masks().sum(axis=0)
    assert parameters(supports) == 8 + 7 - 3 == jacobian_rank(supports).parameters - 3
    assert (
        covered(supports) == (masks > 0).sum() and shared_entries(supports) == np.maximum(masks - 1, 0).sum()
    )


def test_the_laws_of_random_supports():
    rng = np.random.default_rng(4)
    for density in (0.1, 0.4, 0.9):
        left = drawn(rng, (10, 6), 7, density, "columns").left
        assert (left.sum(axis=0) == max(1, round(10 * density))).all()
    shares = [drawn(rng, (40, 40), 40, 0.3, "entries").left.mean() for _ in range(5)]
    assert abs(np.mean(shares) - 0.3) < 0.03
    with pytest.raises(ValueError, match="law = 'rows': expected one of entries, columns"):
        drawn(rng, (2, 2), 1, 0.5, "rows")
    assert random_supports(rng, (2, 2), 1, 1.0).masks().all()


def test_the_census_finds_the_smallest_examples():
    found = {size: run_census(*plan.census_size(size), 0) for size in ("2x2x2", "2x3x2", "3x3x3")}
    assert found["2x2x2"]["metrics"]["moving"] == 3 and found["2x2x2"]["metrics"]["sufficient_is_tight"]
    assert found["2x3x2"]["metrics"]["isolated"] == found["2x3x2"]["metrics"]["unique"] == 1
    large = found["3x3x3"]["metrics"]
    assert large["classes"] == sum(large[name] for name in ("closable", "isolated", "moving", "crowded"))
    assert (large["several"], large["most"]) == (1, 2) and large["unique"] + 1 == large["isolated"]
    assert not large["sufficient_is_tight"] and not large["necessary_is_tight"]
    curves = found["3x3x3"]["curves"]
    triangle = supports_of(curves["several_rows"], curves["several_columns"], 3)
    assert canonical(triangle) == canonical(TRIANGLE)


def test_trials_are_repeated_to_the_bit(one_thread):
    arguments = ([4, 4], 3, 0.5, "entries", 10, 7)
    assert run_phases(*arguments) == run_phases(*arguments)
    assert run_census([2, 3], 2, 1) == run_census([2, 3], 2, 1)


# ---- experiment and report ----


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        config = resolve(plan.PROFILES, "smoke", laws="entries,columns", census="2x2x2,2x3x2")
        yield run_twice(config)


def run_twice(config):
    records = plan.run(config, "smoke")
    assert {r.key for r in plan.run(config, "smoke")} == {r.key for r in load_records()}
    return records


def test_the_tables_add_up(made):
    frame = tables.phases(made)
    assert len(frame) == 2 * 2 * 2 and frame["contradictions"].sum() == 0
    part = frame[frame["law"] == "entries"]
    table = tables.phase_table(part)
    assert table.groupby(level=["size", "atoms"]).sum().isin([99, 100, 101]).all(axis=None)
    totals = tables.totals(frame)
    phases = totals[["closable", "isolated", "moving", "crowded"]].sum(axis=1)
    assert (totals["instances"] == 12).all() and (phases == totals["instances"]).all()
    assert sum("in the gap" in sentence for sentence in tables.gap_sentences(frame)) == 2
    assert tables.phases([]).empty


def test_the_sentences_say_what_the_shares_are():
    import pandas as pd

    cell = {"law": "entries", "size": 4, "atoms": 2, "density": 0.5, "instances": 10, "contradictions": 0}
    shares = {"closable": 0.4, "isolated": 0.1, "moving": 0.2, "crowded": 0.3, "countable": 0.7}
    frame = pd.DataFrame([cell | shares])
    assert tables.gap_sentences(frame) == [
        "entries, 4 x 4: 3 of 10 tuples are in the gap (30%), 1 of them (33%) with isolated solutions.",
        "  Theorem 4.26 sees 4 of 5 tuples with isolated solutions.",
        "  Theorem 4.13 sees 3 of 5 tuples whose solutions move.",
    ]
    counted = tables.counting_sentence(frame)
    assert "Of 5 tuples whose solutions move 3 have more" in counted and "2 keep the conditions" in counted
    none = pd.DataFrame([cell | {"closable": 1.0, "isolated": 0, "moving": 0, "crowded": 0, "countable": 1}])
    assert tables.gap_sentences(none) == ["entries, 4 x 4: 0 of 10 tuples are in the gap."]


def test_the_census_table_and_the_smallest(made):
    table = tables.census_table(made)
    assert table.loc[(2, 2, 2), "classes"] == 7 and table.loc[(2, 3, 2), "unique"] == 1
    smallest = tables.smallest_examples(made)
    assert list(smallest) == ["unique", "moving"]
    assert canonical(smallest["unique"]) == canonical(squares())
    assert canonical(smallest["moving"]) == canonical(CROSS)


def test_the_maps_show_the_shares(made):
    from matplotlib import pyplot

    frame = tables.phases(made)
    part = frame[frame["law"] == "columns"]
    figure = figures.phase_maps(part)
    shown = [int(text.get_text()) for text in figure.axes[0].texts]
    expected = part.pivot_table(index="atoms", columns="density", values="closable").to_numpy().ravel()
    assert shown == [round(100 * share) for share in expected]
    pyplot.close(figure)


@pytest.mark.parametrize(
    "option, message",
    [
        ({"census": "3x2x2"}, "'3x2x2': expected positive numbers, not more rows than columns"),
        ({"census": "2x2"}, "'2x2': expected rows x columns x atoms, such as 2x3x2"),
        ({"densities": (0.0,)}, "expected more than 0, at most 1"),
        ({"ranks": (0,)}, "ranks = .0,.: expected at least 1"),
        ({"sizes": ()}, "sizes is empty"),
        ({"instances": 0}, "instances = 0: expected at least 1"),
        ({"seed": -1}, "seed = -1: expected at least 0"),
    ],
)
def test_bad_options_are_refused(option, message):
    with pytest.raises(ValueError, match=message):
        resolve(plan.PROFILES, "smoke", **option)
