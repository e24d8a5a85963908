"""Multi-VAE and PIA-VAE: the training against a dense one, the settings, what is learned."""

import numpy as np
import pytest
import scipy.sparse
import torch
from sklearn.exceptions import NotFittedError
from torch.distributions import Normal, kl_divergence

from fourmasks.learning.held_out_users import measure
from fourmasks.pia.models.alignment import TARGETS
from fourmasks.pia.models.multi_vae import MultiVAE
from fourmasks.pia.models.networks import MultiVAENetwork, standard_divergence

pytestmark = pytest.mark.usefixtures("one_thread")
SMALL = {"hidden": 16, "latent": 4, "batch_size": 40, "dtype": "float64", "learning_rate": 0.01}


def seeds(random_state):
    return [
        torch.Generator().manual_seed(int(seed))
        for seed in np.random.SeedSequence(random_state).generate_state(2)
    ]


def dense_training(
    x, *, epochs, beta, anneal_epochs, dropout, weight, hidden, latent, batch_size, **settings
):
    """Train as Liang et al. do, with PIA by Eq. 9 and dense tensors throughout; return parameters and losses.

    The noise is drawn in the same order as by the estimator.
    """
    drawing, aligning = seeds(0)
    start = MultiVAENetwork(x.shape[1], hidden, latent, drawing).double()
    anchors = torch.randn(x.shape[1], latent, generator=aligning).double().requires_grad_()
    parameters = [p.detach().clone().requires_grad_() for p in start.parameters()]
    w1, b1, w2, b2, w3, b3, w4, b4 = parameters
    optimizer = torch.optim.Adam([*parameters, anchors], lr=settings["learning_rate"])
    step, curve, n_batches = 0, [], -(-len(x) // batch_size)
    for _ in range(epochs):
        total = 0.0
        for users in torch.randperm(len(x), generator=drawing).split(batch_size):
            batch = x[users]
            mask = torch.zeros_like(batch)
            mask[batch > 0] = (torch.rand(int(batch.sum()), generator=drawing) >= dropout).double()
            masked = torch.nn.functional.normalize(batch, dim=1) * mask / (1 - dropout)
            mean, log_variance = (torch.tanh(masked @ w1 + b1) @ w2.T + b2).chunk(2, 1)
            noise = torch.randn(len(users), latent, generator=drawing).double()
            z = mean + noise * log_variance.exp().sqrt()
            logits = torch.tanh(z @ w3.T + b3) @ w4.T + b4
            nll = -(batch * torch.log_softmax(logits, 1)).sum(1)
            kl = kl_divergence(Normal(mean, log_variance.exp().sqrt()), Normal(0.0, 1.0)).sum(1)
            distances = (mean[:, None] - anchors).square().sum(2) + log_variance.exp().sum(1, keepdim=True)
            align = (batch * distances).sum(1) / batch.sum(1)
            annealed = beta * min(1.0, step / (anneal_epochs * n_batches))
            loss = nll + annealed * kl + weight * align
            optimizer.zero_grad()
            loss.mean().backward()
            optimizer.step()
            step += 1
            total += float(loss.detach().sum())
        curve.append(total / len(x))
    return [*(p.detach() for p in parameters), anchors.detach()], curve


@pytest.mark.parametrize("alignment", ["none", "items"])
def test_training_is_that_of_a_dense_implementation(blocks, alignment):
    train = blocks(90, 30)
    settings = SMALL | {"epochs": 4, "beta": 0.7, "anneal_epochs": 2.5, "dropout": 0.4}
    model = MultiVAE(**settings, alignment=alignment, alignment_weight=0.8).fit(train)
    weight = 0.8 if alignment == "items" else 0.0
    expected, curve = dense_training(torch.as_tensor(train.toarray()).double(), weight=weight, **settings)
    np.testing.assert_allclose(model.training_curve_, curve, rtol=1e-6)
    *network, anchors = expected
    for found, part in zip(model._network.parameters(), network, strict=True):
        torch.testing.assert_close(found.detach(), part, rtol=1e-6, atol=1e-6)
    if alignment == "items":
        np.testing.assert_allclose(model.anchors_, anchors, rtol=1e-6, atol=1e-6)


def test_the_divergence_is_that_of_torch():
    mean, log_variance = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0)).double()
    expected = kl_divergence(Normal(mean, torch.exp(log_variance / 2)), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(standard_divergence(mean, log_variance), expected)


@pytest.mark.parametrize(("anneal_epochs", "expected"), [(2, [0, 0.1, 0.2, 0.3, 0.4, 0.4]), (0, 6 * [0.4])])
def test_beta_grows_in_equal_steps(blocks, anneal_epochs, expected, monkeypatch):
    found = []

    def record(self, data, original=MultiVAE._beta):
        found.append(original(self, data))
        return found[-1]

    monkeypatch.setattr(MultiVAE, "_beta", record)
    MultiVAE(**SMALL, epochs=3, beta=0.4, anneal_epochs=anneal_epochs).fit(blocks(80, 20))  # 2 steps an epoch
    np.testing.assert_allclose(found, expected)


def test_it_learns_the_blocks(blocks, fold):
    train, held_out = blocks(400, 80), fold(blocks(100, 80, seed=1))
    popularity = np.asarray(train.sum(0))
    baseline = measure(lambda rows: np.tile(popularity, (rows.shape[0], 1)), *held_out)["ndcg_at_100"].mean()
    for alignment in TARGETS:
        model = MultiVAE(**SMALL | {"dtype": "float32"}, epochs=15, alignment=alignment, anchor_scale=0.1)
        ours = measure(model.fit(train, held_out).predict, *held_out)["ndcg_at_100"].mean()
        assert ours > baseline + 0.15
        assert ours == pytest.approx(max(model.validation_curve_), abs=1e-6)  # the best epoch is kept
        assert model.validation_curve_[model.best_epoch_ - 1] == max(model.validation_curve_)


def test_the_alignment_pulls_posteriors_to_the_centroids(blocks):
    train = blocks(200, 40)

    def distance(weight):
        settings = {"alignment": "frozen", "alignment_weight": weight, "anchor_scale": 1.0}
        model = MultiVAE(**SMALL, epochs=30, **settings).fit(train)
        mean, std = model.posterior(train)
        centroids = train @ model.anchors_ / train.sum(1)[:, None]
        return float(np.square(mean - centroids).sum(1).mean()), float(np.square(std).sum(1).mean())

    (near, small), (far, large) = distance(20.0), distance(0.0)
    assert near < 0.5 * far and small < 0.5 * large


def test_the_weight_follows_a_scripted_validation_curve(blocks, fold, monkeypatch):
    scores = iter([0.1, 0.3, 0.2, 0.2, 0.25, 0.2, 0.4, 0.1])
    monkeypatch.setattr(MultiVAE, "_ndcg", lambda self, shown, targets: next(scores))
    settings = {
        "alignment": "items",
        "alignment_weight": 0.5,
        "alignment_patience": 2,
        "alignment_scale": 2.0,
    }
    model = MultiVAE(**SMALL, epochs=8, **settings).fit(blocks(), fold(blocks(seed=1)))
    assert model.alignment_curve_ == [0.5, 0.5, 0.5, 0.5, 1, 1, 2, 2]  # the weight that each epoch had
    assert model.best_epoch_ == 7 and len(model.seconds_) == len(model.training_curve_) == 8


def test_patience_ends_the_training(blocks, fold, monkeypatch):
    scores = iter([0.1, 0.3, 0.2, 0.2, 0.25])
    monkeypatch.setattr(MultiVAE, "_ndcg", lambda self, shown, targets: next(scores))
    model = MultiVAE(**SMALL, epochs=20, patience=3).fit(blocks(), fold(blocks(seed=1)))
    assert len(model.validation_curve_) == 5 and model.best_epoch_ == 2
    assert model.alignment_curve_ == 5 * [0.0]


def test_without_validation_all_epochs_are_run(blocks):
    model = MultiVAE(**SMALL, epochs=3, alignment="items", alignment_patience=1).fit(blocks())
    assert model.best_epoch_ == 3 and model.validation_curve_ == [] and model.alignment_curve_ == 3 * [1.0]


def test_the_same_seed_gives_the_same_bits(blocks):
    train = blocks()
    one, same, other = (
        MultiVAE(**SMALL, epochs=2, random_state=seed, alignment="items").fit(train).predict(train)
        for seed in (1, 1, 2)
    )
    assert (one == same).all() and (one != other).any()


def test_start_and_noise_do_not_depend_on_the_alignment(blocks):
    train = blocks()
    plain, idle = (
        MultiVAE(**SMALL, epochs=2, alignment=alignment, alignment_weight=0.0).fit(train)
        for alignment in ("none", "items")
    )
    assert (plain.predict(train) == idle.predict(train)).all()


def test_parameters_are_counted(blocks):
    train = blocks(50, 30)
    network = 30 * 16 + 16 + 16 * 8 + 8 + 4 * 16 + 16 + 16 * 30 + 30
    for alignment, anchors in (("none", 0), ("items", 120), ("frozen", 0), ("shuffled-users", 120)):
        assert MultiVAE(**SMALL, epochs=1, alignment=alignment).fit(train).n_parameters_ == network + anchors


def test_scores_come_in_chunks_and_a_user_may_show_nothing(blocks):
    model = MultiVAE(**SMALL, epochs=1).fit(blocks())
    shown = blocks(25, seed=3).tolil()
    shown[7] = 0
    whole = model.predict(scipy.sparse.csr_matrix(shown))
    assert whole.shape == (25, 40) and whole.dtype == np.float64 and np.isfinite(whole).all()
    for rows, part in model.score_chunks(shown.tocsr(), size=10):
        np.testing.assert_allclose(whole[rows], part, rtol=1e-12)
    assert model.predict(shown.tocsr()[:0]).shape == (0, 40)


def test_training_leaves_no_gradients_behind(blocks):
    model = MultiVAE(**SMALL, epochs=1, alignment="items").fit(blocks())
    assert all(p.grad is None for p in (*model._network.parameters(), *model._alignment.parameters()))
    assert not model._network.output.memory._tensors


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alignment": "item"}, "alignment 'item'.*Did you mean 'items'"),
        ({"dtype": "float16"}, "dtype"),
        ({"hidden": 0}, "hidden = 0"),
        ({"dropout": 1.0}, "dropout = 1.0"),
        ({"beta": -0.1}, "beta = -0.1"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"alignment_weight": float("nan")}, "alignment_weight"),
        ({"alignment_scale": 0.5}, "alignment_scale"),
        ({"alignment_patience": 0}, "alignment_patience"),
        ({"patience": 0}, "patience"),
        ({"random_state": -1}, "random_state"),
    ],
)
def test_bad_settings_are_refused(blocks, settings, message):
    with pytest.raises(ValueError, match=message):
        MultiVAE(**settings).fit(blocks())


