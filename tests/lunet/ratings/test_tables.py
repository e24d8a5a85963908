"""The tables of the rating experiment, from records made up."""

from dataclasses import replace

import pytest

from fourmasks.lunet.ratings import tables
from fourmasks.lunet.ratings.plan import EXPERIMENT
from fourmasks.records.store import load_records
from fourmasks.system.paths import data_folder


@pytest.fixture(scope="module")
def some():
    """One committed record, to be changed."""
    return next(iter(load_records("lunet/ratings", data_folder() / "records")))


def made(some, method, seed, error, epochs=(), **others):
    """Return a record of a final run on x."""
    place = {"dataset": "x", "method": method, "split_seed": seed, "seed": seed}
    curves = dict.fromkeys(tables.CURVES, list(epochs)) if epochs else {}
    return replace(
        some,
        experiment=EXPERIMENT,
        parameters=place,
        metrics={"test_mse": float(error)} | others,
        curves=curves,
    )


def test_runs_are_in_the_order_of_the_plan(some):
    found = tables.runs(
        [made(some, "averages", 0, 0.9), made(some, "lu-net", 1, 0.8), made(some, "lu-net", 0, 0.7)]
    )
    assert found[["method", "seed"]].values.tolist() == [["lu-net", 0], ["lu-net", 1], ["averages", 0]]
    assert tables.runs([]).empty and "test_mse" in tables.runs([])


def test_the_best_epoch_is_counted_from_one(some):
    records = [made(some, "mlp", 0, 0.5, (0.9, 0.4, 0.5)), made(some, "mlp", 1, 0.7, (0.9, 0.8, 0.7))]
    curves = tables.curves([*records, made(some, "averages", 0, 0.9)])
    found = tables.last_and_best(curves).loc["x", "mlp"]
    assert found["reached at epoch"] == "2 to 3" and found["splits"] == 2
    assert found["last epoch"].startswith("0.6000") and found["best epoch"].startswith("0.5500")
    assert tables.at_epochs(curves, 1, 9).loc[("x", "mlp", "test_mse"), 1] == "0.9000"


def test_table_2_has_the_papers_numbers_and_verdicts_beside_ours(some):
    row = {"place": "Table 2", "metric": "test_mse", "dataset": "x", "method": "mlp"}
    claims = [row | {"reported": 0.92, "verdict": "not reproduced"}, row | {"place": "Section 4"}]
    frame = tables.runs([made(some, "mlp", 0, 0.9), made(some, "lu-net", 0, 0.8)])
    found = tables.beside_paper(frame, claims)
    assert list(found.index) == ["lu-net", "mlp"]
    assert found.loc["mlp", "x"].tolist() == [0.92, "0.9000", "not reproduced"]
    assert found.loc["lu-net", "x"].isna().tolist() == [True, False, True]


def test_medians_have_two_digits(some):
    errors = [made(some, "lu-net", seed, 0, decoder_mse=value) for seed, value in enumerate((0.0, 1.26, 9.0))]
    frame = tables.runs([*errors, made(some, "mlp", 0, 0)])
    found = tables.medians(frame, {"decoder_mse": ("decoder", "error"), "no_such": ("none", "none")})
    assert found.loc["x", "lu-net"].tolist() == ["1.3", "–"] and len(found) == 1
