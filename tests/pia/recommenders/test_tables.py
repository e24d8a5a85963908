"""Tables, sentences and figures of the recommender experiment, on records made by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot
from scipy import stats

from fourmasks.pages.tables import effort, measured, order, plus_minus
from fourmasks.pia.recommenders import figures, plan, tables, uplifts
from fourmasks.pia.recommenders.run import group_means, user_values
from fourmasks.pia.recommenders.uplifts import PIA, PLAIN, PULLS, STEPS

NAME = "ml-100k"
N_ITEMS = np.array([6, 9, 20, 30, 40, 60, 70, 120])


def run(method, split, ndcg, experiment=plan.EXPERIMENT, **parameters):
    """Return what a record of a run is to the reports: each user's NDCG, recalls beside it."""
    ndcg = np.round(np.asarray(ndcg, dtype=float), 4)
    by_user = {"recall_at_20": ndcg / 2, "recall_at_50": ndcg / 4, "ndcg_at_100": ndcg}
    fit = {"validation_ndcg_at_100": ndcg.mean(), "training_seconds": 2.0, "n_parameters": 9, "best_epoch": 4}
    outer = {"dataset": NAME, "method": method, "split_seed": split, "seed": split}
    return SimpleNamespace(
        experiment=experiment,
        parameters=outer | parameters,
        metrics=group_means(by_user, N_ITEMS) | fit,
        curves=user_values(ndcg, N_ITEMS, split),
    )


def base(split):
    return 0.3 + 0.02 * np.random.default_rng(split).random(len(N_ITEMS))


def noise(split):
    """Return small numbers, other ones for each split, of mean zero."""
    drawn = np.random.default_rng(100 + split).standard_normal(len(N_ITEMS))
    return 0.001 * (drawn - drawn.mean())


def runs_with(gains, splits=range(3)):
    """Return runs of the plain model and of others that are above it by a gain, on a few splits."""
    plain = [run(PLAIN, split, base(split)) for split in splits]
    others = [
        run(method, split, base(split) + gain + (1 + i) * noise(split))
        for i, (method, gain) in enumerate(gains.items())
        for split in splits
    ]
    return plain + others


def test_uplifts_have_the_intervals_of_student_over_splits_and_over_users():
    shifts = [0.010, 0.013, 0.022]
    records = [run(PLAIN, split, base(split)) for split in range(3)]
    records += [run(PIA, split, base(split) + shifts[split] + noise(split)) for split in range(3)]
    (row,) = uplifts.uplifts(records, NAME, [(PIA, PLAIN)]).itertuples()
    rounded = [np.round(base(split) + shifts[split] + noise(split), 4) - np.round(base(split), 4)
               for split in range(3)]  # fmt: skip
    over_splits = [part.mean() for part in rounded]
    assert row.difference == pytest.approx(np.mean(over_splits))
    low, high = stats.t.interval(0.95, 2, np.mean(over_splits), stats.sem(over_splits))
    assert row.half_seeds == pytest.approx((high - low) / 2)
    pooled = np.concatenate(rounded)
    assert row.users == len(pooled) == 24
    low, high = stats.t.interval(0.95, 23, pooled.mean(), stats.sem(pooled))
    assert row.half_users == pytest.approx((high - low) / 2)
    plain = np.concatenate([np.round(base(split), 4) for split in range(3)])
    assert row.p_users == pytest.approx(stats.ttest_rel(plain + pooled, plain).pvalue)
    assert row.base == pytest.approx(plain.mean())
    text = uplifts.shown(uplifts.uplifts(records, NAME, [(PIA, PLAIN)]))
    assert text.loc[(PIA, PLAIN), "uplift (%)"] == pytest.approx(100 * pooled.mean() / plain.mean())


def test_pairs_without_a_split_in_common_are_left_out():
    records = [run(PLAIN, 0, base(0)), run(PIA, 1, base(1))]
    assert uplifts.uplifts(records, NAME, [(PIA, PLAIN)]).empty
    assert uplifts.uplifts(records, "ml-1m", [(PIA, PLAIN)]).empty
    one = uplifts.uplifts([*records, run(PLAIN, 1, base(1) - 0.01)], NAME, [(PIA, PLAIN)])
    assert np.isnan(one["half_seeds"]).all() and one["difference"].item() == pytest.approx(0.01, abs=1e-4)
    assert "one split, no interval" in uplifts.sentences(one, NAME)[0]


