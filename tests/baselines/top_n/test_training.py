"""The loop over epochs, the epoch that is kept, and its measure."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.top_n.cdae import CDAE
from fourmasks.baselines.top_n.training import batches
from fourmasks.baselines.top_n.warp import WARP
from fourmasks.learning.held_out_users import ndcg_of_users

SMALL = {"rank": 8, "batch_size": 40, "learning_rate": 0.03, "dtype": "float64"}


def test_the_measure_is_the_ndcg(blocks, fold, ndcg_by_hand):
    shown, targets = fold(blocks(30, 120))
    scores = np.random.default_rng(0).random(shown.shape)
    assert ndcg_of_users(scores, shown, targets).mean() == pytest.approx(ndcg_by_hand(scores, shown, targets))


def test_each_user_is_in_one_batch():
    drawn = list(batches(25, 10, torch.Generator().manual_seed(0)))
    assert [len(users) for users in drawn] == [10, 10, 5]
    assert sorted(np.concatenate(drawn)) == list(range(25)) != list(np.concatenate(drawn))


def test_training_stops_and_the_best_epoch_is_kept(blocks, fold, ndcg_by_hand):
    train, held_out = blocks(), fold(blocks(60, seed=1))
    model = CDAE(**SMALL, epochs=80, patience=2).fit(train, held_out)
    curve = model.validation_curve_
    assert len(curve) == model.best_epoch_ + 2 == len(model.training_curve_) < 80
    assert curve[model.best_epoch_ - 1] == max(curve) > curve[0]
    shown, targets = held_out
    assert ndcg_by_hand(model.predict(shown), shown, targets) == pytest.approx(max(curve), abs=1e-12)
    again = CDAE(**SMALL, epochs=model.best_epoch_).fit(train)
    assert (again.predict(shown) == model.predict(shown)).all()


def test_without_validation_all_epochs_are_run(blocks):
    model = CDAE(**SMALL, epochs=3, patience=1).fit(blocks())
    assert model.best_epoch_ == len(model.training_curve_) == 3 and model.validation_curve_ == []


def test_training_lowers_the_loss_and_leaves_no_gradients(blocks):
    model = CDAE(**SMALL, epochs=10).fit(blocks())
    assert model.training_curve_[-1] < 0.7 * model.training_curve_[0]
    assert all(parameter.grad is None for parameter in model._network.parameters())


def test_parameters_are_counted(blocks):
    model = WARP(**SMALL, epochs=1).fit(blocks())
    assert model.n_parameters_ == 2 * 40 * 8 + 8 + 40


def test_divergence_is_said(blocks):
    with pytest.raises(FloatingPointError, match="diverged in epoch .*smaller learning_rate"):
        WARP(**SMALL | {"learning_rate": 1e200}, epochs=5).fit(blocks())
