"""The recommender experiment: search, final runs, and what a record holds."""

import math

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import BaseEstimator

from fourmasks.baselines.top_n.catalogue import MODELS
from fourmasks.experiments.profiles import resolve
from fourmasks.experiments.search import draw_settings
from fourmasks.learning.held_out_users import measure, measured_users
from fourmasks.pia.models.multi_vae import MultiVAE
from fourmasks.pia.recommenders import plan
from fourmasks.pia.recommenders import run as training

NAME = "simulated-small"
SMALL = {"hidden": 12, "latent": 4, "batch_size": 50, "epochs": 2, "dtype": "float64"}
MEASURES = ("recall_at_20", "recall_at_50", "ndcg_at_100")
FEW = "popularity,ease,multi-vae-clean,multi-vae,multi-vae+pia,multi-vae+zero,rec-vae+pia"

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))


def run(**settings):
    return plan.run(resolve(plan.PROFILES, "smoke", **settings), "smoke")


def of(records, experiment):
    return [record for record in records if record.experiment == experiment]


def test_every_method_is_searched_alike_and_trained_once_per_split():
    records = run(methods=FEW, seeds=2, trials=2)
    methods = FEW.split(",")
    final = of(records, plan.EXPERIMENT)
    assert sorted((r.parameters["method"], r.parameters["split_seed"]) for r in final) == sorted(
        (method, seed) for method in methods for seed in (0, 1)
    )
    searched = of(records, plan.SEARCH)
    names = [r.parameters["method"] for r in searched]
    tuned = [method for method in methods if plan.SPACES.get(method)]
    assert {name: names.count(name) for name in names} == dict.fromkeys(tuned, 2)
    assert len(of(records, plan.DATASETS)) == 1
    assert len(records) == len(final) + len(searched) + 1
    for record in searched:
        assert not set(MEASURES) & set(record.metrics)
        assert record.parameters["split_seed"] == plan.SEARCH_SPLIT not in (0, 1)


def test_the_search_does_not_see_the_test_users(monkeypatch):
    data = training.parts(NAME, plan.SEARCH_SPLIT)
    seen = []

    def watched(score, shown, targets, **settings):
        seen.append((shown, targets))
        return measure(score, shown, targets, **settings)

    monkeypatch.setattr(training, "measure", watched)
    training.run_trial(NAME, "multi-vae", plan.SEARCH_SPLIT, 0, **SMALL)
    assert seen and all(pair == (data.validation_in, data.validation_out) for pair in seen)


def test_a_second_call_trains_nothing(monkeypatch):
    first = run(methods="ease,multi-vae+pia")

    def refuse(*_, **__):
        raise AssertionError("trained again")

    monkeypatch.setattr(training, "_fit", refuse)
    assert run(methods="ease,multi-vae+pia") == first
    with pytest.raises(AssertionError, match="trained again"):
        run(methods="ease,multi-vae+pia", seeds=2)


def test_final_runs_take_the_best_trial_and_setting_1_changes_the_mask_alone():
    records = run(methods="multi-vae,multi-vae-clean,multi-vae+frozen", trials=3)
    final = {r.parameters["method"]: r.parameters for r in of(records, plan.EXPERIMENT)}
    for method in ("multi-vae", "multi-vae+frozen"):
        tried = [r for r in of(records, plan.SEARCH) if r.parameters["method"] == method]
        best = max(tried, key=lambda r: r.metrics["validation_ndcg_at_100"]).parameters
        for name in plan.SPACES[method]:
            assert final[method][name] == best[name]
    plain, clean = final["multi-vae"], final["multi-vae-clean"]
    assert {name for name in plain if plain[name] != clean[name]} == {"method", "dropout"}
    assert clean["dropout"] == 0
    assert final["multi-vae+frozen"]["alignment"] == "frozen"


def test_arms_of_a_model_differ_in_nothing_that_both_have():
    for method in plan.FIXED:
        plain = plan.model_of(method)
        assert plan.SPACES[plain].items() <= plan.SPACES[method].items()
        for mine, other in zip(plan.draw(method, 12), plan.draw(plain, 12), strict=True):
            assert other.items() <= mine.items()
        config = resolve(plan.PROFILES, "paper")
        assert plan.common(method, "ml-1m", config) == plan.common(plain, "ml-1m", config)
    pulled = [name for name in plan.FIXED if plan.FIXED[name].get("alignment")]
    for method in pulled:
        pia = f"{plan.model_of(method)}+pia"
        without = {"anchor_scale"} if plan.FIXED[method]["alignment"] == "zero" else set()
        assert plan.SPACES[pia].keys() - plan.SPACES[method].keys() == without
        apart = {name for name, value in plan.FIXED[pia].items() if plan.FIXED[method][name] != value}
        assert apart == ({"alignment"} if method != pia else set())


