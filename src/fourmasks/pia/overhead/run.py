"""One timing of an epoch with an alignment beside one without (paper, Table 6)."""

import statistics
import time
from functools import lru_cache, partial

import torch

from fourmasks.data.interactions import load_interactions
from fourmasks.learning.user_items import training_matrix
from fourmasks.pia.models.multi_vae import MultiVAE
from fourmasks.pia.models.rec_vae import RecVAE
from fourmasks.system.device import resolve_device, synchronize

# What stands against the same model without alignment.
METHODS = {
    "multi-vae+pia": (MultiVAE, "items"),
    "multi-vae+zero": (MultiVAE, "zero"),
    "rec-vae+pia": (RecVAE, "items"),
}

load = lru_cache(maxsize=2)(load_interactions)


def run(dataset, method, seed, epochs, batch_size, device, threads) -> dict:
    """Time epochs of a model with an alignment and without, in turn, on all users of a data set.

    Parameters
    ----------
    dataset : str
    method : str
        One of `METHODS`.
    seed : int
        Of the start and of the batches. No time depends on it, other than by chance.
    epochs : int
        Of each model, after one that sets up the memory.
    batch_size : int
    device : str
    threads : int
        On the CPU.

    Returns
    -------
    dict
        "metrics": epoch_seconds and plain_epoch_seconds, medians; overhead_percent, the median over epochs of
        how much longer the one with alignment took than the one without beside it. "curves": the seconds of
        each epoch, aligned and plain. On a CPU they are those of the processor, which other processes hardly
        change, summed over the threads.
    """
    torch.set_num_threads(threads)
    matrix = training_matrix(load(dataset).matrix)
    estimator, alignment = METHODS[method]
    clock = time.process_time if resolve_device(device).type == "cpu" else time.perf_counter
    epoch_of = {}
    for name, target in (("plain", "none"), ("aligned", alignment)):
        model = estimator(alignment=target, batch_size=batch_size, random_state=seed, device=device)
        epoch_of[name] = partial(model._epoch, model._start(matrix))
    seconds = {name: [] for name in epoch_of}
    for number in range(1 + epochs):
        for name in sorted(epoch_of, reverse=number % 2):  # each goes first in turn
            start = clock()
            epoch_of[name]()
            synchronize(device)
            if number:
                seconds[name].append(clock() - start)
    ratios = [aligned / plain for aligned, plain in zip(seconds["aligned"], seconds["plain"], strict=True)]
    metrics = {
        "epoch_seconds": statistics.median(seconds["aligned"]),
        "plain_epoch_seconds": statistics.median(seconds["plain"]),
        "overhead_percent": 100 * (statistics.median(ratios) - 1),
    }
    return {"metrics": metrics, "curves": seconds}
