"""The sweep over PIA's weight and its growth: which runs."""

import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.pia.recommenders import run as recommender_training
from fourmasks.pia.sweep import plan

NAME = "simulated-small"

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))


def run(**settings):
    return plan.run(resolve(plan.PROFILES, "smoke", hidden=12, latent=4, **settings), "smoke")


def test_the_paper_profile_has_the_papers_grids_without_what_repeats():
    config = plan.PROFILES["paper"]
    points = plan.points(config)
    assert len(points) == len(set(points))
    for weight in (2.0, 4.0, 8.0):  # Figures 3, 4 and 5
        mine = {(patience, scale) for w, patience, scale in points if w == weight}
        assert mine == {(p, s) for p in (3, 5, 7, 10, 15) for s in (1.5, 2.0, 2.5, 3.0)} | {(5, 1.0)}
    line = {weight for weight, patience, scale in points if (patience, scale) == (5, 2.0)}
    assert {0.0, 1.0, 2.0, 4.0, 8.0} <= line  # Figure 6
    assert config.patience > max(config.patiences)  # or no weight could grow before training stops


def test_each_point_is_trained_once_per_seed(monkeypatch):
    records = run(seeds=2)
    found = sorted((r.parameters["seed"], *(r.parameters[name] for name in plan.AXES)) for r in records)
    expected = plan.points(resolve(plan.PROFILES, "smoke"))
    assert found == sorted((seed, *point) for point in expected for seed in (0, 1))
    assert {r.parameters["alignment"] for r in records} == {"items"}

    def refuse(*_, **__):
        raise AssertionError("trained again")

    monkeypatch.setattr(recommender_training, "_fit", refuse)
    assert run(seeds=2) == records


def test_without_weight_there_is_no_pull():
    (record,) = [r for r in run() if r.parameters["alignment_weight"] == 0]
    names = (
        "hidden",
        "latent",
        "patience",
        "dtype",
        "batch_size",
        "epochs",
        "learning_rate",
        "anneal_epochs",
    )
    settings = {name: record.parameters[name] for name in names}
    plain = recommender_training.run(NAME, "multi-vae", 0, 0, **settings)
    assert record.metrics["ndcg_at_100"] == plain["metrics"]["ndcg_at_100"]
    assert record.metrics["validation_ndcg_at_100"] == plain["metrics"]["validation_ndcg_at_100"]
