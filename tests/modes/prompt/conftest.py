from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from sentiment_repl import Classifier, load
from sentiment_repl.modes.prompt.background_model import BackgroundModel
from sentiment_repl.modes.prompt.interrupts import Interrupts, LineDiscarded
from sentiment_repl.modes.prompt.line_editor import LineEditor
from sentiment_repl.modes.prompt.live_preview import LivePreview


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture
def classifier(tiny: Path) -> Classifier:
    return load(folder=tiny)


Compute = Callable[[str], LivePreview]


@pytest.fixture
def compute(classifier: Classifier, executor: ThreadPoolExecutor) -> Compute:
    """Return a live preview after it has computed a line."""
    preview = LivePreview(lambda: classifier, executor, lambda: None)

    def compute(line: str) -> LivePreview:
        preview.request(line)
        executor.submit(int).result()  # runs after the request
        return preview

    return compute


Type = Callable[..., list[str | None]]


@pytest.fixture
def type_keys(classifier: Classifier, executor: ThreadPoolExecutor) -> Type:
    """Type keys into a line editor until it quits, or until the keys are at an end.

    Returns the lines that it has read, and None for each discarded one.
    """

    def type_keys(typed: str, **settings: str) -> list[str | None]:
        lines: list[str | None] = []
        model = BackgroundModel(lambda: classifier, executor, print)
        model.wait()
        with create_pipe_input() as pipe, create_app_session(pipe, DummyOutput()):
            settings = {"keys": "emacs", "preview": "on", **settings}
            editor = LineEditor("> ", model, executor, InMemoryHistory(), Interrupts(), settings)
            pipe.send_text(typed)
            pipe.close()
            while not lines or lines[-1] != "":
                lines.append(None)
                with suppress(LineDiscarded):
                    lines[-1] = editor.read()
        return lines[:-1]

    return type_keys
