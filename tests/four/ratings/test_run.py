"""One run of the comparison of rating models: errors by group, shares of the training, one way to measure."""

import numpy as np
import pytest

from fourmasks.data.ratings import make_ratings
from fourmasks.data.splits import Split
from fourmasks.four.ratings import plan
from fourmasks.four.ratings.run import GROUPS, MODELS, by_group, parts, run, run_trial

PLACE = {"protocol": "per-user", "split_seed": 3, "validation": 0.1, "seed": 1}


def numbered(users, items):
    return make_ratings("toy", np.array(users), np.array(items), np.full(len(users), 3.0), (4, 60), (1, 5))


def test_errors_by_group_are_those_of_the_pairs_that_are_in_it():
    train = numbered([0] * 5 + [1] * 20 + [2] * 40, [*range(5), *range(20), *range(40)])
    test = numbered([0, 1, 1, 2, 3], [50, 51, 0, 52, 1])
    errors = np.array([1.0, 2.0, -1.0, 0.5, -3.0])
    found = by_group(errors, Split(train, train.take(np.array([], int)), test))
    assert found["ratings_of_users_0_to_10"] == 2  # users 0 and 3
    assert found["rmse_of_users_0_to_10"] == pytest.approx(np.sqrt((1 + 9) / 2))
    assert found["bias_of_users_0_to_10"] == pytest.approx(-1.0)
    assert found["rmse_of_users_11_to_30"] == pytest.approx(np.sqrt((4 + 1) / 2))
    assert found["bias_of_users_31_to_100"] == pytest.approx(0.5)
    assert "rmse_of_users_over_100" not in found
    assert found["ratings_of_items_0_to_10"] == len(test)


@pytest.mark.parametrize("method", plan.OURS)
def test_the_groups_make_up_the_whole_test(method):
    found = run("simulated-small", method, **PLACE, **plan.FIXED[method] | short(method))["metrics"]
    for what in ("users", "items"):
        counts = np.array([found.get(f"ratings_of_{what}_{group}", 0) for group in GROUPS])
        squares = np.array([found.get(f"rmse_of_{what}_{group}", 0.0) for group in GROUPS]) ** 2
        means = np.array([found.get(f"bias_of_{what}_{group}", 0.0) for group in GROUPS])
        assert (counts * squares).sum() / counts.sum() == pytest.approx(found["test_rmse"] ** 2)
        assert (counts * means).sum() / counts.sum() == pytest.approx(found["test_bias"])


def short(method):
    return {} if method == "averages" else {"epochs": 2}


def test_a_training_that_diverges_is_the_worst_trial():
    settings = PLACE | plan.FIXED["mf-tuned"] | {"epochs": 30, "learning_rate": 1e30}
    found = run_trial("simulated-small", "mf-tuned", **settings)["metrics"]
    low, high = parts("simulated-small", "per-user", 3, 0.1, 1.0).train.scale
    assert found["diverged"] == 1 and found["validation_rmse"] == high - low
    with pytest.raises(FloatingPointError, match="diverged"):
        run("simulated-small", "mf-tuned", **settings)


@pytest.mark.parametrize("method", plan.OURS)
def test_a_trial_is_the_same_fit_and_sees_no_test(method):
    settings = PLACE | plan.FIXED[method] | short(method)
    final, trial = (
        {name: value for name, value in made("simulated-small", method, **settings)["metrics"].items()}
        for made in (run, run_trial)
    )
    assert trial["validation_rmse"] == final["validation_rmse"]
    assert not any(name.startswith(("test", "rmse", "bias")) for name in trial)


def test_the_validation_error_is_measured_alike_for_all():
    """Of clamped predictions, whatever a model stops by."""
    for method in plan.OURS:
        settings = PLACE | plan.FIXED[method] | short(method)
        estimator = {"random_state": 1} if method != "averages" else {}
        data = parts("simulated-small", "per-user", 3, 0.1, 1.0)
        model = MODELS[method](**estimator, **plan.FIXED[method] | short(method)).fit(
            data.train, data.validation
        )
        held = data.validation
        predicted = model.predict(held.users, held.items).astype(float).clip(*held.scale)
        expected = np.sqrt(np.mean((predicted - held.values) ** 2))
        assert run_trial("simulated-small", method, **settings)["metrics"]["validation_rmse"] == expected


def test_a_share_of_the_training_leaves_the_test_as_it_is():
    whole, half = (parts("simulated-small", "per-user", 3, 0.1, share) for share in (1.0, 0.5))
    assert np.array_equal(whole.test.items, half.test.items)
    for part in ("train", "validation"):
        one, other = getattr(whole, part), getattr(half, part)
        assert len(other) == round(0.5 * len(one))
        pairs = set(zip(one.users.tolist(), one.items.tolist(), strict=True))
        assert set(zip(other.users.tolist(), other.items.tolist(), strict=True)) <= pairs
