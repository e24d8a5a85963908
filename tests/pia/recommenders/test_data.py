import os

import numpy as np
import pytest

from fourmasks.data.interactions import hold_out_users, load_interactions, make_interactions
from fourmasks.pia.recommenders.data import describe, measure
from fourmasks.records.runs import run_or_load

real_data = pytest.mark.skipif(not os.environ.get("FOURMASKS_DATA"), reason="FOURMASKS_DATA is not set")


def test_items_count_if_a_training_user_has_them():
    # Nine users have 110 items in common, and each has one of his own.
    rows = [(user, 200 + item) for user in range(9) for item in range(110)]
    whole = make_interactions("toy", *np.array([(user, user) for user in range(9)] + rows).T)
    found = measure(whole, hold_out_users(whole, 0, 2))
    assert found == {
        "users": 9, "items": 115, "items_of_all": 119, "interactions": 999, "density": 999 / (9 * 115),
        "held_out": 2, "measured": 2, "over_20_targets": 1.0,
    }  # fmt: skip


def test_users_without_targets_are_not_measured():
    pairs = [(user, item) for user in range(10) for item in range(user + 1)]
    whole = make_interactions("toy", *np.array(pairs).T)
    parts = hold_out_users(whole, 1, 3)
    counts = (parts.test_in + parts.test_out).sum(axis=1)
    assert measure(whole, parts)["measured"] == (counts >= 5).sum() < 3
    assert measure(whole, parts)["over_20_targets"] == 0
    few = make_interactions("toy", np.arange(9), np.zeros(9, int))
    assert measure(few, hold_out_users(few, 0))["measured"] == 0


def test_a_record_can_hold_it(tmp_path):
    record = run_or_load(
        describe, {"dataset": "simulated-small", "seed": 0}, experiment="pia/data", profile="smoke",
        data_sha256=load_interactions("simulated-small").sha256, directory=tmp_path,
    )  # fmt: skip
    assert (record.metrics["users"], record.metrics["items"], record.metrics["held_out"]) == (123, 120, 12)
    assert record.metrics["density"] == 2061 / (123 * 120)


@real_data
def test_ml_100k():
    found = describe("ml-100k", 0)["metrics"]
    assert (found["users"], found["items"], found["items_of_all"]) == (938, 1415, 1447)
    assert (found["interactions"], found["held_out"], found["measured"]) == (55_361, 94, 94)
    assert round(found["density"], 4) == 0.0417 and found["over_20_targets"] == 17 / 94
