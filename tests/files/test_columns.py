from pathlib import Path

import pytest

from sentiment_repl.errors import Exit, UsageError
from sentiment_repl.files.columns import TEXT_NAMES, find_column
from tests.files.helpers import TEXT, read_rows, write_file


@pytest.mark.parametrize(
    ("header", "asked", "chosen"),
    [
        *[(["id", name], None, 1) for name in TEXT_NAMES],
        (["ItemID", "Sentiment", "SentimentSource", "SentimentText"], None, 3),
        (["id", " REVIEW "], None, 1),
        (["text", "tweet"], "tweet", 1),
        (["Body", "body"], "body", 1),
        (["id", " Body "], "body", 1),
        (["a b", "c"], "A B", 0),
    ],
)
def test_the_text_column_is_found(header: list[str], asked: str | None, chosen: int) -> None:
    assert find_column(Path("in.csv"), "column", header, TEXT._replace(name=asked)) == chosen


@pytest.mark.parametrize(
    ("header", "asked", "complaint"),
    [
        (["id", "body"], None, "no column named text, sentence, .* or SentimentText"),
        (["text", "tweet"], None, "more than one column named"),
        (["id", "text"], "review", "no column 'review'"),
        (["text", "text"], "text", "more than one column 'text'"),
        (["Text", "TEXT"], "text", "more than one column 'text'"),
    ],
)
def test_no_column_is_guessed(header: list[str], asked: str | None, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as raised:
        find_column(Path("in.csv"), "column", header, TEXT._replace(name=asked))
    assert str(raised.value).startswith("in.csv: ")
    assert str(raised.value).endswith("with --column: " + ", ".join(map(repr, header)))
    assert raised.value.exit_code == Exit.USAGE


def test_a_long_header_is_listed_in_part_and_drives_no_terminal() -> None:
    header = ["\x1b[2J" * 99, *map(str, range(99))]
    with pytest.raises(UsageError, match="and 70 more") as raised:
        find_column(Path("in.csv"), "column", header, TEXT)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 800


@pytest.mark.parametrize("first", ['{"id": "1", "body": "x"}', '{"text": "x", "tweet": "y"}'])
def test_the_key_of_the_text_is_found_in_the_first_object(tmp_path: Path, first: str) -> None:
    path = write_file(tmp_path / "in.jsonl", f'{first}\n{{"text": "x"}}')
    with pytest.raises(UsageError, match="key named text, .* with --column"):
        read_rows(path)
    assert len(read_rows(path, "text")) == 2
