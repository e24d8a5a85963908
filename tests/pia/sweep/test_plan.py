"""The sweep over PIA's weight and its growth: which runs, tables, sentences and figures."""

import pytest
from matplotlib import pyplot

from fourmasks.experiments.profiles import resolve
from fourmasks.pia.recommenders import run as recommender_training
from fourmasks.pia.sweep import figures, plan, tables

NAME = "simulated-small"

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))


def run(**settings):
    return plan.run(resolve(plan.PROFILES, "smoke", hidden=12, latent=4, **settings), "smoke")


def made(values):
    """Return a frame as `tables.runs` gives it, of (weight, patience, scale, seed, validation)."""
    import pandas as pd

    rows = [
        {"dataset": NAME, "seed": seed, "alignment_weight": weight, "alignment_patience": patience,
         "alignment_scale": scale, "validation_ndcg_at_100": value, "ndcg_at_100": value - 0.1,
         "recall_at_20": 2 * value, "recall_at_50": 1 - value, "best_epoch": 3}
        for weight, patience, scale, seed, value in values
    ]  # fmt: skip
    return pd.DataFrame(rows)


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


def test_tables_are_means_over_seeds_and_a_weight_that_stays_fills_its_column():
    frame = made(
        [(2.0, 5, 1.0, 0, 0.40), (2.0, 5, 1.0, 1, 0.42), (2.0, 5, 2.0, 0, 0.44), (2.0, 5, 2.0, 1, 0.46),
         (2.0, 3, 2.0, 0, 0.50), (2.0, 3, 2.0, 1, 0.52), (0.0, 5, 2.0, 0, 0.30), (0.0, 5, 2.0, 1, 0.34),
         (4.0, 5, 2.0, 0, 0.48), (4.0, 5, 2.0, 1, 0.50)]
    )  # fmt: skip
    table = tables.grid(frame, NAME, 2.0)
    assert table[1.0].tolist() == pytest.approx([0.41, 0.41])
    assert table[2.0].tolist() == pytest.approx([0.51, 0.45])
    assert tables.grid_weights(frame, NAME) == [2.0]
    lines = tables.by_weight(frame, NAME)
    assert lines.index.tolist() == [0.0, 2.0, 4.0]
    assert lines["validation NDCG@100"].tolist() == pytest.approx([0.32, 0.45, 0.49])
    text = tables.grid_sentence(frame, NAME, 2.0)
    assert "from 0.4100 to 0.5100, best at patience 3 and factor 2; 25 % of the grid" in text
    text = tables.weight_sentence(frame, NAME)
    assert f"varies by {100 * (0.49 / 0.45 - 1):.1f} %, best at 4" in text
    assert f"{100 * (0.49 / 0.32 - 1):+.1f} % against weight 0" in text and "+1.00" in text


def test_figures_show_the_tables():
    frame = tables.runs(run())
    figure = figures.grids(frame, NAME, [2.0])
    table = tables.grid(frame, NAME, 2.0)
    assert figure.axes[0].images[0].get_array().data == pytest.approx(table.to_numpy())
    lines = figures.weights(frame, NAME).axes[0].lines
    for line, name in zip(lines, tables.by_weight(frame, NAME), strict=True):
        values = tables.by_weight(frame, NAME)[name]
        assert line.get_ydata() == pytest.approx((values / values.max()).to_numpy())
    pyplot.close("all")


def test_tables_do_without_records():
    nothing = tables.runs([])
    assert tables.grid_weights(nothing, NAME) == []
    assert tables.by_weight(nothing, NAME).empty
    assert "fewer than two" in tables.weight_sentence(nothing, NAME)