def test_bad_data_are_refused(blocks, fold):
    train, (shown, targets) = blocks(), fold(blocks(seed=1))
    model = MultiVAE(**SMALL, epochs=1)
    empty = train.tolil()
    empty[3] = 0
    for matrix, message in (
        (train.toarray()[0], "expected a matrix of ones and zeros, users by items"),
        (2 * train, "value 2.0"),
        (empty.tocsr(), "1 of 120 users of train have no items"),
    ):
        with pytest.raises(ValueError, match=message):
            model.fit(matrix)
    for pair, message in (
        (shown, "validation is of type csr_array: expected a pair of matrices"),
        ((shown[:, :5], targets), "5 columns"),
        ((shown[:5], targets), "5 and 120 users"),
        ((shown, shown), "none that is in the input"),
    ):
        with pytest.raises(ValueError, match=message):
            model.fit(train, pair)
    with pytest.raises(ValueError, match="columns"):
        model.fit(train).predict(shown[:, :7])


def test_divergence_is_said(blocks):
    with pytest.raises(FloatingPointError, match="epoch 1"):
        MultiVAE(**SMALL | {"learning_rate": 1e12, "batch_size": 10}, epochs=1).fit(blocks())


def test_a_device_that_is_not_there_is_refused(blocks):
    with pytest.raises(ValueError, match="cuda:99"):
        MultiVAE(device="cuda:99").fit(blocks())


def test_what_has_no_anchors_says_so(blocks):
    with pytest.raises(NotFittedError):
        _ = MultiVAE().anchors_
    model = MultiVAE(**SMALL, epochs=1).fit(blocks())
    with pytest.raises(AttributeError, match="alignment = 'none' has no anchors"):
        _ = model.anchors_
    assert not hasattr(model, "anchors_")
    with pytest.raises(ValueError, match="size = 2.5: expected an integer of at least 1"):
        list(model.score_chunks(blocks(), 2.5))