def test_only_the_users_of_a_group_count_for_it():
    records = [run(PLAIN, split, base(split)) for split in range(2)]
    for split in range(2):
        records.append(run(PIA, split, base(split) + 0.05 * (N_ITEMS <= 10) + noise(split)))
    found = uplifts.group_uplifts(records, NAME, [(PIA, PLAIN)]).set_index("items")
    assert found.index.tolist() == ["5–10", "11–50", "51–100", "over 100"]
    assert found["users"].tolist() == [4, 6, 4, 2]
    assert found.loc["5–10", "difference"] == pytest.approx(0.05, abs=0.002)
    assert np.abs(found.loc[["11–50", "51–100", "over 100"], "difference"]).max() < 0.003
    everybody = uplifts.uplifts(records, NAME, [(PIA, PLAIN)])["difference"].item()
    weighted = (found["difference"] * found["users"]).sum() / found["users"].sum()
    assert everybody == pytest.approx(weighted)


@pytest.mark.parametrize(
    ("gaps", "words"),
    [
        ((0.01, 0.012, 0.011), "better beyond"),
        ((-0.01, -0.012, -0.011), "worse beyond"),
        ((0.01, -0.012, 0.001), "no difference beyond"),
    ],
)
def test_sentences_say_what_the_intervals_say(gaps, words):
    records = [run(PLAIN, split, base(split)) for split in range(3)]
    records += [run(PIA, split, base(split) + gap + noise(split)) for split, gap in enumerate(gaps)]
    (text,) = uplifts.sentences(uplifts.uplifts(records, NAME, [(PIA, PLAIN)]), NAME)
    over_splits, over_users = text.split("; ")[1:]
    assert words in over_splits and "3 splits" in over_splits and "24 users" in over_users


def test_the_centroid_matters_where_pia_is_above_every_other_pull():
    high = runs_with({PIA: 0.05} | dict.fromkeys(PULLS, 0.03))
    assert f"above all {len(PULLS)} other pulls" in uplifts.centroid(high, NAME)
    level = runs_with({PIA: 0.03} | dict.fromkeys(PULLS, 0.03))
    assert "above none" in uplifts.centroid(level, NAME)
    below = runs_with({PIA: 0.02} | dict.fromkeys(PULLS, 0.03))
    assert "above none" in uplifts.centroid(below, NAME)
    mixed = runs_with({PIA: 0.03, "multi-vae+zero": 0.0, "multi-vae+frozen": 0.03, "multi-vae+shuffled": 0.0})
    text = uplifts.centroid(mixed, NAME)
    assert "above multi-vae+zero, multi-vae+shuffled, but we cannot tell it from multi-vae+frozen" in text
    assert "not all runs" in uplifts.centroid(runs_with({PIA: 0.03}), NAME)


def test_both_intervals_must_clear_zero():
    # Users differ much, splits do not: the mean over splits alone would look certain.
    wild = np.array([1, -1] * 4) * 0.2
    records = runs_with(dict.fromkeys(PULLS, 0.0))
    records += [run(PIA, split, base(split) + 0.01 + wild) for split in range(3)]
    (row, *_) = uplifts.uplifts(records, NAME, [(PIA, PULLS[0])]).itertuples()
    assert row.difference > row.half_seeds and row.difference_users < row.half_users
    assert "above none" in uplifts.centroid(records, NAME)


def test_shares_of_the_uplift():
    records = runs_with({PIA: 0.04, "multi-vae+zero": 0.03, "multi-vae+beta": -0.01})
    text = uplifts.share_without_items(records, NAME)
    assert "pull to zero 75 %" in text and "larger beta -25 %" in text
    assert "no uplift" in uplifts.share_without_items(runs_with({PIA: -0.01}), NAME)
    assert "not there yet" in uplifts.share_without_items(runs_with({}), NAME)


def test_steps_come_in_their_order():
    found = uplifts.steps(runs_with(dict.fromkeys(reversed(STEPS), 0.01)), NAME)
    assert found["method"].tolist() == list(STEPS)
    assert set(found["rival"]) == {PLAIN}


def test_groups_are_named_only_if_both_intervals_are_without_zero():
    apart = uplifts.group_uplifts(runs_with({PIA: 0.01}), NAME, [(PIA, PLAIN)])
    assert uplifts.group_sentence(apart, NAME).count("items +0.01") >= 1
    records = [run(PLAIN, split, base(split)) for split in range(3)]
    records += [run(PIA, split, base(split) + (split - 1) / 100) for split in range(3)]
    near = uplifts.group_uplifts(records, NAME, [(PIA, PLAIN)])
    assert uplifts.group_sentence(near, NAME).endswith("none")
    assert "no runs" in uplifts.group_sentence(near[:0], NAME)


