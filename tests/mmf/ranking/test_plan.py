"""The ranking experiment: search, final runs, tables and figures."""

import math

import pytest
from matplotlib import pyplot

from fourmasks.experiments.profiles import resolve
from fourmasks.learning.ranking import FullRanking
from fourmasks.mmf.models.ranking_mmf import RankingMMF
from fourmasks.mmf.ranking import figures, plan, tables
from fourmasks.mmf.ranking import run as training
from fourmasks.pages.tables import effort, order, plus_minus

NAME = "simulated-small"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))


def run(**settings):
    return plan.run(resolve(plan.PROFILES, "smoke", **settings), "smoke")


def of(records, experiment):
    return [record for record in records if record.experiment == experiment]


def test_every_method_is_searched_alike_and_trained_once_per_split():
    records = run(seeds=2, trials=2)
    final = of(records, plan.EXPERIMENT)
    assert sorted((r.parameters["method"], r.parameters["split_seed"]) for r in final) == sorted(
        (method, seed) for method in plan.METHODS for seed in (0, 1)
    )
    searched = of(records, plan.SEARCH)
    methods = [r.parameters["method"] for r in searched]
    assert {method: methods.count(method) for method in methods} == dict.fromkeys(plan.SPACES, 2)
    assert len(records) == len(final) + len(searched)
    for record in searched:
        assert not set(tables.METRICS) & set(record.metrics)
        assert record.parameters["split_seed"] == plan.SEARCH_SPLIT not in (0, 1)


def test_a_second_call_trains_nothing(monkeypatch):
    first = run(methods="mmf,bprmf")

    def refuse(*_, **__):
        raise AssertionError("trained again")

    monkeypatch.setattr(training, "_fit", refuse)
    assert run(methods="mmf,bprmf") == first
    with pytest.raises(AssertionError, match="trained again"):
        run(methods="mmf,bprmf", seeds=2)


def test_final_runs_take_the_best_trial_and_controls_change_one_thing():
    records = run(methods="mmf,mmf-unmasked,mmf-zero,mmf-constant", trials=3)
    final = {r.parameters["method"]: r.parameters for r in of(records, plan.EXPERIMENT)}
    for method in ("mmf", "mmf-zero"):
        tried = [r for r in of(records, plan.SEARCH) if r.parameters["method"] == method]
        best = max(tried, key=lambda r: r.metrics["validation_ndcg_at_10"]).parameters
        for name in plan.SPACES[method]:
            assert final[method][name] == best[name]
    for control, (source, changed) in plan.CONTROLS.items():
        differ = {n for n in final[source] if final[source][n] != final[control][n]}
        assert differ == set(changed) | {"method"}


@pytest.mark.parametrize("method", plan.SPACES)
def test_trials_are_different_and_cover_each_option(method):
    space = plan.SPACES[method]
    size = math.prod(len(values) for values in space.values())
    assert len({str(trial) for trial in plan.trials(method, size + 5)}) == size
    few = plan.trials(method, 3)
    assert few == plan.trials(method, 7)[:3]
    for name, values in space.items():
        assert {trial[name] for trial in few} == set(values)
    assert len(space) == 3


def test_metrics_are_those_of_the_rankings():
    settings = {"rank": 8, "epochs": 2, "n_masks": 2, "batch_size": 512}
    outcome = training.train(NAME, "mmf", 4.0, 3, 5, **settings)
    data = training.parts(NAME, 4.0, 3)
    assert data.train.values.min() >= 4
    model = RankingMMF(random_state=5, **settings).fit(data.train, data.validation)
    measures = FullRanking(data.test, data.train, data.validation).measure(model.score)
    for name in tables.METRICS:
        assert outcome["metrics"][name] == measures[name].mean()
    assert outcome["metrics"]["validation_ndcg_at_10"] == max(model.validation_curve_)
    assert outcome["curves"]["validation_ndcg_at_10"] == model.validation_curve_


