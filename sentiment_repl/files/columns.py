"""The columns that a caller wants, and where a file has them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sentiment_repl.errors import UsageError
from sentiment_repl.render import escape

TEXT_NAMES = ("text", "sentence", "review", "tweet", "comment", "SentimentText")
"""The names of a column that is taken for the text if none is named, in any case."""

_MOST_LISTED, _MOST_CHARACTERS = 30, 40  # names in an error message, and characters of each


class WantedColumn(NamedTuple):
    """A column that a caller wants."""

    holds: str
    """What is in it, for messages: ``"text"``."""
    option: str
    """The option that names it: ``"--column"``."""
    usual: tuple[str, ...]
    """The names that it usually has."""
    name: str | None = None
    """The name that the user gave, or the number of a column from 1; None for a usual name."""
    numbers: bool = False
    """Whether JSON may have a number in place of a string."""


def matching_columns(names: Sequence[str], wanted: WantedColumn) -> list[int]:
    """Return the indices of the columns that may be the wanted one.

    Case counts only if nothing else decides. A name goes before a number.

    >>> text = WantedColumn("text", "--column", TEXT_NAMES)
    >>> matching_columns(["id", "Review"], text)
    [1]
    >>> matching_columns(["text", "text"], text._replace(name="2"))
    [1]
    """
    if wanted.name is not None and names.count(wanted.name) == 1:
        return [names.index(wanted.name)]
    candidates = wanted.usual if wanted.name is None else (wanted.name,)
    fitting = {name.strip().casefold() for name in candidates}
    found = [index for index, name in enumerate(names) if name.strip().casefold() in fitting]
    if not found and wanted.name is not None and wanted.name.isdecimal():
        number = int(wanted.name[:9])
        found = [number - 1] if 0 < number <= len(names) else []
    return found


def find_column(
    path: Path, noun: str, names: Sequence[str], wanted: WantedColumn, remedies: str = ""
) -> int:
    """Return the index of a wanted column in a header.

    :param noun: what the file calls a column: ``"column"``, or ``"key"`` in JSON.
    :param remedies: what else a user can do, for the message.
    :raises UsageError: no column has the name, or several have it.

    >>> text = WantedColumn("text", "--column", TEXT_NAMES)
    >>> find_column(Path("reviews.csv"), "column", ["id", "Review"], text)
    1
    """
    found = matching_columns(names, wanted)
    if len(found) == 1:
        return found[0]
    if wanted.name is not None:
        called = f"{noun} {wanted.name!r}"
    else:
        called = f"{noun} named {', '.join(wanted.usual[:-1])} or {wanted.usual[-1]}"
    if found:
        numbers = " and ".join(str(index + 1) for index in found[:_MOST_LISTED])
        called = f"more than one {called} ({numbers})"
        way = "give the number of" if noun == "column" else "name"
    else:
        called = f"no {called}"
        way = "name"
    raise UsageError(
        f"{path}: {called}; {way} the one that holds the {wanted.holds} with {wanted.option}: "
        f"{quote_names(names)}{remedies}"
    )


def quote_names(names: Sequence[str]) -> str:
    """Return the first names of columns, or fields of a row, for a message."""
    listed = ", ".join(repr(name[:_MOST_CHARACTERS]) for name in names[:_MOST_LISTED])
    more = len(names) - _MOST_LISTED
    return f"{escape(listed)}{f' and {more} more' if more > 0 else ''}"
