"""The interactive figures in headless Chromium, opened as files: numbers against Python, and keys."""

import json
import math
from itertools import permutations, product

import numpy as np
import pytest
import torch
from scipy.stats import binom

from fourmasks.book import interactive
from fourmasks.book.built.browser import set_theme, view
from fourmasks.lunet.flows.layers import LULayer
from fourmasks.mmf.models.masks import FAMILIES, PARAMETRISATIONS, Masks
from fourmasks.pia.theory import masking
from fourmasks.records.store import load_records
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.theorems.closure import closable, closure
from fourmasks.sparse.theorems.necessary import generic_conditions
from fourmasks.system.paths import data_folder, project_root

pytest.importorskip("selenium", reason="selenium is not installed: the figures are not opened in a browser")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.select import Select  # noqa: E402

# What sticks out of a figure, its drawings' words among it.
OUTSIDE = """
const box = arguments[0].getBoundingClientRect();
return [...arguments[0].querySelectorAll("*")].filter(e => {
    const {left, right, width} = e.getBoundingClientRect();
    return width && (left < box.left - 1 || right > box.right + 1);
}).map(e => `${e.tagName} ${e.textContent}`);
"""
PAGES = {"masks": "mmf", "distance": "pia", "digits": "lunet", "supports": "sparse"}
SIZE = 3


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """A page with all figures and nothing else, opened as a file; returns the driver."""
    figures = "".join(
        f'<figure class="fm-interactive" data-widget="{name}" id="interactive-{name}"><img alt="a picture">'
        "<figcaption></figcaption></figure>"
        for name in interactive.WIDGETS
    )
    path = tmp_path_factory.mktemp("figures") / "figures.html"
    path.write_text(interactive.page(body=figures), encoding="utf-8")
    browser.get_log("browser")
    browser.get(path.as_uri())
    assert not severe(browser)
    return browser


def severe(browser):
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def said(browser, name):
    return browser.find_element(By.CSS_SELECTOR, f"#interactive-{name} output").text


def drawn(browser, name):
    return browser.find_element(By.CSS_SELECTOR, f"#interactive-{name} svg").get_attribute("outerHTML")


@pytest.mark.parametrize("parametrisation", PARAMETRISATIONS)
@pytest.mark.parametrize("family", FAMILIES)
def test_masks_are_those_of_the_model(page, family, parametrisation):
    n_masks, rank, shifts = 5, 24, [0.0, 0.35, 1.7, 8.0, 25.0]
    found = page.execute_script(
        """const [family, form, K, R, shifts] = arguments;
        return shifts.map(s => [...Array(K).keys()].map(k => {
            const state = {family, form, K, R, s};
            return fourmasks.masks.dimensions(state).map(r => fourmasks.masks.mask(state, k + 1, r));
        }));""",
        *(family, parametrisation, n_masks, rank, shifts),
    )
    given = torch.tensor(shifts, dtype=torch.float64)[:, None].expand(-1, n_masks)
    expected = Masks(family, n_masks, rank, parametrisation, dtype=torch.float64).values(given)
    np.testing.assert_allclose(np.array(found), expected.numpy(), rtol=1e-12, atol=1e-14)


def test_the_figure_offers_all_families(page):
    select = Select(page.find_element(By.ID, "fm-masks-family"))
    assert [option.text for option in select.options] == list(FAMILIES)


@pytest.mark.parametrize(
    "pair", [(0, 0, 5), (1, 0, 0), (3, 2, 4), (10, 10, 10), (30, 30, 30), (0, 30, 1), (5, 0, 30)]
)
@pytest.mark.parametrize("keep", [0.05, 0.3, 0.5, 0.95, 1.0])
def test_distances_are_those_of_the_theory(page, pair, keep):
    a, b, s = pair
    h = a + b
    law, mean, closer, promised, cosine = page.execute_script(
        """const [a, b, s, keep] = arguments, d = fourmasks.distance, h = a + b;
        return [d.law(h, s, keep), d.mean(h, s, keep), d.closer(h, s, keep), d.promised(h, s, keep),
            a + s && b + s ? d.expectedCosine(a, b, s, keep) : null];""",
        *(a, b, s, keep),
    )
    np.testing.assert_allclose(law, masking.distance_law(h, s, keep), rtol=1e-9, atol=1e-14)
    assert mean == pytest.approx(masking.expected_distance(h, s, keep), rel=1e-12)
    if h:
        tail = masking.contraction(h, s, keep, h)
        assert closer == pytest.approx(tail.exact, rel=1e-9, abs=1e-14)
        assert promised == pytest.approx(tail.bound, rel=1e-9, abs=1e-14)
    if cosine is not None:
        assert cosine == pytest.approx(masking.expected_cosine((a + s, b + s), s, keep), rel=1e-9, abs=1e-14)


