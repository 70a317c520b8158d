from array import array
from itertools import pairwise

import numpy as np
import pytest

from sentiment_repl.data.corpus_encoder import (
    BagOfWordsCorpusEncoder,
    CorpusEncoder,
    TokenCorpusEncoder,
)
from sentiment_repl.text.encoders import BagOfWordsEncoder, TokenEncoder

VOCABULARY = {"good": 1, "day": 2, "!": 3, ":)": 4, "obama": 5, "<user>": 6, "so": 7}
VOCABULARY |= {"😂": 8, ":D": 9, "thumbs": 10}


def encode(encoder: CorpusEncoder, texts: list[str]) -> list[list[int]]:
    provisional, starts = array("i"), [0]
    for text in texts:
        encoder.add(text, provisional)
        starts.append(len(provisional))
    ids, of_text = encoder.encode(provisional, np.array(starts), VOCABULARY)
    return [ids[a:b].tolist() for a, b in pairwise(of_text)]


def test_training_and_prediction_encode_a_text_alike(tweets: list[tuple[int, str]]) -> None:
    texts = ["GOOD good day, obama's day!", "", "unknown words", "Goooood @bob :-) sooo unknown"]
    texts += ["#GoodDay #goodDAY #GOODDAY", "#goodday #sogoooood #zebra", "😂 😀 :heart: 🍕 👍🏽"]
    texts += [
        "None",
        "good \ufffd # day",
        "good 😀 day",
        "@bob @bob good",
        *(text for _, text in tweets[:100]),
    ]
    bags, tokens = BagOfWordsEncoder(VOCABULARY), TokenEncoder(VOCABULARY)
    assert encode(BagOfWordsCorpusEncoder(), texts) == [sorted(bags.encode(t).ids) for t in texts]
    expected = [tokens.encode(text).ids for text in texts]
    assert encode(TokenCorpusEncoder(), texts) == expected
    assert expected[0] == [5, 4, 8, 20, 8, 12]  # uppercase; "obama's" is "obama"
    # Of a long text the first segment is kept.
    long = encode(TokenCorpusEncoder(), ["good unknown day " * 40, "day"])
    assert long == [[4, 8] * 32, [8]]


@pytest.mark.parametrize("encoder", [BagOfWordsCorpusEncoder(), TokenCorpusEncoder()])
def test_every_occurrence_of_a_word_is_counted(encoder: CorpusEncoder) -> None:
    provisional = array("i")
    encoder.add("words of the other side", array("i"))
    for text in ("Good GOOD day", "good"):
        encoder.add(text, provisional)
    assert encoder.word_counts(provisional) == {"good": 3, "day": 1}


def test_the_words_of_hashtags_and_emoji_are_counted() -> None:
    encoder, provisional = TokenCorpusEncoder(), array("i")
    encoder.add("good #GoodDay #good 😂 :joy:", provisional)
    assert encoder.word_counts(provisional) == {"good": 3, "day": 1, "😂": 2}
