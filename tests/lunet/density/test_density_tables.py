"""Tables and figures of densities, from the committed records."""

import numpy as np
import pytest
from matplotlib import pyplot

from fourmasks.lunet.density import figures, plan, tables
from fourmasks.records.store import load_records
from fourmasks.system.paths import data_folder


@pytest.fixture(scope="module")
def records():
    folder = data_folder() / "records"
    found = [r for name in (plan.EXPERIMENT, plan.POINTS) for r in load_records(name, folder)]
    return [r for r in found if r.profile == "paper"]


@pytest.fixture(scope="module")
def kept(records):
    return tables.runs(records)


def test_every_set_of_points_has_a_row(records, kept):
    points = set(kept["dataset"])
    assert set(tables.shapes(records).index) == points == set(tables.choices(kept).index)
    assert set(tables.likelihoods(kept).columns) == points == set(tables.above(kept).index)


def test_the_score_counts_what_the_intervals_decide(kept):
    found, score = tables.differences(kept), tables.score(kept)
    assert (score.sum(axis=1) == kept["dataset"].nunique()).all()
    own = found[found["baseline"] == "gaussian"]
    assert score.loc["gaussian", "LU is likelier"] == (own["difference"] > own["half"]).sum()
    assert (
        tables.above(kept)
        .loc["moons", "gaussian"]
        .startswith(f"{own.set_index('dataset').loc['moons', 'difference']:+.3f}")
    )


def test_agreement_is_that_of_the_worst_fit(kept):
    found, own = tables.agreement(kept), kept[kept["method"] == "lu"].dropna(subset=["plane_error"])
    assert found.loc["lu", "fits"] == len(own)
    assert float(found.loc["lu", "integral minus 1"]) == pytest.approx(own["plane_error"].max(), rel=0.5)
    worst = tables.by_points(kept, tables.INTEGRALS, "max")
    assert worst["worst box"].max() == kept["largest_box_deviations"].max()


def test_circles_hold_shares_of_held_out_points(records):
    found = tables.circles(records)
    assert list(found) == ["50%", "90%", "99%"] and found.min(axis=None) > 0 and found.max(axis=None) <= 1
    assert (found.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert tables.held_out(records, "nowhere") is None


def test_figures_are_drawn(records, kept):
    panels = [axis for axis in figures.by_layers(kept).axes if axis.axison]
    assert len(panels) == kept["dataset"].nunique()
    record = tables.in_the_plane(records)["moons"]
    points = np.array(tables.held_out(records, "moons"))
    assert len(figures.flow_in_the_plane(tables.rebuilt(record), points, "moons").axes) == 4
    pyplot.close("all")
