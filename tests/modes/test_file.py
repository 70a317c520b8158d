import csv
import datetime
import gzip
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sentiment_repl import classifier
from sentiment_repl.errors import Exit, Failure, FileError, UsageError
from sentiment_repl.files.readers import ReadOptions
from sentiment_repl.modes.file import FileOptions, classify_file
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

    def classify(source: str, target: str, column: str | None = None, **options: Any) -> Exit:
        return classify_file(lambda: loaded, FileOptions(source, target, column, **options))

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
    written = csv.reader(Path("out.csv").read_bytes().decode("cp1252").splitlines())
    assert [row[:3] for row in list(written)[1:]] == [
        ["good", "café", "positive"], ["good", "", ""], ["wasn’t good", "", "positive"],
    ]  # fmt: skip
    assert capsys.readouterr().err.splitlines() == [
        "in.csv:3: 1 column instead of 2",
        "in.csv: it is not UTF-8; read as Windows-1252",
        "out.csv: also written as Windows-1252; "
        "--encoding names the encoding of in.csv if it is not Windows-1252",
        "in.csv: 1 of 3 rows could not be read; they got no label",
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
    write("in.csv.gz", "text\ngood\nbad,x\n")
    assert classify("in.csv.gz", "-") == Exit.FAILED
    out = f"text,label,confidence,uncertain\ngood,positive,{GOOD},false\n"
    out += '"bad,x",,,true\n'
    err = "in.csv.gz:3: 2 columns instead of 1\n"
    err += "in.csv.gz: 1 of 2 rows could not be read; they got no label\n"
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


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
OTHER_COLUMNS = ["it’s €5, “café”\n– £", 'a "quoted" ÿ', ""]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_encoding_and_delimiter_makes_a_round_trip(
    classify: Classify, encoding: str, delimiter: str
) -> None:
    rows = [["good" if i else "bad ’", *OTHER_COLUMNS] for i in range(9)]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["text", "é", "b", "c"], *rows])
    write("in.csv", out.getvalue().encode(encoding))
    assert classify("in.csv", "out.csv", quiet=True) == Exit.DONE
    written, read = Path("out.csv").read_bytes(), Path("in.csv").read_bytes()
    marks = ("\ufeff".encode("utf-8"), "\ufeff".encode("utf-16-le"), "\ufeff".encode("utf-16-be"))
    assert [written.startswith(mark) for mark in marks] == [read.startswith(mark) for mark in marks]
    lines = io.StringIO(written.decode(encoding), newline="")
    head, *found = csv.reader(lines, delimiter=delimiter, strict=True)
    assert [row[:4] for row in found] == rows
    assert head == ["text", "é", "b", "c", "label", "confidence", "uncertain"]
    assert [row[4] for row in found] == ["negative", *["positive"] * 8]
    assert classify("in.csv", "out.jsonl", quiet=True) == Exit.DONE  # always UTF-8
    assert [[*row.values()][:4] for row in read_objects("out.jsonl")] == rows


def test_an_encoding_can_be_named(classify: Classify) -> None:
    write("in.csv", "text,n\ngood,日本\n".encode("shift_jis"))
    classify("in.csv", "out.csv", reading=ReadOptions(encoding="shift_jis"))
    assert Path("out.csv").read_bytes().decode("shift_jis").startswith("text,n,label")
    assert "good,日本,positive" in Path("out.csv").read_bytes().decode("shift_jis")


def test_a_late_character_decides_and_nothing_is_lost(classify: Classify) -> None:
    write("in.csv", b"text\n" + b"good day\n" * 60_000 + b"good caf\xe9\n")
    assert classify("in.csv", "out.csv") == Exit.DONE
    assert Path("out.csv").read_bytes().splitlines()[-1].startswith(b"good caf\xe9,positive")


