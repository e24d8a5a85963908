"""Rankers that average over the graph of users and liked items: LightGCN, NGCF and SGL."""

import warnings
from dataclasses import dataclass

import numpy as np
import scipy.sparse
import torch
from torch.nn import functional

from fourmasks.baselines.ranking.fitting import (
    Network,
    Ranker,
    bpr_loss,
    glorot,
    half_squares,
    normal,
    zeros,
)


class Graph:
    r"""The normalised adjacency matrix of users and items, :math:`D^{-1/2} A D^{-1/2}`.

    Parameters
    ----------
    users, items : ndarray of int64, shape (n,)
        The edges, each once.
    shape : tuple of int
        Number I of users and J of items. Item j is node I + j.
    """

    def __init__(self, users: np.ndarray, items: np.ndarray, shape: tuple[int, int]):
        liked = scipy.sparse.csr_array((np.ones(len(users)), (users, items)), shape=shape)
        by_user, by_item = (_inverse_root(liked.sum(axis=axis)) for axis in (1, 0))
        liked = liked.multiply(by_user[:, None]).multiply(by_item).tocsr()
        matrix = scipy.sparse.block_array([[None, liked], [liked.T, None]], format="csr")
        with warnings.catch_warnings():  # torch calls its sparse tensors a beta version, once per process
            warnings.simplefilter("ignore", UserWarning)
            self._matrix = torch.sparse_csr_tensor(
                *(torch.from_numpy(part.astype(np.int32)) for part in (matrix.indptr, matrix.indices)),
                torch.from_numpy(matrix.data), matrix.shape, check_invariants=False,
            )  # fmt: skip

    def average(self, vectors: torch.Tensor) -> torch.Tensor:
        """Return the product with the nodes' vectors (I + J, d)."""
        if self._matrix.dtype != vectors.dtype or self._matrix.device != vectors.device:
            self._matrix = self._matrix.to(vectors.device, vectors.dtype)
        return _Average.apply(self._matrix, vectors)


class _Average(torch.autograd.Function):
    """The product with a symmetric matrix: its gradient is the same product, with nothing to transpose."""

    @staticmethod
    def forward(ctx, matrix, vectors):
        ctx.matrix = matrix
        return matrix @ vectors

    @staticmethod
    def backward(ctx, gradient):
        return None, ctx.matrix @ gradient


def _inverse_root(degrees: np.ndarray) -> np.ndarray:
    return np.divide(1, np.sqrt(degrees), out=np.zeros(len(degrees)), where=degrees > 0)


@dataclass(eq=False, repr=False, kw_only=True)
class LightGCN(Ranker):
    r"""The score is :math:`u^\top v` of vectors averaged over their neighbourhoods.

    The vectors of all nodes are :math:`\frac{1}{L+1} \sum_{l=0}^L (D^{-1/2} A D^{-1/2})^l E`; E is learned.
    The averages are made anew for each batch, so that large batches save time.

    Parameters
    ----------
    n_layers : int, default 3
        L.
    **others
        See `Ranker`; `l2` is for the rows of E.

    References
    ----------
    He, Deng, Wang, Li, Zhang and Wang, "LightGCN: Simplifying and Powering Graph Convolution Network for
    Recommendation", SIGIR 2020.
    """

    n_layers: int = 3

    def _make(self, train, generator):
        return _Averaged(train, self, generator)

    def _check_device(self, device):
        if device.type == "mps":
            raise ValueError(f"device = {self.device!r}: torch has no sparse products there, take 'cpu'")


class _Averaged(Network):
    def __init__(self, train, settings, generator):
        super().__init__()
        self._l2, self._n_layers, self._n_users = settings.l2, settings.n_layers, train.shape[0]
        self._graph = Graph(train.users, train.items, train.shape)
        self.nodes = normal((sum(train.shape), settings.rank), settings.factor_scale, generator)

    def loss(self, users, liked, others, generator):
        nodes = (users, liked + self._n_users, others + self._n_users)
        vectors = self._vectors(generator)
        u, v, w = (vectors.index_select(0, numbers) for numbers in nodes)
        penalty = half_squares(*(self.nodes.index_select(0, numbers) for numbers in nodes))
        return bpr_loss((u * v).sum(1), (u * w).sum(1)) + self._l2 * penalty

    def tables(self):
        return self._vectors().tensor_split([self._n_users])

    def _vectors(self, generator=None):
        return self._averages(self._graph)

    def _averages(self, graph):
        layer = total = self.nodes
        for _ in range(self._n_layers):
            layer = graph.average(layer)
            total = total + layer
        return total / (self._n_layers + 1)


