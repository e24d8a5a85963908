"""Every page of the built site as readers meet it: wide or on a telephone, by day or by night."""

import pytest

from fourmasks.book.built import pages

pytest.importorskip("selenium", reason="selenium is not installed: the site is not opened in a browser")
axe = pytest.importorskip("axe_core_python.selenium", reason="axe-core-python is not installed")

WIDTHS, THEMES = (1400, 390), ("light", "dark")
READY = """
const done = arguments[arguments.length - 1];
(window.MathJax?.startup?.promise ?? Promise.resolve()).then(() => done(true), () => done(false));
"""
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
return found;
"""
# Labels tell what is in formulas and drawings, a few rows tell for a long table, and docutils
# gives the references roles that are out of use. Without all of these axe-core takes seconds a page.
LIGHTEN = """
for (const name of [
    "mjx-container", ".fm-plot svg > *", ".citation-list", ".fm-claims tbody tr:nth-child(n+4)",
    ".fm-table tbody tr:nth-child(n+4)", ".fm-table tbody:nth-of-type(n+3)", "pre > *:nth-child(n+20)",
    ".bd-sidebar-primary li li"
]) document.querySelectorAll(name).forEach(one => one.remove());
document.head.insertAdjacentHTML("beforeend", "<style>* { transition: none !important }</style>");
"""
RUN = "axe.run(document, arguments[0]).then(arguments[1])"
# Rules that the theme breaks, with its logo outside of all landmarks, and sphinx-proof, with one id for all.
THEIRS = {"region": {"enabled": False}, "duplicate-id": {"enabled": False}}
# Colours are all that the theme changes.
RULES = {"light": {"rules": THEIRS}, "dark": {"runOnly": ["color-contrast"]}}


def resize(browser, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def set_theme(browser, theme):
    browser.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)


def violations(browser, options):
    """Return a line for each rule of axe-core that the page breaks, with the first element that does."""
    browser.execute_script(axe.Axe().axe_script)
    found = browser.execute_async_script(RUN, options)["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:150]} ({len(one['nodes'])})" for one in found]


def problems(browser, address):
    """Return what is wrong with a page at each width and in each theme."""
    resize(browser, WIDTHS[0])
    browser.get(address)
    browser.execute_async_script(READY)
    found = []
    for width in WIDTHS:
        resize(browser, width)
        found += [f"{width}: {line}" for line in browser.execute_script(LAYOUT, width)]
    resize(browser, WIDTHS[0])
    browser.execute_script(LIGHTEN)
    for theme in THEMES:
        set_theme(browser, theme)
        found += [f"{theme}: {line}" for line in violations(browser, RULES[theme])]
    return found


@pytest.fixture(scope="module")
def sized(browser):
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_every_page_can_be_read_by_everybody(sized, site):
    found = {name: problems(sized, (site / f"{name}.html").as_uri()) for name in pages.names(site)}
    assert not [f"{name}: {line}" for name, lines in found.items() for line in lines]


def test_no_page_is_too_long_too_heavy_or_full_of_code(sized, site):
    assert not pages.beyond(pages.measure(site))


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<div style='width: 2000px'>wide</div>", "1400: scrolls sideways"),
        ("<div style='width: 600px'>wide</div>", "390: scrolls sideways"),
        ("<img src='data:,'>", "no alt text"),
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
    assert not problems(sized, (tmp_path / "good.html").as_uri())
    assert any(complaint in line for line in problems(sized, (tmp_path / "bad.html").as_uri()))
