import itertools
import json
import math
import random
import time
from pathlib import Path

import numpy as np
import pytest

import sentiment_repl
from sentiment_repl import Classifier, ModelError, Prediction, model_folder, load
from sentiment_repl.text import encoders


def test_label_and_confidence(tiny: Path) -> None:
    classifier = load(folder=tiny)
    positive = classifier.classify("Good day!")
    assert positive.label == "positive"
    assert positive.confidence == pytest.approx(1 / (1 + math.exp(-2)))
    negative = classifier.classify("bad, good")
    assert negative.label == "negative"
    assert negative.confidence == pytest.approx(1 / (1 + math.exp(-1)))


def test_a_word_counts_once(tiny: Path) -> None:
    classifier = load(folder=tiny)
    assert (
        classifier.classify("good good good").confidence == classifier.classify("good").confidence
    )


def test_unknown_words_each_once_in_order(tiny: Path) -> None:
    prediction = load(folder=tiny).classify("Zebra, good apple zebra")
    assert prediction.unknown_words == ("zebra", "apple")
    assert prediction.label == "positive"


@pytest.mark.parametrize("text", ["", "   ", ":-)", "zebra apple"])
def test_no_known_word_no_number(tiny: Path, text: str) -> None:
    prediction = load(folder=tiny).classify(text)
    assert (prediction.text, prediction.label, prediction.confidence) == (text, None, None)


def test_a_batch_gives_each_text_its_own_answer(tiny: Path) -> None:
    classifier = load(folder=tiny)
    texts = ["good", "", "bad zebra", "day"]
    assert classifier.classify_batch(iter(texts)) == [classifier.classify(text) for text in texts]
    assert classifier.classify_batch([]) == []


def test_real_tweets_get_the_same_answer_alone_and_in_any_order(
    real_tweets: list[tuple[int, str]],
) -> None:
    classifier = load()
    texts = [text for _, text in real_tweets[:3000]]
    answers = dict(zip(texts, classifier.classify_batch(texts)))
    random.Random(0).shuffle(texts)
    assert classifier.classify_batch(texts) == [answers[text] for text in texts]
    for text in texts[:500]:
        assert classifier.classify(text) == answers[text]


class _Slow:
    """A network that reads words in order and finds the number of a word its log-odds."""

    sequences, columns, classes = True, 3, 2

    def __init__(self) -> None:
        self.asked = 0

    def probabilities(self, sentences: list[list[int]]) -> np.ndarray:
        self.asked += 1
        time.sleep(0.05)
        odds = np.array([sum(sentence) / len(sentence) for sentence in sentences]) / 8
        return np.stack([1 - odds, odds], axis=1)


def test_texts_that_are_read_meanwhile_get_their_own_answers() -> None:
    classifier = Classifier({"bad": 1, "good": 2}, _Slow())
    texts = [" ".join(random.Random(i).choices(["bad", "good"], k=5)) for i in range(5000)]
    answers = classifier.classify_batch(texts)
    assert [answer.text for answer in answers] == texts
    for text, answer in zip(texts, answers):
        positive = answer.confidence if answer.label == "positive" else 1 - answer.confidence
        assert positive == pytest.approx((1 + text.count("good") / 5) / 2)


def test_an_interruption_does_not_wait_for_what_has_not_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net = _Slow()
    classifier = Classifier({"bad": 1, "good": 2}, net)
    read, texts_read = classifier._reader.read, itertools.count()

    def interrupted(text: str) -> encoders.Reading:
        if next(texts_read) == 50_000:
            raise KeyboardInterrupt
        return read(text)

    monkeypatch.setattr(classifier._reader, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        classifier.classify_batch(["good"] * 60_000)
    assert net.asked < 25  # of 49 that were to be asked


def test_the_shipped_model_reads_plain_sentences() -> None:
    classifier = load("article")
    for text in ("I love this, thank you so much", "what a great day, so happy"):
        assert classifier.classify(text).label == "positive"
    for text in ("I hate this, it makes me so sad", "my head hurts and I miss you"):
        assert classifier.classify(text).label == "negative"
    assert len(classifier.words) == 2999


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match="'bert'.*article"):
        load("bert")


def test_an_answer_below_the_manifest_s_bound_is_uncertain(tiny: Path) -> None:
    manifest = json.loads((tiny / model_folder.MANIFEST).read_text())
    (tiny / model_folder.MANIFEST).write_text(json.dumps({**manifest, "uncertain_below": 0.9}))
    classifier = load(folder=tiny)
    assert [p.uncertain for p in classifier.classify_batch(["good", "bad", "day", "zebra"])] == [
        True, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("bound", ["0.6", None, -1, 1.5, [], float("nan")])
def test_a_bound_that_is_none_is_refused(tiny: Path, bound: object) -> None:
    manifest = json.loads((tiny / model_folder.MANIFEST).read_text())
    (tiny / model_folder.MANIFEST).write_text(json.dumps({**manifest, "uncertain_below": bound}))
    with pytest.raises(ModelError, match="can't be used"):
        load(folder=tiny)


def test_everything_promised_is_there() -> None:
    for name in sentiment_repl.__all__:
        assert getattr(sentiment_repl, name).__doc__
    assert Prediction._fields == (
        "text", "label", "confidence", "unknown_words", "uncertain", "word_effects",
    )  # fmt: skip
    with pytest.raises(AttributeError, match="nonsense"):
        getattr(sentiment_repl, "nonsense")
