import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from fourmasks.data.errors import DataNotFound
from fourmasks.data.locate import find, locate, verify

CONTENT = b"user,item,rating\n" * 1000
DIGEST = "sha256:" + hashlib.sha256(CONTENT).hexdigest()
WRONG = "sha256:" + "0" * 64


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append(self.path)
        if self.path == "/missing.csv":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:500] if self.path == "/cut.csv" else CONTENT)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A user cache of this test's own, no folder of data, and no proxy on the way to the server."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache" / project)
    monkeypatch.delenv("FOURMASKS_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    return tmp_path / "cache"


@pytest.fixture
def register(tmp_path, monkeypatch):
    """Write a registry with one data set, "toy", of the given layouts."""

    def register(*layouts):
        entry = {
            "title": "A toy", "contents": "ratings", "shape": [2, 3], "homepage": "https://example.org/",
            "licence": "free", "citation": ["lee2005acquiring"], "layouts": list(layouts),
        }  # fmt: skip
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / "registry.yaml").write_text(yaml.safe_dump({"toy": entry}))
        monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))

    return register


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def put(monkeypatch, folder, *names, content=CONTENT):
    (folder / "toy").mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / "toy" / name).write_bytes(content)
    monkeypatch.setenv("FOURMASKS_DATA", str(folder))


def test_a_download_lands_in_the_cache_once(server, cache, register):
    register([{"name": "toy.csv", "url": f"{server.url}/toy.csv", "digests": [DIGEST]}])
    assert find("toy") is None
    paths = locate("toy")
    assert paths == {"toy.csv": cache / "fourmasks" / "toy" / "toy.csv"}
    assert paths["toy.csv"].read_bytes() == CONTENT
    assert files_below(cache) == list(paths.values()), "no temporary file is left"
    assert locate("toy") == paths == find("toy")
    assert server.requests == ["/toy.csv"], "the second call does not download"


def test_nothing_is_printed_off_a_terminal(server, cache, register, capfd):
    register([{"name": "toy.csv", "url": f"{server.url}/toy.csv", "digests": [DIGEST]}])
    locate("toy")
    assert capfd.readouterr() == ("", "")


def test_a_wrong_digest_leaves_nothing_behind(server, cache, register):
    register([{"name": "toy.csv", "url": f"{server.url}/toy.csv", "digests": [WRONG]}])
    with pytest.raises(ValueError, match="does not match the known hash"):
        locate("toy")
    assert server.requests == ["/toy.csv"]
    assert files_below(cache) == []


@pytest.mark.parametrize("path", ["/cut.csv", "/missing.csv"])
def test_a_broken_transfer_leaves_nothing_behind(server, cache, register, path):
    register([{"name": "toy.csv", "url": server.url + path, "digests": [DIGEST]}])
    with pytest.raises(DataNotFound, match=f"{path} could not be fetched"):
        locate("toy")
    assert server.requests == [path]
    assert files_below(cache) == []


def test_offline_is_one_line_that_says_what_to_do(server, cache, register):
    register([{"name": "toy.csv", "url": f"{server.url}/toy.csv", "digests": [DIGEST]}])
    server.shutdown()
    server.server_close()
    with pytest.raises(FileNotFoundError) as caught:
        locate("toy")
    message = str(caught.value)
    assert "\n" not in message
    assert "get toy.csv from https://example.org/ into the folder toy" in message
    assert "set FOURMASKS_DATA" in message


def test_a_file_without_a_known_digest_is_fetched_only_with_one(server, cache, register):
    register([{"name": "toy.csv", "url": f"{server.url}/toy.csv"}])
    with pytest.raises(DataNotFound, match="no digest of toy.csv is known"):
        locate("toy")
    with pytest.raises(ValueError, match="does not match"):
        locate("toy", digests={"toy.csv": WRONG})
    with pytest.raises(ValueError, match="toy.csv: digest 'abc'"):
        locate("toy", digests={"toy.csv": "abc"})
    with pytest.raises(ValueError, match=r"unknown file of toy 'toy.cvs'.*Did you mean 'toy.csv'"):
        locate("toy", digests={"toy.cvs": DIGEST})
    assert files_below(cache) == []
    assert locate("toy", digests={"toy.csv": DIGEST})["toy.csv"].read_bytes() == CONTENT


def test_a_digest_cannot_override_the_registry(server, cache, register):
    register([{"name": "toy.csv", "url": f"{server.url}/toy.csv", "digests": [WRONG]}])
    with pytest.raises(ValueError, match="does not match"):
        locate("toy", digests={"toy.csv": DIGEST})


def test_no_digest_means_no_request_at_all(server, cache, register):
    known = {"name": "a.csv", "url": f"{server.url}/a.csv", "digests": [DIGEST]}
    register([known, {"name": "b.csv", "url": f"{server.url}/b.csv"}])
    with pytest.raises(DataNotFound, match="no digest of b.csv"):
        locate("toy")
    assert server.requests == []


def test_the_folder_of_data_comes_before_cache_and_download(server, cache, register, tmp_path, monkeypatch):
    register([{"name": "toy.csv", "url": f"{server.url}/toy.csv", "digests": [DIGEST]}])
    locate("toy")
    put(monkeypatch, tmp_path / "mine", "toy.csv")
    assert locate("toy") == {"toy.csv": tmp_path / "mine" / "toy" / "toy.csv"}
    (tmp_path / "mine" / "toy" / "toy.csv").unlink()
    assert locate("toy") == {"toy.csv": cache / "fourmasks" / "toy" / "toy.csv"}


def test_the_first_complete_layout_is_taken(cache, register, tmp_path, monkeypatch):
    register([{"name": "a.dat"}, {"name": "b.dat"}], [{"name": "all.zip"}])
    put(monkeypatch, tmp_path / "mine", "a.dat", "all.zip")
    assert locate("toy").keys() == {"all.zip"}
    put(monkeypatch, tmp_path / "mine", "b.dat")
    assert locate("toy").keys() == {"a.dat", "b.dat"}


def test_what_cannot_be_downloaded_says_so(cache, register):
    register([{"name": "a.dat"}], [{"name": "all.zip"}])
    with pytest.raises(DataNotFound, match="toy cannot be downloaded; get a.dat or all.zip from"):
        locate("toy")


def test_a_folder_of_data_that_does_not_exist_is_an_error(cache, register, tmp_path, monkeypatch):
    register([{"name": "a.dat"}])
    monkeypatch.setenv("FOURMASKS_DATA", str(tmp_path / "typo"))
    with pytest.raises(DataNotFound, match="FOURMASKS_DATA=.*typo is not a folder"):
        locate("toy")


def test_verify_tells_right_from_wrong_from_unknown(cache, register, tmp_path, monkeypatch):
    md5 = "md5:" + hashlib.md5(CONTENT).hexdigest()
    register(
        [
            {"name": "right.csv", "digests": [WRONG, DIGEST]},
            {"name": "old.csv", "digests": [md5]},
            {"name": "wrong.csv", "digests": [WRONG]},
            {"name": "unknown.csv"},
        ]
    )
    with pytest.raises(DataNotFound, match="toy is not on this machine"):
        verify("toy")
    put(monkeypatch, tmp_path / "mine", "right.csv", "old.csv", "wrong.csv", "unknown.csv")
    assert {check.path.name: check.state for check in verify("toy")} == {
        "right.csv": "ok",
        "old.csv": "ok",
        "wrong.csv": "wrong digest",
        "unknown.csv": "no digest known",
    }
