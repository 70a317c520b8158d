"""Requests and answers."""

import contextlib
import json
import socket
import threading
import time
from pathlib import Path

import pytest

from sentiment_repl import load
from sentiment_repl.prediction import Prediction
from tests.conftest import Run
from tests.serve.conftest import Serve
from tests.serve.service import PREDICT, Service, encode, head, read

HUNDRED_MB = 100_000_000


def test_answers_are_those_of_the_command_line(
    service: Service, run: Run, tiny_neutral: Path, tweets: list[tuple[int, str]]
) -> None:
    texts = [text for _, text in tweets] + ["", "good day", "GOOD bad?", "the table \0 \u200b", "é"]
    done = run(
        *("--artifacts", str(tiny_neutral), "--format", "jsonl"),
        stdin="".join(f"{text}\n" for text in texts).encode(),
    )
    expected = [json.loads(line) for line in done.stdout.splitlines()]
    assert [fields.pop("text") for fields in expected] == texts
    assert service.predict({"instances": texts}).content == {"predictions": expected}


@pytest.mark.slow
def test_answers_on_real_tweets_are_those_of_the_command_line(
    serve: Serve, run: Run, real_tweets: list[tuple[int, str]]
) -> None:
    texts = [" ".join(text.split()) for _, text in real_tweets[:10_000]]
    done = run("--format", "jsonl", stdin="".join(f"{text}\n" for text in texts).encode())
    expected = [json.loads(line) for line in done.stdout.splitlines()]
    service = serve(load().classify_batch)
    found = []
    for begin in range(0, len(texts), 1000):
        body = {"instances": texts[begin : begin + 1000]}
        found += service.predict(body).content["predictions"]
    for prediction, fields in zip(found, expected, strict=True):
        del fields["text"]
        # A text's probabilities depend on its batch by less than 1e-6.
        for name in ("confidence", "probabilities"):
            fields[name] = pytest.approx(fields[name], abs=1e-6)
        assert prediction == fields


def test_an_instance_is_a_text_or_an_object(service: Service) -> None:
    body = {"instances": ["good", {"text": "bad", "id": 7}, "zebra"], "parameters": None}
    predictions = service.predict(body).content["predictions"]
    assert [prediction["label"] for prediction in predictions] == ["positive", "negative", None]
    assert predictions[2] == {
        "label": None,
        "confidence": None,
        "unknown_words": ["zebra"],
        "uncertain": True,
        "probabilities": None,
    }
    assert service.labels() == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "not JSON: Expecting value (line 1, column 1)"),
        (b'{"instances":\n["good",]}', "not JSON: Expecting value (line 2, column 9)"),
        (b'{"instances": ["good"', "not JSON: Expecting ',' delimiter (line 1, column 22)"),
        (b'{"instances": ["\xff"]}', "not UTF-8: byte 17 of the body"),
        (b'{"instances": ["\0"]}', "not JSON: Invalid control character at (line 1, column 17)"),
        (b"[" * 400_000, "JSON that is nested too deeply"),
        (b'{"a":' * 100_000, "JSON that is nested too deeply"),
        (b"[]", "the body is a list, not an object"),
        (b"9" * 5000, "the body is a number, not an object"),
        (b'{"inputs": ["good"]}', 'the body has no "instances"'),
        (b'{"instances": "good"}', "instances is a text, not a list"),
        (b'{"instances": ["good", 7]}', "instances[1] is a number, not a text"),
        (b'{"instances": [true]}', "instances[0] is a boolean, not a text"),
        (b'{"instances": [NaN]}', "instances[0] is a number, not a text"),
        (b'{"instances": ["good", {}]}', 'instances[1] has no "text"'),
        (b'{"instances": [{"text": null}]}', "instances[0].text is null, not a text"),
        (b'{"instances": [{"text": {"text": ""}}]}', "instances[0].text is an object, not a text"),
        (b'{"instances": [["good"]]}', "instances[0] is a list, not a text"),
    ],
    ids=range(18),
)
def test_a_wrong_body_gets_its_position(service: Service, body: bytes, error: str) -> None:
    assert service.predict(body)[:2] == (400, {"error": error})


