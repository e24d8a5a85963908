"""The experiments: what is run with which settings, what the metrics are, and the tables made of them."""

import copy
import math

import numpy as np
import pandas as pd
import pytest
import torch

from fourmasks.baselines.ratings.averages import DampedAverages
from fourmasks.data.held_out import leave_one_out, split_per_user
from fourmasks.experiments.profiles import resolve
from fourmasks.learning.held_out_items import held_out_measures
from fourmasks.lunet.flows.flow import LUFlow
from fourmasks.lunet.models.data import load
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.rankings import plan as ranking_plan
from fourmasks.lunet.rankings import run as ranking_training
from fourmasks.lunet.rankings import tables as ranking_tables
from fourmasks.lunet.ratings import diagrams
from fourmasks.lunet.ratings import figures as rating_figures
from fourmasks.lunet.ratings import plan as rating_plan
from fourmasks.lunet.ratings import run as rating_training
from fourmasks.lunet.ratings import tables as rating_tables
from fourmasks.lunet.ratings.reconstruction import conditions, decoded, round_trip
from fourmasks.lunet.sweeps import plan as sweep_plan
from fourmasks.lunet.sweeps import tables as sweep_tables
from fourmasks.pages.figures import use_style
from fourmasks.pages.tables import plus_minus

NAME = "simulated-small"
QUICK = {"epochs": 2, "batch_size": 256, "dimension": 8, "n_layers": 2}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))


def run(module, **settings):
    return module.run(resolve(module.PROFILES, "smoke", **settings), "smoke")


def of(records, experiment):
    return [record for record in records if record.experiment == experiment]


def test_every_model_is_run_and_what_is_searched_is_searched():
    records = run(rating_plan, seeds=2, epochs=1, tuned_epochs=1)
    final = of(records, rating_plan.EXPERIMENT)
    assert {(r.parameters["method"], r.parameters["seed"]) for r in final} == {
        (method, seed) for method in rating_plan.METHODS for seed in (0, 1)
    }
    assert len(of(records, rating_plan.DATASETS)) == 1
    searched = of(records, rating_plan.SEARCH)
    assert sorted(r.parameters["method"] for r in searched) == sorted(rating_plan.SPACES)
    for record in searched:
        assert record.parameters["split_seed"] == rating_plan.SEARCH_SPLIT not in (0, 1)
        assert not any(name.startswith("test") for name in record.metrics)
    for record in final:
        own = record.parameters
        assert own["split_seed"] == own["seed"]
        assert own["validation"] == (0 if own["method"] in (*rating_plan.STATED, "averages") else 0.05)
        assert ("patience" in own) == (own["validation"] > 0)


def test_stated_runs_are_the_papers():
    config = resolve(rating_plan.PROFILES, "paper")
    for method in rating_plan.STATED:
        settings = rating_plan.stated(method, "ml-100k", config)
        paper = {"epochs": 50, "batch_size": 128, "learning_rate": 1e-3, "validation": 0.0}
        assert paper.items() <= settings.items() and "patience" not in settings
        assert settings["network"] == {"lu-net": "lu", "dense": "lu"}.get(method, method)
    default = LUNetRecommender().get_params()
    settings = rating_plan.stated("lu-net", "ml-100k", config)
    assert all(default[name] == value for name, value in settings.items() if name in default)


def test_final_runs_take_the_best_trial():
    records = run(rating_plan, methods="mlp-tuned,biased-mf", trials=3, tuned_epochs=1)
    for method in ("mlp-tuned", "biased-mf"):
        tried = [r for r in of(records, rating_plan.SEARCH) if r.parameters["method"] == method]
        assert len(tried) == 3
        best = min(tried, key=lambda r: r.metrics["validation_mse"]).parameters
        (final,) = [r for r in of(records, rating_plan.EXPERIMENT) if r.parameters["method"] == method]
        assert all(final.parameters[name] == best[name] for name in rating_plan.SPACES[method])


def test_stopped_runs_are_as_stated_but_for_the_stopping():
    config = resolve(rating_plan.PROFILES, "paper")
    for method in rating_plan.STOPPED:
        settings = rating_plan.stated(method, "ml-1m", config)
        as_stated = rating_plan.stated(method.removesuffix("-stopped"), "ml-1m", config)
        changed = {name for name in settings if settings[name] != as_stated.get(name)}
        assert changed == {"epochs", "patience", "validation"}
        assert settings["patience"] == rating_plan.PATIENCE["ml-1m"] and settings["validation"] == 0.05


