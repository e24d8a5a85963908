"""Which records are drawn to be made again."""

from collections import Counter
from dataclasses import replace

import pytest

from fourmasks.records.samples import draw, seed_of_today
from fourmasks.records.store import Record

ONE = Record(
    experiment="sparse/a", profile="paper", parameters={"seed": 0}, metrics={"error": 1.0}, curves={},
    seconds=1.0, peak_memory_mb=1.0, device="cpu", threads=1, versions={}, machine={}, commit="abc",
    function="f", code="c", confirmed={}, data_sha256="d", created="2026-01-01T00:00:00+00:00",
)  # fmt: skip
RECORDS = [
    replace(ONE, experiment=f"sparse/{name}", parameters={"seed": seed}, seconds=seconds)
    for name, n, seconds in (("a", 50, 1.0), ("b", 5, 10.0), ("c", 2, 100.0))
    for seed in range(n)
]


def experiments(sample):
    return Counter(record.experiment for record in sample.records)


def test_each_experiment_comes_in_turn_and_a_seed_draws_the_same():
    assert experiments(draw(RECORDS, seed=1, n=6)) == {"sparse/a": 2, "sparse/b": 2, "sparse/c": 2}
    assert sorted(experiments(draw(RECORDS, seed=1, n=9)).values()) == [2, 3, 4]
    drawn = draw(RECORDS, seed=1, n=6).records
    assert drawn == draw(RECORDS[::-1], seed=1, n=6).records != draw(RECORDS, seed=2, n=6).records
    assert len(draw(RECORDS, seed=1).records) == len(RECORDS)
    assert 20260101 < seed_of_today() < 99991231


@pytest.mark.parametrize("seed", range(5))
def test_a_budget_holds_and_what_does_not_fit_is_passed_over(seed):
    sample = draw(RECORDS, seed=seed, budget=40.0)
    assert 30.0 < sum(record.seconds for record in sample.records) <= 40.0
    assert experiments(sample)["sparse/c"] == 0 < experiments(sample)["sparse/b"]
    assert experiments(draw(RECORDS, seed=seed, budget=39.0))["sparse/b"] == 0  # a quarter each at most
    (left,) = sample.left_out.values()
    assert len(left) + len(sample.records) == len(RECORDS)


def test_what_cannot_be_made_here_is_left_out_with_the_reason():
    sample = draw(RECORDS, seed=0, unfit={record.key: "no data" for record in RECORDS[:50]})
    assert experiments(sample) == {"sparse/b": 5, "sparse/c": 2} and len(sample.left_out["no data"]) == 50


@pytest.mark.parametrize("wrong", [{"n": 0}, {"budget": -1.0}])
def test_a_sample_of_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="expected a positive number"):
        draw(RECORDS, seed=0, **wrong)
