"""What claims files give as `overlap` is the size of test over training, in the splits in use."""

import os
from functools import cache

import pytest
import yaml

from fourmasks.claims.files import DATASETS, load_claims, overlaps, papers
from fourmasks.data.held_out import leave_one_out, split_per_user
from fourmasks.data.interactions import hold_out_users, load_interactions
from fourmasks.data.ratings import load_ratings, rating_names
from fourmasks.data.splits import default_protocol, implicit_split, split
from fourmasks.four.ratings import plan as four_ratings
from fourmasks.four.ratings import shares
from fourmasks.lunet.density.run import split_points
from fourmasks.mmf.ratings import plan as mmf_ratings
from fourmasks.system.paths import data_folder

real_data = pytest.mark.skipif(not os.environ.get("FOURMASKS_DATA"), reason="FOURMASKS_DATA is not set")
ratings, interactions = cache(load_ratings), cache(load_interactions)


def parts(found):
    return len(found.test) / len(found.train)


def of_ratings(plan):
    """Return what gives the share of a data set and a seed, of splits with validation ratings."""
    validation = plan.PROFILES["paper"].validation
    return lambda dataset, seed: parts(split(ratings(dataset), default_protocol(dataset), seed, validation))


def of_held_out_users(dataset, seed):
    found = hold_out_users(interactions(dataset), seed)
    return len(found.test_users) / len(found.train_users)


def of_embeddings(dataset, seed):
    return parts(split_points(dataset, seed, 0, "items", dimension=4, epochs=1, batch_size=4096))


SHARES = {
    "mmf/ratings": of_ratings(mmf_ratings),
    "mmf/ranking": lambda dataset, seed: parts(implicit_split(ratings(dataset), seed=seed)),
    "lunet/ratings": lambda dataset, seed: parts(split_per_user(ratings(dataset), seed)),
    "lunet/sweeps": lambda dataset, seed: parts(split_per_user(ratings(dataset), seed)),
    "four/ratings": of_ratings(four_ratings),
    "four/shares": of_ratings(shares),
    "lunet/densities": of_embeddings,
    "lunet/ranking": lambda dataset, seed: parts(leave_one_out(ratings(dataset), seed).split),
    **dict.fromkeys(
        ("pia/recommenders", "pia/sweep", "pia/latent", "pia/theory", "four/rankings"), of_held_out_users
    ),
}  # fmt: skip


def experiments():
    """Return the experiments to which the files give an overlap."""
    texts = [(data_folder() / "claims" / f"{paper}.yaml").read_text(encoding="utf-8") for paper in papers()]
    return [name for text in texts for name in yaml.safe_load(text).get("overlap", {})]


OVERLAPS = {experiment: overlaps(experiment) for experiment in experiments()}
CASES = [(experiment, dataset) for experiment, found in OVERLAPS.items() for dataset in found]


def near(share):
    return pytest.approx(share, rel=0.1, abs=0.005)


def test_experiments_with_overlap_are_those_that_draw_splits():
    assert OVERLAPS.keys() == SHARES.keys()


def test_overlap_is_of_data_sets_that_there_are():
    assert {dataset for _, dataset in CASES} <= {*DATASETS, *rating_names()}


def test_an_experiment_without_an_entry_has_none():
    assert overlaps("mmf/reconstruction") == overlaps("sparse/gap") == {}


@real_data
@pytest.mark.parametrize(("experiment", "dataset"), CASES)
def test_overlap_is_that_of_the_splits(experiment, dataset):
    assert OVERLAPS[experiment][dataset] == near(SHARES[experiment](dataset, 0))


@pytest.mark.parametrize("experiment", sorted(SHARES.keys() - {"lunet/ranking"}))
@pytest.mark.parametrize("seed", [0, 1])
def test_overlap_is_that_of_splits_of_simulated_data(experiment, seed):
    """Shares hardly depend on the data; one rating of each user does, and is left out."""
    share = SHARES[experiment]("simulated", seed)
    assert all(value == near(share) for value in OVERLAPS[experiment].values())


def test_one_rating_of_each_user_is_held_out_where_rankings_are_of_the_latest():
    found = ratings("simulated")
    users, n = found.shape[0], len(found)
    assert SHARES["lunet/ranking"]("simulated", 0) == pytest.approx(users / (n - 2 * users), rel=0.02)


def test_data_with_a_published_test_set_have_no_overlap():
    for c in load_claims("mmf"):
        if set(c.dataset) & {"flixster", "douban"}:
            assert c.overlap == 0, c.id


@pytest.mark.parametrize("experiment", SHARES)
def test_every_claim_on_drawn_splits_is_corrected(experiment):
    """But for data that are not at hand, and for test sets that are published."""
    for c in load_claims(experiment.split("/")[0]):
        drawn = {name for name in c.dataset if name in ("ml-100k", "ml-1m")}
        if c.experiment == experiment and drawn and c.form != "fact":
            assert c.overlap > 0, c.id