def test_no_row_goes_missing(classify: Classify, capsys: pytest.CaptureFixture[str]) -> None:
    write("in.csv", 'id,text\n1,good\n2,good,\n3,good,x\n4\n"5" x,good\n6,\0\n7,"good\n8,bad')
    assert classify("in.csv", "out.csv") == Exit.FAILED
    _, *rows = read_table("out.csv")
    assert [row[0] for row in rows] == ["1", "2", "3", "4", '"5" x', "6", "7", "8"]
    assert [row[2][:3] for row in rows] == ["pos", "pos", "", "", "", "", "", "neg"]
    assert [row[1] for row in rows][2:6] == ["good,x", "", "good", "\0"]
    assert capsys.readouterr().err.endswith("4 of 8 rows could not be read; they got no label\n")
    objects = ['{"text": null}', "{}", '{"text": 5}', '{"text": "good"}', '{"text": ["good"]}']
    write("in.jsonl", "\n".join([*objects, "{"]))
    assert classify("in.jsonl", "out.jsonl", explain=True) == Exit.FAILED
    written = read_objects("out.jsonl")
    assert [row["label"] for row in written] == [None, None, None, "positive", None]
    for before, after in zip(objects, written, strict=False):
        assert {**json.loads(before), **after} == after
    err = capsys.readouterr().err
    assert err.endswith("3 of 6 rows could not be read; 2 of them got no label\n")
    assert [line.split(":")[1] for line in err.splitlines()[:3]] == ["3", "5", "6"]


