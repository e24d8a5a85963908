"""Figures as SVG: for both themes, with ids of their own, and with text that can be read."""

import base64
import io
import re

import matplotlib
import numpy as np
import pytest
from bs4 import BeautifulSoup

matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402
from matplotlib.patches import Rectangle  # noqa: E402
from matplotlib.text import Text  # noqa: E402

from fourmasks.pages.figures import element, use_style  # noqa: E402
from fourmasks.pages.vector import CROWD, FIXED, LEAST, MANY, WIDTH, prepare, rasterize, svg  # noqa: E402


@pytest.fixture(autouse=True)
def style():
    use_style()
    yield
    pyplot.close("all")


def colours(text):
    return set(re.findall(r"(?:fill|stroke):([^;\"]+)", text))


def test_black_and_white_are_the_page_s():
    fig, ax = pyplot.subplots()
    ax.plot([1, 2], [1, 2], color="#000000")
    ax.plot([1, 2], [2, 1], color="#0072B2", label="blue")
    ax.legend()
    text = element(fig, "a")
    assert {"#000000", "#ffffff"} & colours(text) == set()
    assert {"currentColor", "var(--fm-ground,#fff)", "var(--fm-rule,#d9d9d9)"} <= colours(text)
    assert "#0072b2" in colours(text)
    assert 'fill="currentColor"' in text.partition(">")[0]


def test_text_on_a_colour_keeps_its_own_and_the_colour_does_not_shine_through():
    fig, ax = pyplot.subplots()
    ax.set(xlim=(0, 3), ylim=(0, 1))
    ax.add_patch(Rectangle((0, 0), 1, 1, facecolor="#E69F00", alpha=0.45))
    ax.text(0.5, 0.5, "on", ha="center")
    ax.text(2.5, 0.5, "off", ha="center")
    prepare(fig)
    on, off = ax.texts
    assert on.get_color() == FIXED["dark"] and off.get_color() == "black"
    assert ax.patches[0].get_facecolor()[3] == 1
    mixed = 1 - 0.45 * (1 - np.array(matplotlib.colors.to_rgb("#E69F00")))
    assert ax.patches[0].get_facecolor()[:3] == pytest.approx(mixed)


def test_text_and_frames_on_an_image_keep_their_own():
    fig, ax = pyplot.subplots()
    ax.imshow(np.eye(2))
    for colour in ("black", "white"):
        ax.text(0, 0, "1", color=colour)
    frame = ax.add_patch(Rectangle((-0.4, -0.4), 0.8, 0.8, fill=False, edgecolor="#222222"))
    prepare(fig)
    assert [text.get_color() for text in ax.texts] == [FIXED["dark"], FIXED["light"]]
    assert matplotlib.colors.to_hex(frame.get_edgecolor()) == FIXED["dark"]


def test_text_on_a_white_box_follows_the_theme_with_it():
    fig, ax = pyplot.subplots()
    ax.add_patch(Rectangle((0, 0), 1, 1, facecolor="white"))
    ax.text(0.5, 0.5, "in the box")
    prepare(fig)
    assert ax.texts[0].get_color() == "black"


@pytest.mark.parametrize("width", [4, 7, 11])
def test_no_text_is_too_small_on_the_page(width):
    fig, axes = pyplot.subplots(1, 3, figsize=(width, 3))
    for axis in axes:
        axis.plot([0.001, 1000], [1, 2], label="x")
        axis.set_xscale("log")
        axis.legend(fontsize=5)
        axis.tick_params(labelsize=4)
        axis.text(1, 1, "small", fontsize=3)
    text = element(fig, "a")
    shown = min(1, WIDTH / float(re.search(r'width="(\d+)"', text)[1]))
    sizes = [one.get_fontsize() for one in fig.findobj(Text) if one.get_text() and one.get_visible()]
    assert min(sizes) * shown >= 0.97 * LEAST
    narrowest = float(re.search(r"min-width:(\d+)px", text)[1])
    assert narrowest <= 1.03 * WIDTH
    assert min(sizes) * narrowest / float(re.search(r'width="(\d+)"', text)[1]) >= 0.97 * LEAST


