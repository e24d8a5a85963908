"""How many multiplications the operations of `run` take, by formula, and what gains follow."""

from bisect import bisect_left

from fourmasks.lunet.costs.run import hidden_units, speedups


def multiplications(dimension: int, points: int) -> dict[str, int]:
    """Return how many multiplications and divisions each operation takes for d >= 2 and n points, by formula.

    Of the inverses and determinants all are counted, but for those with constants; a logarithm counts as one.
    Of the steps only what is of order n d² or d³, as the layers compute them: the LU layer multiplies with
    the zeros of its triangles too, and without them would need half as many.
    """
    d, n, hidden = dimension, points, hidden_units(dimension)
    kept, moved = d // 2, d - d // 2
    factorization, solving = (d**3 - d) // 3, n * d**2
    network = n * hidden * (kept + 2 * moved)
    return {
        "inverse_lu": solving,
        "logdet_lu": d,
        "inverse_dense": factorization + solving,
        "logdet_dense": factorization + d,
        "inverse_coupling": network + n * moved,
        "logdet_coupling": network + n * moved,
        "kept_inverse_lu": solving,
        "kept_inverse_dense": solving,
        "at_once_dense": factorization + solving + d,
        # Two products forward, two gradients of matrices, and one that is handed on from L to U.
        "step_lu": 5 * n * d**2,
        # A product forward and the gradient of A; the determinant, and the inverse for its gradient.
        "step_dense": 2 * n * d**2 + factorization + d**3,
        "step_coupling": 2 * network + n * hidden * 2 * moved,
    }


def ratios(values: dict[str, float]) -> dict[str, float]:
    """Return dense over LU of seconds, or of counts: those of `speedups`, and "step"."""
    found = speedups({"inverse_activation": 0} | values)  # which is not counted
    return found | {"step": values["step_dense"] / values["step_lu"]}


def last_batch(dimension: int, name: str, level: float) -> int:
    """Return the largest number of points at which the counted gain is not below a level, 0 if there is none.

    It is about d / 3 for "at_once" and 2, and 4 d / 9 for "step" and 1.
    """
    points = range(1, 10 * dimension)
    return bisect_left(points, True, key=lambda n: ratios(multiplications(dimension, n))[name] < level)
