"""The experiment on fast transforms, its tables and figures."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from fourmasks.claims.files import load_claims
from fourmasks.claims.verdicts import NOT_REPRODUCED, REPRODUCED, SAME_DIRECTION, judge
from fourmasks.experiments.profiles import resolve
from fourmasks.records.store import load_records
from fourmasks.sparse.butterflies import figures, plan, tables
from fourmasks.sparse.butterflies.baselines import OURS
from fourmasks.sparse.butterflies.butterfly import cut_supports
from fourmasks.sparse.butterflies.run import run_chain, run_disturbed, run_structure


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        for name in ("lazylinop", "lazylinop.butterfly", "pyfaust", "pyfaust.fact"):
            patch.setitem(sys.modules, name, None)
        config = resolve(plan.PROFILES, "smoke", chains=(3, 6), seeds=2, vectors=(1, 3))
        records = plan.run(config, "paper")
        assert {r.key for r in records} == {r.key for r in load_records()}
        yield records


def test_every_transform_is_found_to_rounding(made):
    frame = tables.factorizations(made)
    assert len(frame) == 3 * 2 * 2 and set(frame["method"]) == {OURS} and frame["error"].max() < 1e-14
    assert tables.error_sentence(frame, 1e-13) == "12 of 12 relative errors are below 1e-13."
    table = tables.error_table(frame)
    assert table.shape == (2, 6) and (table["hadamard"] == "0").all(axis=None)
    assert tables.seconds_table(frame).shape == (12, 1)
    assert tables.peer_sentences(frame) == []


def test_applications_agree_with_the_dense_transform(made):
    frame = tables.applications(made)
    assert frame["difference"].max() < 1e-13 and len(frame) == 3 * 2 * 2
    assert np.allclose(frame["speedup"], frame["dense_seconds"] / frame["sparse_seconds"])
    saved = tables.saved_table(frame)["entries_saved"]
    assert saved.to_dict() == {8: 64 / (2 * 8 * 3), 16: 256 / (2 * 16 * 4)}
    assert tables.speedup_table(frame).shape == (2, 6)
    assert len(tables.break_even_sentences(frame)) == 6


def test_break_even_is_where_no_larger_size_is_slower():
    import pandas as pd

    rows = [(8, 0.5), (16, 2.0), (32, 0.9), (64, 3.0)]
    frame = pd.DataFrame(
        [{"transform": "dft", "vectors": 1, "size": size, "speedup": speedup} for size, speedup in rows]
    )
    assert tables.break_even_sentences(frame) == [
        "dft, 1 vector: faster from n = 64 on, 3.0 times at n = 64."
    ]
    slow = tables.break_even_sentences(frame[:1])
    assert slow == ["dft, 1 vector: slower at every size, 0.50 times at n = 8."]


def test_peers_are_compared_at_the_largest_common_size():
    import pandas as pd

    rows = [("Algorithm 1", 8, 1.0), ("Algorithm 1", 16, 3.0), ("lazylinop", 8, 4.0)]
    frame = pd.DataFrame(
        [
            {"transform": "dft", "factors": "two", "method": method, "size": size, "cpu_seconds": seconds}
            for method, size, seconds in rows
        ]
    )
    assert tables.peer_sentences(frame) == ["dft, two factors, n = 8: 0.25 times the time of lazylinop."]


def test_structure_of_the_cuts_and_of_the_cosine_transform():
    found = run_structure(16)["metrics"]
    assert found["shared"] == found["uncovered"] == found["odd_pairs"] == 0 < found["cosine_pairs"] == 8
    assert not found["cosine_may_be_butterfly"]
    assert run_structure(4)["metrics"]["cosine_may_be_butterfly"] == 1  # of size 4 it is one


def test_least_squares_averages_errors_out():
    lazy, careful = (
        run_disturbed("dft", 16, 1e-3, flag, 0)["metrics"]["amplification"] for flag in (False, True)
    )
    assert careful < 1 < lazy


def test_errors_grow_along_a_chain_and_least_squares_is_no_worse(made):
    found = run_chain(5, 0)["metrics"]
    assert 0 <= found["log_least_squares"] <= found["log_completion"] + 1e-12
    assert found == run_chain(5, 0)["metrics"]
    table = tables.chain_table(made)
    assert table.loc[6, "log_completion"] > table.loc[3, "log_completion"]
    assert tables.disturbed_table(made).shape == (3, 2)
    assert (tables.structure_table(made)[["shared", "uncovered"]] == 0).all(axis=None)


def test_the_verdicts_follow(made):
    claims = [c for c in load_claims("sparse") if c.experiment in plan.EXPERIMENTS.values()]
    verdicts = {c.id: judge(c, made).verdict for c in claims}
    assert verdicts.pop("sparse-section1-dct-real") == NOT_REPRODUCED
    assert verdicts.pop("sparse-section6-unstable") in (REPRODUCED, SAME_DIRECTION)
    assert len(verdicts) == 4 and set(verdicts.values()) == {REPRODUCED}


def test_figures_hold_the_numbers(made):
    from matplotlib import pyplot

    frame = tables.factorizations(made)
    figure = figures.errors_by_size(frame)
    line = next(line for line in figure.axes[1].lines if line.get_label().startswith("dft"))
    expected = frame[(frame["transform"] == "dft") & (frame["factors"] == "all")].sort_values("size")["error"]
    assert line.get_ydata().tolist() == expected.tolist()
    figure = figures.speedups_by_size(tables.applications(made))
    assert [axis.get_title() for axis in figure.axes] == ["1 vector", "3 vectors"]
    image = figures.cut_figure(cut_supports(8, 1)).axes[2].images[0].get_array()
    assert image.shape == (8, 8, 3) and image.min() < 0.95  # every cell has an atom's colour
    assert (np.abs(image - 0.96) > 1e-6).any(axis=2).all()
    assert len(figures.factors_figure([np.eye(2), np.ones((2, 2))]).axes) == 2
    pyplot.close("all")


def test_seconds_of_several_methods_have_lines_of_their_own():
    from matplotlib import pyplot

    cells = [(8, OURS, "two"), (8, OURS, "all"), (16, OURS, "all"), (8, "pyfaust", "all")]
    names = ("size", "method", "factors")
    rows = [dict(zip(names, cell, strict=True)) | {"transform": "dft"} for cell in cells]
    metrics, experiment = {"error": 1e-16, "cpu_seconds": 2.0}, plan.EXPERIMENTS["factorization"]
    frame = tables.factorizations(
        SimpleNamespace(experiment=experiment, parameters=row, metrics=metrics) for row in rows
    )
    figure = figures.seconds_by_size(frame)
    assert {line.get_linestyle() for line in figure.axes[1].lines} == {"-", ":"}
    assert [text.get_text() for text in figure.axes[0].get_legend().texts] == [f"dft, {OURS}"]
    pyplot.close(figure)


@pytest.mark.parametrize(
    "option, message",
    [
        ({"sizes": (12,)}, "n = 12: expected a power of two"),
        ({"structures": (2,)}, "structures = .2,.: expected at least 4"),
        ({"repetitions": 0}, "repetitions = 0: expected at least 1"),
        ({"vectors": (0,)}, "vectors = .0,.: expected at least 1"),
        ({"noises": (0.0,)}, "noises = .0.0,.: expected positive numbers"),
    ],
)
def test_bad_options_are_refused(option, message):
    with pytest.raises(ValueError, match=message):
        resolve(plan.PROFILES, "smoke", **option)
