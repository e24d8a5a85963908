"""Tables of the page on the theorems: from the kept records, and from made-up runs."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fourmasks.mmf.theory import plan, spectra, stability, tables


def record(experiment, curves=None, metrics=None, **parameters):
    return SimpleNamespace(
        experiment=experiment, parameters=parameters, curves=curves or {}, metrics=metrics or {}
    )


def trial(mask, parametrisation, shifts, deficit):
    given = {"mask": mask, "parametrisation": parametrisation, "shifts": shifts, "n_masks": 3, "rank": 4}
    metrics = {"rank_deficit": deficit, "dependent_dimensions": 1.0, "witness_deficit": float("nan")}
    return record(plan.EXPERIMENT, metrics=metrics | {"kernel_share": float("nan")}, **given)


TRIALS = [
    trial(mask, parametrisation, shifts, deficit)
    for mask in ("sine", "gaussian")
    for parametrisation in ("paper", "reference")
    for shifts, deficit in (("own", 0.0), ("shared", 8.0))
]


def test_trials_are_grouped_by_parametrisation_with_families_in_their_order():
    table = tables.by_model(tables.rank_trials(TRIALS), "shifts", "rank_deficit")
    assert list(table.index) == [
        ("paper", "sine"), ("paper", "gaussian"), ("reference", "sine"), ("reference", "gaussian")
    ]  # fmt: skip
    assert table.loc[("paper", "sine")].to_dict() == {"own": 0, "shared": 8}
    assert tables.symmetry_trials(TRIALS).empty


def test_witnesses_say_where_the_condition_fails():
    found = tables.witnesses(tables.rank_trials(TRIALS))
    assert found.loc[("sine", "paper"), "(C2) fails at"] == "1 of 4"


def test_functions_are_independent_in_the_papers_parametrisation_only():
    paper, reference = (tables.independences(name) for name in ("paper", "reference"))
    assert (paper[range(4)] > 1e-4).all().all()
    assert (reference[0] < 1e-9).all()


def test_scalings_never_show_and_one_rotation_does_not_if_shifts_are_shared():
    found = tables.seen_changes((0.5,))
    assert (found["scaled"] < 1e-12).all() and (found["rotated by 0.5"] > 1e-3).all()
    assert found.loc["shared shifts", "rotated with D by 0.5"] < 1e-12


def test_effective_ranks_grow_with_the_masks():
    def run(n_masks):
        metrics = {"numerical_rank": 0.0, "entropy_rank": 0.0, "relative_error": 0.5}
        given = {"dataset": "s10", "method": "mmf", "budget": 10, "n_masks": n_masks, "seed": 0}
        values = {"singular_values": [1.0] * n_masks + [0.05]}
        return record(spectra.EXPERIMENT, values, metrics | {"effective_rank": float(4 * n_masks)}, **given)

    records = [run(2), run(4)]
    found = tables.growth(tables.spectra_table(records)).loc["s10"]
    assert found.to_list() == ["2 to 4", "2.00 times", "1.50 times", "50 to 67 %"]
    assert tables.above(records, (0.1, 0.01)).loc[("s10", 4)].to_list() == [4, 5]


def test_maps_of_two_runs_are_put_into_the_best_order():
    def run(matched):
        metrics = dict.fromkeys(
            ("dominant", "off_diagonal", "output_difference", "relative_error", "error_gap", "n_iter"), 0.0
        )
        curves = {"similarity": [0.0, 1.0, 1.0, 0.0], "order": [1, 0]}
        given = {"dataset": "s10", "method": "mmf", "n_masks": 4, "matched": matched, "seed": 0, "rank": 2}
        return record(stability.EXPERIMENT, curves, metrics | {"diagonal": float(matched)}, **given)

    records = [run(False), run(True)]
    maps = tables.similarities(records)
    assert np.array_equal(maps["s10", "MMF, K = 4", True], np.eye(2))
    assert np.array_equal(maps["s10", "MMF, K = 4", False], np.eye(2)[::-1])
    found = tables.stability_table(records).loc[("s10", "MMF, K = 4")]
    assert (found["diagonal"], found["matched"]) == (0, 1)


@pytest.mark.parametrize(
    ("experiment", "methods"), [(plan.EXPERIMENT, ()), (spectra.EXPERIMENT, spectra.METHODS)]
)
def test_kept_records_are_those_of_the_paper_in_a_fixed_order(experiment, methods):
    records = tables.kept_records(experiment, methods)
    assert records and {record.profile for record in records} == {"paper"}
    frame = pd.DataFrame([record.parameters for record in records])
    first = "dataset" if methods else "mask"
    assert frame[first].ne(frame[first].shift()).sum() == frame[first].nunique()
