"""Records: keys, round trips, what is refused, and sweeps that are killed or shared."""

import functools
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.records import store
from fourmasks.records.store import Record, is_stale, load_records, records_directory, run_key, run_or_load

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | NUMBERS | st.text(max_size=8)
NAMES = st.text(max_size=5)
JSON = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(NAMES, part, max_size=3), max_leaves=8
)
PARAMETERS = st.dictionaries(NAMES, JSON, max_size=4)
CURVES = st.dictionaries(NAMES, st.lists(NUMBERS | st.none(), max_size=5), max_size=3)
RUN = dict(experiment="mmf/fake", data_sha256="d" * 64, profile="book")


def fake_train(seed, scale=1.0):
    return {"metrics": {"error": scale * (seed + 1)}, "curves": {"loss": [2.0, 1.0]}}


def a_record(**changes):
    values = dict(
        experiment="mmf/fake",
        profile="book",
        parameters={"seed": 0},
        metrics={"error": 0.1},
        curves={},
        seconds=0.5,
        peak_memory_mb=100.0,
        device="cpu",
        threads=1,
        versions={"python": "3.11"},
        machine={},
        commit="unknown",
        function="unloaded.train",
        code="c",
        confirmed={},
        data_sha256="d",
        created="2025-01-01T00:00:00+00:00",
    )
    return Record(**values | changes)


def kind(value):
    """Return a JSON value with its types, so that 1, 1.0 and True, or 0.0 and -0.0, are different."""
    if isinstance(value, dict):
        return {name: kind(item) for name, item in value.items()}
    return [kind(item) for item in value] if isinstance(value, list) else repr(value)


# ---------------------------------------------------------------- keys


def test_the_key_of_a_known_run_never_changes():
    """Committed records are found by it."""
    parameters = {"seed": 3, "rank": 20, "rate": 1e-3, "hidden": [64, 32], "mask": None, "tied": True}
    assert run_key("mmf/reconstruction", parameters, "ab" * 32) == "563c29b23ada2296"


@given(PARAMETERS, st.randoms(use_true_random=False))
def test_the_key_does_not_depend_on_the_order(parameters, random):
    names = list(parameters)
    random.shuffle(names)
    shuffled = {name: parameters[name] for name in names}
    assert run_key("mmf/x", shuffled, "d") == run_key("mmf/x", parameters, "d")


@given(PARAMETERS, PARAMETERS)
def test_different_parameters_have_different_keys(one, other):
    assert (run_key("mmf/x", one, "d") == run_key("mmf/x", other, "d")) == (kind(one) == kind(other))


def test_the_key_tells_values_apart_that_python_holds_equal():
    keys = {run_key("mmf/x", {"a": value}, "d") for value in (1, 1.0, True, "1", [1], {"1": 1}, None)}
    assert len(keys) == 7


def test_the_key_depends_on_experiment_and_data():
    assert len({run_key(name, {}, data) for name in ("mmf/x", "mmf/y") for data in ("d", "e")}) == 4


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"hidden": (64, 32)}, TypeError, r"parameters\['hidden'\] is \(64, 32\) of type tuple"),
        ({"a": {"b": [1, np.float64(0.5)]}}, TypeError, r"parameters\['a'\]\['b'\]\[1\].*float64"),
        ({"seed": np.int64(1)}, TypeError, "int64"),
        ({"a": {1: 2}}, TypeError, r"parameters\['a'\] has the key 1"),
        ({"rate": float("nan")}, ValueError, r"parameters\['rate'\] is nan"),
        ([("seed", 1)], TypeError, "expected a dict"),
    ],
)
def test_parameters_that_are_not_json_are_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        run_key("mmf/x", parameters, "d")


@pytest.mark.parametrize("experiment", ["mmf", "../x", "mmf/../x", "/mmf/x", "mmf/X", "", None, "mmf/x\n"])
def test_an_experiment_name_that_is_no_safe_path_is_refused(experiment):
    with pytest.raises(ValueError, match="expected 'paper/name'"):
        run_key(experiment, {}, "d")


# ---------------------------------------------------------------- files


@given(PARAMETERS, st.dictionaries(NAMES, NUMBERS, max_size=3), CURVES)
def test_a_record_survives_a_round_trip_exactly(tmp_path_factory, parameters, metrics, curves):
    record = a_record(parameters=parameters, metrics=metrics, curves=curves)
    path = tmp_path_factory.mktemp("round") / "record.json"
    store.write(record, path)
    loaded = store._read(path)
    assert loaded == record
    for name in ("parameters", "metrics", "curves"):
        assert kind(getattr(loaded, name)) == kind(getattr(record, name))


