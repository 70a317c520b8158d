import re
from collections import Counter

import pytest

from sentiment_repl.data import synthetic
from sentiment_repl.data.identity_terms import words_of_form
from sentiment_repl.data.synthetic import synthetic_sentences
from sentiment_repl.text.social_tokenizer import tokenize
from tests.conftest import REPOSITORY

SENTENCES = list(synthetic_sentences(20_000, seed=1))


SETS = REPOSITORY / "results" / "sets"


def read_set(name: str) -> list[str]:
    lines = (SETS / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[1] for line in lines]


def words(text: str) -> set[str]:
    """Return the words, numbers and emoji of a text."""
    return set(re.findall(r"[a-z0-9']+|[^\x00-\x7f]", text.lower()))


def test_test_sentences_stay_unseen() -> None:
    tested = [text for path in SETS.glob("*.tsv") for text in read_set(path.stem)]
    assert len(tested) > 1000
    synthetic_keys = {" ".join(sorted(words(sentence.text))) for sentence in SENTENCES}
    assert not synthetic_keys & {" ".join(sorted(words(text))) for text in tested}
    negation = " ".join(read_set("negation_development") + read_set("negation_test"))
    adjectives = " ".join(synthetic.OPINION_WORDS["good"] + synthetic.OPINION_WORDS["bad"])
    assert words(adjectives) & words(negation) <= {"it", "fun", "happy"}  # in the templates


def test_no_template_yields_a_test_statement() -> None:
    def pattern(template: str) -> str:
        parts = re.split(r"\{(\w+)\}", template)
        slots = ["|".join(map(pattern, synthetic._WORDS[slot])) for slot in parts[1::2]]
        filled = [f"{re.escape(text)}(?:{slot})" for text, slot in zip(parts[::2], slots)]
        return "".join([*filled, re.escape(parts[-1])])

    templates = synthetic._STATEMENTS + synthetic._QUESTIONS
    patterns = [re.compile(pattern(template)) for template in templates]
    assert any(one.fullmatch("the meeting is at 3 pm") for one in patterns)
    for sentence in read_set("statements") + read_set("everyday_test"):
        text = sentence.lower().removesuffix(".")
        assert not [one for one in patterns if one.fullmatch(text)], sentence


def test_labels_are_balanced_and_slots_filled() -> None:
    counts = {
        label: sum(sentence.label == label for sentence in SENTENCES)
        for label in ("negative", "neutral", "positive")
    }
    assert sum(counts.values()) == len(SENTENCES) == 20_000
    assert counts["positive"] == pytest.approx(counts["negative"], rel=0.1)
    assert counts["neutral"] == pytest.approx(0.39 * 20_000, rel=0.05)
    texts = [sentence.text for sentence in SENTENCES]
    assert not [text for text in texts if set("{}\n|") & set(text.replace(":|", ""))]


def test_identity_terms_predict_no_label() -> None:
    """Most sentences with one are neutral, and as many of the others are good as bad news."""
    terms = {*words_of_form("adjective"), *words_of_form("name")}
    labels = Counter(label for label, text in SENTENCES if terms & set(text.split()))
    assert labels["neutral"] > 700
    assert labels["positive"] == pytest.approx(labels["negative"], rel=0.15)


def test_an_emoticon_decides_a_statement() -> None:
    smiling, crying = {":)", ":D", "<3"}, {":(", ":'(", "</3"}
    for label, text in SENTENCES:
        emoticons = {token.word for token in tokenize(text)}
        wrong = {"negative": smiling, "neutral": smiling | crying, "positive": crying}[label]
        assert not emoticons & wrong, text


def test_the_same_seed_yields_the_same_sentences() -> None:
    assert SENTENCES[:50] == list(synthetic_sentences(50, seed=1))
    assert SENTENCES[:50] != list(synthetic_sentences(50, seed=2))