def test_networks_have_equal_searches():
    for method in ("mlp-tuned", "coupling-tuned"):
        assert rating_plan.SPACES[method] == rating_plan.SPACES["lu-net-tuned"]
    assert ranking_plan.SPACES["mlp"] == ranking_plan.SPACES["factors"] == ranking_plan.SPACES["lu-net"]


def test_a_sparing_configuration_leaves_runs_out():
    jobs = rating_plan.plan(resolve(rating_plan.PROFILES, "paper"))
    counts = pd.Series([job[:2] for job in jobs]).value_counts()
    assert counts["ml-1m", "lu-net"] == counts["ml-100k", "lu-net"] == counts["ml-1m", "averages"] == 5
    for cell, most in rating_plan.FEWER.items():
        assert counts.get(cell, 0) == most
    assert len(rating_plan.plan(resolve(rating_plan.PROFILES, "paper", sparing=False))) == 2 * 5 * 13
    jobs = ranking_plan.plan(resolve(ranking_plan.PROFILES, "paper"))
    assert ("ml-100k", "lu-net", 1) in jobs and ("ml-1m", "neumf", 0) not in jobs


def test_metrics_are_those_of_the_predictions():
    outcome = rating_training.run(NAME, "lu-net", 1, 0.1, 5, decoder_epochs=1, **QUICK)
    data = split_per_user(load(NAME), 1, 0.1)
    seen = []

    def look(model):
        errors = model.predict(data.test.users, data.test.items) - data.test.values
        held_out = model.predict(data.validation.users, data.validation.items) - data.validation.values
        seen.append((np.mean(errors**2), np.mean(held_out**2)))

    model = LUNetRecommender(random_state=5, **QUICK).fit(data.train, after_epoch=look)
    found, curves = outcome["metrics"], outcome["curves"]
    np.testing.assert_allclose(np.transpose([curves["test_mse"], curves["validation_mse"]]), seen, rtol=1e-5)
    assert found["test_mse"] == curves["test_mse"][-1]
    predicted = model.predict(data.test.users, data.test.items).clip(1, 5)
    assert found["test_mse_clamped"] == pytest.approx(np.mean((predicted - data.test.values) ** 2), rel=1e-5)
    stopped = int(np.argmin([validation for _, validation in seen]))
    assert (found["stopped_epoch"], found["stopped_test_mse"]) == (stopped + 1, curves["test_mse"][stopped])
    assert curves["train_loss"] == model.loss_curve_
    assert found["test_loss_ratio"] == curves["test_loss"][-1] / curves["test_loss"][0]
    halves = np.array([curves["test_mse"], curves["test_entropy"]]) / 2
    assert curves["test_loss"] == pytest.approx(halves.sum(axis=0))
    assert found["n_parameters"] == model.n_parameters_


def test_stopping_keeps_the_epoch_that_a_run_to_the_end_would_name():
    longer = QUICK | {"epochs": 6, "learning_rate": 0.03}
    whole = rating_training.run(NAME, "x", 0, 0.1, 0, **longer)["metrics"]
    stopped = rating_training.run(NAME, "x", 0, 0.1, 0, patience=6, **longer)["metrics"]
    assert stopped["best_epoch"] == whole["stopped_epoch"]
    assert stopped["test_mse"] == pytest.approx(whole["stopped_test_mse"], rel=1e-6)
    tried = rating_training.run_trial(NAME, "x", 0, 0.1, 0, patience=6, **longer)["metrics"]
    assert tried["validation_mse"] == stopped["validation_mse"]


def test_the_same_run_gives_the_same_record_but_for_the_clock():
    first, second = (rating_training.run(NAME, "x", 0, 0.1, 3, decoder_epochs=1, **QUICK) for _ in range(2))
    for outcome in (first, second):
        for name in ("training_seconds", "step_milliseconds"):
            outcome["metrics"].pop(name)
    assert first == second


def test_rivals_are_measured_on_the_same_split():
    outcome = rating_training.run_baseline(NAME, "averages", 2, 0.0, 2, item_damping=3.0, user_damping=4.0)
    data = split_per_user(load(NAME), 2)
    model = DampedAverages(item_damping=3.0, user_damping=4.0).fit(data.train)
    errors = model.predict(data.test.users, data.test.items) - data.test.values
    assert outcome["metrics"]["test_mse"] == pytest.approx(np.mean(errors**2))
    assert "validation_mse" not in outcome["metrics"]
    again = [rating_training.run_baseline(NAME, "biased-mf", 2, 0.1, seed, rank=2, epochs=2) for seed in (0, 0, 1)]
    errors = [outcome["metrics"]["test_mse"] for outcome in again]
    assert errors[0] == errors[1] != errors[2]


