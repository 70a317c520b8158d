"""What holds of every text, from the tokenizers to the written line."""

import io
import itertools
import json
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sentiment_repl import Classifier, Prediction, load, render
from sentiment_repl.files.decoding import Decoder
from sentiment_repl.files.encodings import UTF_8, WINDOWS_1252
from sentiment_repl.modes.stream import read_batches
from sentiment_repl.text import article_tokenizer, social_tokenizer
from sentiment_repl.text.pieces import LONGEST_PIECE
from tests.fuzz.conftest import assert_harmless, share
from tests.fuzz.strategies import LINES, TEXTS

social = (social_tokenizer.split_surfaces, social_tokenizer.split_surfaces_with_offsets)
article = (article_tokenizer.tokenize, article_tokenizer.tokenize_with_offsets)
TOKENIZERS = [(*social, social_tokenizer.normalize), (*article, str.lower)]


@pytest.fixture(scope="module", params=["article", "default"])
def classifier(request: pytest.FixtureRequest) -> Classifier:
    return load(request.param)


@given(TEXTS)
def test_offsets_of_words_slice_the_input(text: str) -> None:
    assert all([word] == word.split() for word, _ in social_tokenizer.tokenize(text))
    for tokenize, tokenize_with_offsets, normalize in TOKENIZERS:
        found = list(tokenize_with_offsets(text))
        assert [word for word, _, _ in found] == list(tokenize(text))
        assert all(word in normalize(text[start:end]) for word, start, end in found)
        assert all(a[1] <= b[1] and a[2] <= b[2] for a, b in itertools.pairwise(found))


@share(4)
@given(TEXTS)
def test_a_long_text_has_the_tokens_of_its_parts(text: str) -> None:
    assume(max(map(len, text.split()), default=0) < LONGEST_PIECE)
    part = f" x {text}"
    copies = 1 + LONGEST_PIECE // len(part)
    for tokenize, _, _ in TOKENIZERS:
        assert list(tokenize(part * copies)) == list(tokenize(part)) * copies


MISSING = st.sampled_from([None, math.nan])
NO_TEXTS = st.integers() | st.binary() | st.booleans() | st.lists(TEXTS, max_size=2) | st.floats()


@share(8)
@given(st.lists(TEXTS | MISSING | NO_TEXTS, max_size=4))
def test_a_list_of_anything_gets_a_row_for_each_or_is_refused(classifier, values) -> None:
    if all(value is None or isinstance(value, str) or value != value for value in values):
        assert len(classifier.predict(values)) == len(values)
    else:
        with pytest.raises(TypeError, match="the text at position"):
            classifier.predict(values)


@share(8)
@given(st.lists(TEXTS, max_size=6), st.randoms(use_true_random=False))
def test_a_text_gets_the_same_answer_alone_and_in_any_batch(classifier, texts, random) -> None:
    shuffled = random.sample(texts, len(texts))
    for text, answer in zip(shuffled, classifier.classify_batch(shuffled)):
        assert_same(answer, classifier.classify(text))


def assert_same(one: Prediction, other: Prediction) -> None:
    exact = {"confidence": None, "probabilities": None}
    assert one._replace(**exact) == other._replace(**exact)
    assert (one.probabilities or {}) == pytest.approx(other.probabilities or {}, rel=0, abs=1e-6)


@share(8)
@given(TEXTS)
def test_an_answer_and_its_lines_are_well_formed(classifier, text: str) -> None:
    encoder = classifier.network.encoder(classifier.vocabulary)
    assert encoder.encode(text).ids == encoder.ids(encoder.encode_tokens(text))
    answer = classifier.classify(text, explain=True)
    assert_same(answer._replace(contributions=None), classifier.classify(text))
    if answer.label is not None:
        assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-6)
        assert answer.confidence == max(answer.probabilities.values())
        assert answer.confidence == answer.probabilities[answer.label]
    for word in answer.contributions:
        assert text[word.start : word.end] == word.word
        assert math.isfinite(word.contribution)
    lines = [to_line(answer) for to_line in render.FORMATS.values()]
    for line in [*lines, *render.unknown_word_warnings(answer)]:
        assert_harmless(line)
        assert "\n" not in line
    assert lines[1].count("\t") == 3
    assert json.loads(lines[2])["text"] == json.loads(json.dumps(text))


class Trickle(io.BytesIO):
    """A stream that brings a few bytes at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.size)


@given(st.lists(LINES, max_size=9), LINES, st.integers(1, 9))
def test_a_line_of_any_bytes_is_one_line_wherever_reads_split_it(lines, rest, size) -> None:
    pipe = Trickle(b"".join(line + b"\n" for line in lines) + rest)
    pipe.size = size
    decoder = Decoder()
    found = [line for batch in read_batches(pipe, decoder) for line in batch]
    "".join(found).encode()  # fails for a lone surrogate
    if decoder.encoding in (UTF_8, WINDOWS_1252):
        assert len(found) == len(lines) + bool(rest)
        for line, text in zip([*lines, rest], found):
            assert not line.isascii() or text == line.decode().removesuffix("\r")
