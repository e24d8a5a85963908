"""The recommender as an estimator: determinism, early stopping, cold users, the additive controls."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from fourmasks.data.held_out import split_per_user
from fourmasks.data.ratings import load_ratings, make_ratings
from fourmasks.learning.trainer import Diverged
from fourmasks.lunet.models.batches import Batches
from fourmasks.lunet.models.negatives import NonInteractions
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.ratings.run import interaction_share

pytestmark = pytest.mark.usefixtures("one_thread")
SMALL = {"dimension": 8, "n_layers": 2, "batch_size": 64, "epochs": 2, "learning_rate": 5e-3}


@pytest.fixture(scope="module")
def data():
    return split_per_user(load_ratings("simulated-small"), 0, 0.1)


def small(**settings):
    return LUNetRecommender(**SMALL | settings)


def grid(model, shape):
    users, items = np.divmod(np.arange(shape[0] * shape[1]), shape[1])
    return model.predict(users, items).reshape(shape)


def test_the_same_seed_gives_the_same_bits(data):
    first, second = (clone(small(random_state=3)).fit(data.train, data.validation) for _ in range(2))
    assert first.loss_curve_ == second.loss_curve_ and first.validation_curve_ == second.validation_curve_
    for name, parameter in first.model_.state_dict().items():
        assert torch.equal(parameter, second.model_.state_dict()[name])
    other = small(random_state=4).fit(data.train, data.validation)
    assert other.loss_curve_ != first.loss_curve_


def test_training_lowers_the_loss_and_beats_the_mean(data):
    model = small(epochs=8).fit(data.train)
    assert model.loss_curve_[-1] < model.loss_curve_[0]
    test = data.test
    error = np.mean((model.predict(test.users, test.items) - test.values) ** 2)
    assert error < 0.95 * np.var(test.values)
    assert len(model.mse_curve_) == len(model.seconds_) == model.best_epoch_ == 8
    halves = np.array([model.mse_curve_, model.entropy_curve_]) / 2
    assert model.loss_curve_ == pytest.approx(halves.sum(axis=0))


def test_the_epoch_with_the_lowest_validation_error_is_kept(data):
    seen = []

    def remember(model):
        seen.append(model.predict(data.test.users, data.test.items))

    model = small(epochs=12, patience=2, learning_rate=0.05).fit(
        data.train, data.validation, after_epoch=remember
    )
    curve = model.validation_curve_
    assert model.best_epoch_ == 1 + int(np.argmin(curve))
    assert len(curve) == min(12, model.best_epoch_ + 2)
    np.testing.assert_array_equal(
        model.predict(data.test.users, data.test.items), seen[model.best_epoch_ - 1]
    )
    found = model.predict(data.validation.users, data.validation.items)
    assert np.mean((found - data.validation.values) ** 2) == pytest.approx(min(curve), rel=1e-6)


def test_a_criterion_takes_the_place_of_the_validation_error(data):
    values = iter([3.0, 1.0, 2.0])
    model = small(epochs=3).fit(data.train, criterion=lambda _: next(values))
    assert (model.best_epoch_, model.validation_curve_) == (2, [3.0, 1.0, 2.0])


@pytest.mark.parametrize("settings", [{"network": "identity"}, {"n_layers": 1}], ids=str)
def test_without_a_bend_the_model_is_additive(data, settings):
    """With the linear read-out: a constant, a number of the user and one of the item, and nothing else."""
    model = small(dtype="float64", epochs=5, **settings).fit(data.train)
    predicted = grid(model, data.train.shape)
    assert interaction_share(predicted) < 1e-20
    if settings == {"network": "identity"}:
        table, weight = model._table.numpy(), model.model_.readout.weight.detach().numpy()[0]
        biases = np.split(table, [data.train.shape[0]])[0] @ weight[:4]
        costs = np.split(table, [data.train.shape[0]])[1] @ weight[4:]
        constant = model.model_.readout.offsets[0].item()
        np.testing.assert_allclose(predicted, constant + biases[:, None] + costs, rtol=1e-10)


def test_with_bends_it_is_not_additive(data):
    model = small(dtype="float64", epochs=10, embedding_scale=1.0).fit(data.train)
    assert interaction_share(grid(model, data.train.shape)) > 1e-4


def test_the_interaction_share_against_least_squares():
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((5, 4))
    rows, columns = np.divmod(np.arange(20), 4)
    design = np.column_stack((np.eye(5)[rows], np.eye(4)[columns]))
    solution = np.linalg.lstsq(design, matrix.ravel(), rcond=None)[0]
    left = matrix.ravel() - design @ solution
    assert interaction_share(matrix) == pytest.approx(left @ left / np.square(matrix - matrix.mean()).sum())
    assert interaction_share(np.ones((3, 3))) == 0


def test_one_network_for_both_sides_can_be_absorbed(data):
    """With the read-out "separate" predictions are a plain factorization, whose factors are f(u) and f(v)."""
    model = small(dtype="float64", readout="separate", heads=1, epochs=4).fit(data.train)
    n_users = data.train.shape[0]
    images = model.model_.network(model._table).detach().numpy()
    plain = images[:n_users] @ images[n_users:].T + model.model_.readout.offsets[0].item()
    np.testing.assert_allclose(grid(model, data.train.shape), plain, rtol=1e-10)


def test_whoever_has_no_ratings_gets_the_mean_embedding():
    users, items = np.divmod(np.arange(20), 4)
    ratings = make_ratings("grid", users, items, 1 + (users + items) % 5, (7, 6), (1, 5))
    model = small(dtype="float64", epochs=30).fit(ratings)
    table = model._table.numpy()
    np.testing.assert_allclose(table[5:7], np.tile(table[:5].mean(0), (2, 1)))
    np.testing.assert_allclose(table[7 + 4 :], np.tile(table[7:11].mean(0), (2, 1)))
    assert np.isfinite(model.predict([6, 0, 6], [0, 5, 5])).all()
    additive = small(dtype="float64", network="identity", epochs=30).fit(ratings)
    known = grid(additive, (7, 6))[:5, :4]
    assert additive.predict([6], [2])[0] == pytest.approx(known[:, 2].mean())


def test_scores_are_log_odds_and_with_gamma_1_ratings(data):
    model = small().fit(data.train)
    users = np.array([4, 2])
    items = np.arange(data.train.shape[1])
    expected = [model.log_odds(np.full(len(items), user), items) for user in users]
    np.testing.assert_allclose(model.score_items(users), expected, rtol=1e-5)
    explicit = small(gamma=1.0).fit(data.train)
    expected = [explicit.predict(np.full(len(items), user), items) for user in users]
    np.testing.assert_allclose(explicit.score_items(users), expected, rtol=1e-5)
    assert explicit.entropy_curve_ == [0.0, 0.0]


def test_one_head_is_rating_and_log_odds_at_once(data):
    model = small(heads=1).fit(data.train)
    pairs = data.test.users, data.test.items
    np.testing.assert_array_equal(model.predict(*pairs), model.log_odds(*pairs))


def test_sizes(data):
    n = sum(data.train.shape)
    model = small(epochs=1).fit(data.train)
    assert model.n_network_parameters_ == 2 * 8 * 9
    assert model.n_parameters_ == n * 4 + 2 * 8 * 9 + 2 * 8 + 2
    separate = small(epochs=1, readout="separate", network="identity").fit(data.train)
    assert separate.n_parameters_ == n * 8 + 2


def test_batches_hold_every_rating_once_and_nothing_known_as_a_negative(data):
    settings = small(n_negatives=3, batch_size=50)
    batches = Batches(data.train, settings, torch.device("cpu"))
    n_users = data.train.shape[0]
    known = set(zip(data.train.users.tolist(), data.train.items.tolist(), strict=True))
    rated = {}
    for rows, ratings in batches.epoch(torch.Generator().manual_seed(0)):
        pairs = rows.view(-1, 2).numpy() - [0, n_users]
        m = len(ratings)
        assert len(pairs) == 4 * m
        for pair, value in zip(pairs[:m].tolist(), ratings.tolist(), strict=True):
            rated[tuple(pair)] = value
        assert not known & {tuple(pair) for pair in pairs[m:].tolist()}
        np.testing.assert_array_equal(np.repeat(pairs[:m, 0], 3), pairs[m:, 0])
    assert len(rated) == len(data.train) == batches.n_ratings and batches.n_pairs == 4 * len(data.train)
    expected = dict(zip(zip(data.train.users, data.train.items, strict=True), data.train.values, strict=True))
    assert rated == expected


def test_negatives_are_uniform_over_what_is_left():
    users, items = np.zeros(3, int), np.array([0, 2, 5])
    ratings = make_ratings("one", users, items, np.full(3, 3.0), (1, 7), (1, 5))
    drawn = NonInteractions(ratings).draw(
        torch.zeros(8000, dtype=torch.int64), torch.Generator().manual_seed(0)
    )
    counts = np.bincount(drawn.numpy(), minlength=7)
    assert (counts[[0, 2, 5]] == 0).all()
    np.testing.assert_allclose(counts[[1, 3, 4, 6]] / 2000, 1, atol=0.1)
    full = make_ratings("full", np.zeros(2, int), np.arange(2), np.full(2, 3.0), (1, 2), (1, 5))
    with pytest.raises(ValueError, match="user 0 has rated all 2 items"):
        NonInteractions(full)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"network": "lunet"}, "unknown network 'lunet'"),
        ({"readout": "dot"}, "unknown readout 'dot'"),
        ({"gamma": 1.2}, "gamma = 1.2: expected a weight from 0 to 1"),
        ({"alpha": 1.0}, "alpha = 1.0"),
        ({"beta": 0.0}, "beta = 0.0"),
        ({"dimension": 7}, "dimension = 7: expected a multiple of 2"),
        ({"dimension": 6, "readout": "product"}, "dimension = 6: expected a multiple of 4"),
        ({"batch_size": 0}, "batch_size = 0"),
        ({"heads": 3}, "heads = 3: expected 1 or 2"),
        ({"heads": 2.0}, "heads = 2.0: expected an integer"),
        ({"alpha": "0.5"}, "alpha = '0.5': expected a finite number > 0"),
        ({"random_state": None}, "random_state = None: expected an integer"),
    ],
)
def test_bad_settings_are_named_before_any_work(data, settings, message):
    with pytest.raises(ValueError, match=message):
        small(**settings).fit(data.train)


def test_bad_pairs_and_divergence_are_named(data):
    with pytest.raises(NotFittedError):
        small().predict([0], [0])
    model = small(epochs=1).fit(data.train)
    with pytest.raises(ValueError, match="expected 0 to 149"):
        model.predict([150], [0])
    assert model.predict([], []).shape == (0,)
    with pytest.raises(NotFittedError):
        small().score_items([0])
    with pytest.raises(ValueError, match=r"users have shape \(1, 1\)"):
        model.score_items([[0]])
    with pytest.raises(ValueError, match="criterion = 1: expected a function, or None"):
        small().fit(data.train, criterion=1)
    with pytest.raises(FloatingPointError, match="give a learning_rate below"):
        small(learning_rate=1e20, epochs=3).fit(data.train)
    for patience in (None, 1, 2):
        with pytest.raises(Diverged, match="no epoch had a finite score"):
            small(epochs=2, patience=patience).fit(data.train, criterion=lambda model: float("nan"))
