from pathlib import Path

import pytest

from sentiment_repl.errors import FileError, UsageError
from sentiment_repl.files.rows import Row
from tests.files.helpers import read_rows, write_file


def texts(path: Path, column: str | None = None, **options: str | bool | None) -> list[str]:
    rows = read_rows(path, column, **options)
    assert all(isinstance(row, Row) for row in rows)
    return [row.values[0] for row in rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["in.csv", "in.tsv"])
def test_the_delimiter_is_the_one_that_yields_the_column(
    tmp_path: Path, name: str, delimiter: str
) -> None:
    rows = [["id", "price, or ; so", "text"], ["1", "2", "good"], ["2", "3", '"bad"']]
    if delimiter not in ("\t", "|"):
        rows[0][1] = "price"
    path = write_file(tmp_path / name, "\n".join(map(delimiter.join, rows)))
    assert texts(path)[0] == "good"
    assert texts(path, "3")[0] == "good"
    if name == "in.csv":
        assert texts(path, "ID") == ["1", "2"]


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;\r"])
def test_a_line_may_name_the_delimiter(tmp_path: Path, line: str) -> None:
    path = write_file(tmp_path / "in.csv", f"{line}\nid;a,b;text\n1;2,3;good\n")
    assert texts(path) == ["good"]


def test_a_user_can_say_the_delimiter_and_that_there_is_no_header(tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.csv", "text^id\ngood^1\n")
    assert texts(path, delimiter="^") == ["good"]
    path = write_file(tmp_path / "in.csv", "1;good, really\n2;bad\n")
    assert texts(path, "2", header=False) == ["good, really", "bad"]
    path = write_file(tmp_path / "in.csv", "good; really\nbad\n")
    assert texts(path, header=False) == ["good; really", "bad"]
    with pytest.raises(UsageError, match="the first row is '1', 'good'"):
        read_rows(write_file(tmp_path / "in.csv", "1,good\n2,bad\n"), header=False)
    with pytest.raises(FileError, match="it is empty$"):
        read_rows(write_file(tmp_path / "in.csv", ""), header=False)


def test_sentiment140_is_known(tmp_path: Path) -> None:
    for delimiter in (",", "\t"):
        row = delimiter.join(['"0"', '"1"', '"date"', '"NO_QUERY"', '"user"', '"so sad, really"'])
        path = write_file(tmp_path / "in.csv", f"{row}\n{row}\n")
        assert texts(path) == ["so sad, really"] * 2
        assert texts(path, "user") == ["user"] * 2


def test_a_message_names_what_was_seen_and_what_helps(tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.csv", "1;good;x\n2;bad;y\n")
    with pytest.raises(UsageError) as raised:
        read_rows(path)
    message = str(raised.value)
    for part in ("'1', 'good', 'x'", "split at ';'", "--column", "--delimiter", "--no-header"):
        assert part in message


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("in.txt", "good", {"delimiter": ";"}),
        ("in.txt", "good", {"header": False}),
        ("in.jsonl", '{"text": "good"}', {"header": False}),
    ],
)
def test_an_option_without_effect_is_refused(
    tmp_path: Path, name: str, content: str, options: dict[str, str | bool]
) -> None:
    path = write_file(tmp_path / name, content)
    with pytest.raises(UsageError, match=r"has no use for --(delimiter|no-header)"):
        read_rows(path, None, **options)
