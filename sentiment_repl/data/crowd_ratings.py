"""Texts that people rated, for what a label by emoticon does not tell.

An emoticon is yes or no, and stands in no plain statement. A mean of ratings tells how
a text reads to others, and that some read as neither.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sentiment_repl.errors import DataError
from sentiment_repl.files.atomic import whole
from sentiment_repl.data import labelled
from sentiment_repl.evaluation.calibration import log_odds

_EXTREME = 4  # of VADER's ratings, which go from -4 to 4
_STEEPNESS = 2.0
"""Log-odds of one point of the mean rating.

So ``Rated.positive`` is near the share of VADER's raters who find a text positive, those who
find it neither counted half; by 0.03 in the mean, as with 1.75. With 1.5 or 2.5 it is farther.
"""


CLEAR = 0.5
"""The size of a mean rating from which people find a text clearly positive or negative."""


class Rated(NamedTuple):
    """A text and how it reads to people."""

    rating: float
    """The mean of their ratings, from -4, extremely negative, to 4."""
    text: str

    @property
    def positive(self) -> float:
        """How likely one of them finds it positive, 0-1; 0.5 for what is neither."""
        return 1 / (1 + math.exp(-_STEEPNESS * self.rating))


def read(path: Path, report: Callable[[labelled.Problem], None]) -> Iterator[Rated]:
    """The texts of a file of lines of three columns: an ID, a mean rating, the text.

    With tabs between, the rating from -4 to 4: as the ground truth of VADER is (Hutto and
    Gilbert 2014).

    :param report: called with each line that can't be read; such a line is left out.
    :raises DataError: the file can't be opened.
    """
    for number, line in labelled.lines(path, report):
        fields = line.split("\t")
        rating = _rating(fields[1]) if len(fields) == 3 else None
        if rating is None:
            what = f"no ID, mean rating from -{_EXTREME} to {_EXTREME} and text, with tabs between"
            report(labelled.Problem(path, number, what))
        else:
            yield Rated(rating, fields[2])


def read_all(paths: Iterable[Path], report: Callable[[labelled.Problem], None]) -> list[Rated]:
    """The texts of several files, as ``read`` reads each."""
    return [text for path in paths for text in read(path, report)]


def write(path: Path, texts: Iterable[str], positive: np.ndarray) -> None:
    """Texts that a model rates, in a file that ``read`` reads.

    :param positive: how likely each is positive, (texts,), 0-1.
    :raises FileError: it can't be written.
    """
    ratings = np.clip(log_odds(positive) / _STEEPNESS, -_EXTREME, _EXTREME)
    with whole(path) as out:
        for number, (text, rating) in enumerate(zip(texts, ratings.tolist()), start=1):
            out(f"{number}\t{rating:.3f}\t{' '.join(text.split())}\n".encode())


def nothing_in(paths: Iterable[Path], which: str = "to train on") -> DataError:
    """That the files bring no text that is wanted, for a person."""
    files = ", ".join(map(str, paths))
    return DataError(f"{files}: no rated text {which}; one in ten is held back")


def _rating(field: str) -> float | None:
    try:
        rating = float(field)
    except ValueError:
        return None
    return rating if abs(rating) <= _EXTREME else None
