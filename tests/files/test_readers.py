from pathlib import Path

import pytest

from sentiment_repl.errors import Exit, FileError, UsageError
from sentiment_repl.files.columns import TEXT_NAMES, find_column
from sentiment_repl.files.lines import Lines
from sentiment_repl.files.rows import Problem, Row
from tests.files.helpers import TEXT, read_rows, read_texts, write_file


def test_a_bad_row_of_a_table_costs_itself(tmp_path: Path) -> None:
    path = write_file(
        tmp_path / "in.csv",
        'id,text\n1,good\n2\n3,"good\nday"\n4,bad,more\n5,NUL \0\n6,"a" b\n\n  \n7,bad\n'
        '8,"good\n9,bad',
    )
    rows = read_rows(path)
    assert [(row.line, row.fields) for row in rows if isinstance(row, Row)] == [
        (2, ["1", "good"]), (4, ["3", "good\nday"]), (7, ["5", "NUL \0"]), (11, ["7", "bad"]),
        (13, ["9", "bad"]),
    ]  # fmt: skip
    assert [(row.line, row.what, row.row.fields) for row in rows if isinstance(row, Problem)] == [
        (3, "1 column instead of 2", ["2", ""]),
        (6, "3 columns instead of 2", ["4", "bad,more"]),
        (8, "',' expected after '\"'", ["6", '"a" b']),
        (12, "a quote that opens and does not close", ["8", '"good']),
    ]


def test_empty_fields_at_the_end_of_a_row_are_no_problem(tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.csv", "text\ngood,\nbad,,\nday\n")
    assert read_texts(path) == (["good", "bad", "day"], [])
    path = write_file(tmp_path / "in.csv", "text,id,,\ngood,1\nbad,2,\nday\n")
    assert read_texts(path) == (["good", "bad"], [4])


@pytest.mark.parametrize("after", [3, 25_000])
def test_a_quote_that_never_closes_swallows_nothing(tmp_path: Path, after: int) -> None:
    rows = "".join(f"{i},bad {i}\n" for i in range(after))
    texts, bad = read_texts(write_file(tmp_path / "in.csv", f'id,text\n0,"good\n{rows}'))
    assert texts == [f"bad {i}" for i in range(after)]
    assert bad == [2]


@pytest.mark.parametrize("line", ['{i}","what a lovely day\n', '{i},"what a lovely day\n'])
def test_open_quotes_in_every_row_take_linear_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    taken = []
    take = Lines.take
    monkeypatch.setattr(Lines, "take", lambda self: taken.append(None) or take(self))

    def count_taken(rows: int) -> int:
        taken.clear()
        content = "id,text\n" + "".join(line.format(i=i) for i in range(rows))
        texts, bad = read_texts(write_file(tmp_path / "in.csv", content))
        assert len(texts) + len(bad) == rows
        return len(taken)

    assert count_taken(32_000) < 2.5 * count_taken(16_000)
    assert read_texts(
        write_file(tmp_path / "in.csv", "id,text\n" + line.format(i=0) * 9 + '7,"a\nb"')
    ) == (["a\nb"], list(range(2, 11)))


def test_a_quoted_text_may_have_many_lines(tmp_path: Path) -> None:
    review = "a line, and\n" * 2000
    path = write_file(tmp_path / "in.csv", f'id,text\n1,"{review}"\n2,bad\n')
    assert read_texts(path) == ([review, "bad"], [])


def test_quotes_of_a_tsv_without_quoting(tmp_path: Path) -> None:
    rows = ['1\t"good', '2\t"good" she said', "3\ther 5'' \"bad\" day", '4\tgood"', '5\t"good']
    texts, bad = read_texts(write_file(tmp_path / "in.tsv", "\n".join(["id\ttext", *rows])))
    assert texts == [row[2:] for row in rows]
    assert bad == []


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_newline_ends_a_row_of_a_table(tmp_path: Path, newline: str) -> None:
    path = write_file(tmp_path / "in.csv", newline.join(["", "id,text", "1,a", "", '2,"b', 'c"']))
    assert read_texts(path) == (["a", f"b{newline}c"], [])


HUGE, KEPT, LONG = "good " * 2**20, "bad " * 250_000, "bad " * 250_000 + "!"


@pytest.mark.parametrize(
    ("name", "content", "texts", "bad"),
    [
        ("in.csv", f'text\n{HUGE}\n{KEPT}\n"good\n{HUGE}"\nbad', [KEPT, "bad"], [2, 4, 5]),
        ("in.csv", f"text\n{LONG}\n{KEPT}\nbad", [KEPT, "bad"], [2]),
        ("in.tsv", f"text\tid\n{HUGE}\t1\n{KEPT}\t2\nbad\t3", [KEPT, "bad"], [2]),
        ("in.jsonl", f'{{"text": "{HUGE}"}}\n{{"text": "{KEPT}"}}', [KEPT], [1]),
        ("in.txt.gz", f"{HUGE}\n{KEPT}\nbad\n{HUGE}", [KEPT, "bad"], [1, 4]),
    ],
    ids=["csv", "long", "tsv", "jsonl", "txt"],
)
def test_a_text_without_end_costs_itself(
    tmp_path: Path, name: str, content: str, texts: list[str], bad: list[int]
) -> None:
    path = write_file(tmp_path / name, content)
    assert read_texts(path) == (texts, bad)
    problem = next(row for row in read_rows(path) if isinstance(row, Problem))
    assert problem.what in (
        "a line of more than 4,194,304 characters",
        "a text of more than 1,000,000 characters",
    )


def test_a_line_of_one_nul_is_a_text(tmp_path: Path) -> None:
    assert read_texts(write_file(tmp_path / "in.txt", "\0\na\n\0")) == (["\0", "a", "\0"], [])


def test_lines_that_are_not_an_object_with_a_text(tmp_path: Path) -> None:
    wrong = [
        '["good"]', "good", '{"text": 5}', '{"text": {}}', '{"text": "go', "[" * 100_000,
        '{"text": "good"} x', "9" * 5000, '{"text": true}',
    ]  # fmt: skip
    content = "\n".join(['\ufeff{"text": "good"}', *wrong, "", '{"text": "bad"}'])
    rows = read_rows(write_file(tmp_path / "in.jsonl", content))
    assert [row.values for row in rows if isinstance(row, Row)] == [("good",), ("bad",)]
    problems = {row.line: row.what for row in rows if isinstance(row, Problem)}
    assert list(problems) == list(range(2, 11))
    assert problems[4] == problems[5] == "the key 'text' is not a string"


def test_a_missing_text_is_empty(tmp_path: Path) -> None:
    content = '{"body": "x"}\n{"text": null}\n{}\n{"text": "good"}'
    assert read_texts(write_file(tmp_path / "in.jsonl", content)) == (["", "", "", "good"], [])


def test_a_key_may_be_nested(tmp_path: Path) -> None:
    content = '{"data": {"text": "good"}}\n{"data": null}\n{"data": {"text": "bad"}, "a.b": "x"}'
    path = write_file(tmp_path / "in.jsonl", content)
    for column, values in {"data.text": ["good", "", "bad"], "a.b": ["", "", "x"]}.items():
        assert [row.values[0] for row in read_rows(path, column)] == values
    for column in ("data.body", "text", "data.text.x"):
        with pytest.raises(UsageError, match="--column: 'data', 'a.b'"):
            read_rows(path, column)
    assert [type(row) for row in read_rows(path, "data")] == [Problem, Row, Problem]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ('[\n {"text": "good"},\n {"text": "bad"}\n]\n', "is a JSON array"),
        ('\n[{"text": "good"}]', "is a JSON array"),
        ('{\n "text": "good"\n}\n', "has objects over several lines"),
    ],
)
def test_a_file_that_is_one_json_value_is_refused_as_a_whole(
    tmp_path: Path, content: str, what: str
) -> None:
    path = write_file(tmp_path / "in.jsonl", content)
    with pytest.raises(FileError, match=f"it {what}, .* convert it: jq -c"):
        read_rows(path)


