import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sentiment_repl import load
from sentiment_repl.serve.batches import Classify
from tests.conftest import three_label_model
from tests.serve.service import Service, running

Serve = Callable[..., Service]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service as it is by default. Its model knows "good", "bad" and "table"."""
    folder = three_label_model(tmp_path_factory.mktemp("service") / "model")
    with running(load(folder=folder).classify_batch) as service:
        yield service


@pytest.fixture
def serve(tiny_neutral: Path) -> Iterator[Serve]:
    """Start services: the classifier, and any field of ``Settings``."""
    with contextlib.ExitStack() as stack:

        def start(classify: Classify | None = None, **settings: Any) -> Service:
            answer = classify or load(folder=tiny_neutral).classify_batch
            return stack.enter_context(running(answer, **settings))

        yield start
