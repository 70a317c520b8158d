"""The loop of the prompt: read a sentence, print its label, until an empty line."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.layout import Window
from prompt_toolkit.shortcuts import CompleteStyle
from prompt_toolkit.utils import is_dumb_terminal

from sentiment_repl import render, runtime
from sentiment_repl.modes.prompt.background_model import BackgroundModel
from sentiment_repl.modes.prompt.colours import STYLE
from sentiment_repl.modes.prompt.completion import VocabularyCompleter
from sentiment_repl.modes.prompt.history import open_history
from sentiment_repl.modes.prompt.invisible import ShowInvisible
from sentiment_repl.modes.prompt.keys import FunctionKeys
from sentiment_repl.modes.prompt.lexer import ContributionLexer
from sentiment_repl.modes.prompt.live_preview import LivePreview
from sentiment_repl.modes.prompt.output import print_line, print_warning
from sentiment_repl.modes.prompt.terminal_modes import restored_terminal_modes
from sentiment_repl.modes.prompt.toolbar import question_fragments, toolbar_fragments

if TYPE_CHECKING:  # importing it brings NumPy, and the prompt is drawn before that
    from sentiment_repl.classifier import Classifier

PROMPT = "Input a sentence to be evaluated, or Enter to quit: "
"""The article's prompt, to the letter."""


class PromptOptions(NamedTuple):
    """What the user chose on the command line."""

    format: str
    """How a prediction is printed: a name in ``render.FORMATS``."""
    warn: bool
    """Whether out-of-vocabulary words are named before the prediction."""
    explain: bool
    """Whether each prediction has the contributions of its words."""
    keep_history: bool
    """Whether the history is saved to a file."""


def run_prompt(load: Callable[[], Classifier], options: PromptOptions) -> int:
    """Classify sentences until an empty line or Ctrl-D.

    :param load: returns the classifier; called once, when the prompt is on the screen.
    :return: the exit code.
    :raises KeyboardInterrupt: SIGTERM or SIGHUP arrived.
    """
    with restored_terminal_modes(), ThreadPoolExecutor(max_workers=1) as executor:
        session = Session(load, options, executor)
        with runtime.on_termination(session.terminate):
            return session.run()


class Session:
    """A prompt with its model, preview, keys and history.

    :param executor: has one thread, which loads the model and computes the live preview.
    """

    def __init__(
        self, load: Callable[[], Classifier], options: PromptOptions, executor: Executor
    ) -> None:
        self._options = options
        self._terminated = False
        self._model = BackgroundModel(load, executor, on_failure=self._exit_prompt)
        self.preview = LivePreview(
            self._model.wait, executor, on_change=lambda: self.prompt.app.invalidate()
        )
        # A dumb terminal can neither show a toolbar nor print above the prompt.
        self.preview.enabled = not is_dumb_terminal()
        self._keys = FunctionKeys(self._model.wait, self.preview)
        self.prompt = self._create_prompt()
        self.prompt.app.after_render += self._start_model
        self.prompt.app.key_processor.before_key_press += self._keys.before_key
        self.prompt.default_buffer.on_text_changed += self._request_preview
        self.prompt.default_buffer.on_cursor_position_changed += self._request_preview

    def _create_prompt(self) -> PromptSession[str]:
        prompt: PromptSession[str] = PromptSession(
            PROMPT,
            input_processors=[ShowInvisible()],
            history=open_history(print_warning)
            if self._options.keep_history
            else InMemoryHistory(),
            auto_suggest=AutoSuggestFromHistory(),
            completer=VocabularyCompleter(self._model.words),
            complete_while_typing=False,
            complete_style=CompleteStyle.READLINE_LIKE,  # the others need room below the line
            lexer=ContributionLexer(self.preview),
            bottom_toolbar=self._toolbar,
            style=STYLE,
            enable_suspend=True,
            key_bindings=None if is_dumb_terminal() else self._keys.bindings(),
        )
        _compute_message_once(prompt.app.layout.current_window)
        return prompt

    def run(self) -> int:
        """Run the loop, and return the exit code.

        :raises KeyboardInterrupt: ``terminate`` was called.
        :raises ModelError: the model can't be used.
        """
        while not self._terminated:
            with suppress(KeyboardInterrupt):  # Ctrl-C discards the line, or its result
                entered = self._read_entry()
                if not entered:
                    return 0
                self._classify(entered)
        raise KeyboardInterrupt

    def terminate(self) -> None:
        """Leave the prompt. A signal handler may call this.

        :raises KeyboardInterrupt: no line is being edited.
        """
        self._terminated = True
        if not self._exit_prompt(KeyboardInterrupt()):
            raise KeyboardInterrupt

    def _exit_prompt(self, error: BaseException) -> bool:
        """Let ``self.prompt.prompt`` raise an error. Return False if it is not running."""
        app = self.prompt.app
        if app.loop is None or not app.is_running:
            return False
        app.loop.call_soon_threadsafe(
            lambda: app.is_running and not app.is_done and app.exit(exception=error)
        )
        return True

    def _read_entry(self) -> str:
        """Return what the user enters; empty to quit."""
        try:
            return self.prompt.prompt()
        except EOFError:  # Ctrl-D on an empty line
            return ""

    def _classify(self, entered: str) -> None:
        # A paste of several lines arrives as one string. Each of its sentences is printed
        # above its label, so that the reader sees which is which.
        sentences = [line for line in entered.splitlines() if line.strip()] or [entered]
        to_line = render.FORMATS[self._options.format]
        classifier = self._model.wait()
        for prediction in classifier.classify_batch(sentences, explain=self._options.explain):
            if len(sentences) > 1:
                print_line(render.escape(prediction.text))
            if self._options.warn:
                for warning in render.unknown_word_warnings(prediction):
                    print_line(warning)
            print_line(to_line(prediction))
            if prediction.label is not None:
                self._keys.last = prediction

    def _line(self) -> str:
        return self.prompt.default_buffer.document.current_line

    def _start_model(self, _: object) -> None:
        self._model.start()

    def _request_preview(self, _: object) -> None:
        # The executor has one thread: a request that runs before the model is loaded waits for
        # a load that waits behind it.
        self._model.start()
        self.preview.request(self._line())

    def _toolbar(self) -> StyleAndTextTuples:
        columns = self.prompt.output.get_size().columns
        if self._keys.question:
            return question_fragments(self._keys.question, columns)
        return toolbar_fragments(self._line(), self.preview, columns)


def _compute_message_once(window: Window) -> None:
    """Let a window ask for the prompt's message in the first row only.

    prompt_toolkit asks again for each row of a wrapped line, and a page on one line has a
    thousand rows.
    """
    prefix = window.get_line_prefix
    if prefix is not None:
        window.get_line_prefix = lambda line, row: prefix(line, row) if line == row == 0 else []
