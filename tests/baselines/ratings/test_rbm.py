"""The restricted Boltzmann machine, against the enumeration of all states of its units."""

import itertools

import numpy as np
import pytest
import torch

from fourmasks.baselines.ratings.rbm import RBM, free_energy, rating_levels
from fourmasks.baselines.ratings.sparse import Pattern
from fourmasks.data.ratings import make_ratings

H, L = 3, 10


@pytest.fixture
def machine(started, tiny):
    """A model of H hidden units with random parameters, these in float64 arrays, and the data."""
    model = RBM(H)
    data, parameters = started(model, tiny, spread=0.7)
    arrays = {name: tensor.detach().double().numpy() for name, tensor in parameters.items()}
    return model, data, parameters, arrays | {"weights": arrays["weights"].reshape(-1, L, H)}


def energy(arrays, items, levels, hidden):
    """E(v, h) of a user's ratings, level numbers of items, and of the hidden units."""
    biases = arrays["visible_biases"].reshape(-1, L)
    inputs = arrays["weights"][items, levels].sum(0)
    return -biases[items, levels].sum() - hidden @ arrays["hidden_biases"] - hidden @ inputs


def probability(arrays, items, levels):
    """Not normalized: the sum of exp(-E) over all states of the hidden units."""
    states = (np.array(state) for state in itertools.product((0, 1), repeat=H))
    return sum(np.exp(-energy(arrays, items, levels, state)) for state in states)


def ratings_of(ratings, user):
    own = ratings.users == user
    return ratings.items[own], np.rint(2 * ratings.values[own] - 1).astype(int)


def test_free_energy_is_minus_the_log_of_the_sum_over_hidden_states(machine, tiny):
    model, data, parameters, arrays = machine
    pattern, values = Pattern(data.by_user, data.device), torch.as_tensor(data.by_user.data)
    found = free_energy(parameters, model._seen(pattern, values), torch.ones_like(values))
    expected = -sum(np.log(probability(arrays, *ratings_of(tiny, user))) for user in range(5))
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_all_units_with_one_hot_values_have_the_same_free_energy(machine):
    model, data, parameters, _ = machine
    pattern, values = Pattern(data.by_user, data.device), torch.as_tensor(data.by_user.data)
    seen = free_energy(parameters, model._seen(pattern, values), torch.ones_like(values))
    one_hot = (values[:, None] == model._levels).float().flatten()
    whole = free_energy(parameters, model._units(pattern), one_hot)
    assert whole.item() == pytest.approx(seen.item(), rel=1e-5)


def test_predictions_are_the_conditional_mean_of_a_new_rating(machine, tiny):
    model, data, parameters, arrays = machine
    tables = model._tables(parameters, data)
    for user, item in ((0, 3), (1, 0), (3, 2), (4, 1)):
        items, levels = ratings_of(tiny, user)
        weights = np.array(
            [probability(arrays, np.append(items, item), np.append(levels, level)) for level in range(L)]
        )
        expected = weights @ (0.5 + 0.5 * np.arange(L)) / weights.sum()
        found = model._scores(tables, torch.tensor([user]), torch.tensor([item]))
        assert found.item() == pytest.approx(expected, rel=1e-5)


def test_imagined_ratings_are_the_conditional_given_hidden_units(machine):
    """Where the hidden units are sure to be on, the softmax of biases plus all weights."""
    model, data, parameters, arrays = machine
    parameters = parameters | {"hidden_biases": torch.full((H,), 50.0)}
    pattern, values = Pattern(data.by_user, data.device), torch.as_tensor(data.by_user.data)
    seen, units = model._seen(pattern, values), model._units(pattern)
    with torch.no_grad():
        found = model._imagine(parameters, seen, units, torch.ones_like(values), torch.Generator())
    logits = arrays["visible_biases"].reshape(-1, L) + arrays["weights"].sum(2)
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(found.view(-1, L).numpy(), shares[data.by_user.indices], rtol=1e-4)


def test_those_without_ratings_have_the_shares_of_the_items(tiny):
    model = RBM(H, epochs=1, learning_rate=1e-9, ridge=0.0).fit(tiny)
    levels, counts = np.arange(1, 11) / 2, np.zeros((4, 10))
    np.add.at(counts, (tiny.items, np.rint(2 * tiny.values - 1).astype(int)), 1)
    overall = (1 + counts.sum(0)) / (10 + len(tiny))
    shares = (counts + 5 * overall) / (counts.sum(1, keepdims=True) + 5)
    predicted = model.predict([4, 4, 4, 4], [0, 1, 2, 3])
    np.testing.assert_allclose(predicted, shares @ levels, atol=0.02)


def test_levels_are_whole_or_half_stars():
    assert rating_levels(torch.tensor([1.0, 5.0]), (1.0, 5.0)).tolist() == [1, 2, 3, 4, 5]
    assert rating_levels(torch.tensor([0.5, 4.0]), (0.5, 5.0)).tolist() == [k / 2 for k in range(1, 11)]


def test_a_rating_between_half_stars_is_refused():
    ratings = make_ratings("odd", [0, 1], [0, 1], [3.0, 3.7], (2, 2), (1, 5))
    with pytest.raises(ValueError, match="3.7.*half stars"):
        RBM().fit(ratings)
