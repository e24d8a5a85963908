"""What layers φ(Ax + b) share, whatever is known of the matrix A."""

import torch

from fourmasks.lunet.flows.activations import LeakyBend, check_activation
from fourmasks.lunet.flows.bijection import Bijection, check_points


class LinearLayer(Bijection):
    """φ(Ax + b) with an invertible A, of which a subclass says what it is.

    A subclass has the methods

    - `linear(x)` (n, d): Ax + b of each row;
    - `solve(y)` (n, d): the x with Ax = y;
    - `log_abs_det()`: ln |det A|, a scalar.

    The bias is b (d,), and the activation φ; None is the identity. Points that are not (n, d), or of another
    type than the parameters, raise ValueError.
    """

    def __init__(self, bias: torch.Tensor, activation: LeakyBend | None):
        super().__init__()
        check_activation(activation)
        self.bias, self.activation = torch.nn.Parameter(bias), activation

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return φ(Ax + b) of each row."""
        self._check(x)
        y = self.linear(x)
        return y if self.activation is None else self.activation(y)

    def forward_and_log_det(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the images (n, d) and ln |det A| + Σ ln φ'(y_i) at each point (n,)."""
        self._check(x)
        y, log_det = self.linear(x), self.log_abs_det()
        if self.activation is None:
            return y, log_det.expand(len(x))
        return self.activation(y), self.activation.derivative(y).log().sum(1) + log_det

    def inverse(self, z: torch.Tensor) -> torch.Tensor:
        """Return A⁻¹(φ⁻¹(z) - b) of each row; Eq. (2.2), where b has slipped into the argument of φ⁻¹."""
        self._check(z)
        y = z if self.activation is None else self.activation.inverse(z)
        return self.solve(y - self.bias)

    def _check(self, x):
        check_points(x, self.dimension, self.bias.dtype)
