"""Theorem 2.3 on random pairs of users, and its assumption on random decoders."""

import numpy as np
import torch
from scipy.spatial import ConvexHull

from fourmasks.pia.theorems.checks import count, inequality
from fourmasks.pia.theory.divergences import wasserstein_1_points
from fourmasks.pia.theory.sharing import (
    Sharing,
    User,
    expected_gradient,
    linear_lipschitz,
    step_change,
    weight_diameter,
)

N_ITEMS, HIDDEN = 12, 6
NEAR, FAR = 10.0, 1000.0  # distances from the origin at which slopes are compared
STEP = 1e-6  # of SGD, in units of 1 / ‖g_v‖


def sharing_trial(decoder: str, instances: int, seed: int) -> dict:
    """Compare both sides of Theorem 2.3 on random pairs, and take the step where it promises help.

    A user's posterior is uniform on the 8 points μ ± σ in three dimensions, so that nothing is estimated. The
    law: decoder weights N(0, 1) times a scale with log10 uniform in [-1, 0.3]; u has item 0, and each of 11
    others with probability ½; v is u with each of these changed with a probability uniform in [0, 1], and one
    time in four not at all; μ_u is N(0, I), log σ_u is 0.3 N(0, I); v's differ from them by d N(0, I) and 0.3
    d N(0, I), with log10 d uniform in [-4, 0.5].

    Parameters
    ----------
    decoder : {"tanh", "linear"}
        "tanh": a fixed layer with tanh and a linear softmax on it that learns. Its gradient is bounded and
        has the constant of `tanh_lipschitz` everywhere; with it, W₁ by matching. "linear": a linear softmax,
        which has none; with it the constant of the pair, `linear_lipschitz`, and W₂.
    instances, seed : int

    Returns
    -------
    dict
        "metrics": the theorem as `change`, solved for D (left: ‖g_u‖ + change / ‖g_u‖; right: D), and its
        proof's ‖g_u - g_v‖ ≤ D as `gradients`; `step`, pairs inside the radius whose loss an actual step did
        not lower; `restricted`, pairs whose radius is zero, so that they are outside wherever they are, and
        which a step helps all the same; helped, the share of pairs that a step helps; inside, the share
        inside the radius.
    """
    rng, pairs, lowered = np.random.default_rng(seed), [], []
    corners = _tensor((np.arange(8)[:, None] >> np.arange(3) & 1) * 2.0 - 1.0)
    for _ in range(instances):
        network, (u, v) = _decoder(decoder, 3, rng), _users(rng)
        found = _measured(network, u, v, corners, decoder)
        pairs.append(found)
        if found.inside:
            rate = STEP / float(expected_gradient(network, v.items, v.points(corners)).norm())
            lowered.append(step_change(network, u, v, corners, rate) < 0)
    penalties = [pair.penalty for pair in pairs]
    metrics = inequality("change", [pair.own_norm + pair.change / pair.own_norm for pair in pairs], penalties)
    metrics |= inequality("gradients", [pair.gradient_distance for pair in pairs], penalties)
    metrics |= count("step", ~np.array(lowered, dtype=bool))
    metrics |= count("restricted", [pair.helps for pair in pairs if pair.radius == 0])
    shares = {"helped": [pair.helps for pair in pairs], "inside": [pair.inside for pair in pairs]}
    return {"metrics": metrics | {name: np.mean(values) for name, values in shares.items()}}


def slope_trial(decoder: str, instances: int, seed: int) -> dict:
    """Ask whether random decoders have the Lipschitz constant that Theorem 2.3 assumes.

    The slope of z ↦ ∇ℓ(x, z) is measured at distances of about 10 and 1000 from the origin of the plane, in
    the directions in which it is largest: where two items tie (an edge of the hull of W's rows), or where one
    hidden unit is undecided. Decoders and users are drawn as in `sharing_trial`.

    Parameters
    ----------
    decoder, instances, seed
        As for `sharing_trial`.

    Returns
    -------
    dict
        "metrics": `bounded`, decoders whose slope at 1000 is more than ten times that at 10; growth, the
        median of their ratio; for "tanh" `constant`, the slopes against `tanh_lipschitz`.
    """
    rng, slopes, constants = np.random.default_rng(seed), [], []
    for _ in range(instances):
        network, items = _decoder(decoder, 2, rng), _items(rng)
        slopes.append([_slope(network, items, decoder, distance) for distance in (NEAR, FAR)])
        if decoder == "tanh":
            constants.append(tanh_lipschitz(network, items))
    near, far = np.array(slopes).T
    metrics = count("bounded", far > 10 * near) | {"growth": np.median(far / near)}
    if constants:
        metrics |= inequality("constant", np.maximum(near, far), constants, tolerance=1e-6)
    return {"metrics": metrics}


