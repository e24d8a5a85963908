"""Seconds per epoch: this project's MMF for ratings against the per-k loop of the reference implementation.

    python benchmarks/mmf_ratings.py [--epochs N] [--threads N]

The peer is written here after the paper's public reference implementation: a module that adds, for each
mask k, the masked products of the batch's pairs, gradients by automatic differentiation, torch's Adam and
DataLoader. Model, masks, batch and learning rates are the same on both sides, and both print their loss.
MovieLens 100K if it is there, otherwise the simulated ratings. Then: how our epoch grows with K R and with
the number of ratings, as log-log slopes; --figure FILE draws both. The last line is JSON, ratios first.
"""

import argparse
import json
import time
from dataclasses import replace

import numpy as np
import torch

from fourmasks.data.errors import DataNotFound
from fourmasks.data.ratings import load_ratings
from fourmasks.data.splits import split
from fourmasks.mmf.rating_estimator import RatingMMF

RANK, N_MASKS, BATCH = 32, 8, 4096


class PerMaskLoop(torch.nn.Module):
    """MMF for ratings with learned shifts and Gaussian masks, one mask after the other."""

    def __init__(self, shape, mean):
        super().__init__()
        self.mean = mean
        self.factors = torch.nn.ParameterList(0.02 * torch.randn(n, RANK) for n in shape)
        self.shifts = torch.nn.ParameterList(torch.zeros(N_MASKS, n) for n in shape)
        self.biases = torch.nn.ParameterList(torch.zeros(n) for n in shape)
        self.positions, self.widths = torch.arange(RANK), torch.linspace(1 / N_MASKS, 1, N_MASKS)

    def mask(self, which, k, rows):
        shift = RANK / 2 * self.shifts[which][k][rows]
        distance = (self.positions[None] - shift[:, None]) * self.widths[k]
        return (0.5 + torch.exp(-(distance**2) / 2) / 2.507) / N_MASKS

    def forward(self, users, items):
        product = self.factors[0][users] * self.factors[1][items]
        total = torch.zeros(len(users))
        for k in range(N_MASKS):
            total = total + (product * (self.mask(0, k, users) * self.mask(1, k, items))).sum(-1)
        return total + self.mean + self.biases[0][users] + self.biases[1][items]


def per_mask_epochs(ratings, epochs):
    """Return the seconds and the mean loss of each epoch of the peer."""
    torch.manual_seed(0)
    model = PerMaskLoop(ratings.shape, float(np.mean(ratings.values, dtype=np.float64)))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    data = torch.utils.data.TensorDataset(
        torch.as_tensor(ratings.users), torch.as_tensor(ratings.items), torch.as_tensor(ratings.values)
    )
    loader = torch.utils.data.DataLoader(data, batch_size=BATCH, shuffle=True)
    seconds, losses = [], []
    for _ in range(epochs):
        start, total = time.perf_counter(), 0.0
        for users, items, values in loader:
            loss = ((model(users, items) - values) ** 2).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(values)
        seconds.append(time.perf_counter() - start)
        losses.append(total / len(ratings))
    return seconds, losses


def our_epochs(ratings, epochs, rank=RANK, n_masks=N_MASKS):
    """Return the seconds and the mean loss of each of our epochs."""
    model = RatingMMF(rank, n_masks=n_masks, batch_size=BATCH, epochs=epochs).fit(ratings)
    return model.seconds_, [rmse**2 for rmse in model.training_curve_]


def slope(sizes, seconds):
    """Return the slope of a line through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def growth_with_masks(ratings, epochs):
    """Return K R and seconds per epoch for growing K, then for growing R."""
    cases = [(32, k) for k in (4, 8, 16, 32)] + [(r, 8) for r in (64, 128)]
    return [(r * k, float(np.median(our_epochs(ratings, epochs, r, k)[0]))) for r, k in cases]


def growth_with_ratings(epochs):
    """Return the number of ratings and seconds per epoch on random pairs, 3000 users and items."""
    generator = np.random.default_rng(0)
    base, found = load_ratings("simulated"), []
    for n in (50_000, 100_000, 200_000, 400_000):
        cells = generator.choice(9_000_000, n, replace=False)
        values = generator.integers(1, 6, n).astype(np.float32)
        part = replace(base, users=cells // 3000, items=cells % 3000, values=values, shape=(3000, 3000))
        found.append((n, float(np.median(our_epochs(part, epochs)[0]))))
    return found


def draw(file, masks, ratings):
    """Write a figure of both growths."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
    for axis, points, label in zip(axes, (masks, ratings), ("K R", "ratings"), strict=True):
        sizes, seconds = zip(*sorted(points), strict=True)
        axis.loglog(sizes, seconds, "o", label="measured")
        axis.loglog(sizes, np.array(sizes) * seconds[-1] / sizes[-1], "--", label="proportional")
        axis.set(xlabel=label, ylabel="seconds per epoch")
        axis.legend()
    figure.savefig(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--figure", help="file to draw the growth of the epoch into")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    try:
        ratings = load_ratings("ml-100k")
    except DataNotFound as error:
        print(error)
        ratings = load_ratings("simulated")
    train = split(ratings, "per-user", 0, validation=0.0).train
    print(f"{ratings.name}, {len(train)} ratings, R = {RANK}, K = {N_MASKS}, batches of {BATCH}")
    peer, peer_losses = per_mask_epochs(train, options.epochs)
    ours, losses = our_epochs(train, options.epochs)
    for name, times, loss in (("per-k loop", peer, peer_losses), ("ours", ours, losses)):
        print(f"{name}: {np.median(times):.3f} s an epoch, loss {loss[0]:.4f} to {loss[-1]:.4f}")
    masks, growing = growth_with_masks(train, 3), growth_with_ratings(3)
    if options.figure:
        draw(options.figure, masks, growing)
    figures = {
        "speedup_over_per_k_loop": float(np.median(peer) / np.median(ours)),
        "slope_kr": slope(*zip(*masks, strict=True)),
        "slope_ratings": slope(*zip(*growing, strict=True)),
    }
    details = {
        "dataset": ratings.name,
        "per_k_loop_s": float(np.median(peer)),
        "ours_s": float(np.median(ours)),
        "loss": {"per_k_loop": peer_losses[-1], "ours": losses[-1]},
        "seconds_by_kr": masks,
        "seconds_by_ratings": growing,
        "threads": options.threads,
    }
    print(json.dumps(figures | details))


if __name__ == "__main__":
    main()