@pytest.fixture(scope="module")
def flow():
    return LUFlow(4, 3, generator=torch.Generator().manual_seed(0), spread=1.0)


def test_round_trips_are_measured_in_both_precisions(flow):
    x = torch.randn(50, 4, generator=torch.Generator().manual_seed(1))
    found = round_trip(flow, x)
    back = flow.inverse(flow(x))
    assert found["reconstruction_mse_float32"] == pytest.approx((back - x).square().mean().item(), rel=0.2)
    assert found["reconstruction_mse_float64"] < 1e-12 * found["reconstruction_mse_float32"]
    ratio = found["reconstruction_mse_float32"] * x.numel() / float(x.square().sum())
    assert found["reconstruction_error_float32"] ** 2 == pytest.approx(ratio, rel=1e-4)
    assert set(round_trip(None, x).values()) == {0.0}
    assert round_trip(torch.nn.Linear(4, 4), x) == {}


def test_condition_numbers_are_the_largest_over_the_layers(flow):
    numbers = [
        [float(np.linalg.cond(part.detach().double().numpy())) for part in layer.factors()]
        for layer in flow.layers
    ]
    found = conditions(flow)
    assert [found["condition_lower"], found["condition_upper"]] == pytest.approx(np.max(numbers, axis=0))
    assert found["log10_condition"] == pytest.approx(np.log10(numbers).sum())
    assert conditions(None) == conditions(torch.nn.Linear(2, 2)) == {}


def test_decoders_recover_what_is_there_and_nothing_else():
    generator = torch.Generator().manual_seed(0)
    x, x_test = (torch.randn(n, 4, generator=generator) for n in (2000, 500))
    settings = {"n_layers": 2, "epochs": 200}

    def shares(network):
        found = decoded(network, x, x_test, generator=torch.Generator().manual_seed(1), **settings)
        assert found["decoder_mse"] == pytest.approx(found["decoder_share"] * float(x_test.var()), rel=0.1)
        return found["decoder_share"], found["affine_decoder_share"]

    mixed = torch.randn(4, 4, generator=generator)
    assert max(shares(lambda part: part @ mixed + 1)) < 1e-3
    half = torch.diag(torch.tensor([1.0, 1, 0, 0]))  # two of four coordinates are lost
    assert shares(lambda part: part @ half) == pytest.approx((0.5, 0.5), abs=0.05)
    bent, straight = shares(lambda part: torch.where(part > 0, part, 0.1 * part))
    assert bent < 0.7 * straight


def test_sweeps_change_one_choice_at_a_time():
    whole = sweep_plan.changes(sweep_plan.VARIED)
    assert whole[0] == {} and len({str(change) for change in whole}) == len(whole)
    for change in whole[1:]:
        changed = {name for name, value in change.items() if value != sweep_plan.DEFAULTS[name]}
        assert changed == set(change)
        assert len(change) == 1 or change in sweep_plan.PAIRS
    default = LUNetRecommender().get_params()
    assert all(default[name] == value for name, value in sweep_plan.DEFAULTS.items())
    records = run(sweep_plan, varied="heads,embedding_scale")
    assert [sweep_tables.change(r.parameters) for r in records] == [
        ("", ""), ("heads", "1"), ("embedding_scale", "1.0")
    ]  # fmt: skip


