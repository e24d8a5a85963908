"""Tables of the sweep, from records made by hand."""

from types import SimpleNamespace

import pytest

from fourmasks.pia.sweep import tables
from fourmasks.pia.sweep.plan import EXPERIMENT


def record(weight, patience, factor, validation, seed=0):
    parameters = {"dataset": "ml-100k", "seed": seed, "alignment_weight": weight}
    parameters |= {"alignment_patience": patience, "alignment_scale": factor}
    metrics = dict.fromkeys(("ndcg_at_100", "recall_at_20", "recall_at_50"), 0.3)
    metrics["validation_ndcg_at_100"] = validation
    return SimpleNamespace(experiment=EXPERIMENT, parameters=parameters, metrics=metrics)


@pytest.fixture
def frame():
    runs = [record(2.0, 3, 2.0, 0.4), record(2.0, 3, 2.0, 0.44, seed=1), record(2.0, 5, 2.0, 0.4)]
    # At a factor of 1 the weight stays, and one run is made for all patiences.
    return tables.runs([*runs, record(2.0, 5, 1.0, 0.38), record(0.0, 5, 2.0, 0.2)])


def test_a_grid_has_means_over_seeds_and_one_run_for_all_patiences_where_the_weight_stays(frame):
    (weight,) = found = tables.grids(frame, "ml-100k")
    assert weight == 2.0
    assert found[2.0].loc[3].tolist() == pytest.approx([0.38, 0.42])
    assert found[2.0].loc[5].tolist() == pytest.approx([0.38, 0.40])
    assert tables.grids(frame, "ml-1m") == {}


def test_flatness_says_where_the_best_is_and_how_much_is_near(frame):
    (row,) = tables.flatness(tables.grids(frame, "ml-100k")).itertuples(index=False)
    assert list(row) == [pytest.approx(0.38), pytest.approx(0.42), 3, "2", "25%"]


def test_weights_are_compared_at_the_paper_s_patience_and_factor(frame):
    found = tables.by_weight(frame, "ml-100k")
    assert found[tables.SCORE].to_dict() == pytest.approx({0.0: 0.2, 2.0: 0.4})