def test_tables_and_sentences_are_made_of_the_runs():
    frame = tables.runs(run(methods="mmf,bprmf", seeds=2))
    assert len(frame) == 4
    values = frame.pivot_table(index="split_seed", columns="method", values="ndcg_at_10")
    difference = values["mmf"] - values["bprmf"]
    found = tables.differences(frame, NAME, ["bprmf", "sgl"]).set_index("metric")
    assert len(found) == len(tables.METRICS)
    assert found.loc["NDCG@10", "difference"] == pytest.approx(difference.mean())
    # Student's interval of two values: 12.706 times the standard error.
    half = 12.7062 * difference.std() / math.sqrt(2)
    assert found.loc["NDCG@10", "half"] == pytest.approx(half, rel=1e-4)
    table = tables.beside(frame, NAME, {("mmf", "ndcg_at_10"): 0.253}, ["mmf", "sgl"])
    assert table.loc["mmf", ("NDCG@10", "paper")] == "0.2530"
    own = values["mmf"]
    shown = plus_minus(f"{own.mean():.4f}", f"{own.std():.4f}")
    assert table.loc["mmf", ("NDCG@10", "ours")] == shown
    assert table.loc["sgl", ("NDCG@10", "ours")] == "–"
    assert f"{difference.mean():+.4f}" in tables.sentence(frame, NAME, "bprmf")
    assert "no runs" in tables.sentence(frame, NAME, "sgl")
    best = values.mean().idxmax()
    assert order(frame, NAME, ["mmf", "bprmf"], "ndcg_at_10").startswith(best)


def test_sentences_say_what_the_interval_says():
    frame = tables.runs(run(methods="mmf,bprmf", seeds=2))
    for gaps, words in (
        ((0.1, 0.1001), "better beyond"),
        ((-0.1, -0.1001), "worse beyond"),
        ((0.1, -0.1), "no difference beyond"),
    ):
        made = frame.assign(ndcg_at_10=0.5)
        for split, gap in enumerate(gaps):
            made.loc[(made["method"] == "mmf") & (made["split_seed"] == split), "ndcg_at_10"] += gap
        assert words in tables.sentence(made, NAME, "bprmf")
    one = frame[frame["split_seed"] == 0]
    assert "no interval" in tables.sentence(one, NAME, "bprmf")


def test_tables_do_without_records():
    nothing = tables.runs([])
    assert tables.differences(nothing, "ml-1m", ["bprmf"]).empty
    assert tables.settings([], "ml-1m").empty
    assert effort(nothing, "ml-1m", ["mmf"]).empty
    assert order(nothing, "ml-1m", ["mmf"], "ndcg_at_10") == ""
    table = tables.beside(nothing, "ml-1m", {}, ["mmf"])
    assert set(table.loc["mmf"]) == {"–"}


def test_figures_show_the_runs():
    frame = tables.runs(run(methods="mmf,bprmf,mmf-unmasked", seeds=2))
    figure = figures.by_split(frame, NAME, ["mmf", "bprmf"])
    lines = [line for line in figure.axes[1].lines if line.get_color() == "#BBBBBB"]
    values = frame.pivot_table(index="split_seed", columns="method", values="ndcg_at_10")
    for line, split in zip(lines, (0, 1), strict=True):
        assert line.get_ydata().tolist() == values.loc[split, ["mmf", "bprmf"]].tolist()
    found = tables.differences(frame, NAME, ["bprmf", "mmf-unmasked"])
    bars = figures.intervals(found, ("mmf-unmasked",))
    assert [label.get_text() for label in bars.axes[0].get_yticklabels()] == ["bprmf", "mmf-unmasked"]
    pyplot.close("all")


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"dataset": "ml-100"}, "ml-100k"),
        ({"methods": "mmf-learned"}, "mmf-zero"),
        ({"seeds": 0}, "seeds = 0"),
        ({"rank": 12}, "rank = 12"),
        ({"threads": -1}, "threads = -1"),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        run(**settings)
