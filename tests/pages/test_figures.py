"""Figures: what is displayed, where its numbers come from, and that looks and tables are stable."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402

from fourmasks.pages.figures import (  # noqa: E402
    FALLBACK_MARKERS,
    METHOD_STYLE,
    PALETTE,
    encoded,
    method_style,
    provenance,
    show,
    table,
    use_style,
)
from fourmasks.records.store import Record, code_digest  # noqa: E402

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


class Page(HTMLParser):
    """Collects tags with their attributes, and the text inside each."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.open = {}, {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = dict(attrs)
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts[self.open[-1]] = data


@pytest.fixture
def shown(monkeypatch):
    """What `show` displays, as a list of (data, options)."""
    calls = []
    monkeypatch.setattr("IPython.display.display", lambda data, **options: calls.append((data, options)))
    return calls


# ---- show ----


def test_show_displays_one_figure_with_alt_caption_and_provenance(shown):
    fig = draw()
    hostile = 'errors < 1 & "falling" <script>'
    show(fig, alt=hostile, caption="a <b>caption</b>", provenance="profile book · x & y")
    ((data, options),) = shown
    assert options == {"raw": True}
    assert data.keys() == {"text/html", "text/plain"}
    assert data["text/plain"] == "a <b>caption</b>"
    page = Page(data["text/html"])
    assert list(page.tags) == ["figure", "img", "figcaption", "span"]
    assert not page.open
    assert page.tags["figure"] == {"class": "fm-figure"}
    assert page.tags["span"] == {"class": "fm-provenance"}
    assert page.tags["img"]["alt"] == hostile
    assert page.texts == {"figcaption": "a <b>caption</b>", "span": "profile book · x & y"}


def test_show_embeds_an_opaque_png_and_closes_the_figure(shown):
    fig = draw()
    show(fig, alt="a", caption="b", provenance="c")
    assert not pyplot.fignum_exists(fig.number)
    kind, image = Page(shown[0][0]["text/html"]).tags["img"]["src"].split(",")
    assert kind == "data:image/png;base64"
    pixels = pyplot.imread(io.BytesIO(base64.b64decode(image)))
    assert pixels.shape[2] == 3 or (pixels[..., 3] == 1).all()
    assert (pixels[0, 0, :3] == 1).all()


def test_the_same_figure_gives_the_same_bytes_without_software_or_date(shown):
    for _ in range(2):
        show(draw(), alt="a", caption="b", provenance="c")
    assert shown[0] == shown[1]
    image = base64.b64decode(re.search('base64,([^"]*)', shown[0][0]["text/html"])[1])
    assert b"Software" not in image
    assert b"tIME" not in image


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


# ---- table ----


def test_table_rounds_floats_and_leaves_the_rest():
    frame = pd.DataFrame(
        {
            "method": ["svd", None],
            "error": [0.123456, float("nan")],
            "tiny": [-1e-9, 2.0],
            "seeds": [3, 12],
            "done": [True, False],
            "budgets": [[10, 20], (5,)],
        },
        index=["a", "b"],
    )
    shown = table(frame, digits=3)
    assert shown.loc["a"].tolist() == ["svd", "0.123", "0.000", "3", "True", "[10, 20]"]
    assert shown.loc["b"].tolist() == ["–", "–", "2.000", "12", "False", "(5,)"]
    assert list(shown.columns) == list(frame.columns)
    assert frame.loc["a", "error"] == 0.123456


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(0, 8))
def test_table_text_is_the_number_to_the_digits_asked_for(value, digits):
    (text,) = table(pd.DataFrame([[value]]), digits)[0]
    assert float(text) == pytest.approx(value, abs=0.5001 * 10.0**-digits, rel=1e-12)
    assert len(text.partition(".")[2]) == digits
    assert not (text.startswith("-") and float(text) == 0)
