"""The page with all claims, opened from the disk as a reader would who has only the files."""

import json

import pytest

from fourmasks.book.built.browser import view

pytest.importorskip("selenium", reason="selenium is not installed: the site is not opened in a browser")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.select import Select  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

SHOWN = """
return [...document.querySelectorAll("#claims tbody tr:not([hidden])")]
    .map(row => ({...row.dataset, id: row.id}));
"""


@pytest.fixture(scope="module")
def address(site):
    return (site / "book" / "scoreboard.html").as_uri()


@pytest.fixture
def page(browser, address):
    """The browser with the page as it is at first."""
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get("about:blank")
    browser.get(address)
    return browser


def shown(page):
    return page.execute_script(SHOWN)


def test_nothing_is_loaded_from_elsewhere(page):
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    requests = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert [url for url in requests if url.startswith("file:")]
    assert [url for url in requests if url.startswith(("http:", "https:"))] == []
    assert [e["message"] for e in page.get_log("browser") if e["level"] == "SEVERE"] == []


def test_all_claims_are_shown_at_first_headlines_before_others(page):
    rows = shown(page)
    headlines = ["headline" in row for row in rows]
    assert len(rows) == len(page.find_elements(By.CSS_SELECTOR, "#claims tbody tr")) > 800
    assert headlines == sorted(headlines, reverse=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("paper", "lunet"), ("kind", "theory"), ("dataset", "ml-1m"), ("verdict", "not reproduced")],
)
def test_a_filter_leaves_what_it_names(page, name, value):
    everything = shown(page)
    expected = [row["id"] for row in everything if value in (row.get(name), *row.get(name, "").split(" "))]
    Select(page.find_element(By.NAME, name)).select_by_value(value)
    assert [row["id"] for row in shown(page)] == expected
    assert 0 < len(expected) < len(everything)
    count = page.find_element(By.CSS_SELECTOR, ".fm-controls output").text
    assert count == f"{len(expected)} of {len(everything)} claims"
    page.find_element(By.CSS_SELECTOR, ".fm-controls [type=reset]").click()
    WebDriverWait(page, 10).until(lambda driver: len(shown(driver)) == len(everything))


def test_headlines_can_be_looked_at_alone(page):
    expected = [row["id"] for row in shown(page) if "headline" in row]
    page.find_element(By.NAME, "headline").send_keys(Keys.SPACE)
    assert [row["id"] for row in shown(page)] == expected


def test_all_words_of_a_search_must_be_there(page):
    field = page.find_element(By.CSS_SELECTOR, ".fm-controls [name=q]")
    field.send_keys("Theorem 4.8")
    found = shown(page)
    assert found and {row["paper"] for row in found} == {"sparse"}
    field.send_keys(" nowhere-to-be-found")
    assert shown(page) == []


def test_columns_are_sorted_from_the_keyboard(page):
    first = [row["id"] for row in shown(page)]
    head = page.find_elements(By.CSS_SELECTOR, "#claims thead th")[3]
    button = head.find_element(By.TAG_NAME, "button")

    def numbers():
        return [float(row["measured"]) if "measured" in row else None for row in shown(page)]

    for state, descending in (("ascending", False), ("descending", True)):
        button.send_keys(Keys.ENTER)
        known = [number for number in numbers() if number is not None]
        assert head.get_attribute("aria-sort") == state
        assert numbers()[: len(known)] == sorted(known, reverse=descending)  # what was not measured is last
    button.send_keys(Keys.ENTER)
    assert [row["id"] for row in shown(page)] == first


def test_a_number_of_the_summary_leads_to_as_many_claims(page):
    def follow(query):
        link = page.find_element(By.CSS_SELECTOR, f'.fm-summary a[href*="{query}"]')
        count = int(link.text)
        page.get(link.get_attribute("href"))
        rows = shown(page)
        assert len(rows) == count
        return rows

    rows = follow("paper=sparse&kind=theory&verdict=not+reproduced")
    assert {(row["paper"], row["kind"], row["verdict"]) for row in rows} == {
        ("sparse", "theory", "not reproduced")
    }
    assert all("headline" in row for row in follow("paper=sparse&headline=on&verdict=reproduced"))


def test_a_link_to_a_claim_opens_its_evidence_in_spite_of_filters(page, address):
    target = next(row["id"] for row in reversed(shown(page)) if row["verdict"] == "reproduced")
    page.get(f"{address}?verdict=inconclusive#{target}")
    row = page.find_element(By.ID, target)
    assert row.is_displayed()
    assert row.find_element(By.CSS_SELECTOR, ".fm-command + button").text == "copy"


def test_evidence_is_there_without_the_script(browser, address):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(address)
        summary = browser.find_element(By.CSS_SELECTOR, "#claims summary")
        summary.click()
        assert browser.find_element(By.CSS_SELECTOR, "#claims .fm-command").is_displayed()
        assert not browser.find_element(By.CSS_SELECTOR, ".fm-controls").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("width", [390, 1400])
def test_the_table_fits_the_screen(page, width):
    view(page, width)
    try:
        assert page.execute_script("return document.documentElement.scrollWidth") <= width
        claims = page.find_element(By.ID, "claims")
        frame = claims.rect
        first = page.find_element(By.CSS_SELECTOR, "#claims tbody th").rect
        assert abs(first["x"] - frame["x"]) <= 2
        assert frame["x"] + frame["width"] <= width
        assert page.execute_script("const c = arguments[0]; return c.scrollWidth <= c.clientWidth", claims)
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