def test_plain_text_has_lines_and_no_columns(tmp_path: Path) -> None:
    path = write_file(tmp_path / "in.txt", 'good\r\n\na\t"b"\rbad\n')
    assert read_texts(path) == (["good", "", 'a\t"b"\rbad'], [])
    with pytest.raises(UsageError, match="leave --column out"):
        read_rows(path, "text")


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
        (["a", "text", "text"], "3", 2),
        (["3", "b", "c"], "3", 0),
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
        (["Text", "TEXT"], "text", "more than one column 'text' \\(1 and 2\\)"),
        (["id", "text"], "0", "no column '0'"),
        (["id", "text"], "3", "no column '3'"),
    ],
)
def test_no_column_is_guessed(header: list[str], asked: str | None, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as raised:
        find_column(Path("in.csv"), "column", header, TEXT._replace(name=asked))
    assert str(raised.value).startswith("in.csv: ")
    assert str(raised.value).endswith("with --column: " + ", ".join(map(repr, header)))
    assert ("give the number" in str(raised.value)) == ("more than one" in complaint)
    assert raised.value.exit_code == Exit.USAGE


@pytest.mark.parametrize("first", ['{"id": "1", "body": "x"}', '{"text": "x", "tweet": "y"}'])
def test_the_key_of_the_text_is_found_in_the_first_objects(tmp_path: Path, first: str) -> None:
    path = write_file(tmp_path / "in.jsonl", f"{first}\n{first}")
    with pytest.raises(UsageError, match="key named text, .* with --column"):
        read_rows(path)
    with pytest.raises(UsageError, match="no key 'words'"):
        read_rows(path, "words")
    assert len(read_rows(path, "id" if "id" in first else "text")) == 2
