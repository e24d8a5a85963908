"""Chromium without a window: it prints the PDF, draws the static pictures, and opens the site in tests."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
# A driven browser does nothing of its own on the network.
QUIET = ("--disable-quic", "--disable-sync", "--disable-component-update")
# Formulas count at their final size.
SETTLE = """
const done = arguments[arguments.length - 1];
const ready = window.MathJax?.startup?.promise ?? Promise.resolve();
ready.then(() => setTimeout(() => done(true), 50), () => done(false));
"""


def find() -> str | None:
    """Return the path of the browser, or None if none is here."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def run(address: str, *options: str, timeout: float) -> subprocess.CompletedProcess:
    """Open a page and do with it what the options say.

    Parameters
    ----------
    address : str
    *options : str
        Of Chromium, besides `OPTIONS`.
    timeout : float
        Seconds.

    Raises
    ------
    RuntimeError
        If no browser is here.
    subprocess.TimeoutExpired
    """
    if (path := find()) is None:
        raise RuntimeError(f"Chromium is not here (looked for {', '.join(NAMES)})")
    return subprocess.run(
        [path, *OPTIONS, *options, address], capture_output=True, text=True, timeout=timeout
    )


@contextlib.contextmanager
def driver(*options: str) -> Iterator["selenium.webdriver.Chrome"]:  # noqa: F821
    """Give a browser that selenium drives, with a profile of its own; it logs its console and its requests.

    Parameters
    ----------
    *options : str
        Of Chromium, besides `OPTIONS`.

    Raises
    ------
    RuntimeError
        If Chromium, its driver or selenium is not here.
    """
    binary, program = find(), shutil.which("chromedriver")
    if not (binary and program):
        raise RuntimeError("Chromium and chromedriver are not both here")
    try:
        from selenium import webdriver
    except ImportError as error:
        raise RuntimeError("selenium is not installed") from error
    chosen = webdriver.ChromeOptions()
    chosen.binary_location = binary
    chosen.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for option in (*OPTIONS, *QUIET, *options, f"--user-data-dir={profile}"):
            chosen.add_argument(option)
        driven = webdriver.Chrome(options=chosen, service=webdriver.ChromeService(program))
        try:
            driven.set_page_load_timeout(60)
            driven.set_script_timeout(60)
            driven.get("about:blank")  # instead of the browser's own start page, which loads things
            yield driven
        finally:
            driven.quit()


def settle(driver: "selenium.webdriver.Chrome") -> bool:  # noqa: F821
    """Wait until the formulas of the open page are drawn, and return whether they could be."""
    return driver.execute_async_script(SETTLE)


def view(driver: "selenium.webdriver.Chrome", width: int) -> None:  # noqa: F821
    """Show pages at a width in pixels; what is narrower than 500 is a telephone."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def set_theme(driver: "selenium.webdriver.Chrome", theme: str) -> None:  # noqa: F821
    """Show the open page in the theme "light" or "dark"."""
    driver.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
