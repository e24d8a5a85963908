"""Runs that leave records: when they are made, what is refused, and sweeps that are killed or shared."""

import functools
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from fourmasks.records import runs, standing
from fourmasks.records.runs import run_or_load
from fourmasks.records.standing import is_stale
from fourmasks.records.store import load_records

RUN = dict(experiment="mmf/fake", data_sha256="d" * 64, profile="book")


def fake_train(seed, scale=1.0):
    return {"metrics": {"error": scale * (seed + 1)}, "curves": {"loss": [2.0, 1.0]}}


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
    for module in (standing, runs):
        monkeypatch.setattr(module, "code_digest", lambda function, parameters: "changed")
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
    metrics = {"n": 3.0, "x": float(np.float32(0.1))}
    curves = {"a": [0, 1, 2], "b": [0.5, 1.5], "c": [0.5, None, 7]}
    assert json.dumps([record.metrics, record.curves]) == json.dumps([metrics, curves])  # 1 is not 1.0
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

    monkeypatch.setattr(os, "replace", fail)
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


# ---------------------------------------------------------------- processes

SWEEP = textwrap.dedent("""
    import sys, time
    from fourmasks.records.runs import run_or_load
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
    source = str(Path(runs.__file__).parents[2])
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
        patch.setattr(os, "replace", killed)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            run_or_load(fake_train, {"seed": 0}, directory=tmp_path, **RUN)
    assert len(list(tmp_path.iterdir())) == 1
    assert load_records(directory=tmp_path) == []
    run_or_load(fake_train, {"seed": 0}, directory=tmp_path, **RUN)
    assert len(load_records(directory=tmp_path)) == 1


def test_a_machine_without_notebook_libraries_can_make_records():
    absent = "IPython ipykernel jupytext matplotlib nbformat papermill h5py pooch pandas yaml".split()
    code = f"import sys; sys.modules.update(dict.fromkeys({absent})); import fourmasks.records.runs"
    environment = os.environ | {"PYTHONPATH": str(Path(runs.__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_two_processes_share_a_folder(tmp_path):
    sweeps = [start_sweep(tmp_path) for _ in range(2)]
    assert [sweep.wait() for sweep in sweeps] == [0, 0]
    done = trainings(tmp_path)
    assert set(done) == set(range(6)) and max(done.values()) <= 2
    found = load_records("mmf/sweep", tmp_path / "records")
    assert sorted(record.metrics["seed"] for record in found) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert len(list((tmp_path / "records").iterdir())) == 6
