"""Identity terms: words that say who somebody is, and that should not move an answer.

Three modules use them:

- ``data/augmentation.py`` replaces each with another of its set in the training texts;
- ``training/recurrent.py`` gives the words of a set one vector in the exported network;
- ``evaluation/bias.py`` measures how far they still move an answer.

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


TERMS = tuple(
    Terms(entry["trait"], entry["form"], tuple(entry["words"]))
    for entry in json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
)
"""The sets, from ``identity_terms.json``. No word is in two of them."""


def words_of_form(form: str) -> list[str]:
    """Return the words of all sets of a form.

    >>> words_of_form("pronoun")
    ['he', 'she']
    """
    return [word for terms in TERMS if terms.form == form for word in terms.words]


_GRAMMATICAL = ("pronoun", "another's", "person")  # a sentence breaks without them


class TermIds(NamedTuple):
    """The word ids of the sets in a vocabulary."""

    grammatical: list[list[int]]
    """Sets without which a sentence breaks, such as pronouns."""
    optional: list[list[int]]
    """Sets that a sentence can do without, such as nationalities."""

    @property
    def all(self) -> list[list[int]]:
        """Every set."""
        return self.grammatical + self.optional


def find_terms(vocabulary: Mapping[str, int]) -> TermIds:
    """Return the word ids of each set that has two or more known words."""
    found = TermIds([], [])
    for terms in TERMS:
        known = [vocabulary[word] for word in terms.words if word in vocabulary]
        if len(known) > 1:
            is_grammatical = terms.form in _GRAMMATICAL
            (found.grammatical if is_grammatical else found.optional).append(known)
    return found
