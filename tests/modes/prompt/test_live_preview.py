import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sentiment_repl import Classifier, load
from sentiment_repl.modes.prompt.live_preview import MAX_LENGTH, LivePreview
from tests.modes.prompt.conftest import Compute


class Blocked(Classifier):
    """Waits with every answer until ``go_on`` is set."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__(classifier.vocabulary, classifier.network)
        self.texts: list[str] = []
        self.started, self.go_on = threading.Event(), threading.Event()

    def classify(self, text, *, explain=False):  # type: ignore[no-untyped-def]
        self.texts.append(text)
        self.started.set()
        assert self.go_on.wait(10)
        return super().classify(text, explain=explain)


@pytest.mark.parametrize(("line", "complete"), [("g", True), ("good bad " * 60, False)])
def test_while_one_line_is_computed_only_the_newest_other_waits(
    classifier: Classifier, executor: ThreadPoolExecutor, line: str, complete: bool
) -> None:
    blocked = Blocked(classifier)
    preview = LivePreview(lambda: blocked, executor, lambda: None)
    preview.request(line)
    assert blocked.started.wait(10)
    for newer in ("go", "goo", "good"):
        preview.request(newer)
    blocked.go_on.set()
    executor.submit(int).result()
    assert blocked.texts == [line, "good"]
    found, newest = preview.get(line), preview.get("good")
    assert newest is not None and newest.complete and preview.get("goo") is None
    # A long line has its label first. When it is out of date, it gets no contributions.
    assert found is not None and found.complete == complete
    preview.request(line)
    executor.submit(int).result()
    found = preview.get(line)
    assert found is not None and found.complete


def test_words_push_less_in_a_neutral_sentence(
    tiny_neutral: Path, executor: ThreadPoolExecutor
) -> None:
    classifier = load(folder=tiny_neutral)
    preview = LivePreview(lambda: classifier, executor, lambda: None)
    styles = {
        "good": ["class:word.positive class:word.strong"],
        "good table": [],  # 87 % neutral
        "good bad table": ["class:word.positive", "class:word.negative class:word.strong"],  # 67 %
    }
    for line, expected in styles.items():
        preview.request(line)
        executor.submit(int).result()
        found = preview.get(line)
        assert found is not None and [style for _, _, style in found.spans] == expected


@pytest.mark.parametrize("line", ["", "   ", "good " * MAX_LENGTH])
def test_empty_and_too_long_lines_have_no_preview(compute: Compute, line: str) -> None:
    assert compute(line).get(line) is None


def test_an_error_turns_the_preview_off_until_the_user_turns_it_on(
    classifier: Classifier, executor: ThreadPoolExecutor
) -> None:
    errors, changes = [MemoryError()], []

    def load() -> Classifier:
        if errors:
            raise errors.pop()
        return classifier

    preview = LivePreview(load, executor, lambda: changes.append(preview.enabled))
    for enabled in (False, True):
        preview.request("good")
        executor.submit(int).result()
        assert preview.enabled == enabled and (preview.get("good") is not None) == enabled
        preview.enabled = True
    assert changes == [False, True]
