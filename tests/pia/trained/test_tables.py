"""Tables of trained networks, from records made by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fourmasks.pia.trained import tables
from fourmasks.pia.trained.plan import LATENT, THEORY


def record(dataset, method, seed, experiment=LATENT, curves=None, parameters=None, **metrics):
    """Return what a record of a run is to the tables."""
    given = {"dataset": dataset, "method": method, "seed": seed} | (parameters or {})
    return SimpleNamespace(experiment=experiment, parameters=given, metrics=metrics, curves=curves or {})


@pytest.fixture
def frame():
    return tables.runs(
        [
            record("ml-1m", "multi-vae+pia", 1, drift=0.5),
            record("ml-1m", "multi-vae+pia", 0, drift=0.4),
            record("ml-1m", "multi-vae", 0, drift=0.6),
            record("ml-1m", "multi-vae", 1, drift=0.68),
            record("ml-100k", "input-unit", 0, drift=0.9),
            record("ml-100k", "multi-vae-clean", 0, drift=0.7, ndcg_at_100=0.3),
            record("ml-100k", "multi-vae", 0, drift=0.8, ndcg_at_100=0.4),
            record("ml-1m", "multi-vae", 0, THEORY, drift=0.1),
        ],
        LATENT,
    )


def test_runs_are_in_the_order_of_data_methods_and_seeds(frame):
    order = list(zip(frame["dataset"], frame["method"], frame["seed"], strict=True))
    assert order == [
        ("ml-100k", "multi-vae-clean", 0), ("ml-100k", "multi-vae", 0), ("ml-100k", "input-unit", 0),
        ("ml-1m", "multi-vae", 0), ("ml-1m", "multi-vae", 1),
        ("ml-1m", "multi-vae+pia", 0), ("ml-1m", "multi-vae+pia", 1),
    ]  # fmt: skip


def test_a_summary_has_means_and_sample_deviations_and_gaps_where_nothing_was_measured(frame):
    table = tables.summary(frame, ["drift", "ndcg_at_100", "never"], digits=2)
    assert list(table.columns) == ["drift", "ndcg_at_100"]
    assert table.loc[("ml-1m", "multi-vae"), "drift"] == "0.64\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.06"
    assert table.loc[("ml-100k", "multi-vae"), "drift"] == "0.80"
    assert pd.isna(table.loc[("ml-100k", "input-unit"), "ndcg_at_100"])


# ---------------------------------------------------------------- theorems


def aligned(method, seed, weight, traces, user_variance, **curves):
    return record(
        "ml-1m", method, seed, THEORY,
        curves={"mask_traces": traces, "mask_norms": [t / 2 for t in traces]} | curves,
        parameters={"beta": 0.2, "anneal_epochs": 10},
        alignment_weight=weight, best_epoch=5.0, mask_variance=float(np.mean(traces)),
        user_variance=user_variance,
    )  # fmt: skip


def test_spread_with_alignment_is_compared_with_that_without_on_the_same_seed():
    records = [
        aligned("multi-vae", 0, 0.0, [4.0, 2.0], 10.0, curvatures=[2.0, 6.0]),
        aligned("multi-vae+pia", 0, 1.0, [1.0, 0.8], 2.0, curvatures=[1.0, 1.0]),
        aligned("multi-vae+zero", 1, 1.0, [1.0, 1.0], 2.0, curvatures=[1.0, 1.0]),  # nothing to compare with
    ]
    (row,) = tables.contraction(records).itertuples()
    tau = ((2 / 4) ** 2 + (6 / 8) ** 2) / 2
    assert row.tau_squared == pytest.approx(tau) and row.method == "multi-vae+pia"
    assert row.trace == row.norm == pytest.approx(1.8 / 6)
    assert row.kept == (np.array([1 / 4, 0.8 / 2]) <= tau).mean()
    assert row.unit == pytest.approx(0.1 / 2.1)  # half of the annealing
    assert row.relative == pytest.approx((0.9 / 2) / (3 / 10))


def test_tables_do_without_records():
    nothing = tables.runs([], THEORY)
    assert tables.summary(nothing, ["drift"]).empty and tables.contraction([]).empty


# ---------------------------------------------------------------- what the pages show


def test_pairs_are_told_apart_by_inputs_and_kind():
    metrics = {f"{inputs}_{kind}_helped": 0.5 for inputs in ("clean", "masked") for kind in tables.KINDS}
    inside = {"clean_near_inside": 0.2, "masked_near_inside": 0.0}
    frame = tables.runs([record("ml-1m", "multi-vae", 0, THEORY, **metrics, **inside)], THEORY)
    assert len(tables.by_network(frame)) == 6
    row = tables.over_networks(frame).loc[("ml-1m", "near")]
    assert row.tolist() == pytest.approx([0.5, 0.1, 0.2])


def test_what_hiding_half_of_the_items_does_is_a_share():
    curves = {"keep": [0.5, 1.0], "kl": [3.0, 2.0], "w1_low": [1.0, 1.0], "w1_high": [1.0, 2.0]}
    curves |= {"spread": [1.0, 1.0], "bound": [1.0, 1.0]}
    moved = tables.transport([record("ml-1m", "multi-vae", 0, THEORY, curves=curves)])
    assert tables.half_hidden(moved).loc[("ml-1m", "multi-vae")].tolist() == pytest.approx([0.5, -0.5])


def test_a_star_marks_a_change_whose_interval_is_without_zero():
    runs = [record("ml-1m", "multi-vae", seed, drift=0.5 + 0.01 * seed) for seed in range(3)]
    runs += [record("ml-1m", "multi-vae+pia", seed, drift=0.3 + 0.011 * seed) for seed in range(3)]
    pairs = [("multi-vae+pia", "multi-vae"), ("multi-vae", "multi-vae+pia")]
    found = tables.changes(tables.runs(runs, LATENT), {"drift": "drift"}, pairs, {})
    assert [text.endswith("*") for text in found["drift"]] == [True, True]
    assert found["drift"].iloc[0].startswith("-0.199")


def test_the_three_users_are_counted():
    trio = SimpleNamespace(curves={"user": [1, 2, 3, 4], "near": [1, 2, 3, 9], "related": [1, 2]})
    assert tables.counted(trio).loc["related"].tolist() == [4, 2, 2, 2, 1.0]