def test_the_law_is_not_compared_with_itself():
    assert masking.distance_law(3, 0, 0.3) == pytest.approx(binom.pmf(range(4), 3, 0.3))


def test_the_bound_is_that_of_the_layer_and_of_the_records(page):
    script = "return arguments[0].map(each => fourmasks.digits.bound(...each));"
    given, expected = [], []
    for dimension in (2, 7, 32):
        for dtype in (torch.float32, torch.float64):
            layer = LULayer(dimension, generator=torch.Generator().manual_seed(dimension), spread=2.0).to(
                dtype
            )
            given.append([dimension, str(dtype).removeprefix("torch."), *layer.condition_numbers(math.inf)])
            expected.append(layer.round_trip_bound())
    for record in load_records("lunet/rounding", data_folder() / "records"):
        curves = record.curves
        for place, dimension in enumerate(curves["dimension"]):
            for precision in interactive.PRECISIONS:
                pair = [curves[f"condition_{part}"][place] for part in ("lower", "upper")]
                given.append([dimension, precision, *pair])
                expected.append(curves[f"bound_{precision}"][place])
    assert page.execute_script(script, given) == pytest.approx(expected, rel=1e-5)


def test_digits_lost_are_logarithms_of_errors_in_units_of_rounding(page):
    for precision in interactive.PRECISIONS:
        epsilon = torch.finfo(getattr(torch, precision)).eps
        for group, points in interactive.data()["digits"].items():
            found = page.execute_script("return fourmasks.digits.measured(...arguments);", group, precision)
            expected = [[p["log10_condition"], max(0, math.log10(p[precision] / epsilon))] for p in points]
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
        allowed = page.execute_script("return fourmasks.digits.allowed(32, 2, arguments[0])", precision)
        assert allowed == pytest.approx(math.log10(33 * 10 * 11))


def all_supports():
    """Return all pairs of supports (code, side, row, atom) of three rows, columns and atoms."""
    codes = np.arange(1 << (2 * SIZE * SIZE))
    return ((codes[:, None] >> np.arange(2 * SIZE * SIZE)) & 1).astype(bool).reshape(-1, 2, SIZE, SIZE)


def representatives(supports):
    """Return for each pair the smallest code among those that differ in the order of anything."""
    weights = 1 << np.arange(SIZE)
    best = None
    for order in permutations(range(SIZE)):
        rows = np.sort((supports[..., list(order)] * weights).sum(3), axis=2)  # (code, side, row)
        codes = (rows.reshape(len(rows), -1) << (SIZE * np.arange(2 * SIZE))).sum(1)
        best = codes if best is None else np.minimum(best, codes)
    return best


def verdict_of(pair):
    if not generic_conditions(pair).holds:
        return 2
    return int(closable(pair).holds)


def test_verdicts_are_those_of_the_theorems_on_all_supports(page):
    """All 262,144 in JavaScript; in Python one of each class, since the theorems do not know any order."""
    supports = all_supports()
    text = page.execute_script(
        """const {verdict, decoded} = fourmasks.supports;
        return Array.from({length: arguments[0]}, (_, code) => verdict(...decoded(code))).join("");""",
        len(supports),
    )
    found = np.frombuffer(text.encode(), dtype=np.uint8) - ord("0")
    classes = representatives(supports)
    chosen, inverse = np.unique(classes, return_inverse=True)
    expected = np.array([verdict_of(SupportPair(*supports[code])) for code in chosen])
    assert set(expected) == {0, 1, 2}
    assert (found == expected[inverse]).all()


