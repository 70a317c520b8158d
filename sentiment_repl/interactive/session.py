"""The loop at the prompt: read a sentence, answer it, until an empty one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from platformdirs import user_state_path
from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.shortcuts import CompleteStyle
from prompt_toolkit.utils import is_dumb_terminal

from sentiment_repl import render
from sentiment_repl.interactive import corrections, keys, look
from sentiment_repl.interactive.completion import DictionaryCompleter
from sentiment_repl.interactive.history import open_history
from sentiment_repl.interactive.lexer import EffectLexer
from sentiment_repl.interactive.live import LiveReading

if TYPE_CHECKING:
    from sentiment_repl.classifier import Classifier, Prediction

PROMPT = "Input a sentence to be evaluated, or Enter to quit: "


class Options(NamedTuple):
    """What the user chose on the command line."""

    format: str
    """How an answer is written, a name in ``render.FORMATS``."""
    warn: bool
    """Whether unknown words are named before it."""
    explain: bool
    """Whether the words that move it are named after it."""
    keep_history: bool
    """False keeps the history in memory, for this run alone."""


def history_path() -> Path:
    """Where the history is kept: ``history`` in the user's state directory."""
    return user_state_path("sentiment-repl", appauthor=False) / "history"


def run(load: Callable[[], Classifier], options: Options) -> int:
    """Prompt and answer until an empty line or Ctrl-D.

    :param load: brings the classifier; called once, when the prompt is on the screen.
    :return: the exit code.
    """
    with ThreadPoolExecutor(max_workers=1) as executor:
        return Session(load, options, executor).run()


class Session:
    """A prompt, and what its keys do.

    :param executor: of one thread: the classifier is loaded and texts are read there.
    """

    def __init__(
        self, load: Callable[[], Classifier], options: Options, executor: ThreadPoolExecutor
    ) -> None:
        self._options = options
        self._last: Prediction | None = None
        self._noted: Prediction | None = None
        # NumPy takes as long to import as all the rest; it comes while the user types.
        self._loading: Callable[[], Future[Classifier]] = cache(lambda: executor.submit(load))
        self.live = LiveReading(
            lambda: self._loading().result(), executor, lambda: self.prompt.app.invalidate()
        )
        self.live.enabled = not is_dumb_terminal()
        self.prompt: PromptSession[str] = PromptSession(
            PROMPT,
            history=(
                open_history(history_path(), _warn) if options.keep_history else InMemoryHistory()
            ),
            auto_suggest=AutoSuggestFromHistory(),
            completer=DictionaryCompleter(self._words),
            complete_while_typing=False,
            complete_style=CompleteStyle.READLINE_LIKE,  # which needs no room below the line
            lexer=EffectLexer(self.live),
            bottom_toolbar=self._toolbar,
            style=look.STYLE,
            key_bindings=keys.bindings(
                {"f1": self._help, "f2": self._explain, "f3": self._switch, "f4": self._correct}
            ),
        )
        self.prompt.app.after_render += lambda _: self._load()
        self.prompt.default_buffer.on_text_changed += lambda _: self._read()

    def run(self) -> int:
        """The loop; the return value is the exit code."""
        while True:
            try:
                entered = self.prompt.prompt()
            except KeyboardInterrupt:  # Ctrl-C drops the line
                continue
            except EOFError:  # Ctrl-D on an empty line
                return 0
            if not entered:
                return 0
            self._answer(entered)

    def _answer(self, entered: str) -> None:
        # A paste of several lines arrives as one string. Each line is a sentence, and
        # is shown above its answer, so that a reader sees which is which.
        sentences = [line for line in entered.splitlines() if line.strip()] or [entered]
        classifier = self._loading().result()
        for prediction in classifier.classify_batch(sentences, explain=self._options.explain):
            if len(sentences) > 1:
                _print(render.escape(prediction.text))
            if self._options.warn:
                for warning in render.out_of_vocabulary(prediction):
                    _print(warning)
            if self._options.format == "text":
                _print(render.text(prediction._replace(word_effects=None)))
                if prediction.word_effects is not None:
                    _print(render.explanation(prediction))
            else:
                _print(render.FORMATS[self._options.format](prediction))
            self._last = prediction

    def _load(self) -> None:
        self._loading()

    def _line(self) -> str:
        return self.prompt.default_buffer.document.current_line

    def _read(self) -> None:
        self._load()  # first, or the reading would wait for what stands behind it
        self.live.want(self._line())

    def _toolbar(self) -> StyleAndTextTuples:
        return look.toolbar(self._line(), self.live)

    def _words(self) -> dict[str, int] | None:
        loading = self._loading()
        return dict(loading.result().words) if loading.done() else None

    def _help(self, line: str) -> None:
        print(keys.HELP)

    def _explain(self, line: str) -> None:
        sentence = line if line.strip() else self._last.text if self._last else None
        if sentence is None:
            print("Type a sentence first; F2 names the words that move its answer.")
            return
        _print(render.explanation(self._loading().result().classify(sentence, explain=True)))

    def _switch(self, line: str) -> None:
        self.live.enabled = not self.live.enabled
        self._read()

    def _correct(self, line: str) -> None:
        last, path = self._last, corrections.corrections_path()
        if last is None or last.label is None:
            print("There is no answer yet that could be wrong.")
        elif last is self._noted:
            print("That one has been noted already.")
        else:
            label = "negative" if last.label == "positive" else "positive"
            try:
                corrections.note(path, label, last.text)
            except OSError as error:
                _warn(f"{path}: it can't be noted: {error.strerror or error}")
                return
            self._noted = last
            _print(f"Noted as {label}, to train with, in {path}")


def _print(line: str) -> None:
    # A terminal that has no such letter gets its escape rather than an error.
    encoding = sys.stdout.encoding
    print(line.encode(encoding, "backslashreplace").decode(encoding))


def _warn(sentence: str) -> None:
    print(f"sentiment-repl: {sentence}", file=sys.stderr)
