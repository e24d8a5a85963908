"""Full-batch Adam for MMF, as the public reference implementation trains it."""

import torch

from fourmasks.mmf.models.masks import Masks
from fourmasks.mmf.models.parameters import Parameters


class AdamSolver:
    """Minimise the mean squared error by Adam, with gradients written out.

    One iteration needs three matrix products of I x J x K R; the rest costs O((I + J) K R).

    Parameters
    ----------
    target : Tensor of shape (I, J)
    masks : Masks
    start : Parameters
    learn_shifts : bool
    learning_rate, shift_learning_rate : float
        Step sizes of the factors and of the shifts.
    """

    name = "adam"

    def __init__(
        self, target, masks: Masks, start: Parameters, *, learn_shifts, learning_rate, shift_learning_rate
    ):
        self._target, self._masks, self._learn_shifts = target, masks, learn_shifts
        self._norm = torch.linalg.norm(target)
        self.parameters = start.clone()
        u, s, v, t = self.parameters
        groups = [{"params": [u, v], "lr": learning_rate}]
        if learn_shifts:
            groups.append({"params": [s, t], "lr": shift_learning_rate})
        self._optimizer = torch.optim.Adam(groups)

    def iterate(self) -> tuple[float, Parameters]:
        """Make a step; return the relative error before it, and the parameters that have this error."""
        evaluated = self.parameters.clone()
        u, s, v, t = self.parameters
        row_masks, row_slopes = self._masks.values_and_slopes(s)
        column_masks, column_slopes = self._masks.values_and_slopes(t)
        rows = (row_masks * u[:, None]).flatten(1)
        columns = (column_masks * v[:, None]).flatten(1)
        residual = torch.addmm(self._target, rows, columns.T, beta=-1)
        factor = 2 / residual.numel()
        row_gradient = (residual @ columns).view_as(row_masks) * factor
        column_gradient = (residual.T @ rows).view_as(column_masks) * factor
        u.grad = (row_gradient * row_masks).sum(1)
        v.grad = (column_gradient * column_masks).sum(1)
        if self._learn_shifts:
            s.grad = (row_gradient * row_slopes * u[:, None]).sum(2)
            t.grad = (column_gradient * column_slopes * v[:, None]).sum(2)
        self._optimizer.step()
        return float(torch.linalg.norm(residual) / self._norm), evaluated

    def state(self) -> dict[str, torch.Tensor]:
        """Return all that the next iteration depends on, by name."""
        moments = {
            f"{name}/{moment}": value
            for name, tensor in zip(Parameters._fields, self.parameters, strict=True)
            for moment, value in self._optimizer.state.get(tensor, {}).items()
        }
        return {**self.parameters._asdict(), **moments}

    def restore(self, state: dict[str, torch.Tensor]) -> None:
        """Go back to a `state`."""
        for name, tensor in zip(Parameters._fields, self.parameters, strict=True):
            tensor.copy_(state[name])
            moments = {key.split("/")[1]: value for key, value in state.items() if key.startswith(f"{name}/")}
            if moments:
                self._optimizer.state[tensor] = moments
