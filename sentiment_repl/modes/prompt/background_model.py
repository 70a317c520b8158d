"""The model, loaded in the background while the user types the first sentence."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing it brings NumPy, and the prompt is drawn before that
    from sentiment_repl.classifier import Classifier


class BackgroundModel:
    """A classifier that another thread loads.

    Importing NumPy takes as long as all the rest of the start. So loading starts only when the
    prompt is on the screen.

    :param load: returns the classifier; called once.
    :param executor: runs ``load``.
    :param on_failure: called in the thread of the executor with the error of ``load``.
    """

    def __init__(
        self,
        load: Callable[[], Classifier],
        executor: Executor,
        on_failure: Callable[[BaseException], object],
    ) -> None:
        self._load, self._executor, self._on_failure = load, executor, on_failure
        self._future: Future[Classifier] | None = None
        self._sorted_words: list[str] = []

    def start(self) -> Future[Classifier]:
        """Start to load the model, if that has not happened yet."""
        if self._future is None:
            self._future = self._executor.submit(self._load)
            self._future.add_done_callback(self._report_failure)
        return self._future

    def wait(self) -> Classifier:
        """Wait until the model is loaded.

        :raises ModelError: the model can't be used.
        """
        return self.start().result()

    def words(self) -> list[str]:
        """Return the words of the vocabulary in alphabetical order; none while loading."""
        future = self.start()
        if not self._sorted_words and future.done() and not future.exception():
            self._sorted_words = sorted(filter(str.isalpha, future.result().vocabulary))
        return self._sorted_words

    def _report_failure(self, future: Future[Classifier]) -> None:
        if (error := future.exception()) is not None:
            self._on_failure(error)
