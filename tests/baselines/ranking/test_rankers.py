"""What all rankers share, and the losses and scores of BPR-MF and NeuMF."""

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError

from fourmasks.baselines.ranking.catalogue import MODELS
from fourmasks.baselines.ranking.fitting import half_squares
from fourmasks.data.ratings import load_ratings
from fourmasks.data.splits import implicit_split
from fourmasks.learning.ranking import FullRanking, pair_matrix

QUICK = {"rank": 8, "epochs": 3, "batch_size": 512, "dtype": "float64", "learning_rate": 0.02}


@pytest.fixture(scope="module")
def parts():
    return implicit_split(load_ratings("simulated-small"), seed=0)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def network_of(method, likes, generator, **settings):
    return MODELS[method](rank=8, **settings)._make(likes, generator).double().train()


def batch(likes, generator, n=40):
    """Return triples with users and items that occur more than once."""
    places = torch.randint(len(likes), (n,), generator=generator)
    users, liked = torch.as_tensor(likes.users)[places], torch.as_tensor(likes.items)[places]
    return users, liked, torch.randint(likes.shape[1], (n,), generator=generator)


@pytest.mark.parametrize("method", MODELS)
def test_every_ranker_learns_and_gives_the_same_bits_again(method, parts):
    one, again = (MODELS[method](**QUICK).fit(parts.train, parts.validation) for _ in range(2))
    users = np.arange(parts.train.shape[0])
    assert (one.score_items(users) == again.score_items(users)).all()
    assert one.validation_curve_ == again.validation_curve_
    other = MODELS[method](**QUICK, random_state=1).fit(parts.train, parts.validation)
    assert (one.score_items(users) != other.score_items(users)).any()


@pytest.mark.parametrize("method", ("bprmf", "lightgcn", "sgl"))
def test_a_fit_ranks_far_better_than_its_start(method, parts):
    ranking = FullRanking(parts.test, parts.train, parts.validation)
    short, long = (
        MODELS[method](**QUICK | {"epochs": n, "learning_rate": rate}).fit(parts.train)
        for n, rate in ((1, 1e-9), (10, 0.1))
    )
    before, after = (ranking.measure(m.score_items, (10,))["ndcg_at_10"].mean() for m in (short, long))
    assert after > 2 * before


def test_the_best_epoch_is_kept_and_training_stops(parts):
    model = MODELS["bprmf"](**QUICK | {"epochs": 60, "patience": 2, "learning_rate": 0.1, "l2": 0.0})
    model.fit(parts.train, parts.validation)
    curve = model.validation_curve_
    assert model.best_epoch_ == 1 + curve.index(max(curve))
    assert len(curve) == model.best_epoch_ + 2
    found = FullRanking(parts.validation, parts.train).measure(model.score_items, (10,))["ndcg_at_10"].mean()
    assert found == max(curve)


@pytest.mark.parametrize("method", MODELS)
def test_numbers_learned_are_those_of_the_vectors_and_little_more(method, parts):
    n = MODELS[method](**QUICK | {"epochs": 1}).fit(parts.train).n_parameters_
    extra = {"neumf": 8 * 4 + 4 + 4 * 2 + 2 + 2 * 1 + 1 + (4 + 1) + 1, "ngcf": 2 * (2 * 64 + 8)}
    assert n == 8 * sum(parts.train.shape) + extra.get(method, 0)


def test_recommendations_are_the_best_of_the_items_that_are_not_known(parts):
    model = MODELS["bprmf"](**QUICK).fit(parts.train)
    users = np.array([5, 0, 5])
    best = model.recommend(users, n=4)
    known = pair_matrix(parts.train).toarray()[users]
    scores = np.where(known, -np.inf, model.score_items(users))
    assert (best == np.argsort(-scores, axis=1)[:, :4]).all()


