"""Reads a sentence while it is being typed, beside the typing and never in its way."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sentiment_repl.classifier import Classifier, Prediction

LONGEST = 2000
"""Characters of a line that is read while it is typed."""

_AT_ONCE = 300  # characters of a line whose words are looked at so soon that no label goes ahead
_REMEMBERED = 64  # lines
_FAINT, _STRONG = 0.3, 1.0  # of log-odds: 1 turns 50 % into 73 %

Span = tuple[int, int, str]
"""Start, end and style class of a word in its line."""


class Look(NamedTuple):
    """What is known of a line."""

    prediction: Prediction
    spans: list[Span]
    """Its words that move the answer or are unknown, in order; empty at first."""

    @property
    def complete(self) -> bool:
        """Whether its words have been looked at, too."""
        return self.prediction.word_effects is not None


class LiveReading:
    """What the toolbar and the colours show; found by another thread.

    :param classifier: brings the classifier, in that thread.
    :param executor: of one thread, so that the newest text waits for one other at most.
    :param changed: called from that thread when there is something new to show.
    """

    def __init__(
        self,
        classifier: Callable[[], Classifier],
        executor: Executor,
        changed: Callable[[], None],
    ) -> None:
        self.enabled = True
        self.version = 0
        """Another number whenever there is something new."""
        self._classifier, self._executor, self._changed = classifier, executor, changed
        self._looks: OrderedDict[str, Look] = OrderedDict()
        self._lock = Lock()  # of what follows
        self._wanted: str | None = None
        self._working = False

    def look(self, line: str) -> Look | None:
        """What is known of a line already."""
        return self._looks.get(line)

    def want(self, line: str) -> None:
        """Ask for a line; the one that was asked for before it no longer matters."""
        look = self._looks.get(line)
        needless = not line.strip() or len(line) > LONGEST or (look is not None and look.complete)
        with self._lock:
            self._wanted = None if needless or not self.enabled else line
            begin = self._wanted is not None and not self._working
            self._working = self._working or begin
        if begin:
            self._executor.submit(self._work)

    def _next(self) -> str | None:
        with self._lock:
            line, self._wanted = self._wanted, None
            self._working = line is not None
            return line

    def _work(self) -> None:
        try:
            classifier = self._classifier()
            while (line := self._next()) is not None:
                if line not in self._looks and len(line) > _AT_ONCE:
                    self._keep(line, Look(classifier.classify(line), []))
                if self._wanted is None:
                    prediction = classifier.classify(line, explain=True)
                    self._keep(line, Look(prediction, _spans(classifier, prediction)))
        except Exception:
            # Whatever it was, the sentence itself will meet it, and tell, when it is entered.
            self.enabled = False
            with self._lock:
                self._working = False
            self._changed()

    def _keep(self, line: str, look: Look) -> None:
        self._looks[line] = look
        if len(self._looks) > _REMEMBERED:
            self._looks.popitem(last=False)
        self.version += 1
        self._changed()


def _spans(classifier: Classifier, prediction: Prediction) -> list[Span]:
    """The style classes of the words of an explained prediction."""
    spans = [
        (piece.start, piece.end, "class:word.unknown")
        for piece in classifier.pieces(prediction.text)
        if not piece.known
    ]
    for word in prediction.word_effects or ():
        if abs(word.effect) >= _FAINT:
            side = "positive" if word.effect > 0 else "negative"
            strength = "strong" if abs(word.effect) >= _STRONG else "faint"
            spans.append((word.start, word.end, f"class:word.{side}.{strength}"))
    return sorted(spans)
