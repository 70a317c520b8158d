"""The loop of the prompt: read a sentence, print its label, until an empty line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.utils import is_dumb_terminal

from sentiment_repl import render
from sentiment_repl.modes.prompt.background_model import BackgroundModel
from sentiment_repl.modes.prompt.hints import hint_for
from sentiment_repl.modes.prompt.history import open_history
from sentiment_repl.modes.prompt.interrupts import Interrupts, LineDiscarded
from sentiment_repl.modes.prompt.line_editor import LineEditor
from sentiment_repl.modes.prompt.output import print_line, print_warning
from sentiment_repl.modes.prompt.plain_editor import PlainEditor
from sentiment_repl.modes.prompt.settings import read_settings
from sentiment_repl.modes.prompt.terminal_modes import borrowed_terminal

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
    settings: Mapping[str, str | None] = {}
    """Values of some names in ``settings.CHOICES``; None leaves it to the user's settings."""


def run_prompt(load: Callable[[], Classifier], options: PromptOptions) -> int:
    """Classify sentences until an empty line or Ctrl-D.

    :param load: returns the classifier; called once, when the prompt is on the screen.
    :return: the exit code.
    :raises KeyboardInterrupt: SIGTERM or SIGHUP arrived.
    :raises UsageError: a setting has an unknown name or value.
    :raises ModelError: the model can't be used.
    """
    interrupts = Interrupts()
    with (
        interrupts.handled(),
        borrowed_terminal(echo=is_dumb_terminal()) as suspend,
        ThreadPoolExecutor(max_workers=1) as executor,
    ):
        return Session(load, options, interrupts, executor, suspend).run()


class Session:
    """A prompt with its model.

    :param executor: has one thread, which loads the model and computes the live preview.
    :param suspend: what Ctrl-Z does; None if the system has no such thing.
    """

    def __init__(
        self,
        load: Callable[[], Classifier],
        options: PromptOptions,
        interrupts: Interrupts,
        executor: Executor,
        suspend: Callable[[], None] | None,
    ) -> None:
        self._options, self._interrupts = options, interrupts
        self._model = BackgroundModel(
            load, executor, on_failure=lambda error: self._editor.end_line(error)
        )
        self._editor = self._create_editor(executor, suspend)
        interrupts.end_line = lambda: self._editor.end_line(LineDiscarded())

    def _create_editor(
        self, executor: Executor, suspend: Callable[[], None] | None
    ) -> LineEditor | PlainEditor:
        settings = read_settings(self._options.settings, print_warning)
        keep = self._options.keep_history
        history = open_history(print_warning) if keep else InMemoryHistory()
        if is_dumb_terminal():
            return PlainEditor(PROMPT, history, self._interrupts, on_shown=self._model.start)
        return LineEditor(
            PROMPT, self._model, executor, history, self._interrupts, settings, suspend
        )

    def run(self) -> int:
        """Run the loop, and return the exit code.

        :raises KeyboardInterrupt: SIGTERM or SIGHUP arrived.
        :raises ModelError: the model can't be used.
        """
        while not self._interrupts.terminated:
            with suppress(KeyboardInterrupt, LineDiscarded):
                entered = self._editor.read()
                if not entered:
                    return 0
                with self._interrupts.allowed():
                    self._answer(entered)
        raise KeyboardInterrupt

    def _answer(self, entered: str) -> None:
        if hint := hint_for(entered, self._editor.help_hint):
            print_line(hint)
            return
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
                self._editor.remember(prediction)
