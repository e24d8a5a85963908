"""Whether a density and its samples belong together: integrals on grids, and projections on lines."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.stats import ks_2samp

# Gauss-Legendre nodes on equal panels.
PANELS, NODES = 48, 8
# The whole plane: x = 2 sinh t with |t| <= 5, a grid that is fine at the origin and ends at 148.
FAR = 5.0
OUTSIDE = 0.02  # share of samples outside the rectangle, a quarter of it beyond each side
BOXES, BOX_PANELS = 8, 12
DIRECTIONS = 50


class Line(NamedTuple):
    """Places (n,) on a line and their weights: the integral of g is nearly the sum of weights times g."""

    places: np.ndarray
    weights: np.ndarray


def segment(low: float, high: float, panels: int = PANELS) -> Line:
    """Return Gauss-Legendre places on [low, high], cut into equal panels."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = (high - low) / (2 * panels)
    centres = low + half * (2 * np.arange(panels) + 1)
    return Line((centres[:, None] + half * nodes).ravel(), np.tile(half * weights, panels))


def whole_line(panels: int = PANELS) -> Line:
    """Return places on the real numbers, dense near 0, out to ± 148."""
    t, weights = segment(-FAR, FAR, panels)
    return Line(2 * np.sinh(t), weights * 2 * np.cosh(t))


def integral(log_prob: Callable[[np.ndarray], np.ndarray], first: Line, second: Line) -> float:
    """Return the integral over the plane, or a rectangle of it, of a density given by its logarithm."""
    x, y = np.meshgrid(first.places, second.places, indexing="ij")
    values = np.exp(log_prob(np.stack((x.ravel(), y.ravel()), 1))).reshape(x.shape)
    return float(first.weights @ values @ second.weights)


def box_integral(log_prob, low: np.ndarray, high: np.ndarray, panels: int = PANELS) -> float:
    """Return the integral over the rectangle between two corners (2,)."""
    return integral(log_prob, *(segment(*ends, panels) for ends in zip(low, high, strict=True)))


def share_inside(points: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Return which share of points (n, 2) lies in the rectangle between two corners."""
    return float(((points > low) & (points < high)).all(axis=1).mean())


def check_integrals(log_prob, samples: np.ndarray, seed: int) -> dict[str, float]:
    """Compare integrals of a density in the plane with shares of samples that are said to be from it.

    The rectangle is placed by the first half of the samples, and its share is counted in the other half; so
    are the boxes, whose corners are two of the samples each.

    Parameters
    ----------
    log_prob : callable
        Takes points (n, 2), gives (n,).
    samples : ndarray (n, 2)
    seed : int
        Of the boxes.

    Returns
    -------
    dict of str to float
        plane_integral and plane_error, its distance from 1; rectangle_integral, rectangle_share,
        integral_error, the distance of the two, share_deviation, the binomial standard deviation of the
        share, and grid_error, how much the rectangle's integral changes on a grid half as fine;
        largest_box_error, and largest_box_deviations, the largest in standard deviations of the share.
    """
    placed, counted = np.array_split(samples, 2)
    plane = integral(log_prob, whole_line(), whole_line())
    low, high = np.quantile(placed, [OUTSIDE / 4, 1 - OUTSIDE / 4], axis=0)
    mass = box_integral(log_prob, low, high)
    share = share_inside(counted, low, high)
    errors = _box_errors(log_prob, placed, counted, np.random.default_rng(seed))
    return {
        "plane_integral": plane,
        "plane_error": abs(plane - 1),
        "rectangle_integral": mass,
        "rectangle_share": share,
        "integral_error": abs(mass - share),
        "share_deviation": _deviation(mass, len(counted)),
        "grid_error": abs(mass - box_integral(log_prob, low, high, PANELS // 2)),
        "largest_box_error": max(error for error, _ in errors),
        "largest_box_deviations": max(error / deviation for error, deviation in errors),
    }


def _box_errors(log_prob, placed, counted, rng) -> list[tuple[float, float]]:
    """Return for each box how far integral and share are apart, and the share's standard deviation."""
    found = []
    for _ in range(BOXES):
        corners = placed[rng.choice(len(placed), 2, replace=False)]
        low, high = corners.min(axis=0), corners.max(axis=0)
        mass = box_integral(log_prob, low, high, BOX_PANELS)
        error = abs(mass - share_inside(counted, low, high))
        found.append((error, _deviation(mass, len(counted))))
    return found


def _deviation(mass: float, n: int) -> float:
    inner = min(max(mass, 1 / n), 1 - 1 / n)  # no share of n points is known better than that of one point
    return math.sqrt(inner * (1 - inner) / n)


def projection_distance(first: np.ndarray, second: np.ndarray, seed: int) -> float:
    """Return the two-sample Kolmogorov-Smirnov distance of points (n, d), (m, d), mean over random lines."""
    directions = np.random.default_rng(seed).standard_normal((first.shape[1], DIRECTIONS))
    lines = zip((first @ directions).T, (second @ directions).T, strict=True)
    return float(np.mean([ks_2samp(one, other).statistic for one, other in lines]))
