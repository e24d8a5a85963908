"""Records: keys, round trips, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.records.store import Record, load_records, records_directory, run_key, save, stored

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | NUMBERS | st.text(max_size=8)
NAMES = st.text(max_size=5)
JSON = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(NAMES, part, max_size=3), max_leaves=8
)
PARAMETERS = st.dictionaries(NAMES, JSON, max_size=4)
CURVES = st.dictionaries(NAMES, st.lists(NUMBERS | st.none(), max_size=5), max_size=3)


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
    folder = tmp_path_factory.mktemp("round")
    save(record, folder)
    loaded = stored(record.experiment, record.key, record.profile, folder)
    assert loaded == record
    for name in ("parameters", "metrics", "curves"):
        assert kind(getattr(loaded, name)) == kind(getattr(record, name))


def test_load_records_finds_an_experiment_s_records_and_no_others(tmp_path):
    for experiment in ("mmf/fake", "mmf/fake-two", "pia/fake"):
        for seed in (0, 1):
            save(a_record(experiment=experiment, parameters={"seed": seed}), tmp_path / "sub")
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
    save(a_record(profile="paper"))
    assert len(list((tmp_path / "data" / "records" / "mmf").glob("mmf-fake-*.json"))) == 1
    assert len(load_records()) == 1
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path / "elsewhere"))
    assert records_directory("mmf/x", "paper") == tmp_path / "elsewhere"
    assert load_records() == []


def test_load_records_leaves_out_a_damaged_file_with_a_warning(tmp_path):
    save(a_record(), tmp_path)
    (tmp_path / "mmf-fake-broken.json").write_text('{"metrics": ')
    with pytest.warns(UserWarning, match="mmf-fake-broken.json"):
        assert len(load_records(directory=tmp_path)) == 1


def test_a_record_with_a_field_of_another_type_is_refused():
    with pytest.raises(TypeError, match="seconds is '1': expected float"):
        replace(a_record(), seconds="1")
    with pytest.raises(ValueError, match="metric 'error' is inf"):
        a_record(metrics={"error": float("inf")})