def test_the_gradient_of_bpr_agrees_with_finite_differences(likes, generator):
    network, triples = network_of("bprmf", likes, generator, item_bias=True, l2=0.1), batch(likes, generator)
    network.loss(*triples, generator).backward()
    for parameter in network.parameters():
        for place in range(0, parameter.numel(), 5):
            flat, step = parameter.data.view(-1), 1e-6
            kept = flat[place].item()
            ends = []
            for move in (step, -step):
                flat[place] = kept + move
                ends.append(network.loss(*triples, generator).item())
            flat[place] = kept
            slope = parameter.grad.view(-1)[place].item()
            assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(slope, abs=1e-8)


def test_the_loss_of_bpr_is_the_paper_s_one(likes, generator):
    network, triples = network_of("bprmf", likes, generator, l2=0.1), batch(likes, generator)
    expected = 0.0
    for u, i, j in zip(*triples, strict=True):
        user, liked, other = network.users[u], network.items[i], network.items[j]
        expected -= torch.log(torch.sigmoid(user @ liked - user @ other))
        expected += 0.05 * (user @ user + liked @ liked + other @ other)
    torch.testing.assert_close(network.loss(*triples, generator), expected / len(triples[0]))


def test_neumf_scores_all_items_as_it_scores_pairs(likes, generator):
    network = network_of("neumf", likes, generator, factor_scale=1.0)
    users = torch.tensor([3, 0, 11])
    found = network.eval().scores(network.tables(), users)
    rows, columns = torch.cartesian_prod(users, torch.arange(15)).T
    one_by_one = network._pairs(network.users[rows], network.items[columns], generator)
    torch.testing.assert_close(found.flatten(), one_by_one)


def test_neumf_is_a_product_beside_three_layers(likes, generator):
    network = network_of("neumf", likes, generator, factor_scale=1.0, l2=0.1)
    u, v = network.users[[2]], network.items[[7]]
    hidden = torch.cat((u[:, 4:], v[:, 4:]), 1)
    for weight, bias in zip(network.weights, network.biases, strict=True):
        hidden = torch.relu(hidden @ weight + bias)
    both = torch.cat((u[:, :4] * v[:, :4], hidden), 1)
    torch.testing.assert_close(network._pairs(u, v, generator), (both @ network.output)[:, 0] + network.bias)
    triples = batch(likes, generator)
    users, liked, others = triples
    pairs = [network._pairs(network.users[users], network.items[i], generator) for i in (liked, others)]
    entropy = -torch.log(torch.sigmoid(pairs[0])).mean() - torch.log(1 - torch.sigmoid(pairs[1])).mean()
    vectors = network.users[users], network.items[liked], network.items[others]
    torch.testing.assert_close(network.loss(*triples, generator), entropy + 0.1 * half_squares(*vectors))


def test_what_cannot_be_fitted_or_scored_is_refused(parts):
    for settings, message in (
        ({"rank": 0}, "rank = 0"),
        ({"learning_rate": -1.0}, "learning_rate = -1.0"),
        ({"l2": float("nan")}, "l2 = nan"),
        ({"dtype": "float16"}, "dtype"),
        ({"patience": 1.5}, "patience = 1.5"),
        ({"dropout": 1.0}, "dropout = 1.0"),
        ({"rank": 12}, "multiple of 8"),
    ):
        with pytest.raises(ValueError, match=message):
            MODELS["neumf"](**settings).fit(parts.train)
    model = MODELS["bprmf"](**QUICK)
    with pytest.raises(NotFittedError):
        model.score_items([0])
    model.fit(parts.train)
    with pytest.raises(ValueError, match="expected 0 to 149"):
        model.score_items([150])
    with pytest.raises(ValueError, match="users have dtype float64: expected integers"):
        model.recommend([0.5])
    with pytest.raises(ValueError, match="n = 121: expected an integer from 1 to 120"):
        model.recommend([0], 121)
    with pytest.raises(ValueError, match="validation has shape .*: expected that of train"):
        model.fit(parts.train, load_ratings("simulated"))
