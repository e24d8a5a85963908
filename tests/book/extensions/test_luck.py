from statistics import stdev
from types import SimpleNamespace

import pytest

from fourmasks.book.extensions.luck import MEASURED, rows, shown
from fourmasks.experiments.plan import AGAIN, Search
from fourmasks.lunet.ratings import plan as lunet
from fourmasks.mmf.ratings import plan as mmf
from fourmasks.pia.recommenders import plan as pia

PLANS = (mmf, pia, lunet)


def record(experiment, seed, value):
    """Return what is asked of a record."""
    parameters = {"dataset": "ml-100k", "method": "mmf-learned", "seed": seed}
    return SimpleNamespace(experiment=experiment, parameters=parameters, metrics={"test_rmse": value})


FIRST = [record("mmf/ratings", seed, value) for seed, value in enumerate((1.0, 1.2, 1.4, 9.0))]
SECOND = [record("mmf/ratings" + AGAIN, seed, value) for seed, value in enumerate((1.1, 1.3, 1.5))]


def test_both_searches_are_compared_on_the_splits_that_both_have():
    (row,) = rows([*FIRST, *SECOND])
    assert row["splits"] == 3
    assert row["first"] == pytest.approx(1.2)
    assert row["second"] == pytest.approx(1.3)
    assert row["spread"] == pytest.approx(stdev([1.0, 1.2, 1.4]))
    assert "+8.33\N{NO-BREAK SPACE}%" in shown([row])


def test_trials_and_other_experiments_do_not_count():
    trials = [record(f"mmf/ratings{again}-search", 0, 5.0) for again in ("", AGAIN)]
    others = [record("mmf/ranking", 0, 5.0), record("mmf/ratings-data", 0, 5.0)]
    assert rows([*FIRST, *SECOND, *trials, *others]) == rows([*FIRST, *SECOND])


def test_a_search_that_was_not_made_again_is_not_shown():
    assert rows(FIRST) == []
    assert "No search" in shown([])


def test_one_split_has_no_spread():
    (row,) = rows([*FIRST, SECOND[0]])
    assert (row["splits"], row["spread"]) == (1, None)
    assert "not run" in shown([row])


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.EXPERIMENT)
def test_a_search_made_again_differs_in_its_trials_alone(plan, monkeypatch):
    def searches(name):
        return [
            job for job in plan.plan(config) if isinstance(job, Search) and job.trials[0].experiment == name
        ]

    method, again = plan.REPEATED[1], f"{plan.EXPERIMENT}{AGAIN}-search"
    config = plan.Config(dataset=("simulated-small",), methods=(method,), seeds=1, trials=4)
    assert not searches(again)
    monkeypatch.setattr(plan, "REPEATED", ("simulated-small", method))
    first, second = (
        [trial.parameters for trial in searches(name)[0].trials] for name in (plan.SEARCH, again)
    )
    assert first != second
    kept = [{name: one[0][name] for name in one[0].keys() - plan.SPACES[method]} for one in (first, second)]
    assert kept[0] == kept[1]
    assert plan.EXPERIMENT in MEASURED
