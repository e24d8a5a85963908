"""The trainer: what it keeps, when it stops, and what it says when training diverges."""

import math

import pytest
import torch

from fourmasks.learning.trainer import Diverged, Trainer, descend


class Counter:
    """A model whose state is how many epochs it has had, and whose scores are given."""

    def __init__(self, scores=(), losses=(), **settings):
        self.value, self.scores, self.losses = 0, iter(scores), iter(losses)
        self.trainer = Trainer(
            "it", (lambda: next(self.scores)) if scores else None,
            state=lambda: {"value": torch.tensor(self.value)}, load=self.load, **settings,
        )  # fmt: skip

    def epoch(self):
        self.value += 1
        return next(self.losses, None)

    def load(self, state):
        self.value = int(state["value"])


def test_the_best_epoch_is_restored_and_patience_starts_anew_in_each_phase():
    model = Counter([0.1, 0.3, 0.2, 0.25, 0.3, 0.2, 0.4], patience=3)
    model.trainer.run(model.epoch, 9)
    assert len(model.trainer.scores) == 5 and model.trainer.best_epoch == 2
    model.trainer.restore()
    assert model.value == 2
    model.trainer.run(model.epoch, 4, scored=False)  # something else is trained
    assert model.value == 6 and len(model.trainer.scores) == 5
    model.trainer.run(model.epoch, 2)
    model.trainer.restore()
    assert model.trainer.best_epoch == 7 and model.value == 8


@pytest.mark.parametrize("lowest", [False, True])
def test_equal_scores_are_no_gain_and_the_first_of_them_is_kept(lowest):
    model = Counter([1.0, 1.0, 1.0, 1.0], patience=2, lowest=lowest)
    model.trainer.run(model.epoch, 4)
    assert (len(model.trainer.scores), model.trainer.best_epoch) == (3, 1)


def test_small_gains_are_kept_but_do_not_renew_the_patience():
    scores = [1.0, 0.99, 0.98, 0.97, 0.96]
    model = Counter(scores, patience=3, least_gain=0.035, lowest=True)
    model.trainer.run(model.epoch, 5)
    model.trainer.restore()
    assert model.trainer.scores == scores[:4] and model.value == model.trainer.best_epoch == 4
    model = Counter(scores, patience=4, least_gain=0.035, lowest=True)
    model.trainer.run(model.epoch, 5)
    assert len(model.trainer.scores) == 5  # all gains together renew it in the last epoch


def test_without_a_score_the_last_epoch_is_the_best_and_nothing_is_loaded():
    model = Counter(losses=[3.0, 2.0], patience=1)
    model.trainer.run(model.epoch, 2)
    model.trainer.restore()
    trainer = model.trainer
    assert (trainer.best_epoch, trainer.losses, trainer.scores, model.value) == (2, [3.0, 2.0], [], 2)
    assert len(trainer.seconds) == 2 and min(trainer.seconds) >= 0


def test_what_is_kept_is_a_copy():
    tensor, scores = torch.zeros(2), iter([1.0, 0.5])
    kept = []
    trainer = Trainer("it", lambda: next(scores), state=lambda: {"t": tensor}, load=kept.append)
    trainer.run(lambda: tensor.add_(1).sum().item(), 2)
    trainer.restore()
    assert kept[0]["t"].tolist() == [1, 1] and tensor.tolist() == [2, 2]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_finite_ends_the_training_with_advice(bad):
    model = Counter(losses=[1.0, bad, 1.0], remedy="take smaller steps")
    with pytest.raises(Diverged, match="it diverged in epoch 2: take smaller steps"):
        model.trainer.run(model.epoch, 3)
    assert isinstance(Diverged(), FloatingPointError)


def test_scores_that_are_not_finite_are_never_kept():
    model = Counter([math.nan, 0.5, math.inf, math.nan], patience=2)
    model.trainer.run(model.epoch, 4)
    model.trainer.restore()
    assert model.value == model.trainer.best_epoch == 2
    model = Counter([math.nan, math.nan], patience=1)
    model.trainer.run(model.epoch, 2)
    with pytest.raises(Diverged, match="no epoch had a finite score"):
        model.trainer.restore()


def test_what_follows_an_epoch_comes_before_its_score():
    seen = []
    trainer = Trainer(
        "it", lambda: seen.append("score") or 1.0, after_epoch=lambda: seen.append("after"), state=dict
    )
    trainer.run(lambda: seen.append("epoch"), 2)
    assert seen == ["epoch", "after", "score"] * 2


def test_an_interrupted_training_leaves_no_epoch_half_noted():
    def epoch():
        if len(trainer.seconds) == 1:
            raise KeyboardInterrupt
        return 1.0

    trainer = Trainer("it")
    with pytest.raises(KeyboardInterrupt):
        trainer.run(epoch, 3)
    assert (trainer.losses, len(trainer.seconds), trainer.best_epoch) == ([1.0], 1, 1)


def test_descending_makes_a_step_for_each_loss_and_returns_their_mean():
    parameter = torch.nn.Parameter(torch.tensor(2.0))
    optimizer = torch.optim.SGD([parameter], lr=0.25)
    mean = descend((parameter.square() for _ in range(2)), optimizer)  # 2, then 1, then 1/2
    assert (mean, parameter.item()) == ((4.0 + 1.0) / 2, 0.5)
    assert descend((), optimizer) == 0.0
