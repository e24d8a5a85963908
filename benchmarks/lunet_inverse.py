"""What it costs to invert a layer and to take its determinant: LU, dense and coupling layers.

    python benchmarks/lunet_inverse.py [--threads N] [--sizes D ...] [--batch N] [--rounds N]

One layer of each kind without activation, with equal numbers of parameters (nearly, for coupling), in single
precision. The figures are log-log slopes of the time against the dimension D, over all sizes (slope_...) and
over the last doubling (last_slope_...), and the ratio of dense to LU at D = 1024 for the inverse of a batch
and the log-determinant together. There are three of these, of which the first flatters LU most:

- speedup_1024: the dense layer factorizes twice, for the inverse and for the determinant;
- speedup_1024_at_once: it factorizes once for both, which is fair where its matrix is new;
- speedup_1024_kept: its factors are there from the last time; of the inverse alone.

All sides are timed in turn in one run.

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

Times are those of the processor, of N threads together. The last line is JSON. The experiment lunet/costs
takes the same measurements and keeps them as records; its notebook has the figures.
"""

import argparse
import json

import torch

from fourmasks.lunet.costs.growth import explained
from fourmasks.lunet.costs.run import (
    HEADLINE,
    KINDS,
    LONG_DIAGONALS,
    long_log_determinants,
    measured,
    slope,
    slopes_of,
    speedups,
)


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
            shares = ", ".join(f"{share:.0%}" for share in explained(table, operation, batch).values())
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
    ratios = speedups(headline)
    figures = {
        "speedup_1024": ratios["separate"],
        "speedup_1024_at_once": ratios["at_once"],
        "speedup_1024_kept": ratios["kept"],
    }
    for operation in ("inverse", "logdet"):
        for kind in KINDS:
            figures[f"slope_{operation}_{kind}"] = slopes[options.batch, f"{operation}_{kind}"][0]
    figures |= {
        "last_slope_inverse_lu": slopes[options.batch, "inverse_lu"][1],
        "last_slope_logdet_lu": slopes[options.batch, "logdet_lu"][1],
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
