"""Tables of the statements on random instances, from records made by hand."""

from types import SimpleNamespace

from fourmasks.pia.theorems import tables
from fourmasks.pia.theorems.plan import EXPERIMENT, VARIANTS


def record(statement, variant, **metrics):
    parameters = {"statement": statement, "instances": 5, "seed": 0} | variant
    return SimpleNamespace(experiment=EXPERIMENT, parameters=parameters, metrics=metrics)


RECORDS = [
    record("distance", VARIANTS["distance"][0], contraction_cases=5, contraction_violations=0, closer=0.2),
    record("sharing", {"decoder": "linear"}, change_cases=5, change_violations=1, change_median=0.5),
    record("sharing", {"decoder": "tanh"}, change_cases=4, change_violations=0),
]


def test_every_check_is_a_row_in_the_order_of_the_statements():
    found = tables.checked(RECORDS)
    assert [label for _, _, label in found.index] == ["tanh", "linear", "h, s ≤ 20"]
    assert found["violations"].tolist() == [0, 1, 0] and found["cases"].tolist() == [4, 5, 5]
    assert found["median"].tolist()[1] == 0.5


def test_what_is_measured_beside_has_rows_of_its_own():
    (place, _, label), value = next(tables.measured(RECORDS)["value"].items())
    assert (place, label, value) == ("Theorem 2.6", "h, s ≤ 20", 0.2)


def test_every_statement_of_the_plan_has_a_check():
    assert tables.CHECKS.keys() == VARIANTS.keys()