def test_json_lines_become_a_table(classify: Classify, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ['{"id": 1, "data": {"text": "good"}, "é": null}']
    lines += ['{"data": {"text": "bad"}, "x": "a,\\n\\""}']
    write("in.jsonl", "\n".join(lines))
    assert classify("in.jsonl", "out.csv", "data.text") == Exit.DONE
    assert read_table("out.csv") == [
        ["id", "data", "é", "x", "label", "confidence", "uncertain"],
        ["1", '{"text": "good"}', "", "", "positive", GOOD, "false"],
        ["", '{"text": "bad"}', "", 'a,\n"', "negative", BAD, "false"],
    ]
    write("in.jsonl", '{"text": "good"}\n' * 3000 + '{"text": "good", "late": 1}\n')
    capsys.readouterr()
    assert classify("in.jsonl", "out.csv") == Exit.FAILED
    assert len(read_table("out.csv")) == 3002
    assert "in.jsonl:3001: a key 'late', which none of" in capsys.readouterr().err


def test_tables_keep_their_style(classify: Classify) -> None:
    write("in.csv", "sep=;\ntext;n\ngood;1,5\n")
    classify("in.csv", "out.csv")
    assert read_content("out.csv").startswith("sep=;\ntext;n;label;confidence;uncertain\ngood;1,5;")
    classify("in.csv", "out.tsv")
    assert read_content("out.tsv").startswith("text\tn\tlabel\tconfidence\tuncertain\ngood\t1,5\t")
    write("in.csv", "1|good\n2|bad\n")
    options = {"reading": ReadOptions(header=False)}
    classify("in.csv", "out.csv", "2", **options)
    assert read_content("out.csv").splitlines()[0] == f"1|good|positive|{GOOD}|false"
    classify("in.csv", "out.jsonl", "2", **options)
    assert [*read_objects("out.jsonl")[1]][:4] == ["1", "2", "label", "confidence"]


def test_two_columns_of_one_name_are_told_apart_by_number(classify: Classify) -> None:
    write("in.csv", "text,text\ngood,bad\n")
    with pytest.raises(UsageError, match=r"more than one .* \(1 and 2\); give the number"):
        classify("in.csv", "out.csv")
    classify("in.csv", "out.csv", "2")
    assert read_table("out.csv")[1][:3] == ["good", "bad", "negative"]


def test_the_layouts_of_public_data(classify: Classify) -> None:
    write("in.csv", '"0","1","Mon","NO_QUERY","ann","good"\n"4","2","Tue","","bob","bad"\n')
    classify("in.csv", "out.csv")
    assert [row[5:7] for row in read_table("out.csv")] == [
        ["good", "positive"],
        ["bad", "negative"],
    ]
    write("in.csv", "ItemID,Sentiment,SentimentSource,SentimentText\n1,0,S140,   good, day\n")
    with pytest.raises(FileError, match="none of its 1 rows"):
        classify("in.csv", "out.csv")
    write("in.csv", "ItemID,Sentiment,SentimentSource,SentimentText\n1,0,S140,   good day\n")
    classify("in.csv", "out.csv")
    assert read_table("out.csv")[1][4] == "positive"


def test_a_text_that_is_too_long_gets_no_label(
    classify: Classify, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["good", "good " * 200_000 + "x", "good " * 200_000, "bad"]
    write_table("in.csv", [["text", "id"], *([text, str(i)] for i, text in enumerate(texts))])
    write("in.txt", "\n".join([*texts, "x" * 5_000_000]))
    write("in.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in texts))
    labels = ["positive", "", "positive", "negative"]
    assert classify("in.csv", "out.csv") == Exit.FAILED
    csv.field_size_limit(2**22)
    _, *rows = read_table("out.csv")
    assert [(row[0], row[2]) for row in rows] == list(zip(texts, labels))
    assert "in.csv:3: a text of more than 1,000,000 characters" in capsys.readouterr().err
    assert classify("in.jsonl", "out.jsonl") == Exit.FAILED
    assert [row["label"] or "" for row in read_objects("out.jsonl")] == labels
    assert classify("in.txt", "out.txt") == Exit.FAILED
    lines = read_content("out.txt").split("\n")[:-1]
    assert [line.split("\t")[0] for line in lines] == [*labels, ""]
    assert max(map(len, lines)) < 1_000_100


@pytest.mark.parametrize("target", ["out.csv", "out.jsonl"])
def test_parquet(classify: Classify, target: str) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    columns = {
        "text": ["good", None, "bad"],
        "n": [1, None, 3],
        "x": [1.5, float("nan"), None],
        "day": [datetime.date(2017, 7, 1), None, None],
        "data": [{"text": "bad"}, None, {"text": None}],
    }
    pq.write_table(pa.table(columns), "in.parquet")
    assert classify("in.parquet", target) == Exit.DONE
    if target == "out.csv":
        assert read_table(target) == [
            [*columns, "label", "confidence", "uncertain"],
            ["good", "1", "1.5", "2017-07-01", '{"text": "bad"}', "positive", GOOD, "false"],
            ["", "", "", "", "", "", "", "true"],
            ["bad", "3", "", "", '{"text": null}', "negative", BAD, "false"],
        ]
    else:
        assert read_objects(target)[0] == {
            "text": "good", "n": 1, "x": 1.5, "day": "2017-07-01", "data": {"text": "bad"},
            "label": "positive", "confidence": float(GOOD), "uncertain": False,
        }  # fmt: skip
    classify("in.parquet", target, "data.text")
    labels = (
        [row["label"] for row in read_objects(target)]
        if "json" in target
        else [row[5] or None for row in read_table(target)[1:]]
    )
    assert labels == ["negative", None, None]
    write("bad.parquet", Path("in.parquet").read_bytes()[:-20])
    with pytest.raises(FileError, match=r"bad\.parquet: it can't be read"):
        classify("bad.parquet", target)


def test_excel(classify: Classify, capsys: pytest.CaptureFixture[str]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    day = datetime.datetime(2017, 7, 1)
    for row in [
        *[["id", "text", "n", "n", None], [1, "good", 1.5, True], [], [2, None, None, "é"]],
        *[[3, "bad", day, None], [4, "good", 1, 2, "more"]],
    ]:
        book.active.append(row)
    book.create_sheet("Second").append(["review"])
    book["Second"].append(["bad"])
    book.save("in.xlsx")
    assert classify("in.xlsx", "out.csv") == Exit.FAILED
    assert [row[:5] for row in read_table("out.csv")] == [
        ["id", "text", "n", "n", "label"],
        ["1", "good", "1.5", "true", "positive"],
        ["2", "", "", "é", ""],
        ["3", "bad", "2017-07-01 00:00:00", "", "negative"],
        ["4", "good", "1", "2 more", ""],
    ]
    err = capsys.readouterr().err
    assert "in.xlsx:6: 5 columns instead of 4" in err
    assert "in.xlsx:SHEET: 'Second'" in err
    assert classify("in.xlsx:Second", "out.jsonl") == Exit.DONE
    assert [row["label"] for row in read_objects("out.jsonl")] == ["negative"]
    with pytest.raises(UsageError, match="no such sheet; it has 'Sheet', 'Second'"):
        classify("in.xlsx:Third", "out.csv")
    write("bad.xlsx", Path("in.xlsx").read_bytes()[:-20])
    with pytest.raises(FileError, match=r"bad\.xlsx: it can't be read"):
        classify("bad.xlsx", "out.csv")


@pytest.mark.parametrize("module", ["pyarrow", "openpyxl"])
def test_a_library_that_is_missing_is_named(
    classify: Classify, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    name = {"pyarrow": "in.parquet", "openpyxl": "in.xlsx"}[module]
    write(name, "x")
    with pytest.raises(FileError, match=f"needs {module}; run: .* -m pip install {module}"):
        classify(name, "out.csv")
