"""What it costs to invert a layer and to take its determinant: LU, dense and coupling layers.

    python benchmarks/lunet_inverse.py [--threads N] [--sizes D ...] [--batch N] [--rounds N]

One layer of each kind without activation, with equal numbers of parameters (nearly, for coupling), in single
precision. The figures are log-log slopes of the time against the dimension D, and the ratio of dense to LU at
D = 1024 for the inverse of a batch and the log-determinant together. All sides are timed in turn in one run.

The paper's claim is O(D²) for the inverse of a point and O(D) for the determinant, against O(D³). Several
things stand between it and a clock, and each has its own figures:

- the constant cost of a call hides the growth of small layers, and most of that of an LU layer's
  log-determinant. Printed is the share of each time that the claim explains, counted down from the largest
  size; the slope of the last doubling beside that of all sizes; and for the determinant a slope over
  diagonals alone, of lengths up to 2^20, for which no matrix is made;
- a dense layer pays O(D³) once per matrix, not once per point, so that a batch spreads it; figures for a
  batch and for a single point;
- if the matrices do not change, the dense layer keeps its factors and solves as fast as the LU layer
  ("kept" figures);
- training inverts no points, but the gradient of a dense layer's determinant takes an inverse matrix: the
  "step" figures are for log-likelihood and gradients;
- the activation's inverse costs the same for both kinds of layer, and is iterative.

Times are those of the processor, of N threads together. The last line is JSON.
"""

import argparse
import copy
import json
import time
from contextlib import ExitStack

import numpy as np
import torch

from fourmasks.lunet.activations import LeakySoftplus
from fourmasks.lunet.coupling import CouplingLayer, matching_hidden
from fourmasks.lunet.dense import DenseLayer
from fourmasks.lunet.layers import FLOOR, LULayer, signed_sizes

HEADLINE = 1024
LONG_DIAGONALS = [2**k for k in range(14, 21)]
KINDS = ("lu", "dense", "coupling")


def seconds_in_turn(functions, rounds):
    """Return the median seconds of each of some functions; small ones are repeated within a round."""
    repeats = {}
    for name, function in functions.items():
        function()
        repeats[name] = max(1, int(2e-3 / max(seconds_of(function, 1), 1e-7)))
    seconds = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            seconds[name].append(seconds_of(function, repeats[name]))
    return {name: float(np.median(found)) for name, found in seconds.items()}


def seconds_of(function, repeats):
    start = time.process_time()
    for _ in range(repeats):
        function()
    return (time.process_time() - start) / repeats


def layers_of(dimension):
    """Return a layer of each kind."""
    generator = torch.Generator().manual_seed(0)
    hidden = matching_hidden(dimension, 1, dimension * (dimension + 1))
    return {
        "lu": LULayer(dimension, generator=generator),
        "dense": DenseLayer(dimension, generator=generator),
        "coupling": CouplingLayer(dimension, hidden, generator=generator),
    }


def inverse_and_determinant_at_once(dense, z):
    """Do for a dense layer by hand what one factorization allows."""
    factors, pivots = torch.linalg.lu_factor(dense.weight)
    torch.linalg.lu_solve(factors, pivots, (z - dense.bias).T)
    factors.diagonal().abs().log().sum()


def training_step(layer, x):
    z, log_det = layer.forward_and_log_det(x)
    (z.square().sum() - log_det.sum()).backward()


def measured(dimension, batch, rounds):
    """Return the seconds of all operations on layers of one dimension, for one size of batch."""
    layers, bend = layers_of(dimension), LeakySoftplus()
    z = torch.randn(batch, dimension, generator=torch.Generator().manual_seed(1))
    with ExitStack() as kept:
        functions = {}
        for kind, layer in layers.items():
            functions[f"inverse_{kind}"] = lambda layer=layer: layer.inverse(z)
            functions[f"logdet_{kind}"] = getattr(layer, "log_abs_det", lambda layer=layer: layer.log_det(z))
        for kind in ("lu", "dense"):
            constant = copy.deepcopy(layers[kind])
            kept.enter_context(constant.frozen())
            functions[f"kept_inverse_{kind}"] = lambda layer=constant: layer.inverse(z)
        functions["at_once_dense"] = lambda: inverse_and_determinant_at_once(layers["dense"], z)
        functions["inverse_activation"] = lambda: bend.inverse(z)
        with torch.no_grad():
            seconds = seconds_in_turn(functions, rounds)
        steps = {f"step_{kind}": lambda layer=layers[kind]: training_step(layer, z) for kind in KINDS}
        return seconds | seconds_in_turn(steps, rounds)


