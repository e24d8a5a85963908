"""By how much methods are above others, over splits and user by user, on records made by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot
from scipy import stats

from fourmasks.pia.recommenders import figures, plan, tables
from fourmasks.pia.recommenders.run import group_means, user_values
from fourmasks.pia.recommenders.tables import group_uplifts, runs, uplifts

NAME, PLAIN, PIA = "ml-100k", "multi-vae", "multi-vae+pia"
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


def test_uplifts_have_the_corrected_interval_over_splits_and_student_s_over_users():
    shifts = [0.010, 0.013, 0.022]
    records = [run(PLAIN, split, base(split)) for split in range(3)]
    records += [run(PIA, split, base(split) + shifts[split] + noise(split)) for split in range(3)]
    (row,) = uplifts(records, NAME, [(PIA, PLAIN)]).itertuples()
    rounded = [np.round(base(split) + shifts[split] + noise(split), 4) - np.round(base(split), 4)
               for split in range(3)]  # fmt: skip
    over_splits = [part.mean() for part in rounded]
    assert row.difference == pytest.approx(np.mean(over_splits))
    low, high = stats.t.interval(0.95, 2, np.mean(over_splits), stats.sem(over_splits))
    # Wider, since a tenth of the users is for the test, and eight tenths are for the training.
    assert row.half_splits == pytest.approx((high - low) / 2 * np.sqrt(1 + 3 / 8))
    shares = [100 * part.mean() / np.round(base(split), 4).mean() for split, part in enumerate(rounded)]
    assert row.percent == pytest.approx(np.mean(shares))
    assert row.half_percent == pytest.approx(4.302653 * stats.sem(shares) * np.sqrt(1 + 3 / 8))
    pooled = np.concatenate(rounded)
    assert row.users == len(pooled) == 24
    low, high = stats.t.interval(0.95, 23, pooled.mean(), stats.sem(pooled))
    assert row.half_users == pytest.approx((high - low) / 2)
    plain = np.concatenate([np.round(base(split), 4) for split in range(3)])
    assert row.p_users == pytest.approx(stats.ttest_rel(plain + pooled, plain).pvalue)
    assert row.base == pytest.approx(plain.mean())


def test_pairs_without_a_split_in_common_are_left_out():
    records = [run(PLAIN, 0, base(0)), run(PIA, 1, base(1))]
    assert uplifts(records, NAME, [(PIA, PLAIN)]).empty
    assert uplifts(records, "ml-1m", [(PIA, PLAIN)]).empty
    one = uplifts([*records, run(PLAIN, 1, base(1) - 0.01)], NAME, [(PIA, PLAIN)])
    assert np.isnan(one["half_splits"]).all() and one["difference"].item() == pytest.approx(0.01, abs=1e-4)


def test_only_the_users_of_a_group_count_for_it():
    records = [run(PLAIN, split, base(split)) for split in range(2)]
    for split in range(2):
        records.append(run(PIA, split, base(split) + 0.05 * (N_ITEMS <= 10) + noise(split)))
    found = group_uplifts(records, NAME, [(PIA, PLAIN)]).set_index("items")
    assert found.index.tolist() == ["5–10", "11–50", "51–100", "over 100"]
    assert found["users"].tolist() == [4, 6, 4, 2]
    assert found.loc["5–10", "difference"] == pytest.approx(0.05, abs=0.002)
    assert np.abs(found.loc[["11–50", "51–100", "over 100"], "difference"]).max() < 0.003
    everybody = uplifts(records, NAME, [(PIA, PLAIN)])["difference"].item()
    weighted = (found["difference"] * found["users"]).sum() / found["users"].sum()
    assert everybody == pytest.approx(weighted)


def test_users_may_differ_where_splits_do_not():
    # The mean over splits alone would look certain.
    wild = np.array([1, -1] * 4) * 0.2
    records = [run(PLAIN, split, base(split)) for split in range(3)]
    records += [run(PIA, split, base(split) + 0.01 + noise(split) + wild) for split in range(3)]
    (row,) = uplifts(records, NAME, [(PIA, PLAIN)]).itertuples()
    assert row.difference > row.half_splits and row.difference_users < row.half_users


def test_runs_are_in_order_and_tables_do_without_records():
    records = [
        run(PIA, 1, base(1)),
        run(PIA, 0, base(0)),
        run(PLAIN, 0, base(0)),
        run(PIA, 9, base(9), plan.SEARCH),
    ]
    found = runs(records)
    assert list(zip(found["split_seed"], found["method"], strict=True)) == [(0, PLAIN), (0, PIA), (1, PIA)]
    assert runs([]).empty and uplifts([], NAME, [(PIA, PLAIN)]).empty
    assert group_uplifts([], NAME, [(PIA, PLAIN)]).empty


# ---------------------------------------------------------------- what the pages show


def two_arms():
    records = [run(PLAIN, split, base(split)) for split in range(3)]
    records += [run(PIA, split, base(split) + 0.03 + noise(split)) for split in range(3)]
    return [*records, *(run("multi-vae+zero", split, base(split) + 0.05) for split in range(3))]


def test_methods_that_change_another_are_found_with_it():
    assert tables.with_base(plan.METHODS)[0] == (PIA, PLAIN)
    assert ("rec-vae+pia", "rec-vae") in tables.with_base(plan.METHODS)
    assert tables.with_base([PIA, "ease"]) == []


def test_a_control_stands_beside_the_plain_model_and_beside_pia():
    found = tables.controls(two_arms(), NAME, plan.METHODS)
    assert list(found.index) == [PIA, "multi-vae+zero"]
    assert found.loc["multi-vae+zero", "it is"] == "better"
    assert found.loc["multi-vae+zero", "than PIA"] == "better"


def test_groups_have_their_users_in_the_last_row():
    found = tables.group_percents(group_uplifts(two_arms(), NAME, [(PIA, PLAIN)]))
    assert list(found.index) == [PIA, "users, all splits"]
    assert found.loc["users, all splits"].tolist() == ["6", "9", "6", "3"]


def test_rows_of_the_ledger_are_told_by_measure():
    row = {"dataset": NAME, "method": PIA, "metric": "smallest gain in ndcg_at_100_of_over_100 (%)"}
    row |= {
        "reported": "all gain",
        "measured": 8.9,
        "interval": [8.0, 9.8],
        "n_seeds": 5,
        "verdict": "reproduced",
    }
    found = tables.verdict_rows([row])
    assert found.index[0] == (NAME, PIA, "NDCG@100, users with over 100 items")
    assert found.iloc[0].tolist() == [
        "all gain",
        "+8.90\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.90",
        5,
        "reproduced",
    ]


def test_the_figures_have_a_panel_for_each_data_set_and_method():
    records = two_arms()
    pairs = [(PIA, PLAIN), ("multi-vae+zero", PLAIN)]
    drawn = [
        figures.gains({NAME: uplifts(records, NAME, pairs)}),
        figures.by_activity({NAME: group_uplifts(records, NAME, pairs)}),
        figures.by_split(runs(records), plan.METHODS),
    ]
    assert [len(figure.axes) for figure in drawn] == [1, 2, 2]
    pyplot.close("all")