def tanh_lipschitz(network: torch.nn.Sequential, items: torch.Tensor) -> float:
    """Return a Lipschitz constant of z ↦ ∇ℓ(x, z), for all z, of a softmax on a fixed layer of tanh.

    The gradient is r (φ, 1)ᵀ with features φ in (-1, 1)^H and r = n softmax(Wφ + c) - x. With the slope of
    `linear_lipschitz` in φ and the largest singular value of the first layer, V, it is
    (sqrt(n² + n) + n diam(W) sqrt((H + 1) / 8)) ‖V‖.

    Parameters
    ----------
    network : Sequential
        Of a Linear, which does not learn, a Tanh, and a Linear.
    items : Tensor of shape (J,)
    """
    first, _, last = network
    n_items = float(items.sum())
    steep = n_items * weight_diameter(last.weight.detach()) * ((last.in_features + 1) / 8) ** 0.5
    return ((n_items**2 + n_items) ** 0.5 + steep) * float(torch.linalg.matrix_norm(first.weight, 2))


def _measured(network, u, v, noise, decoder):
    at_u, at_v = u.points(noise), v.points(noise)
    own, moved = (expected_gradient(network, u.items, points) for points in (at_u, at_v))
    other = expected_gradient(network, v.items, at_v)
    if decoder == "tanh":
        lipschitz = tanh_lipschitz(network, u.items)
        distance = wasserstein_1_points(at_u.numpy(), at_v.numpy())
    else:
        lipschitz = linear_lipschitz(network, u, v)
        distance = float((at_u - at_v).norm() / len(noise) ** 0.5)
    return Sharing(
        change=-float(own @ other),
        own_norm=float(own.norm()),
        gradient_distance=float((own - other).norm()),
        content=float((moved - other).norm()),
        latent=float((own - moved).norm()),
        lipschitz=lipschitz,
        distance=distance,
    )


def _slope(network, items, decoder, distance):
    """Return the largest norm of the gradient's Jacobian by z over the steepest places at a distance."""
    weight, bias = (
        part.detach().numpy() for part in (network if decoder == "linear" else network[0]).parameters()
    )
    if decoder == "linear":
        hull = ConvexHull(weight)
        ties = [(weight[i] - weight[j], bias[i] - bias[j]) for i, j in hull.simplices]
        outwards = hull.equations[:, :2]
    else:  # along the line on which a unit is at zero
        ties = list(zip(weight, bias, strict=True))
        outwards = np.stack([-weight[:, 1], weight[:, 0]], 1) / np.linalg.norm(weight, axis=1, keepdims=True)
    places = [
        distance * away - offset * normal / (normal @ normal)
        for away, (normal, offset) in zip(outwards, ties, strict=True)
    ]
    return max(_jacobian_norm(network, items, place) for place in places)


def _jacobian_norm(network, items, place, step=1e-4):
    columns = []
    for move in step * np.eye(2):
        ends = [expected_gradient(network, items, _tensor((place + sign * move)[None])) for sign in (1, -1)]
        columns.append((ends[0] - ends[1]) / (2 * step))
    return float(torch.linalg.matrix_norm(torch.stack(columns), 2))


def _decoder(decoder, rank, rng):
    if decoder == "linear":
        network = torch.nn.Linear(rank, N_ITEMS).double()
    else:
        layers = torch.nn.Linear(rank, HIDDEN), torch.nn.Tanh(), torch.nn.Linear(HIDDEN, N_ITEMS)
        network = torch.nn.Sequential(*layers).double()
        network[0].requires_grad_(False)
    scale = 10 ** rng.uniform(-1, 0.3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(_tensor(scale * rng.standard_normal(parameter.shape)))
    return network


def _users(rng):
    items = _items(rng)
    changed = rng.random(N_ITEMS) < (rng.uniform() if rng.random() < 0.75 else 0.0)
    changed[0] = False
    distance = 10 ** rng.uniform(-4, 0.5)
    mean, log_std = rng.standard_normal(3), 0.3 * rng.standard_normal(3)
    moved = mean + distance * rng.standard_normal(3), log_std + 0.3 * distance * rng.standard_normal(3)
    u = User(items, _tensor(mean), _tensor(np.exp(log_std)))
    return u, User((items - _tensor(changed)).abs(), _tensor(moved[0]), _tensor(np.exp(moved[1])))


def _items(rng):
    items = rng.random(N_ITEMS) < 0.5
    items[0] = True
    return _tensor(items)


def _tensor(values):
    return torch.as_tensor(np.asarray(values, dtype=float))
