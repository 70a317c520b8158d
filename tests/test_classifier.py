import itertools
import json
import math
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

import sentiment_repl
from sentiment_repl import Classifier, ModelError, Prediction, load, model_folder
from sentiment_repl.errors import Exit, Failure
from sentiment_repl.prediction import LONGEST_TEXT
from sentiment_repl.text.encoders import Encoding, TokenEncoder


def test_label_confidence_and_probabilities(tiny: Path) -> None:
    classifier = load(folder=tiny)
    positive = classifier.classify("Good day!")
    assert positive.label == "positive"
    assert positive.confidence == pytest.approx(1 / (1 + math.exp(-2)))
    assert positive.probabilities == pytest.approx(
        {"negative": 1 - positive.confidence, "positive": positive.confidence}
    )
    negative = classifier.classify("bad, good")
    assert negative.label == "negative"
    assert negative.confidence == pytest.approx(1 / (1 + math.exp(-1)))


def test_a_word_counts_once_in_a_bag(tiny: Path) -> None:
    classifier = load(folder=tiny)
    assert (
        classifier.classify("good good good").confidence == classifier.classify("good").confidence
    )


def test_unknown_words_each_once_in_order(tiny: Path) -> None:
    prediction = load(folder=tiny).classify("Zebra, good apple zebra")
    assert prediction.unknown_words == ("zebra", "apple")
    assert prediction.label == "positive"


@pytest.mark.parametrize("text", ["", "   ", ":-)", "zebra apple"])
def test_a_text_without_a_known_word_gets_no_label(tiny: Path, text: str) -> None:
    prediction = load(folder=tiny).classify(text)
    assert prediction.text == text
    assert prediction.label is prediction.confidence is prediction.probabilities is None


def test_a_batch_gives_each_text_its_own_answer(tiny: Path) -> None:
    classifier = load(folder=tiny)
    texts = ["good", "", "bad zebra", "day"]
    assert classifier.classify_batch(iter(texts)) == [classifier.classify(text) for text in texts]
    assert classifier.classify_batch([]) == []


def test_logits_and_log_odds_are_those_of_the_probabilities(tiny: Path) -> None:
    classifier = load(folder=tiny)
    texts = ["good", "bad day", "zebra"]
    assert classifier.logits(texts).shape == (3, 2)
    assert classifier.log_odds(texts) == pytest.approx([2, -3, 0])


class _SlowNetwork:
    """A network whose log-odds are the share of the word "good"."""

    vocabulary_size, classes, releases_lock = 3, 2, True

    def __init__(self) -> None:
        self.calls = 0

    def encoder(self, vocabulary: Mapping[str, int]) -> TokenEncoder:
        return TokenEncoder(vocabulary)

    def segments(self, ids: list[int]) -> list[list[int]]:
        return [ids]

    def logits(self, batch: Sequence[Sequence[int]]) -> np.ndarray:
        self.calls += 1
        time.sleep(0.05)
        return np.array([[0, sum(token_id == 8 for token_id in ids) / len(ids)] for ids in batch])


def test_texts_in_several_batches_get_their_own_answers() -> None:
    classifier = Classifier({"bad": 1, "good": 2}, _SlowNetwork())
    texts = [" ".join(random.Random(i).choices(["bad", "good"], k=5)) for i in range(5000)]
    predictions = classifier.classify_batch(texts)
    assert [prediction.text for prediction in predictions] == texts
    for text, prediction in zip(texts, predictions):
        odds = math.exp(text.count("good") / 5)
        assert prediction.probabilities is not None
        assert prediction.probabilities["positive"] == pytest.approx(odds / (1 + odds))


def test_an_interrupt_does_not_wait_for_pending_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    network = _SlowNetwork()
    classifier = Classifier({"bad": 1, "good": 2}, network)
    encode, texts_encoded = classifier._encoder.encode, itertools.count()

    def interrupted(text: str) -> Encoding:
        if next(texts_encoded) == 50_000:
            raise KeyboardInterrupt
        return encode(text)

    monkeypatch.setattr(classifier._encoder, "encode", interrupted)
    with pytest.raises(KeyboardInterrupt):
        classifier.classify_batch(["good"] * 60_000)
    assert network.calls < 25  # of 49


class _ThreeClasses(_SlowNetwork):
    classes = 3

    def logits(self, batch: Sequence[Sequence[int]]) -> np.ndarray:
        return np.array([[0.0, 1.0, 0.5] for _ in batch])


def test_labels_come_from_the_model() -> None:
    labels = ("negative", "neutral", "positive")
    classifier = Classifier({"bad": 1, "good": 2}, _ThreeClasses(), labels)
    prediction = classifier.classify("good", explain=True)
    assert prediction.label == "neutral"
    assert prediction.probabilities is not None
    assert list(prediction.probabilities) == list(labels)
    assert classifier.log_odds(["good"]) == pytest.approx([0.5])
    assert prediction.contributions is not None
    assert prediction.contributions[0].contribution == pytest.approx(0.5)
    for wrong in (labels[:2], ("a", "b", "c"), ("negative", "negative", "positive")):
        with pytest.raises(ValueError, match="labels"):
            Classifier({"bad": 1, "good": 2}, _ThreeClasses(), wrong)


def test_the_article_model_classifies_plain_sentences() -> None:
    classifier = load("article")
    for text in ("I love this, thank you so much", "what a great day, so happy"):
        assert classifier.classify(text).label == "positive"
    for text in ("I hate this, it makes me so sad", "my head hurts and I miss you"):
        assert classifier.classify(text).label == "negative"
    assert len(classifier.vocabulary) == 2999


