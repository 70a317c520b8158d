import csv
import gzip
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment_repl import classifier
from sentiment_repl.errors import Exit, Failure, FileError, UsageError
from sentiment_repl.modes.file import classify_file
from tests.files.helpers import write_file

GOOD, BAD = "0.88079708", "0.95257413"  # the tiny model's confidence in "good" and "bad"

# Every column of these must arrive as it was.
HEADER = ["id", "text", 'no, "t" es']
AWKWARD = [
    ["1", "good", "plain"],
    ["2", "bad, very", 'a "quoted" word'],
    ["", "", ""],
    ["4", "good\nday\r\nover\rlines", '"'],
    ["5", " good ", "\ttab\t"],
    ["6", '"bad" from the start', "caf\xe9 \N{SMILING FACE WITH SUNGLASSES} \u2028 x"],
    ["07", "1e5", "=1+1"],
]

Classify = Callable[..., Exit]


@pytest.fixture
def classify(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Classify:
    """Classify files of an empty folder, which is also the current one."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    loaded = classifier.load(folder=tiny)

    def classify(source: str, target: str, column: str | None = None, **options: bool) -> Exit:
        return classify_file(lambda: loaded, source, column, target, **options)

    return classify


def write(name: str, content: str | bytes) -> None:
    write_file(Path(name), content)


def write_table(name: str, rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter="\t" if "tsv" in name.lower() else ",").writerows(rows)
    write(name, out.getvalue())


def read_content(name: str) -> str:
    content = Path(name).read_bytes()
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode()


def read_table(name: str) -> list[list[str]]:
    lines = io.StringIO(read_content(name), newline="")
    return list(csv.reader(lines, delimiter="\t" if "tsv" in name else ",", strict=True))


def read_objects(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in read_content(name).split("\n")[:-1]]


@pytest.mark.parametrize("source", ["in.csv", "in.tsv", "in.csv.gz", "IN.TSV.GZ"])
@pytest.mark.parametrize("target", ["out.csv", "out.tsv", "out.csv.gz"])
def test_every_column_arrives_as_it_was(classify: Classify, source: str, target: str) -> None:
    write_table(source, [HEADER, *AWKWARD])
    assert classify(source, target) == Exit.DONE
    head, *rows = read_table(target)
    assert head == [*HEADER, "label", "confidence", "uncertain"]
    assert [row[:3] for row in rows] == AWKWARD
    labels = ["positive", "negative", "", "positive", "positive", "negative", ""]
    assert [row[3] for row in rows] == labels
    assert rows[0][4:] == [GOOD, "false"]


def test_a_table_becomes_json_lines(classify: Classify) -> None:
    write_table("in.csv", [["text", "n", "n", "Label"], ["good", "1", "2", "x"], ["", "", "", ""]])
    assert classify("in.csv", "out.ndjson") == Exit.DONE
    assert read_content("out.ndjson").splitlines() == [
        '{"text": "good", "n": "1", "n_2": "2", "Label": "x", '
        f'"label_2": "positive", "confidence": {GOOD}, "uncertain": false}}',
        '{"text": "", "n": "", "n_2": "", "Label": "", '
        '"label_2": null, "confidence": null, "uncertain": true}',
    ]


def test_thousands_of_columns_with_one_name(classify: Classify) -> None:
    columns = ["text", *[""] * 20_000]  # empty columns of a spreadsheet
    write_table("in.csv", [columns, ["good", *["x"] * 20_000]])
    assert classify("in.csv", "out.jsonl") == Exit.DONE
    (row,) = read_objects("out.jsonl")
    assert [*row][:3] == ["text", "", "_2"]
    assert len(row) == 20_001 + 3


def test_json_lines_stay_to_the_letter(classify: Classify) -> None:
    lines = [
        '{"text": "good", "n": 12345678901234567890123, "x": 1.50, "y": 1e400, "z": [1, {"a": 2}]}',
        '  { "caf\xe9" : "\\u00e9 \xe9" , "text" : "bad \\ud83d" , "text":"bad day" }  ',
        '{"text":""}',
    ]
    write("in.jsonl", "\ufeff" + "\r\n".join(lines) + "\n\n")
    assert classify("in.jsonl", "out.jsonl.gz") == Exit.DONE
    written = read_content("out.jsonl.gz").splitlines()
    for before, after in zip(lines, written, strict=True):
        assert after.startswith(before.rstrip()[:-1].rstrip())
    assert [list(json.loads(line).items())[-3:] for line in written] == [
        [("label", "positive"), ("confidence", float(GOOD)), ("uncertain", False)],
        [("label", "negative"), ("confidence", float(BAD)), ("uncertain", False)],
        [("label", None), ("confidence", None), ("uncertain", True)],
    ]


def test_plain_text_becomes_every_format(classify: Classify) -> None:
    write("in.txt", 'good\r\n\na\t"b" bad')
    table = f"text,label,confidence,uncertain\ngood,positive,{GOOD},false\n,,,true\n"
    table += f'"a\t""b"" bad",negative,{BAD},false\n'
    for target, expected in {
        "out.txt": f'positive\t{GOOD}\tgood\n\t\t\nnegative\t{BAD}\ta\\t"b" bad\n',
        "out.csv": table,
        "out.tsv": table.replace(",", "\t"),
    }.items():
        assert classify("in.txt", target) == Exit.DONE
        assert read_content(target) == expected
    classify("in.txt", "out.jsonl")
    assert [one["text"] for one in read_objects("out.jsonl")] == ["good", "", 'a\t"b" bad']


def test_no_column_is_overwritten(classify: Classify) -> None:
    write_table("one.csv", [["text", "Label", "label_2"], ["good", "mine", "mine too"]])
    classify("one.csv", "two.csv")
    assert read_table("two.csv") == [
        ["text", "Label", "label_2", "label_3", "confidence", "uncertain"],
        ["good", "mine", "mine too", "positive", GOOD, "false"],
    ]
    classify("two.csv", "three.csv")
    assert read_table("three.csv")[0][6:] == ["label_4", "confidence_2", "uncertain_2"]
    assert read_table("three.csv")[1][:6] == read_table("two.csv")[1]


@pytest.mark.parametrize(("key", "explain"), [("label", False), ("contributions", True)])
def test_a_key_that_appears_late_is_not_taken_for_a_result(
    classify: Classify, capsys: pytest.CaptureFixture[str], key: str, explain: bool
) -> None:
    early = f'{{"text": "good"}}\n{{"text": "bad", "{key}": "mine"}}\n'
    write("in.jsonl", early)
    assert classify("in.jsonl", "out.jsonl", explain=explain) == Exit.DONE
    assert all(f"{key}_2" in row for row in read_objects("out.jsonl"))
    write("in.jsonl", '{"text": "good"}\n' * 5000 + early)
    assert classify("in.jsonl", "out.jsonl", explain=explain) == Exit.FAILED
    assert len(read_objects("out.jsonl")) == 5001
    assert f"in.jsonl:5002: a key '{key}'" in capsys.readouterr().err


def test_explained_rows(classify: Classify) -> None:
    write("in.csv", 'text,contributions\n"good, bad",mine\nyak,\n')
    assert classify("in.csv", "out.csv", explain=True) == Exit.DONE
    header, first, second = read_table("out.csv")
    assert header[1:] == ["contributions", "label", "confidence", "uncertain", "contributions_2"]
    assert [first[5], second[5]] == ["good +2.00 | bad -3.00", ""]
    assert classify("in.csv", "out.jsonl", explain=True) == Exit.DONE
    rows = [row["contributions_2"] for row in read_objects("out.jsonl")]
    assert [[word["word"] for word in words] for words in rows] == [["good", "bad"], []]


def test_batches_lose_no_row(classify: Classify) -> None:
    write("in.txt", "".join(f"{i} {'good' if i % 3 else 'bad'}\n" for i in range(10_000)))
    assert classify("in.txt", "out.csv") == Exit.DONE
    assert [(row[0].split()[0], row[1]) for row in read_table("out.csv")[1:]] == [
        (str(i), "positive" if i % 3 else "negative") for i in range(10_000)
    ]


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl", "in.txt"])
def test_files_without_rows(classify: Classify, name: str) -> None:
    write(name, "text\n" if name == "in.csv" else "")
    assert classify(name, f"out{name}") == Exit.DONE
    header = "text,label,confidence,uncertain\n" if name == "in.csv" else ""
    assert read_content(f"out{name}") == header


def test_bad_rows_and_bytes_are_reported_and_the_rest_is_written(
    classify: Classify, capsys: pytest.CaptureFixture[str]
) -> None:
    write("in.csv", b"text,b\ngood,caf\xe9\ngood\nwasn\x92t good,\n")
    assert classify("in.csv", "out.csv", quiet=True) == Exit.FAILED
    assert [row[:2] for row in read_table("out.csv")[1:]] == [["good", "café"], ["wasn’t good", ""]]
    assert capsys.readouterr().err.splitlines() == [
        "in.csv:3: 1 column instead of 2",
        "in.csv: 2 of 4 lines are not UTF-8, first in line 2; read as Windows-1252",
        "in.csv: 1 of 3 rows could not be read",
    ]
    write("in.csv", "text\ngood\n")
    classify("in.csv", "out.csv", quiet=True)
    assert capsys.readouterr().err == ""
    classify("in.csv", "out.csv")
    assert capsys.readouterr().err == "in.csv: 1 row read\n"


@pytest.mark.parametrize(
    ("source", "target", "error"),
    [
        ("in.csv", "in.csv", UsageError),
        ("in.csv", "link.csv", UsageError),
        ("in.csv", "out.txt", UsageError),
        ("in.csv", "out.xlsx", UsageError),
        ("in.jsonl", "out.csv", UsageError),
        ("in.gz", "out.csv", UsageError),
        ("in.csv", "nowhere/out.csv", FileError),
        ("in.csv", "folder.csv", FileError),
        ("folder.csv", "out.csv", FileError),
        ("missing.csv", "out.csv", FileError),
        ("bad.jsonl", "out.jsonl", FileError),
        ("cut.csv.gz", "out.csv", FileError),
    ],
)
def test_a_failure_leaves_no_output_and_the_old_one_stays(
    classify: Classify, source: str, target: str, error: type[Failure]
) -> None:
    write("in.csv", "text\ngood\n")
    write("in.jsonl", '{"text": "good"}')
    write("bad.jsonl", '{"text": 5}\n["good"]\n')
    Path("in.gz").write_bytes(gzip.compress(b""))
    Path("cut.csv.gz").write_bytes(gzip.compress(b"text\n" + os.urandom(300_000))[:-20])
    os.link("in.csv", "link.csv")
    os.mkdir("folder.csv")
    if target in ("out.csv", "out.jsonl"):
        write(target, "of yesterday")
    before = {path: path.is_file() and path.read_bytes() for path in Path().iterdir()}
    with pytest.raises(Failure) as raised:
        classify(source, target)
    assert type(raised.value) is error
    assert target in str(raised.value) or source in str(raised.value)
    assert {path: path.is_file() and path.read_bytes() for path in Path().iterdir()} == before


def test_standard_output(classify: Classify, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write("in.csv.gz", "text\ngood\nbad,\n")
    assert classify("in.csv.gz", "-") == Exit.FAILED
    out = f"text,label,confidence,uncertain\ngood,positive,{GOOD},false\n"
    err = "in.csv.gz:3: 2 columns instead of 1\nin.csv.gz: 1 of 2 rows could not be read\n"
    assert capsysbinary.readouterr() == (out.encode(), err.encode())


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl"])
def test_a_file_shown_on_a_terminal_does_not_drive_it(
    classify: Classify, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    class Screen(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    shown = io.BytesIO()
    text = "good\x1b]0;owned\x07\u202e\x7f"
    write("in.csv", f'text\n"{text}"\n')
    write("in.jsonl", json.dumps({"text": text}, ensure_ascii=False))
    monkeypatch.setattr(sys, "stdout", Screen(shown))
    classify(name, "-")
    assert b"good" in shown.getvalue()
    assert all(char.isprintable() or char == "\n" for char in shown.getvalue().decode())
