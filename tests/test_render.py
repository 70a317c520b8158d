import json

import pytest

from sentiment_repl import Prediction, WordEffect, render

YES = Prediction("what a day", "positive", 0.80760884, ("kumquat", "yuzu"))
NONE = Prediction("kumquat", None, None, ("kumquat",), True)
CLOSE = Prediction("hm", "negative", 0.51, (), True)


def test_the_article_s_lines() -> None:
    assert render.text(YES) == "positive sentiment; 80.760884% confidence"
    assert list(render.out_of_vocabulary(YES)) == [
        "'kumquat' not in training corpus; ignoring.",
        "'yuzu' not in training corpus; ignoring.",
    ]


def test_no_number_is_invented() -> None:
    assert render.text(NONE) == render.CANNOT_TELL
    assert not any(char.isdigit() for char in render.CANNOT_TELL)
    assert render.tsv(NONE) == "\t\tkumquat"
    assert json.loads(render.jsonl(NONE)) == {
        "text": "kumquat",
        "label": None,
        "confidence": None,
        "unknown_words": ["kumquat"],
        "uncertain": True,
    }


def test_too_close_to_call_says_so_in_every_format() -> None:
    assert render.text(CLOSE) == "negative sentiment; 51.000000% confidence (too close to call)"
    assert render.tsv(CLOSE) == "negative?\t0.51000000\thm"
    assert json.loads(render.jsonl(CLOSE))["uncertain"] is True


def test_tsv_and_jsonl() -> None:
    assert render.tsv(YES) == "positive\t0.80760884\twhat a day"
    assert json.loads(render.jsonl(YES)) == {
        "text": "what a day",
        "label": "positive",
        "confidence": 0.80760884,
        "unknown_words": ["kumquat", "yuzu"],
        "uncertain": False,
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
    for warning in render.out_of_vocabulary(Prediction(text, "negative", 0.5, (text,))):
        assert warning.isprintable()


@pytest.mark.parametrize(
    "text", ["naïve café", "日本語", "👩\u200d👩\u200d👧 ❤\ufe0f", "back\\slash"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert render.escape(text) == text


def test_no_control_character_stays_raw_in_jsonl() -> None:
    assert render.jsonl(NONE._replace(text="a\x7fb\x9b")).isprintable()


def test_any_text_comes_back_from_jsonl() -> None:
    text = '\x1b \u202e \ud800 ❤ " \\'
    assert json.loads(render.jsonl(Prediction(text, None, None, ())))["text"] == text


EFFECTS = (
    WordEffect("not", 0, 3, -2.314),
    WordEffect("so", 4, 6, 0.02),
    WordEffect("bad\x1b", 7, 11, 1.5),
    *(WordEffect(f"w{i}", i, i + 1, -0.4) for i in range(12, 20)),
    WordEffect("Bad\x1b", 30, 34, 1.5),
)
EXPLAINED = Prediction("not so bad", "negative", 0.75, (), word_effects=EFFECTS)


def test_the_strongest_words_in_the_order_of_the_text() -> None:
    words = "not -2.31 | bad\\x1b +1.50" + "".join(f" | w{i} -0.40" for i in range(12, 18))
    assert render.explanation(EXPLAINED) == f"words: {words}"
    assert render.text(EXPLAINED) == f"negative sentiment; 75.000000% confidence; words: {words}"
    assert render.tsv(EXPLAINED) == f"negative\t0.75000000\tnot so bad\t{words}"
    assert render.tsv(NONE._replace(word_effects=())) == "\t\tkumquat\t"
    assert render.explanation(EXPLAINED._replace(word_effects=EFFECTS[1:2])) == (
        "words: none moves it much"
    )


def test_every_effect_in_jsonl() -> None:
    effects = json.loads(render.jsonl(EXPLAINED))["word_effects"]
    assert len(effects) == len(EFFECTS)
    assert effects[0] == {"word": "not", "start": 0, "end": 3, "effect": -2.314}