def test_runs_that_the_cap_ended_are_counted():
    records = [run(PIA, split, base(split), epochs=9, patience=2) for split in range(3)]
    records += [run("ease", 0, base(0))]
    for record, epochs in zip(records, (9, 7, 9), strict=False):
        record.metrics["epochs"] = epochs
    assert tables.capped(records, NAME).endswith(f": {PIA} 2 of 3")
    assert tables.capped(records[1:2], NAME).endswith("none")
    assert "no runs" in tables.capped([], NAME)


def test_table_1_has_the_papers_numbers_beside_ours():
    frame = tables.runs(runs_with({PIA: 0.02}))
    reported = {("ml-20m", PIA, "ndcg_at_100"): 0.437}
    table = tables.beside(frame, reported, "ml-20m", [NAME], [PIA, "ease"])
    assert table.loc[PIA, ("NDCG@100", "ml-20m (paper)")] == "0.437"
    means = frame[frame["method"] == PIA]["ndcg_at_100"]
    cell = plus_minus(f"{means.mean():.4f}", f"{means.std():.4f}")
    assert table.loc[PIA, ("NDCG@100", NAME)] == cell
    assert set(table.loc["ease"]) == {"–"}
    assert order(frame, NAME, [PLAIN, PIA], "ndcg_at_100") == f"{PIA} > {PLAIN}"


def test_table_3_has_means_over_splits_by_group():
    frame = tables.runs(runs_with({PIA: 0.02}))
    table = tables.groups(frame, NAME, [PLAIN, PIA, "ease"])
    assert table.index.tolist()[:2] == [("5–10", PLAIN), ("5–10", PIA)]
    values = [np.round(base(split), 4)[N_ITEMS <= 10].mean() for split in range(3)]
    cell = plus_minus(f"{np.mean(values):.4f}", f"{np.std(values, ddof=1):.4f}")
    assert table.loc[("5–10", PLAIN), "NDCG@100"] == cell
    assert table.loc[("5–10", PLAIN), "users"] == "2.0"


def test_the_settings_are_those_of_the_best_trial():
    space = plan.SPACES[PIA]
    records = [
        run(PIA, 100, base(0) + place / 100, plan.SEARCH, **{k: v[place] for k, v in space.items()})
        for place in (0, 2, 1)
    ]
    table = tables.settings(records, NAME)
    assert table.loc[PIA, "trials"] == 3
    assert table.loc[PIA, "settings"] == ", ".join(f"{name} {values[2]}" for name, values in space.items())


def test_tables_do_without_records():
    nothing = tables.runs([])
    assert tables.settings([], NAME).empty and tables.sizes([]).empty
    assert measured(nothing, NAME, [PIA], tables.METRICS).empty
    assert tables.groups(nothing, NAME, [PIA]).empty
    assert effort(nothing, NAME, [PIA]).empty
    assert order(nothing, NAME, [PIA], "ndcg_at_100") == ""
    assert uplifts.steps([], NAME).empty
    assert uplifts.shown(uplifts.steps([], NAME)).empty
    assert uplifts.group_uplifts([], NAME, [(PIA, PLAIN)]).empty
    assert uplifts.sentences(uplifts.steps([], NAME), NAME) == []


def test_figures_show_the_numbers():
    records = runs_with(dict.fromkeys(STEPS, 0.01))
    found = uplifts.steps(records, NAME)
    axis = figures.gains({NAME: found}).axes[0]
    labels = [label.get_text() for label in axis.get_yticklabels()]
    assert labels == list(reversed(STEPS.values()))
    points = {line.get_ydata()[0]: line.get_xdata()[0] for line in axis.lines if line.get_marker() == "o"}
    for row in found.itertuples():
        assert points[labels.index(STEPS[row.method])] == row.difference
    bars = {line.get_ydata()[0]: line.get_xdata() for line in axis.lines if line.get_linewidth() == 7}
    for row in found.itertuples():
        ends = row.difference_users - row.half_users, row.difference_users + row.half_users
        assert tuple(bars[labels.index(STEPS[row.method])]) == ends
    groups = uplifts.group_uplifts(records, NAME, [(PIA, PLAIN)])
    axis = figures.group_gains({NAME: groups}).axes[0]
    points = [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "o"]
    assert points == groups["difference"].tolist()
    frame = tables.runs(records)
    figure = figures.by_split(frame, NAME, [PLAIN, PIA])
    lines = [line for line in figure.axes[1].lines if line.get_color() == figures.GREY]
    values = frame.pivot_table(index="split_seed", columns="method", values="ndcg_at_100")
    for line, split in zip(lines, range(3), strict=True):
        assert line.get_ydata().tolist() == values.loc[split, [PLAIN, PIA]].tolist()
    pyplot.close("all")
