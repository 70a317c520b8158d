from array import array
from itertools import pairwise

import numpy as np
import pytest

from sentiment_repl.data.corpus_encoder import (
    BagOfWordsCorpusEncoder,
    CorpusEncoder,
    TokenCorpusEncoder,
)
from sentiment_repl.network.recurrent import LONGEST_SEGMENT
from sentiment_repl.text.encoders import BagOfWordsEncoder, TokenEncoder

VOCABULARY = {"good": 1, "day": 2, "!": 3, ":)": 4, "obama": 5, "<user>": 6, "so": 7}
TEXTS = [
    "GOOD good day, obama's day!",
    "",
    "Goooood @bob :-) sooo unknown",
    "unknown words",
    "good 😀 day",
    "@bob @bob good",
]


def encode(encoder: CorpusEncoder, texts: list[str]) -> list[list[int]]:
    provisional, starts = array("i"), [0]
    for text in texts:
        encoder.add(text, provisional)
        starts.append(len(provisional))
    ids, of_text = encoder.encode(provisional, np.array(starts), VOCABULARY)
    return [ids[a:b].tolist() for a, b in pairwise(of_text)]


def test_training_and_prediction_encode_a_text_alike(tweets: list[tuple[int, str]]) -> None:
    texts = TEXTS + [text for _, text in tweets[:100]]
    bags, tokens = BagOfWordsEncoder(VOCABULARY), TokenEncoder(VOCABULARY)
    assert encode(BagOfWordsCorpusEncoder(), texts) == [sorted(bags.encode(t).ids) for t in texts]
    expected = [tokens.encode(text).ids for text in texts]
    assert encode(TokenCorpusEncoder(), texts) == expected
    assert expected[0] == [5, 4, 8, 20, 8, 12]  # uppercase; "obama's" is "obama"
    assert encode(TokenCorpusEncoder(), []) == encode(BagOfWordsCorpusEncoder(), []) == []


def test_of_a_long_text_the_first_segment_is_kept() -> None:
    text = "good unknown day " * 40
    (ids,) = encode(TokenCorpusEncoder(), [text])
    assert ids == [4, 8] * (LONGEST_SEGMENT // 2)


@pytest.mark.parametrize("encoder", [BagOfWordsCorpusEncoder(), TokenCorpusEncoder()])
def test_every_occurrence_of_a_word_is_counted(encoder: CorpusEncoder) -> None:
    provisional = array("i")
    encoder.add("words of another side", array("i"))
    for text in ("Good GOOD day", "good"):
        encoder.add(text, provisional)
    assert encoder.word_counts(provisional) == {"good": 3, "day": 1}
