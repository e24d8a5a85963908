r"""The hybrid loss of ratings and interactions (paper, Eq. 2.11 to 2.14), with its gradient by the outputs.

Two things in the paper need a reading. In Eq. (2.13) the :math:`Y_{ij}` are those of interactions, 1 or 0:
with ratings in their place the loss is not bounded below. And one number :math:`f(x_{ij})` is to be both the
rating (Eq. 2.12) and the log-odds of an interaction (Eq. 2.14), though a rating is between 1 and 5. Here a
model has either one output, which is both, or two.
"""

from typing import NamedTuple

import torch
from torch.nn.functional import binary_cross_entropy_with_logits


class Losses(NamedTuple):
    """Sums over a batch: squared errors of ratings, cross-entropy of pairs (0 where it has no weight)."""

    squares: torch.Tensor
    entropy: torch.Tensor


class HybridLoss:
    r""":math:`\gamma L_{MSE} + (1 - \gamma) L_{CE}` of batches that hold interactions first, then the others.

    The weight of the squared errors, `gamma`, is from 0 to 1.
    """

    def __init__(self, gamma: float):
        self.gamma, self._known = gamma, {}

    def with_gradient(self, outputs: torch.Tensor, ratings: torch.Tensor) -> tuple[Losses, torch.Tensor]:
        """Return the losses of a batch, and the gradient of its mean loss by the outputs.

        Parameters
        ----------
        outputs : Tensor (n, h)
            Of the m pairs with ratings, then of n - m others. The first of the h = 1 or 2 columns is the
            rating, the last the log-odds of an interaction.
        ratings : Tensor (m,)

        Returns
        -------
        Losses, Tensor (n, h)
        """
        n, m = len(outputs), len(ratings)
        gradient = torch.zeros_like(outputs)
        errors = outputs[:m, 0] - ratings
        squares = torch.dot(errors, errors)
        if self.gamma < 1:
            logits, happened = outputs[:, -1], self._happened(outputs, m)
            entropy = binary_cross_entropy_with_logits(logits, happened, reduction="sum")
            torch.sub(torch.sigmoid(logits), happened, out=gradient[:, -1]).mul_((1 - self.gamma) / n)
        else:
            entropy = torch.zeros_like(squares)
        gradient[:m, 0].add_(errors, alpha=2 * self.gamma / m)
        return Losses(squares, entropy), gradient

    def combined(self, mse: float, entropy: float) -> float:
        """Return the loss of Eq. (2.11) for given means."""
        return self.gamma * mse + (1 - self.gamma) * entropy

    def _happened(self, outputs, m):
        """Return m ones, then zeros (n,); kept, since batches are of few sizes."""
        size = len(outputs), m
        if size not in self._known:
            self._known[size] = torch.cat((outputs.new_ones(m), outputs.new_zeros(size[0] - m)))
        return self._known[size]