def test_sweep_tables_are_made_of_the_runs():
    records = run(sweep_plan, varied="gamma,network", seeds=2)
    frame = sweep_tables.runs(reversed(records))
    table = sweep_tables.table(frame, NAME)
    assert [place[1] for place in table.index] == [
        "all", "0.1", "1.0", "product, no network", "separate, no network"
    ]  # fmt: skip
    errors = frame.pivot_table(index="seed", columns=["option", "value"], values="test_mse")
    apart = errors["gamma", "0.1"] - errors["", ""]
    half = 12.7062 * abs(apart[0] - apart[1]) / 2  # Student's, of two values
    assert table.loc[("gamma", "0.1"), "difference"] == plus_minus(f"{apart.mean():+.4f}", f"{half:.4f}")
    means = errors.mean()
    values = [means["", ""], *means["gamma"]]
    extremes = sweep_tables.extremes(frame, NAME)
    assert list(extremes["apart"]) == sorted(extremes["apart"], reverse=True)
    assert extremes.loc["gamma", "apart"] == pytest.approx(max(values) - min(values))
    clear = extremes[extremes["apart"] > extremes["± 95 %"]].index
    assert sweep_tables.sentence(frame, NAME).endswith(", ".join(clear) or "no option")
    alone = frame[frame["seed"] == 0]
    assert sweep_tables.sentence(alone, NAME) == f"{NAME}: one split, no intervals"
    assert "±" not in "".join(sweep_tables.table(alone, NAME)["difference"])
    assert sweep_tables.sentence(sweep_tables.runs([]), NAME) == f"{NAME}: no sweep is there yet"
    assert sweep_tables.table(sweep_tables.runs([]), NAME).empty
    pyplot_closed(rating_figures.sweep(frame, NAME))


def test_ranking_controls_keep_the_settings_found_for_the_network():
    records = run(ranking_plan)
    final = {r.parameters["method"]: r.parameters for r in of(records, ranking_plan.EXPERIMENT)}
    assert set(final) == set(ranking_plan.METHODS)
    assert {r.parameters["method"] for r in of(records, ranking_plan.SEARCH)} == {
        method for method, space in ranking_plan.SPACES.items() if space
    }
    for method, change in ranking_plan.CONTROLS.items():
        differ = {name for name in final["lu-net"] if final["lu-net"][name] != final[method][name]}
        assert differ == {"method", *change}
    for record in of(records, ranking_plan.SEARCH):
        assert record.parameters["split_seed"] == ranking_plan.SEARCH_SPLIT
        assert "full_hr_at_10" not in record.metrics
    frame = ranking_tables.runs(records)
    table = ranking_tables.measured(frame, NAME)
    assert list(table.index) == list(ranking_plan.METHODS)
    value = of(records, ranking_plan.EXPERIMENT)[0].metrics["full_hr_at_10"]
    assert table.loc[ranking_plan.METHODS[0], "HR@10, all items"] == f"{value:.4f}"
    assert len(ranking_tables.settings(records)) == sum(map(bool, ranking_plan.SPACES.values()))
    pyplot_closed(rating_figures.rankings(frame, [NAME]))


def test_ranking_metrics_are_those_of_the_scores():
    outcome = ranking_training.run(NAME, "x", 1, 4, candidates=20, patience=2, **QUICK)
    data = leave_one_out(load(NAME), 1, 20)
    kept = []

    def criterion(model):
        found = ranking_training.sampled(
            model.rank_pairs, data.split.validation.users, data.split.validation.items,
            data.validation_candidates,
        )  # fmt: skip
        kept.append(found["ndcg_at_10"])
        return -kept[-1]

    model = LUNetRecommender(random_state=4, patience=2, **QUICK).fit(data.split.train, criterion=criterion)
    assert outcome["metrics"]["validation_ndcg_at_10"] == max(kept)
    assert outcome["curves"]["validation_ndcg_at_10"] == kept
    for name, value in held_out_measures(model.score, data).items():
        assert outcome["metrics"][name] == value
    last = ranking_training.run(NAME, "x", 1, 4, candidates=20, **QUICK)
    assert last["metrics"]["best_epoch"] == 2


def test_reversals_are_found():
    rows = [("a", 0.5, 0.1), ("a", 0.7, 0.3), ("b", 0.5, 0.25), ("c", 0.1, 0.05)]
    frame = pd.DataFrame(rows, columns=["method", "sampled_hr_at_10", "full_hr_at_10"]).assign(dataset="x")
    # 0.6 and 0.2 against 0.5 and 0.25: of 1,000 users the standard errors are 0.022 and 0.019.
    assert ranking_tables.reversals(frame, "x", 1000) == [("a", "b", True)]
    assert ranking_tables.reversals(frame, "x", 100) == [("a", "b", False)]
    said = ranking_tables.sentence(frame, "x", 1000)
    assert "1 of 3 pairs" in said and said.endswith("a over b")
    assert ranking_tables.sentence(frame, "x", 100).endswith("none")
    assert ranking_tables.sentence(frame, "y", 100) == "y: fewer than two methods are there yet"


