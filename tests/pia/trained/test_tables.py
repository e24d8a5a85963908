"""Tables and sentences on Figures 1 and 2, drift and the theorems, from records made by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fourmasks.pia.trained import tables, theory_tables
from fourmasks.pia.trained.plan import LATENT, THEORY, TRIO
from fourmasks.records.store import Record

BASE = Record(
    experiment=LATENT, profile="paper", parameters={}, metrics={}, curves={}, seconds=1.0, peak_memory_mb=1.0,
    device="cpu", threads=1, versions={}, commit="unknown", source="x",
    module="fourmasks.pia.trained.run_latent", data_sha256="0" * 64, created="2026-01-01T00:00:00+00:00",
)  # fmt: skip


def record(dataset, method, seed, experiment=LATENT, curves=None, parameters=None, **metrics):
    given = {"dataset": dataset, "method": method, "seed": seed} | (parameters or {})
    return replace(BASE, experiment=experiment, parameters=given, metrics=metrics, curves=curves or {})


@pytest.fixture
def frame():
    return tables.runs(
        [
            record("ml-1m", "multi-vae+pia", 1, drift=0.5, order=0.2),
            record("ml-1m", "multi-vae+pia", 0, drift=0.4, order=0.1),
            record("ml-1m", "multi-vae", 0, drift=0.6, order=-0.1),
            record("ml-1m", "multi-vae", 1, drift=0.68, order=0.3),
            record("ml-100k", "input-unit", 0, drift=0.9, order=-0.2),
            record("ml-100k", "multi-vae-clean", 0, drift=0.7, ndcg_at_100=0.3, order=0.4),
            record("ml-100k", "multi-vae", 0, drift=0.8, ndcg_at_100=0.4, order=0.0),
            record("ml-1m", "multi-vae", 0, THEORY, drift=0.1),
        ]
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


def test_differences_are_paired_by_seed_with_students_interval(frame):
    found = tables.differences(frame, "drift", [("multi-vae+pia", "multi-vae")])
    assert list(found["dataset"]) == ["ml-1m"]
    gaps = np.array([0.4 - 0.6, 0.5 - 0.68])
    assert found["difference"].item() == pytest.approx(gaps.mean())
    assert found["half"].item() == pytest.approx(12.706 * gaps.std(ddof=1) / 2**0.5, rel=1e-4)


def test_changes_have_a_sign_an_interval_and_a_star_where_it_is_without_zero(frame):
    pairs = [
        ("multi-vae+pia", "multi-vae"),
        ("multi-vae", "multi-vae-clean"),
        ("multi-vae+zero", "multi-vae"),
    ]
    table = tables.changes(frame, {"drift": "drift", "order": "the order"}, pairs)
    table = table.map(lambda text: text.replace("\N{NO-BREAK SPACE}", " "))
    aligned, masked = ("ml-1m", *pairs[0]), ("ml-100k", *pairs[1])
    assert sorted(table.index) == sorted([aligned, masked])
    assert table.loc[masked, "drift"] == "+0.100"
    assert table.loc[aligned, "drift"] == "-0.190 ± 0.127*"
    assert "±" in table.loc[aligned, "the order"] and "*" not in table.loc[aligned, "the order"]


def test_the_order_of_the_cohorts_is_counted_for_settings_and_inputs(frame):
    assert tables.order_sentences(frame) == [
        "ml-100k, multi-vae-clean: large is nearer to mid than to small in 1 of 1 runs",
        "ml-100k, multi-vae: large is nearer to mid than to small in 0 of 1 runs",
        "ml-100k, input-unit: large is nearer to mid than to small in 0 of 1 runs",
        "ml-1m, multi-vae: large is nearer to mid than to small in 1 of 2 runs",
        "ml-1m, multi-vae+pia: large is nearer to mid than to small in 2 of 2 runs",
    ]


TRIO_RECORD = replace(
    BASE, experiment=TRIO, parameters={"dataset": "ml-1m"},
    curves={"user": [1, 2, 3, 4, 5], "near": [2, 3, 4, 9], "related": [4, 5, 7]},
)  # fmt: skip


def test_the_trio_is_counted():
    table = tables.trio_table(TRIO_RECORD)
    assert table.loc["near"].tolist() == [5, 4, 3, 3, 0.75]
    assert table.loc["related"].tolist()[:4] == [5, 3, 2, 4]


def test_the_cells_group_the_items_by_who_has_them():
    has, labels = tables.trio_cells(TRIO_RECORD)
    assert labels[0] == "one user" and has.shape == (3, 7)
    # 4 is everybody's; 2 and 3 the near one's as well; 5 the related one's; 1 the user's own; then 7 and 9.
    assert has[0].tolist() == [True] * 5 + [False] * 2
    assert has[1].tolist() == [True, True, True, False, False, False, True]
    assert has[2].tolist() == [True, False, False, True, False, True, False]


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
    frame = theory_tables.contraction_runs(records)
    (row,) = frame.itertuples()
    tau = ((2 / 4) ** 2 + (6 / 8) ** 2) / 2
    assert row.tau_squared == pytest.approx(tau) and row.method == "multi-vae+pia"
    assert row.trace == row.norm == pytest.approx(1.8 / 6)
    assert row.kept == (np.array([1 / 4, 0.8 / 2]) <= tau).mean()
    assert row.unit == pytest.approx(0.1 / 2.1)  # half of the annealing
    assert row.relative == pytest.approx((0.9 / 2) / (3 / 10))
    (sentence,) = theory_tables.contraction_sentences(frame)
    assert "is 0.300 times that without alignment (τ² = 0.406)" in sentence and "1.50 times" in sentence


def test_sharing_is_said_over_all_networks_and_kinds():
    def shares(helped, inside):
        return {
            f"{inputs}_{kind}_{name}": value
            for inputs in ("clean", "masked") for kind in ("random", "near", "related")
            for name, value in (("helped", helped), ("inside", inside))
        }  # fmt: skip

    records = [
        record("ml-1m", "multi-vae", 0, THEORY, **shares(0.5, 0.0)),
        record("ml-1m", "multi-vae", 1, THEORY, **shares(0.7, 0.1)),
    ]
    frame = theory_tables.trained(records)
    table = theory_tables.sharing_table(frame)
    assert table.loc[("ml-1m", "multi-vae", "masked", "near"), "helped"] == pytest.approx(0.6)
    first = theory_tables.sharing_sentences(frame)[0]
    assert first.startswith("ml-1m, random pairs: a step helps in 60.0% of them, and 5.0% inside")
    assert first.endswith("at most 10.0% for any network")


def test_what_masks_do_to_kl_and_distances_is_said_by_network():
    values = {name: [4.0, 3.0, 2.0] for name in ("kl", "w1_low", "spread", "bound")}
    curves = {"keep": [0.25, 0.5, 1.0], "w1_high": [1.0, 1.0, 2.0]} | values
    (sentence,) = theory_tables.transport_sentences([record("ml-1m", "multi-vae", 0, THEORY, curves)])
    assert "mean KL changes by +50%, the mean distance of two users by -50%" in sentence
