"""Which texts the classifier gets together."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from sentiment_repl.prediction import Prediction
from sentiment_repl.serve.batches import Batcher


class Recorder:
    """A classifier that records its batches. It waits in the first one until it is released."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.release = threading.Event()

    def classify(self, texts: list[str]) -> list[Prediction]:
        self.batches.append(texts)
        assert self.release.wait(30)
        if "fault" in texts:
            raise RuntimeError("a fault")
        return [Prediction(text, "neutral", 1.0, ()) for text in texts]

    async def begins(self) -> None:
        while not self.batches:
            await asyncio.sleep(0.001)


def texts(predictions: Sequence[Prediction]) -> list[str]:
    return [prediction.text for prediction in predictions]


def test_requests_that_arrive_together_are_one_batch() -> None:
    async def scenario() -> None:
        recorder = Recorder()
        recorder.release.set()
        batcher = Batcher(recorder.classify, delay=0.001)
        answers = await asyncio.gather(*map(batcher.submit, (["a", "b"], [], ["c"])))
        assert recorder.batches == [["a", "b", "c"]]
        assert [*map(texts, answers)] == [["a", "b"], [], ["c"]]

    asyncio.run(scenario())


def test_requests_that_arrive_during_a_batch_are_the_next_one() -> None:
    async def scenario() -> None:
        recorder = Recorder()
        batcher = Batcher(recorder.classify)
        first = batcher.submit(["a"])
        await recorder.begins()
        rest = asyncio.gather(*map(batcher.submit, (["b"], ["c"])))
        recorder.release.set()
        assert texts(await first) == ["a"]
        assert [*map(texts, await rest)] == [["b"], ["c"]]
        assert recorder.batches == [["a"], ["b", "c"]]

    asyncio.run(scenario())


def test_a_long_request_is_a_batch_of_its_own() -> None:
    async def scenario() -> None:
        recorder = Recorder()
        recorder.release.set()
        batcher = Batcher(recorder.classify, delay=0.001)
        long = "x" * 1_000_000
        requests = ["a"], [long], ["b"], ["c"]
        answers = await asyncio.gather(*map(batcher.submit, requests))
        assert recorder.batches == [["a"], [long], ["b", "c"]]
        assert [*map(texts, answers)] == [*requests]

    asyncio.run(scenario())


def test_a_cancelled_request_is_not_classified() -> None:
    async def scenario() -> None:
        recorder = Recorder()
        batcher = Batcher(recorder.classify)
        first = batcher.submit(["a"])
        await recorder.begins()
        batcher.submit(["b"]).cancel()
        last = batcher.submit(["c"])
        first.cancel()  # its batch has begun
        recorder.release.set()
        assert texts(await last) == ["c"]
        assert recorder.batches == [["a"], ["c"]]

    asyncio.run(scenario())


def test_a_fault_reaches_every_request_of_its_batch_and_no_other() -> None:
    async def scenario() -> None:
        recorder = Recorder()
        recorder.release.set()
        batcher = Batcher(recorder.classify, delay=0.001)
        for answer in [batcher.submit(["a"]), batcher.submit(["fault"])]:
            with pytest.raises(RuntimeError):
                await answer
        assert texts(await batcher.submit(["b"])) == ["b"]

    asyncio.run(scenario())
