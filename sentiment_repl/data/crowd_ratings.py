"""Texts with the mean of many people's ratings.

A label by emoticon is yes or no. A mean rating says how a text reads to others, and that some
texts read as neither.
"""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sentiment_repl.errors import DataError
from sentiment_repl.files.input_file import InputFile
from sentiment_repl.files.lines import Lines, Problem
from sentiment_repl.files.readers import Row, TextReader
from sentiment_repl.files.tally import Tally

CLEAR = 0.5
"""The size of a mean rating from which people find a text clearly positive or negative."""

_EXTREME = 4  # VADER's ratings go from -4 to 4
# Log-odds of one point of the mean rating. With it, ``positive_probability`` differs by 0.03 on
# average from the share of VADER's raters who find a text positive, if a neutral rating counts
# half. 1.75 fits as well; 1.5 and 2.5 fit worse.
_STEEPNESS = 2.0


class RatedText(NamedTuple):
    """A text and how it reads to people."""

    rating: float
    """The mean rating, from -4 (extremely negative) to 4."""
    text: str

    @property
    def positive_probability(self) -> float:
        """The probability that a person finds the text positive; 0.5 if it reads as neither.

        >>> RatedText(0.0, "a table").positive_probability
        0.5
        """
        return 1 / (1 + math.exp(-_STEEPNESS * self.rating))


def read_rated(paths: Iterable[Path], tally: Tally) -> list[RatedText]:
    """Read files in the format of VADER's ground truth (Hutto and Gilbert 2014).

    Each line has an ID, a mean rating from -4 to 4 and a text, with tabs between them.

    :param tally: counts the lines, and reports those that can't be read. They are left out.
    :raises FileError: a file can't be opened.
    """
    rated = []
    for path in paths:
        with InputFile(path) as file:
            lines = Lines(file)
            for row in TextReader(lines).rows():
                if isinstance(row, Row) and not row.values[0].strip():
                    continue  # a blank line
                parsed = row if isinstance(row, Problem) else _parse_row(row)
                if isinstance(parsed, Problem):
                    tally.add_problem(path, parsed)
                else:
                    tally.rows += 1
                    rated.append(parsed)
            tally.print(lines.note())
    return rated


def no_rated_texts(paths: Iterable[Path], which: str) -> DataError:
    """Return the error that files have no rated text that is wanted.

    :param which: which texts are wanted: ``"to train on"``.
    """
    files = ", ".join(map(str, paths))
    return DataError(f"{files}: no rated text {which}; one text in ten is held out")


def _parse_row(row: Row) -> RatedText | Problem:
    fields = row.values[0].strip().split("\t")
    try:
        _, rating, text = fields
        if abs(float(rating)) <= _EXTREME:
            return RatedText(float(rating), text)
    except ValueError:  # another number of fields, or a rating that is not a number
        pass
    return Problem(
        row.line,
        f"not an ID, a mean rating from -{_EXTREME} to {_EXTREME} and a text, "
        "with tabs between them",
    )
