"""What the label values of a file mean: ``Neg``, ``4``, ``LABEL_1``, ``__label__pos``.

A word means the same in every file. A number does not: 1 is positive next to 0, neutral between
0 and 2, and negative among five stars. So all numbers of a file decide together.
"""

import re
import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from sentiment_repl.classifier import NEGATIVE, NEUTRAL, POSITIVE
from sentiment_repl.errors import UsageError

LABELS = (NEGATIVE, NEUTRAL, POSITIVE)
"""Every label that a text can have, in the order of a model's classes."""

Meanings = Mapping[str, str | None]
"""The label of each value. None: the rows with this value are left out."""

_WORDS = {
    "neg": NEGATIVE,
    "negative": NEGATIVE,
    "very negative": NEGATIVE,
    "extremely negative": NEGATIVE,
    "false": NEGATIVE,
    "neu": NEUTRAL,
    "neutral": NEUTRAL,
    "pos": POSITIVE,
    "positive": POSITIVE,
    "very positive": POSITIVE,
    "extremely positive": POSITIVE,
    "true": POSITIVE,
}
_CHOICES: Meanings = {**_WORDS, "skip": None}  # what a user can write
_NAMES = {NEGATIVE: "neg", NEUTRAL: "neutral", POSITIVE: "pos", None: "skip"}

SENTIMENT140 = {"0": NEGATIVE, "2": NEUTRAL, "4": POSITIVE}
"""The numbers of Sentiment140."""
_BINARY = {"0": NEGATIVE, "1": POSITIVE}
_SCALES: tuple[Mapping[str, str], ...] = (
    _BINARY,
    {"-1": NEGATIVE, "0": NEUTRAL, "1": POSITIVE},
    {"0": NEGATIVE, "1": NEUTRAL, "2": POSITIVE},
    {"0": NEGATIVE, "1": NEGATIVE, "2": NEUTRAL, "3": POSITIVE, "4": POSITIVE},
    {"1": NEGATIVE, "2": NEGATIVE, "3": NEUTRAL, "4": POSITIVE, "5": POSITIVE},
)
"""The numbers of common data sets. No two sets have the same ends."""
_TWO_OF_THREE = {"0", "2"}  # part of 0, 1 and 2, but also of 0, 2 and 4

_FASTTEXT_PREFIX = "__label__"
_NUMBER = re.compile(r"(?:label_)?([+-]?[0-9]{1,9})(?:\.0*)?(?: stars?)?")
_GIVEN = re.compile(r"([^=]+)=\s*(\w*)\s*(?:,|$)")
_MOST_LISTED, _MOST_CHARACTERS = 12, 30  # values in a message, and characters of each


class LabelSet(NamedTuple):
    """The meaning of all label values of a file."""

    meanings: Meanings
    """By value, as the file has it."""
    note: str | None
    """A sentence about meanings that another reader could doubt; None if there are none."""


def normalize(value: str) -> str:
    """Return a value in the form that decides its meaning.

    >>> [normalize(value) for value in (" Pos ", "__label__pos", "LABEL_1", "1.0", "1 star")]
    ['pos', 'pos', '1', '1', '1']
    """
    value = " ".join(value.casefold().split()).removeprefix(_FASTTEXT_PREFIX)
    number = _NUMBER.fullmatch(value)
    return str(int(number[1])) if number else value


def is_label(value: str) -> bool:
    """Return whether a value can be a label: a known word or a number."""
    return (name := normalize(value)) in _WORDS or _is_number(name)


def parse_meanings(options: Iterable[str]) -> Meanings:
    """Parse what a user gave with ``--labels``. The keys are normalized values.

    :raises UsageError: it is not a list of values and labels, or a value has two labels.

    >>> parse_meanings(["1=neg,2=neutral", "LABEL_3=Positive,mixed=skip"])
    {'1': 'negative', '2': 'neutral', '3': 'positive', 'mixed': None}
    """
    meanings: dict[str, str | None] = {}
    for option in options:
        end = 0
        while found := _GIVEN.match(option, end):
            value, name = normalize(found[1]), found[2].casefold()
            if name not in _CHOICES:
                break
            if meanings.setdefault(value, _CHOICES[name]) != _CHOICES[name]:
                raise UsageError(f"--labels: {value!r} has two meanings; give it one")
            end = found.end()
        if not end or end < len(option):
            raise UsageError(
                f"--labels: {option[end:]!r} is not a list of VALUE=LABEL, where LABEL is neg, "
                "neutral, pos or skip; write for example --labels 1=neg,2=neutral,3=pos"
            )
    return meanings


