from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sentiment_repl import Classifier, load
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
