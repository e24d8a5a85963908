"""One fit of a density to points, and how good and how consistent it is.

The points are those of a toy set, or the embeddings that a recommender has learned for items or users. All
methods get the same ones, in three parts: to fit, to choose by, and to measure on.
"""

import copy
import functools
import math
from typing import NamedTuple

import numpy as np
import torch

from fourmasks.lunet.density.baselines import Density, fit_kernel, fit_mixture
from fourmasks.lunet.density.checks import check_integrals, projection_distance
from fourmasks.lunet.density.toy_points import TOYS, draw_toy
from fourmasks.lunet.flows.activations import LeakySoftplus
from fourmasks.lunet.flows.coupling import CouplingFlow
from fourmasks.lunet.flows.flow import Flow, LUFlow
from fourmasks.lunet.flows.layers import LULayer
from fourmasks.lunet.flows.likelihood import fit_flow
from fourmasks.lunet.models.data import load
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.system.names import unknown

FLOWS = ("lu", "coupling")
METHODS = (*FLOWS, "gaussian", "mixture", "kernel")
SIDES = ("items", "users")

ROUNDS = 4  # of training; each begins with Adam anew, and with half the step of the one before
LATER_START = 0.25  # a start's step, relative to that of the start before


class Parts(NamedTuple):
    """Points (n, d) to fit, to choose by and to measure on, in units of the deviation of the first."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def run(dataset, method, seed, n_points, n_samples, side=None, recommender=None, **settings) -> dict:
    """Fit a method to points and measure it.

    Parameters
    ----------
    dataset : str
        A toy set, or ratings as `load_ratings` takes them.
    method : str
        One of `METHODS`.
    seed : int
        Of the points or their split, of the training, and of the samples.
    n_points : int
        To fit, of a toy set.
    n_samples : int
        To draw from what was fitted.
    side : str, optional
        One of `SIDES`; None for a toy set.
    recommender : dict, optional
        What `embeddings` takes besides the data set.
    **settings
        Of `trained_flow`.

    Returns
    -------
    dict
        "metrics": train_, validation_ and test_log_likelihood, means in nats per point; n_parameters;
        components, full and bandwidth, where they were chosen; those of `check_integrals` for flows in the
        plane; test_projection_distance of the samples from the points to measure on, and
        floor_projection_distance of the points to fit from them, with `projection_distance`. "curves": for
        flows the validation_log_likelihood by round, and in the plane their state, see `state_of`.
    """
    parts = split_points(dataset, seed, n_points, side, **recommender or {})
    density = fit_density(method, parts, seed, **settings)
    names = (f"{name}_log_likelihood" for name in Parts._fields)
    metrics = {
        name: float(density.log_prob(points).mean()) for name, points in zip(names, parts, strict=True)
    }
    samples = density.sample(n_samples, seed)
    metrics |= density.metrics | {
        "test_projection_distance": projection_distance(samples, parts.test, seed),
        "floor_projection_distance": projection_distance(parts.train, parts.test, seed),
    }
    if density.flow is not None and density.flow.dimension == 2:
        metrics |= check_integrals(density.log_prob, samples, seed)
    return {"metrics": metrics, "curves": density.curves}


# Points


@functools.lru_cache(maxsize=4)
def embeddings(dataset: str, dimension: int, epochs: int, **settings) -> dict[str, np.ndarray]:
    """Train a recommender on all ratings of a data set and return its embeddings (n, d / 2) by side.

    Sides are "items" and "users", those with a rating only; the settings are others of `LUNetRecommender`.
    """
    ratings = load(dataset)
    ratings = ratings.take(np.arange(len(ratings)))  # arrays that may be written to, as torch asks for
    model = LUNetRecommender(dimension=dimension, epochs=epochs, **settings).fit(ratings)
    table = model.model_.table.detach().double().numpy()
    users, items = table[: ratings.shape[0]], table[ratings.shape[0] :]
    return {"items": items[np.unique(ratings.items)], "users": users[np.unique(ratings.users)]}


def split_points(dataset: str, seed: int, n_points: int, side=None, **recommender) -> Parts:
    """Return the points of a data set in three parts, standardized by the first.

    Of a toy set `n_points` are drawn to fit, half as many to choose by, and twice as many to measure on. Of
    embeddings three fifths are to fit, one to choose by, one to measure on.

    Raises
    ------
    ValueError
        If a toy set has a side, or other data none; if there is no such set or side.
    """
    if dataset in TOYS:
        if side is not None:
            raise ValueError(f"side = {side!r}: expected None for the toy set {dataset!r}")
        counts = n_points, max(n_points // 2, 1), 2 * n_points
        parts = [draw_toy(dataset, n, 3 * seed + part) for part, n in enumerate(counts)]
    else:
        if side not in SIDES:
            raise ValueError(unknown("side", side, SIDES))
        points = embeddings(dataset, **recommender)[side]
        points = points[np.random.default_rng(seed).permutation(len(points))]
        parts = np.split(points, [3 * len(points) // 5, 4 * len(points) // 5])
    mean, deviation = parts[0].mean(axis=0), parts[0].std(axis=0)
    return Parts(*((part - mean) / deviation for part in parts))


def describe(dataset, seed, n_points, side=None, recommender=None) -> dict:
    """Say how far points are from normal, and keep those of the plane for figures.

    Returns
    -------
    dict
        "metrics": n_train, n_test, width (numbers of a point), and of the points to fit largest_skewness and
        largest_kurtosis (excess), in absolute value over the coordinates, and largest_correlation, 0 for a
        single coordinate. "curves": x and y of the points to measure on, if there are two coordinates.
    """
    parts = split_points(dataset, seed, n_points, side, **recommender or {})
    points, width = parts.train, parts.train.shape[1]
    correlations = np.abs(np.corrcoef(points.T) - np.eye(width))
    metrics = {
        "n_train": len(points),
        "n_test": len(parts.test),
        "width": width,
        "largest_skewness": np.abs((points**3).mean(axis=0)).max(),
        "largest_kurtosis": np.abs((points**4).mean(axis=0) - 3).max(),
        "largest_correlation": correlations.max(),
    }
    curves = dict(zip("xy", np.round(parts.test.T, 4).tolist(), strict=True)) if width == 2 else {}
    return {"metrics": metrics, "curves": curves}


# Methods


def gaussian_flow(points: np.ndarray) -> Flow:
    r"""Return the normal distribution with the points' mean and covariance, as an LU flow of one layer.

    With :math:`\Sigma = CC^\top`, C a lower triangle, it is :math:`f(x) = C^{-1}(x - \mu)`: the likeliest
    of all flows of one layer, which are all normal distributions.
    """
    covariance = np.cov(points.T, bias=True)
    matrix = torch.from_numpy(np.linalg.inv(np.linalg.cholesky(covariance)))
    layer = LULayer.from_matrix(matrix, -matrix @ torch.from_numpy(points.mean(axis=0)))
    return Flow([layer], points.shape[1])


def make_flow(method: str, width: int, n_layers: int, alpha: float, spread: float, generator) -> Flow:
    """Return a flow at its start: "lu", or "coupling" with about as many parameters and as many layers."""
    settings = {"spread": spread, "random_signs": True}
    flow = LUFlow(width, n_layers, LeakySoftplus(alpha), generator=generator, **settings)
    return (flow if method == "lu" else CouplingFlow.matching(flow, generator=generator)).double()


def trained_flow(method, parts, seed, *, n_layers, alpha, spread, steps, starts, batch_size, learning_rate):
    """Return the flow that is likeliest on the validation points, over rounds and starts, and its curve.

    Parameters
    ----------
    steps : int
        Of each start, at least; shared among `ROUNDS` rounds.
    starts : int
        How often to begin, each time with a quarter of the step: few points ask for a smaller one.
    batch_size : int
        At most.

    Returns
    -------
    flow : Flow
    curve : list of float
        Mean log-likelihood of the validation points after each round, one start after another.
    """
    train, validation = torch.from_numpy(parts.train), torch.from_numpy(parts.validation)
    epochs = math.ceil(steps / (ROUNDS * math.ceil(len(train) / batch_size)))
    generator = torch.Generator().manual_seed(seed)
    best, highest, curve = None, -math.inf, []
    for start in range(starts):
        flow = make_flow(method, train.shape[1], n_layers, alpha, spread, generator)
        if method == "lu":
            flow.standardize(train)
        for number in range(ROUNDS):
            rate = learning_rate * LATER_START**start / 2**number
            settings = {"epochs": epochs, "batch_size": batch_size, "learning_rate": rate}
            fit_flow(flow, train, **settings, generator=generator)
            with torch.no_grad():
                curve.append(float(flow.log_prob(validation).mean()))
            if curve[-1] > highest:
                best, highest = copy.deepcopy(flow), curve[-1]
    return best, curve


def fit_density(method: str, parts: Parts, seed: int, **settings) -> Density:
    """Fit a method to points; see `METHODS`, and `trained_flow` for the settings of flows."""
    if method not in METHODS:
        raise ValueError(unknown("method", method, METHODS))
    if method in FLOWS:
        flow, curve = trained_flow(method, parts, seed, **settings)
        state = {"state": state_of(flow)} if flow.dimension == 2 else {}
        return _of_flow(flow, {"validation_log_likelihood": curve} | state)
    if method == "gaussian":
        return _of_flow(gaussian_flow(parts.train), {})
    if method == "mixture":
        return fit_mixture(parts, seed)
    return fit_kernel(parts)


def state_of(flow: Flow) -> list[float]:
    """Return all numbers of a flow, those that it does not learn included, one after another."""
    return torch.cat([tensor.reshape(-1) for tensor in flow.state_dict().values()]).tolist()


def with_state(flow: Flow, numbers: list[float]) -> Flow:
    """Give a flow the numbers that `state_of` took from another of the same kind and size; return it."""
    state = flow.state_dict()
    values = torch.tensor(numbers, dtype=torch.float64).split([tensor.numel() for tensor in state.values()])
    tensors = zip(state, values, state.values(), strict=True)
    flow.load_state_dict({name: value.view_as(old) for name, value, old in tensors})
    return flow


def _of_flow(flow: Flow, curves: dict) -> Density:
    @torch.no_grad()
    def log_prob(points):
        with flow.frozen():
            return flow.log_prob(torch.from_numpy(points)).numpy()

    def sample(n, seed):
        return flow.sample(n, torch.Generator().manual_seed(seed)).numpy()

    return Density(log_prob, sample, {"n_parameters": flow.n_parameters()}, curves, flow)
