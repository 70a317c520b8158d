"""What holds of any text, found by hypothesis; scripts/stress.py tries a million more."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentiment_repl import Classifier, load, render
from sentiment_repl.modes import stream
from sentiment_repl.text import article_tokenizer, social_tokenizer

ANY = st.text(st.characters(exclude_categories=()), max_size=60)  # lone surrogates, too
PARTS = st.sampled_from(
    ["good ", "&lt;3", "&#x", "&#38;", ":-", "(((", "'", "\x1b]0;x\a", "\u202e", "\u0301", "\ufdfa"]
)
TEXTS = ANY | st.lists(ANY | PARTS, max_size=8).map("".join)

same_each_time = settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(params=["tiny", "article", "default"])
def classifier(request: pytest.FixtureRequest, tiny: Path) -> Classifier:
    return load(folder=tiny) if request.param == "tiny" else load(request.param)


@same_each_time
@given(TEXTS)
def test_words_stand_where_their_places_say(sentence: str) -> None:
    for words, spans in (
        (article_tokenizer.tokenize(sentence), article_tokenizer.spans(sentence)),
        (social_tokenizer.surfaces(sentence), social_tokenizer.spans(sentence)),
    ):
        assert words == [word for word, _, _ in spans]
        assert all(0 <= start < end <= len(sentence) for _, start, end in spans)


@same_each_time
@given(st.lists(TEXTS, max_size=6), st.data())
def test_a_text_gets_one_answer_wherever_it_stands(
    classifier: Classifier, sentences: list[str], data: st.DataObject
) -> None:
    answers = classifier.classify_batch(sentences)
    assert all(one.label is None or 0.5 <= one.confidence <= 1 for one in answers)
    order = data.draw(st.permutations(range(len(sentences))))
    again = classifier.classify_batch([sentences[place] for place in order])
    assert again == [answers[place] for place in order]
    for sentence, answer in zip(sentences[:3], answers):
        explained = classifier.classify(sentence, explain=True)
        assert explained._replace(word_effects=None) == answer
        assert all(
            sentence[word.start : word.end] == word.word and abs(word.effect) < float("inf")
            for word in explained.word_effects or ()
        )


@same_each_time
@given(TEXTS)
def test_no_line_drives_a_terminal(classifier: Classifier, sentence: str) -> None:
    answer = classifier.classify(sentence, explain=True)
    lines = [*render.out_of_vocabulary(answer), *(line(answer) for line in render.FORMATS.values())]
    for line in lines:
        seen = line.replace("\t", "")
        assert all(char.isprintable() or char in render.HARMLESS for char in seen)
    assert json.loads(render.jsonl(answer))["text"] == json.loads(json.dumps(sentence))


@same_each_time
@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=9))
def test_a_line_of_any_bytes_is_a_line(lines: list[bytes]) -> None:
    stream = io.BufferedReader(io.BytesIO(b"".join(line + b"\n" for line in lines)))
    decode = stream.Decoder()
    read = [one for some in stream.read_batches(stream) for one in decode(some)]
    assert len(read) == len(lines) == decode.lines
