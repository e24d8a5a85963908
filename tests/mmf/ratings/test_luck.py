"""How much the split decides: runs on many splits, and many runs on one."""

import statistics

import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.ratings import figures, luck, tables


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))


def run(**settings):
    return luck.run(resolve(luck.PROFILES, "smoke", **settings), "smoke")


def test_splits_and_trainings_are_varied_one_at_a_time():
    records = run(splits=3, seeds=2)
    assert [(r.parameters["split_seed"], r.parameters["seed"]) for r in records] == [
        (0, 0), (1, 0), (2, 0), (0, 1),
    ]  # fmt: skip
    assert len({r.metrics["test_rmse"] for r in records}) == 4
    assert [r.key for r in run(splits=3, seeds=2)] == [r.key for r in records]


def test_the_spread_is_that_of_the_runs():
    records = run(splits=3, seeds=2)
    errors = [r.metrics["test_rmse"] for r in records]
    reported = sorted(errors[:3])[1] - 0.002
    table = tables.luck(records, reported)
    split, training = table.loc["another split"], table.loc["another training on split 0"]
    assert split["deviation"] == pytest.approx(statistics.stdev(errors[:3]))
    assert (split["lowest"], split["highest"]) == (min(errors[:3]), max(errors[:3]))
    assert split["reached"] == sum(error <= reported + 0.003 for error in errors[:3]) >= 2
    assert training["runs"] == 2
    assert training["mean"] == pytest.approx((errors[0] + errors[3]) / 2)


def test_the_figure_shows_every_run():
    records = run(splits=3, seeds=2)
    (axis,) = figures.by_split(records, 0.9).axes
    drawn = [y for line in axis.lines[:2] for y in line.get_ydata()]
    assert sorted(drawn) == sorted(r.metrics["test_rmse"] for r in records)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"method": "mmf"}, "mmf-reference"),
        ({"splits": 0}, "splits = 0"),
        ({"validation": 1.5}, "validation = 1.5"),
        ({"threads": -1}, "threads = -1"),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        run(**settings)
