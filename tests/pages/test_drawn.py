"""The numbers of a figure: what is drawn is what is saved."""

import base64
import gzip
import io
import re
from urllib.parse import unquote

import matplotlib
import numpy as np
import pandas as pd
import pytest

matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402

from fourmasks.pages.drawn import LIMIT, link, numbers  # noqa: E402


@pytest.fixture
def axis():
    fig, ax = pyplot.subplots()
    yield ax
    pyplot.close(fig)


def table(axis):
    return pd.read_csv(io.StringIO(numbers(axis.figure)))


def test_lines_are_there_by_label_without_what_only_guides_the_eye(axis):
    axis.plot([0, 1], [0.5, np.nan], label="SVD")
    axis.plot([0.1234567], [2])
    axis.axhline(1)
    axis.set_title("Errors")
    found = table(axis)
    assert found.columns.tolist() == ["panel", "series", "x", "y"]
    assert found.values.tolist() == [["Errors", "SVD", 0, 0.5], ["Errors", "line 2", 0.123457, 2]]


def test_bars_have_their_names_and_intervals(axis):
    axis.barh([1, 0], [3.0, -2.0], xerr=[0.5, 0.25])
    axis.set_yticks([1, 0], ["masks", "tuning"])
    found = table(axis)
    assert found[["x", "y", "±"]].values.tolist() == [[3.0, "masks", 0.5], [-2.0, "tuning", 0.25]]


def test_stacked_bars_end_where_they_end(axis):
    axis.bar([0], [1.0], label="a")
    axis.bar([0], [2.0], bottom=[1.0], label="b")
    assert table(axis)[["series", "y"]].values.tolist() == [["a", 1.0], ["b", 3.0]]


def test_points_and_images(axis):
    axis.scatter([1, 2], [3, 4], label="users")
    assert table(axis)[["series", "x", "y"]].values.tolist() == [["users", 1, 3], ["users", 2, 4]]
    axis.clear()
    axis.imshow([[1.0, 2.0]])
    assert table(axis)[["series", "x", "y"]].values.tolist() == [["row 0", 0, 1.0], ["row 0", 1, 2.0]]


def test_panels_are_told_apart():
    fig, axes = pyplot.subplots(1, 2)
    for ax in axes:
        ax.plot([0], [1])
    axes[0].set_title("left\npanel")
    assert pd.read_csv(io.StringIO(numbers(fig)))["panel"].tolist() == ["left panel", "2"]
    pyplot.close(fig)


def test_a_figure_without_numbers_has_no_link(axis):
    assert numbers(axis.figure) == ""
    assert link("", "x") == ""
    long = "1\n" * LIMIT
    found = re.search(r'download="x.csv.gz" href="data:application/gzip;base64,([^"]*)"', link(long, "x"))
    assert gzip.decompress(base64.b64decode(found[1])).decode() == long
    generator = np.random.default_rng(0)
    assert link("\n".join(map(str, generator.random(LIMIT))), "x") == ""


def test_a_link_holds_the_text_whatever_is_in_it():
    text = 'a,b\n"± <x> & ""y""",50%#\n'
    found = link(text, "x")
    assert unquote(found.partition('href="')[2].partition('"')[0].partition(",")[2]) == text
    assert not set('<>&"') & set(found.partition('href="')[2].partition('"')[0])
