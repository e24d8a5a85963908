"""How the time of a training grows: what is drawn, what is timed, and what a plan asks for."""

import numpy as np
import pytest

from fourmasks.four.growth import plan
from fourmasks.four.growth.data import drawn, stars
from fourmasks.four.growth.run import SETTINGS, run_size


@pytest.mark.parametrize(("users", "items", "n"), [(30, 20, 60), (200, 50, 4_000), (50, 200, 4_000)])
def test_so_many_different_pairs_are_drawn(users, items, n):
    matrix = drawn(users, items, n, 1)
    assert matrix.shape[1] == items and matrix.shape[0] <= users
    assert matrix.nnz == n and set(matrix.data.tolist()) == {1.0}
    assert (drawn(users, items, n, 1) != matrix).nnz == 0
    assert (drawn(users, items, n, 2)[: matrix.shape[0]].nnz) > 0
    ratings = stars(matrix, 1)
    assert len(ratings) == n and set(np.unique(ratings.values)) <= {1, 2, 3, 4, 5}


def test_few_items_have_many_users():
    counts = np.sort(np.bincount(drawn(1_000, 300, 20_000, 0).indices, minlength=300))
    assert counts[-30:].sum() > 0.35 * counts.sum()  # a tenth of the items


def test_more_pairs_than_there_is_room_for_are_refused():
    with pytest.raises(ValueError, match="n = 60: expected at most half of 10 x 10 pairs"):
        drawn(10, 10, 60, 0)


@pytest.mark.parametrize("method", SETTINGS)
def test_each_model_is_timed(method):
    if method == "surprise-svd":
        pytest.importorskip("surprise")
    found = run_size(method, 60, 30, 400, 0)["metrics"]
    assert len(found.keys() & {"epoch_seconds", "training_seconds"}) == 1


def test_one_size_doubles_and_the_others_stay():
    config = plan.PROFILES["paper"]
    runs = list(plan.plan(config))
    assert all(run.alone for run in runs)
    for axis in plan.AXES:
        others = dict(zip(plan.AXES, config.others, strict=True))
        sizes = sorted({
            run.parameters[axis]
            for run in runs
            if all(run.parameters[name] == others[name] for name in plan.AXES if name != axis)
        } - {others[axis]})  # fmt: skip
        assert sizes[-1] / sizes[0] >= 64
    for run in runs:
        users, items, n = (run.parameters[name] for name in plan.AXES)
        assert 2 * n <= users * items
    with pytest.raises(ValueError, match=r"least = \(1, 2\): expected three numbers, of users, items"):
        plan.Config(least=(1, 2))
