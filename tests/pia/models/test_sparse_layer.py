"""The sparse first layer and the softmax over all items."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from fourmasks.pia.models import sparse_layer
from fourmasks.pia.models.sparse_layer import (
    CHUNK,
    Memory,
    MultinomialOutput,
    SparseLinear,
    SparseRows,
    dropped,
    input_rows,
    multinomial_nll,
    sparse_product,
)

pytestmark = pytest.mark.usefixtures("one_thread")


def normal(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.fixture(scope="module")
def rows(blocks):
    """More than one chunk of the softmax, with a row and a column that are empty."""
    matrix = blocks(n_users=2 * CHUNK + 3, n_items=11).tolil()
    matrix[4], matrix[:, 6] = 0, 0
    return matrix.tocsr()


def test_products_are_those_of_the_dense_matrix(rows, monkeypatch):
    scale = normal(rows.shape[0]).abs()
    dense = torch.as_tensor(rows.toarray(), dtype=torch.float64) * scale[:, None]
    s = SparseRows(rows, scale, dtype=torch.float64)
    right, left = normal(rows.shape[1], 3), normal(rows.shape[0], 3)
    torch.testing.assert_close(s.times(right), dense @ right)
    torch.testing.assert_close(s.transposed_times(left), dense.T @ left)
    monkeypatch.setattr(sparse_layer, "PART", 12)  # four rows at a time
    parts = list(s.transposed_parts(left))
    assert len(parts) == 3
    torch.testing.assert_close(torch.cat([part for _, part in parts]), dense.T @ left)
    torch.testing.assert_close(torch.cat([right[rows] for rows, _ in parts]), right)


def test_gradients_by_finite_differences(rows):
    s = SparseRows(rows, normal(rows.shape[0]), dtype=torch.float64)
    x = SparseRows(rows, dtype=torch.float64)
    weight = normal(11, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda w: sparse_product(s, w), weight)
    arguments = normal(rows.shape[0], 3, seed=1), weight, normal(11, seed=2)
    arguments = [argument.detach().requires_grad_() for argument in arguments]
    assert torch.autograd.gradcheck(lambda *a: multinomial_nll(*a, x), arguments)


def test_the_likelihood_is_that_of_a_softmax_even_for_huge_logits(rows):
    hidden, weight, bias = 300 * normal(rows.shape[0], 3), normal(11, 3, seed=1), normal(11, seed=2)
    x = torch.as_tensor(rows.toarray(), dtype=torch.float64)
    expected = -(x * torch.log_softmax(hidden @ weight.T + bias, 1)).sum(1)
    found = multinomial_nll(hidden, weight, bias, SparseRows(rows, dtype=torch.float64))
    torch.testing.assert_close(found, expected)
    assert expected.max() > 1000  # softmax itself would be zero there


def test_layers_with_memory_have_the_gradients_of_dense_ones_step_after_step(rows):
    first = SparseLinear(normal(11, 4), normal(4))
    last = MultinomialOutput(normal(11, 4, seed=1), normal(11))
    names = [(first, "weight"), (first, "bias"), (last, "weight"), (last, "bias")]
    addresses = set()
    for part in (rows[:20], rows[20:], rows[3:9]):  # batches of different sizes and items
        x = torch.as_tensor(part.toarray(), dtype=torch.float64)
        copies = [getattr(*name).detach().clone().requires_grad_() for name in names]
        w, b, v, c = copies
        dense = -(x * torch.log_softmax(torch.tanh(x @ w + b) @ v.T + c, 1)).sum()
        expected = torch.autograd.grad(dense, copies)
        for layer in (first, last):
            layer.zero_grad()
        s = SparseRows(part, dtype=torch.float64)
        last.nll(torch.tanh(first(s)), s).sum().backward()
        for name, gradient in zip(names, expected, strict=True):
            torch.testing.assert_close(getattr(*name).grad, gradient)
        addresses.add((first.weight.grad.data_ptr(), last.weight.grad.data_ptr()))
    assert len(addresses) == 1  # no copy was made


def test_memory_grows_and_is_given_back():
    memory, like = Memory(), torch.zeros(1)
    large = memory.empty("a", (5, 2), like)
    assert memory.empty("a", (3, 2), like).data_ptr() == large.data_ptr()
    assert memory.empty("a", (6, 2), like).shape == (6, 2)
    memory.clear()
    assert memory.empty("a", (2, 2), like).shape == (2, 2)


def test_dropout_keeps_its_share_and_the_mean(blocks):
    matrix = blocks(400, 100)
    generator = torch.Generator().manual_seed(0)
    kept = dropped(matrix, 0.3, generator)
    assert matrix.multiply(kept).nnz == kept.nnz  # nothing new
    deviation = np.sqrt(0.3 * 0.7 / matrix.nnz)
    assert kept.nnz / matrix.nnz == pytest.approx(0.7, abs=4 * deviation)
    norms = np.sqrt(matrix.sum(1))
    whole = input_rows(matrix, dtype=torch.float64).times(torch.ones(100, 1, dtype=torch.float64))
    np.testing.assert_allclose(whole[:, 0], norms)  # n / sqrt(n)
    mean = sum(
        input_rows(matrix, 0.3, generator, dtype=torch.float64).times(torch.ones(100, 1, dtype=torch.float64))
        for _ in range(200)
    )
    np.testing.assert_allclose(mean[:, 0] / 200, norms, rtol=0.2)
    assert float((mean[:, 0] / 200 / whole[:, 0]).mean()) == pytest.approx(1, abs=0.01)


def test_a_step_makes_no_dense_matrix_of_the_input(blocks):
    matrix = blocks(64, 500, inside=0.05)
    layer = SparseLinear(normal(500, 8), normal(8))

    class Shapes(TorchDispatchMode):
        seen = set()

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            result = function(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor):
                self.seen.add(tuple(result.shape))
            return result

    with Shapes() as shapes:
        layer(input_rows(matrix, dtype=torch.float64)).sum().backward()
    assert (500, 8) in shapes.seen  # the gradient
    assert not {(64, 500), (500, 64)} & shapes.seen
