"""What rounding does on the way through a layer and back, beside condition numbers."""

import math

import torch

from fourmasks.lunet.costs.run import KINDS, layer_of
from fourmasks.lunet.flows.bijection import Bijection


def run_rounding(spread: float, seed: int, sizes, points: int, threads: int) -> dict:
    """Measure what is lost on the way through a layer and back, beside condition numbers.

    Parameters
    ----------
    spread, seed
        Of the layers, see `layer_of`; the seed is that of the points, too.
    sizes : sequence of int
        The dimensions d.
    points : int
        Normal ones, whose largest error counts.
    threads : int
        On the CPU, which is where this is computed.

    Returns
    -------
    dict
        "metrics": largest_error_float32_lu and so on, over all sizes. "curves", by dimension:
        error_float32_lu and so on, the maximum norm of the difference over that of the point;
        condition_lower, condition_upper and condition_dense of L, U and the dense layer's A, in that norm;
        bound_float32 and bound_float64 of `LULayer.round_trip_bound`.
    """
    torch.set_num_threads(threads)
    curves = {"dimension": list(sizes)}
    for size in sizes:
        x = torch.randn(points, size, generator=torch.Generator().manual_seed(seed + 1))
        layers = {kind: layer_of(kind, size, seed, spread) for kind in KINDS}
        conditions = layers["lu"].condition_numbers(math.inf)
        found = {f"condition_{part}": value for part, value in conditions._asdict().items()}
        matrix = layers["dense"].weight.detach().double()
        found["condition_dense"] = float(torch.linalg.cond(matrix, math.inf))
        for dtype in (torch.float32, torch.float64):
            name = str(dtype).removeprefix("torch.")
            for kind, layer in layers.items():
                found[f"error_{name}_{kind}"] = largest_error(layer.to(dtype), x.to(dtype))
            found[f"bound_{name}"] = layers["lu"].round_trip_bound()
        for name, value in found.items():
            curves.setdefault(name, []).append(value)
    errors = {name: max(values) for name, values in curves.items() if name.startswith("error")}
    return {"metrics": {f"largest_{name}": value for name, value in errors.items()}, "curves": curves}


@torch.no_grad()
def largest_error(layer: Bijection, x: torch.Tensor) -> float:
    """Return the largest error of inverse(forward(x)) over points (n, d), relative, in the maximum norm."""
    difference = (layer.inverse(layer(x)) - x).abs().amax(1)
    return float((difference / x.abs().amax(1)).max())
