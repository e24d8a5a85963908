"""Layers φ(Ax + b) whose matrix is the product of two triangles, A = LU (Eq. 2.1 to 2.5)."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch.nn.functional import softplus

from fourmasks.learning.settings import check_settings
from fourmasks.lunet.flows.activations import LINEAR_FROM, LeakyBend
from fourmasks.lunet.flows.factorization import Factors, check_factors, factorize
from fourmasks.lunet.flows.linear import LinearLayer

FLOOR = 1e-3
SPREAD = 0.1
LARGEST_SPREAD = torch.finfo(torch.float32).max
SETTINGS = {
    "dimension": "count", "spread": "not negative", "floor": "positive", "generator": "generator",
    "random_signs": "flag",
}  # fmt: skip


class ConditionNumbers(NamedTuple):
    """Condition numbers of L and U."""

    lower: float
    upper: float


class Triangles(NamedTuple):
    """What a layer multiplies with: L = I + below, U = diag(diagonal) (I + above)."""

    diagonal: torch.Tensor
    above: torch.Tensor
    below: torch.Tensor


class LULayer(LinearLayer):
    r"""φ(LUx + b), Eq. (2.5).

    One matrix W of d² parameters holds both factors: below its diagonal L, whose own ones are not stored;
    above it :math:`u_{ij} / u_{ii}`, so that the systems with L and U are solved with W as it is; and on it
    U's diagonal, :math:`u_{ii} = \pm(\mathrm{floor} + \mathrm{softplus}(w_{ii}))`. No step of training can
    bring that nearer to zero than the floor, and its slope in :math:`w_{ii}` is below 1; with an exponential
    it could come as near as it likes, and steps would grow with the number itself. The signs are fixed:
    between one sign and the other there is a singular matrix. The floor bounds the determinant, not the
    condition numbers.

    A new layer is near the identity: the strict triangles are uniform up to spread / √d, the diagonals 1, the
    bias 0. It is drawn on the CPU in float32, so that a seed means the same on every device and precision.

    Parameters
    ----------
    dimension : int
        d.
    activation : LeakyBend, optional
        φ; the identity by default.
    generator : torch.Generator
    spread : float, default 0.1
        With 1 the triangles start as in LU-Net's own code (Chan et al., 2023). Twelve such layers are too
        many for single precision to reconstruct what goes in.
    floor : float, default 1e-3
        Positive; at most 0.5, so that a new layer's diagonal, 1, is away from it.
    random_signs : bool, default False
        Draw the signs of U's diagonal. φ is convex, and with the sign + everywhere all layers bend the same
        way. A layer with random signs is near a reflection, not near the identity.

    Raises
    ------
    ValueError
        If the dimension is not positive, the spread negative or beyond float32, the floor out of (0, 0.5], or
        the generator or the activation of another kind.
    """

    def __init__(
        self,
        dimension: int,
        activation: LeakyBend | None = None,
        *,
        generator: torch.Generator,
        spread: float = SPREAD,
        floor: float = FLOOR,
        random_signs: bool = False,
    ):
        settings = {"dimension": dimension, "spread": spread, "floor": floor, "random_signs": random_signs}
        check_start(settings | {"generator": generator})
        if floor > 0.5:
            raise ValueError(f"floor = {floor}: expected a number above 0, at most 0.5")
        super().__init__(torch.zeros(dimension), activation)
        weight = (2 * torch.rand(dimension, dimension, generator=generator) - 1) * (spread / dimension**0.5)
        weight.diagonal().fill_(math.log(math.expm1(1 - floor)))
        self.weight, self.floor = torch.nn.Parameter(weight), floor
        sign = torch.ones(dimension)
        if random_signs:
            sign -= 2 * torch.randint(2, (dimension,), generator=generator)
        self.register_buffer("sign", sign)
        self._fixed = None

    @classmethod
    def from_factors(
        cls,
        lower: torch.Tensor,
        upper: torch.Tensor,
        bias: torch.Tensor | None = None,
        activation: LeakyBend | None = None,
        *,
        floor: float = FLOOR,
    ) -> "LULayer":
        """Return the layer with given factors, in their type.

        Parameters
        ----------
        lower, upper : Tensor (d, d)
            L, with ones on its diagonal, and U.
        bias : Tensor (d,), optional
            Zeros by default.
        activation, floor
            As in the constructor.

        Raises
        ------
        ValueError
            If the factors are not what they should be: floating-point tensors, shapes, triangles, ones; if U
            is singular, or has a number up to the floor on its diagonal; if the bias is no dense tensor (d,)
            of finite real numbers.
        """
        check_settings({"floor": floor}, SETTINGS)
        check_factors(lower, upper, floor)
        layer = cls(len(lower), activation, generator=torch.Generator(), floor=floor).to(lower)
        layer.assign(lower, upper, layer.bias if bias is None else bias)
        return layer

    @classmethod
    def from_matrix(cls, matrix: torch.Tensor, *arguments, **settings) -> "LULayer":
        """Return the layer with a given A = LU; see `factorize` for the matrices that have one."""
        return cls.from_factors(*factorize(matrix), *arguments, **settings)

    @torch.no_grad()
    def assign(self, lower: torch.Tensor, upper: torch.Tensor, bias: torch.Tensor) -> None:
        """Take over factors and a bias; raises as `from_factors` does."""
        check_factors(lower, upper, self.floor)
        is_real = isinstance(bias, torch.Tensor) and bias.layout == torch.strided and not bias.is_complex()
        if not (is_real and bias.shape == lower.shape[:1] and bias.isfinite().all()):
            raise ValueError(
                f"bias = {bias!r}: expected a dense tensor ({len(lower)},) of finite real numbers"
            )
        diagonal = upper.diagonal()
        above_floor = diagonal.abs() - self.floor
        self.weight.copy_(lower.tril(-1) + upper.triu(1) / diagonal[:, None])
        self.weight.diagonal().copy_(above_floor + torch.log(-torch.expm1(-above_floor)))
        self.sign.copy_(diagonal.sign())
        self.bias.copy_(bias)

    @torch.no_grad()
    def standardize(self, x: torch.Tensor) -> None:
        """Scale and shift LUx + b, in place, so that each number of it has mean 0 and variance 1 on points.

        A start that depends on the data, after Kingma and Dhariwal (2018): the bends are where the data are.

        Parameters
        ----------
        x : Tensor (n, d)
            Inputs of the layer.

        Raises
        ------
        ValueError
            If a number of LUx is the same for all points, or varies so widely that its row of U falls to the
            floor.
        """
        self._check(x)
        y = self.linear(x)
        deviation = y.std(0, correction=0)
        if not (deviation > 0).all():
            raise ValueError(f"{len(x)} points: expected some that differ in every coordinate of LUx")
        lower, upper = self.factors()
        lower = torch.diagonal_scatter(lower * deviation / deviation[:, None], torch.ones_like(deviation))
        self.assign(lower, upper / deviation[:, None], (self.bias - y.mean(0)) / deviation)

    def factors(self) -> Factors:
        """Return L and U, differentiable by the parameters."""
        diagonal, above, below = self._triangles()
        ones = torch.ones_like(diagonal)
        return Factors(torch.diagonal_scatter(below, ones), above * diagonal[:, None] + torch.diag(diagonal))

    def linear(self, x: torch.Tensor) -> torch.Tensor:
        """Return LUx + b of each row (n, d)."""
        diagonal, above, below = self._triangles()
        # Where the strict triangles are small x itself is not rounded along with their share.
        hidden = torch.addmm(x, x, above.T) * diagonal
        return torch.addmm(hidden + self.bias, hidden, below.T)

    def solve(self, y: torch.Tensor) -> torch.Tensor:
        """Return U⁻¹L⁻¹y of each row (n, d), by two triangular systems of d² / 2 multiplications each."""
        hidden = torch.linalg.solve_triangular(self.weight, y.T, upper=False, unitriangular=True)
        hidden = hidden / self.diagonal()[:, None]
        return torch.linalg.solve_triangular(self.weight, hidden, upper=True, unitriangular=True).T

    def diagonal(self) -> torch.Tensor:
        """Return the diagonal (d,) of U."""
        if self._fixed is not None:
            return self._fixed.diagonal
        return signed_sizes(self.weight.diagonal(), self.sign, self.floor)

    def log_abs_det(self) -> torch.Tensor:
        r"""Return Σ ln \|u_ii\| = ln \|det LU\|, Eq. (2.4), in O(d)."""
        return self.diagonal().abs().log().sum()

    @torch.no_grad()
    def condition_numbers(self, p=2) -> ConditionNumbers:
        """Return the condition numbers of L and U in a norm p of torch.linalg.cond, in float64, in O(d³)."""
        return ConditionNumbers(*(float(torch.linalg.cond(part.double(), p)) for part in self.factors()))

    def round_trip_bound(self) -> float:
        r"""Return what rounding can do to U⁻¹L⁻¹(LUx), relative to x, without bias and activation.

        It is :math:`(d + 1)\,\varepsilon\,\kappa(U)(1 + \kappa(L))` to first order in ε, the spacing of the
        type's numbers at 1; errors and condition numbers are in the maximum norm.
        """
        lower, upper = self.condition_numbers(float("inf"))
        return (self.dimension + 1) * torch.finfo(self.weight.dtype).eps * upper * (1 + lower)

    def _triangles(self) -> Triangles:
        if self._fixed is not None:
            return self._fixed
        return Triangles(self.diagonal(), self.weight.triu(1), self.weight.tril(-1))

    def _fix(self) -> None:
        self._fixed = self._triangles()

    def _release(self) -> None:
        self._fixed = None

    def extra_repr(self) -> str:
        return f"{self.dimension}, floor={self.floor}"


def check_start(settings: Mapping[str, object]) -> None:
    """Raise ValueError unless a layer can be drawn with these settings, as float32."""
    check_settings(settings, SETTINGS)
    if settings["spread"] > LARGEST_SPREAD:
        raise ValueError(
            f"spread = {settings['spread']}: expected {LARGEST_SPREAD:.1e} at most, or weights overflow"
        )


def signed_sizes(raw: torch.Tensor, sign: torch.Tensor, floor: float) -> torch.Tensor:
    """Return sign (floor + softplus(raw)): numbers that are not zero."""
    return (softplus(raw, 1.0, LINEAR_FROM) + floor) * sign