def test_identifiers_become_words_wherever_they_stand():
    fig, ax = pyplot.subplots()
    ax.plot([0, 1], [0, 1], label="mmf-learned")
    ax.legend()
    ax.set(title="ml-100k", ylabel="test_rmse")
    ax.set_xticks([0, 1], ["mf-plain → mmf-constant", "rescaling\nsvd++"])
    ax.set_yticks([0, 1], ["mmf-reference", 1])
    prepare(fig)
    assert ax.get_title() == "MovieLens 100K" and ax.get_ylabel() == "test RMSE"
    assert ax.get_legend().get_texts()[0].get_text() == "MMF, learned masks"
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert labels == ["BiasMF, reference\nsettings → MMF,\nconstant weight", "rescaling\nSVD++"]
    assert ax.get_yticklabels()[0].get_text() == "MMF, reference default (zero shifts)"


def test_ids_are_a_figure_s_own_and_all_are_used():
    found = []
    for title in "ab":
        fig, ax = pyplot.subplots()
        ax.plot([1, 2, 3], [1, 2, 1], marker="o")
        ax.set_title(title)
        page = BeautifulSoup(element(fig, title), "html.parser")
        ids = [tag["id"] for tag in page.find_all(id=True)]
        used = {tag["href"][1:] for tag in page.find_all(href=True)}
        used |= set(re.findall(r"url\(#([^)]+)\)", str(page)))
        assert len(ids) == len(set(ids)) and set(ids) == used
        found.append(set(ids))
    assert not found[0] & found[1]
    assert page.find("style") is None  # it would hold for the whole page


def test_many_points_are_pixels_and_the_rest_stays_sharp():
    fig, ax = pyplot.subplots()
    values = np.random.default_rng(0).standard_normal((2, 20_000))
    ax.scatter(*values, s=2)
    ax.set_xlabel("x")
    text = element(fig, "a")
    assert text.startswith("<svg") and len(text) < 150_000
    assert "data:image/png;base64" in text


def test_an_uncropped_figure_has_the_size_that_was_asked_for():
    fig = pyplot.figure(figsize=(3, 2))
    fig.text(0.5, 0.5, "x")
    prepare(fig)
    assert 'viewBox="0 0 216 144"' in svg(fig, "a", crop=False)


def test_pixels_show_the_ground_through_and_are_the_same_on_every_run():
    texts = []
    for _ in range(2):
        fig, ax = pyplot.subplots()
        ax.plot(*np.random.default_rng(0).standard_normal((2, 2000)), "o", color="#0072B2")
        texts.append(element(fig, "a"))
    assert texts[0] == texts[1]
    pixels = re.search(r"data:image/png;base64,([^\"]+)", texts[0])[1]
    assert pyplot.imread(io.BytesIO(base64.b64decode(pixels)))[..., 3].min() == 0


def test_marks_are_counted_before_anything_is_drawn():
    fig, ax = pyplot.subplots()
    (few,) = ax.plot(range(MANY - 1), range(MANY - 1), "o")
    (many,) = ax.plot(range(CROWD), range(CROWD), "o")
    (line,) = ax.plot(range(CROWD), range(CROWD), marker="")
    rasterize(fig)
    assert [artist.get_rasterized() for artist in (few, many, line)] == [False, True, False]


def test_strokes_of_one_look_are_one_path_unless_they_add_up():
    fig, ax = pyplot.subplots()
    ax.hlines([0, 1, 2], 0, 1, color="#0072B2")
    ax.hlines([3, 4, 5], 0, 1, color="#D55E00", alpha=0.5)
    text = element(fig, "a")
    assert (text.count("stroke:#0072b2"), text.count("stroke:#d55e00")) == (1, 3)
