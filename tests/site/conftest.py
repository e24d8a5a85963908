import contextlib
import functools
import http.server
import subprocess
import sys
import threading

import pytest
from bs4 import BeautifulSoup

from fourmasks.book.built import browser as chromium
from fourmasks.system.paths import project_root


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
def parse():
    """Function that returns a page as BeautifulSoup has it, which takes a while: each is parsed once."""
    return functools.cache(lambda path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser"))


@pytest.fixture(scope="session")
def build_book():
    """Function that builds a folder with sources, by the book's configuration unless it has its own."""

    def build(folder):
        for name in ("book", "texts"):
            (folder / name).mkdir()
        for name in ("_config.yml", "book/_static", "book/references.bib"):
            if not (folder / name).exists():
                (folder / name).symlink_to(project_root() / name)
        builder = "from jupyter_book.cli.main import main; main()"
        command = [sys.executable, "-c", builder, "build", folder, "--path-output", folder, "--quiet", "-W"]
        built = subprocess.run(command, capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        return folder / "_build" / "html"

    return build


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
def browser():
    """Headless Chromium that logs its console and its requests."""
    with contextlib.ExitStack() as stack:
        try:
            driven = stack.enter_context(chromium.driver("--window-size=1280,900"))
        except RuntimeError as error:
            pytest.skip(f"{error}: the site is not opened in a browser")
        yield driven