def test_the_file_is_readable_and_complete(tmp_path):
    record = run_or_load(fake_train, {"seed": 2}, directory=tmp_path / "made" / "here", **RUN)
    path = tmp_path / "made" / "here" / f"mmf-fake-{record.key}.json"
    text = path.read_text()
    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True) + "\n"
    assert json.loads(text)["metrics"] == {"error": 3.0}
    assert record.function == f"{__name__}.fake_train"
    assert record.device == "cpu" and record.threads == torch.get_num_threads()
    assert record.seconds >= 0 and record.peak_memory_mb > 10
    assert record.versions.keys() == {"python", "torch", "numpy", "scipy", "scikit-learn", "fourmasks"}
    assert record.versions["numpy"] == np.__version__
    assert record.created.endswith("+00:00")


def test_a_record_made_and_the_same_record_read_name_their_numbers_in_one_order(tmp_path):
    def train(b, a):
        return {"metrics": {"z": b, "a": a}, "curves": {"y": [1.0], "b": [2.0]}}

    made, read = (run_or_load(train, {"b": 1, "a": 2}, directory=tmp_path, **RUN) for _ in range(2))
    for part in ("parameters", "metrics", "curves"):
        assert list(getattr(made, part)) == list(getattr(read, part)) == sorted(getattr(made, part))


def test_load_records_finds_an_experiment_s_records_and_no_others(tmp_path):
    for experiment in ("mmf/fake", "mmf/fake-two", "pia/fake"):
        for seed in (0, 1):
            run = RUN | {"experiment": experiment, "directory": tmp_path / "sub"}
            run_or_load(fake_train, {"seed": seed}, **run)
    assert len(load_records(directory=tmp_path)) == 6
    found = load_records("mmf/fake", tmp_path)
    assert sorted(record.parameters["seed"] for record in found) == [0, 1]
    assert {record.experiment for record in found} == {"mmf/fake"}
    assert load_records(directory=tmp_path / "absent") == []


def test_the_default_folders(monkeypatch, tmp_path):
    monkeypatch.delenv("FOURMASKS_RECORDS", raising=False)
    monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))
    assert records_directory("mmf/x", "paper") == tmp_path / "data" / "records" / "mmf"
    assert records_directory("mmf/x", "book") == tmp_path / "runs" / "records" / "mmf"
    run_or_load(fake_train, {"seed": 0}, **RUN | {"profile": "paper"})
    assert len(list((tmp_path / "data" / "records" / "mmf").glob("mmf-fake-*.json"))) == 1
    assert len(load_records()) == 1
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path / "elsewhere"))
    assert records_directory("mmf/x", "paper") == tmp_path / "elsewhere"
    assert load_records() == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[1, 2]",
        lambda text: text.replace('"seconds"', '"second"'),
        lambda text: text.replace('"error": 1.0', '"error": NaN'),
        lambda text: text.replace('"error": 1.0', '"error": "1.0"'),
        lambda text: text.replace('"threads": ', '"threads": -0.'),
        lambda text: text.replace('"mmf/fake"', '"nowhere"'),
        lambda text: text.replace('"seed": 0', '"seed": 1'),
        lambda text: text.encode() + b"\xff",
    ],
)
def test_a_damaged_file_is_named_in_a_warning_and_trained_again(tmp_path, damage):
    good = run_or_load(fake_train, {"seed": 0}, directory=tmp_path, **RUN)
    (path,) = tmp_path.glob("*.json")
    damaged = damage(path.read_text())
    assert damaged != path.read_text()
    path.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    with pytest.warns(UserWarning, match=path.name):
        again = run_or_load(fake_train, {"seed": 0}, directory=tmp_path, **RUN)
    assert again.metrics == good.metrics
    assert load_records(directory=tmp_path) == [again]


def test_load_records_leaves_out_a_damaged_file_with_a_warning(tmp_path):
    run_or_load(fake_train, {"seed": 0}, directory=tmp_path, **RUN)
    (tmp_path / "mmf-fake-broken.json").write_text('{"metrics": ')
    with pytest.warns(UserWarning, match="mmf-fake-broken.json"):
        assert len(load_records(directory=tmp_path)) == 1


# ---------------------------------------------------------------- run_or_load


def counting(trained):
    """Return a training function that keeps a list of the seeds it was called with."""

    def train(seed):
        trained.append(seed)
        return fake_train(seed)

    return train


