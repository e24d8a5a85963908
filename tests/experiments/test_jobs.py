"""Jobs: each planned run once, in an order that compares methods on one seed; each record once."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fourmasks.experiments import jobs
from fourmasks.experiments.jobs import planned, run_jobs
from fourmasks.records.store import Record

RECORD = Record(
    experiment="mmf/ratings", profile="book", parameters={"seed": 0}, metrics={}, curves={}, seconds=1.0,
    peak_memory_mb=1.0, device="cpu", threads=1, versions={}, commit="abc", source="s", module="m",
    data_sha256="0" * 64, created="2026-01-01T00:00:00+00:00",
)  # fmt: skip
NAMES = st.lists(st.sampled_from("abcd"), unique=True, max_size=4)


def record(seed, experiment="mmf/ratings"):
    return replace(RECORD, parameters={"seed": seed}, experiment=experiment)


@given(
    NAMES,
    NAMES,
    st.integers(0, 4),
    st.dictionaries(st.tuples(*[st.sampled_from("abcd")] * 2), st.integers(0, 5)),
)
def test_every_run_is_planned_once_and_all_methods_of_a_seed_together(datasets, methods, seeds, fewer):
    found = list(planned(datasets, methods, seeds, fewer))
    expected = {
        (dataset, method, seed)
        for dataset in datasets
        for method in methods
        for seed in range(min(seeds, fewer.get((dataset, method), seeds)))
    }
    assert len(found) == len(expected) and set(found) == expected
    places = [(datasets.index(dataset), seed, methods.index(method)) for dataset, method, seed in found]
    assert places == sorted(places)


def test_without_exceptions_all_get_all_seeds():
    assert list(planned(["a"], ["x", "y"], 2)) == [("a", "x", 0), ("a", "y", 0), ("a", "x", 1), ("a", "y", 1)]


def test_records_come_once_in_the_order_of_their_first_job():
    searched = record(9, "mmf/search")
    found = run_jobs([2, 0, 1], lambda seed: [searched, record(seed)], "counting")
    assert found == [searched, record(2), record(0), record(1)]
    assert run_jobs([0, 0], record, "counting") == [record(0)]
    assert run_jobs([], record, "counting") == []


def test_the_bar_shows_the_texts_of_a_job(monkeypatch):
    shown = []

    class Bar:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            shown.append("end")

        def set_postfix_str(self, text):
            shown.append(text)

        def update(self):
            shown.append("step")

    monkeypatch.setattr(
        jobs, "progress", lambda total, description: shown.append((total, description)) or Bar()
    )
    run_jobs(["one", ("two", 3, {"method": "four", "rank": 5})], lambda job: [], "counting")
    assert shown == [(2, "counting"), "one", "step", "two four", "step", "end"]
