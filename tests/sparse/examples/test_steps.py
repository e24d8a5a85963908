"""The steps of Algorithm 1 that the page of examples leads through, as its committed notebook holds them."""

import html
import re

import nbformat
import pytest

from fourmasks.system.paths import notebooks_folder

NAMES = ("initialization", "observable", "inside", "across")


@pytest.fixture(scope="module")
def pages():
    cells = nbformat.read(notebooks_folder() / "sparse" / "examples.ipynb", as_version=4).cells
    found = (output.get("data", {}) for cell in cells for output in cell.get("outputs", ()))
    return [data["text/html"] for data in found if 'class="steps' in data.get("text/html", "")]


def test_each_picture_has_a_button_and_the_last_plays_them(pages):
    assert [page.count('<svg role="img"') for page in pages] == [6, 6]
    for page in pages:
        buttons = re.findall(r'<input type="radio" name="([\w-]+)" id="([\w-]+)"', page)
        labels = re.findall(r'<label for="([\w-]+)">([^<]+)</label>', page)
        count = page.count('<svg role="img"')
        (name,) = set(re.findall(r'<figure class="fm-figure" id="([\w-]+)"', page))
        ids = [f"{name}-{number}" for number in range(1, count + 2)]
        assert buttons == [(name, each) for each in ids] and [target for target, _ in labels] == ids
        texts = [text for _, text in labels]
        assert texts[-1] == "play" and texts[:2] == ["1. initialization", "2. observable"]
        assert all(text.split(". ")[1] in NAMES for text in texts[:-1])
        assert page.count(" checked>") == 1 and page.count("animation-delay") == count


def test_each_picture_is_described(pages):
    for page in pages:
        alts = [html.unescape(alt) for alt in re.findall(r'<svg role="img" aria-label="([^"]*)"', page)]
        starts = [alt.split(",")[0] for alt in alts]
        assert starts == [f"Stage {number}" for number in range(1, len(alts) + 1)]
        assert "missing: none" not in alts[0] and alts[-1].count("missing: none") >= 3
        assert re.search(r'<figcaption>\w.*<span class="fm-provenance">\w', page)


def test_the_page_is_complete_without_script_or_network(pages):
    assert not any("<script" in page or "http" in page for page in pages)
    assert len({re.search(r'id="(fm-\w+)"', page)[1] for page in pages}) == len(pages)
