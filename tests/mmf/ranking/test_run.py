"""One training run on likes, and that all of a plan is made and found again."""

import pytest

from fourmasks.baselines.ranking.catalogue import MODELS
from fourmasks.experiments.profiles import resolve
from fourmasks.learning.ranking import FullRanking
from fourmasks.mmf.models.ranking_mmf import RankingMMF
from fourmasks.mmf.ranking import plan
from fourmasks.mmf.ranking import run as training

pytestmark = pytest.mark.usefixtures("one_thread")
METRICS = {"recall_at_10", "ndcg_at_10", "recall_at_20", "ndcg_at_20"}
SMALL = {"rank": 8, "epochs": 2, "n_masks": 2, "batch_size": 512}


def test_metrics_are_those_of_the_rankings():
    outcome = training.run("simulated-small", "mmf", 4.0, 3, 5, **SMALL)
    data = training.parts("simulated-small", 4.0, 3)
    assert data.train.values.min() >= 4
    model = RankingMMF(random_state=5, **SMALL).fit(data.train, data.validation)
    measures = FullRanking(data.test, data.train, data.validation).measure(model.score_items)
    for name in METRICS:
        assert outcome["metrics"][name] == measures[name].mean()
    assert outcome["metrics"]["validation_ndcg_at_10"] == max(model.validation_curve_)
    assert outcome["curves"]["validation_ndcg_at_10"] == model.validation_curve_


def test_a_trial_sees_no_test_like():
    found = training.run_trial("simulated-small", "mmf", 4.0, 3, 5, **SMALL)["metrics"]
    assert "validation_ndcg_at_10" in found and not METRICS & set(found)


def test_every_method_has_what_it_fits():
    assert sorted([*training.OURS, *MODELS]) == sorted(plan.METHODS)


def test_a_second_call_trains_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    config = resolve(plan.PROFILES, "smoke", methods="mmf-unmasked,bprmf")
    first = plan.run(config, "smoke")

    def refuse(*_, **__):
        raise AssertionError("trained again")

    monkeypatch.setattr(training, "_fit", refuse)
    assert plan.run(config, "smoke") == first
    with pytest.raises(AssertionError, match="trained again"):
        plan.run(resolve(plan.PROFILES, "smoke", methods="bprmf", seeds=2), "smoke")
