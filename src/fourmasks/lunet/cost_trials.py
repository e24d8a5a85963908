"""What layers cost: LU, dense and coupling layers timed in turn, and what rounding does on the way and back.

One layer of each kind without activation, with equal numbers of parameters (nearly, for coupling). A table,
here and in the report, maps dimensions to seconds by operation. An operation is what is done and a kind:

- inverse_lu, inverse_dense, inverse_coupling: the points with given images;
- logdet_lu, logdet_dense, logdet_coupling: the log-determinant;
- step_lu, step_dense, step_coupling: the log-likelihood of points, and its gradients;
- kept_inverse_lu, kept_inverse_dense: the inverse where the matrices have not changed since the last time;
- at_once_dense: inverse and log-determinant from one factorization;
- inverse_activation: the inverse of the activation, which is the same for all kinds.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from fourmasks.device import resolve_device, synchronize
from fourmasks.lunet.activations import LeakySoftplus
from fourmasks.lunet.bijection import Bijection
from fourmasks.lunet.coupling import CouplingLayer, matching_hidden
from fourmasks.lunet.dense import DenseLayer
from fourmasks.lunet.layers import FLOOR, SPREAD, LULayer, signed_sizes
from fourmasks.names import unknown

KINDS = ("lu", "dense", "coupling")
HEADLINE = 1024
LONG_DIAGONALS = [2**k for k in range(14, 21)]
SHORTEST = 2e-3  # seconds that are timed at once, at least: the clock has steps, and a call noise

Table = dict[int, dict[str, float]]


def time_costs(batch: int, seed: int, sizes, rounds: int, threads: int, device: str) -> dict:
    """Time all operations on layers of several dimensions, for one number of points at once.

    Parameters
    ----------
    batch : int
        n, the points that are mapped at once.
    seed : int
        Of layers and points. No time depends on it, other than by chance.
    sizes : sequence of int
        The dimensions D, ascending, at least two.
    rounds : int
        How often each operation has its turn.
    threads : int
        On the CPU.
    device : str

    Returns
    -------
    dict
        "metrics": for each operation slope_..., the log-log slope of the seconds over all sizes, and
        last_slope_..., that over the last two; slope_long_logdet_lu, that over diagonals alone; and, at the
        largest size and at 1024, speedup_..._1024 for the ratios of `speedups`, and that of a step. "curves":
        dimension, and by dimension the seconds of each operation, medians of the rounds, and as bytes_... the
        memory that it writes anew; long_dimension and long_logdet_lu. Seconds are those of `seconds_in_turn`.
    """
    torch.set_num_threads(threads)
    table = {size: measured(size, batch, rounds, seed, device) for size in sizes}
    memory = {size: written(size, batch, seed, device) for size in sizes}
    long = long_log_determinants(rounds, device)
    metrics = {"slope_long_logdet_lu": slope(long)}
    curves = {"dimension": list(sizes), "long_dimension": list(long), "long_logdet_lu": list(long.values())}
    for name in table[sizes[0]]:
        metrics[f"slope_{name}"], metrics[f"last_slope_{name}"] = slopes_of(table, name)
        curves[name] = [table[size][name] for size in sizes]
        curves[f"bytes_{name}"] = [memory[size][name] for size in sizes]
    for size in {HEADLINE, sizes[-1]} & set(sizes):
        metrics |= {f"speedup_{name}_{size}": ratio for name, ratio in speedups(table[size]).items()}
        metrics[f"speedup_step_{size}"] = table[size]["step_dense"] / table[size]["step_lu"]
    return {"metrics": metrics, "curves": curves}


def trace_rounding(spread: float, seed: int, sizes, points: int) -> dict:
    """Measure what is lost on the way through a layer and back, beside condition numbers.

    Parameters
    ----------
    spread : float
        How far the layers are from the identity; see `layer_of`.
    seed : int
        Of layers and points.
    sizes : sequence of int
        The dimensions D.
    points : int
        Normal ones, whose largest error counts.

    Returns
    -------
    dict
        "metrics": largest_error_float32_lu and so on, over all sizes. "curves", by dimension: error_float32_lu
        and so on, the maximum norm of the difference over that of the point; condition_lower, condition_upper
        and condition_dense of L, U and the dense layer's A, in that norm; bound_float32 and bound_float64 of
        `LULayer.round_trip_bound`.
    """
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


def layer_of(kind: str, dimension: int, seed: int = 0, spread: float = SPREAD) -> Bijection:
    """Return a layer in single precision, without activation, with about D² + D parameters.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    dimension : int
        D, at least 2.
    seed : int, default 0
    spread : float, default 0.1
        How far from the identity it is: triangles, or what the dense matrix has beside the identity, are
        uniform up to spread / √D, the last weights of the coupling layer's network up to spread over the root
        of its hidden units.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    generator = torch.Generator().manual_seed(seed)
    if kind == "lu":
        return LULayer(dimension, generator=generator, spread=spread)
    if kind == "dense":
        return DenseLayer(dimension, generator=generator, spread=spread)
    if kind != "coupling":
        raise ValueError(unknown("kind", kind, KINDS))
    layer = CouplingLayer(dimension, hidden_units(dimension), generator=generator)
    with torch.no_grad():
        for parameter in layer.last.parameters():
            parameter.mul_(spread / SPREAD)
    return layer


