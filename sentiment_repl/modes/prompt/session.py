"""The loop at the prompt: read a sentence, answer it, until an empty one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.shortcuts import CompleteStyle
from prompt_toolkit.utils import is_dumb_terminal

from sentiment_repl import render, runtime
from sentiment_repl.modes.prompt import corrections, keys, toolbar
from sentiment_repl.modes.prompt.completion import DictionaryCompleter
from sentiment_repl.modes.prompt.history import open_history
from sentiment_repl.modes.prompt.lexer import EffectLexer
from sentiment_repl.modes.prompt.live import LONGEST, LiveReading
from sentiment_repl.modes.prompt.visible import Visible

if TYPE_CHECKING:
    from sentiment_repl.classifier import Classifier, Prediction

_SHOWN = 60  # characters of a sentence that was noted

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


def run(load: Callable[[], Classifier], options: Options) -> int:
    """Prompt and answer until an empty line or Ctrl-D.

    :param load: brings the classifier; called once, when the prompt is on the screen.
    :return: the exit code.
    """
    with _modes_kept(), ThreadPoolExecutor(max_workers=1) as executor:
        session = Session(load, options, executor)
        with runtime.handled(session.end):
            return session.run()


@contextmanager
def _modes_kept() -> Iterator[None]:
    """Leave the terminal's modes as they were.

    A signal may come while prompt_toolkit is about to note that it has changed them.
    """
    try:
        import termios
    except ImportError:  # Windows
        yield
        return
    modes = None
    with suppress(OSError, ValueError, termios.error):  # no terminal
        modes = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        with suppress(OSError, ValueError, termios.error):  # it may be gone
            if modes and termios.tcgetattr(sys.stdin) != modes:
                termios.tcsetattr(sys.stdin, termios.TCSANOW, modes)


class Session:
    """A prompt, and what its keys do.

    :param executor: of one thread: the classifier is loaded and texts are read there.
    """

    def __init__(
        self, load: Callable[[], Classifier], options: Options, executor: ThreadPoolExecutor
    ) -> None:
        self._options = options
        self._last: Prediction | None = None
        self._noted = ""
        self._told_to_end = False
        self._sorted: list[str] = []
        self._bring, self._executor = load, executor
        self._future: Future[Classifier] | None = None
        self.live = LiveReading(
            lambda: self._loading().result(), executor, lambda: self.prompt.app.invalidate()
        )
        # A terminal without any feature has no line at the bottom and no room above it.
        self.live.enabled = not is_dumb_terminal()
        actions: dict[str, Callable[[str], None]] = {
            "f1": self._help,
            "f2": self._explain,
            "f3": self._switch,
            "f4": self._correct,
        }
        self.prompt: PromptSession[str] = PromptSession(
            PROMPT,
            history=open_history(_warn) if options.keep_history else InMemoryHistory(),
            auto_suggest=AutoSuggestFromHistory(),
            completer=DictionaryCompleter(self._words),
            complete_while_typing=False,
            complete_style=CompleteStyle.READLINE_LIKE,  # which needs no room below the line
            lexer=EffectLexer(self.live),
            input_processors=[Visible()],
            bottom_toolbar=self._toolbar,
            style=toolbar.STYLE,
            enable_suspend=True,
            key_bindings=keys.bindings(actions if self.live.enabled else {}),
        )
        # To wrap a line prompt_toolkit asks for the prompt before every row of it; it is
        # wanted before the first alone, and a page on one line has a thousand rows.
        window = self.prompt.app.layout.current_window
        if (prefix := window.get_line_prefix) is not None:
            window.get_line_prefix = lambda n, row: prefix(n, row) if n == row == 0 else []
        # NumPy takes as long to import as all the rest; it comes while the user types.
        self.prompt.app.after_render += lambda _: self._begin()
        self.prompt.default_buffer.on_text_changed += lambda _: self._read()
        self.prompt.default_buffer.on_cursor_position_changed += lambda _: self._read()

    def run(self) -> int:
        """The loop; the return value is the exit code.

        :raises KeyboardInterrupt: ``end`` was called.
        """
        while not self._told_to_end:
            try:
                entered = self.prompt.prompt()
                if not entered:
                    return 0
                self._answer(entered)
            except KeyboardInterrupt:  # Ctrl-C drops the line, or its answer
                continue
            except EOFError:  # Ctrl-D on an empty line
                return 0
        raise KeyboardInterrupt

    def end(self) -> None:
        """Leave the prompt, and the terminal as it was; to be called of a signal."""
        self._told_to_end = True
        app = self.prompt.app
        if app.loop is None or not app.is_running:
            raise KeyboardInterrupt
        app.loop.call_soon_threadsafe(
            lambda: app.is_running and not app.is_done and app.exit(exception=KeyboardInterrupt)
        )

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
            if prediction.label is not None:
                self._last = prediction

    def _loading(self) -> Future[Classifier]:
        if self._future is None:
            self._future = self._executor.submit(self._bring)
            self._future.add_done_callback(self._loaded)
        return self._future

    def _loaded(self, loading: Future[Classifier]) -> None:
        """A model that can't be used ends the prompt at once."""
        error, app = loading.exception(), self.prompt.app
        if error is not None and app.loop is not None:
            app.loop.call_soon_threadsafe(lambda: app.is_running and app.exit(exception=error))

    def _begin(self) -> None:
        self._loading()

    def _line(self) -> str:
        return self.prompt.default_buffer.document.current_line

    def _read(self) -> None:
        self._loading()  # first, or the reading would wait for what stands behind it
        self.live.want(self._line())

    def _toolbar(self) -> StyleAndTextTuples:
        return toolbar.content(self._line(), self.live, self.prompt.output.get_size().columns)

    def _words(self) -> list[str]:
        loading = self._loading()
        if not self._sorted and loading.done() and not loading.exception():
            self._sorted = sorted(filter(str.isalpha, loading.result().words))
        return self._sorted

    def _help(self, line: str) -> None:
        print(keys.HELP)

    def _explain(self, line: str) -> None:
        sentence = line if line.strip() else self._last.text if self._last else ""
        if not sentence:
            print("Type a sentence first; F2 names the words that move its answer.")
        elif len(sentence) > LONGEST:
            print("That is too long; sentiment-repl --explain names the words of a long text.")
        else:
            prediction = self._loading().result().classify(sentence, explain=True)
            answered = prediction.label is not None
            _print(render.explanation(prediction) if answered else render.CANNOT_TELL)

    def _switch(self, line: str) -> None:
        self.live.enabled = not self.live.enabled
        self._read()

    def _correct(self, line: str) -> None:
        last = self._last
        if last is None:
            print("There is no answer yet that could be wrong.")
        elif last.text == self._noted:
            print("That one has been noted already.")
        else:
            label = "negative" if last.label == "positive" else "positive"
            path: Path | str = "corrections"
            try:
                path = corrections.corrections_path()
                corrections.note(path, label, last.text)
            except OSError as error:
                _warn(f"{path}: it can't be noted: {error.strerror or error}")
                return
            self._noted = last.text
            shown = last.text if len(last.text) <= _SHOWN else f"{last.text[:_SHOWN]}..."
            _print(f"Noted as {label}: {render.escape(shown)}")
            _print(f"(in {render.escape(str(path))}, to train with)")


def _print(line: str) -> None:
    # A terminal that has no such letter gets its escape rather than an error.
    encoding = sys.stdout.encoding
    print(line.encode(encoding, "backslashreplace").decode(encoding))


def _warn(sentence: str) -> None:
    print(f"sentiment-repl: {render.escape(sentence)}", file=sys.stderr)
