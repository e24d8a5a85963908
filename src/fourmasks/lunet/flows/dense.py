"""A layer φ(Ax + b) with an unrestricted matrix A: what an LU layer is compared with."""

import torch

from fourmasks.lunet.flows.activations import LeakyBend
from fourmasks.lunet.flows.layers import SPREAD, check_start
from fourmasks.lunet.flows.linear import LinearLayer


class DenseLayer(LinearLayer):
    """φ(Ax + b) with d² free parameters in A.

    Its inverse solves with A and its determinant is that of torch.linalg.slogdet: both factorize A, with row
    exchanges, in O(d³), each time anew. Inside `frozen` the factors of the first time are kept, and the cost
    is that of an LU layer. Nothing keeps A from becoming singular.

    Parameters
    ----------
    dimension : int
        d.
    activation : LeakyBend, optional
        φ; the identity by default.
    generator : torch.Generator
        A is drawn on the CPU in float32: the identity, and numbers uniform up to spread / √d added to it.
    spread : float, default 0.1

    Raises
    ------
    ValueError
        If the dimension is not positive, the spread negative or beyond float32, the generator or the
        activation of another kind.
    """

    def __init__(
        self,
        dimension: int,
        activation: LeakyBend | None = None,
        *,
        generator: torch.Generator,
        spread: float = SPREAD,
    ):
        check_start({"dimension": dimension, "spread": spread, "generator": generator})
        super().__init__(torch.zeros(dimension), activation)
        noise = (2 * torch.rand(dimension, dimension, generator=generator) - 1) * (spread / dimension**0.5)
        self.weight = torch.nn.Parameter(torch.eye(dimension) + noise)
        self._fixed = None

    def linear(self, x: torch.Tensor) -> torch.Tensor:
        """Return Ax + b of each row (n, d)."""
        return torch.nn.functional.linear(x, self.weight, self.bias)

    def solve(self, y: torch.Tensor) -> torch.Tensor:
        """Return A⁻¹y of each row (n, d).

        Raises
        ------
        torch.linalg.LinAlgError
            If A is singular.
        """
        if self._fixed is not None:
            return torch.linalg.lu_solve(*self._fixed, y.T).T
        return torch.linalg.solve(self.weight, y.T).T

    def log_abs_det(self) -> torch.Tensor:
        """Return ln |det A|."""
        if self._fixed is not None:
            return self._fixed[0].diagonal().abs().log().sum()
        return torch.linalg.slogdet(self.weight).logabsdet

    def _fix(self) -> None:
        self._fixed = torch.linalg.lu_factor(self.weight)

    def _release(self) -> None:
        self._fixed = None
