"""Alternating Levenberg-Marquardt for MMF.

With V and its masks fixed, the rows of X are independent of one another: row i asks for its R factors
and its K shifts, which minimise ||x_i - V_cat w_i||² for w_i = [u_i ⊙ m_1(s_i1), ..., u_i ⊙ m_K(s_iK)].
All that such a small non-linear least-squares problem needs of V and X are the Gram matrix V_catᵀ V_cat
and V_catᵀ x_i. Each row takes one Levenberg-Marquardt step with a damping factor of its own; then the
columns take their turn.
"""

import torch

from fourmasks.mmf.models.masks import Masks
from fourmasks.mmf.models.parameters import Parameters, concatenated

DAMPING = (1e-6, 1e6)  # a row's factor stays within these
START, DOWN, UP = 1e-2, 0.3, 4.0  # where it starts, and what a step that helped or failed makes of it
CHUNK = {"cpu": 512}  # instances at a time: on a CPU, what its caches hold


class AlternatingLM:
    """Minimise the squared error by Levenberg-Marquardt steps on all rows, then on all columns.

    A sweep costs 4 I J K R + O((I + J) ((K R)² + (K + R)³)) operations and needs no I x J temporary.

    Parameters
    ----------
    target : Tensor of shape (I, J)
    masks : Masks
    start : Parameters
    learn_shifts : bool
        If False, the shifts stay and each step is a damped linear least-squares step on the factors.
    """

    name = "alternating-lm"

    def __init__(self, target, masks: Masks, start: Parameters, *, learn_shifts):
        self._target, self._masks, self._learn_shifts = target, masks, learn_shifts
        self._transposed = target.T.contiguous()
        self._square = float((target.double() ** 2).sum())
        self.parameters = start.clone()
        self._row_damping = torch.full_like(start.row_factors[:, 0], START)
        self._column_damping = torch.full_like(start.column_factors[:, 0], START)

    def iterate(self) -> tuple[float, Parameters]:
        """Make a sweep; return the relative error after it, and the parameters that have this error."""
        u, s, v, t = self.parameters
        u, s, self._row_damping, _ = self._improve(self._target, u, s, self._row_damping, v, t)
        v, t, self._column_damping, change = self._improve(self._transposed, v, t, self._column_damping, u, s)
        self.parameters = Parameters(u, s, v, t)
        return max(1 + change / self._square, 0.0) ** 0.5, self.parameters

    def state(self) -> dict[str, torch.Tensor]:
        """Return all that the next iteration depends on, by name."""
        return {
            **self.parameters._asdict(),
            "row_damping": self._row_damping,
            "column_damping": self._column_damping,
        }

    def restore(self, state: dict[str, torch.Tensor]) -> None:
        """Go back to a `state`."""
        self.parameters = Parameters(*(state[name] for name in Parameters._fields))
        self._row_damping, self._column_damping = state["row_damping"], state["column_damping"]

    def _improve(self, target, factors, shifts, damping, other_factors, other_shifts):
        """Return one side after a step on each of its instances, and ||X̂||² - 2⟨X, X̂⟩ there."""
        other = concatenated(other_factors, other_shifts, self._masks)
        gram, correlation = other.T @ other, target @ other
        chunk = CHUNK.get(factors.device.type, 2**14)
        parts = zip(*(x.split(chunk) for x in (factors, shifts, damping, correlation)), strict=True)
        improved = [step(*part, gram, self._masks, self._learn_shifts) for part in parts]
        new_factors, new_shifts, new_damping, objective = (torch.cat(x) for x in zip(*improved, strict=True))
        return new_factors, new_shifts, new_damping, float(objective.double().sum())


def step(factors, shifts, damping, correlation, gram, masks: Masks, learn_shifts=True):
    """Make one damped Gauss-Newton step on each instance, and keep it where it lowers the objective.

    Parameters
    ----------
    factors : Tensor of shape (n, R)
    shifts : Tensor of shape (n, K)
    damping : Tensor of shape (n,)
        Levenberg-Marquardt factors, relative to the diagonal of the normal matrix.
    correlation : Tensor of shape (n, K R)
        Rows V_catᵀ x_i.
    gram : Tensor of shape (K R, K R)
        V_catᵀ V_cat.
    masks : Masks
    learn_shifts : bool, default True

    Returns
    -------
    factors, shifts, damping : Tensor
        After the step.
    objective : Tensor of shape (n,)
        ||V_cat w_i||² - 2⟨V_catᵀ x_i, w_i⟩ there: the squared error less ||x_i||².
    """
    mask, slope = masks.values_and_slopes(shifts)
    target = correlation.view_as(mask)
    pull, objective = _evaluate(mask, factors, target, gram)
    slope = slope * factors[:, None]
    gradient, normal = _normal_equations(mask, slope if learn_shifts else None, pull - target, gram)
    diagonal = normal.diagonal(dim1=1, dim2=2)
    diagonal += damping[:, None] * (diagonal + 1e-6 * diagonal.mean(1, keepdim=True)) + 1e-12
    triangle, failed = torch.linalg.cholesky_ex(normal)
    move = torch.cholesky_solve(-gradient[:, :, None], triangle)[:, :, 0]
    rank = factors.shape[1]
    new_factors = factors + move[:, :rank]
    new_shifts = shifts + move[:, rank:] if learn_shifts else shifts
    _, new_objective = _evaluate(masks.values(new_shifts), new_factors, target, gram)
    better = (new_objective < objective) & (failed == 0)  # false for NaN too
    column = better[:, None]
    return (
        torch.where(column, new_factors, factors),
        torch.where(column, new_shifts, shifts),
        torch.where(better, damping * DOWN, damping * UP).clamp(*DAMPING),
        torch.where(better, new_objective, objective),
    )


def _evaluate(mask, factors, target, gram):
    """Return gram w (n, K, R) and the objective wᵀ gram w - 2 wᵀ target (n,)."""
    weights = mask * factors[:, None]
    pull = (weights.flatten(1) @ gram).view_as(mask)
    return pull, (weights * (pull - 2 * target)).sum((1, 2))


def _normal_equations(mask, slope, residual, gram):
    """Return the gradient Jᵀ residual (n, P) and the normal matrix Jᵀ gram J (n, P, P).

    J is the Jacobian of w: its columns are `mask` for a factor (same r, all k) and `slope` for a shift
    (same k, all r). P is R + K, or R where `slope` is None. Each turn of a loop makes one row of all n
    normal matrices, most of it in one matrix product.
    """
    n, n_masks, rank = mask.shape
    learned = 0 if slope is None else n_masks
    normal = mask.new_empty(n, rank + learned, rank + learned)
    blocks = gram.view(n_masks, rank, n_masks, rank)
    for r in range(rank):
        row = (mask[:, :, r] @ blocks[:, r].flatten(1)).view_as(mask)
        normal[:, r, :rank] = (row * mask).sum(1)
        if learned:
            normal[:, r, rank:] = (row * slope).sum(2)
    gradient = (residual * mask).sum(1)
    if not learned:
        return gradient, normal
    normal[:, rank:, :rank] = normal[:, :rank, rank:].transpose(1, 2)
    for k in range(n_masks):
        row = (slope[:, k] @ blocks[k].flatten(1)).view_as(mask)
        normal[:, rank + k, rank:] = (row * slope).sum(2)
    return torch.cat([gradient, (residual * slope).sum(2)], 1), normal
