"""What the tests of the rating models share: one thread, small ratings, and a model about to be trained."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.ratings.fitting import Data
from fourmasks.data.ratings import load_ratings, make_ratings
from fourmasks.data.splits import split


@pytest.fixture(autouse=True, scope="module")
def always_one_thread(one_thread):
    """All tests of the rating models run on one thread."""


@pytest.fixture(scope="session")
def simulated():
    return split(load_ratings("simulated-small"), "per-user", 0, validation=0.1)


@pytest.fixture(scope="session")
def tiny():
    """Ten half-star ratings of 4 items by 5 users; the last user and the last item have none."""
    users = np.array([0, 0, 0, 1, 1, 2, 2, 2, 3, 3])
    items = np.array([0, 1, 2, 1, 2, 0, 2, 1, 0, 1])
    values = np.array([1, 3, 4.5, 2, 2, 5, 4, 0.5, 3, 3.5])
    return make_ratings("tiny", users, items, values, (5, 4), (0.5, 5))


@pytest.fixture
def started():
    """Return the function that gives a model's data and its parameters, moved at random off their start."""

    def start(model, ratings, seed=0, spread=0.3):
        data = Data(ratings, torch.device("cpu"))
        generator = torch.Generator().manual_seed(seed)
        model._mean = data.mean
        parameters = model._start(data, generator)
        with torch.no_grad():
            for parameter in parameters.values():
                parameter += spread * torch.randn(parameter.shape, generator=generator)
        return data, parameters

    return start
