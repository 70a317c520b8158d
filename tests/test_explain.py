import math
import random
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import Classifier, WordContribution, load, model_folder
from sentiment_repl.network.recurrent import LONGEST_SEGMENT
from sentiment_repl.text import article_tokenizer, social_tokenizer


def contributions(folder: Path, sentence: str) -> list[tuple[str, float]]:
    found = load(folder=folder).classify(sentence, explain=True).contributions
    assert found is not None
    assert all(sentence[word.start : word.end] == word.word for word in found)
    return [(word.word, round(word.contribution, 4)) for word in found]


def test_a_contribution_is_the_drop_of_the_log_odds_without_the_word(tiny: Path) -> None:
    assert contributions(tiny, "Good day, bad zebra!") == [("Good", 2), ("day", 0), ("bad", -3)]


def test_a_bag_of_words_loses_every_occurrence_of_a_word(tiny: Path) -> None:
    assert contributions(tiny, "good GOOD bad") == [("good", 2), ("GOOD", 2), ("bad", -3)]


@pytest.mark.parametrize("sentence", ["", " ", "zebra yak", "?!"])
def test_no_contribution_without_a_known_word(tiny: Path, sentence: str) -> None:
    assert contributions(tiny, sentence) == []


def test_contributions_only_on_request(tiny: Path) -> None:
    classifier = load(folder=tiny)
    assert classifier.classify("good").contributions is None
    explained = classifier.classify("good", explain=True)
    assert explained.contributions == (WordContribution("good", 0, 4, pytest.approx(2)),)
    assert explained._replace(contributions=None) == classifier.classify("good")


@pytest.fixture(scope="module")
def default() -> Classifier:
    return load("default")


def log_odds(classifier: Classifier, ids: list[int]) -> float:
    logits = dict(zip(classifier.labels, classifier.network.logits([ids])[0].tolist()))
    return logits["positive"] - logits["negative"] if ids else 0.0


@pytest.mark.parametrize("model", ["default", "article"])
def test_a_batch_gives_the_contributions_of_single_sentences(
    model: str, tweets: list[tuple[int, str]]
) -> None:
    classifier = load(model)
    rng = random.Random(0)
    texts = [text for _, text in tweets]
    for text, prediction in zip(texts, classifier.classify_batch(texts, explain=True)):
        contributions = prediction.contributions or ()
        ids = classifier._encoder.encode(text).ids
        assert len(ids) <= LONGEST_SEGMENT
        token_ids = [token.ids for token in classifier.encode_tokens(text) if token.ids]
        assert len(token_ids) == len(contributions)
        whole = log_odds(classifier, ids)
        for place in rng.sample(range(len(token_ids)), min(3, len(token_ids))):
            before = sum(map(len, token_ids[:place]))
            shorter = ids[:before] + ids[before + len(token_ids[place]) :]
            if model == "article":  # a bag of words holds each word once
                shorter = [word_id for word_id in ids if word_id not in token_ids[place]]
            expected = whole - log_odds(classifier, shorter)
            assert contributions[place].contribution == pytest.approx(expected, abs=1e-5)


def test_a_word_counts_in_its_segment_of_a_long_text(default: Classifier) -> None:
    sentence = " ".join(["what a lovely day 🎂"] * 40)
    prediction = default.classify(sentence, explain=True)
    assert len(prediction.contributions or ()) == 200
    segments = default.network.segments(default._encoder.encode(sentence).ids)
    assert len(segments) == 4
    first = log_odds(default, segments[0]) - log_odds(default, segments[0][1:])
    assert prediction.contributions[0].contribution == pytest.approx(first / 4, abs=1e-5)


def test_offsets_slice_the_words_out_of_the_text(tweets: list[tuple[int, str]]) -> None:
    for _, sentence in tweets:
        assert [
            surface for surface, _, _ in social_tokenizer.split_surfaces_with_offsets(sentence)
        ] == list(social_tokenizer.split_surfaces(sentence))
        assert [word for word, _, _ in article_tokenizer.tokenize_with_offsets(sentence)] == list(
            article_tokenizer.tokenize(sentence)
        )
        for word, start, end in article_tokenizer.tokenize_with_offsets(sentence):
            assert sentence[start:end].lower() == word


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a &lt;3 b", ["a", "&lt;3", "b"]),
        ("fish &amp; don´t", ["fish", "&amp;", "don´t"]),
        ("cafe\u0301 ﬁne ❤\ufe0f!", ["cafe\u0301", "ﬁne", "❤\ufe0f", "!"]),
        ("한국어 \u1100\u1161\u11a8 x", ["한국어", "\u1100\u1161\u11a8", "x"]),
        ("“so”…", ["“", "so", "”", "…"]),
        ("\ud800 x", ["\ud800", "x"]),
        ("R&B ❤", ["R", "&", "B", "❤"]),
        ("a&b,good!bad ❤", ["a", "&", "b", ",", "good", "!", "bad", "❤"]),
        ("&ampgood ❤", ["&amp", "good", "❤"]),
    ],
)
def test_offsets_refer_to_the_text_before_normalization(sentence: str, expected: list[str]) -> None:
    assert [
        sentence[a:b] for _, a, b in social_tokenizer.split_surfaces_with_offsets(sentence)
    ] == expected


def test_a_long_page_has_contributions_for_its_first_words(default: Classifier) -> None:
    found = default.classify("good bad " * 3000, explain=True).contributions or ()
    assert len(found) == 2000
    assert np.isfinite([word.contribution for word in found]).all()


def test_later_words_of_a_long_page_add_nothing_to_its_explanation(
    default: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs: list[int] = []
    logits = default.network.logits

    def count(batch: list[list[int]]) -> np.ndarray:
        inputs[-1] += len(batch)
        return logits(batch)

    monkeypatch.setattr(default.network, "logits", count)
    for words in 3000, 30_000:
        inputs.append(-1)  # for the text itself
        default.classify("," * words, explain=True)
    assert inputs[1] < 1.05 * inputs[0]


def test_contributions_are_finite_for_extreme_logits(tiny: Path) -> None:
    path = tiny / "model.weights.h5"
    kernel = np.array([[0, 0], [0, 2e6], [3e6, 0], [0, 0]], np.float32)
    path.write_bytes(b"HEAD" + kernel.tobytes() + bytes(8))
    manifest = model_folder.read_manifest(tiny)
    model_folder.write_manifest(tiny, manifest["tensors"], manifest["labels"])
    prediction = load(folder=tiny).classify("good day", explain=True)
    assert prediction.confidence == 1
    assert all(math.isfinite(word.contribution) for word in prediction.contributions or ())
