import contextlib
import functools
import http.server
import shutil
import threading

import pytest

from fourmasks.book import browser as chromium_browser
from fourmasks.system.paths import project_root

# A fresh browser that does nothing of its own on the network.
OPTIONS = (
    *chromium_browser.OPTIONS,
    *("--disable-quic", "--disable-sync", "--disable-component-update", "--window-size=1280,900"),
)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/favicon.ico":  # asked for by the browser, not by a page
            self.send_response(http.HTTPStatus.NO_CONTENT)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def site():
    """Folder of the built site."""
    folder = project_root() / "_build" / "html"
    if not (folder / "index.html").is_file():
        pytest.skip(f"there is no built site at {folder}: make book builds it")
    return folder


@pytest.fixture(scope="session")
def serve():
    """Context manager that serves a folder on 127.0.0.1 and gives its address."""

    @contextlib.contextmanager
    def serving(folder):
        handler = functools.partial(QuietHandler, directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()

    return serving


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Headless Chromium that logs its console and its requests."""
    chromium = chromium_browser.find()
    chromedriver = shutil.which("chromedriver")
    if not (chromium and chromedriver):
        pytest.skip("Chromium and chromedriver are not both here: the site is not opened in a browser")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))
    driver.set_page_load_timeout(60)
    driver.set_script_timeout(60)
    driver.get("about:blank")  # instead of the browser's own start page, which loads things
    yield driver
    driver.quit()