@dataclass(eq=False, repr=False, kw_only=True)
class SGL(LightGCN):
    """LightGCN with a second task: tell nodes apart by what is left of their edges.

    In each epoch two graphs are drawn that lack a share of the edges. A node's averages over the one and over
    the other are to be more alike than those of different nodes (InfoNCE). Nodes are contrasted
    with those in the same batch, not with all, and only with the users and liked items of the first
    `contrast_size` triples: the cost then does not grow with the square of the batch.

    Parameters
    ----------
    edge_dropout : float, default 0.1
        Share of the edges that are dropped.
    contrast : float, default 0.05
        Weight of the second task.
    temperature : float, default 0.2
    contrast_size : int, default 2048
    **others
        See `LightGCN`.

    References
    ----------
    Wu, Wang, Feng, He, Chen, Lian and Xie, "Self-supervised Graph Learning for Recommendation", SIGIR 2021;
    the variant with edge dropout, SGL-ED.
    """

    edge_dropout: float = 0.1
    contrast: float = 0.05
    temperature: float = 0.2
    contrast_size: int = 2048

    def _make(self, train, generator):
        return _Contrasted(train, self, generator)


class _Contrasted(_Averaged):
    def __init__(self, train, settings, generator):
        super().__init__(train, settings, generator)
        self._train, self._settings = train, settings

    def begin_epoch(self, generator):
        self._views = [self._thinned(generator) for _ in range(2)]

    def loss(self, users, liked, others, generator):
        first, second = (self._averages(view) for view in self._views)
        contrast = 0.0
        for numbers in (users, liked + self._n_users):
            nodes = torch.unique(numbers[: self._settings.contrast_size])
            contrast = contrast + self._apart(first.index_select(0, nodes), second.index_select(0, nodes))
        return super().loss(users, liked, others, generator) + self._settings.contrast * contrast

    def _thinned(self, generator):
        kept = torch.rand(len(self._train), generator=generator).numpy() >= self._settings.edge_dropout
        return Graph(self._train.users[kept], self._train.items[kept], self._train.shape)

    def _apart(self, first, second):
        first, second = functional.normalize(first), functional.normalize(second)
        similarity = first @ second.T / self._settings.temperature
        return functional.cross_entropy(similarity, torch.arange(len(first), device=first.device))


@dataclass(eq=False, repr=False, kw_only=True)
class NGCF(LightGCN):
    r"""Averages with a linear map and a bend in each layer, and the vectors of all layers side by side.

    A layer makes of E the rows, each divided by its norm, of
    :math:`\mathrm{LeakyReLU}((A + I) E W_1 + (A E \odot E) W_2)`, with the normalised adjacency matrix A.

    Parameters
    ----------
    dropout : float, default 0.1
        Share of each layer's numbers that are dropped in training.
    **others
        See `LightGCN`.

    References
    ----------
    Wang, He, Wang, Feng and Chua, "Neural Graph Collaborative Filtering", SIGIR 2019.
    """

    n_layers: int = 2
    dropout: float = 0.1

    def _make(self, train, generator):
        return _Bent(train, self, generator)


class _Bent(_Averaged):
    def __init__(self, train, settings, generator):
        super().__init__(train, settings, generator)
        rank, self._dropout = settings.rank, settings.dropout
        layers = range(settings.n_layers)
        self.sums = torch.nn.ParameterList(glorot(rank, rank, generator) for _ in layers)
        self.products = torch.nn.ParameterList(glorot(rank, rank, generator) for _ in layers)
        self.biases = torch.nn.ParameterList(zeros(rank) for _ in layers)

    def _vectors(self, generator=None):
        layer, layers = self.nodes, [self.nodes]
        for by_sum, by_product, bias in zip(self.sums, self.products, self.biases, strict=True):
            average = self._graph.average(layer)
            layer = (average + layer) @ by_sum + (average * layer) @ by_product + bias
            layer = functional.leaky_relu(layer, 0.2)
            if self.training and self._dropout:
                kept = torch.rand(layer.shape, generator=generator).to(layer) >= self._dropout
                layer = layer * kept / (1 - self._dropout)
            layers.append(functional.normalize(layer))
        return torch.cat(layers, 1)
