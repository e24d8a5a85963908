"""Seconds per epoch: this project's MMF for ratings against the per-k loop of the reference implementation.

    python benchmarks/mmf_ratings.py [--epochs N] [--threads N]

The peer is written here after the paper's public reference implementation: a module that adds, for each
mask k, the masked products of the batch's pairs, gradients by automatic differentiation, torch's Adam and
DataLoader. Model, masks, batch and learning rates are the same on all sides, which take turns and print
their loss. The least time of an epoch counts. MovieLens 100K if it is there, otherwise the simulated
ratings. Then: how our epoch grows with K R and with the number of ratings, up to ten million random ones, as
log-log slopes. The last line is JSON.
"""

import argparse
import functools
import json
import time

import numpy as np
import torch

from fourmasks.data.errors import DataNotFound
from fourmasks.data.ratings import load_ratings
from fourmasks.data.splits import split
from fourmasks.mmf.models.rating_mmf import RatingMMF
from fourmasks.mmf.ratings import scaling

RANK, N_MASKS, BATCH = 32, 8, 4096
COUNTS, SIDE = (10_000, 100_000, 1_000_000, 10_000_000), 10_000


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


class InMemory:
    """Batches of a permutation, without a DataLoader."""

    def __init__(self, data):
        self.tensors = data.tensors

    def __iter__(self):
        for places in torch.randperm(len(self.tensors[0])).split(BATCH):
            yield [tensor[places] for tensor in self.tensors]


def per_mask_epochs(ratings, epochs, in_memory=False):
    """Return the seconds and the mean loss of each epoch of the peer."""
    torch.manual_seed(0)
    model = PerMaskLoop(ratings.shape, float(np.mean(ratings.values, dtype=np.float64)))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    data = torch.utils.data.TensorDataset(
        torch.as_tensor(ratings.users), torch.as_tensor(ratings.items), torch.as_tensor(ratings.values)
    )
    loader = InMemory(data) if in_memory else torch.utils.data.DataLoader(data, BATCH, shuffle=True)
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


def our_epochs(ratings, epochs):
    """Return the seconds and the mean loss of each of our epochs."""
    model = RatingMMF(RANK, n_masks=N_MASKS, batch_size=BATCH, epochs=epochs).fit(ratings)
    return model.seconds_, [rmse**2 for rmse in model.training_curve_]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=3, help="of each side at a time")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    try:
        ratings = load_ratings("ml-100k")
    except DataNotFound as error:
        print(error)
        ratings = load_ratings("simulated")
    train = split(ratings, "per-user", 0, validation=0.0).train
    print(f"{ratings.name}, {len(train)} ratings, R = {RANK}, K = {N_MASKS}, batches of {BATCH}")
    in_memory = functools.partial(per_mask_epochs, in_memory=True)
    sides = {"per-k loop": per_mask_epochs, "per-k loop in memory": in_memory, "ours": our_epochs}
    seconds, losses = {}, {}
    for name in [*sides] * options.rounds:
        times, losses[name] = sides[name](train, options.epochs)
        seconds[name] = min(seconds.get(name, np.inf), *times)
    for name, loss in losses.items():
        print(f"{name}: {seconds[name]:.3f} s an epoch, loss {loss[0]:.4f} to {loss[-1]:.4f}")
    masks, growing = scaling.by_masks(train), scaling.by_ratings(train, COUNTS, SIDE)
    figures = {
        "speedup_over_per_k_loop": seconds["per-k loop"] / seconds["ours"],
        "speedup_over_loop_in_memory": seconds["per-k loop in memory"] / seconds["ours"],
        "slope_kr": scaling.slope(masks),
        "slope_ratings": scaling.slope(growing),
    }
    details = {
        "dataset": ratings.name,
        "epoch_s": seconds,
        "loss": {name: loss[-1] for name, loss in losses.items()},
        "seconds_by_kr": masks[["size", "seconds"]].values.tolist(),
        "seconds_by_ratings": growing.values.tolist(),
        "threads": options.threads,
    }
    print(json.dumps(figures | details))


if __name__ == "__main__":
    main()
