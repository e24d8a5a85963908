"""Rules that hold for verdicts on all claims: nothing but effect, spread and number of splits decides."""

import math
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.claims.files import Claim
from fourmasks.claims.statistics import LEVEL, estimate, holm
from fourmasks.claims.verdicts import LEAST_SPLITS, NUMBERS, Evidence, gather, judge

METHODS = ("mmf", "svd", "mf")
BUDGETS = (10, 20)

# Thousandths, so that no rounding of floats makes a spread of what has none.
thousandths = st.integers(1, 1000).map(lambda n: n / 1000)
near = st.integers(-3, 3).map(lambda n: n / 1000)


@st.composite
def worlds(draw):
    """A metric by method, budget and seed: near a mean of its own for each method and budget."""
    n = draw(st.integers(1, 8))
    spread = draw(st.sampled_from([0, 1, 10, 100]))
    return {
        (method, budget): [
            draw(thousandths) + 1 if spread == 100 else base + spread * draw(near) for _ in range(n)
        ]
        for method in METHODS
        for budget in BUDGETS
        for base in [1 + draw(thousandths)]
    }


@st.composite
def tables(draw):
    """Some claims of one table, of different forms."""
    number = 1 + draw(thousandths)
    rival = draw(st.none() | thousandths.map(lambda one: 2.5 + one))
    direction = draw(st.sampled_from(["decrease", "increase"]))
    svd = [{"method": "svd"}]
    made = [
        claim("value", number, match={"method": "mmf", "budget": 10}),
        claim("value", number, match={"method": "mmf", "budget": 10}, rival=rival),
        claim("value", number, match={"method": "svd", "budget": 20}, overlap=0.1),
        claim("gain", 100 * number - 150, match={"method": "mmf", "budget": 20}, baselines=svd),
        claim("order", "better", baselines=[*svd, {"method": "mf"}], over=["budget"], rival=rival),
        claim("order", "better", baselines=svd, over=["budget"], overlap=0.25),
        claim("bound", "near", baselines=svd, over=["budget"], between=[0.8, 1.25]),
        claim("trend", "grows", along="budget"),
        claim("trend", "grows", along="budget", baselines=svd),
    ]
    chosen = draw(st.lists(st.sampled_from(made), min_size=1, max_size=6))
    return [replace(one, direction=direction, id=f"claim-{i}") for i, one in enumerate(chosen)]


def claim(form, reported, **fields):
    common = {"paper": "mmf", "id": "x", "place": "Table 3", "kind": "experiment", "protocol": "p"}
    found = {"metric": "error", "experiment": "mmf/x", "match": {"method": "mmf"}}
    return Claim(**common | found | {"form": form, "reported": reported} | fields)


def records(world):
    return [
        SimpleNamespace(
            experiment="mmf/x",
            metrics={"error": float(value)},
            parameters={"method": method, "budget": budget, "seed": seed},
            data_sha256="0",
        )
        for (method, budget), values in world.items()
        for seed, value in enumerate(values)
    ]


def findings(table, found):
    return judge([gather(one, found) for one in table])


def verdicts(table, found):
    return [one.verdict for one in findings(table, found)]


# ---- what must not matter ----


@given(tables(), worlds(), st.sampled_from([2**-7, 4, 2**10]))
def test_the_unit_of_the_metric_does_not_matter(table, world, unit):
    """Powers of two, which lose no digit."""
    other = {place: [unit * value for value in values] for place, values in world.items()}
    scaled = [
        one
        if one.form == "gain" or one.form not in NUMBERS and one.rival is None
        else replace(
            one,
            reported=unit * one.reported if one.form == "value" else one.reported,
            rival=one.rival and unit * one.rival,
        )
        for one in table
    ]
    assert verdicts(table, records(world)) == verdicts(scaled, records(other))


@given(tables(), worlds(), st.randoms(use_true_random=False))
def test_the_numbering_of_seeds_and_the_order_of_records_do_not_matter(table, world, random):
    n = len(world["mmf", 10])
    order = random.sample(range(n), n)
    other = records({place: [values[i] for i in order] for place, values in world.items()})
    random.shuffle(other)
    before, after = findings(table, records(world)), findings(table, other)
    assert [one.verdict for one in before] == [one.verdict for one in after]
    assert [one.further for one in before] == [one.further for one in after]
    for one, same in zip(before, after, strict=True):
        assert one.p_adjusted == pytest.approx(same.p_adjusted, abs=1e-12)


@given(tables(), worlds(), st.permutations(["ours", "theirs", "zzz"]))
def test_names_of_methods_and_claims_do_not_matter(table, world, names):
    """Not even if the names of the method and of its rivals are exchanged along with their numbers."""
    called = dict(zip(METHODS, names, strict=True))

    def renamed(match):
        return match | {"method": called[match["method"]]}

    other = {(called[method], budget): values for (method, budget), values in world.items()}
    numbers = count(100, -7)
    table_2 = [
        replace(
            one, id=f"{next(numbers)}", paper="pia", method="any", headline=True, kind="theory",
            match=renamed(one.match), baselines=[renamed(baseline) for baseline in one.baselines],
        )
        for one in table
    ]  # fmt: skip
    assert verdicts(table, records(world)) == verdicts(table_2, records(other))


@given(tables(), worlds(), st.randoms(use_true_random=False))
def test_the_order_of_claims_in_a_table_does_not_matter(table, world, random):
    order = random.sample(range(len(table)), len(table))
    found, other = (
        verdicts(claims, records(world)) for claims in (table, [table[number] for number in order])
    )
    assert other == [found[number] for number in order]


