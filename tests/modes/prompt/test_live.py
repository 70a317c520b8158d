import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prompt_toolkit.document import Document

from sentiment_repl import Classifier, load
from sentiment_repl.errors import ModelError
from sentiment_repl.modes.prompt.lexer import EffectLexer
from sentiment_repl.modes.prompt.live import LONGEST, LiveReading


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def read(live: LiveReading, executor: ThreadPoolExecutor, *lines: str) -> None:
    for line in lines:
        live.want(line)
    executor.submit(int).result()  # what stood before it is done


def styles(lexer: EffectLexer, text: str) -> list[tuple[str, str]]:
    line = lexer.lex_document(Document(text))(0)
    assert "".join(piece[1] for piece in line) == text
    return [(piece[1], piece[0].removeprefix("class:word.")) for piece in line if piece[0]]


class Held(Classifier):
    """Answers when it is told to go on."""

    def __init__(self, folder: Path) -> None:
        classifier = load(folder=folder)
        super().__init__(classifier._words, classifier._net)
        self.asked: list[str] = []
        self.begun, self.go_on = threading.Event(), threading.Event()

    def classify(self, text, *, explain=False):  # type: ignore[no-untyped-def]
        self.asked.append(text)
        self.begun.set()
        assert self.go_on.wait(10)
        return super().classify(text, explain=explain)


def test_an_explained_line_is_coloured(tiny: Path, executor: ThreadPoolExecutor) -> None:
    classifier = load(folder=tiny)
    live = LiveReading(lambda: classifier, executor, lambda: None)
    lexer = EffectLexer(live)
    before = lexer.invalidation_hash()
    read(live, executor, "good day, bad zebra")
    assert lexer.invalidation_hash() != before
    assert styles(lexer, "good day, bad zebra") == [
        ("good", "positive.strong"), ("bad", "negative.strong"), ("zebra", "unknown"),
    ]  # fmt: skip


def test_colours_stay_until_the_new_ones_are_there(
    tiny: Path, executor: ThreadPoolExecutor
) -> None:
    classifier = load(folder=tiny)
    live = LiveReading(lambda: classifier, executor, lambda: None)
    lexer = EffectLexer(live)
    read(live, executor, "good bad")
    assert styles(lexer, "good bad") == [("good", "positive.strong"), ("bad", "negative.strong")]
    assert styles(lexer, "good ba") == [("good", "positive.strong")]
    assert styles(lexer, "xgood bad") == []


def test_only_the_newest_text_is_read(tiny: Path, executor: ThreadPoolExecutor) -> None:
    held = Held(tiny)
    live = LiveReading(lambda: held, executor, lambda: None)
    live.want("g")
    assert held.begun.wait(10)
    for line in ("go", "goo", "good"):
        live.want(line)
    held.go_on.set()
    executor.submit(int).result()
    assert held.asked == ["g", "good"]
    assert live.look("good") is not None and live.look("goo") is None


@pytest.mark.parametrize("line", ["", "   ", "good " * LONGEST])
def test_what_is_not_read(tiny: Path, executor: ThreadPoolExecutor, line: str) -> None:
    classifier = load(folder=tiny)
    live = LiveReading(lambda: classifier, executor, lambda: None)
    read(live, executor, line)
    assert live.look(line) is None


@pytest.mark.parametrize("error", [ModelError("broken"), MemoryError()])
def test_what_fails_ends_the_reading_until_it_is_switched_on(
    tiny: Path, executor: ThreadPoolExecutor, error: Exception
) -> None:
    classifier = load(folder=tiny)
    failing = True

    def bring() -> Classifier:
        if failing:
            raise error
        return classifier

    changed: list[bool] = []
    live = LiveReading(bring, executor, lambda: changed.append(live.enabled))
    read(live, executor, "good")
    assert not live.enabled and changed == [False]
    failing = False
    live.enabled = True
    read(live, executor, "good day")
    assert live.look("good day") is not None


def test_a_long_line_has_its_label_first_and_its_words_when_there_is_time(
    tiny: Path, executor: ThreadPoolExecutor
) -> None:
    held = Held(tiny)
    live = LiveReading(lambda: held, executor, lambda: None)
    line = "good bad " * 60
    live.want(line)
    assert held.begun.wait(10)
    live.want(line + "b")
    held.go_on.set()
    executor.submit(int).result()
    look = live.look(line)
    assert look is not None and not look.complete
    read(live, executor, line)
    look = live.look(line)
    assert look is not None and look.complete


def test_a_new_sentence_begins_without_the_colours_of_the_last(
    tiny: Path, executor: ThreadPoolExecutor
) -> None:
    classifier = load(folder=tiny)
    live = LiveReading(lambda: classifier, executor, lambda: None)
    lexer = EffectLexer(live)
    read(live, executor, "good")
    assert styles(lexer, "good") == [("good", "positive.strong")]
    assert styles(lexer, "") == []
    assert styles(lexer, "good day") == []  # not read yet


def test_the_other_lines_of_a_paste_have_their_own_colours(
    tiny: Path, executor: ThreadPoolExecutor
) -> None:
    classifier = load(folder=tiny)
    live = LiveReading(lambda: classifier, executor, lambda: None)
    lexer = EffectLexer(live)
    read(live, executor, "good bad")
    get_line = lexer.lex_document(Document("good day\ngood bad"))
    assert [piece[0] for piece in get_line(1) if piece[0]] == [
        "class:word.positive.strong", "class:word.negative.strong",
    ]  # fmt: skip
    assert not [piece for piece in get_line(0) if piece[0]]
