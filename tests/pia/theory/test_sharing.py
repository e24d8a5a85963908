"""Theorem 2.3: gradients against actual steps, every inequality of the proof, and what they give away."""

from itertools import product

import pytest
import torch

from fourmasks.pia.theory.sharing import (
    User,
    expected_gradient,
    gradient_products,
    linear_change,
    linear_lipschitz,
    multinomial_loss,
    share,
    step_change,
    weight_diameter,
)

pytestmark = pytest.mark.usefixtures("one_thread")

N_ITEMS, RANK = 12, 3


def generator(seed):
    return torch.Generator().manual_seed(seed)


def items(*which, n_items=N_ITEMS):
    return torch.zeros(n_items, dtype=torch.float64).index_fill(0, torch.tensor(which), 1.0)


def filled(decoder, seed, scale=0.5):
    """Return the decoder in double precision, with normal random parameters."""
    decoder, g = decoder.double(), generator(seed)
    with torch.no_grad():
        for parameter in decoder.parameters():
            parameter.copy_(scale * torch.randn(parameter.shape, generator=g, dtype=torch.float64))
    return decoder


def linear(seed=0, scale=0.5):
    return filled(torch.nn.Linear(RANK, N_ITEMS), seed, scale)


def network(seed=0):
    layers = torch.nn.Linear(RANK, 6), torch.nn.Tanh(), torch.nn.Linear(6, N_ITEMS)
    return filled(torch.nn.Sequential(*layers), seed)


def random_user(seed):
    g = generator(seed)
    draw = [torch.randn(RANK, generator=g, dtype=torch.float64) for _ in range(2)]
    have = (torch.rand(N_ITEMS, generator=g) < 0.5).double()
    have[0] = 1
    return User(have, draw[0], (0.3 * draw[1]).exp())


def noise(n=6, seed=0):
    return torch.randn((n, RANK), generator=generator(seed), dtype=torch.float64)


def at(which, mean, n_items=N_ITEMS):
    """Return a user without spread."""
    mean = torch.as_tensor(mean, dtype=torch.float64)
    return User(items(*which, n_items=n_items), mean, torch.zeros_like(mean))


