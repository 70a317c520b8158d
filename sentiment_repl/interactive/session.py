"""The loop at the prompt: read a sentence, answer it, until an empty one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_state_path
from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.history import InMemoryHistory

from sentiment_repl import render
from sentiment_repl.interactive.history import open_history

if TYPE_CHECKING:
    from sentiment_repl.classifier import Classifier

PROMPT = "Input a sentence to be evaluated, or Enter to quit: "


def history_path() -> Path:
    """Where the history is kept: ``history`` in the user's state directory."""
    return user_state_path("sentiment-repl", appauthor=False) / "history"


def run(load: Callable[[], Classifier], *, format: str, warn: bool, keep_history: bool) -> int:
    """Prompt and answer until an empty line or Ctrl-D.

    :param load: brings the classifier; called once, when the prompt is on the screen.
    :param format: how an answer is written, a name in ``render.FORMATS``.
    :param warn: whether unknown words are named before it.
    :param keep_history: False keeps the history in memory, for this run alone.
    :return: the exit code.
    """
    session: PromptSession[str] = PromptSession(
        PROMPT,
        history=open_history(history_path(), _warn) if keep_history else InMemoryHistory(),
        auto_suggest=AutoSuggestFromHistory(),
    )
    with ThreadPoolExecutor(max_workers=1) as executor:

        @cache
        def loading() -> Future[Classifier]:
            return executor.submit(load)

        # NumPy takes as long to import as all the rest; it comes while the user types.
        session.app.after_render += lambda _: loading()
        while True:
            try:
                entered = session.prompt()
            except KeyboardInterrupt:  # Ctrl-C drops the line
                continue
            except EOFError:  # Ctrl-D on an empty line
                return 0
            if not entered:
                return 0
            _answer(loading().result(), entered, format, warn)


def _answer(classifier: Classifier, entered: str, format: str, warn: bool) -> None:
    # A paste of several lines arrives as one string. Each line is a sentence, and
    # is shown above its answer, so that a reader sees which is which.
    sentences = [line for line in entered.splitlines() if line.strip()] or [entered]
    for prediction in classifier.classify_batch(sentences):
        if len(sentences) > 1:
            _print(render.escape(prediction.text))
        if warn:
            for warning in render.out_of_vocabulary(prediction):
                _print(warning)
        _print(render.FORMATS[format](prediction))


def _print(line: str) -> None:
    # A terminal that has no such letter gets its escape rather than an error.
    encoding = sys.stdout.encoding
    print(line.encode(encoding, "backslashreplace").decode(encoding))


def _warn(sentence: str) -> None:
    print(f"sentiment-repl: {sentence}", file=sys.stderr)
