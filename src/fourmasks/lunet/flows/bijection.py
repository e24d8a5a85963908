"""What every layer and every flow here can do: map, map back, and say how it changes volumes."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


class Bijection(torch.nn.Module):
    """A differentiable bijection of R^d with a differentiable inverse.

    A subclass has the attribute `dimension`, d, and the methods

    - `forward(x)` (n, d): the images z of points;
    - `inverse(z)` (n, d): the points with these images;
    - `forward_and_log_det(x)`: the images, and ln |det| of the Jacobian at each point (n,).

    One that makes matrices of its parameters may also have `_fix()`, which keeps them, and `_release()`; see
    `frozen`.
    """

    def forward_and_log_det(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        raise NotImplementedError

    def inverse(self, z: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def log_det(self, x: torch.Tensor) -> torch.Tensor:
        """Return ln |det| of the Jacobian at each point (n,)."""
        return self.forward_and_log_det(x)[1]

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Make what is made of the parameters once, for all calls inside the `with` block.

        Training changes the parameters in every step, so that otherwise each call makes what it needs: an LU
        layer its triangles, a dense layer its factorization. Inside the block the parameters must not change,
        and need not have gradients.
        """
        parts = [part for part in self.modules() if hasattr(part, "_fix")]
        try:
            with torch.no_grad():
                for part in parts:
                    part._fix()
            yield
        finally:
            for part in parts:
                part._release()

    @torch.no_grad()
    def reconstruction_error(self, x: torch.Tensor) -> float:
        """Return how far inverse(forward(x)) is from x: the Frobenius norm of the difference over that of x.

        In exact arithmetic it is 0 for every bijection, trained or not; what is measured is rounding.
        """
        difference = self.inverse(self(x)).double() - x.double()
        return float(difference.norm() / x.double().norm())

    def n_parameters(self) -> int:
        """Return how many numbers it learns."""
        return sum(parameter.numel() for parameter in self.parameters())


def check_points(x: torch.Tensor, dimension: int, dtype: torch.dtype) -> None:
    """Raise ValueError unless x holds points (n, d) of a type: what has one column would be broadcast."""
    check_dense("points", x)
    if x.ndim != 2 or x.shape[1] != dimension:
        raise ValueError(f"points of shape {tuple(x.shape)}: expected (n, {dimension})")
    if x.dtype != dtype:
        raise ValueError(
            f"points of {x.dtype}: expected {dtype}, the type of the layer; give points.to({dtype})"
        )


def check_dense(name: str, tensor: torch.Tensor) -> None:
    """Raise ValueError unless it is a tensor and not a sparse one; `name` is for the message."""
    if not isinstance(tensor, torch.Tensor):
        raise ValueError(
            f"{name} of type {type(tensor).__name__}: expected a tensor; give torch.as_tensor({name})"
        )
    if tensor.layout != torch.strided:
        raise ValueError(f"{name} of {tensor.layout}: expected a dense tensor; give {name}.to_dense()")