def read_label_set(
    path: Path,
    counts: Mapping[str, int],
    given: Meanings,
    numbers: Mapping[str, str] | None = None,
) -> LabelSet:
    """Decide the meaning of all label values of a file.

    :param path: the file, for messages.
    :param counts: the number of rows with each value.
    :param given: meanings from a user, by normalized value. If they have a number of the file,
        they must have all its numbers.
    :param numbers: the meanings of the numbers, if the layout of the file says so.
    :raises UsageError: a value has no clear meaning.
    """
    rows: Counter[str] = Counter()
    for value, count in counts.items():
        rows[normalize(value)] += count
    found = {value for value in rows if _is_number(value)}
    if not found.isdisjoint(given):
        numbers = {}
    elif numbers is None:
        numbers = _fitting_scale(found)
    known: Meanings = {**_WORDS, **numbers, **given}
    unclear = rows.keys() - known.keys()
    if unclear:
        raise UsageError(f"{path}: {_describe_unclear(unclear, rows, given)}")
    left_out = [value for value in rows if known[value] is None]
    notes = []
    if not any(found <= usual.keys() for usual in (_BINARY, SENTIMENT140, given)):
        notes.append(_describe_numbers(numbers, found))
    if left_out:
        count = sum(rows[value] for value in left_out)
        notes.append(f"{_count(count)} with the label {_enumerate(left_out)} left out")
    if given and rows.keys().isdisjoint(given):
        notes.append("none of its rows has a label that --labels names")
    return LabelSet(
        {value: known[normalize(value)] for value in counts},
        f"{path}: {'; '.join(notes)}" if notes else None,
    )


def _is_number(value: str) -> bool:
    return _NUMBER.fullmatch(value) is not None


def _fitting_scale(found: Collection[str]) -> Mapping[str, str]:
    """Return the scale whose ends are the lowest and the highest number; empty if none is."""
    for scale in _SCALES:
        ends = {min(scale, key=int), max(scale, key=int)}
        if ends <= set(found) <= scale.keys() and found != _TWO_OF_THREE:
            return scale
    return {}


def _describe_numbers(numbers: Mapping[str, str], found: Collection[str]) -> str:
    parts = []
    for label in LABELS:
        values = [value for value in found if numbers[value] == label]
        if values:
            parts.append(f"{_enumerate(values)} as {label}")
    return f"labels read: {', '.join(parts)}; --labels changes that"


def _describe_unclear(unclear: Collection[str], rows: Mapping[str, int], given: Meanings) -> str:
    """Return a sentence about labels without a clear meaning, and what a user can do."""
    by_rows = sorted(rows, key=lambda value: -rows[value])
    found = [f"{_show(value)}: {_count(rows[value])}" for value in by_rows[:_MOST_LISTED]]
    more = len(by_rows) - _MOST_LISTED
    all_rows = f"({', '.join(found)}{f', and {more:,} more labels' if more > 0 else ''})"
    if len(unclear) > _MOST_LISTED:
        return (
            f"{len(unclear):,} labels have no clear meaning {all_rows}; name another column with "
            "--label-column, or the meaning of each label with --labels"
        )
    subject = "labels {} have" if len(unclear) > 1 else "label {} has"
    return (
        f"the {subject.format(_enumerate(unclear))} no clear meaning {all_rows}; say what each "
        f"means, for example: {_example(unclear, given)} (a label means neg, neutral or pos; skip "
        "leaves its rows out)"
    )


def _example(unclear: Collection[str], given: Meanings) -> str:
    """Return an option that gives each value a meaning: the low numbers are negative.

    :param given: what the user has said. The option takes its place, so it repeats this.
    """
    numbers = sorted(int(value) for value in unclear if _is_number(value))
    said = [int(value) for value, label in given.items() if label and _is_number(value)]
    scale = numbers + said
    middle = (min(scale) + max(scale)) / 2 if len(scale) > 1 else 0.5
    parts = [f"{value}={_NAMES[label]}" for value, label in given.items()]
    parts += [
        f"{value}={_NAMES[LABELS[1 + (number > middle) - (number < middle)]]}"
        for value, number in ((str(number), number) for number in numbers)
    ]
    parts += [f"{value}=skip" for value in sorted(unclear) if not _is_number(value)]
    option = shlex.quote(",".join(parts))
    # After a blank, a minus would begin an option.
    return f"--labels{'=' if parts[0].startswith('-') else ' '}{option}"


def _enumerate(values: Collection[str]) -> str:
    *first, last = [_show(value) for value in sorted(values, key=_order)]
    return f"{', '.join(first)} and {last}" if first else last


def _order(value: str) -> tuple[int, str]:
    return (int(value) if _is_number(value) else 10**9, value)


def _count(rows: int) -> str:
    return f"{rows:,} row{'' if rows == 1 else 's'}"


def _show(value: str) -> str:
    return value if _is_number(value) else repr(value[:_MOST_CHARACTERS])
