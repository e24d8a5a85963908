"""MMF for rankings: its scores, its gradient, and what is left of it without masks."""

import math

import numpy as np
import pytest
import torch

from fourmasks.baselines.ranking.bpr import BPRMF
from fourmasks.data.ratings import load_ratings, make_ratings
from fourmasks.data.splits import implicit_split
from fourmasks.mmf.models import pairs
from fourmasks.mmf.models.ranking_mmf import SHIFTS, RankingMMF

RANK, N_MASKS, N_USERS, N_ITEMS = 9, 3, 10, 13


@pytest.fixture(scope="module")
def likes():
    cells = np.sort(np.random.default_rng(0).permutation(N_USERS * N_ITEMS)[:50])
    return make_ratings("likes", *np.divmod(cells, N_ITEMS), np.full(50, 5), (N_USERS, N_ITEMS), (1, 5))


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def network_of(likes, generator, **settings):
    settings = {"rank": RANK, "n_masks": N_MASKS, "shift_spread": 3.0, "factor_scale": 1.0} | settings
    network = RankingMMF(**settings)._make(likes, generator).double()
    network.biases.data.normal_(generator=generator)
    return network


def triples(likes, generator, n=40):
    """Return triples with users, items and pairs that occur more than once."""
    places = torch.randint(len(likes), (n,), generator=generator)
    users, liked = torch.as_tensor(likes.users)[places], torch.as_tensor(likes.items)[places]
    return users, liked, torch.randint(N_ITEMS, (n,), generator=generator)


def explicit_scores(network, rank):
    """The scores of cosine masks, one term after the other."""
    shifts = network.user_shifts.tolist(), network.item_shifts.tolist()
    scores = network.biases.expand(N_USERS, N_ITEMS).clone()
    for u in range(N_USERS):
        for i in range(N_ITEMS):
            for k in range(N_MASKS):
                for r in range(rank):
                    left, right = (
                        math.cos((k + 1) / N_MASKS * r - rank / 2 * side[n][k]) / N_MASKS
                        for side, n in zip(shifts, (u, i), strict=True)
                    )
                    scores[u, i] = scores[u, i] + left * right * network.users[u, r] * network.items[i, r]
    return scores


def test_a_score_is_the_sum_over_masks_and_dimensions(likes, generator):
    network = network_of(likes, generator)
    assert network.users.shape == (N_USERS, RANK - N_MASKS)
    found = network.scores(network.tables(), torch.arange(N_USERS))
    torch.testing.assert_close(found, explicit_scores(network, RANK - N_MASKS))


@pytest.mark.parametrize("cells_per_pair", (1000, 0), ids=("dense products", "sparse products"))
def test_the_loss_is_bpr_of_the_scores(cells_per_pair, likes, generator, monkeypatch):
    monkeypatch.setitem(pairs.CELLS_PER_PAIR, "cpu", cells_per_pair)
    network = network_of(likes, generator, l2=0.1)
    users, liked, others = triples(likes, generator)
    scores = explicit_scores(network, RANK - N_MASKS)
    expected = -torch.log(torch.sigmoid(scores[users, liked] - scores[users, others])).mean()
    vectors = network.users[users], network.items[liked], network.items[others]
    expected = expected + 0.05 * sum(part.square().sum(1) for part in vectors).mean()
    torch.testing.assert_close(network.loss(users, liked, others, generator), expected)


@pytest.mark.parametrize("cells_per_pair", (1000, 0), ids=("dense products", "sparse products"))
@pytest.mark.parametrize("shifts", SHIFTS)
def test_the_gradient_agrees_with_finite_differences(shifts, cells_per_pair, likes, generator, monkeypatch):
    monkeypatch.setitem(pairs.CELLS_PER_PAIR, "cpu", cells_per_pair)
    network, batch = network_of(likes, generator, shifts=shifts, l2=0.1), triples(likes, generator)
    network.loss(*batch, generator).backward()
    for parameter in network.parameters():
        for place in range(0, parameter.numel(), 7):
            flat, step, ends = parameter.data.view(-1), 1e-6, []
            kept = flat[place].item()
            for move in (step, -step):
                flat[place] = kept + move
                ends.append(network.loss(*batch, generator).item())
            flat[place] = kept
            slope = parameter.grad.view(-1)[place].item()
            assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(slope, abs=1e-7)


