"""Plans: each run made once, trials before what rests on them, and nothing made of a plan that is wrong."""

from dataclasses import dataclass, replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.experiments import plan
from fourmasks.experiments.plan import NO_DATA, Run, Search, carry_out, chosen, grid
from fourmasks.experiments.profiles import Options, option, threads_option
from fourmasks.records.store import load_records

NAMES = st.lists(st.sampled_from("abcd"), unique=True, max_size=4)
DIGEST = "0" * 64


@dataclass(frozen=True)
class Config(Options):
    threads: int = threads_option()


@dataclass(frozen=True)
class WithoutThreads(Options):
    epochs: int = option(1, least=1, help="passes over the data")


made = []


def fit(method, seed, rank=0):
    made.append((method, seed, rank))
    if method == "broken":
        raise RuntimeError("it broke")
    return {"metrics": {"error": abs(rank - 3), "threads": torch.get_num_threads()}}


def fit_on_device(seed, device):
    made.append((seed, str(device)))
    return {"metrics": {"error": seed}}


def run(method, seed=0, rank=0, experiment="demo/finals"):
    return Run(experiment, fit, {"method": method, "seed": seed, "rank": rank}, DIGEST)


def search(method, ranks=(2, 3, 5), seed=0):
    """Return the search for a rank, and the run with the best."""
    trials = [run(method, rank=rank, experiment="demo/trials") for rank in ranks]
    return Search(trials, lambda tried: run(method, seed, **chosen(tried, "error", ["rank"], lowest=True)))


@pytest.fixture(autouse=True)
def records(tmp_path, monkeypatch, one_thread):
    """An empty folder of records; what is made is noted in `made`."""
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    made.clear()
    return tmp_path


def test_each_run_is_made_once_and_its_record_comes_where_it_first_came():
    found = carry_out((run(method) for method in "xyx"), Config(), "smoke")
    assert [record.parameters["method"] for record in found] == ["x", "y"]
    assert made == [("x", 0, 0), ("y", 0, 0)]
    assert {(record.experiment, record.profile, record.data_sha256) for record in found} == {
        ("demo/finals", "smoke", DIGEST)
    }
    assert carry_out([], Config(), "smoke") == []


def test_runs_on_a_file_of_ones_own_are_never_among_the_books_records(tmp_path, monkeypatch):
    monkeypatch.delenv("FOURMASKS_RECORDS")
    monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))
    parameters = {"method": "x", "seed": 0}
    for dataset in ("/home/me/mine.csv?scale=1:5", "ml-1m"):
        run = Run(
            "demo/finals", lambda dataset, **rest: fit(**rest), parameters | {"dataset": dataset}, DIGEST
        )
        carry_out([run], Config(), "paper")
    kept = {folder: load_records(directory=tmp_path / folder) for folder in ("runs", "data")}
    assert [r.parameters["dataset"][-5:] for records in kept.values() for r in records] == ["e=1:5", "ml-1m"]


def test_a_run_without_data_says_so():
    (record,) = carry_out([Run("demo/finals", fit, {"method": "x", "seed": 0})], Config(), "smoke")
    assert record.data_sha256 == NO_DATA


def test_trials_come_before_the_run_that_rests_on_them():
    found = carry_out([run("first"), search("x", seed=7)], Config(), "smoke")
    assert made == [("first", 0, 0), ("x", 0, 2), ("x", 0, 3), ("x", 0, 5), ("x", 7, 3)]
    assert [record.experiment for record in found] == ["demo/finals", *["demo/trials"] * 3, "demo/finals"]


def test_trials_that_follow_from_others_are_made_until_there_is_no_new_one(records):
    def further(tried):
        best = chosen(tried, "error", ["rank"], lowest=True)["rank"]
        return [run("a", rank=rank, experiment="demo/trials") for rank in (best - 1, best, best + 1)]

    job = replace(search("a", ranks=(0, 7)), further=further)
    found = carry_out([job], Config(), "smoke")
    assert [rank for _, _, rank in made] == [0, 7, -1, 1, 2, 3, 4, 3]
    assert found[-1].experiment == "demo/finals" and found[-1].parameters["rank"] == 3
    made.clear()
    assert carry_out([job], Config(), "smoke") == found and made == []


def test_trials_that_searches_share_are_made_once():
    found = carry_out([search("x", seed=seed) for seed in (0, 1)], Config(), "smoke")
    assert made == [("x", 0, 2), ("x", 0, 3), ("x", 0, 5), ("x", 0, 3), ("x", 1, 3)]
    assert len(found) == 5


