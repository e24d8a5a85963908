"""Algorithm 1 by connected components: seconds, growth with the supports, and lazylinop and pyfaust beside.

    python benchmarks/sparse_completion.py [--literal-seconds S] [--repetitions N]

The Hadamard matrix of size 1024 is cut into its two butterfly factors, and into all ten; so are the Fourier
and the cosine transform. The growth of the time with the total size of the supports is a log-log slope, for
four families: the cut above; overlapping squares in blocks, completed in one round, and in many rounds; one
chain, whose rounds grow with its length. The literal Algorithm 1 is run on four overlapping squares, up to
the size at which it takes more than half of S seconds. The peers (extra `peers`) get the same matrices in the
same run: two_factors_over_peer and all_factors_over_peer are our time over that of the fastest of them, the
largest of the three transforms. Of a Hadamard matrix of size 4096, copies_4096 is the time of the two factors
over that of copying the matrix, as a yardstick; memory_4096 is the most memory
beyond the matrix and the supports, in such matrices; memory_4096_with_factors that of both together, of which
the dense factors are two. All times are those of the processor, of one thread. The last line is JSON.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from fourmasks.sparse.butterflies import baselines
from fourmasks.sparse.butterflies.butterfly import cut_supports, factorize
from fourmasks.sparse.butterflies.transforms import TRANSFORMS, exponent, hadamard
from fourmasks.sparse.completion.fast import complete
from fourmasks.sparse.completion.literal import complete_literally
from fourmasks.sparse.supports.instances import planted_factors, staircase, tiled

SIZE, LARGE = 1024, 4096
FAMILIES = {
    "butterfly": [cut_supports, [(n, exponent(n) // 2) for n in (64, 128, 256, 512, 1024)]],
    "one round": [lambda k: tiled(staircase(9, 16, 12), k), [(k,) for k in (1, 2, 4, 8, 16)]],
    "many rounds": [lambda k: tiled(staircase(40, 2, 1), k), [(k,) for k in (2, 4, 8, 16)]],
    "chain": [lambda r: staircase(r, 2, 1), [(r,) for r in (50, 100, 200, 400, 800)]],
}
LITERAL = [(4, width, 3 * width // 4) for width in (4, 6, 8, 12, 16, 20, 24, 28, 32, 40, 48)]


def seconds_of(complete_it, supports, repetitions):
    """Return the total size of the supports, and the median seconds of completing a random product."""
    X, Y = planted_factors(supports, np.random.default_rng(0))
    Z, seconds = X @ Y.T, []
    for _ in range(repetitions):
        start = time.process_time()
        found = complete_it(Z, supports, tolerance=1e-6)
        seconds.append(time.process_time() - start)
    if found.outcome != "unique":
        raise RuntimeError(f"the outcome is {found.outcome}: expected unique; {found.conflict}")
    return len(found.entries), float(np.median(seconds))


def growth(make, sizes, repetitions):
    """Return the log-log slope of the seconds against the size of the supports, and both."""
    seconds_of(complete, make(*sizes[0]), 1)  # the first run sets up the memory
    pairs = [seconds_of(complete, make(*size), repetitions) for size in sizes]
    slope, _ = np.polyfit(*np.log(pairs).T, 1)
    return float(slope), pairs


def literal_beside(limit):
    """Return sizes, literal seconds and fast seconds, up to the size that takes about `limit` seconds."""
    rows = []
    for size in LITERAL:
        supports = staircase(*size)
        n, literal = seconds_of(complete_literally, supports, 1)
        rows.append((n, literal, seconds_of(complete, supports, 3)[1]))
        print(f"{n} entries: literal {literal:.3f} s, fast {rows[-1][2]:.4f} s")
        if 2 * literal > limit:  # the next one has half as many entries again, or more
            break
    return rows


def hadamard_factors(repetitions):
    """Return the median seconds of cutting the Hadamard matrix, factors included, and the relative error."""
    transform, seconds = hadamard(SIZE), []
    supports = cut_supports(SIZE, exponent(SIZE) // 2)
    for _ in range(repetitions):
        start = time.process_time()
        X, Y = complete(transform.matrix, supports, tolerance=baselines.TOLERANCE).factors()
        seconds.append(time.process_time() - start)
    error = np.linalg.norm(X @ Y.T - transform.matrix) / np.linalg.norm(transform.matrix)
    return float(np.median(seconds)), float(error)


def large(repetitions):
    """Return seconds over those of a copy, and memory of the completion and with the factors, in matrices."""
    Z, supports = hadamard(LARGE).matrix, cut_supports(LARGE, exponent(LARGE) // 2)
    before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    marks, peaks = [], []

    def mark():
        marks.append(time.process_time())
        peaks.append((1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / Z.nbytes)

    for _ in range(repetitions):
        mark()
        found = complete(Z, supports, tolerance=baselines.TOLERANCE)
        mark()
        found.factors()
        mark()
        Z.copy()
        mark()
    first, second, copy, _ = np.diff(marks, append=np.nan).reshape(-1, 4).T
    return float(np.median(first + second) / np.median(copy)), *peaks[1:3]


def beside_peers(repetitions):
    """Return the rows of all transforms, and the speed-ups of applying their factors."""
    absent = baselines.missing()
    if absent:
        print(f"{', '.join(absent)} cannot be imported: no figures against them; {baselines.INSTALL}")
    tables, speedups = {}, {}
    for name, make in TRANSFORMS.items():
        transform = make(SIZE)
        tables[name] = []
        for method, factors in baselines.METHODS:
            if method not in absent:  # `missing` has warmed the libraries up
                error, seconds = baselines.measured(transform, method, factors, repetitions)
                row = {"method": method, "factors": factors, "error": error, "seconds": seconds}
                tables[name].append(row)
        for row in tables[name]:
            print(
                f"{name} {SIZE}, {row['factors']} factors, {row['method']}: "
                f"{row['seconds']:.3f} s, error {row['error']:.1e}"
            )
        product = factorize(transform.butterfly, tolerance=baselines.TOLERANCE)
        for columns in (1, 64):
            ratio, _ = baselines.application_speedup(transform, product, columns)
            what = "a vector" if columns == 1 else f"{columns} vectors"
            speedups[f"{name}, {what}"] = ratio
            print(f"{name} {SIZE}, applied to {what}: {ratio:.1f} times faster by its factors")
    return tables, speedups


def over_peer(tables, factors):
    """Return our time over that of the fastest peer, the largest of all transforms; None without peers."""
    ratios = []
    for rows in tables.values():
        times = {row["method"]: row["seconds"] for row in rows if row["factors"] == factors}
        peers = [seconds for method, seconds in times.items() if method != baselines.OURS]
        if peers:
            ratios.append(times[baselines.OURS] / min(peers))
    return max(ratios, default=None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--literal-seconds", type=float, default=60.0)
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    with threadpool_limits(limits=1):
        copies, memory, with_factors = large(
            options.repetitions
        )  # first, since the peak of the memory is that of the process
        print(
            f"Hadamard {LARGE} into two factors: {copies:.1f} copies' time, memory of {memory:.2f} matrices"
        )
        seconds, error = hadamard_factors(options.repetitions)
        print(f"Hadamard {SIZE} into two factors: {seconds:.2f} s, relative error {error:.1e}")
        slopes = {}
        for name, (make, sizes) in FAMILIES.items():
            slopes[name] = growth(make, sizes, options.repetitions)
            last = slopes[name][1][-1]
            print(f"{name}: slope {slopes[name][0]:.2f}, {last[0]} entries in {last[1]:.3f} s")
        tables, speedups = beside_peers(options.repetitions)
        literal = literal_beside(options.literal_seconds)
    figures = {
        "two_factors_over_peer": over_peer(tables, "two"),
        "all_factors_over_peer": over_peer(tables, "all"),
        "literal_over_fast": literal[-1][1] / literal[-1][2],
        "slope": max(slope for slope, _ in slopes.values()),
        "hadamard_1024_s": seconds,
        "hadamard_1024_error": error,
        "copies_4096": copies,
        "memory_4096": memory,
        "memory_4096_with_factors": with_factors,
    }
    last_steps = {name: np.diff(np.log(pairs[-2:]), axis=0)[0] for name, (_, pairs) in slopes.items()}
    details = {
        "slopes": {name: slope for name, (slope, _) in slopes.items()},
        "slopes_of_last_step": {name: float(t / n) for name, (n, t) in last_steps.items()},
        "seconds_by_size": {name: pairs for name, (_, pairs) in slopes.items()},
        "literal": literal,
        "transforms": tables,
        "application_speedup": speedups,
    }
    print(json.dumps(figures | details))


if __name__ == "__main__":
    main()
