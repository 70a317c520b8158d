"""Words that name who somebody is, which should not move an answer.

``batches`` trades each for another of its set while training, so that the network can't
learn what stands beside one of them more often than beside another (counterfactual
augmentation; Lu et al. 2020, arXiv:1807.11714); ``architectures`` then gives those of a set
one vector, so that none can be told from another; and ``scripts/audit.py`` measures what is
left. Words are in the form that ``tweet.tokenize`` reads, one token each.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Terms(NamedTuple):
    """Words that can stand for each other in a sentence."""

    trait: str
    """What they tell of somebody: gender, religion, …"""
    form: str
    """Where they stand: an adjective ("my … neighbour"), a plural ("the … next door"), a
    person ("my …"), a pronoun ("… is here"), another's ("… car", "… and me") or a name."""
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
"""No word stands in two of them."""


_NEEDED = ("pronoun", "another's", "person")
"""Forms without which a sentence would not be one."""


def term_columns(words: Mapping[str, int]) -> tuple[list[list[int]], list[list[int]]]:
    """The columns of each set in a dictionary, where two or more of its words are known.

    :return: the sets of the forms that a sentence needs, and those that it can do without.
    """
    needed: list[list[int]] = []
    others: list[list[int]] = []
    for terms in TERMS:
        known = [words[word] for word in terms.words if word in words]
        if len(known) > 1:
            (needed if terms.form in _NEEDED else others).append(known)
    return needed, others