def test_a_stored_run_is_not_trained_again(tmp_path):
    trained = []
    first = run_or_load(counting(trained), {"seed": 5}, directory=tmp_path, **RUN)
    second = run_or_load(counting(trained), {"seed": 5}, directory=tmp_path, **RUN)
    assert trained == [5] and first == second
    run_or_load(counting(trained), {"seed": 6}, directory=tmp_path, **RUN)
    run_or_load(counting(trained), {"seed": 5}, directory=tmp_path, **RUN | {"data_sha256": "e" * 64})
    assert trained == [5, 6, 5]


@pytest.mark.parametrize(
    ("profile", "retrain_stale", "times"),
    [("book", None, 2), ("smoke", None, 2), ("paper", None, 1), ("book", False, 1), ("paper", True, 2)],
)
def test_a_stale_run_is_trained_again_but_for_the_paper_profile(
    tmp_path, monkeypatch, profile, retrain_stale, times
):
    trained, run = [], RUN | {"profile": profile, "directory": tmp_path}
    old = run_or_load(counting(trained), {"seed": 0}, **run)
    monkeypatch.setattr(store, "code_digest", lambda function, parameters: "changed")
    assert is_stale(old)
    new = run_or_load(counting(trained), {"seed": 0}, retrain_stale=retrain_stale, **run)
    assert len(trained) == times
    assert is_stale(new) == (times == 1)


def test_a_fresh_record_is_not_stale(tmp_path):
    assert not is_stale(run_or_load(fake_train, {"seed": 0}, directory=tmp_path, **RUN))


def test_a_partial_counts_as_the_function_in_it(tmp_path):
    bound = functools.partial(functools.partial(fake_train, scale=2.0))
    record = run_or_load(bound, {"seed": 0}, directory=tmp_path, **RUN)
    assert record.function.startswith(__name__) and record.metrics == {"error": 2.0}


def test_a_training_cannot_change_what_its_record_says(tmp_path):
    def greedy(layers):
        layers.append(99)
        return {"metrics": {}}

    parameters = {"layers": [1, 2]}
    record = run_or_load(greedy, parameters, directory=tmp_path, **RUN)
    assert record.parameters == parameters == {"layers": [1, 2]}
    assert load_records(directory=tmp_path) == [record]


def test_numbers_of_numpy_and_torch_become_plain_ones(tmp_path):
    def train():
        curves = {"a": np.arange(3), "b": torch.tensor([0.5, 1.5]), "c": (np.float32(0.5), None, 7)}
        return {"metrics": {"x": np.float32(0.1), "n": 3}, "curves": curves}

    record = run_or_load(train, {}, directory=tmp_path, **RUN)
    assert kind(record.metrics) == kind({"x": float(np.float32(0.1)), "n": 3.0})
    assert kind(record.curves) == kind({"a": [0, 1, 2], "b": [0.5, 1.5], "c": [0.5, None, 7]})
    assert load_records(directory=tmp_path) == [record]


@pytest.mark.parametrize(
    ("outcome", "error", "message"),
    [
        (None, TypeError, "fake_train returned None: expected {'metrics'"),
        ({"curves": {}}, TypeError, "expected {'metrics'"),
        ({"metrics": {}, "curve": {}}, TypeError, "expected {'metrics'"),
        ({"metrics": 0.5}, TypeError, "names as keys"),
        ({"metrics": {1: 0.5}}, TypeError, "names as keys"),
        ({"metrics": {"error": float("nan")}}, ValueError, "metric 'error' is nan"),
        ({"metrics": {"error": np.inf}}, ValueError, "metric 'error' is inf"),
        ({"metrics": {"error": "0.5"}}, TypeError, "metric 'error' is '0.5'"),
        ({"metrics": {"error": True}}, TypeError, "metric 'error' is True"),
        ({"metrics": {}, "curves": {"loss": 0.5}}, TypeError, "curve 'loss' is 0.5"),
        ({"metrics": {}, "curves": {"loss": [1.0, np.inf]}}, ValueError, "curve 'loss', point 1 is inf"),
    ],
)
def test_a_bad_outcome_is_refused_and_not_stored(tmp_path, outcome, error, message):
    with pytest.raises(error, match=message):
        run_or_load(functools.wraps(fake_train)(lambda: outcome), {}, directory=tmp_path, **RUN)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_stored_when_a_training_raises(tmp_path):
    def diverge(seed):
        raise ArithmeticError("diverged")

    with pytest.raises(ArithmeticError, match="diverged"):
        run_or_load(diverge, {"seed": 0}, directory=tmp_path, **RUN)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_when_a_write_fails(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(store.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        run_or_load(fake_train, {"seed": 0}, directory=tmp_path, **RUN)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"profile": "bok"}, ValueError, "unknown profile 'bok'.*Did you mean 'book'"),
        ({"device": "gpu"}, ValueError, "device 'gpu'"),
        ({"experiment": "fake"}, ValueError, "experiment 'fake'"),
        ({"data_sha256": None}, ValueError, "data_sha256 None"),
        ({"parameters": {"seed": (1,)}}, TypeError, "parameters"),
        ({"train": None}, TypeError, "train is None"),
    ],
)
def test_a_bad_argument_is_refused_before_any_training(tmp_path, change, error, message):
    trained = []
    call = {"train": counting(trained), "parameters": {"seed": 0}, "directory": tmp_path} | RUN | change
    with pytest.raises(error, match=message):
        run_or_load(call.pop("train"), call.pop("parameters"), **call)
    assert trained == [] and list(tmp_path.iterdir()) == []