def hidden_units(dimension: int) -> int:
    """Return the hidden units with which a coupling layer has about D² + D parameters."""
    return matching_hidden(dimension, 1, dimension * (dimension + 1))


def measured(dimension: int, batch: int, rounds: int, seed: int = 0, device: str = "cpu") -> dict[str, float]:
    """Return the seconds of all operations on layers of one dimension, for one number of points."""
    with operations(dimension, batch, seed, device) as (functions, steps):
        with torch.no_grad():
            seconds = seconds_in_turn(functions, rounds, device)
        return seconds | seconds_in_turn(steps, rounds, device)


def written(dimension: int, batch: int, seed: int = 0, device: str = "cpu") -> dict[str, int]:
    """Return the bytes of the tensors that each operation makes, were they freed again or not.

    What a library's routine takes for itself while it runs is not among them.
    """
    with operations(dimension, batch, seed, device) as (functions, steps):
        with torch.no_grad():
            found = {name: Written.by(function) for name, function in functions.items()}
        return found | {name: Written.by(step) for name, step in steps.items()}


@contextmanager
def operations(dimension: int, batch: int, seed: int = 0, device: str = "cpu") -> Iterator[tuple[dict, dict]]:
    """Give the functions of all operations by name, those without gradients and the steps of training."""
    layers = {kind: layer_of(kind, dimension, seed).to(device) for kind in KINDS}
    again = {kind: layer_of(kind, dimension, seed).to(device) for kind in ("lu", "dense")}
    z = torch.randn(batch, dimension, generator=torch.Generator().manual_seed(seed + 1)).to(device)
    bend = LeakySoftplus()
    functions = {}
    for kind, layer in layers.items():
        functions[f"inverse_{kind}"] = lambda layer=layer: layer.inverse(z)
        functions[f"logdet_{kind}"] = getattr(layer, "log_abs_det", lambda layer=layer: layer.log_det(z))
    for kind, layer in again.items():
        functions[f"kept_inverse_{kind}"] = lambda layer=layer: layer.inverse(z)
    functions["at_once_dense"] = lambda: inverse_and_determinant_at_once(layers["dense"], z)
    functions["inverse_activation"] = lambda: bend.inverse(z)
    steps = {f"step_{kind}": lambda layer=layer: training_step(layer, z) for kind, layer in layers.items()}
    with ExitStack() as kept:
        for layer in again.values():
            kept.enter_context(layer.frozen())
        yield functions, steps


def inverse_and_determinant_at_once(dense: DenseLayer, z: torch.Tensor) -> None:
    """Do for a dense layer by hand what one factorization allows."""
    factors, pivots = torch.linalg.lu_factor(dense.weight)
    torch.linalg.lu_solve(factors, pivots, (z - dense.bias).T)
    factors.diagonal().abs().log().sum()


