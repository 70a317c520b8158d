"""Micro-batching: the texts of requests that arrive together are classified in one call."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import NamedTuple

from sentiment_repl.prediction import Prediction

_BATCH = 200_000
"""The cost of a batch, which is about a tenth of a second of the default model.

A request that costs more is a batch of its own.
"""
_TEXT = 100  # the cost of an empty text; each character costs 1

Classify = Callable[[list[str]], list[Prediction]]
"""Returns one prediction a text, in order."""


class _Request(NamedTuple):
    texts: Sequence[str]
    answer: "asyncio.Future[list[Prediction]]"

    @property
    def cost(self) -> int:
        return sum(_TEXT + len(text) for text in self.texts)


class Batcher:
    """Collects requests and classifies them in batches, one batch at a time.

    While a batch is classified, the requests that arrive form the next one. A request that
    finds the classifier idle waits for others for a short time.

    :param classify: called in a thread, never twice at the same time.
    :param delay: seconds that a request waits for others if the classifier is idle.
    """

    def __init__(self, classify: Classify, delay: float = 0.0) -> None:
        self._classify = classify
        self._delay = delay
        self._waiting: deque[_Request] = deque()
        self._thread = ThreadPoolExecutor(1)
        self._work: asyncio.Task[None] | None = None

    def submit(self, texts: Sequence[str]) -> "asyncio.Future[list[Prediction]]":
        """Return the predictions of one request, when they are there.

        If the result is cancelled before its batch begins, the texts are not classified.
        """
        answer: asyncio.Future[list[Prediction]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Request(texts, answer))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._classify_all())
        return answer

    async def _classify_all(self) -> None:
        """Classify until no request waits."""
        await asyncio.sleep(self._delay)
        loop = asyncio.get_running_loop()
        while batch := self._next_batch():
            texts = list(chain.from_iterable(request.texts for request in batch))
            outcome = loop.run_in_executor(self._thread, self._classify, texts)
            await asyncio.wait([outcome])
            _answer(batch, outcome)

    def _next_batch(self) -> list[_Request]:
        batch: list[_Request] = []
        cost = 0
        while self._waiting:
            if not self._waiting[0].answer.done():
                cost += self._waiting[0].cost
                if batch and cost > _BATCH:
                    break
                batch.append(self._waiting[0])
            self._waiting.popleft()
        return batch


def _answer(batch: list[_Request], outcome: "asyncio.Future[list[Prediction]]") -> None:
    error = outcome.exception()
    predictions = iter(() if error else outcome.result())
    for texts, answer in batch:
        own = list(islice(predictions, len(texts)))
        if not answer.done():  # or else it is cancelled
            answer.set_exception(error) if error else answer.set_result(own)
