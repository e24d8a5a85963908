"""Seconds to a given error: this project's MMF solvers against Adam as the reference implementation runs it.

    python benchmarks/mmf_solvers.py [--epochs N] [--threads N]

The peer is written here after the paper's public reference implementation: one product of the concatenated
masked factors, gradients by automatic differentiation, torch's Adam with its learning rates, the best epoch
kept. It runs N epochs; the error it ends with is the one that our solvers must reach.

share_of_peak is what a sweep of Levenberg-Marquardt does as it is written, counted on paper, over what the
machine could do in its time, as measured by a product of large matrices; in single and in double precision.
operations_with_target is how much of that count are products with the target. The last line is JSON, ratios
first.
"""

import argparse
import json
import time

import numpy as np
import torch

from fourmasks.data.errors import DataNotFound
from fourmasks.data.matrices import load_matrix
from fourmasks.mmf.models.matrix_mmf import MMF

FAST_ADAM = {"learning_rate": 0.2, "shift_learning_rate": 0.1}
SOLVERS = {
    "alternating-lm": {"solver": "alternating-lm", "max_iter": 100},
    "adam, rates x 10": {"solver": "adam", "max_iter": 600} | FAST_ADAM,
    "adam, rates x 10, then alternating-lm": {"solver": "adam+alternating-lm", "max_iter": (300, 40)}
    | FAST_ADAM,
}


class ReferenceStyleMMF(torch.nn.Module):
    """MMF with cosine masks, U and V as parameters (I, 1, R), shifts (I, K, 1)."""

    def __init__(self, shape, rank, n_masks):
        super().__init__()
        self.factors = torch.nn.ParameterList(0.02 * torch.randn(n, 1, rank) for n in shape)
        self.shifts = torch.nn.ParameterList(torch.zeros(n, n_masks, 1) for n in shape)
        widths = torch.linspace(1 / n_masks, 1.0, n_masks)[None, :, None]
        self.origin, self.half, self.scale = torch.arange(rank) * widths, rank / 2, n_masks**-2

    def forward(self):
        row, column = (
            (factor * torch.cos(self.origin - self.half * shift)).flatten(1)
            for factor, shift in zip(self.factors, self.shifts, strict=True)
        )
        return self.scale * (row @ column.T)


def reference_adam(x, budget, n_masks, epochs):
    """Return the best relative error of each epoch so far, and the seconds when it was known."""
    torch.manual_seed(0)
    target = torch.as_tensor(x * n_masks / np.linalg.norm(x), dtype=torch.float32)
    model = ReferenceStyleMMF(x.shape, budget - n_masks, n_masks)
    groups = [
        {"params": list(model.factors), "lr": 0.02},
        {"params": list(model.shifts), "lr": 0.01},
    ]
    optimizer = torch.optim.Adam(groups)
    best, errors, seconds, start = np.inf, [], [], time.perf_counter()
    for _ in range(epochs):
        loss = ((model() - target) ** 2).mean()
        error = (loss.item() * target.numel()) ** 0.5 / n_masks
        if error < best:
            best, _kept = error, [p.detach().clone() for p in model.parameters()]
        errors.append(best)
        seconds.append(time.perf_counter() - start)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    return errors, seconds


def seconds_to(error, errors, seconds):
    """Return when a curve first reached an error, None if it did not."""
    reached = [when for value, when in zip(errors, seconds, strict=True) if value <= error]
    return reached[0] if reached else None


