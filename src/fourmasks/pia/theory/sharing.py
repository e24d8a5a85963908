"""When a step on one user helps another: Theorem 2.3, with every inequality of its proof measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch.func import functional_call

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class User(NamedTuple):
    """A user's items, and the posterior that the encoder gives them.

    Attributes
    ----------
    items : Tensor of shape (J,)
        Binary, of the decoder's type.
    mean, std : Tensor of shape (R,)
    """

    items: torch.Tensor
    mean: torch.Tensor
    std: torch.Tensor

    def points(self, noise: torch.Tensor) -> torch.Tensor:
        """Return the latent points μ + σ ε for noise of shape (n, R)."""
        return self.mean + self.std * noise


@dataclass(frozen=True)
class Sharing:
    """What a step on user v does to user u, per unit of the learning rate, and the proof's bounds of it.

    Attributes
    ----------
    change : float
        -<g_u, g_v>: the first-order change of u's loss. Negative: the step on v helps u.
    own_norm : float
        ‖g_u‖.
    gradient_distance : float
        ‖g_u - g_v‖.
    content : float
        Δ_x(u, v), the content mismatch.
    latent : float
        ‖E_{q_v} ∇ℓ(x_u, z) - E_{q_u} ∇ℓ(x_u, z)‖, which the theorem bounds by L W₁.
    lipschitz : float
        The Lipschitz constant L_θz that was used.
    distance : float
        The distance of the posteriors that was used with it.
    """

    change: float
    own_norm: float
    gradient_distance: float
    content: float
    latent: float
    lipschitz: float
    distance: float

    @property
    def penalty(self) -> float:
        """D_{u,v}, the theorem's transfer penalty."""
        return self.lipschitz * self.distance + self.content

    @property
    def radius(self) -> float:
        """r_share(u, v), zero where the content alone is too different."""
        return max(self.own_norm - self.content, 0.0) / self.lipschitz

    @property
    def helps(self) -> bool:
        """Whether a small step on v lowers u's loss."""
        return self.change < 0

    @property
    def inside(self) -> bool:
        """Whether the theorem says so."""
        return self.penalty < self.own_norm

    @property
    def bounds(self) -> tuple[float, float, float]:
        """Upper bounds of the change after each inequality: Cauchy-Schwarz, triangle, Lipschitz.

        The last is the theorem's.
        """
        distances = self.gradient_distance, self.latent + self.content, self.penalty
        first, second, third = (-self.own_norm * (self.own_norm - distance) for distance in distances)
        return first, second, third


