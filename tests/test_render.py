import json

import pytest

from sentiment_repl import Prediction, WordContribution, render
from sentiment_repl.prediction import LONGEST_TEXT

PROBABILITIES = {"negative": 0.19239116, "positive": 0.80760884}
YES = Prediction("what a day", "positive", 0.80760884, ("kumquat", "yuzu"), False, PROBABILITIES)
NONE = Prediction("kumquat", None, None, ("kumquat",), True)
CLOSE = Prediction("hm", "negative", 0.51, (), True)


def test_the_lines_of_the_article() -> None:
    assert render.to_sentence(YES) == "positive sentiment; 80.760884% confidence"
    assert list(render.unknown_word_warnings(YES)) == [
        "'kumquat' not in training corpus; ignoring.",
        "'yuzu' not in training corpus; ignoring.",
    ]


def test_no_number_without_an_answer() -> None:
    assert render.to_sentence(NONE) == render.CANNOT_TELL
    assert not any(char.isdigit() for char in render.CANNOT_TELL)


def test_a_text_that_is_too_long_says_so() -> None:
    long = NONE._replace(text="x" * (LONGEST_TEXT + 1), unknown_words=())
    assert render.to_sentence(long).endswith("the text has more than 1,000,000 characters.")
    assert render.to_sentence(long._replace(text=long.text[1:])) == render.CANNOT_TELL
    assert render.to_tsv(NONE) == "\t\tkumquat"
    assert json.loads(render.to_json(NONE)) == {
        "text": "kumquat",
        "label": None,
        "confidence": None,
        "unknown_words": ["kumquat"],
        "uncertain": True,
        "probabilities": None,
    }


def test_too_close_to_call_says_so_in_every_format() -> None:
    assert (
        render.to_sentence(CLOSE) == "negative sentiment; 51.000000% confidence (too close to call)"
    )
    assert render.to_tsv(CLOSE) == "negative?\t0.51000000\thm"
    assert json.loads(render.to_json(CLOSE))["uncertain"] is True


def test_tsv_and_jsonl() -> None:
    assert render.to_tsv(YES) == "positive\t0.80760884\twhat a day"
    assert json.loads(render.to_json(YES)) == {
        "text": "what a day",
        "label": "positive",
        "confidence": 0.80760884,
        "unknown_words": ["kumquat", "yuzu"],
        "uncertain": False,
        "probabilities": PROBABILITIES,
    }


@pytest.mark.parametrize("format", list(render.FORMATS))
@pytest.mark.parametrize(
    "text",
    [
        "\x1b]0;title\x07",  # sets a window's title
        "\x9b31m",  # CSI in one character
        "tab\there",
        "two\r\nlines",
        "\u2028line separator\u2029",
        "\u202eright to left",
        "\ud800 alone",
        "\x00\x7f",
    ],
)
def test_nothing_can_drive_a_terminal(format: str, text: str) -> None:
    line = render.FORMATS[format](Prediction(text, "negative", 0.5, (text,)))
    assert line.replace("\t", "").isprintable()
    assert line.count("\t") == (2 if format == "tsv" else 0)
    for warning in render.unknown_word_warnings(Prediction(text, "negative", 0.5, (text,))):
        assert warning.isprintable()


@pytest.mark.parametrize(
    "text", ["naïve café", "日本語", "👩\u200d👩\u200d👧 ❤\ufe0f", "back\\slash"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert render.escape(text) == text


def test_no_control_character_stays_raw_in_jsonl() -> None:
    assert render.to_json(NONE._replace(text="a\x7fb\x9b")).isprintable()


def test_any_text_comes_back_from_jsonl() -> None:
    text = '\x1b \u202e \ud800 ❤ " \\'
    assert json.loads(render.to_json(Prediction(text, None, None, ())))["text"] == text


CONTRIBUTIONS = (
    WordContribution("not", 0, 3, -2.314),
    WordContribution("so", 4, 6, 0.29),
    WordContribution("bad\x1b", 7, 11, 1.5),
    *(WordContribution(f"w{i}", i, i + 1, -0.4) for i in range(12, 20)),
    WordContribution("Bad\x1b", 30, 34, 1.5),
)
EXPLAINED = Prediction("not so bad", "negative", 0.75, (), contributions=CONTRIBUTIONS)


def test_notable_words_in_the_order_of_the_text() -> None:
    words = "not -2.31 | bad\\x1b +1.50" + "".join(f" | w{i} -0.40" for i in range(12, 18))
    assert render.explanation(EXPLAINED) == f"words: {words}"
    assert (
        render.to_sentence(EXPLAINED)
        == f"negative sentiment; 75.000000% confidence; words: {words}"
    )
    assert render.to_tsv(EXPLAINED) == f"negative\t0.75000000\tnot so bad\t{words}"
    assert render.to_tsv(NONE._replace(contributions=())) == "\t\tkumquat\t"
    assert render.explanation(EXPLAINED._replace(contributions=CONTRIBUTIONS[1:2])) == (
        "words: none moves it much"
    )


def test_every_contribution_is_in_jsonl() -> None:
    contributions = json.loads(render.to_json(EXPLAINED))["contributions"]
    assert len(contributions) == len(CONTRIBUTIONS)
    assert contributions[0] == {"word": "not", "start": 0, "end": 3, "contribution": -2.314}
