"""What is read from the records of the density experiment: choices, differences, answers."""

from types import SimpleNamespace

import pytest

from fourmasks.lunet.density import figures, plan, tables
from fourmasks.lunet.density.run import METHODS

FAR, NEAR = 0.5, 0.01  # of an integral from the share of samples
EMBEDDINGS = {"dataset": "simulated", "side": "items", "recommender": {"dimension": 4, "epochs": 7}}


def fit(points, method, seed, test, validation=0.0, n_layers=0, **metrics):
    parameters = points | {"method": method, "seed": seed} | ({"n_layers": n_layers} if n_layers else {})
    likelihoods = {"test_log_likelihood": test, "validation_log_likelihood": validation}
    return SimpleNamespace(
        experiment=plan.EXPERIMENT, parameters=parameters, metrics=likelihoods | metrics, curves={}
    )


def integrals(plane, apart):
    return {
        "plane_error": plane,
        "integral_error": apart,
        "share_deviation": 0.1,
        "grid_error": 0.0,
        "largest_box_deviations": 1.0,
    }


@pytest.fixture
def records():
    """On the ring 2 layers are likeliest for validation points, and 4 for those to measure on."""
    found, ring = [], {"dataset": "ring"}
    for seed in (0, 1, 2):
        shift = 0.1 * seed
        found += [
            fit(ring, "lu", seed, -3.0 + shift, -2.9, 2, **integrals(1e-6, NEAR)),
            fit(ring, "lu", seed, -1.0, -5.0, 4, **integrals(1e-5, NEAR)),
            fit(ring, "coupling", seed, -2.0 + shift, -2.9, 4, **integrals(1e-3, FAR)),
            fit(ring, "coupling", seed, -7.0, -3.0, 2, **integrals(1e-9, NEAR)),
            fit(ring, "gaussian", seed, -4.0 + shift, **integrals(0.0, NEAR)),
            fit(ring, "mixture", seed, -3.0 + (seed - 1), components=2.0 + seed),
            fit(EMBEDDINGS, "lu", seed, -2.5, -2.0, 1, **integrals(1e-7, NEAR)),
            fit(EMBEDDINGS, "gaussian", seed, -2.25, **integrals(0.0, NEAR)),
        ]
    return found


@pytest.fixture
def frame(records):
    return tables.runs(records)


def test_layers_are_chosen_by_validation_points_and_not_by_the_test(frame):
    best = tables.chosen(frame)
    chosen = best[best["points"] == "ring"].groupby("method")["n_layers"].agg(set)
    assert chosen["lu"] == {2} and chosen["coupling"] == {4}
    assert not best.duplicated(["points", "method", "seed"]).any()
    assert tables.choices(frame).loc["ring"].tolist() == ["2, 2, 2", "4, 4, 4", "2, 3, 4", "–"]
    assert {"lu, M = 2", "lu, M = 4"} <= set(tables.likelihoods(frame).index)  # which keeps them all


def test_differences_are_paired_by_seed(frame):
    found = tables.advantages(frame)
    assert found["ring", "coupling"].mean == pytest.approx(-1.0)
    assert found["ring", "coupling"].half == pytest.approx(0.0, abs=1e-9)  # the shift of a seed is in both
    assert found["ring", "mixture"].half > 1
    table = tables.differences(frame)
    assert table.loc["ring", "lu − gaussian"] == "+1.000\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.000"
    assert table.loc["simulated items, 2-D", "lu − coupling"] == "–"
    assert "lu − kernel" not in table
    one = tables.differences(frame[frame["seed"] == 0])
    assert one.loc["ring", "lu − coupling"] == "-1.000"


def test_integrals_are_judged_by_method(frame):
    lu, coupling, gaussian = tables.integral_sentences(frame)
    assert lu.startswith("lu, 9 fits: the integral over the plane is 1 to within 1e-05;")
    assert "at most 0.1 standard deviations" in lu
    assert coupling.startswith("coupling, 6 fits: the integral over the plane is 1 to within 0.001;")
    assert "at most 5.0 standard deviations" in coupling
    assert gaussian.startswith("gaussian, 6 fits")


def test_in_short_answers_each_question(frame):
    density, good, embeddings = tables.in_short(frame)
    assert density.startswith("1. ") and "lu, 9 fits" in density and "coupling" not in density
    assert "Of 2 sets of points" in good
    assert "above coupling on 0, below on 1, undecided on 0" in good
    assert "above gaussian on 1, below on 1, undecided on 0" in good
    assert "above mixture on 0, below on 0, undecided on 1" in good
    assert "by -0.25 to -0.25 nats per point on embeddings" in embeddings
    assert "by +1.00 to +1.00 nats per point on toy sets" in embeddings
    alone = tables.in_short(frame[frame["seed"] == 0])[1]
    assert "above gaussian on 0, below on 0, undecided on 2" in alone


def test_points_are_shown_in_groups(records, frame):
    found = tables.groups(frame)
    assert {kind: set(part["points"]) for kind, part in found.items()} == {
        "toy sets": {"ring"},
        "embeddings, 2-D": {"simulated items, 2-D"},
    }
    assert list(found)[0] == "toy sets" and sum(map(len, found.values())) == len(frame)
    assert tables.taught(records) == ["simulated, d = 4: a recommender of 7 epochs"]


def test_methods_have_colours_of_their_own():
    assert set(figures.COLOURS) == set(METHODS) and len(set(figures.COLOURS.values())) == 5