def test_zero_shifts_are_masks_whose_shifts_are_zero(likes, generator):
    learned = network_of(likes, generator, shift_spread=0.0)
    zero = network_of(likes, generator, shifts="zero", rank=RANK - N_MASKS)
    for name in ("users", "items", "biases"):
        getattr(zero, name).data = getattr(learned, name).data
    users = torch.arange(N_USERS)
    torch.testing.assert_close(zero.scores(zero.tables(), users), learned.scores(learned.tables(), users))


def test_the_constant_is_the_mean_weight(likes, generator):
    zero, constant = (network_of(likes, generator, shifts=kind) for kind in ("zero", "constant"))
    by_hand = [
        sum((math.cos((k + 1) / N_MASKS * r) / N_MASKS) ** 2 for k in range(N_MASKS)) for r in range(RANK)
    ]
    torch.testing.assert_close(zero.weights, torch.tensor(by_hand, dtype=torch.float64), rtol=1e-6, atol=1e-7)
    assert zero.weights.std() > 0.01
    torch.testing.assert_close(constant.weights, zero.weights.mean().expand(RANK))


def test_without_masks_it_is_bpr_mf_with_smaller_factors(likes, generator):
    network, batch = network_of(likes, generator, shifts="constant", l2=0.0), triples(likes, generator)
    plain = BPRMF(rank=RANK, item_bias=True, l2=0.0)._make(likes, generator).double()
    root = network.weights[0].sqrt()
    plain.users.data, plain.items.data = root * network.users.data, root * network.items.data
    plain.biases.data = network.biases.data
    users = torch.arange(N_USERS)
    torch.testing.assert_close(network.scores(network.tables(), users), plain.scores(plain.tables(), users))
    torch.testing.assert_close(network.loss(*batch, generator), plain.loss(*batch, generator))


@pytest.mark.parametrize("shifts", SHIFTS)
def test_the_budget_holds_the_shifts_and_bits_repeat(shifts):
    parts = implicit_split(load_ratings("simulated-small"), seed=0)
    settings = {"shifts": shifts, "rank": 8, "n_masks": 2, "epochs": 2, "batch_size": 512, "dtype": "float64"}
    one, again = (RankingMMF(**settings).fit(parts.train, parts.validation) for _ in range(2))
    n_users, n_items = parts.train.shape
    assert one.n_parameters_ == 8 * (n_users + n_items) + n_items
    assert (one.score_items(np.arange(n_users)) == again.score_items(np.arange(n_users))).all()


def test_shifts_are_learned_at_their_own_rate():
    parts = implicit_split(load_ratings("simulated-small"), seed=0)
    settings = {"rank": 8, "n_masks": 2, "epochs": 1, "batch_size": 4096, "dtype": "float64"}
    model = RankingMMF(learning_rate=0.02, shift_rate=0.25, **settings).fit(parts.train)
    # One batch is one step, and Adam's first step is as long as its rate.
    moved = model._network.user_shifts.detach().abs().max().item()
    assert moved == pytest.approx(0.005, rel=1e-3)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"shifts": "random"}, "learned"),
        ({"mask": "cosin"}, "cosine"),
        ({"n_masks": 8, "rank": 8}, "at most 7 masks"),
        ({"shift_rate": 0.0}, "shift_rate = 0.0"),
        ({"shift_spread": -1.0}, "shift_spread = -1.0"),
    ],
)
def test_bad_settings_are_named(settings, message, likes):
    with pytest.raises(ValueError, match=message):
        RankingMMF(**settings).fit(likes)
