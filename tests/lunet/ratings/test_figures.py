"""The figures of the rating experiment draw what they are given."""

import pandas as pd
import pytest
from matplotlib import pyplot

from fourmasks.lunet.ratings import figures


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


FRAME = pd.DataFrame(
    [
        ("x", method, seed, error)
        for seed in (0, 1)
        for method, error in (("lu-net", 0.8), ("mlp", 9.0), ("averages", 0.9))
    ],
    columns=["dataset", "method", "split_seed", "test_mse"],
)


def test_the_network_has_a_name_for_each_layer():
    (axis,) = figures.network(4).axes
    assert {f"layer {layer}" for layer in (1, 2, 3, 4)} <= {text.get_text() for text in axis.texts}
    assert figures.two_kinds_of_feedback().axes[0].texts


def test_errors_far_above_the_averages_stand_at_the_edge():
    (axis,) = figures.errors_by_split(FRAME, {("x", "lu-net"): 0.85}).axes
    assert axis.get_xlim()[1] < 1.2
    assert [line.get_xdata()[0] for line in axis.lines if line.get_marker() == "x"] == [0.85]


def test_losses_have_a_level_for_what_has_no_epochs():
    curves = pd.DataFrame(
        {"dataset": "x", "method": "lu-net", "epoch": [1, 2], "train_mse": [1, 0.9], "test_mse": [1, 0.8]}
    )
    left, right = figures.loss_curves(curves, FRAME).axes
    assert [line.get_label() for line in right.lines] == ["lu-net", "averages"] and len(left.lines) == 1


def test_a_round_trip_without_error_is_not_drawn():
    names = ("log10_condition", "reconstruction_error_float32", "reconstruction_error_float64")
    frame = pd.DataFrame({f"{prefix}{name}": [1.0, 0.0] for prefix in ("", "untrained_") for name in names})
    assert [len(line.get_xdata()) for line in figures.round_trips(frame).axes[0].lines] == [1, 1, 1, 1]
