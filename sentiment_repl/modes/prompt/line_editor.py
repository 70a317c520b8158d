"""The line that the user edits, with live preview, keys, suggestions and toolbar."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.key_binding import merge_key_bindings
from prompt_toolkit.layout import BufferControl, Window
from prompt_toolkit.shortcuts import CompleteStyle

from sentiment_repl.modes.prompt.background_model import BackgroundModel
from sentiment_repl.modes.prompt.colours import STYLE
from sentiment_repl.modes.prompt.completion import VocabularyCompleter
from sentiment_repl.modes.prompt.drawing import DrawnAlone
from sentiment_repl.modes.prompt.interrupts import Interrupts
from sentiment_repl.modes.prompt.keys import FunctionKeys, add_alt_keys
from sentiment_repl.modes.prompt.lexer import ContributionLexer
from sentiment_repl.modes.prompt.line_keys import LineKeys
from sentiment_repl.modes.prompt.live_preview import LivePreview
from sentiment_repl.modes.prompt.output import print_warning, run_above
from sentiment_repl.modes.prompt.toolbar import question_fragments, toolbar_fragments
from sentiment_repl.program import describe

if TYPE_CHECKING:  # importing it brings NumPy, and the prompt is drawn before that
    from sentiment_repl.prediction import Prediction

_VI_ESCAPE = 0.05  # seconds after Escape in which a letter makes it an Alt key


class LineEditor:
    """Reads lines from a terminal that prompt_toolkit can draw on.

    :param message: the prompt.
    :param executor: has one thread, which loads the model and computes the live preview.
    :param interrupts: learns when a line begins.
    :param settings: a value for each name in ``settings.CHOICES``.
    :param suspend: what Ctrl-Z does; None if the system has no such thing.
    """

    help_hint = "For help, press F1 or Alt-h. To quit, press Enter on an empty line."

    def __init__(
        self,
        message: str,
        model: BackgroundModel,
        executor: Executor,
        history: History,
        interrupts: Interrupts,
        settings: Mapping[str, str],
        suspend: Callable[[], None] | None = None,
    ) -> None:
        self._model, self._interrupts, self._suspend = model, interrupts, suspend
        self._failed = False  # whether something has gone wrong since the last key
        self._preview = LivePreview(
            model.wait, executor, on_change=lambda: self._prompt.app.invalidate()
        )
        self._preview.enabled = settings["preview"] == "on"
        self._keys = FunctionKeys(model.wait, self._preview)
        self._prompt: PromptSession[str] = self._create_prompt(message, history)
        if settings["keys"] == "vi":
            self._prompt.editing_mode = EditingMode.VI
            self._prompt.app.ttimeoutlen = _VI_ESCAPE
        self._prompt.app.after_render += self._start_model
        self._prompt.default_buffer.on_text_changed += self._request_preview
        self._prompt.default_buffer.on_cursor_position_changed += self._request_preview

    def read(self) -> str:
        """Return what the user enters; empty to quit.

        :raises LineDiscarded: Ctrl-C or a signal ended the line.
        """
        try:
            return self._prompt.prompt(
                pre_run=self._start_line, set_exception_handler=False, handle_sigint=False
            )
        except EOFError:  # Ctrl-D on an empty line
            return ""

    def end_line(self, error: BaseException) -> None:
        """Let ``read`` raise an error, if it runs. Threads and signal handlers may call this."""
        loop = self._prompt.app.loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop has just closed
                loop.call_soon_threadsafe(self._exit, error)

    def remember(self, prediction: Prediction) -> None:
        """Let F2 and F4 refer to a prediction."""
        self._keys.last = prediction

    def _create_prompt(self, message: str, history: History) -> PromptSession[str]:
        add_alt_keys()
        line_keys = LineKeys(self._suspend)
        prompt: PromptSession[str] = PromptSession(
            message,
            history=history,
            auto_suggest=AutoSuggestFromHistory(),
            completer=VocabularyCompleter(self._model.words),
            complete_while_typing=False,
            complete_style=CompleteStyle.READLINE_LIKE,  # the others need room below the line
            lexer=ContributionLexer(self._preview),
            bottom_toolbar=self._toolbar,
            style=STYLE,
            key_bindings=merge_key_bindings([line_keys.bindings(), self._keys.bindings()]),
        )
        prompt.app.key_processor.before_key_press += self._before_key
        prompt.app.key_processor.before_key_press += line_keys.before_key
        prompt.app.key_processor.before_key_press += self._keys.before_key
        # A terminal that does not say where its cursor is has no toolbar. That is no news.
        prompt.app.renderer.cpr_not_supported_callback = None
        _compute_message_once(prompt.app.layout.current_window)
        for control in prompt.app.layout.find_all_controls():
            if isinstance(control, BufferControl):  # the line, and the search for an earlier one
                control.input_processors = [*(control.input_processors or ()), DrawnAlone()]
        return prompt

    def _start_line(self) -> None:
        # A signal may have ended the last line during a search, or while F4 asked.
        self._prompt.app.layout.focus(self._prompt.default_buffer)
        self._prompt.search_buffer.reset()
        self._keys.question = {}
        loop = asyncio.get_running_loop()
        # prompt_toolkit's own handler prints a traceback and waits for Enter.
        loop.set_exception_handler(self._handle_error)
        self._interrupts.start_line()

    def _handle_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Print what went wrong in a key, in the drawing or in a background task.

        If that goes wrong, too, let ``read`` raise the error.
        """
        error = context.get("exception")
        if isinstance(error, Exception):
            if self._failed:
                self._exit(error)
            else:
                self._failed = True
                sentence = describe(error)
                run_above(lambda: print_warning(sentence))

    def _before_key(self, _: object) -> None:
        self._failed = False

    def _exit(self, error: BaseException) -> None:
        app = self._prompt.app
        if app.is_running and not app.is_done:
            app.exit(exception=error)

    def _line(self) -> str:
        return self._prompt.default_buffer.document.current_line

    def _start_model(self, _: object) -> None:
        self._model.start()

    def _request_preview(self, _: object) -> None:
        # The executor has one thread: a request that runs before the model is loaded waits for
        # a load that waits behind it.
        self._model.start()
        self._preview.request(self._line())

    def _toolbar(self) -> StyleAndTextTuples:
        columns = self._prompt.output.get_size().columns
        if self._keys.question:
            return question_fragments(self._keys.question, columns)
        return toolbar_fragments(self._line(), self._preview, columns)


def _compute_message_once(window: Window) -> None:
    """Let a window ask for the prompt's message in the first row only.

    prompt_toolkit asks again for each row of a wrapped line, and a page on one line has a
    thousand rows.
    """
    prefix = window.get_line_prefix
    if prefix is not None:
        window.get_line_prefix = lambda line, row: prefix(line, row) if line == row == 0 else []
