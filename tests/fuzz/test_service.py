"""Hostile requests, and clients that send slowly, break off or never read."""

import contextlib
import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_repl import Classifier, load
from tests.conftest import bag_model
from tests.fuzz.conftest import share
from tests.fuzz.strategies import BAD_OBJECTS, TEXTS, damaged
from tests.serve.service import Service, head, running

pytestmark = pytest.mark.slow
MAX_BODY, MAX_INSTANCES = 20_000, 20  # bytes, texts
STATUSES = (200, 400, 404, 405, 408, 413, 501, 505)


@st.composite
def _any_text(draw: st.DrawFn) -> str:
    """Draw from ``TEXTS``, whose description hypothesis would repeat in each strategy."""
    return draw(TEXTS)


ANY_TEXT = _any_text()
VALUES = st.recursive(
    ANY_TEXT | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
)
INSTANCES = ANY_TEXT | ANY_TEXT.map(lambda text: {"text": text, "id": 7})
SOUND = st.lists(INSTANCES, max_size=MAX_INSTANCES + 2).map(lambda texts: {"instances": texts})
WRONG = VALUES | st.builds(
    lambda value, texts: {"instances": [*texts, value]}, VALUES, st.lists(INSTANCES, max_size=3)
)
NESTED = st.sampled_from(["[", '{"instances":', '{"instances":[{"text":', "[{"]).map(
    lambda opening: (opening * MAX_BODY)[:MAX_BODY]
)
JSON = (
    (SOUND | WRONG).flatmap(
        lambda content: st.booleans().map(lambda ascii: json.dumps(content, ensure_ascii=ascii))
    )
    | NESTED
    | st.sampled_from([*BAD_OBJECTS, '{"instances": [' + "9" * 5000 + "]}"])
).map(lambda text: text.encode(errors="surrogatepass"))
BODIES = JSON | JSON.flatmap(damaged) | st.integers(MAX_BODY, 3 * MAX_BODY).map(bytes)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    folder = tmp_path_factory.mktemp("service") / "model"
    return load(folder=bag_model(folder, {"good": 2, "bad": -3}))


@pytest.fixture(scope="module")
def service(classifier: Classifier) -> Iterator[Service]:
    bounds = {"max_body": MAX_BODY, "max_instances": MAX_INSTANCES}
    with running(classifier.classify_batch, **bounds) as service:
        yield service


@pytest.fixture(scope="module")
def hasty(classifier: Classifier) -> Iterator[Service]:
    """A service that waits for nobody."""
    with running(classifier.classify_batch, read_seconds=0.2, connection_seconds=2) as service:
        yield service


def expected_status(body: bytes) -> int:
    """Return the right status of a body that arrives whole."""
    if len(body) > MAX_BODY:
        return 413
    try:
        instances = json.loads(body.decode("utf-8-sig"), parse_int=float)["instances"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return 400
    if not isinstance(instances, list):
        return 400
    if len(instances) > MAX_INSTANCES:
        return 413
    texts = [one.get("text") if isinstance(one, dict) else one for one in instances]
    return 200 if all(isinstance(text, str) for text in texts) else 400


def assert_unharmed(service: Service) -> None:
    assert service.labels("good", "bad") == ["positive", "negative"]
    assert service.errors == []


def send(connection: socket.socket, *parts: bytes) -> None:
    with contextlib.suppress(ConnectionError):  # the service may end a connection that it refused
        for part in parts:
            connection.sendall(part)


def receive(connection: socket.socket) -> tuple[int, Any] | None:
    """Return status and content of the response, or None if the connection ends without one."""
    response = HTTPResponse(connection, method="POST")
    try:
        response.begin()
        content = response.read()
    except (ConnectionError, OSError):
        return None
    if response.headers["Content-Type"] != "application/json":  # the server's, not the service's
        return response.status, {"error": content.decode()}
    return response.status, json.loads(content)


def chunked(body: bytes, size: int) -> bytes:
    """Return a request whose body comes in chunks."""
    begin = head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    parts = (body[i : i + size] for i in range(0, len(body), size))
    return begin + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (*parts, b""))


@share(3)
@given(BODIES, st.sampled_from([0, 0, 1000, 20_000]))
def test_any_body_gets_its_status(service: Service, body: bytes, chunk: int) -> None:
    with service.connect() as connection:
        send(connection, chunked(body, chunk) if chunk else head(len(body)) + body)
        answer = receive(connection)
    assert answer is not None
    status, content = answer
    assert status == expected_status(body), content
    if status == 200:
        assert len(content["predictions"]) == len(json.loads(body.decode("utf-8-sig"))["instances"])
        json.dumps(content, ensure_ascii=False).encode()  # has no half of a surrogate pair
    else:
        assert [*content] == ["error"]
        assert content["error"].isprintable() and len(content["error"]) < 200
    assert_unharmed(service)


BODY = b'{"instances": ["good", "bad"]}'
REQUESTS = [
    head(len(BODY)) + BODY,
    head(len(BODY)) + BODY + head(len(BODY)) + BODY,
    head(len(BODY), "X: " + "x" * 90_000) + BODY,
    chunked(BODY, 10),
    chunked(bytes(2**20), 2**16),  # too large
    b"\x16\x03\x01" + bytes(300),  # TLS
]


@share(3)
@given(st.integers(0, len(REQUESTS) - 1).flatmap(lambda i: damaged(REQUESTS[i])))
def test_damaged_requests_are_answered_or_ended(hasty: Service, content: bytes) -> None:
    with hasty.connect() as connection:
        send(connection, content)
        answer = receive(connection)
    assert answer is None or answer[0] in STATUSES
    assert_unharmed(hasty)


@share(6)
@given(BODIES.filter(len), st.floats(0, 1), st.sampled_from(["waits", "leaves", "dawdles"]))
def test_a_client_that_does_not_send_everything(
    hasty: Service, body: bytes, part: float, manner: str
) -> None:
    request = head(len(body)) + body
    with hasty.connect() as connection:
        send(connection, request[: int(part * (len(request) - 1))])
        if manner == "dawdles":
            connection.settimeout(0.05)
            while not is_readable(connection):
                send(connection, b" ")
            connection.settimeout(30)
        if manner != "leaves":
            answer = receive(connection)
            assert answer is None or answer[0] in STATUSES
    assert_unharmed(hasty)


def is_readable(connection: socket.socket) -> bool:
    try:
        connection.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True