def test_two_atoms_are_three_of_which_one_is_empty(page):
    """All pairs of two atoms with the rows of either factor in order, in Python without the third atom."""
    rows = [row for row in product(range(4), repeat=SIZE) if list(row) == sorted(row)]
    bits = np.array([[(code >> i) & 1 for i in range(3)] for code in range(4)], dtype=bool)
    pairs = [(bits[list(left)], bits[list(right)]) for left in rows for right in rows]
    found = page.execute_script(
        "return arguments[0].map(pair => fourmasks.supports.verdict(...pair));",
        [[left.tolist(), right.tolist()] for left, right in pairs],
    )
    assert found == [verdict_of(SupportPair(left[:, :2], right[:, :2])) for left, right in pairs]


def test_reasons_are_witnesses(page):
    """A sample: crowded atoms have too few rows, and the closure is the same, entry by entry."""
    rng = np.random.default_rng(0)
    supports = rng.random((400, 2, SIZE, SIZE)) < rng.uniform(0.3, 0.9, (400, 1, 1, 1))
    found = page.execute_script(
        """return arguments[0].map(pair => {
            const {known, missing} = fourmasks.supports.closure(...pair);
            return [fourmasks.supports.crowded(...pair), known, missing];
        });""",
        supports.tolist(),
    )
    n_crowded = 0
    for sides, (crowded, known, missing) in zip(supports, found, strict=True):
        pair = SupportPair(*sides)
        edges = closure(pair).edges
        assert (np.array(known) > 0).tolist() == edges.tolist()
        assert missing == np.argwhere(pair.masks() & ~edges).tolist()
        if crowded is not None:
            n_crowded += 1
            around, allowed = (pair.left, pair.right)[:: 1 if crowded["side"] == "left" else -1]
            atoms = crowded["atoms"]
            assert allowed[crowded["index"], atoms].all() and around[:, atoms].any(0).all()
            assert around[:, atoms].any(1).sum() == len(crowded["rows"]) < len(atoms)
    assert 20 < n_crowded < 380


KEYS = {
    "masks": ["k", "K", "s", "family", "form"],
    "distance": ["keep", "a", "b", "s", "network"],
    "digits": ["logarithm", "size", "precision"],
    "supports": ["example"],
}


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, keys in KEYS.items() for key in keys])
def test_a_key_changes_the_drawing_and_what_is_said(page, name, key):
    control = f"fm-{name}-{key}"
    element = page.find_element(By.ID, control)
    assert page.find_element(By.CSS_SELECTOR, f"label[for={control}]").text
    before = drawn(page, name), said(page, name)
    element.send_keys(Keys.ARROW_DOWN if element.tag_name == "select" else Keys.ARROW_RIGHT)
    after = drawn(page, name), said(page, name)
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert not severe(page)


def test_a_range_says_its_value(page):
    element = page.find_element(By.ID, "fm-digits-logarithm")
    before = element.get_attribute("aria-valuetext")
    element.send_keys(Keys.ARROW_LEFT)
    assert before.startswith("10^") and element.get_attribute("aria-valuetext") not in ("", before)


def test_supports_are_drawn_by_keys(page):
    """From nothing to twice the same entry, of which the first is unique and the second is not."""
    select = page.find_element(By.ID, "fm-supports-example")
    Select(select).select_by_value("empty")
    assert "no rectangle" in said(page, "supports")
    for box, words in (
        *(("left-0-0", "no rectangle"), ("right-2-0", "Theorem 4.26")),
        *(("left-0-1", "Theorem 4.26"), ("right-2-1", "Theorem 4.13: almost no")),
    ):
        element = page.find_element(By.ID, f"fm-supports-{box}")
        assert element.get_attribute("aria-label")
        element.send_keys(Keys.SPACE)
        assert words in said(page, "supports")
        assert select.get_attribute("value") == "own"
    assert "1?" in drawn(page, "supports") and "2?" in drawn(page, "supports")


