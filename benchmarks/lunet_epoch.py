"""Fifty epochs of the LU-Net recommender, and a training step against a plain PyTorch loop of the same model.

    python benchmarks/lunet_epoch.py [--dataset NAME] [--steps N] [--rounds N]

The recommender as the paper states it, batches of 128 ratings with a non-interaction for each, on ML-1M's
training part, or where ML-1M is missing on simulated ratings of its shape. With one thread and with two, in
turn in several rounds, each side takes the first steps of an epoch. What the JSON in the last line holds:

- step_milliseconds_...: our median step, its batch included;
- minutes_50_epochs: with the faster number of threads, that median times all steps, and what comes once an
  epoch: the order and the non-interactions, and the table that predictions are made from. The set-up, and
  what may be evaluated after an epoch, are not in it;
- speedup_over_autograd: the peer's median step over ours, each with its faster number of threads;
- operations_in_step: calls of PyTorch, and share_of_operations: about how much of the time of a step they
  take, by torch's profiler, which is in both; the rest is Python between them.

The peer is what one writes in PyTorch: embeddings, LU layers and a linear read-out as modules, gradients by
automatic differentiation, torch's Adam in its fused form, the fastest. It starts from the same numbers and
has the same batches, without a DataLoader; both print their losses. All this is by the clock, since two
threads' processor times add up: it needs a machine that does nothing else. The processor's milliseconds stand
beside, and tell if it did: with one thread both are then the same.
"""

import argparse
import copy
import json
import time
from itertools import islice

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from fourmasks.data.errors import DataNotFound
from fourmasks.data.held_out import split_per_user
from fourmasks.data.ratings import load_ratings, make_ratings
from fourmasks.data.readers import simulated
from fourmasks.lunet.models.batches import Batches
from fourmasks.lunet.models.losses import HybridLoss
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.models.steps import make_step

ML_1M = simulated.Law(n_users=6040, n_items=3706, n_ratings=1_000_209, rank=8, seed=0)
EPOCHS, THREADS = 50, (1, 2)


def training_ratings(name):
    """Return four fifths of each user's ratings; simulated ones of ML-1M's shape where there are none."""
    try:
        ratings = load_ratings(name)
    except DataNotFound as error:
        print(error)
        shape = ML_1M.n_users, ML_1M.n_items
        ratings = make_ratings("simulated, ml-1m's shape", *simulated.draw(ML_1M), shape, (1, 5))
    return split_per_user(ratings, 0).train


class Plain(torch.nn.Module):
    """A pair model at its start, of PyTorch's modules."""

    def __init__(self, start):
        super().__init__()
        users, items = start.table.detach().tensor_split([start.n_users])
        self.users = torch.nn.Embedding.from_pretrained(users.clone(), freeze=False)
        self.items = torch.nn.Embedding.from_pretrained(items.clone(), freeze=False)
        self.network = copy.deepcopy(start.network)
        self.readout = torch.nn.Linear(start.dimension, len(start.readout.offsets))
        with torch.no_grad():
            self.readout.weight.copy_(start.readout.weight)
            self.readout.bias.copy_(start.readout.offsets)

    def forward(self, users, items):
        return self.readout(self.network(torch.cat((self.users(users), self.items(items)), 1)))


def plain_step(start, settings):
    """Return a step as `make_step` does, by autograd."""
    model, gamma = Plain(start), settings.gamma
    adam = torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=True)

    def step(rows, ratings):
        users, items = rows.view(-1, 2).unbind(1)
        outputs, m = model(users, items - start.n_users), len(ratings)
        happened = torch.zeros(len(outputs))
        happened[:m] = 1.0
        mse = (outputs[:m, 0] - ratings).square().mean()
        entropy = binary_cross_entropy_with_logits(outputs[:, 1], happened)
        adam.zero_grad()
        (gamma * mse + (1 - gamma) * entropy).backward()
        adam.step()
        return mse.detach() * m, entropy.detach() * len(outputs)

    return step


def now():
    return time.perf_counter(), time.process_time()


