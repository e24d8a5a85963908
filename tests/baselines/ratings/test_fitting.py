"""What the rating models share."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.ratings.fitting import Data, subnormals_as_zero
from fourmasks.baselines.ratings.pmf import PMF
from fourmasks.baselines.ratings.sparse import Pattern


def subnormal():
    return (torch.tensor(2e-38) * 0.1).item()


def test_subnormal_numbers_are_zero_in_training_and_nowhere_else(tiny):
    seen = []

    class Watched(PMF):
        def _loss(self, *batch):
            seen.append(subnormal())
            return super()._loss(*batch)

    Watched(2, epochs=1).fit(tiny)
    assert seen == [0.0] and subnormal() > 0
    with pytest.raises(FloatingPointError):
        Watched(2, epochs=9, learning_rate=1e30).fit(tiny)
    assert subnormal() > 0
    with subnormals_as_zero(), subnormals_as_zero():
        pass
    assert subnormal() > 0


def test_batches_hold_every_rating_once(tiny):
    data, generator = Data(tiny, torch.device("cpu")), torch.Generator().manual_seed(0)
    numbers = torch.cat([*data.batches(3, generator)])
    assert sorted(numbers.tolist()) == list(range(len(tiny)))
    for matrix, shape in ((data.by_user, (5, 4)), (data.by_item, (4, 5))):
        found = np.zeros(shape)
        for rows, pattern, values in data.row_batches(matrix, 2, generator):
            found[rows[pattern.rows], pattern.columns] += values.numpy()
            np.testing.assert_array_equal(pattern.row_sizes, np.diff(matrix[rows.numpy()].indptr))
        np.testing.assert_array_equal(found, matrix.toarray())
    assert data.by_user[0, 2] == 4.5 == data.by_item[2, 0]


def test_sparse_products_and_their_gradients(tiny):
    data, generator = Data(tiny, torch.device("cpu")), torch.Generator().manual_seed(0)
    pattern, mask = Pattern(data.by_user, data.device), torch.as_tensor(data.by_user.toarray() > 0)
    values = torch.as_tensor(data.by_user.data)
    left, right, weights = (torch.randn(n, 3, generator=generator) for n in (5, 4, 5))
    pairs = []
    for product, sampled in (
        (lambda q: pattern.product(values, q), pattern.sampled),
        (lambda q: torch.as_tensor(data.by_user.toarray()) @ q, lambda p, q: (p @ q.T)[mask]),
    ):
        p, q = left.clone().requires_grad_(), right.clone().requires_grad_()
        result = (weights * product(q)).sum() + sampled(p, q).pow(3).sum()
        pairs.append((result, *torch.autograd.grad(result, (p, q))))
    for found, expected in zip(*pairs, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
