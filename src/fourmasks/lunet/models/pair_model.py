"""A recommender's parameters: one table of embeddings, a network on pairs of them, and a read-out."""

import torch

from fourmasks.lunet.models.networks import make_activation, make_network
from fourmasks.lunet.models.readouts import make_readout


class PairModel(torch.nn.Module):
    """Outputs for pairs of a user and an item.

    The input of the network for a pair is the embedding of the user beside that of the item, d / 2 numbers
    each: what the paper calls x_ij, without saying what it is made of. With the read-out "separate" each has
    d numbers, and is an input of its own. Embeddings are normal with standard deviation `embedding_scale` at
    the start, drawn on the CPU in float32.

    Parameters
    ----------
    shape : tuple of int
        I users, J items.
    settings : LUNetRecommender
    mean : float
        Of the training ratings: the read-out's first offset.
    generator : torch.Generator

    Attributes
    ----------
    table : Parameter (I + J, d / 2)
        Or (I + J, d). Rows are those of the users, then of the items.
    network : Module or None
    readout : Readout
    """

    def __init__(self, shape, settings, mean: float, generator: torch.Generator):
        super().__init__()
        self.n_users, self.dimension = shape[0], settings.dimension
        separate = settings.readout == "separate"
        width = self.dimension if separate else self.dimension // 2
        self.table = torch.nn.Parameter(
            settings.embedding_scale * torch.randn(sum(shape), width, generator=generator)
        )
        activation = make_activation(settings.activation, settings.alpha, settings.beta)
        self.network = make_network(
            settings.network, self.dimension, settings.n_layers, activation, generator
        )
        offsets = torch.tensor([mean, 0.0][: settings.heads])
        self.readout = make_readout(settings.readout, self.dimension, offsets, generator)

    def rows(self, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        """Return the numbers (n, 2) of the table's rows of pairs (n,), (n,)."""
        return torch.stack((users, items + self.n_users), 1)

    def inputs(self, table: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Return the network's inputs: (n, d) for pairs, or (2 n, d) if each side is one of its own.

        Parameters
        ----------
        table : Tensor
            The embeddings, or others in their place.
        rows : Tensor (2 n,)
            Numbers of its rows, user and item in turn.
        """
        return table.index_select(0, rows).view(-1, self.dimension)

    def outputs(self, table: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Return the outputs (n, h) for pairs."""
        x = self.inputs(table, rows)
        z = x if self.network is None else self.network(x)
        return self.readout(z.view(len(rows) // 2, 2 * table.shape[1]))