def beginning(step, data, generator, n_steps):
    """Take the first steps of an epoch.

    Returns
    -------
    before : float
        Seconds until the first batch is there.
    seconds : ndarray (n_steps, 2)
        Of each step, by the clock and by the processor.
    loss : float
        Mean squared error over the batches.
    """
    marks, squares, n_ratings = [now()], 0.0, 0
    for rows, ratings in islice(data.epoch(generator), n_steps):
        if not n_ratings:
            marks.append(now())
        squares, n_ratings = squares + step(rows, ratings)[0], n_ratings + len(ratings)
        marks.append(now())
    before, *seconds = np.diff(marks, axis=0)
    return before[0], np.array(seconds), float(squares) / n_ratings


def started(train):
    """Return the recommender with the start of a training, and the batches of the ratings."""
    recommender = LUNetRecommender(epochs=1).fit(train.take(np.arange(0, len(train), 1000)))
    return recommender, Batches(train, recommender, torch.device("cpu"))


def our_step(settings):
    """Return our step from the recommender's start."""
    loss = HybridLoss(settings.gamma)
    return make_step(copy.deepcopy(settings.start_), loss, settings.learning_rate, settings.ridge)


def measured(train, n_steps, rounds):
    """Return seconds by what they are of and number of threads, and each side's last loss."""
    recommender, data = started(train)
    steps = {"ours": our_step(recommender), "autograd": plain_step(recommender.start_, recommender)}
    generators = {name: torch.Generator().manual_seed(0) for name in steps}
    kinds = (*steps, "before", "table")
    found, losses = {(kind, threads): [] for kind in kinds for threads in THREADS}, {}
    for _ in range(rounds):
        for threads in THREADS:
            torch.set_num_threads(threads)
            for name, step in steps.items():
                before, seconds, losses[name] = beginning(step, data, generators[name], n_steps)
                found[name, threads].extend(seconds)
                found["before", threads].append(before)
            begun = time.perf_counter()
            recommender._prepare()
            found["table", threads].append(time.perf_counter() - begun)
    return {place: np.median(seconds, axis=0) for place, seconds in found.items()}, losses


def operations(train, n_steps=200):
    """Return the number of operations in our step, and about what share of its time they take, one thread."""
    torch.set_num_threads(1)
    recommender, data = started(train)
    step = our_step(recommender)
    batches = list(islice(data.epoch(torch.Generator().manual_seed(0)), 2 * n_steps))
    half = batches[len(batches) // 2 :]
    for rows, ratings in batches:  # warms up
        step(rows, ratings)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        start = time.perf_counter()
        for rows, ratings in half:
            step(rows, ratings)
        seconds = time.perf_counter() - start
    calls = [event for event in profile.events() if event.cpu_parent is None]
    return len(calls) / len(half), sum(event.cpu_time_total for event in calls) / 1e6 / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="ml-1m", help="ratings to train on")
    parser.add_argument("--steps", type=int, default=1000, help="of each side at a time")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    train = training_ratings(options.dataset)
    in_epoch = -(-len(train) // LUNetRecommender().batch_size)
    print(f"{train.name}: {len(train)} training ratings, {in_epoch} steps an epoch")
    seconds, losses = measured(train, options.steps, options.rounds)
    milliseconds, processor = (
        {name: {threads: 1e3 * float(seconds[name, threads][k]) for threads in THREADS} for name in losses}
        for k in (0, 1)
    )
    for name, by_threads in milliseconds.items():
        for threads, value in by_threads.items():
            busy = f"{processor[name][threads]:.2f} ms of the processor"
            print(f"{name}, threads {threads}: {value:.2f} ms a step, {busy}; last loss {losses[name]:.4f}")
    number, share = operations(train)
    print(f"{number:.0f} operations in a step, {share:.0%} of its time")
    ours = milliseconds["ours"]
    best = min(THREADS, key=ours.get)
    once = float(seconds["before", best] + seconds["table", best])
    figures = {
        "step_milliseconds_1_thread": ours[1],
        "step_milliseconds_2_threads": ours[2],
        "minutes_50_epochs": EPOCHS * (in_epoch * ours[best] / 1e3 + once) / 60,
        "speedup_over_autograd": min(milliseconds["autograd"].values()) / ours[best],
        "operations_in_step": number,
        "share_of_operations": share,
    }
    details = {
        "dataset": train.name,
        "steps_in_epoch": in_epoch,
        "seconds_once_in_epoch": once,
        "milliseconds": milliseconds,
        "milliseconds_of_processor": processor,
        "loss": losses,
    }
    print(json.dumps(figures | details))


if __name__ == "__main__":
    main()
