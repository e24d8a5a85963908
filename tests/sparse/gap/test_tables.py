"""Tables and maps of the gap: shares are of the right whole, and the smallest examples are the smallest."""

import pandas as pd
from matplotlib import pyplot

from fourmasks.sparse.gap import figures, plan, tables
from fourmasks.sparse.gap.run import CLASSES


def frame():
    cells = pd.DataFrame(
        [("entries", 4, 2, 0.3, 10), ("entries", 4, 2, 0.6, 10)],
        columns=["law", "size", "atoms", "density", "instances"],
    )
    parts = pd.DataFrame(
        {"closable": [0.5, 0.1], "isolated": [0.3, 0.1], "moving": [0.1, 0.3], "crowded": [0.1, 0.5]}
    )
    return cells.join(parts[list(CLASSES)]).assign(countable=1.0, contradictions=0)


def test_the_phases_add_up_and_shares_are_of_their_whole():
    assert tables.totals(frame())[list(CLASSES)].loc[("entries", 4)].sum() == 20
    (row,) = tables.widths(frame()).to_dict("records")
    assert list(row.values()) == [20, "40", "50", "60", "60"]


def test_shares_are_in_percent_by_density():
    table = tables.shares(frame())
    assert table.loc[("entries", 4, 2, "closable")].tolist() == [50, 10]


def test_a_map_shows_each_share():
    figure = figures.phase_maps(frame())
    assert figure.axes[0].images[0].get_array().tolist() == [[0.5, 0.1]]
    assert figure.axes[0].get_title() == figures.TITLES["closable"]
    pyplot.close(figure)


def test_the_census_is_sorted_and_gives_the_smallest(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    records = plan.run(plan.PROFILES["smoke"], "smoke")
    table = tables.census(records)
    assert table.index.tolist() == [(2, 2, 2), (2, 3, 2)]
    assert table["classes"].tolist() == table[list(CLASSES)].sum(axis=1).tolist()
    assert tables.smallest(records, ["moving"])["moving"].shape == (2, 2)
    assert set(tables.phases(records)["atoms"]) == {2, 4}
