"""A service in a thread of this process, and a client for it."""

import contextlib
import http.client
import json
import logging
import socket
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

from sentiment_repl.serve.app import build_app
from sentiment_repl.serve.batches import Classify
from sentiment_repl.serve.server import build_server, listen
from sentiment_repl.serve.settings import Settings

PREDICT = Settings().predict_path


class Response(NamedTuple):
    status: int
    content: Any
    headers: http.client.HTTPMessage


class Client:
    """Requests to a service, each on a connection of its own."""

    def __init__(self, port: int) -> None:
        self.port = port

    def request(self, method: str, path: str, body: object = None, **headers: str) -> Response:
        with contextlib.closing(self.http()) as connection:
            connection.request(method, path, body, headers)  # type: ignore[arg-type]
            return read(connection.getresponse())

    def predict(self, body: object) -> Response:
        """Send bytes as they are, and anything else as JSON."""
        return self.request("POST", PREDICT, body if isinstance(body, bytes) else encode(body))

    def labels(self, *texts: str) -> list[str | None]:
        response = self.predict({"instances": texts})
        assert response.status == 200, response
        return [prediction["label"] for prediction in response.content["predictions"]]

    def http(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


def read(response: http.client.HTTPResponse) -> Response:
    return Response(response.status, json.loads(response.read()), response.headers)


def encode(content: object) -> bytes:
    return json.dumps(content).encode()


def head(length: int, *lines: str) -> bytes:
    """Return the head of a predict request."""
    lines = (f"POST {PREDICT} HTTP/1.1", "Host: here", f"Content-Length: {length}", *lines)
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


class Service(Client):
    """A running service. ``errors`` is what it logs."""

    errors: list[str]


@contextlib.contextmanager
def running(classify: Classify, **settings: Any) -> Iterator[Service]:
    chosen = Settings(**settings)
    server = build_server(build_app(classify, chosen), chosen)
    listener = listen("127.0.0.1", 0)
    service = Service(listener.getsockname()[1])
    service.errors = []
    log = logging.Handler(logging.ERROR)
    log.emit = lambda record: service.errors.append(log.format(record))  # type: ignore[method-assign]
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "asyncio")]
    for logger in loggers:
        logger.addHandler(log)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield service
    finally:
        server.should_exit = True
        thread.join(30)
        for logger in loggers:
            logger.removeHandler(log)
        assert not thread.is_alive()
