"""Damped averages: they are what the formula says."""

import numpy as np

from fourmasks.baselines.ratings.averages import DampedAverages
from fourmasks.data.ratings import make_ratings


def toy(users, items, values, shape):
    return make_ratings("toy", users, items, values, shape, (1, 5))


def test_averages_are_the_damped_means():
    users, items, values = [0, 0, 1, 1, 1], [0, 1, 0, 1, 2], [5.0, 3.0, 4.0, 2.0, 1.0]
    model = DampedAverages(item_damping=2.0, user_damping=1.0).fit(toy(users, items, values, (3, 3)))
    assert model.mean_ == 3
    costs = [(2 + 1) / (2 + 2), (0 - 1) / (2 + 2), -2 / (1 + 2)]
    np.testing.assert_allclose(model.item_biases_, costs)
    biases = [
        (2 - costs[0] + 0 - costs[1]) / (2 + 1),
        (1 - costs[0] - 1 - costs[1] - 2 - costs[2]) / (3 + 1),
        0,
    ]
    np.testing.assert_allclose(model.user_biases_, biases)
    np.testing.assert_allclose(model.predict([2, 1], [0, 2]), [3 + costs[0], 3 + biases[1] + costs[2]])
    plain = DampedAverages(item_damping=0.0, user_damping=0.0).fit(toy([0], [0], [4.0], (2, 2)))
    np.testing.assert_array_equal(plain.predict([1], [1]), [4.0])
