"""Personalized item alignment: the loss (Eq. 10), its targets, and how its weight grows (Algorithm 1)."""

import math

import numpy as np
import torch

from fourmasks.pia.models.sparse_layer import Memory, SparseRows

TARGETS = ("none", "items", "zero", "frozen", "shuffled-users")


def alignment_loss(
    mean: torch.Tensor,
    log_variance: torch.Tensor,
    anchors: torch.Tensor,
    items: SparseRows,
    memory: Memory | None = None,
) -> torch.Tensor:
    r"""Return the mean over a user's items of the expected squared distance of z from their anchors (Eq. 9).

    It is computed as in Eq. 10, :math:`\lVert \mu_u - \bar e_u \rVert^2 + \mathrm{tr}\, \Sigma_u +
    \frac{1}{|S_u|} \sum_{i \in S_u} \lVert e_i \rVert^2 - \lVert \bar e_u \rVert^2`, with the first square
    multiplied out, where :math:`\bar e_u` is the centroid of the anchors :math:`e_i` of the user's items
    :math:`S_u`: one sparse product in place of a sum over items for each user. The gradient by :math:`e_i`
    is :math:`2 \sum_u (e_i - \mu_u) / |S_u|` over the users with i.

    Parameters
    ----------
    mean, log_variance : Tensor of shape (n, R)
        :math:`\mu` and :math:`\ln \sigma^2` of the posteriors.
    anchors : Tensor of shape (J, R)
    items : SparseRows
        Each user's row (n, J) with ones; none is empty.
    memory : Memory, optional
        Where the gradient by the anchors lies until the next step.

    Returns
    -------
    Tensor of shape (n,)
        Differentiable in the first three.
    """
    return _Alignment.apply(mean, log_variance, anchors, items, memory)


class _Alignment(torch.autograd.Function):
    @staticmethod
    def forward(ctx, mean, log_variance, anchors, items, memory):
        sizes, variance = items.row_sizes[:, None], log_variance.exp()
        centroids = items.times(anchors).div_(sizes)
        squares = torch.linalg.vector_norm(anchors, dim=1, keepdim=True).square_()
        ctx.save_for_backward(mean, variance, anchors, centroids)
        ctx.items, ctx.memory = items, memory or Memory()
        loss = torch.sub(mean, centroids, alpha=2).mul_(mean).sum(1).add_(variance.sum(1))
        return loss.add_(items.times(squares).div_(sizes)[:, 0])

    @staticmethod
    def backward(ctx, gradient):
        mean, variance, anchors, centroids = ctx.saved_tensors
        gradient = gradient[:, None]
        by_anchors = None
        if ctx.needs_input_grad[2]:
            weights = 2 * gradient / ctx.items.row_sizes[:, None]
            shares = ctx.items.transposed_times(weights)
            by_anchors = ctx.memory.empty("gradient", anchors.shape, anchors)
            for rows, part in ctx.items.transposed_parts(-weights * mean):
                torch.mul(anchors[rows], shares[rows], out=by_anchors[rows]).add_(part)
            by_anchors = by_anchors.detach()  # autograd takes over what nobody else holds
        return (mean - centroids).mul_(2 * gradient), variance.mul(gradient), by_anchors, None, None


class Alignment(torch.nn.Module):
    """What the posteriors are aligned to: PIA's centroids, or a control that takes something away from them.

    Parameters
    ----------
    target : str
        - "items": the centroid of the learned anchors of the user's items (PIA);
        - "frozen": the same with anchors that stay as they were drawn: the place says which items, and
          nothing of what they have in common;
        - "shuffled-users": the centroid of the learned anchors of another user's items, for each user the
          same other one in all epochs: the place is as before, but nobody's own;
        - "zero": the origin, for everybody. No anchor is left, only shrinkage;
        - "none": no alignment.
    shape : tuple of int
        Number of users and of items.
    latent : int
        R.
    anchor_scale : float
        Standard deviation of the anchors' numbers at the start; the paper does not state it.
    generator : torch.Generator
    """

    def __init__(
        self,
        target: str,
        shape: tuple[int, int],
        latent: int,
        anchor_scale: float,
        generator: torch.Generator,
    ):
        super().__init__()
        n_users, n_items = shape
        self._target, self._partners, self.memory = target, None, Memory()
        if target in ("items", "frozen", "shuffled-users"):
            drawn = anchor_scale * torch.randn(n_items, latent, generator=generator)
            self.anchors = torch.nn.Parameter(drawn, requires_grad=target != "frozen")
        if target == "shuffled-users":  # each gets the next one of a random circle, and so nobody himself
            circle = torch.randperm(n_users, generator=generator).numpy()
            self._partners = np.empty(n_users, np.int64)
            self._partners[circle] = np.roll(circle, -1)

    def whose(self, users: np.ndarray) -> np.ndarray:
        """Return whose items (n,) the users (n,) are aligned to."""
        return users if self._partners is None else self._partners[users]

    def forward(self, mean: torch.Tensor, log_variance: torch.Tensor, items: SparseRows) -> torch.Tensor:
        """Return the loss (n,) of each user, for the rows (n, J) of the items of `whose`."""
        if self._target == "zero":
            return mean.square().sum(1) + log_variance.exp().sum(1)
        return alignment_loss(mean, log_variance, self.anchors, items, self.memory)


class WeightSchedule:
    r"""How :math:`\lambda_A` grows when the validation score stands still (Algorithm 1).

    Line 16 of the algorithm asks for `best_val_epoch < epoch + patience`, which always holds, so that the
    weight would grow in every epoch. What the text says, and what is done here, is epoch - best_val_epoch >=
    patience: "does not improve after :math:`\rho` consecutive epochs". After an increase the count starts
    again, since otherwise the condition would hold in each epoch up to the next best one, and the weight
    would grow 1000-fold within ten epochs at a scale of 2, where the text wants it to grow gradually: each
    weight gets `patience` epochs to show what it can do.

    Parameters
    ----------
    weight : float
        :math:`\lambda_A` at the start.
    patience : int
        The paper's :math:`\rho`.
    scale : float
        :math:`\lambda_{scale}`; 1 keeps the weight as it is.
    """

    def __init__(self, weight: float, patience: int, scale: float):
        self.weight = weight
        self._patience, self._scale = patience, scale
        self._best, self._since = -math.inf, 0

    def update(self, score: float) -> None:
        """Take the validation score of one more epoch into account."""
        self._since += 1
        if score > self._best:
            self._best, self._since = score, 0
        elif self._since >= self._patience:
            self.weight, self._since = self.weight * self._scale, 0
