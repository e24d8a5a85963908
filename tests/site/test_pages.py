"""Every page of the built site as readers meet it: wide or on a telephone, by day or by night."""

import pytest

from fourmasks.book.built import pages
from fourmasks.book.built.browser import set_theme, settle, view
from fourmasks.system.paths import project_root

pytest.importorskip("selenium", reason="selenium is not installed: the site is not opened in a browser")
axe = pytest.importorskip("axe_core_python.selenium", reason="axe-core-python is not installed")

WIDTHS, THEMES = (pages.WIDTH, 390), ("light", "dark")
# Text that its own box hides: what scrolls can be reached, what is cut with an ellipsis or not at all cannot.
LAYOUT = """
const root = document.documentElement, found = [];
if (root.scrollWidth > arguments[0]) found.push(`scrolls sideways: ${root.scrollWidth} wide`);
for (const image of document.querySelectorAll("img:not([alt])")) found.push(`no alt text: ${image.src}`);
for (const one of document.querySelectorAll("article *")) {
    const own = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const style = getComputedStyle(one);
    const hidden = ["hidden", "clip"].includes(style.overflowX) && one.scrollWidth > one.clientWidth + 1;
    if (own && hidden && one.clientWidth > 1) found.push(`cut off: ${one.textContent.trim().slice(0, 60)}`);
}
for (const { name } of performance.getEntriesByType("resource"))
    if (!/^(file|data|blob):/.test(name)) found.push(`loaded from elsewhere: ${name}`);
return found;
"""
# Labels tell what is in formulas and drawings, a few rows or entries tell for a long table or reference, and
# docutils gives the references roles that are out of use. Without all of these axe-core takes seconds a page.
LIGHTEN = """
for (const name of [
    "mjx-container", ".fm-plot svg > *", ".citation-list", ".fm-claims tbody tr:nth-child(n+4)",
    ".fm-table tbody tr:nth-child(n+4)", ".fm-table tbody:nth-of-type(n+3)", "pre > *:nth-child(n+20)",
    ".bd-sidebar-primary li li", "dl.py:nth-of-type(n+4)"
]) document.querySelectorAll(name).forEach(one => one.remove());
document.head.insertAdjacentHTML("beforeend", "<style>* { transition: none !important }</style>");
"""
RUN = "axe.run(document, arguments[0]).then(arguments[1])"
# Rules that the theme breaks, with its logo outside of all landmarks, and sphinx-proof, with one id for all.
THEIRS = {"region": {"enabled": False}, "duplicate-id": {"enabled": False}}
# Nothing else is looked at, so that axe-core need not describe it; colours are all that the theme changes.
BRIEF = {"resultTypes": ["violations"], "preload": False}
RULES = {"light": BRIEF | {"rules": THEIRS}, "dark": BRIEF | {"runOnly": ["color-contrast"]}}


def violations(browser, options):
    """Return a line for each rule of axe-core that the page breaks, with the first element that does."""
    browser.execute_script(axe.Axe().axe_script)
    found = browser.execute_async_script(RUN, options)["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:150]} ({len(one['nodes'])})" for one in found]


def visit(browser, address):
    """Return the height of a page, and what is wrong with it at each width and in each theme."""
    view(browser, WIDTHS[0])
    browser.get(address)
    settle(browser)
    height, found = pages.height(browser), []
    for width in WIDTHS:
        view(browser, width)
        found += [f"{width}: {line}" for line in browser.execute_script(LAYOUT, width)]
    view(browser, WIDTHS[0])
    browser.execute_script(LIGHTEN)
    for theme in THEMES:
        set_theme(browser, theme)
        found += [f"{theme}: {line}" for line in violations(browser, RULES[theme])]
    return height, found


@pytest.fixture(scope="module")
def sized(browser):
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("name", pages.names(project_root() / "_build" / "html"))
def test_every_page_can_be_read_by_everybody_and_is_not_too_long_too_heavy_or_full_of_code(name, sized, site):
    height, found = visit(sized, (site / f"{name}.html").as_uri())
    assert not found + pages.beyond(pages.measure(site, {name: height}))


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<div style='width: 2000px'>wide</div>", "1400: scrolls sideways"),
        ("<div style='width: 600px'>wide</div>", "390: scrolls sideways"),
        ("<img src='data:,'>", "no alt text"),
        (
            "<img alt='A face.' src='http://127.0.0.1:9/face.png'>",
            "loaded from elsewhere: http://127.0.0.1:9",
        ),
        ("<p style='width: 5em; overflow: hidden; white-space: nowrap'>longer than its box</p>", "cut off"),
        ("<p style='color: #ccc; background: #fff'>too faint to read</p>", "light: color-contrast"),
        (
            "<style>[data-theme=dark] p { color: #222; background: #000 }</style><p>dark</p>",
            "dark: color-contrast",
        ),
        ("<button></button>", "light: button-name"),
    ],
)
def test_a_bad_page_is_found(sized, tmp_path, body, complaint):
    head = '<title>t</title><meta name="viewport" content="width=device-width">'
    for name, content in {"good": "<p>fine</p>", "bad": body}.items():
        page = f'<!DOCTYPE html><html lang="en"><head>{head}</head>'
        page += f"<body><main><h1>t</h1><article>{content}</article></main></body></html>"
        (tmp_path / f"{name}.html").write_text(page)
    (_, fine), (_, found) = (visit(sized, (tmp_path / f"{name}.html").as_uri()) for name in ("good", "bad"))
    assert not fine
    assert any(complaint in line for line in found)
