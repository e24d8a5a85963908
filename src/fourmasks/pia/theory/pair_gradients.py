r"""Scalar products of users' gradients in Multi-VAE, without the gradients.

The gradient of a layer's weights at one input is a product of a column, the error at its output, and a row,
its input (and 1, for the bias). So the scalar product of two such gradients is that of the errors times that
of the inputs, and all pairs of many users cost two matrix products for each layer, where the gradients
themselves would take millions of numbers for each user. It is :math:`\langle g_u, g_v \rangle` as in
`sharing.share`, and Theorem 2.3 for as many pairs as wanted.
"""

from typing import NamedTuple

import torch

from fourmasks.pia.models.networks import MultiVAENetwork, standard_divergence
from fourmasks.pia.models.sparse_layer import SparseRows
from fourmasks.pia.theory.sharing import Sharing, User


class Factors(NamedTuple):
    """Inputs and errors of the decoder's two layers at some latent points of some users, a row each.

    Attributes
    ----------
    points : Tensor of shape (m, R)
        Inputs of the first layer.
    errors : Tensor of shape (m, H)
        Derivatives of the loss by its output, before the tanh.
    hidden : Tensor of shape (m, H)
        Inputs of the second.
    residuals : Tensor of shape (m, J)
        Derivatives by its output: n softmax - x.
    """

    points: torch.Tensor
    errors: torch.Tensor
    hidden: torch.Tensor
    residuals: torch.Tensor


@torch.no_grad()
def factors(network: MultiVAENetwork, items: torch.Tensor, points: torch.Tensor) -> Factors:
    """Return the factors of the gradients of -log p(x | z) by the decoder, for rows x (m, J) and z (m, R)."""
    hidden = torch.tanh(network.expand(points))
    residuals = items.sum(1, keepdim=True) * network.output.scores(hidden).softmax(1) - items
    return Factors(points, (residuals @ network.output.weight) * (1 - hidden**2), hidden, residuals)


def products(first: Factors, second: Factors) -> torch.Tensor:
    """Return the scalar products (m, n) of the gradients of m and n rows."""
    expand = (first.errors @ second.errors.T) * (1 + first.points @ second.points.T)
    return expand + (first.residuals @ second.residuals.T) * (1 + first.hidden @ second.hidden.T)


def share(network: MultiVAENetwork, u: User, v: User, noise: torch.Tensor) -> Sharing:
    """Measure what a step on v does to u, and the bounds of Theorem 2.3, as `sharing.share` does.

    Parameters
    ----------
    network : MultiVAENetwork
        In float64: differences of gradients are taken from their products.
    u, v : User
        With different posteriors.
    noise : Tensor of shape (n, R)
    """
    at_u, at_v = u.points(noise), v.points(noise)
    distances = (at_u - at_v).norm(dim=1)
    if not bool((distances > 0).all()):
        raise ValueError("the two posteriors share points: give users with different posteriors")
    n = len(noise)
    # Rows of the Gram matrix: u's loss at u's points, u's loss at v's points, v's loss at v's points.
    rows = factors(
        network,
        torch.stack([u.items, u.items, v.items]).repeat_interleave(n, 0),
        torch.cat([at_u, at_v, at_v]),
    )
    gram = products(rows, rows)
    means = gram.view(3, n, 3, n).mean((1, 3))
    one_by_one = gram.diagonal().view(3, n), gram[:n, n : 2 * n].diagonal()
    slopes = _root(one_by_one[0][0] + one_by_one[0][1] - 2 * one_by_one[1]) / distances

    def apart(a, b):
        return float(_root(means[a, a] + means[b, b] - 2 * means[a, b]))

    return Sharing(
        change=-float(means[0, 2]),
        own_norm=float(_root(means[0, 0])),
        gradient_distance=apart(0, 2),
        content=apart(1, 2),
        latent=apart(0, 1),
        lipschitz=float(slopes.max()),
        distance=float(distances.mean()),
    )


def decoder_products(
    network: MultiVAENetwork,
    items: torch.Tensor,
    mean: torch.Tensor,
    std: torch.Tensor,
    noise: torch.Tensor,
) -> torch.Tensor:
    """Return <g_u, g_v> (m, m) for all pairs of m users, as `sharing.gradient_products` does.

    Items are (m, J), means and standard deviations (m, R); the noise (n, R) is the same for all users.
    """
    points = (mean[:, None] + std[:, None] * noise).flatten(0, 1)
    rows = factors(network, items.repeat_interleave(len(noise), 0), points)
    return products(rows, rows).view(len(items), len(noise), len(items), len(noise)).mean((1, 3))


def objective_products(
    network: MultiVAENetwork,
    inputs: SparseRows,
    cosines: torch.Tensor,
    items: torch.Tensor,
    noise: torch.Tensor,
    beta: float,
    targets: torch.Tensor,
    strength: float,
) -> torch.Tensor:
    """Return the products of the gradients of the whole objective by all weights, for all pairs of users.

    The objective is E[-log p(x | z)] + β KL + λ (‖μ - t‖² + tr Σ), and the weights are those of encoder and
    decoder. Theorem 2.3 leaves the other terms out, and the encoder as it is.

    Parameters
    ----------
    network : MultiVAENetwork
    inputs : SparseRows of shape (m, J)
        What the encoder gets.
    cosines : Tensor of shape (m, m)
        Scalar products of these rows.
    items : Tensor of shape (m, J)
        What the decoder is to find.
    noise : Tensor of shape (n, R)
    beta : float
    targets : Tensor of shape (m, R)
        t, to which the posteriors are aligned.
    strength : float
        λ; 0 without alignment.

    Returns
    -------
    Tensor of shape (m, m)
    """
    with torch.no_grad():
        hidden = torch.tanh(network.first(inputs))
        posterior = network.posterior(hidden).requires_grad_()
    mean, log_variance = posterior.chunk(2, dim=1)
    std = torch.exp(0.5 * log_variance)
    points = mean[:, None] + std[:, None] * noise
    logits = network.scores(points.flatten(0, 1)).view(len(items), len(noise), -1)
    loss = -(logits.log_softmax(2) * items[:, None]).sum(2).mean(1)
    loss = loss + beta * standard_divergence(mean, log_variance)
    loss = loss + strength * ((mean - targets).square() + log_variance.exp()).sum(1)
    (errors,) = torch.autograd.grad(loss.sum(), posterior)
    back = (errors @ network.posterior.weight.detach()) * (1 - hidden**2)
    encoder = (errors @ errors.T) * (1 + hidden @ hidden.T) + (back @ back.T) * (1 + cosines)
    return encoder + decoder_products(network, items, mean.detach(), std.detach(), noise)


def _root(squares: torch.Tensor) -> torch.Tensor:
    """Return the square root, zero where rounding left a negative number."""
    return squares.clamp_min(0).sqrt()
