"""Which runs are compared, and what an epoch costs, from made-up records."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fourmasks.claims.files import load_claims
from fourmasks.mmf.masks import plan, tables, timing

CONFIG = plan.Config(
    dataset=("s10", "h6"), budgets=(10, 20), masks=("sine", "tanh"), count_budget=20, shares=(0.2, 0.4, 0.8)
)


def record(dataset, budget, seed, error, mask=None, n_masks=None, start="fast", experiment=plan.EXPERIMENT):
    """A run of MMF, or of the SVD if it has no mask."""
    parameters = {"dataset": dataset, "budget": budget, "seed": seed, "method": "svd"}
    if mask:
        rate, spread = plan.STARTS[start]
        parameters |= {"method": "mmf-lm", "mask": mask, "n_masks": n_masks, "learning_rate": rate}
        parameters |= {"shift_spread": 2.0 * spread}
    return made(experiment, parameters, {"relative_error": error})


def made(experiment, parameters, metrics):
    return SimpleNamespace(experiment=experiment, parameters=parameters, metrics=metrics)


@pytest.fixture
def records():
    """Out of order, as files are: S10 twice, H6 once, a control, a search, a run of the reference."""
    reference = {"dataset": "s10", "budget": 10, "seed": 0, "mask": "sine", "n_masks": 4}
    search, shared = {"experiment": plan.SEARCH}, {"experiment": plan.SHARED}
    return [
        record("h6", 10, 0, 0.30, "tanh", 4, "slow"),
        record("h6", 10, 0, 0.35, "sine", 4),
        record("h6", 10, 0, 0.40),
        record("s10", 10, 0, 0.70, "sine", 4, "slow"),
        record("s10", 10, 1, 0.60, "sine", 4, "slow"),
        record("s10", 10, 0, 0.66, "tanh", 4),
        record("s10", 10, 1, 0.66, "tanh", 4),
        record("s10", 10, 0, 0.90),
        record("s10", 10, 1, 0.80),
        record("s10", 20, 0, 0.50, "sine", 8, "slow"),
        record("s10", 20, 0, 0.48, "cosine", 16),
        record("s10", 20, 1, 0.42, "cosine", 16),
        record("s10", 20, 0, 0.40, "cosine", 8),
        record("s10", 20, 1, 0.44, "cosine", 8),
        record("s10", 20, 0, 0.6, "cosine", 4),
        record("s10", 20, 1, 0.7, "cosine", 4),
        record("s10", 20, 0, 0.55),
        made(plan.EXPERIMENT, reference | {"method": "mmf-adam"}, {"relative_error": 0.95}),
        record("s10", 10, 0, 0.80, "sine", 4, **shared),
        record("s10", 10, 1, 0.76, "sine", 4, **shared),
        record("h6", 10, 0, 0.32, "tanh", 4, **shared),
        record("s10", 10, 100, 0.9, "tanh", 4, "slow", **search),
        record("s10", 10, 100, 0.8, "tanh", 4, "fast", **search),
        record("s10", 10, 100, 0.7, "sine", 4, "slow", **search),
    ]


def test_families_are_compared_at_one_share_of_masks_with_their_own_start(records):
    table = tables.family_table(tables.family_runs(records, CONFIG))
    assert list(table.columns) == ["sine", "tanh", "svd"]
    assert list(table.index) == [("s10", 10), ("s10", 20), ("h6", 10)]
    assert table.loc[("s10", 10)].to_list() == pytest.approx([0.65, 0.66, 0.85])
    assert table.loc[("h6", 10)].to_list() == pytest.approx([0.35, 0.30, 0.40])
    assert np.isnan(table.loc[("s10", 20), "tanh"])


def test_spreads_are_sample_deviations(records):
    spreads = tables.family_table(tables.family_runs(records, CONFIG), "std")
    assert spreads.loc[("s10", 10), "sine"] == pytest.approx(np.std([0.7, 0.6], ddof=1))
    assert np.isnan(spreads.loc[("h6", 10), "sine"])


def test_the_control_takes_a_family_s_own_runs_where_its_start_is_the_shared_one(records):
    shared = tables.family_table(tables.shared_runs(records, CONFIG))
    assert list(shared.index) == [("s10", 10), ("h6", 10)]
    assert shared.loc[("s10", 10), "sine"] == pytest.approx(0.78)  # its own start is slow
    assert shared.loc[("s10", 10), "tanh"] == pytest.approx(0.66)
    assert shared.loc[("h6", 10)].to_list() == pytest.approx([0.35, 0.32])


def test_what_a_start_of_its_own_changes(records):
    effect = tables.start_effect(tables.family_runs(records, CONFIG), tables.shared_runs(records, CONFIG))
    assert list(effect.index) == [
        ("s10", 10, "sine"), ("s10", 10, "tanh"), ("h6", 10, "sine"), ("h6", 10, "tanh")
    ]  # fmt: skip
    row = effect.loc[("s10", 10, "sine")]
    assert (row["shared"], row["own"]) == pytest.approx((0.78, 0.65))
    assert row["lower by (%)"] == pytest.approx(100 * 13 / 78)
    assert (row["place with shared"], row["place with own"]) == (2, 1)


def test_seeds_that_only_one_side_has_do_not_count(records):
    shared = tables.shared_runs(records, CONFIG)
    effect = tables.start_effect(tables.family_runs(records, CONFIG), shared[shared["seed"] == 1])
    assert effect.loc[("s10", 10, "sine"), "own"] == pytest.approx(0.60)


# ---------------------------------------------------------------- time per epoch


@pytest.mark.parametrize(("constant", "speed"), [(1.2, 1e4), (0.01, 40.0)])
def test_overhead_and_speed_are_found_again(constant, speed):
    rows = [
        ("mmf", n, timing.operations("mmf", 2**n, 40, share)) for n in range(6, 11) for share in (0.1, 0.5)
    ]
    frame = pd.DataFrame(rows, columns=["method", "n", "operations"])
    frame["ms"] = constant + 1e-6 * frame["operations"] / speed
    longest = frame["ms"].max()
    frame.loc[len(frame)] = ["mf-bias", 10, 1, 100 * longest]  # is no MMF
    parts = tables.overhead(frame)
    assert (parts["overhead_ms"], parts["gflops"]) == pytest.approx((constant, speed))
    assert parts["share"] == pytest.approx(constant / longest)


# ---------------------------------------------------------------- number of masks, and the tables of the page


def test_the_best_number_of_masks_is_that_of_the_mean(records):
    counted = tables.count_runs(records, CONFIG)
    found = tables.optimum(counted).loc[("s10", 20)]
    assert (found["best K"], found["K/B"], found["best K by seed"]) == (8, 0.4, "8, 16")
    assert found["within 1 %"] == "8 to 8"
    table = tables.count_table(counted)
    assert table["bound"].loc[("s10", 20)].to_dict() == {4: 64, 8: 96, 16: 64}
    assert table.loc[("s10", 20, 16), "mean"] == pytest.approx(0.45)


def test_families_are_ranked_by_their_means(records):
    found = tables.ranking(tables.family_runs(records, CONFIG)).loc[("s10", 10)]
    assert found.to_list() == ["sine, tanh", "1 of 2 seeds"]


def test_the_chosen_start_has_the_smallest_error(records):
    found = tables.search_table(records)
    assert found.loc[("s10", "tanh")].to_dict() == {"fast": 0.8, "slow": 0.9, "chosen": "fast"}


def test_a_pair_that_changes_order_is_counted(records):
    effect = tables.start_effect(tables.family_runs(records, CONFIG), tables.shared_runs(records, CONFIG))
    found = tables.order_changes(effect)
    assert found.loc[("s10", 10)].to_list() == ["tanh", "sine", "1 of 1"]


def test_reported_times_stand_beside_ours():
    ours = tables.times(
        made(
            timing.EXPERIMENT,
            {"dataset": "s6", "method": method, "budget": 40, "share": share, "seed": seed},
            {"epoch_ms": 1.0 + seed},
        )
        for method, share in (("mmf", 0.1), ("mf-bias", None))
        for seed in range(3)
    )
    reported = tables.reported_times(load_claims("mmf"))
    both = tables.beside_times(reported, ours, (0.1,))
    assert both.loc["MMF, K/B = 0.1", ("s6", "paper")] == 1.118
    assert both.loc["mf-bias", ("s6", "ours")] == 2.0
    assert not any("0.2" in name for name in both.index)
    assert tables.overheads({"paper": reported}).index.to_list() == ["paper"]
