"""The control for the triangles: the same map at the start, the same batches, free matrices from then on."""

import numpy as np
import pytest
import torch

from fourmasks.data.held_out import split_per_user
from fourmasks.lunet.flows.activations import GeneralLeakySoftplus
from fourmasks.lunet.flows.flow import LUFlow
from fourmasks.lunet.models.data import load
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.ratings import run_dense
from fourmasks.lunet.ratings.run_dense import FreeRecommender, freed

NAME = "simulated-small"
QUICK = {"epochs": 2, "batch_size": 256, "dimension": 8, "n_layers": 3}


@pytest.fixture(autouse=True)
def here(one_thread):
    pass


def both(**settings):
    train = split_per_user(load(NAME), 0, 0.0).train
    return [kind(**QUICK | settings).fit(train) for kind in (LUNetRecommender, FreeRecommender)]


def test_freed_is_the_same_map_with_as_many_parameters():
    generator = torch.Generator().manual_seed(0)
    flow = LUFlow(6, 3, GeneralLeakySoftplus(0.5, 0.5), generator=generator, spread=1.0).double()
    free = freed(flow)
    x = torch.randn(20, 6, generator=generator).double()
    with torch.no_grad():
        torch.testing.assert_close(free(x), flow(x))
        torch.testing.assert_close(free.log_det(x), flow.log_det(x))
    assert free.n_parameters() == flow.n_parameters()


def test_without_steps_to_speak_of_both_are_one_model():
    lu, free = both(learning_rate=1e-12, dtype="float64")
    assert np.allclose(lu.loss_curve_, free.loss_curve_, rtol=1e-9)
    users, items = np.arange(20), np.arange(20)
    assert np.allclose(lu.predict(users, items), free.predict(users, items), rtol=1e-9)
    assert lu.n_parameters_ == free.n_parameters_


def test_the_first_step_goes_down_the_gradient_by_the_whole_matrix():
    """Adam's first step is the learning rate times the gradient's sign, in all d² numbers of a matrix."""
    train = split_per_user(load(NAME), 0, 0.0).train
    settings = QUICK | {"epochs": 1, "batch_size": len(train), "dtype": "float64", "learning_rate": 1e-4}
    model = FreeRecommender(**settings).fit(train)
    pairs = zip(model.start_.network.layers, model.model_.network.layers, strict=True)
    for before, after in pairs:
        step = (after.weight - before.weight).detach().abs()
        assert (step > 0.9e-4).float().mean() > 0.9 and step.max() < 1.1e-4


def test_the_two_part_in_training_and_both_learn():
    lu, free = both(learning_rate=0.01, epochs=6)
    assert not np.allclose(lu.loss_curve_, free.loss_curve_, rtol=1e-6)
    for model in (lu, free):
        assert model.loss_curve_[-1] < 0.9 * model.loss_curve_[0]


def test_metrics_are_those_of_the_fitted_model():
    outcome = run_dense.run_dense(NAME, "dense", 1, 0.0, 3, **QUICK)
    data = split_per_user(load(NAME), 1, 0.0)
    model = FreeRecommender(random_state=3, **QUICK).fit(data.train)
    error = model.predict(data.test.users, data.test.items) - data.test.values
    assert outcome["metrics"]["test_mse"] == pytest.approx(float(np.mean(error.astype(float) ** 2)), rel=1e-6)
    assert outcome["curves"]["test_mse"][-1] == outcome["metrics"]["test_mse"]
    matrices = [layer.weight.detach().numpy() for layer in model.model_.network.layers]
    worst = max(np.linalg.cond(matrix) for matrix in matrices)
    assert outcome["metrics"]["condition_matrix"] == pytest.approx(worst, rel=1e-4)
    assert 0 <= outcome["metrics"]["reconstruction_error_float64"] < 1e-10
