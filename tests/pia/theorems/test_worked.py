"""What the theory notebook says about its constructed examples."""

import numpy as np
import pytest

from fourmasks.pia.theorems import figures, worked

pytestmark = pytest.mark.usefixtures("one_thread")

DISTANCES = np.linspace(0.05, 1.9, 6)


def test_pairs_have_the_items_they_are_asked_for():
    first, second = worked.pair(3, 2, 12)
    assert (first.sum(), second.sum(), first @ second, np.abs(first - second).sum()) == (5, 5, 3, 4)


def test_influence_follows_the_items_and_not_the_distance():
    none, many = (worked.influence(shared, DISTANCES) for shared in (0, 4))
    assert (none["product"] < 0).all()  # harm at every distance
    by_direction = dict(list(many.groupby("direction")))
    assert (np.diff(by_direction["outwards"]["product"]) > 0).all()  # help grows with the distance
    assert (np.diff(by_direction["outwards"]["granted"]) < 0).all()
    assert (np.diff(by_direction["inwards"]["product"]) < 0).all()
    for table in (none, many):
        assert (table["product"] >= table["granted"] - 1e-9).all()  # the theorem
    assert (many["granted"].iloc[0] > 0) and not (none["granted"] > 0).any()


def test_the_price_has_its_closed_form_and_decoders_pay_more():
    table = worked.compromise([0.0, 1.0, 3.0])
    np.testing.assert_allclose(table["quadrature"], table["closed form"], rtol=1e-6, atol=1e-9)
    assert (table["decoder 5"] > table["decoder 20"]).all()
    assert (table["decoder 20"] >= table["quadrature"] - 1e-6).all()
    np.testing.assert_allclose(table["decoder 20"], table["quadrature"], atol=1e-5)
    for _, part in table.groupby("family"):
        assert (np.diff(part["quadrature"]) < 0).all()


def test_the_best_separation_is_zero_from_half_of_the_price_on():
    table = worked.separation([0.5, 1.9, 2.1, 3.9, 4.1], n_different=4)
    found = {(row.family, row.beta): row.separation for row in table.itertuples()}
    for family, threshold in (("bernoulli", 4), ("multinomial", 2)):
        for (name, beta), m in found.items():
            if name == family:
                assert (m > 0.05) == (beta < threshold)


def test_transport_agrees_with_scipy_and_stays_below_the_bound():
    pairs = [(2, 1, -2, 1), (1, 0.5, -1, 2), (0, 0.1, 3, 0.1), (3, 0.5, 3, 0.5)]
    table = worked.transport(pairs)
    np.testing.assert_allclose(table["W1"], table["SciPy"], atol=1e-4)
    assert (table["W1"] <= table["bound"] + 1e-12).all()
    assert table["W1"][0] == pytest.approx(table["bound"][0])  # sharp
    assert table["W1"][3] == 0 and table["bound"][3] > 1  # and not


def test_a_mask_is_a_source_of_information():
    keeps = (0.1, 0.5, 0.75, 1.0)
    alone = worked.information(keeps, n_users=1, n_masks=20).set_index("keep")
    assert alone.loc[1.0, "information"] == pytest.approx(0, abs=1e-9)
    assert (alone.loc[[0.1, 0.5, 0.75], "information"] > 0.1).all()
    together = worked.information(keeps, n_users=12, n_masks=20).set_index("keep")
    assert together.loc[0.75, "information"] > together.loc[1.0, "information"]
    np.testing.assert_allclose(together["mean KL"], together["information"] + together["aggregate"])


@pytest.mark.parametrize(("h", "s"), [(20, 0), (12, 8), (0, 9)])
def test_drawn_masks_follow_the_law_and_the_bounds_are_below(h, s):
    table = worked.masked_distance(h, s, 0.5, n_masks=4000)
    for name in ("closer", "not closer"):
        np.testing.assert_allclose(table[name], table[f"{name}, drawn"], atol=0.04)
        assert (table[f"{name}, bound"] <= table[name] + 1e-12).all()
    np.testing.assert_allclose(table["closer"] + table["not closer"], 1)
    sharp = "closer" if not s else "not closer" if not h else None
    if sharp:
        np.testing.assert_allclose(table[f"{sharp}, bound"], table[sharp], atol=1e-12)


def test_bounds_say_the_less_the_more_is_shared():
    table = worked.looseness(((10, 2), (10, 10)), (0.5,)).set_index("s")
    ratio = table["closer"] / table["closer, bound"]
    assert ratio[10] > 50 * ratio[2] and table.loc[2, "not closer, bound"] == 0


def test_eq_10_is_eq_9():
    table = worked.alignment_identity(samples=50_000)
    np.testing.assert_allclose(table["Eq. 9, drawn"], table["Eq. 10"], rtol=0.02)
    np.testing.assert_allclose(table[["mean", "variance", "scatter"]].sum(axis=1), table["Eq. 10"])


def test_norm_trace_and_drift_contract_and_the_loewner_order_does_not():
    table = worked.surrogates(20, strength=0.5)
    for name in ("norm", "trace", "drift"):
        assert (table[name] <= table["tau squared"] + 1e-12).all()
    assert (table["Löwner"] > table["tau squared"]).all()


def test_own_centroids_make_a_spread_where_there_was_none():
    table = worked.one_encoder(strength=0.5, keep=0.5)
    assert table.loc[("equal", "own centroids"), "without"] == 0
    assert table.loc[("equal", "own centroids"), "with alignment"] > 0
    assert table.loc[("equal", "zero"), "with alignment"] == 0
    before, after = table.loc[("different", "zero")]
    assert after == pytest.approx(before / 4)  # τ² at H = 1 and λ = 0.5


def test_figures_draw_what_the_tables_hold():
    moves = {"a": worked.influence(0, DISTANCES), "b": worked.influence(4, DISTANCES)}
    figure = figures.influence(moves)
    assert len(figure.axes) == 2 and len(figure.axes[0].lines) == 7  # two for each direction, and zero
    gaps, best = worked.compromise([0.0, 1.0]), worked.separation([1.0, 3.0])
    left, right = figures.compromise(gaps, best, 4).axes
    assert [line.get_xdata()[0] for line in right.lines[1::2]] == [4, 2]
    laws = {"x": worked.masked_distance(4, 2, 0.5, n_masks=50)}
    assert [len(axis.lines) for axis in figures.masked_distance(laws).axes] == [3, 3]
    tails = worked.looseness(((4, 2), (4, 4)), (0.3, 0.6))
    assert [len(axis.lines) for axis in figures.looseness(tails).axes] == [2, 2]