def training_step(layer: Bijection, x: torch.Tensor) -> None:
    """Take the log-likelihood of points, but for constants, and its gradients."""
    z, log_det = layer.forward_and_log_det(x)
    (z.square().sum() - log_det.sum()).backward()


def long_log_determinants(rounds: int, device: str = "cpu") -> dict[int, float]:
    """Return the seconds of the log-determinant for long diagonals; no matrix lies behind them."""
    functions = {}
    for n in LONG_DIAGONALS:
        raw, sign = torch.zeros(n, device=device), torch.ones(n, device=device)
        functions[n] = lambda raw=raw, sign=sign: signed_sizes(raw, sign, FLOOR).abs().log().sum()
    return seconds_in_turn(functions, rounds, device)


def seconds_in_turn(functions: dict, rounds: int, device: str = "cpu") -> dict:
    """Return the median seconds of each of some functions; short ones are repeated within a round.

    On a CPU they are those of the processor, which other processes hardly change, summed over the threads.
    """
    repeats = {}
    for name, function in functions.items():
        function()
        repeats[name] = max(1, int(SHORTEST / max(seconds_of(function, 1, device), 1e-7)))
    seconds = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            seconds[name].append(seconds_of(function, repeats[name], device))
    return {name: float(np.median(found)) for name, found in seconds.items()}


def seconds_of(function: Callable, repeats: int, device: str = "cpu") -> float:
    """Return the seconds of a call, over so many."""
    clock = time.process_time if resolve_device(device).type == "cpu" else time.perf_counter
    synchronize(device)
    start = clock()
    for _ in range(repeats):
        function()
    synchronize(device)
    return (clock() - start) / repeats


def slope(by_size: dict[int, float]) -> float:
    """Return the log-log slope of what is given by size, by least squares."""
    pairs = np.array(sorted(by_size.items()), dtype=float)
    return float(np.polyfit(*np.log(pairs).T, 1)[0])


def slopes_of(table: Table, operation: str) -> tuple[float, float]:
    """Return the slopes of one operation, over all sizes and over the last two."""
    by_size = {size: values[operation] for size, values in table.items()}
    return slope(by_size), slope({size: by_size[size] for size in sorted(by_size)[-2:]})


def speedups(seconds: dict[str, float]) -> dict[str, float]:
    """Return dense over LU, inverse and log-determinant together, as the dense layer does them.

    "separate": each factorizes; "at_once": one factorization for both; "with_activation": separate, and to
    both sides comes the inverse of the activation; "kept": the inverse where the matrices did not change;
    "coupling": the coupling layer in place of the dense one.
    """
    ours = seconds["inverse_lu"] + seconds["logdet_lu"]
    theirs = seconds["inverse_dense"] + seconds["logdet_dense"]
    bend = seconds["inverse_activation"]
    return {
        "separate": theirs / ours,
        "at_once": seconds["at_once_dense"] / ours,
        "with_activation": (theirs + bend) / (ours + bend),
        "kept": seconds["kept_inverse_dense"] / seconds["kept_inverse_lu"],
        "coupling": seconds["inverse_coupling"] / ours,  # one pass gives both
    }


class Written(TorchDispatchMode):
    """Adds up the bytes of the memory that torch's operators write anew."""

    def __init__(self):
        super().__init__()
        self.bytes = 0

    @classmethod
    def by(cls, function: Callable) -> int:
        """Return the bytes that a call of a function writes anew."""
        with cls() as mode:
            function()
        return mode.bytes

    def __torch_dispatch__(self, operator, types, arguments=(), settings=None):
        made = operator(*arguments, **(settings or {}))
        given = _storages([*arguments, *(settings or {}).values()])
        self.bytes += sum(size for place, size in _storages(made).items() if place not in given)
        return made


def _storages(values) -> dict[int, int]:
    """Return the sizes in bytes of the memory behind tensors in nested lists and tuples, by its address."""
    if isinstance(values, torch.Tensor):
        storage = values.untyped_storage()
        return {storage.data_ptr(): storage.nbytes()}
    parts = values if isinstance(values, list | tuple) else ()
    return {place: size for part in parts for place, size in _storages(part).items()}
