"""Figures: what is displayed, where its numbers come from, and that looks are stable."""

import base64
import io
import re
from dataclasses import replace
from urllib.parse import unquote

import matplotlib
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402

from fourmasks.pages import figures, vector  # noqa: E402
from fourmasks.pages.figures import (  # noqa: E402
    FALLBACK_MARKERS,
    METHOD_STYLE,
    PALETTE,
    encoded,
    label_lines,
    method_style,
    provenance,
    show,
    use_style,
)
from fourmasks.records.standing import code_digest  # noqa: E402
from fourmasks.records.store import Record  # noqa: E402

FUNCTION = "fourmasks.data.readers.synthetic.random_dense"
RECORD = Record(
    experiment="mmf/reconstruction",
    profile="book",
    parameters={"seed": 0},
    metrics={"relative_error": 0.5},
    curves={},
    seconds=4.1,
    peak_memory_mb=1.0,
    device="cpu",
    threads=2,
    versions={},
    commit="abc1234def",
    machine={},
    function=FUNCTION,
    code=code_digest(FUNCTION, {}),
    confirmed={},
    data_sha256="0" * 64,
    created="2026-01-01T00:00:00+00:00",
)


def seeds(*values, **fields):
    return [replace(RECORD, parameters={"seed": seed}, **fields) for seed in values]


def draw():
    use_style()
    fig, ax = pyplot.subplots()
    ax.plot([1, 2, 3], [3, 1, 2], **method_style("svd"))
    return fig


@pytest.fixture
def shown(monkeypatch):
    """What `show` displays, as a list of (data, options)."""
    calls = []
    monkeypatch.setattr("IPython.display.display", lambda data, **options: calls.append((data, options)))
    return calls


# ---- show ----


def parsed(shown):
    return BeautifulSoup(shown[-1][0]["text/html"], "html.parser")


def test_show_displays_one_figure_with_alt_caption_and_provenance(shown):
    hostile = 'errors < 1 & "falling" <script>'
    show(draw(), alt=hostile, caption="a <b>caption</b>", provenance="profile book · x & y")
    ((data, options),) = shown
    assert options == {"raw": True}
    assert data.keys() == {"text/html", "text/plain"}
    assert data["text/plain"] == "a <b>caption</b>"
    page = parsed(shown)
    assert page.figure["class"] == ["fm-figure"]
    assert page.svg["aria-label"] == hostile and page.svg["role"] == "img"
    assert page.figcaption.find(string=True) == "a <b>caption</b>"
    assert page.select_one(".fm-provenance").find(string=True) == "profile book · x & y"


def test_below_a_figure_are_its_data_its_code_and_the_command(shown, monkeypatch):
    monkeypatch.setattr(figures, "_notebook", "mmf/ratings")
    show(draw(), alt="a", caption="Figure 3. Falls.", provenance="profile paper · x")
    page = parsed(shown)
    data, code = page.select(".fm-links a")
    assert data["download"] == "ratings-figure-3.csv"
    kind, _, text = data["href"].partition(",")
    assert kind == "data:text/csv;charset=utf-8"
    table = pd.read_csv(io.StringIO(unquote(text)))
    assert table[["series", "x", "y"]].values.tolist() == [
        ["line 1", 1, 3],
        ["line 1", 2, 1],
        ["line 1", 3, 2],
    ]
    assert code["href"] == "ratings.py"
    assert page.code.text == "fourmasks run mmf/ratings --profile paper"


def test_given_data_are_what_is_saved(shown):
    show(draw(), alt="a", caption="b", provenance="c", data=pd.DataFrame({"x": [0.5]}))
    assert "x%0A0,0.5" in parsed(shown).select_one("a")["href"]


def test_show_closes_the_figure(shown):
    fig = draw()
    show(fig, alt="a", caption="b", provenance="c")
    assert not pyplot.fignum_exists(fig.number)


def test_the_same_figure_gives_the_same_text_without_software_or_date(shown):
    for _ in range(2):
        show(draw(), alt="a", caption="b", provenance="c")
    assert shown[0] == shown[1]
    assert not re.search(r"matplotlib|\d{4}-\d\d-\d\d", parsed(shown).svg.decode(), re.IGNORECASE)


def test_a_large_figure_is_an_opaque_png_of_double_density(shown, monkeypatch):
    monkeypatch.setattr(vector, "LIMIT", 2000)
    for _ in range(2):
        show(draw(), alt="a", caption="b", provenance="c")
    assert shown[0] == shown[1]
    image = parsed(shown).img
    assert image["alt"] == "a"
    kind, pixels = image["src"].split(",")
    assert kind == "data:image/png;base64"
    assert b"Software" not in base64.b64decode(pixels) and b"tIME" not in base64.b64decode(pixels)
    drawn = pyplot.imread(io.BytesIO(base64.b64decode(pixels)))
    assert drawn.shape[1] == pytest.approx(2 * int(image["width"]), abs=1)
    assert drawn.shape[2] == 3 or (drawn[..., 3] == 1).all()
    assert (drawn[0, 0, :3] == 1).all()


