"""The lines of a plain text as rows."""

from collections.abc import Collection, Iterator, Sequence

from sentiment_repl.errors import UsageError
from sentiment_repl.files.columns import WantedColumn
from sentiment_repl.files.encodings import Encoding
from sentiment_repl.files.lines import Lines
from sentiment_repl.files.rows import Problem, Row, TableStyle, check_length
from sentiment_repl.prediction import LONGEST_TEXT


class TextReader:
    """The lines of a plain text, blank lines too. Each row has one value, the text.

    A line that is too long is cut, as in a pipe.

    :raises UsageError: the user named a column.
    """

    columns: Sequence[str] = ("text",)
    style: TableStyle | None = None

    def __init__(self, lines: Lines, wanted: Sequence[WantedColumn] = ()) -> None:
        for column in wanted:
            if column.name is not None:
                raise UsageError(
                    f"{lines.path}: plain text has no columns; leave {column.option} out"
                )
        self.lines = lines

    @property
    def encoding(self) -> Encoding:
        """The encoding of what was read so far."""
        return self.lines.encoding

    def rows(self, reserved: Collection[str] = (), closed: bool = False) -> Iterator[Row | Problem]:
        """Yield the lines without their ends, and a problem for each one that is too long."""
        for line in self.lines:
            if isinstance(line, Problem):
                line = line.row.values[0] if line.row else ""
            text = line.removesuffix("\n").removesuffix("\r")[: LONGEST_TEXT + 1]
            yield check_length(Row(self.lines.number, (text,), len(text), [text]))

    def share_read(self) -> float | None:
        """Return how much of the file has been read, 0–1; None if nobody knows."""
        return self.lines.share_read()

    def notes(self) -> Iterator[str]:
        """Yield sentences about the file that its user should know."""
        if note := self.lines.note():
            yield note
