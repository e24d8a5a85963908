"""The built pages in headless Chromium."""

import json
from urllib.parse import urlsplit

import nbformat
import pytest

from fourmasks.book.built.browser import settle
from fourmasks.system.paths import notebooks_folder

pytest.importorskip("selenium", reason="selenium is not installed: the site is not opened in a browser")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

UNRENDERED = """
return [...document.querySelectorAll(".math")]
    .filter(formula => !formula.querySelector("mjx-container") || formula.querySelector("mjx-merror"))
    .map(formula => formula.textContent);
"""


@pytest.fixture(scope="module")
def address(serve, site):
    with serve(site) as address:
        yield address


def problems_of_page(browser, address, path):
    """Open a page and return a line for each console error, foreign request and formula left unrendered."""
    for log in ("browser", "performance"):
        browser.get_log(log)  # what earlier pages left
    browser.get(f"{address}/{path}")
    rendered = settle(browser)
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    requests = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return [
        *(f"{path}: console: {e['message']}" for e in browser.get_log("browser") if e["level"] == "SEVERE"),
        *(f"{path}: request to {url}" for url in requests if is_foreign(url, address)),
        *([] if rendered else [f"{path}: MathJax did not start"]),
        *(f"{path}: not rendered: {text}" for text in browser.execute_script(UNRENDERED)),
    ]


def is_foreign(url, address):
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != urlsplit(address).netloc


def test_pages_are_silent_local_and_complete(browser, address, site):
    paths = [path.relative_to(site) for path in sorted(site.rglob("*.html"))]
    pages = [path.as_posix() for path in paths if path.parts[0] != "_static"]
    assert not [problem for page in pages for problem in problems_of_page(browser, address, page)]


def test_formulas_are_there_to_be_rendered(browser, address):
    browser.get(f"{address}/book/notation.html")
    assert settle(browser)
    assert len(browser.find_elements(By.CSS_SELECTOR, ".math mjx-container")) > 20


def test_search_finds_yale(browser, address):
    browser.get(f"{address}/search.html?q=Yale")
    found = WebDriverWait(browser, 30).until(
        lambda driver: driver.find_elements(By.CSS_SELECTOR, "#search-results li a")
    )
    browser.get(found[0].get_attribute("href"))
    assert "Yale" in browser.find_element(By.TAG_NAME, "article").text


def test_the_switch_changes_the_colours(browser, address):
    browser.get(f"{address}/book/intro.html")
    colours = {}
    for _ in range(3):  # light, dark and as the system has it
        switches = browser.find_elements(By.CSS_SELECTOR, ".theme-switch-button")
        next(switch for switch in switches if switch.is_displayed()).click()
        theme = browser.find_element(By.TAG_NAME, "html").get_attribute("data-theme")
        colours[theme] = browser.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")
    assert colours.keys() == {"light", "dark"}
    assert colours["light"] != colours["dark"]


def test_a_button_shows_its_picture_and_no_other(browser, serve, tmp_path):
    """Steps of Algorithm 1, as the committed notebook has them, without the site's own style."""
    cells = nbformat.read(notebooks_folder() / "sparse" / "examples.ipynb", as_version=4).cells
    shown = [
        output.get("data", {}).get("text/html", "") for cell in cells for output in cell.get("outputs", ())
    ]
    (tmp_path / "steps.html").write_text("".join(text for text in shown if 'class="steps"' in text))
    with serve(tmp_path) as address:
        browser.get(f"{address}/steps.html")
        for page in browser.find_elements(By.CSS_SELECTOR, "figure"):
            *buttons, play = page.find_elements(By.CSS_SELECTOR, "label")
            pictures = page.find_elements(By.CSS_SELECTOR, ".steps > *")
            for chosen in reversed(range(len(pictures))):
                buttons[chosen].click()
                assert [place for place, each in enumerate(pictures) if each.is_displayed()] == [chosen]
            play.click()
            WebDriverWait(browser, 10).until(lambda driver, second=pictures[1]: second.is_displayed())


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<script>console.error('broken')</script>", "console: "),
        ("<script src='absent.js'></script>", "console: "),
        ("<img src='http://localhost:1/a.png'>", "request to http://localhost:1/a.png"),
        (r"<span class='math'>\(x\)</span>", r"not rendered: \(x\)"),
    ],
)
def test_a_bad_page_is_found(browser, serve, tmp_path, body, complaint):
    (tmp_path / "good.html").write_text("<p>nothing</p>")
    (tmp_path / "bad.html").write_text(body)
    with serve(tmp_path) as address:
        assert not problems_of_page(browser, address, "good.html")
        assert any(complaint in problem for problem in problems_of_page(browser, address, "bad.html"))
