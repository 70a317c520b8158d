"""Downloads from a server on loopback. The tests never ask the public host."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sentiment_repl.data import download
from sentiment_repl.data.download import Remote, cached
from sentiment_repl.errors import DataError

CONTENT = bytes(range(256)) * 1000


class Server(ThreadingHTTPServer):
    """Serves CONTENT. Its attributes say what goes wrong."""

    stop_after: int | None = None
    stalls: threading.Event | None = None
    knows_ranges = True
    sends = CONTENT
    redirect: str | None = None
    asked: list[str | None]

    @property
    def remote(self) -> Remote:
        url = f"http://127.0.0.1:{self.server_port}/data.zip"
        return Remote(url, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path == "/data.zip" and self.server.redirect:
            self.send_response(302)
            self.send_header("Location", self.server.redirect)
            self.end_headers()
            return
        asked = self.headers["Range"]
        self.server.asked.append(asked)
        start = (
            int(asked.removeprefix("bytes=").rstrip("-"))
            if asked and self.server.knows_ranges
            else 0
        )
        body = self.server.sends[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.stop_after])
        if self.server.stalls:
            self.wfile.flush()
            self.server.stalls.wait(30)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


def test_downloaded_once(server: Server, tmp_path: Path) -> None:
    path = cached(server.remote, tmp_path / "cache")
    assert path.read_bytes() == CONTENT
    assert cached(server.remote, tmp_path / "cache") == path
    assert len(server.asked) == 1
    assert [file.name for file in path.parent.iterdir()] == ["data.zip"]


def test_a_damaged_copy_is_replaced(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data.zip").write_bytes(CONTENT[:-1] + b"!")
    assert cached(server.remote, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_an_interrupted_download_continues(
    server: Server, tmp_path: Path, knows_ranges: bool
) -> None:
    server.stop_after = 100_000
    with pytest.raises(DataError, match="100,000 of 256,000 bytes|IncompleteRead"):
        cached(server.remote, tmp_path)
    assert not (tmp_path / "data.zip").exists()
    server.stop_after, server.knows_ranges = None, knows_ranges
    assert cached(server.remote, tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-"]


def test_what_came_before_a_server_stalled_is_kept(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_TIMEOUT", 0.3)
    server.stop_after, server.stalls = 1000, threading.Event()
    with pytest.raises(DataError, match=r"the download failed \(timed out\); try again"):
        cached(server.remote, tmp_path)
    server.stalls.set()
    server.stop_after = server.stalls = None
    assert cached(server.remote, tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=1000-"]


def test_another_file_is_deleted(server: Server, tmp_path: Path) -> None:
    server.sends = CONTENT[:-1] + b"!"
    with pytest.raises(DataError, match="was deleted.*--data"):
        cached(server.remote, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("other", [CONTENT + b"more", b"<h1>Please log in</h1>"])
def test_a_file_of_another_size_is_not_downloaded(
    server: Server, tmp_path: Path, other: bytes
) -> None:
    server.sends = other
    with pytest.raises(DataError, match="instead of 256,000.*--data"):
        cached(server.remote, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_finished_download_is_not_repeated(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data.zip.part").write_bytes(CONTENT)  # killed before it got its name
    assert cached(server.remote, tmp_path).read_bytes() == CONTENT
    assert not server.asked


def test_the_error_without_a_network_names_the_option(tmp_path: Path) -> None:
    nobody = Remote("http://127.0.0.1:9/data.zip", 1, "")
    with pytest.raises(DataError, match="127.0.0.1:9.*--data"):
        cached(nobody, tmp_path)


def test_a_cache_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="--data"):
        cached(server.remote, tmp_path / "file" / "cache")


@pytest.mark.parametrize("to", ["/elsewhere.zip", "http://[nowhere/data.zip", "/data.zip"])
def test_a_redirected_download_is_checked(server: Server, tmp_path: Path, to: str) -> None:
    server.redirect = to
    if to == "/elsewhere.zip":
        assert cached(server.remote, tmp_path).read_bytes() == CONTENT
    else:  # to no address, or in a loop
        with pytest.raises(DataError, match="download failed.*--data"):
            cached(server.remote, tmp_path)
        assert not list(tmp_path.iterdir())


def test_a_part_longer_than_the_file_is_downloaded_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data.zip.part").write_bytes(CONTENT + b"more")
    assert cached(server.remote, tmp_path).read_bytes() == CONTENT
    assert server.asked == [None]


def test_a_wrong_range_is_deleted(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data.zip.part").write_bytes(CONTENT[:1000])
    server.sends = CONTENT[:1000] + CONTENT[2000:] + CONTENT[1000:2000]
    with pytest.raises(DataError, match="was deleted"):
        cached(server.remote, tmp_path)
    server.sends = CONTENT
    assert cached(server.remote, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("older", [False, True])
def test_the_error_without_a_home_names_the_option(
    monkeypatch: pytest.MonkeyPatch, older: bool
) -> None:
    def nowhere(*args: object, **kwargs: object) -> Path:
        if older:
            return Path("~/.cache/sentiment-repl")
        raise RuntimeError("no home")

    monkeypatch.setattr("sentiment_repl.data.download.user_cache_path", nowhere)
    with pytest.raises(DataError, match="HOME.*--data"):
        cached(Remote("http://127.0.0.1:9/data.zip", 1, ""))


def test_the_public_name_stands_for_the_downloaded_copy(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "SENTIMENT140", server.remote)
    own = Path("own.csv")
    kept, downloaded = download.resolve([own, download.PUBLIC])
    assert kept == own
    assert downloaded.read_bytes() == CONTENT
