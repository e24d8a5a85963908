"""What a run on the paper's large data would take: operations, memory and time, from shapes alone."""

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from fourmasks.claims.files import load_claims
from fourmasks.pia.models.multi_vae import MultiVAE
from fourmasks.pia.models.rec_vae import RecVAE
from fourmasks.pia.overhead.plan import EXPERIMENT as OVERHEAD
from fourmasks.pia.recommenders.plan import CONTROLS, DATASETS, FIXED, Config, common
from fourmasks.records.store import Record

FLOAT = 4  # bytes of a number in float32
COPIES = 4  # of each learned number: itself, its gradient, and Adam's two moments
LAYERS = 3  # arrays of users by items in a step: logits, their softmax, its gradient
PASSES = 6  # operations of a layer for each weight and user: a product and a sum, forward and twice back


@dataclass(frozen=True)
class Shape:
    """Training users, held-out users for validation (and as many for the test), and items."""

    users: int
    held_out: int
    items: int


def shapes() -> dict[str, Shape]:
    """Return the shapes of the paper's data, from its Table 5."""
    counts = {
        (claim.dataset[0], claim.metric): claim.reported
        for claim in load_claims("pia")
        if claim.place == "Table 5" and claim.form == "fact"
    }
    found = {}
    for dataset in dict.fromkeys(dataset for dataset, _ in counts):
        users, items, held_out = (int(counts[dataset, name]) for name in ("users", "items", "held_out"))
        found[dataset] = Shape(users - 2 * held_out, held_out, items)
    return found


def n_parameters(items: int, hidden: int, latent: int, anchors: bool = False) -> int:
    """Return how many numbers Multi-VAE learns, with the anchors of PIA or without."""
    layers = ((items, hidden), (hidden, 2 * latent), (latent, hidden), (hidden, items))
    return sum(n_in * n_out + n_out for n_in, n_out in layers) + anchors * items * latent


def epoch_operations(shape: Shape, hidden: int, latent: int) -> int:
    """Return the multiplications and additions of an epoch's dense layers.

    Those of the first layer are sparse and left out: a user has few of the items.
    """
    weights = 3 * hidden * latent + hidden * shape.items
    return PASSES * shape.users * weights


def memory_bytes(shape: Shape, hidden: int, latent: int, batch_size: int) -> int:
    """Return what PIA-VAE keeps while it trains: numbers learned, with Adam's, and a batch's scores."""
    learned = COPIES * n_parameters(shape.items, hidden, latent, anchors=True)
    return FLOAT * (learned + LAYERS * batch_size * shape.items)


def ease_bytes(shape: Shape) -> int:
    """Return what EASE keeps: one matrix of items by items in float64."""
    return 2 * FLOAT * shape.items**2


def rate(records: Iterable[Record]) -> float:
    """Return the operations per second of Multi-VAE's epochs, on the largest data with timings.

    Parameters
    ----------
    records : iterable of Record
        Of the overhead experiment, and of what the data are; others do not count.

    Returns
    -------
    float
        NaN without timings.
    """
    described, timed = {}, {}
    for record in records:
        dataset = record.parameters["dataset"]
        if record.experiment == DATASETS:
            described[dataset] = Shape(int(record.metrics["users"]), 0, int(record.metrics["items_of_all"]))
        elif record.experiment == OVERHEAD and record.parameters["method"].startswith("multi-vae"):
            timed.setdefault(dataset, []).append(record.metrics["plain_epoch_seconds"])
    largest = max(described.keys() & timed.keys(), key=lambda name: described[name].users, default=None)
    if largest is None:
        return math.nan
    model = MultiVAE()  # whose sizes the timings have
    operations = epoch_operations(described[largest], model.hidden, model.latent)
    return operations / statistics.median(timed[largest])


def n_passes(config: Config, dataset: str) -> int:
    """Return how often the experiment's variational autoencoders go over the users, at most, in training.

    Trials and final runs of all of them, every one of as many epochs as allowed. RecVAE has
    several passes in an epoch: those by default.
    """
    recvae, passes = RecVAE(), 0
    for method in (*FIXED, *CONTROLS):
        if method in config.methods:
            source, _ = CONTROLS.get(method, (method, {}))
            fits = config.seeds + config.scale(dataset, method).trials * (method in FIXED)
            each = recvae.encoder_epochs + recvae.decoder_epochs if method.startswith("rec-vae") else 1
            passes += fits * each * common(source, dataset, config)["epochs"]
    return passes
