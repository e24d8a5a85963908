r"""How the d numbers :math:`z = f(x)` become one rating: the paper does not say, these are what it may mean.

Each makes h = 1 or 2 outputs of a row: the rating, and the log-odds of an interaction (see `losses`).
All have learned offsets c, which begin at the mean of the training ratings and at 0.

- "linear": :math:`z^\top w + c`. What a network for ratings usually ends with, and the default: of what the
  network gives nothing is preferred, and a network that cannot be inverted can have it too.
- "coordinate": :math:`z_1 + c`. No weights: the last layer, Eq. (2.10), itself "predicts the ratings".
- "mean": the mean of all coordinates, plus c; with two outputs each has one half of them.
- "product": :math:`a^\top b + c`, where a and b are the two halves of z. The scalar product of matrix
  factorization, after a network that has seen both sides.
- "separate": the same, but user and item go through the network one by one, as "projects users and items into
  a latent space" may mean. As f is a bijection, :math:`f(u)^\top f(v)` can be no other matrices than
  :math:`u^\top v`: the network changes how the factors are learned, not what can be.
"""

import torch

READOUTS = ("linear", "coordinate", "mean", "product", "separate")


class Readout(torch.nn.Module):
    """Outputs (n, h) of rows (n, d), and the gradient by hand, which is quicker than a graph for each step.

    A subclass has `forward(z)` and `_pull(z, by_outputs)`. The offsets (h,) are c at the start.
    """

    def __init__(self, offsets: torch.Tensor):
        super().__init__()
        self.offsets = torch.nn.Parameter(offsets)

    def pull(self, z: torch.Tensor, by_outputs: torch.Tensor) -> torch.Tensor:
        """Return the gradient by z (n, d) from that by the outputs (n, h); set those of the parameters."""
        torch.sum(by_outputs, 0, out=self.offsets.grad)
        return self._pull(z, by_outputs)


class Linear(Readout):
    """w is uniform up to 1 / √d at the start."""

    def __init__(self, dimension: int, offsets: torch.Tensor, generator: torch.Generator):
        super().__init__(offsets)
        drawn = 2 * torch.rand(len(offsets), dimension, generator=generator) - 1
        self.weight = torch.nn.Parameter(drawn / dimension**0.5)

    def forward(self, z):
        return torch.addmm(self.offsets, z, self.weight.T)

    def _pull(self, z, by_outputs):
        torch.mm(by_outputs.T, z, out=self.weight.grad)
        return by_outputs @ self.weight


class Coordinate(Readout):
    def forward(self, z):
        return z[:, : len(self.offsets)] + self.offsets

    def _pull(self, z, by_outputs):
        by_z = torch.zeros_like(z)
        by_z[:, : len(self.offsets)] = by_outputs
        return by_z


class Mean(Readout):
    def forward(self, z):
        return z.unflatten(1, (len(self.offsets), -1)).mean(2) + self.offsets

    def _pull(self, z, by_outputs):
        each = z.shape[1] // len(self.offsets)
        return (by_outputs / each).repeat_interleave(each, 1)


class Product(Readout):
    def forward(self, z):
        return self._factors(z).prod(1).sum(2) + self.offsets

    def _pull(self, z, by_outputs):
        return (self._factors(z).flip(1) * by_outputs[:, None, :, None]).flatten(1)

    def _factors(self, z):
        """Return z as (n, 2, h, d / 2h): side by side what is multiplied."""
        return z.unflatten(1, (2, len(self.offsets), -1))


def make_readout(name: str, dimension: int, offsets: torch.Tensor, generator: torch.Generator) -> Readout:
    """Return the read-out of a network of dimension d by its name in `READOUTS`.

    "separate" reads rows of 2 d numbers: the images of user and of item side by side.
    """
    if name == "linear":
        return Linear(dimension, offsets, generator)
    kinds = {"coordinate": Coordinate, "mean": Mean, "product": Product, "separate": Product}
    return kinds[name](offsets)


def divisor(name: str, heads: int) -> int:
    """Return what the dimension of the network must be a multiple of."""
    return {"linear": 2, "coordinate": 2, "mean": 2, "product": 2 * heads, "separate": heads}[name]
