"""The server: the socket and its connections."""

import asyncio
import socket
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from sentiment_repl.errors import Failure
from sentiment_repl.serve.settings import Settings


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    :raises Failure: the address can't be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise Failure(
            f"{host}, port {port}: it can't listen there: {error.strerror}; choose another "
            "address with --host and --port"
        ) from error
    # Connections inherit it. Without it the body of a response waits 40 ms for the client.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def build_server(app: ASGIApp, settings: Settings) -> uvicorn.Server:
    """Return a server that has not started. A signal ends it when every request is answered."""
    config = uvicorn.Config(
        app,
        # uvicorn's other parser, httptools, is faster, but does not bound the size of headers.
        http=_connection_type(settings),
        ws="none",
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    return uvicorn.Server(config)


def _connection_type(settings: Settings) -> type[asyncio.Protocol]:
    class Connection(H11Protocol):
        """A connection of uvicorn, with two repairs.

        It ends if a request or its response takes too long: uvicorn bounds only the time between
        a response and the next request. A body that is not HTTP, such as a wrong chunk, ends the
        request: uvicorn answers twice, which fails with a traceback in the log.
        """

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._start_timer()
            if len(self.connections) > settings.max_connections:
                transport.abort()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._timer.cancel()
            self._start_timer()

        def connection_lost(self, exc: Exception | None) -> None:
            self._timer.cancel()
            super().connection_lost(exc)

        def send_400_response(self, msg: str) -> None:
            if self.cycle is not None:
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                super().send_400_response(msg)
            else:  # the response has begun
                self.transport.close()

        def _start_timer(self) -> None:
            self._timer = self.loop.call_later(settings.connection_seconds, self.transport.abort)

    return Connection
