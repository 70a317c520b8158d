"""Plain statements out of real text, for what labels by emoticon do not teach.

Every tweet of the corpus once held a smile or a frown, so a network that learns from
nothing else takes each sentence for one or the other. ``templates`` has statements of
a few kinds; a file of sentences, such as the examples of a dictionary, has many.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from sentiment_repl import tweet

FEWEST, MOST = 4, 20  # words of a statement
_LEANS = 0.7  # log-odds; a word that says more for a label makes a sentence no plain one
_SMOOTHING = 40  # times that every word is taken to have been seen besides, in no mood


def leanings(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """How much each word speaks for one of the labels, as the log-odds of its counts.

    :param positive: how often each stands in positive texts, (words,).
    :param negative: how often in negative ones.
    :return: float, (words,); above 0 for positive. Rare words are near 0.
    """
    # In no mood: as often in positive texts as any word.
    usual = (positive.sum() + 1) / (positive.sum() + negative.sum() + 2)
    ratio = (positive + _SMOOTHING * usual) / (negative + _SMOOTHING * (1 - usual))
    return np.log(ratio) - np.log(usual / (1 - usual))


def statements(lines: Iterable[str], leaning: Mapping[str, float]) -> Iterator[str]:
    """The lines, each once, of which no word speaks for a label, and all but one are known.

    :param leaning: of each word of the dictionary, as ``leanings`` gives it.
    """
    for line in dict.fromkeys(lines):
        words = [token.word for token in tweet.tokenize(line)]
        known = [leaning[word] for word in words if word in leaning]
        if (
            FEWEST <= len(known) <= MOST
            and len(words) - len(known) <= 1
            and max(map(abs, known)) <= _LEANS
        ):
            yield line