def test_trials_of_an_arm_are_different():
    for method in plan.FIXED:
        drawn = plan.draw(method, 12)
        assert len({str(trial) for trial in drawn}) == 12
        assert drawn[:6] == plan.draw(method, 6)


@pytest.mark.parametrize("method", plan.SPACES)
def test_trials_are_different_and_cover_each_option(method):
    space = plan.SPACES[method]
    if not space:
        assert draw_settings(space, 4) == []
        return
    size = math.prod(len(values) for values in space.values())
    assert len({str(trial) for trial in draw_settings(space, size + 5)}) == size
    longest = max(len(values) for values in space.values())
    few = draw_settings(space, longest)
    assert few == draw_settings(space, longest + 3)[:longest]
    for name, values in space.items():
        assert {trial[name] for trial in few} == set(values)


@pytest.mark.parametrize(
    ("method", "anchors"),
    [("multi-vae", 0), ("multi-vae+zero", 0), ("multi-vae+frozen", 0), ("multi-vae+pia", 1),
     ("multi-vae+shuffled", 1), ("rec-vae", 0), ("rec-vae+pia", 1)],
)  # fmt: skip
def test_methods_learn_anchors_where_they_should(method, anchors):
    settings = plan.FIXED[method]
    items = training.parts(NAME, 0).train.shape[1]
    found = training.run_trial(NAME, method, 0, 0, **SMALL | {"epochs": 1}, **settings)
    base = training.run_trial(NAME, method.split("+")[0], 0, 0, **SMALL | {"epochs": 1})
    grown = found["metrics"]["n_parameters"] - base["metrics"]["n_parameters"]
    assert grown == anchors * items * SMALL["latent"]


def test_an_epoch_of_recvae_counts_twice():
    config = resolve(plan.PROFILES, "paper")
    multi, rec = (plan.common(method, "ml-1m", config) for method in ("multi-vae", "rec-vae"))
    assert multi["epochs"] == 2 * rec["epochs"]
    assert (multi["patience"], rec["patience"]) == (5, 3)
    # Algorithm 1 must get to raise its weight before training stops.
    for method, own in (("multi-vae+pia", multi), ("rec-vae+pia", rec)):
        assert plan.FIXED[method]["alignment_patience"] < own["patience"]


def test_large_data_have_the_papers_batches_and_epochs():
    scale = resolve(plan.PROFILES, "paper").scale("ml-20m", "multi-vae")
    assert (scale.batch_size, scale.epochs, scale.learning_rate) == (500, 200, 1e-3)
    wanted = resolve(plan.PROFILES, "paper", epochs=7, trials=2)
    assert {wanted.scale("ml-1m", method).epochs for method in ("multi-vae", "ease")} == {7}


@pytest.mark.parametrize("method", MODELS)
def test_a_baseline_gets_what_it_takes(method):
    given = plan.common(method, NAME, resolve(plan.PROFILES, "book"))
    takes = MODELS[method]().get_params()
    assert set(given) <= set(takes)
    assert {"dtype", "epochs", "batch_size", "patience"} & set(takes) <= set(given)


def test_metrics_are_those_of_the_rankings():
    outcome = training.run(NAME, "multi-vae", 3, 5, **SMALL)
    data = training.parts(NAME, 3)
    model = MultiVAE(random_state=5, **SMALL).fit(data.train, (data.validation_in, data.validation_out))
    by_user = measure(model.predict, data.test_in, data.test_out)
    for name in MEASURES:
        assert outcome["metrics"][name] == by_user[name].mean()
    assert outcome["metrics"]["validation_ndcg_at_100"] == pytest.approx(max(model.validation_curve_))
    assert outcome["curves"]["validation_ndcg_at_100"] == model.validation_curve_
    assert outcome["metrics"]["best_epoch"] == model.best_epoch_
    # Groups, one user at a time.
    items = (data.test_in + data.test_out).tocsr()
    groups = {}
    for place, user in enumerate(measured_users(data.test_out)):
        n = items[[user]].nnz
        group = next(g for g, (least, most) in training.GROUPS.items() if least <= n <= most)
        groups.setdefault(group, []).append(by_user["ndcg_at_100"][place])
    for group, values in groups.items():
        assert outcome["metrics"][f"ndcg_at_100_of_{group}"] == pytest.approx(np.mean(values))
        assert outcome["metrics"][f"users_of_{group}"] == len(values)
        assert outcome["curves"][f"ndcg_at_100_of_{group}"] == pytest.approx(values, abs=5e-5)
    assert sum(map(len, groups.values())) == outcome["metrics"]["users"]
    assert len(groups) > 1


