"""The dictionary: each word that the network reads, and its input column.

A dictionary is a plain ``dict[str, int]``. Its columns are 1, 2, …, most
frequent word first; column 0 belongs to no word, as in Keras' ``Tokenizer``.
"""

import json
from collections.abc import Mapping
from typing import Any


def build(counts: Mapping[str, int], size: int) -> dict[str, int]:
    """Number the most frequent words.

    :param counts: how often each word stands in the training texts.
    :param size: columns of the network's input, column 0 included: at most
        ``size - 1`` words are taken. Equally frequent words are taken in
        alphabetical order, so that the order of the rows has no say.
    """
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: column for column, word in enumerate(ranked[: size - 1], start=1)}


def dumps(dictionary: Mapping[str, int]) -> str:
    """The text of a ``dictionary.json``: one word a line, for people and diffs."""
    return json.dumps(dictionary, ensure_ascii=False, indent=0) + "\n"


def loads(text: str | bytes) -> dict[str, int]:
    """Read a ``dictionary.json`` back.

    :raises ValueError: it is not JSON, a word stands in it twice, or its columns are not
        1, 2, … n, each once.
    """
    dictionary = json.loads(text, object_pairs_hook=_object)
    if not isinstance(dictionary, dict):
        raise ValueError("it is not a JSON object of words and columns")
    columns = dictionary.values()
    if not all(type(column) is int for column in columns) or (
        sorted(columns) != list(range(1, len(dictionary) + 1))
    ):
        raise ValueError("its columns are not 1, 2, … each once")
    return dictionary


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; of a key that stands in it twice json itself would take the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a word stands in it twice")
    return found
