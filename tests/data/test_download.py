"""Downloads from a server on loopback. The tests never ask the public host."""

import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sentiment_repl.data.download import Remote, cached
from sentiment_repl.errors import DataError

CONTENT = bytes(range(256)) * 1000


class Server(ThreadingHTTPServer):
    """Serves CONTENT. Its attributes say what goes wrong."""

    sends = CONTENT
    stop_after: int | None = None
    status = 200
    requests = 0

    @property
    def remote(self) -> Remote:
        url = f"http://127.0.0.1:{self.server_port}/data.zip"
        return Remote(url, hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests += 1
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.sends)))
        self.end_headers()
        self.wfile.write(self.server.sends[: self.server.stop_after])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


def test_a_file_is_downloaded_once(server: Server, tmp_path: Path) -> None:
    path = cached(server.remote, tmp_path / "cache")
    assert path.read_bytes() == CONTENT
    assert cached(server.remote, tmp_path / "cache") == path
    assert server.requests == 1
    assert [file.name for file in path.parent.iterdir()] == ["data.zip"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_nobody_else_can_enter_a_folder_that_is_created(server: Server, tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        cached(server.remote, tmp_path / "home" / "cache")
        folders = [tmp_path / "home", tmp_path / "home" / "cache"]
        assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700, 0o700]
    finally:
        os.umask(umask)


def test_a_damaged_copy_is_replaced(server: Server, tmp_path: Path) -> None:
    path = cached(server.remote, tmp_path)
    path.write_bytes(CONTENT[:-1])
    assert cached(server.remote, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("fault", [{"sends": CONTENT[::-1]}, {"stop_after": 1000}, {"status": 404}])
def test_another_file_is_never_used(
    server: Server, tmp_path: Path, fault: dict[str, object]
) -> None:
    for name, value in fault.items():
        setattr(server, name, value)
    with pytest.raises(DataError, match=r"data\.zip: the download failed .*--data"):
        cached(server.remote, tmp_path)
    assert not list(tmp_path.iterdir())
    for name in fault:
        setattr(server, name, getattr(Server, name))
    assert cached(server.remote, tmp_path).read_bytes() == CONTENT


def test_an_unreachable_server_ends_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the download failed"):
        cached(Remote("http://127.0.0.1:9/data.zip", "0" * 64, 9), tmp_path)
