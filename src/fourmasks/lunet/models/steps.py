"""A training step, written out: embeddings, network, read-out, loss, and back again."""

from collections.abc import Callable

import torch

from fourmasks.lunet.models.adam import FlatAdam
from fourmasks.lunet.models.losses import HybridLoss, Losses
from fourmasks.lunet.models.pair_model import PairModel
from fourmasks.lunet.models.passes import make_pass


def make_step(
    model: PairModel, loss: HybridLoss, learning_rate: float, ridge: float
) -> Callable[[torch.Tensor, torch.Tensor], Losses]:
    """Return `step(rows, ratings)`, which trains a model on a batch and returns the losses before it.

    The batch is as `Batches` gives it. The gradient of the table is written to the batch's rows alone, but
    Adam moves all rows, as it does whenever a table is a parameter: those without a gradient go on by what is
    left of their momentum. The model's parameters are moved, see `FlatAdam`. `ridge` is the weight of the
    squared embeddings of a rating's user and item.
    """
    optimizer = FlatAdam(model, learning_rate)
    network, readout, table = make_pass(model.network), model.readout, model.table
    by_table = table.grad

    @torch.no_grad()
    def step(rows, ratings):
        n, m = rows.shape[0], ratings.shape[0]
        x = model.inputs(table, rows)
        z = network.forward(x).view(n // 2, -1)
        found, by_outputs = loss.with_gradient(readout.forward(z), ratings)
        by_x = network.backward(readout.pull(z, by_outputs).view_as(x)).view(n, -1)
        if ridge:  # the ratings' pairs come first
            by_x[: 2 * m].add_(x.view_as(by_x)[: 2 * m], alpha=2 * ridge / m)
        by_table.index_add_(0, rows, by_x)
        optimizer.step()
        by_table.index_fill_(0, rows, 0.0)
        return found

    return step
