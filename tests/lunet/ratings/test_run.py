"""One run of the rating experiment: its metrics are those of the fitted model, on the same split for all."""

import numpy as np
import pytest

from fourmasks.baselines.ratings.averages import DampedAverages
from fourmasks.data.held_out import split_per_user
from fourmasks.lunet.models.data import load
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.ratings.run import run, run_baseline, run_trial

pytestmark = pytest.mark.usefixtures("one_thread")
NAME = "simulated-small"
QUICK = {"epochs": 2, "batch_size": 256, "dimension": 8, "n_layers": 2}


def test_metrics_are_those_of_the_predictions():
    outcome = run(NAME, "lu-net", 1, 0.1, 5, decoder_epochs=1, **QUICK)
    data = split_per_user(load(NAME), 1, 0.1)
    seen = []

    def look(model):
        errors = model.predict(data.test.users, data.test.items) - data.test.values
        held_out = model.predict(data.validation.users, data.validation.items) - data.validation.values
        seen.append((np.mean(errors**2), np.mean(held_out**2)))

    model = LUNetRecommender(random_state=5, **QUICK).fit(data.train, after_epoch=look)
    found, curves = outcome["metrics"], outcome["curves"]
    np.testing.assert_allclose(np.transpose([curves["test_mse"], curves["validation_mse"]]), seen, rtol=1e-5)
    assert found["test_mse"] == curves["test_mse"][-1]
    predicted = model.predict(data.test.users, data.test.items).clip(1, 5)
    assert found["test_mse_clamped"] == pytest.approx(np.mean((predicted - data.test.values) ** 2), rel=1e-5)
    stopped = int(np.argmin([validation for _, validation in seen]))
    assert (found["stopped_epoch"], found["stopped_test_mse"]) == (stopped + 1, curves["test_mse"][stopped])
    assert curves["train_loss"] == model.loss_curve_
    assert found["test_loss_ratio"] == curves["test_loss"][-1] / curves["test_loss"][0]
    halves = np.array([curves["test_mse"], curves["test_entropy"]]) / 2
    assert curves["test_loss"] == pytest.approx(halves.sum(axis=0))
    assert found["n_parameters"] == model.n_parameters_


def test_stopping_keeps_the_epoch_that_a_run_to_the_end_would_name():
    longer = QUICK | {"epochs": 6, "learning_rate": 0.03}
    whole = run(NAME, "x", 0, 0.1, 0, **longer)["metrics"]
    stopped = run(NAME, "x", 0, 0.1, 0, patience=6, **longer)["metrics"]
    assert stopped["best_epoch"] == whole["stopped_epoch"]
    assert stopped["test_mse"] == pytest.approx(whole["stopped_test_mse"], rel=1e-6)
    tried = run_trial(NAME, "x", 0, 0.1, 0, patience=6, **longer)["metrics"]
    assert tried["validation_mse"] == stopped["validation_mse"]


def test_the_same_run_gives_the_same_record_but_for_the_clock():
    first, second = (run(NAME, "x", 0, 0.1, 3, decoder_epochs=1, **QUICK) for _ in range(2))
    for outcome in (first, second):
        for name in ("training_seconds", "step_milliseconds"):
            outcome["metrics"].pop(name)
    assert first == second


def test_baselines_are_measured_on_the_same_split():
    outcome = run_baseline(NAME, "averages", 2, 0.0, 2, item_damping=3.0, user_damping=4.0)
    data = split_per_user(load(NAME), 2)
    model = DampedAverages(item_damping=3.0, user_damping=4.0).fit(data.train)
    errors = model.predict(data.test.users, data.test.items) - data.test.values
    assert outcome["metrics"]["test_mse"] == pytest.approx(np.mean(errors**2))
    assert "validation_mse" not in outcome["metrics"]
    again = [run_baseline(NAME, "biased-mf", 2, 0.1, seed, rank=2, epochs=2) for seed in (0, 0, 1)]
    errors = [outcome["metrics"]["test_mse"] for outcome in again]
    assert errors[0] == errors[1] != errors[2]