def multinomial_loss(logits: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
    """Return -log p(x | z) up to a constant, of shape (n,), for logits of shape (n, J)."""
    return -(logits.log_softmax(-1) * items).sum(-1)


def expected_gradient(
    decoder: torch.nn.Module, items: torch.Tensor, points: torch.Tensor, loss: Loss = multinomial_loss
) -> torch.Tensor:
    """Return the gradient by all of the decoder's parameters, flat, of the average loss over latent points.

    Parameters
    ----------
    decoder : Module
        Maps latent points (n, R) to logits (n, J), each point for itself.
    items : Tensor of shape (J,)
    points : Tensor of shape (n, R)
    loss : callable, default `multinomial_loss`
    """
    parameters = [p for p in decoder.parameters() if p.requires_grad]
    gradients = torch.autograd.grad(loss(decoder(points), items).mean(), parameters)
    return torch.cat([g.flatten() for g in gradients])


def share(
    decoder: torch.nn.Module,
    u: User,
    v: User,
    noise: torch.Tensor,
    loss: Loss = multinomial_loss,
) -> Sharing:
    """Measure what a step on v does to u, and the bounds of Theorem 2.3.

    Expectations are averages over the points μ + σ ε, the same ε for both users, so that all inequalities
    hold exactly for these point clouds. Pairing equal ε is the optimal plan for W₂. Its mean distance, an
    upper bound of W₁ of the clouds, is `distance`. `lipschitz` is the largest ratio of
    ‖∇ℓ(x_u, z) - ∇ℓ(x_u, z')‖ to ‖z - z'‖ over these pairs, which is enough for the proof. That is generous
    to the theorem, which asks for a constant for all z and z'.

    Parameters
    ----------
    decoder : Module
        Maps (n, R) to logits (n, J), without dropout.
    u, v : User
        With different posteriors.
    noise : Tensor of shape (n, R)
        Standard normal.
    loss : callable, default `multinomial_loss`

    Raises
    ------
    ValueError
        If the posteriors are equal, where no Lipschitz constant can be measured.
    """
    points_u, points_v = u.points(noise), v.points(noise)
    distances = (points_u - points_v).norm(dim=1)
    if not bool((distances > 0).all()):
        raise ValueError("the two posteriors share points: give users with different posteriors")
    slopes, at_u, at_v = [], 0.0, 0.0
    for z, other, distance in zip(points_u, points_v, distances, strict=True):
        gradients = [expected_gradient(decoder, u.items, point[None], loss) for point in (z, other)]
        slopes.append(float((gradients[0] - gradients[1]).norm() / distance))
        at_u, at_v = at_u + gradients[0] / len(noise), at_v + gradients[1] / len(noise)
    g_v = expected_gradient(decoder, v.items, points_v, loss)
    return Sharing(
        change=-float(at_u @ g_v),
        own_norm=float(at_u.norm()),
        gradient_distance=float((at_u - g_v).norm()),
        content=float((at_v - g_v).norm()),
        latent=float((at_u - at_v).norm()),
        lipschitz=max(slopes),
        distance=float(distances.mean()),
    )


def gradient_products(
    decoder: torch.nn.Module, users: list[User], noise: torch.Tensor, loss: Loss = multinomial_loss
) -> torch.Tensor:
    """Return <g_u, g_v> (n, n) for all pairs of n users: what decides, without any Lipschitz constant.

    All gradients are held in memory at once, n times the number of the decoder's parameters. The rest is as
    for `share`.
    """
    gradients = [expected_gradient(decoder, user.items, user.points(noise), loss) for user in users]
    stacked = torch.stack(gradients)
    return stacked @ stacked.T


def step_change(
    decoder: torch.nn.Module,
    u: User,
    v: User,
    noise: torch.Tensor,
    rate: float,
    loss: Loss = multinomial_loss,
) -> float:
    """Return the actual change of u's loss after one SGD step on v, divided by the rate.

    Parameters
    ----------
    decoder, u, v, noise, loss
        As for `share`.
    rate : float
        η. The decoder itself is left as it is.
    """
    step = expected_gradient(decoder, v.items, v.points(noise), loss)
    moved, used = {}, 0
    for name, parameter in decoder.named_parameters():
        if parameter.requires_grad:
            part = step[used : used + parameter.numel()].view_as(parameter)
            moved[name] = parameter.detach() - rate * part
            used += parameter.numel()
    points = u.points(noise)
    with torch.no_grad():
        before = loss(decoder(points), u.items).mean()
        after = loss(functional_call(decoder, moved, (points,)), u.items).mean()
    return float((after - before) / rate)


def linear_change(decoder: torch.nn.Linear, u: User, v: User) -> float:
    """Return -<g_u, g_v> in closed form for a linear softmax decoder and posteriors without spread.

    It is -<r_u, r_v> (1 + <z_u, z_v>), with r = n softmax(Wz + c) - x for a user with n items: what decides
    is the sign of two scalar products, not a distance.
    """
    with torch.no_grad():
        residuals = [user.items.sum() * decoder(user.mean).softmax(-1) - user.items for user in (u, v)]
    return -float((residuals[0] @ residuals[1]) * (1 + u.mean @ v.mean))


def weight_diameter(weight: torch.Tensor, rows: int = 1024) -> float:
    """Return the largest distance of two rows, `rows` rows at a time."""
    return max(float(torch.cdist(part, weight).max()) for part in weight.split(rows))


def linear_lipschitz(decoder: torch.nn.Linear, u: User, v: User) -> float:
    """Return a constant with ‖E_{q_v} ∇ℓ(x_u, z) - E_{q_u} ∇ℓ(x_u, z)‖ ≤ constant · W₂(q_u, q_v).

    For a linear softmax decoder no constant holds for all z and z' if R ≥ 2, unless all rows of W are equal.
    But ∇ℓ(x_u, .) has slope at most B + a sqrt(1 + ‖z‖²) at z, with a = n_u diam(W) / 2^1.5 and
    B = sqrt(n_u² + n_u), where diam(W) is the largest distance of two rows. Integrated along the pairs
    of the plan for W₂, and with Cauchy-Schwarz, that gives B + a/2 (sqrt(1 + E‖z_u‖²) + sqrt(1 + E‖z_v‖²)).

    Parameters
    ----------
    decoder : Linear
        With a bias.
    u, v : User
    """
    n_items = float(u.items.sum())
    steep = n_items * weight_diameter(decoder.weight.detach()) / 2**1.5
    roots = [(1 + (user.mean**2 + user.std**2).sum()).sqrt() for user in (u, v)]
    return (n_items**2 + n_items) ** 0.5 + steep * float(sum(roots)) / 2