def long_log_determinants(rounds):
    """Return the seconds of the log-determinant for long diagonals; no matrix lies behind them."""
    functions = {}
    for n in LONG_DIAGONALS:
        raw, sign = torch.zeros(n), torch.ones(n)
        functions[n] = lambda raw=raw, sign=sign: signed_sizes(raw, sign, FLOOR).abs().log().sum()
    return seconds_in_turn(functions, rounds)


def slope(seconds_by_size):
    """Return the log-log slope over all sizes."""
    pairs = np.array(sorted(seconds_by_size.items()))
    return float(np.polyfit(*np.log(pairs).T, 1)[0])


def slopes_of(table, operation):
    """Return the slopes of an operation's seconds, over all sizes and in the last doubling."""
    by_size = {size: seconds[operation] for size, seconds in table.items()}
    return slope(by_size), slope({size: by_size[size] for size in sorted(by_size)[-2:]})


def explained(table, operation, power):
    """Return by size the share of the time that D^power, counted down from the largest size, explains."""
    largest = max(table)
    whole = table[largest][operation]
    return {size: whole * (size / largest) ** power / seconds[operation] for size, seconds in table.items()}


def speedups(seconds):
    """Return dense over LU, inverse and log-determinant together, in the circumstances named above."""
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


def report(tables):
    """Print what was measured; return the slopes by batch and operation."""
    found = {}
    for batch, table in tables.items():
        print(f"\nbatch of {batch}, milliseconds by dimension {', '.join(map(str, table))}")
        for operation in next(iter(table.values())):
            found[batch, operation] = whole, last = slopes_of(table, operation)
            milliseconds = "  ".join(f"{1e3 * seconds[operation]:.3g}" for seconds in table.values())
            print(f"  {operation}: {milliseconds}; slope {whole:.2f}, last doubling {last:.2f}")
        for operation, power in (("inverse_lu", 2), ("logdet_lu", 1)):
            shares = ", ".join(f"{share:.0%}" for share in explained(table, operation, power).values())
            print(f"  share of {operation} that D^{power} explains: {shares}")
        ratios = ", ".join(f"{name} {ratio:.2f}" for name, ratio in speedups(table[HEADLINE]).items())
        print(f"  dense over LU at {HEADLINE}, inverse and log-determinant: {ratios}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256, 512, 1024, 2048])
    parser.add_argument("--batch", type=int, default=256, help="points at once; single points come besides")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    sizes = sorted({*options.sizes, HEADLINE})
    tables = {
        batch: {size: measured(size, batch, options.rounds) for size in sizes} for batch in (options.batch, 1)
    }
    slopes = report(tables)
    long = long_log_determinants(options.rounds)
    print(f"\nlog-determinant of diagonals from {LONG_DIAGONALS[0]} on: slope {slope(long):.2f}")
    headline = tables[options.batch][HEADLINE]
    figures = {"speedup_1024": speedups(headline)["separate"]}
    for operation in ("inverse", "logdet"):
        for kind in KINDS:
            figures[f"slope_{operation}_{kind}"] = slopes[options.batch, f"{operation}_{kind}"][0]
    figures |= {
        "slope_inverse_lu_batch_1": slopes[1, "inverse_lu"][0],
        "slope_inverse_dense_batch_1": slopes[1, "inverse_dense"][0],
        "slope_logdet_lu_long": slope(long),
        "step_lu_over_dense_1024": headline["step_lu"] / headline["step_dense"],
    }
    details = {
        "speedups_1024": {batch: speedups(table[HEADLINE]) for batch, table in tables.items()},
        "slopes_of_last_doubling": {f"{name}, {batch}": last for (batch, name), (_, last) in slopes.items()},
        "seconds": tables,
        "threads": options.threads,
    }
    print(json.dumps(figures | details))


if __name__ == "__main__":
    main()
