"""Tables and figures as a reader sees them: on a wide page and on a telephone, by day and by night."""

import matplotlib
import nbformat
import pandas as pd
import pytest

from fourmasks.book.built.browser import set_theme, view

pytest.importorskip("selenium", reason="selenium is not installed: the page is not opened in a browser")
matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402

from fourmasks.pages import figures as page  # noqa: E402

LEAST = 12  # pixels, 9 points
WIDTHS, THEMES = (1400, 390), ("light", "dark")

# The size of each text of an SVG in pixels: matplotlib scales glyphs that are 100 units high.
TEXT_SIZES = """
return [...document.querySelectorAll('.fm-plot svg g[transform*="scale(0."]')].map(text => {
    const matrix = text.getScreenCTM();
    return 100 * Math.hypot(matrix.a, matrix.b);
});
"""
CELL_SIZES = """
return [...document.querySelectorAll(".fm-table :is(td, th), .fm-links, .fm-legend")]
    .map(one => parseFloat(getComputedStyle(one).fontSize));
"""
FRAMES = """
return [...document.querySelectorAll(".fm-table, .fm-plot")].map(one => [one.clientWidth, one.scrollWidth]);
"""
CAPTION = """
return [".fm-table", ".fm-table caption > div", ".fm-table table"]
    .map(name => document.querySelector(name).getBoundingClientRect().width);
"""
NUMBERS = """
return [...document.querySelectorAll(".fm-table td")].map(getComputedStyle)
    .map(style => `${style.textAlign} ${style.fontVariantNumeric}`);
"""
# Contrast of a text with the ground that is seen behind it, as WCAG 2 defines it.
CONTRAST = """
const channels = colour => colour.match(/[\\d.]+/g).map(Number);
const luminance = colour => channels(colour).slice(0, 3)
    .map(x => x / 255).map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
    .reduce((sum, x, place) => sum + x * [0.2126, 0.7152, 0.0722][place], 0);
const ground = element => {
    for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor, alpha = channels(colour)[3];
        if (alpha === undefined || alpha === 1) return colour;
    }
    return "rgb(255, 255, 255)";
};
return [...document.querySelectorAll(arguments[0])].map(element => {
    const both = [getComputedStyle(element).color, ground(element)].map(luminance).sort((a, b) => b - a);
    return (both[0] + 0.05) / (both[1] + 0.05);
});
"""
STICKY = """
const frame = document.querySelectorAll('.fm-table')[1];
const left = () => [...frame.querySelectorAll("tr")]
    .map(row => (row.querySelector("span") ?? row.cells[0]).getBoundingClientRect().left);
const before = left();
frame.scrollLeft = 10000;
return [frame.scrollLeft, before, left()];
"""


def outputs():
    """Return what a narrow table, a wide one and two figures show."""
    narrow = pd.DataFrame({"test_rmse": [0.91, 0.93]}, index=["mmf-learned", "mf-tuned"])
    wide = pd.DataFrame([[0.123456] * 24] * 3, columns=[f"measure {n}" for n in range(24)])
    wide.index = pd.MultiIndex.from_tuples(
        [("ml-100k", "mmf-learned"), ("ml-100k", "mf-tuned"), ("ml-1m", "svd++")]
    )
    tables = (
        page.table(
            narrow, caption="A caption that is much longer than the table is wide " * 2, best="lowest"
        ),
        page.table(wide, caption="A table that is wider than any page", best="highest", along="rows"),
    )
    yield from (shown._repr_mimebundle_() for shown in tables)
    for width, panels in ((6, 1), (11, 3)):
        fig, axes = pyplot.subplots(1, panels, figsize=(width, 3), squeeze=False)
        for axis in axes.flat:
            axis.plot([1, 2, 3], [3, 1, 2], label="mmf-learned", color="#000000")
            axis.set(title="ml-100k", xlabel="epoch", ylabel="test_rmse")
            axis.legend(fontsize=6)
        words = f"<figcaption>{page.below('profile book', 'x,y', 'Figure.')}</figcaption>"
        drawn = f'<div class="fm-plot">{page.element(fig, "Three lines.")}</div>'
        yield {"text/html": f'<figure class="fm-figure">{drawn}{words}</figure>', "text/plain": "a figure"}
        pyplot.close(fig)


@pytest.fixture(scope="module")
def looks(tmp_path_factory, build_book):
    """Folder of a site with one page, built with the book's own configuration and style."""
    page.use_style()
    folder = tmp_path_factory.mktemp("looks")
    cells = [nbformat.v4.new_markdown_cell("# Looks")]
    for data in outputs():
        shown = nbformat.v4.new_output("display_data", data=data)
        cells.append(nbformat.v4.new_code_cell("1", execution_count=1, outputs=[shown]))
    language = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=language), folder / "looks.ipynb")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: looks\n")
    return build_book(folder)


@pytest.fixture
def opened(looks, browser):
    """Return the function that opens the page at a width in a theme; it gives the browser."""

    def at(width, theme):
        view(browser, width)
        browser.get((looks / "looks.html").as_uri())  # from the disk, as a reader may
        set_theme(browser, theme)
        return browser

    yield at
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("width", WIDTHS)
def test_no_text_is_smaller_than_nine_points(opened, width):
    browser = opened(width, "light")
    sizes = browser.execute_script(TEXT_SIZES)
    assert len(sizes) > 40
    assert min(sizes) >= 0.97 * LEAST
    assert min(browser.execute_script(CELL_SIZES)) >= LEAST


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_all_stands_out_from_its_ground(opened, width, theme):
    browser = opened(width, theme)
    for part in (
        ".fm-table td",
        ".fm-table th",
        ".fm-table caption > div",
        ".fm-legend",
        ".fm-plot svg",
        ".fm-provenance",
    ):
        found = browser.execute_script(CONTRAST, part)
        assert found and min(found) >= 4.5, part


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_is_as_wide_as_the_screen_and_tables_and_figures_scroll_in_their_frames(opened, width):
    browser = opened(width, "light")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    frames = browser.execute_script(FRAMES)
    scrolling = [inside > outside + 1 for outside, inside in frames]
    assert scrolling == ([False, True, False, False] if width > 1000 else [False, True, True, True])


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_column_stays_while_a_table_scrolls(opened, width):
    scrolled, before, after = opened(width, "light").execute_script(STICKY)
    assert scrolled > 100
    assert after == pytest.approx(before, abs=1)


def test_a_caption_is_as_wide_as_the_frame_and_not_as_a_narrow_table(opened):
    frame, caption, table = opened(1400, "light").execute_script(CAPTION)
    assert caption == pytest.approx(frame, abs=1) and table < frame / 2


def test_numbers_line_up_at_the_right(opened):
    assert set(opened(1400, "light").execute_script(NUMBERS)) == {"right tabular-nums"}
