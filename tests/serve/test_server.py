"""The socket, and the program as a process."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sentiment_repl.errors import Failure
from sentiment_repl.serve.server import listen
from tests.conftest import REPOSITORY
from tests.serve.service import PREDICT, Client, encode, head

Start = Callable[..., "subprocess.Popen[str]"]
MODULE = ("-m", "sentiment_repl.serve")


@pytest.fixture
def start(tiny: Path) -> Iterator[Start]:
    """Start the program. It is killed when the test ends."""
    processes = []

    def start(*args: str, python: tuple[str, ...] = MODULE, **env: str) -> "subprocess.Popen[str]":
        command = [sys.executable, *python, "--artifacts", str(tiny), *args]
        env = {**{k: v for k, v in os.environ.items() if not k.startswith("AIP_")}, **env}
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY, env=env
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        with process:  # closes its pipe
            process.kill()


def wait_for_url(process: "subprocess.Popen[str]") -> tuple[str, int, str]:
    """Return the host, the port and the path that the program prints."""
    assert process.stderr is not None
    line = process.stderr.readline()
    found = re.fullmatch(
        r"python -m sentiment_repl\.serve: listening on http://(.+):(\d+)(/.*)\n", line
    )
    assert found, line
    return found[1], int(found[2]), found[3]


def test_only_this_machine_can_reach_it_by_default(start: Start) -> None:
    host, port, path = wait_for_url(start("--port", "0"))
    assert (host, path) == ("127.0.0.1", PREDICT)
    assert Client(port).labels("good", "bad") == ["positive", "negative"]


def test_the_variables_of_vertex_ai_name_the_port_and_the_paths(start: Start) -> None:
    aip = {"HTTP_PORT": "0", "PREDICT_ROUTE": "/v1/endpoints/7:predict", "HEALTH_ROUTE": "/ping"}
    process = start("--host", "0.0.0.0", **{f"AIP_{name}": text for name, text in aip.items()})
    host, port, path = wait_for_url(process)
    assert (host, path) == ("0.0.0.0", "/v1/endpoints/7:predict")
    client = Client(port)
    assert client.request("POST", path, encode({"instances": []})).status == 200
    assert client.request("GET", "/ping").status == 200
    assert client.request("GET", "/v1/models/default").status == 404


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_when_the_requests_are_answered(
    start: Start, number: signal.Signals, code: int
) -> None:
    process = start("--port", "0")
    _, port, _ = wait_for_url(process)
    client, body = Client(port), encode({"instances": ["good"]})
    with client.connect() as begun, client.connect() as idle:
        begun.sendall(head(len(body), "Expect: 100-continue"))
        assert begun.recv(100).startswith(b"HTTP/1.1 100")  # it reads the body
        process.send_signal(number)
        assert idle.recv(1) == b""  # it ends
        begun.sendall(body)
        assert begun.recv(12) == b"HTTP/1.1 200"
    assert process.wait(30) == code
    assert process.communicate(timeout=60)[1] == ""
    with pytest.raises(ConnectionRefusedError):
        client.connect()


def test_a_port_that_is_taken_is_one_sentence(start: Start) -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        process = start("--port", str(port))
        err = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert err.startswith(
        f"python -m sentiment_repl.serve: 127.0.0.1, port {port}: it can't listen there: "
    )
    assert err.endswith("; choose another address with --host and --port\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("args", "env", "error"),
    [
        ((), {"AIP_PREDICT_ROUTE": "predict"}, "AIP_PREDICT_ROUTE is 'predict': it must start"),
        ((), {"AIP_HEALTH_ROUTE": "/{a}{a}"}, "AIP_HEALTH_ROUTE is '/{a}{a}': it must start"),
        ((), {"AIP_HTTP_PORT": "http"}, "'http' is not a whole number from 0 to 65535"),
        (("--port", "65536"), {}, "'65536' is not a whole number from 0 to 65535"),
        (("--max-body", "0"), {}, "'0' is not a whole number from 1"),
    ],
)
def test_wrong_usage_is_one_sentence(
    start: Start, args: tuple[str, ...], env: dict[str, str], error: str
) -> None:
    process = start(*args, **env)
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert error in err.splitlines()[-1] and "Traceback" not in err


@pytest.mark.parametrize("library", ["starlette", "uvicorn"])
def test_a_missing_library_is_named_with_its_remedy(start: Start, library: str) -> None:
    code = (
        f"import runpy, sys; sys.modules['{library}'] = None; sys.argv[0] = 'serve';"
        "runpy.run_module('sentiment_repl.serve', run_name='__main__', alter_sys=True)"
    )
    process = start("--port", "0", python=("-c", code))
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert library in err and "is not installed; run: " in err and "[serve]'" in err


def test_a_response_does_not_wait_for_the_acknowledgement_of_its_head() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_it_listens_on_ipv6() -> None:
    try:
        listener = listen("::1", 0)
    except Failure as error:
        pytest.skip(f"no IPv6 here: {error}")
    with listener:
        assert listener.family == socket.AF_INET6