def test_lines_are_labelled_at_their_ends_and_apart():
    fig, ax = pyplot.subplots()
    for height, name in ((1.0, "svd"), (1.001, "mmf-learned"), (3.0, "mf-tuned")):
        ax.plot([0, 1, 2], [0, 1, height], label=name, color="#0072B2")
    label_lines(ax)
    fig.canvas.draw()
    assert [text.get_text() for text in ax.texts] == ["truncated SVD", "MMF, learned masks", "BiasMF, tuned"]
    boxes = [text.get_window_extent() for text in ax.texts]
    assert all(low.y1 <= high.y0 + 1 for low, high in zip(boxes, boxes[1:], strict=False))
    assert {text.get_color() for text in ax.texts} == {"#0072B2"}
    pyplot.close(fig)


def test_an_image_with_256_colours_is_hardly_another_and_smaller():
    fig, ax = pyplot.subplots()
    ax.imshow(np.add.outer(np.linspace(0, 1, 300), np.linspace(0, 1, 300) ** 2))
    whole = io.BytesIO()
    fig.savefig(whole, format="png")
    image = base64.b64decode(encoded(fig))
    pyplot.close(fig)
    drawn, seen = (
        np.asarray(Image.open(file).convert("RGB"), dtype=float) for file in (whole, io.BytesIO(image))
    )
    assert np.abs(drawn - seen).mean() < 1.5  # of 255
    assert len(image) < len(whole.getvalue())


@pytest.mark.parametrize("name", ["alt", "caption", "provenance"])
@pytest.mark.parametrize("empty", ["", "  \n", None])
def test_show_refuses_a_figure_without_words(shown, name, empty):
    fig = draw()
    with pytest.raises(ValueError, match=f"^{name} is empty"):
        show(fig, **{"alt": "a", "caption": "b", "provenance": "c"} | {name: empty})
    assert not shown
    pyplot.close(fig)


# ---- provenance ----


def test_provenance_tells_profile_data_seeds_device_seconds_commit():
    line = provenance(seeds(0, 1, 2), profile="book", data="s6, s7 (synthetic)")
    expected = "profile book · data s6, s7 (synthetic) · seeds 0–2 · cpu, 2 threads · 12.3 s · commit abc1234"
    assert line == expected


@pytest.mark.parametrize(
    ("values", "words"),
    [([3], " · seed 3 · "), ([2, 0, 1, 1], " · seeds 0–2 · "), ([5, 0, 2], " · seeds 0, 2, 5 · ")],
)
def test_provenance_shortens_seeds(values, words):
    assert words in provenance(seeds(*values), profile="book", data="s6")


def test_provenance_without_seeds_leaves_them_out():
    line = provenance([*seeds(None), replace(RECORD, parameters={})], profile="book", data="s6")
    assert line.startswith("profile book · data s6 · cpu, 2 threads · ")


def test_provenance_lists_every_device_and_commit():
    gpu = replace(RECORD, device="cuda (NVIDIA H200)", threads=1, commit="0123456789+dirty", seconds=7200.0)
    line = provenance([RECORD, gpu], profile="paper", data="s6")
    assert " · cpu, 2 threads; cuda (NVIDIA H200), 1 thread · 2.0 h · commits 0123456+dirty, abc1234" in line


def test_provenance_counts_stale_records():
    old = replace(RECORD, code="0" * 32)
    line = provenance([RECORD, old, RECORD], profile="book", data="s6")
    assert line.endswith(" · STALE: 1 of 3 records are older than the code")
    assert "STALE" not in provenance([RECORD], profile="book", data="s6")


def test_provenance_needs_records():
    with pytest.raises(ValueError, match="no records"):
        provenance([], profile="book", data="s6")


# ---- styles ----


def luminance(color):
    """Relative luminance as WCAG 2 defines it."""
    rgb = np.array(matplotlib.colors.to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_colours_stand_out_from_the_white_face():
    use_style()
    assert pyplot.rcParams["savefig.facecolor"] == pyplot.rcParams["axes.facecolor"] == "white"
    assert min(1.05 / (luminance(color) + 0.05) for color in PALETTE) > 2


def test_listed_methods_differ_in_marker_and_use_the_palette():
    markers = [style["marker"] for style in METHOD_STYLE.values()]
    assert len(set(markers)) == len(markers)
    assert not set(markers) & set(FALLBACK_MARKERS)
    assert {style["color"] for style in METHOD_STYLE.values()} <= set(PALETTE)


def test_a_method_looks_the_same_in_any_case_and_cannot_be_changed_by_a_caller():
    assert method_style("MF-SGD") == METHOD_STYLE["mf-sgd"]
    method_style("svd")["color"] = "red"
    assert method_style("svd")["color"] == "#000000"


@given(st.text())
def test_any_label_gets_a_look_that_matplotlib_draws(label):
    style = method_style(label)
    assert style == method_style(label)
    assert style["color"] in PALETTE
    assert matplotlib.markers.MarkerStyle(style["marker"])


def test_the_look_of_an_unlisted_method_does_not_depend_on_the_process():
    # Python's own hash of a text would give another look in every process.
    assert method_style("ease") == {"color": "#56B4E9", "marker": "8", "linestyle": "-"}
