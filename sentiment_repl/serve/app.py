"""The application: paths, bounds and statuses."""

import asyncio
import json
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
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
    batcher = Batcher(classify, settings.delay)
    places = asyncio.Semaphore(settings.max_requests)

    async def predict(request: Request) -> Response:
        if places.locked():
            detail = f"more than {settings.max_requests:,} requests at the same time"
            raise HTTPException(429, detail, _AGAIN)
        async with places:
            body = await _within(
                settings.read_seconds,
                _read_body(request, settings.max_body),
                HTTPException(408, f"the body did not arrive within {settings.read_seconds:g} s"),
            )
            predictions = await _within(
                settings.answer_seconds,
                batcher.submit(read_instances(body, settings.max_instances)),
                HTTPException(503, f"no answer within {settings.answer_seconds:g} s", _AGAIN),
            )
            return _Json({"predictions": [_to_json(prediction) for prediction in predictions]})

    page = json.loads((Path(__file__).parent / "openapi.json").read_bytes())
    page["info"]["version"] = sentiment_repl.__version__
    paths = settings.predict_path, settings.health_path
    page["paths"] = dict(zip(paths, page["paths"].values()))
    return Starlette(
        routes=[
            Route(settings.predict_path, predict, methods=["POST"]),
            Route(settings.health_path, _Json({"model_version_status": [_READY]}), methods=["GET"]),
            Route(OPENAPI, _Json(page), methods=["GET"]),
        ],
        exception_handlers={
            HTTPException: _respond_to_error,
            ClientDisconnect: _respond_to_nobody,
            Exception: _respond_to_fault,
        },
    )


async def _read_body(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            detail = f"the body is too large: a request may have {most:,} bytes"
            raise HTTPException(413, detail)
    return bytes(body)


async def _within(seconds: float, result: Awaitable[T], otherwise: HTTPException) -> T:
    try:
        return await asyncio.wait_for(result, seconds)
    except asyncio.TimeoutError:
        raise otherwise from None


def _to_json(prediction: Prediction) -> dict[str, object]:
    return {name: field for name, field in json_fields(prediction).items() if name != "text"}


class _Json(JSONResponse):
    """JSON in ASCII: no word of a request steers the terminal of a client."""

    def render(self, content: object) -> bytes:
        return json.dumps(content).encode()


async def _respond_to_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"no such path: see {OPENAPI}" if error.status_code == 404 else error.detail
    return _Json({"error": detail}, error.status_code, error.headers)


async def _respond_to_nobody(_: Request, error: Exception) -> Response:
    return Response(status_code=400)  # the client has gone


async def _respond_to_fault(_: Request, error: Exception) -> Response:
    return _Json({"error": "internal error: see the log of the service"}, 500)