@given(worlds(), st.floats(0, 0.5))
def test_exchanging_two_methods_turns_the_order_about(world, overlap):
    """Whose method the paper's is gives it no advantage: at most one of two opposite orders is reproduced."""
    one = claim("order", "better", baselines=[{"method": "svd"}], over=["budget"], overlap=overlap)
    other = replace(one, match={"method": "svd"}, baselines=[{"method": "mmf"}])
    here, there = (findings([claim_], records(world))[0].verdict for claim_ in (one, other))
    assert (here, there) != ("reproduced", "reproduced")
    exchanged = {("svd" if m == "mmf" else "mmf" if m == "svd" else m, b): v for (m, b), v in world.items()}
    assert findings([one], records(exchanged))[0].verdict == there


# ---- what is needed ----


@given(tables(), worlds())
def test_what_is_reproduced_has_enough_splits_and_lies_in_its_range(table, world):
    for one, found in zip(table, findings(table, records(world)), strict=True):
        low, high = found.evidence.between
        if found.verdict == "reproduced":
            least = min(cell.n_seeds for cell in found.evidence.estimates)
            assert least >= (LEAST_SPLITS if one.form in NUMBERS else 2)
            assert all(low < cell.mean < high for cell in found.evidence.estimates)
            assert found.p_adjusted <= LEVEL
        if found.verdict == "not reproduced":
            assert not all(low < cell.mean < high for cell in found.evidence.estimates)
            assert found.p_against <= LEVEL


@given(tables(), worlds())
def test_no_claim_is_both_reproduced_and_not(table, world):
    for found in findings(table, records(world)):
        if found.p_adjusted is None:
            assert found.verdict == "inconclusive" and found.evidence.p is None
            continue
        assert max(found.p_adjusted, found.p_against) > LEVEL
        assert found.p_adjusted >= found.evidence.p and found.p_against >= found.evidence.p_against


@given(tables(), worlds())
def test_of_one_run_nothing_is_decided_unless_it_is_exact(table, world):
    single = records({place: values[:1] for place, values in world.items()})
    assert set(verdicts(table, single)) == {"inconclusive"}
    exact = [replace(one, exact=True) for one in table]
    assert set(verdicts(exact, single)) <= {"reproduced", "not reproduced"}


@given(tables(), worlds())
def test_only_the_inconclusive_say_how_many_more_splits_they_need(table, world):
    for one, found in zip(table, findings(table, records(world)), strict=True):
        if found.verdict != "inconclusive":
            assert found.further is None
        elif found.further is not None:
            assert found.further >= 1
            least = min(cell.n_seeds for cell in found.evidence.estimates)
            low, high = found.evidence.between
            if one.form in NUMBERS and low < found.evidence.estimate.mean < high:
                assert least + found.further >= LEAST_SPLITS


@settings(max_examples=50)
@given(worlds())
def test_as_many_splits_more_do_settle_a_claim_that_stands_alone(world):
    """With mean and spread as they are: judged again on that number of splits it is settled."""
    for one in (
        claim("order", "better", baselines=[{"method": "svd"}], over=["budget"]),
        claim("bound", "near", over=["budget"], between=[1.2, 1.6]),
    ):
        (found,) = findings([one], records(world))
        if found.verdict != "inconclusive" or found.further is None or found.evidence.p is None:
            continue

        def again(more, found=found):
            cells = tuple(replace(cell, n_seeds=cell.n_seeds + more) for cell in found.evidence.estimates)
            return judge([replace(found.evidence, estimates=cells)])[0].verdict

        assert again(found.further) != "inconclusive"
        assert found.further == 1 or again(found.further - 1) == "inconclusive"


# ---- several claims: Holm ----


@given(tables(), tables(), worlds())
def test_further_claims_in_a_table_only_make_it_stricter(table, more, world):
    alone, together = (findings(claims, records(world)) for claims in (table, [*table, *more]))
    for before, after in zip(alone, together, strict=False):
        assert after.verdict in (before.verdict, "inconclusive")
        if before.p_adjusted is not None:
            assert after.p_adjusted >= before.p_adjusted and after.p_against >= before.p_against


def evidence(values):
    found = estimate(values)
    return Evidence((found,), (0.0, math.inf), 0, False, False, 0.0, 2, ("",), ())


@given(st.lists(st.lists(thousandths.map(lambda one: one - 0.4), min_size=2, max_size=5), max_size=8))
def test_adjusted_values_are_holms(samples):
    table = [evidence(values) for values in samples]
    found = judge(table)
    assert [one.p_adjusted for one in found] == holm([one.p for one in table])
    assert [one.p_against for one in found] == holm([one.p_against for one in table])


def test_what_has_no_test_is_not_counted_by_holm():
    tested, single = evidence([0.1, 0.3, 0.2]), evidence([0.1])
    exact = replace(tested, exact=True)
    alone, among = judge([tested])[0], judge([single, exact, tested, exact])
    assert among[2] == alone and alone.p_adjusted == tested.p
    assert [one.p_adjusted for one in among[:2]] == [None, None]


def test_claims_that_are_all_false_are_seldom_reproduced_anywhere_in_a_table():
    """Twenty claims with means on their boundary: in one table in twenty one of them seems to hold."""
    rng = np.random.default_rng(0)
    tables = rng.normal(0, 1, (500, 20, 6)).tolist()
    wrong = [any(f.verdict == "reproduced" for f in judge([evidence(v) for v in table])) for table in tables]
    assert np.mean(wrong) == pytest.approx(LEVEL, abs=0.025)
    raw = [[evidence(values).p for values in table] for table in tables[:100]]
    assert np.mean([min(p) <= LEVEL for p in raw]) > 0.5  # as many would without the adjustment