def test_halves_of_surrogate_pairs_and_nul_are_text(service: Service) -> None:
    body = rb'{"instances": ["good \ud83d", "bad \udc00\u0000", "\ud83d\ude00"]}'
    response = service.predict(body)
    predictions = response.content["predictions"]
    assert [prediction["label"] for prediction in predictions] == ["positive", "negative", None]
    json.dumps(response.content, ensure_ascii=False).encode()  # has no half


def test_a_byte_order_mark_is_no_error(service: Service) -> None:
    assert service.predict(b'\xef\xbb\xbf{"instances": []}').status == 200


def test_the_health_check_answers_as_tensorflow_serving_does(service: Service) -> None:
    response = service.request("GET", "/v1/models/default")
    assert response.status == 200
    (version,) = response.content["model_version_status"]
    assert version["state"] == "AVAILABLE" and version["status"]["error_code"] == "OK"


def test_paths_can_be_chosen_and_the_description_names_them(serve: Serve) -> None:
    service = serve(predict_path="/predict", health_path="/health")
    assert service.request("POST", "/predict", encode({"instances": []})).status == 200
    assert service.request("GET", "/health").status == 200
    page = service.request("GET", "/openapi.json").content
    assert {path: [*methods] for path, methods in page["paths"].items()} == {
        "/predict": ["post"],
        "/health": ["get"],
    }
    response = service.request("GET", PREDICT)
    assert response[:2] == (404, {"error": "no such path: see /openapi.json"})


def test_the_description_has_every_field_of_an_answer(service: Service) -> None:
    schemas = service.request("GET", "/openapi.json").content["components"]["schemas"]
    (prediction,) = service.predict({"instances": ["good"]}).content["predictions"]
    assert {*schemas["Prediction"]["properties"]} == {*prediction}
    assert prediction["label"] in schemas["Prediction"]["properties"]["label"]["enum"]


def test_another_method_is_refused(service: Service) -> None:
    response = service.request("GET", PREDICT)
    assert (response.status, response.headers["Allow"]) == (405, "POST")


def test_a_body_that_is_too_large_is_refused_and_the_connection_goes_on(serve: Serve) -> None:
    service = serve(max_body=100)
    error = {"error": "the body is too large: a request may have 100 bytes"}
    with contextlib.closing(service.http()) as connection:
        for chunked in (False, True):
            # Without a length, http.client sends chunks.
            body = iter([bytes(1_000_000)] * 100)
            length = {} if chunked else {"Content-Length": str(HUNDRED_MB)}
            connection.request("POST", PREDICT, body, length, encode_chunked=chunked)
            assert read(connection.getresponse())[:2] == (413, error)
            connection.request("POST", PREDICT, encode({"instances": ["good"]}))
            assert read(connection.getresponse()).status == 200
    assert service.errors == []


def test_too_many_instances_are_refused(serve: Serve) -> None:
    service = serve(max_instances=2)
    assert service.labels("good", "bad") == ["positive", "negative"]
    response = service.predict({"instances": ["good"] * 3})
    assert response[:2] == (
        413,
        {"error": "3 instances; a request may have 2: send several requests"},
    )


class Blocked:
    """A classifier that answers when it is released."""

    def __init__(self) -> None:
        self.begun, self.release = threading.Event(), threading.Event()

    def classify(self, texts: list[str]) -> list[Prediction]:
        self.begun.set()
        assert self.release.wait(30)
        return [Prediction(text, "positive", 1.0, ()) for text in texts]


def test_too_many_requests_are_refused_while_the_health_check_answers(serve: Serve) -> None:
    blocked = Blocked()
    service = serve(blocked.classify, max_requests=1)
    with contextlib.closing(service.http()) as connection:
        connection.request("POST", PREDICT, encode({"instances": ["good"]}))
        assert blocked.begun.wait(30)
        response = service.predict({"instances": ["good"]})
        assert response[:2] == (429, {"error": "more than 1 requests at the same time"})
        assert response.headers["Retry-After"] == "1"
        assert service.request("GET", "/v1/models/default").status == 200
        blocked.release.set()
        assert read(connection.getresponse()).status == 200
    assert service.labels("good") == ["positive"]


def test_a_classifier_that_takes_too_long_is_a_503(serve: Serve) -> None:
    blocked = Blocked()
    service = serve(blocked.classify, answer_seconds=0.05)
    response = service.predict({"instances": ["good"]})
    assert response[:2] == (503, {"error": "no answer within 0.05 s"})
    blocked.release.set()
    assert service.request("GET", "/v1/models/default").status == 200
    assert service.errors == []


