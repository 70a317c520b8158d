"""Plain statements out of real text, for what labels by emoticon do not teach.

Every tweet of the corpus once held a smile or a frown, so a network that learns from
nothing else takes each sentence for one or the other. ``templates`` has statements of
a few kinds; a file of sentences, such as the examples of a dictionary, has many.

Two things tell a plain one: none of its words is in VADER's lexicon of mood (Hutto and
Gilbert 2014), and none is seen much more often with one label than with the other. A
mood in no single word, as that of irony, is not found.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from sentiment_repl import tweet
from sentiment_repl.errors import DataError

FEWEST, MOST = 4, 20  # words of a statement
_LONGEST = 400  # characters of a line that is worth reading
_LARGEST = 0.7  # log-odds ratio of a word of a plain statement
_PSEUDO_COUNT = 40  # times that each word is taken to have been seen besides, as any word
_MILD = 1  # of VADER's valences, which go from -4 to 4


def log_odds_ratios(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    """How much more often than others each word stands in positive texts.

    :param positive: how often each stands in positive texts, (words,).
    :param negative: how often in negative ones.
    :return: float, (words,); above 0 for positive. Rare words are near 0.
    """
    prior = (positive.sum() + 1) / (positive.sum() + negative.sum() + 2)
    odds = (positive + _PSEUDO_COUNT * prior) / (negative + _PSEUDO_COUNT * (1 - prior))
    return np.log(odds) - np.log(prior / (1 - prior))


def statements(
    lines: Iterable[str], log_odds_ratio: Callable[[tweet.Token], float | None]
) -> Iterator[str]:
    """The plain statements among some lines, each once.

    A line with a tab is a row of a table, and none.

    :param log_odds_ratio: of a word; None if the dictionary lacks it, as it may one of
        each statement.
    :raises DataError: the lexicon is not installed.
    """
    moods = _moods()
    seen: set[str] = set()
    for line in lines:
        if len(line) > _LONGEST or "\t" in line or line in seen:
            continue
        tokens = list(tweet.tokenize(line))
        words = [token for token in tokens if token.word[0].isalpha()]
        ratios = [log_odds_ratio(token) for token in words]
        if (
            FEWEST <= len(words) <= MOST
            and ratios.count(None) <= 1
            and all(ratio is None or abs(ratio) <= _LARGEST for ratio in ratios)
            and moods.isdisjoint(token.word for token in tokens)
            and moods.isdisjoint(line.lower().split())  # an emoticon in its own form
        ):
            seen.add(line)
            yield line


def _moods() -> set[str]:
    """Words, emoticons and emoji that tell a mood."""
    try:
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError as error:
        raise DataError(
            "--neutral needs VADER's lexicon to tell plain statements; pip install vaderSentiment"
        ) from error
    analyzer = SentimentIntensityAnalyzer()
    words = {word for word, mood in analyzer.lexicon.items() if abs(mood) >= _MILD}
    return words.union(analyzer.emojis)
