"""The objective as a function of the encoder's mean: what Proposition 3.2 takes for quadratic."""

import torch

from fourmasks.pia.models.networks import MultiVAENetwork


def objective(
    network: MultiVAENetwork, items: torch.Tensor, mean: torch.Tensor, shifts: torch.Tensor, beta: float
) -> torch.Tensor:
    """Return E[-log p(x | z)] + β/2 ‖μ‖² (m,) for means μ (m, R): the objective but for terms without μ.

    It depends on the mask through μ alone.

    Parameters
    ----------
    network : MultiVAENetwork
    items : Tensor of shape (m, J)
    mean : Tensor of shape (m, R)
    shifts : Tensor of shape (m, n, R)
        z - μ = σ ε at the n points over which the expectation is taken.
    beta : float
    """
    logits = network.scores((mean[:, None] + shifts).flatten(0, 1)).view(*shifts.shape[:2], -1)
    loss = -(logits.log_softmax(2) * items[:, None]).sum(2).mean(1)
    return loss + 0.5 * beta * mean.square().sum(1)


@torch.no_grad()
def hessian(
    network: MultiVAENetwork, items: torch.Tensor, mean: torch.Tensor, shifts: torch.Tensor, beta: float
) -> torch.Tensor:
    """Return the Hessian (R, R) of `objective` by the mean, in closed form, for one user.

    Parameters
    ----------
    items : Tensor of shape (J,)
    mean : Tensor of shape (R,)
    shifts : Tensor of shape (n, R)
    network, beta
        As for `objective`.
    """
    expand, weight = network.expand.weight, network.output.weight
    total = torch.zeros(len(mean), len(mean), dtype=mean.dtype)
    for z in mean + shifts:
        hidden = torch.tanh(network.expand(z))
        slope = 1 - hidden**2
        share = network.output.scores(hidden[None])[0].softmax(0)
        jacobian = weight @ (slope[:, None] * expand)  # of the logits
        centred = jacobian - share @ jacobian
        total += items.sum() * centred.T @ (share[:, None] * centred)
        bend = (items.sum() * share - items) @ weight * (-2 * hidden * slope)
        total += expand.T @ (bend[:, None] * expand)
    return total / len(shifts) + beta * torch.eye(len(mean), dtype=mean.dtype)


def minimise(
    network: MultiVAENetwork,
    items: torch.Tensor,
    start: torch.Tensor,
    shifts: torch.Tensor,
    beta: float,
    iterations: int,
) -> torch.Tensor:
    """Return means (m, R) that minimise `objective` from given ones, each row for itself, by L-BFGS.

    Parameters
    ----------
    start : Tensor of shape (m, R)
    iterations : int
        At most.
    network, items, shifts, beta
        As for `objective`.
    """
    mean = start.clone().requires_grad_()
    solver = torch.optim.LBFGS([mean], max_iter=iterations, line_search_fn="strong_wolfe")

    def closure():
        solver.zero_grad()
        loss = objective(network, items, mean, shifts, beta).sum()
        (mean.grad,) = torch.autograd.grad(loss, mean)
        return loss

    solver.step(closure)
    return mean.detach()
