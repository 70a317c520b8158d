"""Identity terms: words that say who somebody is, and that should not move an answer.

Three modules use them:

- ``data/augmentation.py`` replaces each with another of its set in the training texts;
- ``training/recurrent.py`` gives the words of a set one vector in the exported network;
- ``evaluation/bias.py`` measures how far they still move an answer.

Words have the form that ``social_tokenizer.tokenize`` returns, one token each.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Terms(NamedTuple):
    """A set of words that can replace each other in a sentence."""

    trait: str
    """Their subject: gender, religion, …"""
    form: str
    """Their place: an adjective ("my … neighbour"), a plural ("the … next door"), a person
    ("my …"), a pronoun ("… is here"), another's ("… car", "… and me") or a name."""
    words: tuple[str, ...]


def _terms(trait: str, form: str, words: str) -> Terms:
    return Terms(trait, form, tuple(words.split()))


TERMS = (
    _terms("gender", "pronoun", "he she"),
    _terms("gender", "another's", "his her him"),
    _terms("gender", "person", "father mother"),
    _terms("gender", "person", "dad mom mum"),
    _terms("gender", "person", "daddy mommy mummy"),
    _terms("gender", "person", "brother sister"),
    _terms("gender", "person", "son daughter"),
    _terms("gender", "person", "husband wife"),
    _terms("gender", "person", "boyfriend girlfriend"),
    _terms("gender", "person", "bf gf"),
    _terms("gender", "person", "uncle aunt auntie"),
    _terms("gender", "person", "nephew niece"),
    _terms("gender", "person", "grandpa grandma"),
    _terms("gender", "person", "grandfather grandmother"),
    _terms("gender", "plural", "men women"),
    _terms("gender", "plural", "boys girls"),
    _terms("gender", "person", "boy girl"),
    _terms("gender", "person", "man woman"),
    _terms("gender", "adjective", "male female"),
    _terms("age", "adjective", "old young"),
    _terms("age", "adjective", "older younger"),
    _terms(
        "nationality",
        "adjective",
        """american english british irish scottish french german italian spanish portuguese
        dutch swedish norwegian danish russian polish greek turkish mexican cuban brazilian
        chinese japanese korean vietnamese thai filipino indian pakistani iranian iraqi
        israeli egyptian african nigerian jamaican australian canadian asian european
        latino hispanic arab""",
    ),
    _terms(
        "nationality",
        "plural",
        """americans germans italians russians mexicans cubans indians iranians israelis
        africans australians canadians asians europeans latinos arabs greeks""",
    ),
    _terms("ethnicity", "adjective", "black white"),
    _terms(
        "religion",
        "adjective",
        "christian muslim jewish catholic hindu buddhist mormon atheist protestant islamic",
    ),
    _terms("religion", "plural", "christians muslims jews catholics mormons atheists hindus"),
    _terms("sexuality", "adjective", "gay lesbian bisexual straight homosexual transgender queer"),
    _terms("sexuality", "plural", "gays lesbians"),
    _terms("disability", "adjective", "blind deaf disabled autistic paralyzed"),
    _terms(
        "first name",
        "name",
        """john michael james david robert william richard thomas paul mark steven kevin brian
        jason matt ryan daniel andrew joshua adam peter george scott eric greg brad todd geoffrey
        mary jennifer linda susan lisa karen sarah jessica ashley emily amanda melissa laura
        rachel heather amy anna emma katie megan kate julia claire kristen betsy ellen
        jamal darnell tyrone terrence malik jerome lamar andre deandre
        ebony latoya keisha tanisha jasmine shaniqua aisha nia kiara imani
        mohammed muhammad ahmed ali omar hassan ibrahim yusuf fatima leila yasmin
        jose carlos juan luis miguel pedro diego maria carmen rosa sofia guadalupe
        wei ming chen hiro kenji yuki akira mei raj sanjay anil vijay priya anita deepa
        ivan olga dmitri lars sven ingrid hans giovanni pierre""",
    ),
)
"""The sets. No word is in two of them."""


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
