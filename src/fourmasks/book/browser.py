"""Chromium without a window: it prints the PDF, draws the static pictures, and opens the site in tests."""

import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


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