def test_rankings_are_compared_on_the_same_seeds():
    rows = [("lu-net", 0, 0.05), ("lu-net", 1, 0.07), ("ease", 0, 0.08), ("ease", 1, 0.09), ("mlp", 1, 0.01)]
    frame = pd.DataFrame(rows, columns=["method", "seed", "full_ndcg_at_10"]).assign(dataset="x")
    found = ranking_tables.differences(frame).set_index("rival")
    assert found["difference"].to_dict() == pytest.approx({"mlp": 0.06, "ease": -0.025})
    assert found["splits"].to_dict() == {"mlp": 1, "ease": 2}


def pyplot_closed(figure):
    from matplotlib import pyplot

    figure.canvas.draw()
    pyplot.close(figure)


def hand_made(method, errors, curves=None, dataset="ml-100k"):
    """Records of final runs by seed, made by hand."""
    from types import SimpleNamespace

    return [
        SimpleNamespace(
            experiment=rating_plan.EXPERIMENT,
            parameters={"dataset": dataset, "method": method, "split_seed": seed, "seed": seed},
            metrics={"test_mse": error},
            curves=copy.deepcopy(curves or {}),
        )
        for seed, error in enumerate(errors)
    ]


def test_tables_of_ratings_against_numbers_by_hand():
    falling = {name: [1.0, 0.9, 0.7] for name in ("train_mse", "test_mse", "train_loss", "test_loss")}
    records = [
        *hand_made("averages", [0.8, 0.95]),
        *hand_made("lu-net", [0.7, 0.9], falling),
        *hand_made("mlp", [0.6]),
    ]
    frame = rating_tables.runs(records)
    assert list(frame["method"]) == ["lu-net", "lu-net", "mlp", "averages", "averages"]
    table = rating_tables.errors(frame, {("ml-100k", "mlp"): 0.92}, ["ml-100k"])
    assert table["ml-100k", "ours"].tolist() == [
        plus_minus("0.8000", "0.1414"), "0.6000", plus_minus("0.8750", "0.1061"),
    ]  # fmt: skip
    assert table["ml-100k", "paper"].tolist() == ["–", "0.9200", "–"]
    found = rating_tables.differences(frame).set_index("rival")
    assert found.loc["averages", "difference"] == pytest.approx(-0.075)
    # Student's interval of two values: 12.706 times the standard error.
    assert found.loc["averages", "half"] == pytest.approx(12.7062 * 0.05 / 2, rel=1e-4)
    assert found.loc["mlp", "splits"] == 1 and math.isnan(found.loc["mlp", "half"])
    assert "no difference beyond" in rating_tables.sentence(frame, "ml-100k", "lu-net", "averages")
    assert "one split, no interval" in rating_tables.sentence(frame, "ml-100k", "lu-net", "mlp")
    assert "are there yet" in rating_tables.sentence(frame, "ml-1m", "lu-net", "mlp")
    with pytest.raises(ValueError, match="two runs of dataset ml-100k, method mlp, split_seed 0, seed 0"):
        rating_tables.runs([*records, *hand_made("mlp", [0.61])])
    said = rating_tables.beside_paper(frame, "ml-100k", 0.85)
    assert "0.0250 below our averages (0.8750), 0.0500 above our lu-net (0.8000)" in said
    assert "are there yet" in rating_tables.beside_paper(frame, "ml-1m", 0.85)
    rising = {"test_mse": [0.8, 0.6, 0.9]}
    best = rating_tables.best_epochs(
        [*records, *hand_made("coupling", [0.9], rising)], "ml-100k", rating_plan.STATED
    )
    assert best.loc["coupling"].tolist() == ["0.9000", "0.6000", "2", 1]
    assert best.loc["lu-net"].tolist() == [plus_minus("0.7000", "0.0000")] * 2 + ["3", 2]
    plan = rating_tables.left_out({("x", "a"): 0, ("x", "b"): 2, ("y", "c"): 1, ("x", "d"): 5}, "x", 5)
    assert plan == "x: 5 splits; by plan fewer for a none, b 2"
    assert rating_tables.left_out({}, "x", 5) == "x: 5 splits"
    curves = rating_tables.curves(records, "ml-100k", ["lu-net", "mlp"], at=(1, 3, 9))
    assert curves.loc[("lu-net", "test_mse")].tolist() == [1.0, 0.7] and len(curves) == 4
    for share, resting in ((0.0, 0), (0.1, 1), (0.2, 2)):
        said = rating_tables.at_rest(frame, "ml-100k", "lu-net", share)
        assert said.startswith(f"ml-100k: {resting} of 2 runs")
    assert "are there yet" in rating_tables.at_rest(frame, "ml-1m")
    said = rating_tables.below_averages(records, frame, "ml-100k")
    assert said == "ml-100k: lu-net stays below the averages in 2 of 2 runs, from epoch 2 to 3 on"
    assert "are there yet" in rating_tables.below_averages(records, frame, "ml-1m")
    late = [*hand_made("averages", [0.6]), *hand_made("lu-net", [0.7], falling)]
    said = rating_tables.below_averages(late, rating_tables.runs(late), "ml-100k")
    assert said.endswith("in 0 of 1 runs")