def test_a_fault_of_the_classifier_shows_the_client_no_detail(serve: Serve) -> None:
    def classify(texts: list[str]) -> list[Prediction]:
        if "fault" in texts:
            raise RuntimeError("a secret")
        return [Prediction(text, "positive", 1.0, ()) for text in texts]

    service = serve(classify)
    response = service.predict({"instances": ["fault"]})
    assert response[:2] == (500, {"error": "internal error: see the log of the service"})
    assert service.labels("good") == ["positive"]


def test_a_body_that_does_not_arrive_is_a_408(serve: Serve) -> None:
    service = serve(read_seconds=0.05)
    with contextlib.closing(service.http()) as connection:
        connection.connect()
        connection.sock.sendall(head(50) + b'{"instances": ')
        response = connection.response_class(connection.sock, method="POST")
        response.begin()
        assert read(response)[:2] == (408, {"error": "the body did not arrive within 0.05 s"})
    assert service.labels("good") == ["positive"]


@pytest.mark.parametrize("begin", [b"", b"POST /v1/models/default:predict HTTP/1.1\r\nHost: "])
def test_a_connection_without_a_request_ends(serve: Serve, begin: bytes) -> None:
    service = serve(connection_seconds=0.05)
    with service.connect() as connection:
        connection.sendall(begin)
        assert is_ended(connection)


def test_a_client_that_does_not_read_its_response_is_disconnected(serve: Serve) -> None:
    def classify(texts: list[str]) -> list[Prediction]:
        return [Prediction(text, "positive", 1.0, ("x" * 20_000_000,)) for text in texts]

    service = serve(classify, connection_seconds=0.5)
    body = encode({"instances": ["good"]})
    with service.connect() as connection:
        connection.sendall(head(len(body)) + body)
        connection.recv(1)
        time.sleep(1)
        received = 0
        with contextlib.suppress(ConnectionError):
            while chunk := connection.recv(1_000_000):
                received += len(chunk)
        assert received < 20_000_000


def test_one_connection_too_many_ends_at_once(serve: Serve) -> None:
    service = serve(max_connections=2)
    with service.connect() as one, service.connect() as two:
        for connection in (one, two):
            connection.sendall(b"GET /v1/models/default HTTP/1.1\r\nHost: here\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"
        with service.connect() as three:
            assert is_ended(three)


@pytest.mark.parametrize("sent", [b"", b'{"instances": ["good"', b'{"instances": ["good"]}'])
def test_a_client_that_leaves_is_no_error(service: Service, sent: bytes) -> None:
    with service.connect() as connection:
        connection.sendall(head(23) + sent)
    assert service.labels("good") == ["positive"]
    assert service.errors == []


@pytest.mark.parametrize(
    "request_head",
    [
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n",
        b"POST /v1/models/default:predict HTTP/1.1\r\n\r\n",
        head(5, "Content-Length: 6"),
        head(5, "Transfer-Encoding: gzip"),
        head(5, "X: " + "x" * 1_000_000),
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=range(7),
)
def test_a_head_that_is_not_http_is_refused(service: Service, request_head: bytes) -> None:
    with service.connect() as connection, contextlib.suppress(ConnectionError):
        connection.sendall(request_head)
        assert connection.recv(12) in (b"HTTP/1.1 400", b"HTTP/1.1 501")
    assert service.labels("good") == ["positive"]
    assert service.errors == []


@pytest.mark.parametrize(
    ("path", "first", "status"),
    [("/", b"5\r\n     ", b"400"), (PREDICT, b"F4240\r\n" + b" " * 1_000_000, b"413")],
    ids=["before the response", "after it"],
)
def test_a_wrong_chunk_ends_the_request(
    service: Service, path: str, first: bytes, status: bytes
) -> None:
    begin = f"POST {path} HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    wrong = b"\r\nwrong\r\n"
    with service.connect() as connection, contextlib.suppress(ConnectionError):
        connection.sendall(begin + first + (wrong if status == b"400" else b""))
        assert connection.recv(12) == b"HTTP/1.1 " + status
        connection.sendall(wrong)
        while connection.recv(1000):
            pass
    assert service.labels("good") == ["positive"]
    assert service.errors == []


def is_ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True