def test_a_search_without_trials_is_its_run():
    (record,) = carry_out([search("x", ranks=())], Config(), "smoke")
    assert record.parameters == {"method": "x", "seed": 0, "rank": 0}


@pytest.mark.parametrize("profile", ["smoke", "paper"])
def test_a_killed_plan_goes_on_where_it_stopped(profile):
    with pytest.raises(RuntimeError, match="it broke"):
        carry_out([search("x"), run("broken"), run("y")], Config(), profile)
    assert len(load_records()) == 4
    made.clear()
    found = carry_out([search("x"), run("y")], Config(), profile)
    assert made == [("y", 0, 0)]
    assert carry_out([search("x"), run("y")], Config(), profile) == found and len(made) == 1


def test_a_wrong_plan_makes_nothing(records):
    def wrong():
        yield run("x")
        raise ValueError("rank = 9: expected fewer")

    with pytest.raises(ValueError, match="rank = 9"):
        carry_out(wrong(), Config(), "smoke")
    with pytest.raises(ValueError, match="unknown profile 'papr'"):
        carry_out([run("x")], Config(), "papr")
    with pytest.raises(ValueError, match="device 'abacus': expected"):
        carry_out([run("x")], Config(), "smoke", "abacus")
    assert made == [] and list(records.iterdir()) == []


def test_threads_are_those_of_the_configuration_or_one():
    torch.set_num_threads(2)
    of = [carry_out([run(str(n))], config, "smoke")[0].threads
          for n, config in enumerate([Config(threads=0), Config(threads=3), WithoutThreads()])]  # fmt: skip
    assert of == [2, 3, 1]


def test_a_device_goes_to_the_runs_that_take_it():
    plan = [run("x"), Run("demo/finals", fit_on_device, {"seed": 4}, DIGEST, on_device=True)]
    found = carry_out(plan, Config(), "smoke", torch.device("cpu"))
    assert made == [("x", 0, 0), (4, "cpu")]
    assert [record.parameters for record in found][1] == {"seed": 4}
    made.clear()
    carry_out([replace(plan[1], parameters={"seed": 5})], Config(), "smoke")
    assert made == [(5, "cpu")]


def test_a_record_notes_the_device_of_its_run(monkeypatch):
    asked = []
    monkeypatch.setattr(plan, "resolve_device", lambda device: asked.append(device))
    monkeypatch.setattr(
        plan, "run_or_load", lambda *args, device, **rest: asked.append(device) or args[1]["seed"]
    )
    on_device = Run("demo/finals", fit_on_device, {"seed": 4}, on_device=True)
    assert carry_out([run("x"), on_device], Config(), "smoke", "cuda:1") == [0, 4]
    assert asked == ["cuda:1", "cpu", "cuda:1"]


def test_the_bar_counts_runs_and_shows_their_texts(monkeypatch):
    shown = []

    class Bar:
        total = 3

        def __enter__(self):
            return self

        def __exit__(self, *error):
            shown.append("end")

        def set_postfix_str(self, text):
            shown.append(text)

        def update(self):
            shown.append("step")

    monkeypatch.setattr(plan, "progress", lambda total, name: shown.append((total, name)) or Bar())
    nested = Run(
        "demo/finals", lambda **given: {"metrics": {}}, {"a": "one", "b": {"c": "two", "d": 3}, "e": ["f"]}
    )
    carry_out([search("x", ranks=(3,)), nested], Config(), "smoke")
    assert shown == [(3, "smoke"), "x", "step", "x", "step", "one two", "step", "end"]


@given(
    NAMES,
    NAMES,
    st.integers(0, 4),
    st.dictionaries(st.tuples(*[st.sampled_from("abcd")] * 2), st.integers(0, 5)),
)
def test_a_grid_has_every_run_once_and_all_methods_of_a_seed_together(datasets, methods, seeds, fewer):
    found = list(grid(datasets, methods, seeds, fewer))
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
    assert list(grid(["a"], ["x", "y"], 2)) == [("a", "x", 0), ("a", "y", 0), ("a", "x", 1), ("a", "y", 1)]


def test_the_best_trial_is_chosen_and_the_first_of_equal_ones():
    tried = carry_out([run("x", rank=rank) for rank in (1, 2, 4, 6)], Config(), "smoke")
    assert chosen(tried, "error", ["rank"], lowest=True) == {"rank": 2}
    assert chosen(tried, "error", ["method", "rank"]) == {"method": "x", "rank": 6}
    assert chosen(tried, "error", []) == chosen([], "error", ["rank"]) == {}
