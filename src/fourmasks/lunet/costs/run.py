"""What layers cost: LU, dense and coupling layers timed in turn (paper, Section 1).

One layer of each kind without activation, with equal numbers of parameters (nearly, for coupling). A table,
here and in the report, maps dimensions to seconds by operation. An operation is what is done and a kind:

- inverse_lu, inverse_dense, inverse_coupling: the points with given images;
- logdet_lu, logdet_dense, logdet_coupling: the log-determinant;
- step_lu, step_dense, step_coupling: the log-likelihood of points, and its gradients;
- kept_inverse_lu, kept_inverse_dense: the inverse where the matrices have not changed since the last time;
- at_once_dense: inverse and log-determinant from one factorization;
- inverse_activation: the inverse of the activation, which is the same for all kinds.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import torch

from fourmasks.lunet.costs.memory import bytes_written
from fourmasks.lunet.flows.activations import LeakySoftplus
from fourmasks.lunet.flows.bijection import Bijection
from fourmasks.lunet.flows.coupling import CouplingLayer, matching_hidden
from fourmasks.lunet.flows.dense import DenseLayer
from fourmasks.lunet.flows.layers import FLOOR, SPREAD, LULayer, signed_sizes
from fourmasks.system.device import resolve_device, synchronize
from fourmasks.system.names import unknown

KINDS = ("lu", "dense", "coupling")
HEADLINE = 1024
LONG_DIAGONALS = [2**k for k in range(14, 21)]
SHORTEST = 2e-3  # seconds that are timed at once, at least: the clock has steps, and a call noise

Table = dict[int, dict[str, float]]


def run(batch: int, seed: int, sizes, rounds: int, threads: int, device: str) -> dict:
    """Time all operations on layers of several dimensions, for one number of points at once.

    Parameters
    ----------
    batch : int
        n, the points that are mapped at once.
    seed : int
        Of layers and points. No time depends on it, other than by chance.
    sizes : sequence of int
        The dimensions d, ascending, at least two.
    rounds, threads, device
        How often each operation has its turn, and where; threads are those of the CPU.

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


def layer_of(kind: str, dimension: int, seed: int = 0, spread: float = SPREAD) -> Bijection:
    """Return a layer in single precision, without activation, with about d² + d parameters.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    dimension : int
        d, at least 2.
    seed : int, default 0
    spread : float, default 0.1
        How far from the identity it is: triangles, or what the dense matrix has beside the identity, are
        uniform up to spread / √d, the last weights of the coupling layer's network up to spread over the root
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
    """Return the hidden units with which a coupling layer has about d² + d parameters."""
    return matching_hidden(dimension, 1, dimension * (dimension + 1))


def measured(dimension: int, batch: int, rounds: int, seed: int = 0, device: str = "cpu") -> dict[str, float]:
    """Return the seconds of all operations on layers of one dimension, for one number of points."""
    with operations(dimension, batch, seed, device) as (functions, steps):
        with torch.no_grad():
            seconds = seconds_in_turn(functions, rounds, device)
        return seconds | seconds_in_turn(steps, rounds, device)


def written(dimension: int, batch: int, seed: int = 0, device: str = "cpu") -> dict[str, int]:
    """Return the bytes that each operation writes anew; see `bytes_written`."""
    with operations(dimension, batch, seed, device) as (functions, steps):
        with torch.no_grad():
            found = {name: bytes_written(function) for name, function in functions.items()}
        return found | {name: bytes_written(step) for name, step in steps.items()}


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