def test_a_record_with_a_field_of_another_type_is_refused():
    with pytest.raises(TypeError, match="seconds is '1': expected float"):
        replace(a_record(), seconds="1")
    with pytest.raises(ValueError, match="metric 'error' is inf"):
        a_record(metrics={"error": float("inf")})


# ---------------------------------------------------------------- processes

SWEEP = textwrap.dedent("""
    import sys, time
    from fourmasks.records.store import run_or_load
    folder, log, hangs_at = sys.argv[1], sys.argv[2], int(sys.argv[3])

    def train(seed):
        time.sleep(600 if seed == hangs_at else 0.1)
        with open(log, "a") as file:
            file.write(f"{seed}\\n")
        return {"metrics": {"seed": seed}, "curves": {"loss": [1.0] * 50}}

    for seed in range(6):
        run_or_load(
            train, {"seed": seed}, experiment="mmf/sweep", data_sha256="d", profile="book", directory=folder
        )
""")


def start_sweep(tmp_path, hangs_at=-1):
    script = tmp_path / "sweep.py"
    script.write_text(SWEEP)
    source = str(Path(store.__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": source, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(script), str(tmp_path / "records"), str(tmp_path / "log"), str(hangs_at)]
    return subprocess.Popen(command, env=environment)


def trainings(tmp_path):
    return Counter(int(line) for line in (tmp_path / "log").read_text().split())


def test_a_killed_sweep_goes_on_where_it_stopped(tmp_path):
    stored = lambda: sorted((tmp_path / "records").glob("*.json"))  # noqa: E731
    sweep = start_sweep(tmp_path, hangs_at=4)
    while len(stored()) < 2 and sweep.poll() is None:
        time.sleep(0.02)
    sweep.kill()
    assert sweep.wait() == -signal.SIGKILL
    survivors = {path: path.read_bytes() for path in stored()}
    before = trainings(tmp_path)
    assert 2 <= len(survivors) <= 4

    assert start_sweep(tmp_path).wait() == 0
    again = trainings(tmp_path) - before
    kept = {json.loads(content)["parameters"]["seed"] for content in survivors.values()}
    assert again == Counter(set(range(6)) - kept)
    assert all(path.read_bytes() == content for path, content in survivors.items())
    assert sorted(record.parameters["seed"] for record in load_records(directory=tmp_path)) == list(range(6))


def test_a_temporary_file_of_a_killed_write_is_never_read(tmp_path, monkeypatch):
    """Stop a write just before its rename, as a kill would, and look what is left."""

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store.os, "replace", killed)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            run_or_load(fake_train, {"seed": 0}, directory=tmp_path, **RUN)
    assert len(list(tmp_path.iterdir())) == 1
    assert load_records(directory=tmp_path) == []
    run_or_load(fake_train, {"seed": 0}, directory=tmp_path, **RUN)
    assert len(load_records(directory=tmp_path)) == 1


def test_a_machine_without_notebook_libraries_can_make_records():
    absent = "IPython ipykernel jupytext matplotlib nbformat papermill h5py pooch pandas yaml".split()
    code = f"import sys; sys.modules.update(dict.fromkeys({absent})); import fourmasks.records.store"
    environment = os.environ | {"PYTHONPATH": str(Path(store.__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_two_processes_share_a_folder(tmp_path):
    sweeps = [start_sweep(tmp_path) for _ in range(2)]
    assert [sweep.wait() for sweep in sweeps] == [0, 0]
    done = trainings(tmp_path)
    assert set(done) == set(range(6)) and max(done.values()) <= 2
    found = load_records("mmf/sweep", tmp_path / "records")
    assert sorted(record.metrics["seed"] for record in found) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert len(list((tmp_path / "records").iterdir())) == 6
