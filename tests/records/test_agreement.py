"""By which word a rerun compares with its record."""

from dataclasses import replace

import pytest

from fourmasks.records.agreement import (
    BITS,
    DIFFERS,
    FACTOR,
    ROUNDING,
    SPREAD,
    UNJUDGED,
    Spreads,
    agreement,
    same_place,
)
from fourmasks.records.store import Record

MACHINE = {"processor": "A", "system": "Linux", "blas": "openblas 1, openblas 2"}
ONE = Record(
    experiment="mmf/ratings", profile="paper", parameters={"epochs": 5, "method": "a", "seed": 0},
    metrics={"test_rmse": 1.0, "test_mae": 0.7, "epochs": 4.0, "n_parameters": 100.0, "fit_seconds": 1.0},
    curves={"loss": [2.0, 1.5]}, seconds=1.0, peak_memory_mb=1.0, device="cpu", threads=1,
    versions={"torch": "2"}, machine=MACHINE, commit="abc", function="f", code="c", confirmed={},
    data_sha256="d", created="2026-01-01T00:00:00+00:00",
)  # fmt: skip


def varied(record, seed, **metrics):
    return replace(record, parameters=record.parameters | {"seed": seed}, metrics=record.metrics | metrics)


SEEDS = [
    varied(ONE, seed, test_rmse=1.0 + shift, test_mae=0.7 + shift)
    for seed, shift in enumerate((0.0, 2e-3, 1e-3))
]


def rerun(record=ONE, curves=None, **metrics):
    """Return what a rerun gives that differs in some metrics, and in its time."""
    now = record.metrics | {"fit_seconds": 9.0} | metrics
    return {"metrics": now, "curves": record.curves if curves is None else curves}


def word(found, record=ONE, records=SEEDS, same=False):
    return agreement(record, found, Spreads(records), same).word


def test_equal_bits_are_told_without_times():
    assert word(rerun()) == word(rerun(), same=True) == BITS


def test_on_the_same_machine_nothing_else_agrees():
    last_digit = rerun(test_rmse=1.0 + 1e-15)
    assert (word(last_digit, same=True), word(last_digit)) == (DIFFERS, ROUNDING)
    other_curve = rerun(curves={"loss": [2.0, 1.6]})
    assert (word(other_curve, same=True), word(other_curve)) == (DIFFERS, ROUNDING)


def test_elsewhere_the_spread_over_seeds_decides():
    found = agreement(ONE, rerun(test_rmse=1.002, test_mae=0.702), Spreads(SEEDS), False)
    assert found.word == SPREAD and found.metric == "test_mae" and set(found.off) == {"test_rmse", "test_mae"}
    assert found.off["test_rmse"]["tolerance"] == pytest.approx(FACTOR * 1e-3 / 2**0.5)
    assert word(rerun(test_rmse=1.01, test_mae=0.71)) == DIFFERS


def test_a_spread_is_no_smaller_than_is_usual_in_its_experiment():
    close = [varied(ONE, seed, test_rmse=1.0) for seed in range(3)]
    others = [
        replace(one, parameters=one.parameters | {"method": method}) for one in SEEDS for method in "bcd"
    ]
    assert Spreads(close).tolerance(ONE, "test_rmse") == 0.0
    usual = Spreads([*close, *others]).tolerance(ONE, "test_rmse")
    assert usual == pytest.approx(FACTOR * 0.001, rel=1e-2)


def test_what_is_usual_is_taken_from_settings_that_are_most_alike():
    """Of a method on the same data, where there are enough; else of the same data; else of all."""

    def spread(by, n, **changed):
        return [
            replace(one, parameters=one.parameters | changed | {"rank": rank}, metrics={"test_rmse": value})
            for rank in range(n)
            for one, value in zip(SEEDS, (1.0, 1.0 + by, 1.0 - by), strict=True)
        ]

    record = replace(ONE, parameters=ONE.parameters | {"dataset": "x"}, metrics={"test_rmse": 1.0})
    elsewhere = spread(0.001, 9, dataset="y")
    beside = spread(0.01, 4, dataset="x", method="b")
    alike = spread(0.1, 3, dataset="x")
    for others, expected in (
        (elsewhere, 0.001),
        (elsewhere + beside, 0.01),
        (elsewhere + beside + alike, 0.1),
        (elsewhere + beside + alike[:6], 0.01),  # two settings are not enough
    ):
        found = Spreads([record, *others]).tolerance(record, "test_rmse")
        assert found == pytest.approx(FACTOR * expected, rel=0.01)


@pytest.mark.parametrize("fits", [True, False])
def test_what_measures_rounding_may_be_ten_times_larger_or_smaller_on_another_machine(fits):
    parameters = ONE.parameters if fits else {"statement": "overlap", "seed": 0}
    metrics = {"largest_error_float32": 1e-6, "log_gap": -3.0, "largest_error": 1e-6}
    one = replace(ONE, parameters=parameters, metrics=metrics, curves={})
    assert word(rerun(one, largest_error_float32=9e-6), one) == SPREAD
    assert word(rerun(one, largest_error_float32=2e-7, log_gap=-2.1), one) == SPREAD
    assert word(rerun(one, largest_error_float32=1.1e-5), one) == DIFFERS
    assert word(rerun(one, largest_error_float32=0.9e-7), one) == DIFFERS
    assert word(rerun(one, largest_error_float32=1.01e-6), one, same=True) == DIFFERS
    assert word(rerun(one, log_gap=-1.9), one) == DIFFERS
    assert word(rerun(one, largest_error=1.01e-6), one) == DIFFERS


