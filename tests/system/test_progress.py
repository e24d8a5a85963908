"""Progress bars: silent but on a terminal, and then on that terminal."""

import io
import os
import pty

import pytest

from fourmasks.system.progress import progress


def count(total=3):
    with progress(total, "counting") as bar:
        for _ in range(total):
            bar.update()
        return bar.n


@pytest.fixture
def terminal():
    """The name of a terminal, and the function that reads what it showed."""
    ours, theirs = pty.openpty()

    def shown():
        os.set_blocking(ours, False)
        try:
            return os.read(ours, 10_000).decode()
        except BlockingIOError:
            return ""

    yield os.ttyname(theirs), shown
    os.close(ours)
    os.close(theirs)


def test_silent_where_standard_error_is_no_terminal(capfd, monkeypatch):
    monkeypatch.delenv("FOURMASKS_PROGRESS", raising=False)
    count()
    assert capfd.readouterr() == ("", "")


def test_silent_where_the_named_file_is_no_terminal(capfd, monkeypatch, tmp_path):
    monkeypatch.setenv("FOURMASKS_PROGRESS", str(tmp_path / "file"))
    count()
    assert capfd.readouterr() == ("", "")
    assert (tmp_path / "file").read_text() == ""


def test_shown_where_standard_error_is_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    monkeypatch.delenv("FOURMASKS_PROGRESS", raising=False)
    monkeypatch.setattr("sys.stderr", stream)
    assert count() == 3
    assert "counting" in stream.getvalue() and "/3" in stream.getvalue()


def test_shown_on_the_terminal_that_the_environment_names(capfd, monkeypatch, terminal):
    name, shown = terminal
    monkeypatch.setenv("FOURMASKS_PROGRESS", name)
    assert count() == 3
    assert "counting" in shown()
    assert capfd.readouterr() == ("", "")
