"""Identity terms: words that say who somebody is, and that should not move an answer.

``identity_terms.json`` has the sets that people wrote. ``found_terms.json`` has further words
that a classifier found in the training texts by their letters, capitals, neighbouring words and
vectors of a pre-trained encoder. It learned from the written sets and from Faker's lists of
first names (MIT licence), without the words of ``evaluation/held_out_terms.json``. It found most
of those words, too. A review then removed words, such as names that are common words; it added
none.

These modules use them:

- ``data/augmentation.py`` replaces each with another of its set in the training texts;
- ``data/synthetic.py`` puts the written ones into neutral sentences;
- ``training/recurrent.py`` gives the words of a set one vector in the exported network;
- ``evaluation/bias.py`` measures how far the written ones still move an answer.

Words have the form that ``social_tokenizer.tokenize`` returns, one token each.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


class Terms(NamedTuple):
    """A set of words that can replace each other in a sentence."""

    trait: str
    """Their subject: gender, religion, …"""
    form: str
    """Their place: an adjective ("my … neighbour"), a plural ("the … next door"), a person
    ("my …"), a pronoun ("… is here"), another's ("… car", "… and me") or a name."""
    words: tuple[str, ...]


def read_terms(path: Path) -> tuple[Terms, ...]:
    """Read sets of terms from a JSON file."""
    return tuple(
        Terms(entry["trait"], entry["form"], tuple(entry["words"]))
        for entry in json.loads(path.read_text(encoding="utf-8"))
    )


TERMS = read_terms(Path(__file__).with_suffix(".json"))
"""The sets that people wrote. No word is in two of them."""
_FOUND_TERMS = read_terms(Path(__file__).with_name("found_terms.json"))
LISTED_WORDS = frozenset(word for terms in TERMS + _FOUND_TERMS for word in terms.words)
"""All words of all sets."""
_GRAMMATICAL = ("pronoun", "another's", "person")  # a sentence breaks without them


def words_of_form(form: str) -> list[str]:
    """Return the written words of a form.

    >>> words_of_form("pronoun")
    ['he', 'she']
    """
    return [word for terms in TERMS if terms.form == form for word in terms.words]


class TermIds(NamedTuple):
    """The word ids of terms that are made alike, in a vocabulary."""

    grammatical: list[list[int]]
    """Sets without which a sentence breaks, such as pronouns."""
    optional: list[list[int]]
    """Sets that a sentence can do without, such as first names."""

    @property
    def all(self) -> list[list[int]]:
        """Every set."""
        return self.grammatical + self.optional


def find_terms(vocabulary: Mapping[str, int]) -> TermIds:
    """Return the word ids of each set that has two or more known words.

    Adjectives of all traits are one set, so that the few texts about a disability do not
    decide about it. The same holds for plurals. Pairs of opposites stay sets of their own.

    >>> find_terms({"he": 1, "she": 2, "thai": 3, "deaf": 4, "jewish": 5, "old": 6})
    TermIds(grammatical=[[1, 2]], optional=[[3, 5, 4]])
    """
    merged: dict[tuple[str, ...], list[int]] = {}
    for terms in TERMS + _FOUND_TERMS:
        is_closed = terms.form in _GRAMMATICAL or (terms in TERMS and len(terms.words) == 2)
        known = [vocabulary[word] for word in terms.words if word in vocabulary]
        merged.setdefault((terms.form, *(terms.words if is_closed else ())), []).extend(known)
    found = TermIds([], [])
    for (form, *_), ids in merged.items():
        if len(ids) > 1:
            (found.grammatical if form in _GRAMMATICAL else found.optional).append(ids)
    return found