@pytest.mark.parametrize("make", [linear, network])
@pytest.mark.parametrize("seed", range(5))
def test_the_change_is_that_of_a_small_step(make, seed):
    decoder, u, v = make(seed), random_user(seed), random_user(seed + 100)
    before = [p.clone() for p in decoder.parameters()]
    found = step_change(decoder, u, v, noise(), 1e-6)
    assert all(torch.equal(a, b) for a, b in zip(before, decoder.parameters(), strict=True))
    torch.testing.assert_close(share(decoder, u, v, noise()).change, found, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("make", [linear, network])
@pytest.mark.parametrize("seed", range(5))
def test_each_inequality_of_the_proof(make, seed):
    result = share(make(seed), random_user(seed), random_user(seed + 100), noise())
    chain = [result.change, *result.bounds]
    assert chain == sorted(chain)
    assert result.latent <= result.lipschitz * result.distance
    if result.inside:
        assert result.helps and result.distance < result.radius
    assert result.inside == (result.distance < result.radius)


def test_the_gradient_of_the_linear_softmax_decoder():
    decoder, user, points = linear(3), random_user(3), noise()
    residuals = user.items.sum() * decoder(points).softmax(-1) - user.items
    with_one = torch.cat([points, torch.ones(len(points), 1)], 1)
    expected = torch.einsum("nj,nr->jr", residuals, with_one) / len(points)
    found = expected_gradient(decoder, user.items, points)
    torch.testing.assert_close(found, torch.cat([expected[:, :-1].flatten(), expected[:, -1]]))


def test_the_products_of_all_pairs():
    decoder, users = network(4), [random_user(seed) for seed in (1, 2, 3)]
    products = gradient_products(decoder, users, noise())
    for i, j in ((0, 1), (1, 0), (2, 1)):
        result = share(decoder, users[i], users[j], noise())
        torch.testing.assert_close(float(products[i, j]), -result.change)
        torch.testing.assert_close(float(products[i, i]) ** 0.5, result.own_norm)


def test_frozen_parameters_do_not_count():
    decoder = linear(1)
    decoder.weight.requires_grad_(False)
    u, v = random_user(1), random_user(2)
    assert len(expected_gradient(decoder, u.items, u.points(noise()))) == N_ITEMS
    found = step_change(decoder, u, v, noise(), 1e-6)
    torch.testing.assert_close(share(decoder, u, v, noise()).change, found, rtol=1e-3, atol=1e-3)


def test_another_loss():
    def squared(logits, x):
        return ((logits - x) ** 2).sum(-1) / 2

    u, v = random_user(1), random_user(2)
    result = share(linear(), u, v, noise(), squared)
    found = step_change(linear(), u, v, noise(), 1e-6, squared)
    torch.testing.assert_close(result.change, found, rtol=1e-3, atol=1e-3)
    assert abs(result.change - share(linear(), u, v, noise(), multinomial_loss).change) > 1


@pytest.mark.parametrize("seed", range(4))
def test_two_scalar_products_decide_for_a_linear_decoder(seed):
    u, v = (user._replace(std=torch.zeros(RANK)) for user in (random_user(seed), random_user(seed + 50)))
    decoder = linear(seed)
    torch.testing.assert_close(share(decoder, u, v, noise(2)).change, linear_change(decoder, u, v))


def test_in_a_deeper_decoder_they_decide_for_the_last_layer():
    decoder = network(5)
    decoder[0].requires_grad_(False)
    u, v = (user._replace(std=torch.zeros(RANK)) for user in (random_user(5), random_user(6)))
    hidden = [user._replace(mean=decoder[1](decoder[0](user.mean)).detach()) for user in (u, v)]
    torch.testing.assert_close(share(decoder, u, v, noise(1)).change, linear_change(decoder[2], *hidden))


@pytest.mark.parametrize("shared", range(6))
def test_with_uniform_predictions_the_overlap_decides_and_the_theorem_asks_for_too_much(shared):
    # Two users with five of twelve items each, at two latent points of one length and an acute angle.
    n = 5
    u = at(range(n), [1.0, 0, 0])
    v = at(range(n - shared, 2 * n - shared), [0.8, 0.6, 0])
    decoder = linear(scale=0.0)
    result = share(decoder, u, v, noise(1))
    assert result.helps == (shared > n**2 / N_ITEMS)
    torch.testing.assert_close(result.change, -(shared - n**2 / N_ITEMS) * 1.8)
    assert (result.radius > 0) == (shared > n / 2 + n**2 / (2 * N_ITEMS))


def test_neighbours_without_a_common_item_harm_each_other():
    result = share(linear(scale=0.0), at([0, 1, 2], [1.0, 0, 0]), at([3, 4, 5], [1.0, 1e-6, 0]), noise(1))
    assert result.distance < 1e-5
    assert result.change > 0
    assert result.radius == 0


@pytest.mark.parametrize("sizes", [(2, 5), (4, 4), (1, 7)])
def test_with_uniform_predictions_chance_is_the_product_of_the_activities_over_the_items(sizes):
    first, second = sizes
    for shared in range(min(sizes) + 1):
        u, v = at(range(first), [1.0, 0, 0]), at(range(first - shared, first - shared + second), [1.0, 0, 0])
        change = linear_change(linear(scale=0.0), u, v)
        torch.testing.assert_close(change, -2 * (shared - first * second / N_ITEMS))


def test_neighbours_without_a_common_item_can_help_each_other_where_predictions_are_not_uniform():
    # All expect item 2, which neither has: <r_u, r_v> = 0.1² + 0.1² + 0.8² - 0.1 - 0.1 = 0.46.
    decoder = torch.nn.Linear(RANK, 3).double()
    with torch.no_grad():
        decoder.weight.zero_()
        decoder.bias.copy_(torch.tensor([0.1, 0.1, 0.8]).log())
    place = [1.0, 0, 0]
    change = linear_change(decoder, at([0], place, n_items=3), at([1], place, n_items=3))
    torch.testing.assert_close(change, -0.46 * 2, rtol=1e-6, atol=0)


def test_the_influence_can_decay_along_the_same_direction_where_predictions_follow_the_place():
    # With W not zero the residual of v changes with its place: on the way out it is fitted better and better.
    decoder = torch.nn.Linear(1, 2).double()
    with torch.no_grad():
        decoder.weight.copy_(torch.tensor([[1.0], [-1.0]]))
        decoder.bias.zero_()
    u = at([0], [0.5], n_items=2)
    changes = [linear_change(decoder, u, at([0], [a], n_items=2)) for a in (0.5, 2.0, 4.0)]
    assert changes[0] < changes[1] < changes[2] < 0


@pytest.mark.parametrize(("shared", "sign"), [(0, -1), (3, 1)])
def test_far_across_the_origin_the_sign_of_the_influence_turns(shared, sign):
    """1 + <z_u, z_v> is zero at a distance of 2, and negative beyond."""
    decoder = filled(torch.nn.Linear(2, N_ITEMS), 0, scale=0.3)
    first, second = items(*range(5)), items(*range(shared), *range(5, 10 - shared))
    place, still = torch.tensor([1.0, 0.0]).double(), torch.zeros(2).double()
    u = User(first, place, still)
    for distance, expected in ((1.9, sign), (2.1, -sign)):
        v = User(second, place - distance * place, still)
        assert -linear_change(decoder, u, v) * expected > 0


def test_the_influence_can_grow_with_the_distance():
    u = at([0, 1, 2, 3, 4], [1.0, 0, 0])
    results = [share(linear(scale=0.0), u, at([0, 1, 2, 3, 5], [a, 0, 0]), noise(1)) for a in (2.0, 4.0, 8.0)]
    distances, changes = zip(*[(result.distance, result.change) for result in results], strict=True)
    assert list(distances) == sorted(distances)
    assert list(changes) == sorted(changes, reverse=True)
    assert changes[0] < 0
    assert not results[-1].inside


def test_the_radius_of_a_user_who_is_fitted_is_zero():
    u, v = at([0, 1, 2, 3, 4], [0.5, 0, 0]), at([0, 1, 2, 3, 5], [0.4, 0, 0])
    radii = []
    for sureness in (0.0, 1.0, 4.0):
        decoder = linear(scale=0.0)
        with torch.no_grad():
            decoder.bias.copy_(sureness * u.items)
        radii.append(share(decoder, u, v, noise(1)).radius)
    assert radii[0] > 0 == radii[2]
    assert radii == sorted(radii, reverse=True)


def test_no_lipschitz_constant_holds_everywhere():
    # Two items that tie along the first axis: there the slope across it grows with the distance from 0.
    decoder = torch.nn.Linear(2, 2).double()
    with torch.no_grad():
        decoder.weight.copy_(torch.tensor([[1.0, 1.0], [1.0, -1.0]]))
        decoder.bias.zero_()
    user, slopes = items(0, n_items=2), []
    for far in (10.0, 100.0, 1000.0):
        z = torch.tensor([[far, 1e-3], [far, -1e-3]], dtype=torch.float64)
        first, second = (expected_gradient(decoder, user, point[None]) for point in z)
        slopes.append(float((first - second).norm()) / 2e-3)
    assert slopes[1] > 9 * slopes[0] and slopes[2] > 9 * slopes[1]


@pytest.mark.parametrize("seed", range(6))
def test_the_constant_for_a_pair_holds_with_w2(seed):
    decoder, u, v = linear(seed, scale=2.0), random_user(seed), random_user(seed + 50)
    # The corners have exactly the moments of the noise that the constant uses.
    corners = torch.tensor(list(product((-1.0, 1.0), repeat=RANK)), dtype=torch.float64)
    w2 = float(((u.mean - v.mean) ** 2 + (u.std - v.std) ** 2).sum().sqrt())
    assert share(decoder, u, v, corners).latent <= linear_lipschitz(decoder, u, v) * w2


def test_the_diameter_of_the_rows_in_parts():
    weight = linear(7).weight.detach()
    torch.testing.assert_close(weight_diameter(weight, rows=5), float(torch.pdist(weight).max()))


def test_equal_posteriors_are_refused():
    u = random_user(1)
    with pytest.raises(ValueError, match="different posteriors"):
        share(linear(), u, u._replace(items=random_user(2).items), noise())


def test_the_same_noise_gives_the_same_bits():
    first, second = (share(network(2), random_user(1), random_user(2), noise(seed=9)) for _ in range(2))
    assert first == second
