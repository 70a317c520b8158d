"""How tests make input files and read them."""

import gzip
from pathlib import Path

from sentiment_repl.files.columns import TEXT_NAMES, WantedColumn
from sentiment_repl.files.formats import format_of
from sentiment_repl.files.input_file import InputFile
from sentiment_repl.files.readers import ReadOptions, open_reader
from sentiment_repl.files.rows import Problem, Row

TEXT = WantedColumn("text", "--column", TEXT_NAMES)


def write_file(path: Path, content: str | bytes) -> Path:
    """Write a file, compressed if its name ends in ``.gz``."""
    content = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(content) if path.name.lower().endswith(".gz") else content)
    return path


def read_rows(
    path: Path, column: str | None = None, **options: str | bool | None
) -> list[Row | Problem]:
    """Return what the reader of ``--input`` makes of a file."""
    with InputFile(path) as file:
        wanted = [TEXT._replace(name=column)]
        reader = open_reader(file, format_of(file.name), wanted, ReadOptions(**options))
        return list(reader.rows())


def read_texts(path: Path) -> tuple[list[str], list[int]]:
    """Return the texts of a file, and the lines of the rows that can't be read."""
    rows = read_rows(path)
    return (
        [row.values[0] for row in rows if isinstance(row, Row)],
        [row.line for row in rows if isinstance(row, Problem)],
    )
