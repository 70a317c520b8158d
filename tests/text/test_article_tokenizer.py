import pytest

from sentiment_repl.text.article_tokenizer import tokenize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I LOVE it", ["i", "love", "it"]),
        ("don't stop", ["don't", "stop"]),
        ("well,well...well", ["well", "well", "well"]),
        ("a\tb\nc\r\nd\u00a0e\u3000f", ["a", "b", "c", "d", "e", "f"]),
        ("@bob_s http://x.y/z #win", ["bob", "s", "http", "x", "y", "z", "win"]),
        ("naïve café ❤", ["naïve", "café", "❤"]),
        ("", []),
        ('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~ \t\n', []),
    ],
)
def test_words_are_lower_case_and_without_punctuation(text: str, words: list[str]) -> None:
    assert list(tokenize(text)) == words


@pytest.mark.slow
def test_agrees_with_keras_on_real_tweets(real_tweets: list[tuple[int, str]]) -> None:
    """Compare with the rule of Keras' text_to_word_sequence, which the article calls."""
    for _, text in real_tweets:
        if "\u00a0" in text:  # white space here, a letter in Keras
            continue
        theirs = text.lower()
        for char in '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n':
            theirs = theirs.replace(char, " ")
        assert list(tokenize(text)) == [word for word in theirs.split(" ") if word]