def test_an_unknown_model_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"'bert'.*article"):
        load("bert")


def test_without_neutral_the_other_two_share_its_probability(tiny_neutral: Path) -> None:
    whole, polar = load(folder=tiny_neutral), load(folder=tiny_neutral, neutral=False)
    before, after = (one.classify("table good", explain=True) for one in (whole, polar))
    assert (before.label, after.label) == ("neutral", "positive")
    assert before.probabilities is not None and after.probabilities is not None
    assert list(after.probabilities) == list(polar.labels) == ["negative", "positive"]
    assert sum(after.probabilities.values()) == pytest.approx(1)
    ratios = [p["positive"] / p["negative"] for p in (before.probabilities, after.probabilities)]
    assert ratios == pytest.approx([math.exp(2)] * 2)
    assert after.contributions == before.contributions
    assert polar.logits(["table"]).shape == (1, 2)
    assert polar.log_odds(["table good"]) == whole.log_odds(["table good"]) == pytest.approx([2])


def test_a_model_without_a_neutral_label_ignores_the_option(tiny: Path) -> None:
    set_thresholds(tiny, uncertain_below=0.9)
    one, other = (load(folder=tiny, neutral=neutral) for neutral in (True, False))
    texts = ["good day", "bad", "zebra"]
    assert one.classify_batch(texts) == other.classify_batch(texts)


def set_thresholds(folder: Path, **thresholds: object) -> None:
    manifest = model_folder.read_manifest(folder)
    (folder / model_folder.MANIFEST).write_text(json.dumps({**manifest, **thresholds}))


def test_an_answer_below_the_abstention_threshold_is_uncertain(tiny: Path) -> None:
    set_thresholds(tiny, uncertain_below=0.9)
    classifier = load(folder=tiny)
    assert [p.uncertain for p in classifier.classify_batch(["good", "bad", "day", "zebra"])] == [
        True, False, True, True,
    ]  # fmt: skip


def test_a_classifier_without_neutral_has_its_own_abstention_threshold(tiny_neutral: Path) -> None:
    def uncertain(neutral: bool) -> list[bool]:
        classifier = load(folder=tiny_neutral, neutral=neutral)
        return [classifier.classify(text).uncertain for text in ("good", "bad table")]

    set_thresholds(tiny_neutral, uncertain_below=0.75)
    assert uncertain(neutral=True) == [False, True]
    assert uncertain(neutral=False) == [False, False]  # no threshold of its own: never uncertain
    set_thresholds(tiny_neutral, uncertain_below_without_neutral=0.9)
    assert uncertain(neutral=True) == [False, True]
    assert uncertain(neutral=False) == [True, False]


@pytest.mark.parametrize("threshold", ["0.6", None, -1, 1.5, [], float("nan")])
def test_an_invalid_abstention_threshold_is_refused(tiny: Path, threshold: object) -> None:
    set_thresholds(tiny, uncertain_below=threshold)
    with pytest.raises(ModelError, match="can't be used"):
        load(folder=tiny)


def test_a_text_beyond_the_longest_gets_a_row_without_a_label(tiny: Path) -> None:
    classifier = load(folder=tiny)
    longest = "good " * (LONGEST_TEXT // 5)
    texts = ["good", longest, longest + "x", "bad"]
    predictions = classifier.classify_batch(texts, explain=True)
    assert [prediction.text for prediction in predictions] == texts
    assert [prediction.label for prediction in predictions] == [
        "positive", "positive", None, "negative",
    ]  # fmt: skip
    assert [prediction.too_long for prediction in predictions] == [False, False, True, False]
    assert predictions[2][1:] == (None, None, (), True, None, ())
    assert classifier.encode_tokens(longest + "x") == []


class _OutOfMemory(_SlowNetwork):
    error: Exception = MemoryError()

    def logits(self, batch: Sequence[Sequence[int]]) -> np.ndarray:
        raise self.error


@pytest.mark.parametrize("texts", [["good"], ["good"] * 3000])
@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't start new thread")])
def test_out_of_memory_is_a_failure_with_one_sentence(texts: list[str], error: Exception) -> None:
    network = _OutOfMemory()
    network.error = error
    classifier = Classifier({"bad": 1, "good": 2}, network)
    for method in (classifier.classify_batch, classifier.predict_proba, classifier.log_odds):
        with pytest.raises(Failure, match="^out of memory .*while classifying texts; .*fewer"):
            method(texts)
    network.error = RuntimeError("another error")
    with pytest.raises(RuntimeError, match="another error"):
        classifier.classify_batch(texts)


def test_out_of_memory_while_loading_is_a_failure(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    for place in ("model_folder.read_model", "vocabulary_from_json"):
        with monkeypatch.context() as patched:
            patched.setattr(f"sentiment_repl.classifier.{place}", fail)
            with pytest.raises(Failure, match="^out of memory while loading the model$") as raised:
                load(folder=tiny)
            assert raised.value.exit_code == Exit.FAILED


def test_the_public_names_exist_and_are_documented() -> None:
    for name in sentiment_repl.__all__:
        assert getattr(sentiment_repl, name).__doc__
    public = {name for name in dir(sentiment_repl) if not name.startswith("_")}
    modules = {name for name in public if isinstance(getattr(sentiment_repl, name), type(json))}
    assert public - modules - {"TYPE_CHECKING"} == set(sentiment_repl.__all__)
    assert Prediction._fields == (
        "text", "label", "confidence", "unknown_words", "uncertain", "probabilities",
        "contributions",
    )  # fmt: skip
    with pytest.raises(AttributeError, match="nonsense"):
        sentiment_repl.nonsense  # noqa: B018
