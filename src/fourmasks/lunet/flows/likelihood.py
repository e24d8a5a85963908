"""Fitting a flow to points by maximum likelihood."""

import torch

from fourmasks.learning.settings import check_settings
from fourmasks.learning.trainer import Trainer
from fourmasks.lunet.flows.bijection import check_dense
from fourmasks.lunet.flows.flow import Flow
from fourmasks.system.arrays import plain_array

SETTINGS = {"epochs": "count", "batch_size": "count", "learning_rate": "positive", "generator": "generator"}


def fit_flow(
    flow: Flow,
    points: torch.Tensor,
    *,
    epochs: int,
    batch_size: int = 256,
    learning_rate: float = 1e-2,
    generator: torch.Generator,
) -> list[float]:
    """Raise the likelihood of points by Adam, in place.

    Parameters
    ----------
    flow : Flow
    points : Tensor or array-like (n, d)
        Taken to the type and device of the flow.
    epochs : int
    batch_size : int, default 256
    learning_rate : float, default 1e-2
        Adam's.
    generator : torch.Generator
        Of the order of the points in each epoch, on the CPU.

    Returns
    -------
    list of float
        By epoch, the mean negative log-likelihood of a point, in nats.

    Raises
    ------
    ValueError
        Before any work: if the points do not fit the flow or are not finite, or a setting is not what it
        should be.
    Diverged
        If a loss is no longer finite.
    """
    points = _checked(points, flow)
    settings = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate}
    check_settings(settings | {"generator": generator}, SETTINGS)
    optimizer = torch.optim.Adam(flow.parameters(), lr=learning_rate)

    def epoch():
        total = 0.0
        for batch in points[torch.randperm(len(points), generator=generator)].split(batch_size):
            loss = -flow.log_prob(batch).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(batch)
        return total / len(points)

    trainer = Trainer(type(flow).__name__, remedy=f"give a learning_rate below {learning_rate}")
    trainer.run(epoch, epochs)
    return trainer.losses


def _checked(points, flow: Flow) -> torch.Tensor:
    if not isinstance(points, torch.Tensor):
        points = torch.as_tensor(plain_array("points", points, float))
    check_dense("points", points)
    if points.ndim != 2 or points.shape[1] != flow.dimension or not len(points):
        raise ValueError(f"points of shape {tuple(points.shape)}: expected (n, {flow.dimension}) with n > 0")
    if not points.isfinite().all():
        raise ValueError("points with entries that are not finite: expected finite ones; leave them out")
    return points.to(next(flow.parameters()))
