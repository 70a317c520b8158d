"""The application: paths, bounds and statuses."""

import asyncio
import json
from collections.abc import Awaitable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

import sentiment_repl
from sentiment_repl.prediction import Prediction
from sentiment_repl.render import json_fields
from sentiment_repl.serve.batches import Batcher, Classify
from sentiment_repl.serve.instances import read_instances
from sentiment_repl.serve.settings import OPENAPI, Settings

_AGAIN = {"Retry-After": "1"}
_READY = {"version": "1", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}

T = TypeVar("T")


def build_app(classify: Classify, settings: Settings) -> Starlette:
    """Return the ASGI application.

    :param classify: called in a thread, with the texts of one or more requests.
    """
    page = json.loads((Path(__file__).parent / "openapi.json").read_bytes())
    page["info"]["version"] = sentiment_repl.__version__
    paths = settings.predict_path, settings.health_path
    page["paths"] = dict(zip(paths, page["paths"].values()))

    async def health(_: Request) -> Response:
        return _respond({"model_version_status": [_READY]})

    async def describe(_: Request) -> Response:
        return _respond(page)

    predict = _Predict(Batcher(classify, settings.delay), settings)
    return Starlette(
        routes=[
            Route(settings.predict_path, predict.respond, methods=["POST"]),
            Route(settings.health_path, health),
            Route(OPENAPI, describe),
        ],
        exception_handlers={
            HTTPException: _respond_to_error,
            ClientDisconnect: _respond_to_nobody,
            Exception: _respond_to_fault,
        },
    )


class _Predict:
    """The predict method. It counts the requests in work."""

    def __init__(self, batcher: Batcher, settings: Settings) -> None:
        self._batcher = batcher
        self._settings = settings
        self._in_work = 0

    async def respond(self, request: Request) -> Response:
        most = self._settings.max_requests
        if self._in_work >= most:
            raise HTTPException(429, f"more than {most:,} requests at the same time", _AGAIN)
        self._in_work += 1
        try:
            return await self._predict(request)
        finally:
            self._in_work -= 1

    async def _predict(self, request: Request) -> Response:
        settings = self._settings
        body = await _within(
            settings.read_seconds,
            _read_body(request, settings.max_body),
            HTTPException(408, f"the body did not arrive within {settings.read_seconds:g} s"),
        )
        predictions = await _within(
            settings.answer_seconds,
            self._batcher.submit(read_instances(body, settings.max_instances)),
            HTTPException(503, f"no answer within {settings.answer_seconds:g} s", _AGAIN),
        )
        return _respond({"predictions": [_to_json(prediction) for prediction in predictions]})


async def _read_body(request: Request, most: int) -> bytes:
    too_large = HTTPException(413, f"the body is too large: a request may have {most:,} bytes")
    if int(request.headers.get("content-length", 0)) > most:
        raise too_large
    body = bytearray()
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > most:
                raise too_large
    return bytes(body)


async def _within(seconds: float, result: Awaitable[T], otherwise: HTTPException) -> T:
    try:
        return await asyncio.wait_for(result, seconds)
    except asyncio.TimeoutError:
        raise otherwise from None


def _to_json(prediction: Prediction) -> dict[str, object]:
    return {name: field for name, field in json_fields(prediction).items() if name != "text"}


def _respond(
    content: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(json.dumps(content), status, headers, media_type="application/json")


async def _respond_to_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"no such path: see {OPENAPI}" if error.status_code == 404 else error.detail
    return _respond({"error": detail}, error.status_code, error.headers)


async def _respond_to_nobody(_: Request, error: Exception) -> Response:
    return Response(status_code=400)  # the client has gone


async def _respond_to_fault(_: Request, error: Exception) -> Response:
    return _respond({"error": "internal error: see the log of the service"}, 500)