def test_a_wrong_record_does_not_widen_its_own_tolerance():
    wrong = varied(ONE, 0, test_rmse=1.01, test_mae=0.71)
    assert word(rerun(), wrong, [wrong, *SEEDS[1:]]) == DIFFERS


def test_what_no_seed_changes_must_be_equal():
    assert word(rerun(n_parameters=101.0, test_rmse=1.001, test_mae=0.701)) == DIFFERS


def test_one_number_does_not_change_alone():
    wide = [ONE, varied(ONE, 1, test_rmse=1.2), varied(ONE, 2, test_rmse=0.8)]
    found = agreement(ONE, rerun(test_rmse=1.01), Spreads(wide), False)
    assert (found.word, found.why) == (DIFFERS, "test_rmse differs alone")
    assert word(rerun(test_rmse=1.0001), records=wide) == SPREAD  # as when a place in a ranking changes
    assert word(rerun(test_rmse=1.01, curves={"loss": [2.0, 1.6]}), records=wide) == SPREAD
    measured = varied(ONE, 0, error_float32=1e-6)  # that rounding is another excuses nothing else
    assert word(rerun(measured, test_rmse=1.01, error_float32=2e-6), measured, wide) == DIFFERS


def test_a_metric_belongs_to_its_curve():
    ends = replace(ONE, curves={"rmse": [1.3, 1.1]}, metrics={"test_rmse": 1.1, "epochs": 2.0})
    wide = [ends, varied(ends, 1, test_rmse=1.5), varied(ends, 2, test_rmse=0.7)]
    now = {"metrics": {"test_rmse": 1.15, "epochs": 2.0}, "curves": {"rmse": [1.3, 1.15]}}
    assert word(now, ends, wide) == SPREAD
    wrong = varied(ends, 0, test_rmse=1.1 * 1.01)
    found = agreement(wrong, now, Spreads(wide), False)
    assert (found.word, found.why) == (DIFFERS, "test_rmse does not belong to its curve")


def test_a_count_is_whole_and_what_fits_nothing_is_exact():
    wide = [ONE, varied(ONE, 1, epochs=9.0, test_mae=0.8), varied(ONE, 2, epochs=2.0, test_mae=0.6)]
    found = agreement(varied(ONE, 0, epochs=4.04, test_mae=0.71), rerun(), Spreads(wide), False)
    assert (found.word, found.why) == (DIFFERS, "epochs is a count")
    exact = [replace(one, parameters={"seed": seed}, curves={}) for seed, one in enumerate(wide)]
    assert word(rerun(exact[0], test_mae=0.71), exact[0], exact) == DIFFERS
    assert word(rerun(exact[0], test_mae=0.7 + 1e-9), exact[0], exact) == ROUNDING


def test_without_seeds_a_training_cannot_be_judged_and_the_rest_must_be_equal():
    trained = replace(ONE, experiment="mmf/pilot")
    assert word(rerun(test_rmse=1.01, test_mae=0.71), trained, [trained]) == UNJUDGED
    exact = replace(trained, parameters={"example": "2.1"})
    assert word(rerun(test_rmse=1.01, test_mae=0.71), exact, [exact]) == DIFFERS
    assert word(rerun(test_rmse=1.0 + 1e-9), exact, [exact]) == ROUNDING


def test_a_trial_takes_the_spread_of_the_final_runs():
    trial = replace(ONE, experiment="mmf/ratings-search", metrics={"validation_rmse": 0.9})
    own = Spreads([*SEEDS, trial]).tolerance(trial, "validation_rmse")
    assert own == pytest.approx(FACTOR * 0.9 * 0.001, rel=1e-2)
    found = {"metrics": {"validation_rmse": 0.901}, "curves": {"loss": [2.0, 1.6]}}
    assert word(found, trial, [*SEEDS, trial]) == SPREAD
    assert word({**found, "metrics": {"validation_rmse": 0.91}}, trial, [*SEEDS, trial]) == DIFFERS


def test_other_numbers_differ_and_times_alone_cannot_be_judged():
    assert word(rerun(curves={})) == word({"metrics": {}, "curves": ONE.curves}) == DIFFERS
    assert word(rerun(), replace(ONE, experiment="mmf/timing")) == UNJUDGED


def test_the_same_place_is_machine_versions_and_the_libraries_that_both_have_loaded():
    assert same_place(ONE, MACHINE, {"torch": "2"})
    assert same_place(ONE, MACHINE | {"blas": "openblas 2"}, {"torch": "2"})
    for other in ({"blas": "openblas 2, mkl"}, {"processor": "B"}, {"system": "Darwin"}):
        assert not same_place(ONE, MACHINE | other, {"torch": "2"})
    assert not same_place(ONE, MACHINE, {"torch": "3"})
    assert not same_place(replace(ONE, machine={}), MACHINE, {"torch": "2"})
    assert not same_place(replace(ONE, device="cuda (H)"), MACHINE, {"torch": "2"})