def test_groups_are_those_of_the_paper_and_leave_nobody_out():
    n_items = np.arange(5, 140)
    found = training.group_means({"recall_at_20": n_items.astype(float)}, n_items)
    sizes = [found[f"users_of_{group}"] for group in training.GROUPS]
    assert sizes == [6, 40, 50, 39]
    assert found["recall_at_20_of_51_to_100"] == np.arange(51, 101).mean()
    assert "users_of_over_100" not in training.group_means({}, n_items[:50])


def test_of_many_users_the_same_are_kept_for_all_methods(monkeypatch):
    monkeypatch.setattr(training, "KEPT_USERS", 30)
    rng = np.random.default_rng(0)
    n_items = rng.integers(5, 130, 200)
    labels = np.arange(200) / 1000  # tell who is who
    kept = training.user_values(labels, n_items, split_seed=4)
    assert kept == training.user_values(labels, n_items, split_seed=4)
    assert sum(map(len, kept.values())) == 30
    assert kept != training.user_values(labels, n_items, split_seed=5)
    for group, values in kept.items():
        least, most = training.GROUPS[group.removeprefix("ndcg_at_100_of_")]
        counts = n_items[np.round(np.array(values) * 1000).astype(int)]
        assert np.all((least <= counts) & (counts <= most))


def test_the_same_seed_gives_the_same_bits():
    first, second = (training.run(NAME, "multi-vae+pia", 0, 7, alignment="items", **SMALL)
                     for _ in range(2))  # fmt: skip
    for outcome in (first, second):
        outcome["metrics"].pop("training_seconds")
    assert first == second
    other = training.run(NAME, "multi-vae+pia", 0, 8, alignment="items", **SMALL)
    assert other["metrics"]["ndcg_at_100"] != first["metrics"]["ndcg_at_100"]


class Alphabetical(BaseEstimator):
    """Ranks items by their number: no seed, no epochs, no device."""

    def __init__(self, factor=1.0):
        self.factor = factor

    def fit(self, train, validation=None):
        assert scipy.sparse.issparse(train) and len(validation) == 2
        self.scores_ = -self.factor * np.arange(train.shape[1])
        return self

    def predict(self, matrix):
        return np.tile(self.scores_, (matrix.shape[0], 1))


def test_a_baseline_without_seed_and_epochs_is_measured_alike(monkeypatch):
    monkeypatch.setitem(MODELS, "alphabetical", Alphabetical)
    outcome = training.run(NAME, "alphabetical", split_seed=0, seed=0, factor=2.0)
    data = training.parts(NAME, 0)
    by_user = measure(lambda rows: np.tile(-np.arange(rows.shape[1]) * 1.0, (rows.shape[0], 1)), data.test_in,
                      data.test_out)  # fmt: skip
    assert outcome["metrics"]["ndcg_at_100"] == by_user["ndcg_at_100"].mean()
    assert "epochs" not in outcome["metrics"] and "validation_ndcg_at_100" not in outcome["curves"]
    tried = training.run_trial(NAME, "alphabetical", split_seed=0, seed=0)
    assert set(tried["metrics"]) == {"validation_ndcg_at_100", "training_seconds"}


def test_a_file_whose_users_have_too_few_items_is_refused_before_any_training(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("user,item\n" + "".join(f"u{user},i{user % 2}\n" for user in range(10)))
    config = resolve(plan.PROFILES, "smoke", dataset=f"{path}?least_items=1")
    message = "a.csv: too few items of each of the 1 users in the validation of seed 0 .*: 1, expected 5"
    with pytest.raises(ValueError, match=message):
        list(plan.plan(config))