def test_examples_are_what_they_are_called(page):
    select = Select(page.find_element(By.ID, "fm-supports-example"))
    said_of = {}
    for option in select.options[1:]:
        select.select_by_value(option.get_attribute("value"))
        said_of[option.get_attribute("value")] = said(page, "supports").split(":")[0].split(". ")[0]
    undecided, unique, not_unique = "Neither theorem decides", "Theorem 4.26", "Theorem 4.13"
    expected = dict.fromkeys(("cross", "squares", "triangle", "same"), undecided)
    expected |= dict.fromkeys(("chain", "disjoint"), unique) | {"crowded": not_unique}
    said_of.pop("empty")
    assert said_of == expected


def test_controls_come_in_the_order_of_the_page(page):
    """One Tab leads from each to the next, and on."""
    for name in interactive.WIDGETS:
        inputs = page.find_elements(By.CSS_SELECTOR, f"#interactive-{name} :is(input, select)")
        page.execute_script("arguments[0].focus()", inputs[0])
        for element in inputs[1:]:
            page.switch_to.active_element.send_keys(Keys.TAB)
            assert page.switch_to.active_element == element


def test_the_static_pictures_are_what_the_scripts_draw_first(page):
    """If not: `python -m fourmasks.book.interactive` draws them."""
    for name in interactive.WIDGETS:
        drawing = page.execute_script(
            "const box = document.createElement('template'); box.innerHTML = fourmasks.picture(arguments[0]);"
            "return box.innerHTML;",
            name,
        )
        path = project_root() / interactive.STATIC / f"interactive-{name}.svg"
        assert path.read_text(encoding="utf-8") == interactive.standalone(interactive.as_xml(drawing)), (
            path.name
        )


def test_the_static_pictures_are_pictures(browser, tmp_path):
    paths = [project_root() / interactive.STATIC / f"interactive-{name}.svg" for name in interactive.WIDGETS]
    (tmp_path / "pictures.html").write_text("".join(f'<img src="{path.as_uri()}">' for path in paths))
    browser.get((tmp_path / "pictures.html").as_uri())
    sizes = browser.execute_script("return [...document.images].map(i => [i.naturalWidth, i.naturalHeight])")
    assert all(width == 440 and 200 < height < 700 for width, height in sizes), sizes


@pytest.mark.parametrize("name", interactive.WIDGETS)
def test_the_built_page_as_a_file(browser, site, name):
    path = site / "book" / PAGES[name] / "theory.html"
    if f'data-widget="{name}"' not in path.read_text(encoding="utf-8"):
        pytest.skip("the site was built before the page had its figure")
    for log in ("browser", "performance"):
        browser.get_log(log)
    try:
        for width, theme in ((1400, "light"), (390, "dark")):
            view(browser, width)
            browser.get(path.as_uri())
            set_theme(browser, theme)
            figure = browser.find_element(By.ID, f"interactive-{name}")
            assert figure.get_attribute("data-ready") == "yes"
            assert not figure.find_elements(By.TAG_NAME, "img")
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width
            assert not browser.execute_script(OUTSIDE, figure)
            drawing = figure.find_element(By.TAG_NAME, "svg")
            assert drawing.get_attribute("aria-label") and 290 < drawing.size["width"] <= 680
            text = drawing.find_element(By.CSS_SELECTOR, "text")
            colour, ground = (
                brightness(each) for each in (text.value_of_css_property("fill"), background(browser))
            )
            assert abs(colour - ground) > 120
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    requests = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert not [url for url in requests if not url.startswith(("file:", "data:"))]
    assert not severe(browser)


def test_without_javascript_the_page_has_a_picture(browser, site):
    try:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        for name, paper in PAGES.items():
            browser.get((site / "book" / paper / "theory.html").as_uri())
            picture = browser.find_element(By.CSS_SELECTOR, f"#interactive-{name} img")
            assert picture.is_displayed() and len(picture.get_attribute("alt")) > 100
            assert picture.size["width"] > 300
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def background(browser):
    return browser.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")


def brightness(colour):
    """Return the mean of "rgb(r, g, b)"."""
    return np.mean([float(part) for part in colour.split("(")[1].rstrip(")").split(",")[:3]])
