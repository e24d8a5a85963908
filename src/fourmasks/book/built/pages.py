"""How long and heavy the pages of the built site are: `python -m fourmasks.book.built.pages`.

It prints, for each page, its height at a width of 1,400 pixels with closed boxes, its weight, and how many
lines of code are seen without a click, and fails on what is beyond `LIMITS`.
"""

import sys
from pathlib import Path

from bs4 import BeautifulSoup

from fourmasks.book.built import browser
from fourmasks.system.paths import project_root

WIDTH = 1400  # pixels
LIMITS = {"height": 9_000, "weight": 1_500_000, "code": 60}  # pixels, bytes, lines
# The whole ledger is one page, which is searched and not read from top to bottom.
LONG = ("book/scoreboard",)
MADE = ("genindex", "prf-prf", "search")  # indices, by Sphinx


def names(site: Path) -> list[str]:
    """Return the names of the pages of a built site, without suffix, from its folder on."""
    found = (path.relative_to(site).with_suffix("") for path in sorted(site.rglob("*.html")))
    return [path.as_posix() for path in found if path.parts[0] != "_static" and path.name not in MADE]


def height(driver: "selenium.webdriver.Chrome") -> int:  # noqa: F821
    """Return the height of the open page in pixels."""
    return driver.execute_script("return document.documentElement.scrollHeight")


def heights(site: Path, pages: list[str]) -> dict[str, int]:
    """Return the heights of pages.

    Raises
    ------
    RuntimeError
        If there is no browser.
    """
    found = {}
    with browser.driver() as driver:
        browser.view(driver, WIDTH)
        for name in pages:
            driver.get((site / f"{name}.html").resolve().as_uri())
            browser.settle(driver)
            found[name] = height(driver)
    return found


def visible_code(page: str) -> int:
    """Return how many lines of code a page shows without a click."""
    soup = BeautifulSoup(page, "html.parser")
    shown = (
        block
        for block in soup.select(".cell_input pre")
        if not block.find_parent("details") and not block.find_parent(class_="tag_hide-input")
    )
    return sum(len(block.get_text().strip().splitlines()) for block in shown)


def measure(site: Path, tall: dict[str, int]) -> dict[str, dict[str, int]]:
    """Return height, weight and lines of visible code by name of the pages whose heights are given."""
    texts = {name: (site / f"{name}.html").read_bytes() for name in tall}
    return {
        name: {"height": tall[name], "weight": len(text), "code": visible_code(text.decode())}
        for name, text in texts.items()
    }


def beyond(found: dict[str, dict[str, int]]) -> list[str]:
    """Return a line for each page and measure that is beyond `LIMITS`."""
    return [
        f"{name}: {measure} {value:,}, limit {LIMITS[measure]:,}"
        for name, values in found.items()
        for measure, value in values.items()
        if value > LIMITS[measure] and not (measure == "height" and name in LONG)
    ]


def main() -> int:
    """Print the table; return 1 if a page is beyond a limit, or if they could not be measured."""
    site = project_root() / "_build" / "html"
    if not (pages := names(site)):
        print(f"there is no built site at {site}: make book builds it", file=sys.stderr)
        return 1
    try:
        found = measure(site, heights(site, pages))
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{'page':32}{'height':>8}{'kB':>8}{'code':>6}")
    for name, values in found.items():
        print(f"{name:32}{values['height']:8,}{values['weight'] // 1000:8,}{values['code']:6}")
    lines = beyond(found)
    print("\n".join(lines) or "no page is beyond a limit")
    return int(bool(lines))


if __name__ == "__main__":
    sys.exit(main())
