"""The live preview: a background thread classifies the line while the user types."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from sentiment_repl.modes.prompt.colours import UNKNOWN_WORD, word_style

if TYPE_CHECKING:  # importing these brings NumPy, and the prompt is drawn before that
    from sentiment_repl.classifier import Classifier
    from sentiment_repl.prediction import Prediction

MAX_LENGTH = 2000
"""A longer line, in characters, has no preview."""

_LABEL_FIRST = 300  # characters of a line whose label is shown before the contributions
_CACHE_SIZE = 64  # lines

StyledSpan = tuple[int, int, str]
"""Start, end and style of a word in its line."""


class Preview(NamedTuple):
    """What is known about a line."""

    prediction: Prediction
    spans: list[StyledSpan]
    """The words with a style, in order; empty until the preview is complete."""

    @property
    def complete(self) -> bool:
        """Whether the contributions have been computed."""
        return self.prediction.contributions is not None


class LivePreview:
    """Classifies lines in the background.

    Only the newest request counts: while a user types fast, older ones are dropped.

    :param classifier: returns the classifier; called in the background thread.
    :param executor: has one thread, so that one request at most runs before the newest.
    :param on_change: called in the background thread when there is something new to show.
    """

    def __init__(
        self,
        classifier: Callable[[], Classifier],
        executor: Executor,
        on_change: Callable[[], None],
    ) -> None:
        self.enabled = True
        self.version = 0
        """A number that grows with each new preview."""
        self._classifier, self._executor, self._on_change = classifier, executor, on_change
        self._previews: OrderedDict[str, Preview] = OrderedDict()
        self._lock = Lock()  # guards the next two
        self._requested: str | None = None
        self._running = False

    def get(self, line: str) -> Preview | None:
        """Return the preview of a line, if there is one already."""
        return self._previews.get(line)

    def request(self, line: str) -> None:
        """Ask for the preview of a line, and drop an earlier request."""
        preview = self._previews.get(line)
        done = preview is not None and preview.complete
        wanted = self.enabled and line.strip() and len(line) <= MAX_LENGTH and not done
        with self._lock:
            self._requested = line if wanted else None
            start = self._requested is not None and not self._running
            self._running = self._running or start
        if start:
            self._executor.submit(self._work)

    def _work(self) -> None:
        try:
            classifier = self._classifier()
            while (line := self._next_request()) is not None:
                if line not in self._previews and len(line) > _LABEL_FIRST:
                    self._store(line, Preview(classifier.classify(line), []))
                if self._requested is None:  # otherwise this line is out of date already
                    prediction = classifier.classify(line, explain=True)
                    self._store(line, Preview(prediction, _styled_spans(classifier, prediction)))
        except Exception:
            # The same error reaches the user when the sentence is entered.
            self.enabled = False
            with self._lock:
                self._running = False
            self._on_change()

    def _next_request(self) -> str | None:
        with self._lock:
            line, self._requested = self._requested, None
            self._running = line is not None
            return line

    def _store(self, line: str, preview: Preview) -> None:
        self._previews[line] = preview
        if len(self._previews) > _CACHE_SIZE:
            self._previews.popitem(last=False)
        self.version += 1
        self._on_change()


def _styled_spans(classifier: Classifier, prediction: Prediction) -> list[StyledSpan]:
    unknown = [
        (token.start, token.end, UNKNOWN_WORD)
        for token in classifier.encode_tokens(prediction.text)
        if not token.known
    ]
    # A contribution moves the part of the probability that is not neutral.
    not_neutral = 1 - (prediction.probabilities or {}).get("neutral", 0.0)
    known = [
        (word.start, word.end, style)
        for word in prediction.contributions or ()
        if (style := word_style(not_neutral * word.contribution))
    ]
    return sorted(unknown + known)
