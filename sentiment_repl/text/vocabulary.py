"""The vocabulary: each word that a network knows, and its id.

A vocabulary is a plain ``dict[str, int]``. Word ids are 1, 2, …, the most frequent word
first. Id 0 is padding, as in Keras' ``Tokenizer``.

A network that also sees how a word was written reads *token ids*. A token id joins the word
id and the casing and elongation features of one token. Only this module knows how.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

UPPERCASE, ELONGATED = 1, 2
"""The features of a token, as bits: ``GOOD`` is uppercase, ``goooood`` is elongated."""
FEATURE_SETS = 4
"""How many combinations of features exist."""

_Ids = TypeVar("_Ids", int, Any)


def join_token_id(word_id: _Ids, features: _Ids) -> _Ids:
    """Return the token id of a word id and its features.

    Works on integers and, element by element, on NumPy arrays and tensors.

    >>> join_token_id(5, UPPERCASE)
    21
    """
    return word_id * FEATURE_SETS + features


def split_token_id(token_id: _Ids) -> tuple[_Ids, _Ids]:
    """Return the word id and the features of a token id: the inverse of ``join_token_id``.

    >>> split_token_id(21)
    (5, 1)
    """
    return token_id // FEATURE_SETS, token_id % FEATURE_SETS


def build_vocabulary(counts: Mapping[str, float], size: int) -> dict[str, int]:
    """Give ids to the most frequent words.

    Equally frequent words are taken in alphabetical order, so that the result does not
    depend on the order of the texts.

    :param counts: occurrences of each word in the training texts.
    :param size: number of ids, padding included: at most ``size - 1`` words are taken.

    >>> build_vocabulary({"day": 2, "good": 5, "bad": 2}, size=3)
    {'good': 1, 'bad': 2}
    """
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: word_id for word_id, word in enumerate(ranked[: size - 1], start=1)}


def vocabulary_to_json(vocabulary: Mapping[str, int]) -> str:
    """Return the content of ``dictionary.json``: one word a line, easy to read and to diff."""
    return json.dumps(vocabulary, ensure_ascii=False, indent=0) + "\n"


def vocabulary_from_json(content: str | bytes) -> dict[str, int]:
    """Parse the content of ``dictionary.json``.

    :raises ValueError: the content is not JSON, a word occurs twice, or the ids are not
        1, 2, …, n.
    """
    vocabulary = json.loads(content, object_pairs_hook=_unique_keys)
    if not isinstance(vocabulary, dict):
        raise ValueError("dictionary.json is not a JSON object of words and ids")
    ids = vocabulary.values()
    if not all(type(word_id) is int for word_id in ids) or (
        sorted(ids) != list(range(1, len(vocabulary) + 1))
    ):
        raise ValueError("the ids in dictionary.json are not 1, 2, …, each once")
    return vocabulary


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a JSON object. ``json`` itself keeps the last of two equal keys in silence."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a word occurs twice in dictionary.json")
    return found
