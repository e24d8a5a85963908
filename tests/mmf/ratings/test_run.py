"""One training run on ratings, and that all of a plan is made and found again."""

import math
from collections import Counter

import numpy as np
import pytest

from fourmasks.baselines.ratings.catalogue import MODELS
from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.models.rating_mmf import RatingMMF
from fourmasks.mmf.ratings import plan
from fourmasks.mmf.ratings import run as training

pytestmark = pytest.mark.usefixtures("one_thread")
SMALL = {"rank": 4, "shifts": "none", "epochs": 2}


def test_metrics_are_those_of_the_predictions():
    outcome = training.run("simulated-small", "mf-plain", "per-user", 3, 0.1, 5, **SMALL)
    data = training.parts("simulated-small", "per-user", 3, 0.1)
    model = RatingMMF(random_state=5, **SMALL).fit(data.train, data.validation)
    residuals = model.predict(data.test.users, data.test.items) - data.test.values
    assert outcome["metrics"]["test_rmse"] == pytest.approx(math.sqrt(np.mean(residuals**2)), rel=1e-6)
    assert outcome["metrics"]["test_mae"] == pytest.approx(np.mean(np.abs(residuals)), rel=1e-6)
    assert outcome["metrics"]["n_parameters"] == sum(data.train.shape) * 5


def test_a_trial_sees_no_test_rating():
    found = training.run_trial("simulated-small", "mf-plain", "per-user", 3, 0.1, 5, **SMALL)["metrics"]
    assert "validation_rmse" in found and not any(name.startswith("test") for name in found)


def test_every_method_has_what_it_fits():
    assert sorted([*training.OURS, *MODELS]) == sorted(plan.METHODS)


def test_all_of_a_plan_is_made_and_found_again(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    config = resolve(plan.PROFILES, "smoke", methods="mmf-reference,mmf-same-size,pmf", epochs=1)
    records = plan.run(config, "smoke")
    assert Counter(record.experiment for record in records) == {
        plan.DATASETS: 1, plan.SEARCH: 3, plan.EXPERIMENT: 3
    }  # fmt: skip
    assert plan.run(config, "smoke") == records