def compare(name, budget, n_masks, epochs):
    """Time the peer, then each of our solvers to the error that the peer ended with."""
    try:
        x = load_matrix(name).values
    except DataNotFound as error:
        return None, {"dataset": name, "skipped": str(error)}
    errors, seconds = reference_adam(x, budget, n_masks, epochs)
    goal, peer = errors[-1], seconds_to(errors[-1], errors, seconds)
    print(f"{name}, B = {budget}, K = {n_masks}: reference-style {goal:.4f} in {peer:.1f} s")
    ours = {}
    for label, settings in SOLVERS.items():
        model = MMF(
            budget, n_masks=n_masks, device="cpu", time_limit=2 * peer, verbose=False, **settings
        ).fit(x)
        ours[label] = seconds_to(goal, model.error_curve_, model.seconds_curve_)
        reached = "not reached" if ours[label] is None else f"{ours[label]:.2f} s"
        end = f"{model.relative_error_:.4f} after {model.seconds_curve_[-1]:.1f} s"
        print(f"  {label}: {reached}; ends at {end}")
    times = [when for when in ours.values() if when is not None]
    speedup = peer / min(times) if times else 0.0
    return speedup, {"dataset": name, "error": goal, "reference_s": peer, "epochs": epochs, "ours_s": ours}


def epoch_ratio(epochs=40, rounds=5):
    """Return the time of an epoch with Gaussian masks over one with cosine masks, on S_9, B = 80, K = 32.

    Both take turns. The least time counts, since what else runs only adds to it.
    """
    x = load_matrix("s9").values
    least = dict.fromkeys(("cosine", "gaussian"), np.inf)
    for mask in [*least] * rounds:
        settings = {"mask": mask, "solver": "adam", "max_iter": epochs, "shift_spread": 40.0, "device": "cpu"}
        model = MMF(80, n_masks=32, verbose=False, **settings).fit(x)
        least[mask] = min(least[mask], float(np.median(np.diff(model.seconds_curve_))))
    for mask, seconds in least.items():
        print(f"{mask} masks: {1e3 * seconds:.1f} ms an epoch")
    return least["gaussian"] / least["cosine"], least


def operations(shape, n_masks, rank):
    """Return the additions and multiplications of a sweep, term by term of `AlternatingLM`'s code.

    The first number is that of the products with the target, the second that of all else but the masks.
    """
    size, unknowns, products, rest = n_masks * rank, n_masks + rank, 0, 0
    for n, other in (shape, shape[::-1]):
        products += 2 * n * other * size
        rest += 2 * other * size**2  # the Gram matrix
        rest += 4 * 2 * n * size**2  # the model twice, rows of the normal matrices for factors and shifts
        rest += 2 * n * size * (2 * rank + n_masks)  # these normal matrices, summed
        rest += n * (unknowns**3 / 3 + 2 * unknowns**2)  # solved
    return products, rest


def share_of_peak(dtype, size=2048, sweeps=10, rounds=5):
    """Return how much of the machine's peak a sweep on Yale-B has, B = 20, K = 8; None without the data.

    Sweeps and products of large matrices take turns, and the least time of each counts.
    """
    try:
        x = load_matrix("yale-b").values
    except DataNotFound:
        return None
    a, b = (torch.randn(size, size, dtype=getattr(torch, dtype)) for _ in range(2))
    settings = {"n_masks": 8, "solver": "alternating-lm", "max_iter": sweeps, "tol": 0.0, "dtype": dtype}
    product, sweep = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        a @ b
        product.append(time.perf_counter() - start)
        model = MMF(20, device="cpu", verbose=False, **settings).fit(x)
        sweep.append(np.diff(model.seconds_curve_).min())
    return sum(operations(x.shape, 8, 12)) / min(sweep) / (2 * size**3 / min(product))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=1000, help="of the peer")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    yale, yale_details = compare("yale-b", 20, 8, options.epochs)
    s9, s9_details = compare("s9", 40, 16, options.epochs)
    ratio, seconds = epoch_ratio()
    single, double = share_of_peak("float32"), share_of_peak("float64")
    products, rest = operations((2016, 2414), 8, 12)
    of_products = products / (products + rest)
    figures = {
        "yale_b20_speedup": yale,
        "s9_speedup": s9,
        "gaussian_over_cosine": ratio,
        "share_of_peak": single,
        "share_of_peak_double": double,
        "operations_with_target": of_products,
    }
    details = {"yale_b20": yale_details, "s9": s9_details, "epoch_s": seconds, "threads": options.threads}
    print(json.dumps(figures | details))


if __name__ == "__main__":
    main()
