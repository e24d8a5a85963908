"""Butterfly supports and their factors: the transforms, random products, errors, and where there are none."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from fourmasks.sparse.butterflies.butterfly import column_pairs, cut_supports, factorize, product_support
from fourmasks.sparse.butterflies.transforms import TRANSFORMS, dct2, dft, exponent, folding, hadamard
from fourmasks.sparse.completion.fast import complete


def random_product(n, rng):
    factors = []
    for s in range(1, exponent(n) + 1):
        support = product_support(n, s, s)
        factors.append(support * rng.uniform(0.5, 2, (n, n)) * rng.choice([-1, 1], (n, n)))
    return factors, np.linalg.multi_dot(factors)


def test_supports_of_products():
    n = 16
    for first in range(1, 5):
        product = np.eye(n, dtype=int)
        for last in range(first, 5):
            single = product_support(n, last, last)
            assert (single.sum(0) == 2).all() and (single.sum(1) == 2).all()
            product = product @ single
            assert np.array_equal(product, product_support(n, first, last).astype(int))
    with pytest.raises(ValueError, match="factors 2 to 5: expected 1 <= first <= last <= 4"):
        product_support(16, 2, 5)
    with pytest.raises(ValueError, match="n = 12: expected a power of two"):
        product_support(12, 1, 2)


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_cuts_have_disjoint_atoms_that_cover_everything(cut):
    assert (cut_supports(16, cut).masks().sum(0) == 1).all()


@pytest.mark.parametrize("n", [8, 64])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_have_two_factors_and_all(name, n):
    transform = TRANSFORMS[name](n)
    for cut in range(1, exponent(n)):
        X, Y = complete(transform.butterfly, cut_supports(n, cut), tolerance=1e-9).factors()
        assert np.abs(transform.matrix_from(X @ Y.T) - transform.matrix).max() < 1e-13
    found = factorize(transform.butterfly, tolerance=1e-9)
    assert [factor.nnz for factor in found.factors] == [2 * n] * exponent(n)
    for s, factor in enumerate(found.factors, start=1):
        assert np.array_equal(factor.toarray() != 0, product_support(n, s, s))
    assert np.abs(transform.matrix_from(found.toarray()) - transform.matrix).max() < 1e-13
    x = np.random.default_rng(0).standard_normal(n)
    y = found @ x[transform.order]
    assert np.allclose(y.real if transform.real_part else y, transform.matrix @ x)


def test_the_hadamard_matrix_is_cut_exactly_in_fractions():
    transform = hadamard(16)
    X, Y = complete(transform.matrix.astype(int), cut_supports(16, 2)).factors()
    assert np.array_equal(X @ Y.T, transform.matrix) and set(X.ravel()) == {-1, 0, 1}


def test_factors_of_random_products_are_found_up_to_scaling():
    rng = np.random.default_rng(1)
    factors, B = random_product(16, rng)
    found = factorize(B, tolerance=1e-9)
    assert np.abs(found.toarray() - B).max() < 1e-12
    inner = np.ones(16)  # what the factors so far have passed on to the next ones
    for factor, truth in zip(found.factors, factors, strict=True):
        mine, truth = factor.toarray(), truth * inner[:, None]
        here = truth != 0
        ratio = np.where(here, mine / np.where(here, truth, 1), np.nan)
        scale = np.nanmean(ratio, 0)
        assert np.nanmax(np.abs(ratio / scale - 1)) < 1e-10
        inner = 1 / scale
        assert np.allclose(mine, truth * scale)
    assert np.allclose(inner, 1)


def test_least_squares_takes_errors():
    rng = np.random.default_rng(2)
    _, B = random_product(32, rng)
    e = 1e-3 * rng.standard_normal(B.shape)
    with pytest.raises(ValueError, match="no unique cut of factors 1 to 5 after 3: incompatible, entry"):
        factorize(B + e, tolerance=1e-9)
    lazy = factorize(B + e, tolerance=0.1)
    careful = factorize(B + e, tolerance=1e-9, least_squares=True)
    error = [np.linalg.norm(found.toarray() - B) for found in (lazy, careful)]
    assert error[1] < error[0] and error[1] < np.linalg.norm(e)


def test_the_cosine_transform_has_one_butterfly_factor():
    for n in (8, 32):
        C = dct2(n).matrix
        q = exponent(n)
        X, Y = complete(C[:, folding(n)], cut_supports(n, q - 1), tolerance=1e-9).factors()
        assert np.abs(X @ Y.T - C[:, folding(n)]).max() < 1e-14
        assert (np.count_nonzero(Y, axis=0) == 2).all() and np.abs(
            np.abs(Y).max(0) * 2 - np.abs(Y).sum(0)
        ).max() < 1e-14


def test_beyond_size_4_no_permutation_makes_the_cosine_transform_a_butterfly_product():
    """Its last factor must combine columns k and n - 1 - k; then the odd rows allow no further factor."""
    for n in (8, 16, 32, 64):
        C = dct2(n).matrix
        assert column_pairs(C, 1e-9) == [(k, n - 1 - k) for k in range(n // 2)]
        even, odd = C[::2, : n // 2], C[1::2, : n // 2]
        assert len(column_pairs(even, 1e-9)) == n // 4 and column_pairs(odd, 1e-9) == []
    B = dct2(4).matrix[:, folding(4)]
    assert np.allclose(factorize(B, tolerance=1e-9).toarray(), B)


def test_pairs_of_a_butterfly_product_in_any_order():
    rng = np.random.default_rng(3)
    _, B = random_product(16, rng)
    P, Q = rng.permutation(16), rng.permutation(16)
    place = np.argsort(Q)
    expected = {tuple(sorted((int(place[2 * t]), int(place[2 * t + 1])))) for t in range(8)}
    assert set(column_pairs(B[P][:, Q], 1e-9)) == expected
    assert {(k, k + 4) for k in range(4)} <= set(column_pairs(dft(8).matrix, 1e-9))
    assert column_pairs(rng.standard_normal((8, 8)), 1e-9) == []


def test_bad_arguments():
    with pytest.raises(ValueError, match="shape \\(4, 2\\): expected a square one"):
        factorize(np.ones((4, 2)), tolerance=1e-9)
    for B, message in (
        (np.ma.array(np.eye(4), mask=np.eye(4)), "B is a masked array"),
        (csr_array(np.eye(4)), "B is a sparse matrix: expected an array; give its toarray"),
        (np.full((2, 2), np.nan), "entry \\(0, 0\\) of B is nan: expected finite numbers"),
    ):
        with pytest.raises(ValueError, match=message):
            factorize(B, tolerance=1e-9)
    for tolerance in ("a", None, 0.0):
        with pytest.raises(ValueError, match=f"tolerance = {tolerance!r}: expected a positive number"):
            factorize(np.eye(2), tolerance=tolerance)
    with pytest.raises(ValueError, match="entry \\(0, 1\\) is 0.0: expected no zeros"):
        column_pairs(np.eye(4), 1e-9)
    with pytest.raises(ValueError, match="shape \\(3, 3\\): expected a square one of even size"):
        column_pairs(np.ones((3, 3)), 1e-9)
