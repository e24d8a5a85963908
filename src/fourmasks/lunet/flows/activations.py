"""LeakySoftplus in the paper's two forms, Eq. (2.6) and (2.9), with derivative and inverse.

Both are low x + gain softplus(sharpness x) / sharpness with low, gain > 0: a straight line of slope `low` on
the left and of slope `low + gain` on the right, with a smooth bend between them. Up to the units of x and y
there is one such function for each ratio of the two slopes, so that one iteration inverts both forms.
"""

import math
from numbers import Real

import torch
from torch.nn.functional import softplus

# Above it softplus(t) is t in double precision. torch's own threshold, 20, costs half of its digits.
LINEAR_FROM = 40.0


class LeakyBend(torch.nn.Module):
    r"""What the two forms share: :math:`\phi(x) = l x + g \, \mathrm{softplus}(s x) / s`.

    With l, g and s, which are `low`, `gain` and `sharpness`, positive it is convex, increasing and onto the
    real numbers, with slopes between l and l + g. A subclass has the method `forward(x)`.
    """

    def __init__(self, low: float, gain: float, sharpness: float):
        super().__init__()
        self.low, self.gain, self.sharpness = low, gain, sharpness
        self._ratio = low / (low + gain)

    def derivative(self, x: torch.Tensor) -> torch.Tensor:
        """Return φ'(x) of each entry."""
        return torch.sigmoid(x * self.sharpness) * self.gain + self.low

    def inverse(self, y: torch.Tensor) -> torch.Tensor:
        """Return the x with φ(x) = y of each entry, to the precision of y's type; infinite where y is.

        Gradients flow through it: its derivative is 1 / φ'(x).
        """
        target = y * (self.sharpness / (self.low + self.gain))
        root = solve_bend(target.detach(), self._ratio)
        if target.requires_grad:  # adds zero, with the derivative of the inverse
            zero = torch.nan_to_num_(target - target.detach())  # not a number where y is infinite
            root = root + zero / _bend_slope(root, self._ratio)
        return root / self.sharpness


class LeakySoftplus(LeakyBend):
    r"""Eq. (2.6): :math:`x + (1 - \alpha) \ln(1 + e^{-x}) = \alpha x + (1 - \alpha)\, \mathrm{softplus}(x)`.

    Parameters
    ----------
    alpha : float, default 0.5
        The slope on the left, in (0, 1); that on the right is 1. The paper gives none.

    Raises
    ------
    ValueError
        If `alpha` is out of (0, 1).
    """

    def __init__(self, alpha: float = 0.5):
        _check_alpha(alpha)
        super().__init__(alpha, 1 - alpha, 1.0)
        self.alpha = alpha

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return φ(x) of each entry, all of them finite.

        Infinite ones become nan. To tell them apart would take 1.4 times as long, forward and backward.
        """
        return torch.lerp(softplus(x, 1.0, LINEAR_FROM), x, self.alpha)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}"


class GeneralLeakySoftplus(LeakyBend):
    r"""Eq. (2.9): :math:`\ln(1 + e^{\alpha x}) / \alpha + \beta x`.

    It is Eq. (2.6) with the slope :math:`\beta / (1 + \beta)`, but for the units of x and y.

    Parameters
    ----------
    alpha : float, default 0.5
        How sharp the bend is, in (0, 1).
    beta : float, default 1.0
        The slope on the left, positive; that on the right is 1 + beta.

    Raises
    ------
    ValueError
        If `alpha` is out of (0, 1), or `beta` is not positive. With beta in [-1, 0] the function is not a
        bijection of the real numbers; with beta < -1 it is one that falls, the mirror image of another.
    """

    def __init__(self, alpha: float = 0.5, beta: float = 1.0):
        _check_alpha(alpha)
        is_number = isinstance(beta, Real)
        if not (is_number and beta > 0 and math.isfinite(beta)):
            reason = (
                f"x -> -x turns it into beta = {-1 - beta}, give that"
                if is_number and -math.inf < beta < -1
                else "otherwise the activation has no inverse on all real numbers; give a small positive one"
            )
            raise ValueError(f"beta = {beta!r}: expected a positive number; {reason}")
        super().__init__(beta, 1.0, alpha)
        self.alpha, self.beta = alpha, beta

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return φ(x) of each entry."""
        return torch.add(softplus(x, self.alpha, LINEAR_FROM), x, alpha=self.beta)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}, beta={self.beta}"


@torch.no_grad()
def solve_bend(target: torch.Tensor, ratio: float) -> torch.Tensor:
    r"""Solve :math:`\lambda t + (1 - \lambda) \mathrm{softplus}(t) = y` by Newton's method in a bracket.

    The left side is convex, and its slope changes by a factor of at most e where t changes by 1. From the
    right end of the bracket the iterates therefore fall towards the root, each with an error of at most half
    the square of the one before; `steps_needed` bounds their number. The bracket only keeps rounding in
    check. `target` is y, of any shape, and `ratio` λ, in (0, 1); the roots t are found to rounding, and are
    infinite where y is.
    """
    low, high = bracket(target, ratio)
    epsilon = torch.finfo(target.dtype).eps
    t, close = high, epsilon**0.25  # a step of this size leaves half of the digits, one more step gives all
    for _ in range(steps_needed(ratio)):
        step = _newton_step(t, target, ratio)
        t = torch.clamp(t - step, low, high)
        if not (step.abs() > t.abs().mul_(4 * epsilon).add_(close)).any():
            break
    return t - _newton_step(t, target, ratio)


def bracket(target: torch.Tensor, ratio: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Return bounds of the root that `solve_bend` looks for.

    They invert the leaky ReLU under the function, and the same moved up by (1 - λ) ln 2: no more is between.
    """
    shifted = target - (1 - ratio) * math.log(2)
    return torch.minimum(shifted, shifted / ratio), torch.minimum(target, target / ratio)


def steps_needed(ratio: float) -> int:
    """Return how many Newton steps suffice for every target: 6 + ⌈1.6 max(0, ln(1/λ) - 1)⌉.

    The error is at most max(1, ln(1/λ)) at the start. While it is above 1 a step takes off 1 - 1/e or more;
    from 1 on, halved squares lead below 10^-18 in 6 steps.
    """
    return 6 + math.ceil(1.6 * max(0.0, -math.log(ratio) - 1))


def _bend(t: torch.Tensor, ratio: float) -> torch.Tensor:
    return torch.lerp(softplus(t, 1.0, LINEAR_FROM), t, ratio)


def _bend_slope(t: torch.Tensor, ratio: float) -> torch.Tensor:
    return torch.sigmoid(t) * (1 - ratio) + ratio


def _newton_step(t: torch.Tensor, target: torch.Tensor, ratio: float) -> torch.Tensor:
    step = (_bend(t, ratio) - target).div_(_bend_slope(t, ratio))
    return step.nan_to_num_(0.0, math.inf, -math.inf)  # from the root of an infinite target there is no step


def check_activation(activation: LeakyBend | None) -> None:
    """Raise ValueError unless it can be the activation of a layer."""
    if not (activation is None or isinstance(activation, LeakyBend)):
        raise ValueError(f"activation = {activation!r}: expected a LeakyBend, such as LeakySoftplus()")


def _check_alpha(alpha: float) -> None:
    if not (isinstance(alpha, Real) and 0 < alpha < 1):
        raise ValueError(f"alpha = {alpha!r}: expected a number between 0 and 1, both excluded, such as 0.5")
