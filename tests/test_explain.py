import math
import random
from pathlib import Path

import numpy as np
import pytest

from sentiment_repl import Classifier, WordEffect, model_folder, load
from sentiment_repl.text import article_tokenizer, social_tokenizer
from sentiment_repl.network.recurrent import LONGEST


def effects(folder: Path, sentence: str) -> list[tuple[str, float]]:
    found = load(folder=folder).classify(sentence, explain=True).word_effects
    assert found is not None
    assert all(sentence[effect.start : effect.end] == effect.word for effect in found)
    return [(effect.word, round(effect.effect, 4)) for effect in found]


def test_a_words_effect_is_what_the_log_odds_lose_without_it(tiny: Path) -> None:
    assert effects(tiny, "Good day, bad zebra!") == [("Good", 2), ("day", 0), ("bad", -3)]


def test_a_bag_loses_a_word_wherever_it_stands(tiny: Path) -> None:
    assert effects(tiny, "good GOOD bad") == [("good", 2), ("GOOD", 2), ("bad", -3)]


@pytest.mark.parametrize("sentence", ["", " ", "zebra yak", "?!"])
def test_no_known_word_no_effect(tiny: Path, sentence: str) -> None:
    assert effects(tiny, sentence) == []


def test_effects_come_when_asked_for(tiny: Path) -> None:
    classifier = load(folder=tiny)
    assert classifier.classify("good").word_effects is None
    explained = classifier.classify("good", explain=True)
    assert explained.word_effects == (WordEffect("good", 0, 4, pytest.approx(2)),)
    assert explained._replace(word_effects=None) == classifier.classify("good")


@pytest.fixture(scope="module")
def default() -> Classifier:
    return load("default")


def odds(classifier: Classifier, numbers: list[int]) -> float:
    if not numbers:
        return 0.0
    negative, positive = classifier._net.probabilities([numbers])[0]
    return math.log(positive / negative)


@pytest.mark.parametrize("model", ["default", "article"])
def test_a_thousand_real_tweets_one_by_one(model: str, real_tweets: list[tuple[int, str]]) -> None:
    """Effects from one batch against some sentences shortened and asked by themselves."""
    classifier = load(model)
    rng = random.Random(0)
    tweets = [sentence for _, sentence in real_tweets[:1000]]
    for sentence, prediction in zip(tweets, classifier.classify_batch(tweets, explain=True)):
        effects = prediction.word_effects or ()
        numbers = classifier._reader.read(sentence).numbers
        pieces = [piece.numbers for piece in classifier.pieces(sentence) if piece.numbers]
        assert len(pieces) == len(effects)
        if not pieces or len(numbers) > LONGEST:
            continue
        whole = odds(classifier, numbers)
        for place in rng.sample(range(len(pieces)), min(3, len(pieces))):
            before = sum(map(len, pieces[:place]))
            shorter = numbers[:before] + numbers[before + len(pieces[place]) :]
            if model == "article":  # a bag, which holds each word once
                shorter = [number for number in numbers if number not in pieces[place]]
            expected = whole - odds(classifier, shorter)
            assert effects[place].effect == pytest.approx(expected, abs=1e-6)


def test_a_text_read_in_parts(default: Classifier) -> None:
    """The sum over the parts: each word counts in the part that holds it."""
    sentence = " ".join(["what a lovely day 🎂"] * 40)
    prediction = default.classify(sentence, explain=True)
    assert len(prediction.word_effects or ()) == 200
    parts = default._net.parts(default._reader.read(sentence).numbers)
    assert len(parts) == 4
    first = odds(default, parts[0]) - odds(default, parts[0][1:])
    assert prediction.word_effects[0].effect == pytest.approx(first / 4, abs=1e-6)


def test_every_word_is_found_again_in_the_text(real_tweets: list[tuple[int, str]]) -> None:
    for _, sentence in real_tweets[:3000]:
        assert [surface for surface, _, _ in social_tokenizer.spans(sentence)] == social_tokenizer.surfaces(sentence)
        assert [word for word, _, _ in article_tokenizer.spans(sentence)] == article_tokenizer.tokenize(sentence)
        for word, start, end in article_tokenizer.spans(sentence):
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
def test_places_are_those_of_the_text_as_it_was_given(sentence: str, expected: list[str]) -> None:
    assert [sentence[a:b] for _, a, b in social_tokenizer.spans(sentence)] == expected


def test_effects_are_finite_on_a_long_page(default: Classifier) -> None:
    found = default.classify("good bad " * 3000, explain=True).word_effects or ()
    assert len(found) == 2000
    assert np.isfinite([effect.effect for effect in found]).all()


def test_effects_are_finite_where_a_network_is_sure_beyond_all_doubt(tiny: Path) -> None:
    path = tiny / "model.weights.h5"
    kernel = np.array([[0, 0], [0, 2e6], [3e6, 0], [0, 0]], np.float32)
    path.write_bytes(b"HEAD" + kernel.tobytes() + bytes(8))
    model_folder.write_manifest(tiny, model_folder.read_manifest(tiny)["tensors"])
    prediction = load(folder=tiny).classify("good day", explain=True)
    assert prediction.confidence == 1
    assert all(math.isfinite(word.effect) for word in prediction.word_effects or ())
