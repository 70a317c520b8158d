"""Random changes to the training texts of the recurrent network, new ones in each epoch.

- Word dropout: a text loses some of its words, so that no single word decides.
- Counterfactual data augmentation: identity terms are replaced with others of their set.
- Emoticon re-insertion: the labels of tweets came from emoticons, which were then removed. Some
  texts get one of their label back.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_repl.classifier import NEGATIVE, POSITIVE
from sentiment_repl.data.identity_terms import TermIds, find_terms
from sentiment_repl.text.social_tokenizer import FROWN, LAUGH, SMILE
from sentiment_repl.text.vocabulary import join_token_id, split_token_id

WORD_DROPOUT = 0.05
"""The share of its words that a text loses."""
EMOTICON_SHARE = 0.05
"""The share of the labelled texts that get an emoticon."""
_LAST_SHARE = 0.8  # of the emoticons; the others stand anywhere in the text

# SMILE stands twice: it is twice as frequent as LAUGH.
_EMOTICONS = {NEGATIVE: (FROWN,), POSITIVE: (SMILE, SMILE, LAUGH)}


class Tokens(NamedTuple):
    """The tokens of a batch, one text after the other."""

    ids: NDArray[np.int32]
    text_of: NDArray[np.int64]
    """The text of each token, ascending."""


class Augmentation:
    """Changes batches of token ids.

    :param vocabulary: word to id.
    :param classes: the label of each class.
    """

    def __init__(self, vocabulary: Mapping[str, int], classes: Sequence[str]) -> None:
        self._identities = _IdentitySwap(find_terms(vocabulary), len(vocabulary) + 1)
        self._emoticons: dict[int, NDArray[np.int32]] = {}
        """For each class that has any: their token ids."""
        for index, label in enumerate(classes):
            known = [vocabulary[word] for word in _EMOTICONS.get(label, ()) if word in vocabulary]
            if known:
                self._emoticons[index] = join_token_id(np.array(known, np.int32), 0)

    def apply(
        self, tokens: Tokens, labels: NDArray[np.int8], rng: np.random.Generator
    ) -> tuple[Tokens, NDArray[np.intp]]:
        """Return the changed tokens, and the texts that got an emoticon.

        An emoticon of its label leaves no doubt about a text: its target becomes the label.

        :param labels: the label of each text, or ``NO_LABEL``.
        """
        tokens = _drop_words(tokens, rng)
        tokens = self._identities.apply(tokens, rng)
        return self._insert_emoticons(tokens, labels, rng)

    def _insert_emoticons(
        self, tokens: Tokens, labels: NDArray[np.int8], rng: np.random.Generator
    ) -> tuple[Tokens, NDArray[np.intp]]:
        is_chosen = rng.random(len(labels)) < EMOTICON_SHARE
        chosen = np.flatnonzero(is_chosen & np.isin(labels, list(self._emoticons)))
        start, end = (np.searchsorted(tokens.text_of, chosen, side) for side in ("left", "right"))
        is_last = rng.random(len(chosen)) < _LAST_SHARE
        places = np.where(is_last, end, rng.integers(start, end + 1))
        emoticons = [rng.choice(self._emoticons[label]) for label in labels[chosen].tolist()]
        return _insert(tokens, places, np.array(emoticons, np.int32), chosen), chosen


def _drop_words(tokens: Tokens, rng: np.random.Generator) -> Tokens:
    kept = rng.random(len(tokens.ids)) >= WORD_DROPOUT
    return Tokens(tokens.ids[kept], tokens.text_of[kept])


def _insert(
    tokens: Tokens,
    places: NDArray[np.intp],
    ids: NDArray[np.int32],
    text_of: NDArray[np.integer],
) -> Tokens:
    return Tokens(np.insert(tokens.ids, places, ids), np.insert(tokens.text_of, places, text_of))


class _IdentitySwap:
    """Mixes identity terms so that none predicts a label (Lu et al. 2020, arXiv:1807.11714).

    Each term becomes a random one of its set, which makes the terms of a set alike. For each
    optional term, one of its set also goes to a random place of a random text. So the set as a
    whole predicts less.
    """

    def __init__(self, terms: TermIds, vocabulary_size: int) -> None:
        self._grammatical_sets = len(terms.grammatical)
        # Sets are numbered from 1, the grammatical ones first; 0 is no set.
        self._sizes = np.array([0, *map(len, terms.all)])
        self._members = np.zeros((len(self._sizes), self._sizes.max()), np.int32)
        self._set_of = np.zeros(vocabulary_size, np.int32)
        for number, members in enumerate(terms.all, start=1):
            self._members[number, : len(members)] = members
            self._set_of[members] = number

    def apply(self, tokens: Tokens, rng: np.random.Generator) -> Tokens:
        word_ids, features = split_token_id(tokens.ids)
        found = np.flatnonzero(self._set_of[word_ids])
        sets, features = self._set_of[word_ids[found]], features[found]
        ids = tokens.ids.copy()
        ids[found] = join_token_id(self._draw(sets, rng), features)
        is_optional = sets > self._grammatical_sets
        if not is_optional.any():
            return Tokens(ids, tokens.text_of)
        places = rng.integers(len(ids), size=np.count_nonzero(is_optional))
        inserted = join_token_id(self._draw(sets[is_optional], rng), features[is_optional])
        return _insert(Tokens(ids, tokens.text_of), places, inserted, tokens.text_of[places])

    def _draw(self, sets: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.int32]:
        return self._members[sets, rng.integers(self._sizes[sets])]
