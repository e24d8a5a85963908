"""Butterfly factorization beside lazylinop and pyfaust (extra `peers`): the same matrices, in one run.

Both libraries know butterfly supports and take singular vectors of blocks; Algorithm 1 takes any supports.
Times are those of the processor, which other processes do not change.
"""

import time
import warnings
from collections.abc import Callable

import numpy as np

from fourmasks.sparse.butterflies.butterfly import ButterflyProduct, cut_supports, factorize
from fourmasks.sparse.butterflies.transforms import TRANSFORMS, Transform, exponent
from fourmasks.sparse.completion.fast import complete

INSTALL = "pip install '.[peers]'"
OURS = "Algorithm 1"
TOLERANCE = 1e-9  # the transforms' largest entries are 1


def two_factors(B: np.ndarray) -> Callable[[], np.ndarray]:
    """Cut a butterfly product in the middle by Algorithm 1; return what gives the product of the factors."""
    X, Y = complete(B, cut_supports(len(B), exponent(len(B)) // 2), tolerance=TOLERANCE).factors()
    return lambda: X @ Y.T


def all_factors(B: np.ndarray) -> Callable[[], np.ndarray]:
    """Factorize a butterfly product by Algorithm 1; return what gives the product of the log2 n factors."""
    return factorize(B, tolerance=TOLERANCE).toarray


def lazylinop_two_factors(B: np.ndarray) -> Callable[[], np.ndarray]:
    """As `two_factors`, by lazylinop; raise `ImportError` where it is missing."""
    from lazylinop.butterfly import Chain, ksd

    n, height = len(B), 2 ** (exponent(len(B)) // 2)
    width = n // height
    return ksd(B, chain=Chain([(1, height, height, width), (height, width, width, 1)])).toarray


def lazylinop_all_factors(B: np.ndarray) -> Callable[[], np.ndarray]:
    """As `all_factors`, by lazylinop; raise `ImportError` where it is missing."""
    from lazylinop.butterfly import Chain, ksd

    return ksd(B, chain=Chain.square_dyadic(B.shape), order="balanced").toarray


def pyfaust_all_factors(B: np.ndarray) -> Callable[[], np.ndarray]:
    """As `all_factors`, by pyfaust; raise `ImportError` where it is missing."""
    from pyfaust.fact import butterfly

    return butterfly(B, type="bbtree").toarray


METHODS = {
    (OURS, "two"): two_factors,
    ("lazylinop", "two"): lazylinop_two_factors,
    (OURS, "all"): all_factors,
    ("lazylinop", "all"): lazylinop_all_factors,
    ("pyfaust", "all"): pyfaust_all_factors,
}


def missing() -> list[str]:
    """Return the names of the libraries that cannot be imported."""
    small, names = TRANSFORMS["hadamard"](4).butterfly, []
    for (name, _), method in METHODS.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                method(small)
        except ImportError:
            names.append(name)
    return sorted(set(names))


def measured(transform: Transform, method: str, factors: str, repetitions: int = 3) -> tuple[float, float]:
    """Factorize a transform by a method, a key of `METHODS`; return its error and the median seconds.

    The error is relative, in the Frobenius norm. `ImportError` is raised if the method's library is missing.
    """
    factorize_it, seconds = METHODS[method, factors], []
    for _ in range(repetitions):
        start = time.process_time()
        product = factorize_it(transform.butterfly)
        seconds.append(time.process_time() - start)
    difference = transform.matrix_from(np.asarray(product())) - transform.matrix
    error = float(np.linalg.norm(difference) / np.linalg.norm(transform.matrix))
    return error, float(np.median(seconds))


def application_speedup(
    transform: Transform, product: ButterflyProduct, n_columns: int, repetitions: int = 50
) -> tuple[float, list[float]]:
    """Return how many times faster the factors are applied to a real matrix (n, n_columns) than the dense
    transform is, and both medians in seconds; one column is a vector."""
    n = len(transform.matrix)
    x = np.random.default_rng(0).standard_normal((n, n_columns) if n_columns > 1 else n)

    def by_factors():
        y = product @ x[transform.order]
        return y.real if transform.real_part else y

    seconds = []
    for apply in (lambda: transform.matrix @ x, by_factors):
        apply()
        times = []
        for _ in range(repetitions):
            start = time.process_time()
            apply()
            times.append(time.process_time() - start)
        seconds.append(float(np.median(times)))
    return seconds[0] / seconds[1], seconds