def test_networks_that_lose_their_embeddings_are_counted():
    frame = rating_tables.runs(hand_made("lu-net", [0.7, 0.8, 0.9]))
    assert "are there yet" in rating_tables.lost(frame, "ml-100k")
    frame["reconstruction_mse_float32"] = [1e-12, 4.9e-5, 5.1e-5]
    assert "1 of 3 trained networks" in rating_tables.lost(frame, "ml-100k")
    assert "are there yet" in rating_tables.lost(frame, "ml-1m")


def test_numbers_are_written_to_two_digits():
    assert [rating_tables.scientific(x) for x in (0.0, math.nan, 1.26e-13)] == ["0", "–", "1.3e-13"]


def test_tables_without_records_are_empty():
    empty = rating_tables.runs([])
    assert rating_tables.errors(empty, {}, ["ml-100k"]).empty
    assert rating_tables.differences(empty).empty
    assert rating_tables.reconstructions(empty, "ml-100k").empty
    assert rating_tables.settings([]).empty and rating_tables.sizes([]).empty
    assert ranking_tables.measured(ranking_tables.runs([]), "ml-100k").empty


def test_tables_and_figures_of_a_run():
    records = run(rating_plan, methods="lu-net,mlp,identity,averages", epochs=3)
    frame = rating_tables.runs(records)
    table = rating_tables.reconstructions(frame, NAME)
    assert table.loc["identity", ("trained", "float32")] == "0"
    assert table.loc["mlp", ("trained", "float32")] == "–" != table.loc["mlp", ("decoder", "error")]
    assert table.loc["lu-net", ("condition", "L")] != "–"
    inverted = rating_tables.round_trips(frame)
    error = frame[frame["method"] == "lu-net"].iloc[0]["reconstruction_error_float32"]
    assert inverted.loc[(NAME, "lu-net"), ("trained", "float32")] == f"{error:.1e}"
    assert (NAME, "mlp") not in inverted.index
    counts = rating_tables.sizes(records, {(NAME, "items"): 130})
    assert counts.loc[(NAME, "items")].tolist() == ["120", "130"]
    use_style()
    for kind in rating_figures.KINDS:
        pyplot_closed(rating_figures.loss_curves(records, frame, [NAME], ["lu-net", "mlp"], kind))
    pyplot_closed(rating_figures.errors(frame, [NAME], ["lu-net", "averages"], {(NAME, "lu-net"): 0.9}))
    pyplot_closed(rating_figures.round_trips(frame))


def test_diagrams_name_what_the_text_names():
    for figure, words in (
        (diagrams.framework(), ("ratings", "users", "network", "MSE", "CE")),
        (diagrams.architecture(2), ("$L$", "$U$", "layer 2", "phi", "read-out")),
    ):
        texts = " ".join(text.get_text() for text in figure.axes[0].texts)
        assert all(word in texts for word in words)
        assert "layer 3" not in texts
        pyplot_closed(figure)


@pytest.mark.parametrize(
    ("module", "settings", "message"),
    [
        (rating_plan, {"dataset": "ml-100"}, "ml-100k"),
        (rating_plan, {"methods": "lunet"}, "lu-net"),
        (rating_plan, {"seeds": 0}, "seeds = 0"),
        (rating_plan, {"validation": 1.0}, "validation = 1.0"),
        (rating_plan, {"trials": -1}, "trials = -1"),
        (sweep_plan, {"varied": "rank"}, "unknown varied"),
        (sweep_plan, {"epochs": 0}, "epochs = 0"),
        (ranking_plan, {"candidates": 0}, "candidates = 0"),
    ],
)
def test_bad_settings_are_named(module, settings, message):
    with pytest.raises(ValueError, match=message):
        run(module, **settings)
