"""Micro-batching: the texts of requests that arrive together are classified in one call."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
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
    cost: int
    answer: "asyncio.Future[list[Prediction]]"


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
        self._work: asyncio.Task[None] | None = None

    def submit(self, texts: Sequence[str]) -> "asyncio.Future[list[Prediction]]":
        """Return the predictions of one request, when they are there.

        If the result is cancelled before its batch begins, the texts are not classified.
        """
        answer: asyncio.Future[list[Prediction]] = asyncio.get_running_loop().create_future()
        cost = sum(_TEXT + len(text) for text in texts)
        self._waiting.append(_Request(texts, cost, answer))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._classify_all())
        return answer

    async def _classify_all(self) -> None:
        """Classify until no request waits."""
        await asyncio.sleep(self._delay)
        while batch := self._next_batch():
            texts = list(chain.from_iterable(request.texts for request in batch))
            outcome = asyncio.create_task(asyncio.to_thread(self._classify, texts))
            await asyncio.wait([outcome])
            _answer(batch, outcome)

    def _next_batch(self) -> list[_Request]:
        batch: list[_Request] = []
        cost = 0
        while self._waiting and (not batch or cost + self._waiting[0].cost <= _BATCH):
            request = self._waiting.popleft()
            if not request.answer.done():
                batch.append(request)
                cost += request.cost
        return batch


def _answer(batch: list[_Request], outcome: "asyncio.Future[list[Prediction]]") -> None:
    error = outcome.exception()
    predictions = iter(() if error else outcome.result())
    for request in batch:
        own = list(islice(predictions, len(request.texts)))
        if not request.answer.done():  # or else it is cancelled
            request.answer.set_exception(error) if error else request.answer.set_result(own)
