import re
import sys

import pytest

from sentiment_repl.data import synthetic
from sentiment_repl.text.social_tokenizer import tokenize
from tests.conftest import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "scripts"))
import make_sets  # noqa: E402

MADE = list(synthetic.sentences(20_000, seed=1))


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z']+", text.lower()))


def test_the_projects_own_test_sentences_stay_unseen() -> None:
    sets = [
        line.split("\t")[1]
        for path in (REPOSITORY / "results" / "sets").glob("*.tsv")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert len(sets) > 600
    made = {" ".join(sorted(words(text))) for _, text in MADE}
    assert not made & {" ".join(sorted(words(text))) for text in sets}
    tested = {*make_sets.GOOD, *make_sets.BAD}
    adjectives = " ".join(synthetic.WORDS["good"] + synthetic.WORDS["bad"])
    assert not words(adjectives) & tested
    things = {thing for _, _, parts in make_sets.TEMPLATES for part in parts for thing in part}
    things = {thing for thing in things if thing.startswith(("the ", "this ", "that ", "my "))}
    assert len(things) > 8
    assert not [text for _, text in MADE if any(f" {thing} " in f" {text} " for thing in things)]


def test_each_label_and_every_slot_filled() -> None:
    assert {label for label, _ in MADE} == {0, 1, synthetic.NEITHER}
    positive = sum(label == 1 for label, _ in MADE)
    negative = sum(label == 0 for label, _ in MADE)
    assert positive == pytest.approx(negative, rel=0.1)
    assert not [text for _, text in MADE if set("{}\n|") & set(text.replace(":|", ""))]


def test_an_emoticon_decides_a_statement() -> None:
    smiling, crying = {":)", ":D", "<3"}, {":(", ":'(", "</3"}
    for label, text in MADE:
        faces = {token.word for token in tokenize(text)}
        if label == synthetic.NEITHER:
            assert not faces & (smiling | crying), text
        assert not (label == 0 and faces & smiling) and not (label == 1 and faces & crying), text


def test_the_same_seed_makes_the_same() -> None:
    assert MADE[:50] == list(synthetic.sentences(50, seed=1))
    assert MADE[:50] != list(synthetic.sentences(50, seed=2))


def test_a_statement_stands_for_itself_and_is_passed_on() -> None:
    texts = [f"the lamp hangs in room {n}" for n in range(40)]
    framed = list(synthetic.framed(texts, 3, seed=1))
    assert [text for _, text in framed[::3]] == texts
    for at in 1, 2:
        others = [text for _, text in framed[at::3]]
        assert all(text in other for text, other in zip(texts, others))
        assert sum(other.startswith("rt @user : ") for other in others) >= 1
        assert sum(text != other for text, other in zip(texts, others)) > 20
    assert {label for label, _ in framed} == {synthetic.NEITHER}
    assert framed == list(synthetic.framed(texts, 3, seed=1))


def test_no_template_makes_a_statement_that_is_measured() -> None:
    def pattern(template: str) -> str:
        parts = re.split(r"\{(\w+)\}", template)
        slots = ["|".join(map(pattern, synthetic._FACTS[slot])) for slot in parts[1::2]]
        filled = [f"{re.escape(text)}(?:{slot})" for text, slot in zip(parts[::2], slots)]
        return "".join([*filled, re.escape(parts[-1])])

    patterns = [re.compile(pattern(template)) for template in synthetic._STATEMENTS]
    assert any(one.fullmatch("the meeting is at 3 pm") for one in patterns)
    for sentence in make_sets.STATEMENTS:
        text = sentence.lower().removesuffix(".")
        assert not [one for one in patterns if one.fullmatch(text)], sentence
