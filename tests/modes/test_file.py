import contextlib
import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment_repl import classifier, cli
from sentiment_repl.errors import Exit, Failure, FileError, UsageError
from sentiment_repl.modes import file as files
from tests.conftest import REPOSITORY, Run

GOOD, BAD = "0.88079708", "0.95257413"  # what the tiny model makes of them

# Every column of these has to arrive as it was.
AWKWARD = [
    ["1", "good", "plain"],
    ["2", "bad, very", 'a "quoted" word'],
    ["", "", ""],
    ["4", "good\nday\r\nover\rlines", '"'],
    ["5", " good ", "\ttab\t"],
    ["6", '"bad" from the start', "caf\xe9 \N{SMILING FACE WITH SUNGLASSES} \u2028 x"],
    ["0007", "1e5", "=1+1"],
]
HEADER = ["id", "text", 'no, "t" es']


def never() -> classifier.Classifier:
    raise AssertionError("the model is loaded before the files have been checked")


@pytest.fixture
def answer(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Exit]:
    """Run over files of a fresh folder, which is also the current one."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    loaded = classifier.load(folder=tiny)

    def answer(source: str, target: str, column: str | None = None, **options: bool) -> Exit:
        return files.run(lambda: loaded, source, column, target, **options)

    return answer


def write(name: str, content: str | bytes) -> None:
    content = content.encode() if isinstance(content, str) else content
    Path(name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)


def read(name: str) -> str:
    content = Path(name).read_bytes()
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode()


def table(name: str) -> list[list[str]]:
    delimiter = "\t" if ".tsv" in name else ","
    return list(csv.reader(io.StringIO(read(name), newline=""), delimiter=delimiter, strict=True))


def write_table(name: str, rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter="\t" if ".tsv" in name else ",").writerows(rows)  # ends in \r\n
    write(name, out.getvalue())


@pytest.mark.parametrize("source", ["in.csv", "in.tsv", "in.csv.gz", "IN.TSV.GZ"])
@pytest.mark.parametrize("target", ["out.csv", "out.tsv", "out.csv.gz"])
def test_every_column_arrives_as_it_was(
    answer: Callable[..., Exit], source: str, target: str
) -> None:
    if source == "IN.TSV.GZ":
        write_table("in.tsv.gz", [HEADER, *AWKWARD])
        os.rename("in.tsv.gz", source)
    else:
        write_table(source, [HEADER, *AWKWARD])
    assert answer(source, target) == Exit.DONE
    head, *rows = table(target)
    assert head == [*HEADER, "label", "confidence", "uncertain"]
    assert [row[:3] for row in rows] == AWKWARD
    assert [row[3:] for row in rows] == [
        ["positive", GOOD, "false"],
        ["negative", BAD, "false"],
        ["", "", "true"],
        ["positive", GOOD, "false"],
        ["positive", GOOD, "false"],
        ["negative", BAD, "false"],
        ["", "", "true"],
    ]


def test_a_table_as_json_lines(answer: Callable[..., Exit]) -> None:
    write_table("in.csv", [["text", "n", "n", "Label"], ["good", "1", "2", "x"], ["", "", "", ""]])
    assert answer("in.csv", "out.ndjson") == Exit.DONE
    assert [list(json.loads(line).items()) for line in read("out.ndjson").splitlines()] == [
        [("text", "good"), ("n", "1"), ("n_2", "2"), ("Label", "x")]
        + [("label_2", "positive"), ("confidence", float(GOOD)), ("uncertain", False)],
        [("text", ""), ("n", ""), ("n_2", ""), ("Label", "")]
        + [("label_2", None), ("confidence", None), ("uncertain", True)],
    ]


def test_same_input_same_bytes(answer: Callable[..., Exit]) -> None:
    write_table("in.csv", [HEADER, *AWKWARD])
    answer("in.csv", "one.csv.gz")
    answer("in.csv", "two.csv.gz")
    assert Path("one.csv.gz").read_bytes() == Path("two.csv.gz").read_bytes()


def test_quotes_of_a_tsv_that_knows_no_quoting(answer: Callable[..., Exit]) -> None:
    rows = ['1\t"good', '2\t"good" she said', "3\ther 5'' \"bad\" day", '4\tgood"', '5\t"good']
    write("in.tsv", "\n".join(["id\ttext", *rows]))
    assert answer("in.tsv", "out.tsv") == Exit.DONE
    assert [row[:2] for row in table("out.tsv")[1:]] == [row.split("\t") for row in rows]
    assert read("out.tsv").splitlines()[3] == f"{rows[2]}\tnegative\t{BAD}\tfalse"


@pytest.mark.parametrize(
    ("header", "asked", "chosen"),
    [
        (["id", "Review"], None, 1),
        (["TEXT", "body"], None, 0),
        (["text", "tweet"], "tweet", 1),
        (["Body", "body"], "body", 1),
        (["id", " Body "], "body", 1),
        (["a b", "c"], "A B", 0),
    ],
)
def test_the_text_column(
    answer: Callable[..., Exit], header: list[str], asked: str | None, chosen: int
) -> None:
    row = ["bad", "bad"]
    row[chosen] = "good"
    write_table("in.csv", [header, row])
    assert answer("in.csv", "out.csv", asked) == Exit.DONE
    assert table("out.csv")[1][2] == "positive"


@pytest.mark.parametrize(
    ("name", "header", "asked"),
    [
        ("in.csv", ["id", "body"], None),
        ("in.csv", ["text", "tweet"], None),
        ("in.csv", ["id", "text"], "review"),
        ("in.csv", ["text", "text"], "text"),
        ("in.jsonl", ["id", "body"], None),
        ("in.jsonl", ["text", "tweet"], None),
    ],
)
def test_no_text_column(
    answer: Callable[..., Exit], name: str, header: list[str], asked: str | None
) -> None:
    if name == "in.jsonl":
        write(name, json.dumps(dict.fromkeys(header, "good")))
    else:
        write_table(name, [header, ["good", "good"]])
    with pytest.raises(UsageError, match="--column") as raised:
        files.run(never, name, asked, f"out{name[2:]}")
    assert all(repr(column) in str(raised.value) for column in header)
    assert raised.value.exit_code == Exit.USAGE


def test_no_column_is_overwritten(answer: Callable[..., Exit]) -> None:
    write_table("one.csv", [["text", "Label", "label_2"], ["good", "mine", "mine too"]])
    answer("one.csv", "two.csv")
    assert table("two.csv") == [
        ["text", "Label", "label_2", "label_3", "confidence", "uncertain"],
        ["good", "mine", "mine too", "positive", GOOD, "false"],
    ]
    answer("two.csv", "three.csv")
    assert table("three.csv")[0][6:] == ["label_4", "confidence_2", "uncertain_2"]
    assert table("three.csv")[1][:6] == table("two.csv")[1]


def test_a_row_that_cannot_be_read_costs_itself(
    answer: Callable[..., Exit], capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        "in.csv",
        'id,text\n1,good\n2\n3,"good\nday"\n4,bad,more\n5,NUL \0\n6,"a" b\n\n7,bad\n8,"good\n9,bad',
    )
    assert answer("in.csv", "out.csv") == Exit.FAILED
    assert [row[:2] for row in table("out.csv")[1:]] == [
        ["1", "good"], ["3", "good\nday"], ["7", "bad"], ["9", "bad"],
    ]  # fmt: skip
    assert capsys.readouterr().err.splitlines() == [
        "in.csv:3: 1 columns, where 2 are expected",
        "in.csv:6: 3 columns, where 2 are expected",
        "in.csv:7: a NUL character",
        "in.csv:8: ',' expected after '\"'",
        "in.csv:11: a quote that opens and does not close",
        "in.csv: 9 rows read, 4 answered, 5 could not be read",
    ]


def test_a_quote_that_never_closes_swallows_nothing(
    answer: Callable[..., Exit], capsys: pytest.CaptureFixture[str]
) -> None:
    write("in.csv", 'id,text\n0,"good\n' + "".join(f"{i},bad\n" for i in range(1, 25_000)))
    assert answer("in.csv", "out.csv") == Exit.FAILED
    assert [row[0] for row in table("out.csv")[1:]] == [str(i) for i in range(1, 25_000)]
    assert "in.csv:2: a quote that opens" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["in.csv", "in.tsv", "in.jsonl", "in.txt"])
def test_a_row_without_end(
    answer: Callable[..., Exit], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    huge = "good " * 2**20
    kept = "bad " * 2**18
    rows = {
        "in.csv": f'text\n{huge}\n{kept}\n"good\n{huge}"\nbad',
        "in.tsv": f"text\tid\n{huge}\t1\n{kept}\t2\nbad\t3",
        "in.jsonl": f'{{"text": "{huge}"}}\n{{"text": "{kept}"}}\n{{"text": "bad"}}',
        "in.txt": f"{huge}\n{kept}\nbad",
    }[name]
    write(name, rows)
    assert answer(name, f"out{name[2:]}") == Exit.FAILED
    said = capsys.readouterr().err.splitlines()
    first = 1 if name in ("in.jsonl", "in.txt") else 2
    assert said[0] == f"{name}:{first}: a line of more than 4,194,304 characters"
    lines = read(f"out{name[2:]}").splitlines()[first - 1 :]
    if name != "in.csv":
        assert said[1:] == [f"{name}: 3 rows read, 2 answered, 1 could not be read"]
        assert len(lines) == 2
    else:
        assert [line.split(":")[1] for line in said[:-1]] == ["2", "4", "5"]
        assert said[-1].endswith(" 5 rows read, 2 answered, 3 could not be read")
        assert len(lines) == 2


def test_the_first_ten_are_named_and_the_rest_counted(
    answer: Callable[..., Exit], capsys: pytest.CaptureFixture[str]
) -> None:
    write("in.csv", "id,text\n" + "x\n1,good\n" * 1234)
    assert answer("in.csv", "out.csv") == Exit.FAILED
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1] for line in said[:10]] == [str(i) for i in range(2, 22, 2)]
    assert said[10:] == [
        "in.csv: and 1,224 more such rows",
        "in.csv: 2,468 rows read, 1,234 answered, 1,234 could not be read",
    ]


def test_json_lines_stay_to_the_letter(answer: Callable[..., Exit]) -> None:
    lines = [
        '{"text": "good", "n": 12345678901234567890123, "x": 1.50, "y": 1e400, "z": [1, {"a": 2}]}',
        '  { "caf\xe9" : "\\u00e9 \xe9" , "text" : "bad \\ud83d" , "text":"bad day" }  ',
        '{"text":""}',
    ]
    write("in.jsonl", "\ufeff" + "\r\n".join(lines) + "\n\n")
    assert answer("in.jsonl", "out.jsonl.gz") == Exit.DONE
    written = read("out.jsonl.gz").splitlines()
    for before, after in zip(lines, written, strict=True):
        assert after.startswith(before.rstrip()[:-1].rstrip())
    assert [list(json.loads(line).items())[-3:] for line in written] == [
        [("label", "positive"), ("confidence", float(GOOD)), ("uncertain", False)],
        [("label", "negative"), ("confidence", float(BAD)), ("uncertain", False)],
        [("label", None), ("confidence", None), ("uncertain", True)],
    ]


def test_lines_that_are_no_object_with_a_text(
    answer: Callable[..., Exit], capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [
        '["good"]', "good", '{"body": 5}', '{"text": "good"}', '{"body": null}', '{"body": "go',
        "[" * 100_000, '{"body": "good"} x',
    ]  # fmt: skip
    write("in.jsonl", "\n".join(['{"body": "good"}', *wrong, '{"body": "bad"}']))
    assert answer("in.jsonl", "out.jsonl", "body") == Exit.FAILED
    assert len(read("out.jsonl").splitlines()) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1] for line in said[:-1]] == [str(i) for i in range(2, 10)]
    assert said[-1] == "in.jsonl: 10 rows read, 2 answered, 8 could not be read"


def test_keys_that_only_some_objects_have(
    answer: Callable[..., Exit], capsys: pytest.CaptureFixture[str]
) -> None:
    write("in.jsonl", '{"text": "good"}\n{"text": "bad", "label": "mine"}\n')
    assert answer("in.jsonl", "out.jsonl") == Exit.DONE
    assert [json.loads(line).get("label_2") for line in read("out.jsonl").splitlines()] == [
        "positive",
        "negative",
    ]
    # One that comes after answers were written under its name can't be told from them.
    write("late.jsonl", '{"text": "good"}\n' * 5000 + '{"text": "bad", "label": "mine"}\n')
    assert answer("late.jsonl", "out.jsonl") == Exit.FAILED
    assert len(read("out.jsonl").splitlines()) == 5000
    assert "late.jsonl:5001: a key 'label'" in capsys.readouterr().err


def test_plain_text(answer: Callable[..., Exit]) -> None:
    write("in.txt", 'good\r\n\na\t"b" bad')
    for target, expected in {
        "out.txt": f'positive\t{GOOD}\tgood\n\t\t\nnegative\t{BAD}\ta\\t"b" bad\n',
        "out.csv": "text,label,confidence,uncertain\n"
        f'good,positive,{GOOD},false\n,,,true\n"a\t""b"" bad",negative,{BAD},false\n',
        "out.tsv": "text\tlabel\tconfidence\tuncertain\n"
        f'good\tpositive\t{GOOD}\tfalse\n\t\t\ttrue\n"a\t""b"" bad"\tnegative\t{BAD}\tfalse\n',
    }.items():
        assert answer("in.txt", target) == Exit.DONE
        assert read(target) == expected
    answer("in.txt", "out.jsonl")
    texts = [json.loads(line)["text"] for line in read("out.jsonl").splitlines()]
    assert texts == ["good", "", 'a\t"b" bad']


def test_bytes_that_are_no_utf8_are_replaced_and_that_is_said(
    answer: Callable[..., Exit], capsys: pytest.CaptureFixture[str]
) -> None:
    write("in.csv", b"\xef\xbb\xbftext,b\ngood,caf\xe9\ngood,\xed\xa0\x80\n")
    assert answer("in.csv", "out.csv", quiet=True) == Exit.DONE
    assert table("out.csv")[0][0] == "text"
    assert table("out.csv")[1][1] == "caf\ufffd"
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("in.csv: not UTF-8 in 2 of 3 lines, first in line 2")


def test_files_without_rows(answer: Callable[..., Exit]) -> None:
    for name, expected in {
        "in.csv": "text,label,confidence,uncertain\n", "in.jsonl": "", "in.txt": "",
    }.items():  # fmt: skip
        write(name, "text\n" if name == "in.csv" else "")
        assert answer(name, f"out{name[2:]}") == Exit.DONE
        assert read(f"out{name[2:]}") == expected


def test_batches_lose_no_row(answer: Callable[..., Exit]) -> None:
    write("in.txt", "".join(f"{i} {'good' if i % 3 else 'bad'}\n" for i in range(10_000)))
    assert answer("in.txt", "out.csv") == Exit.DONE
    assert [(row[0].split()[0], row[1]) for row in table("out.csv")[1:]] == [
        (str(i), "positive" if i % 3 else "negative") for i in range(10_000)
    ]


def cut(content: bytes) -> bytes:
    return gzip.compress(content)[:-20]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("in.csv.gz", cut(b"text\n" + os.urandom(300_000).hex().encode() + b"\ngood\n" * 9000)),
        ("in.csv.gz", b"text\ngood\n"),
        ("in.csv.gz", gzip.compress(b"text\ngood\n")[:-4] + b"xxxx"),
        ("in.csv", gzip.compress(b"text\ngood\n")),
        ("in.csv", "text\ngood\n".encode("utf-16")),
        ("in.csv", b"PK\x03\x04\x14\0"),
        ("in.csv", b""),
        ("in.csv", b'text,"\ngood\n'),
        ("in.csv", None),
        ("in.jsonl", b'{"text": 5}\n["good"]\n'),
    ],
)
def test_what_fails_leaves_the_old_output(
    answer: Callable[..., Exit], name: str, content: bytes | None
) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    target = "out" + name[2:]
    Path(target).write_bytes(b"of yesterday")
    before = sorted(os.listdir())
    with pytest.raises(Failure, match="^in") as raised:
        answer(name, target)
    assert raised.value.exit_code == Exit.FAILED
    assert Path(target).read_bytes() == b"of yesterday"
    assert sorted(os.listdir()) == before


def test_a_new_output_takes_the_place_of_the_old_one(answer: Callable[..., Exit]) -> None:
    write("in.csv", "text\ngood\n")
    Path("old.csv").write_text("of yesterday")
    os.chmod("old.csv", 0o640)
    try:
        os.symlink("old.csv", "link.csv")
    except OSError:
        pytest.skip("no links here")
    answer("in.csv", "link.csv")
    assert os.path.islink("link.csv")
    assert table("old.csv")[1][1] == "positive"
    assert sorted(os.listdir()) == ["in.csv", "link.csv", "old.csv"]
    if os.name != "nt":
        assert os.stat("old.csv").st_mode & 0o777 == 0o640
        answer("in.csv", "new.csv")
        umask = os.umask(0)
        os.umask(umask)
        assert os.stat("new.csv").st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize(
    ("source", "target", "error"),
    [
        ("in.csv", "in.csv", UsageError),
        ("in.csv", "link.csv", UsageError),
        ("in.csv", "out.txt", UsageError),
        ("in.csv", "out.xlsx", UsageError),
        ("in.csv", "out", UsageError),
        ("in.jsonl", "out.csv", UsageError),
        ("in.xlsx", "out.csv", UsageError),
        ("in.gz", "out.csv", UsageError),
        ("in.csv", "nowhere/out.csv", FileError),
        ("in.csv", "folder.csv", FileError),
        ("folder.csv", "out.csv", FileError),
        ("missing.csv", "out.csv", FileError),
    ],
)
def test_files_are_checked_first(
    answer: Callable[..., Exit], source: str, target: str, error: type[Failure]
) -> None:
    for name in ("in.csv", "in.xlsx", "in.gz"):
        Path(name).write_text("text\ngood\n")
    write("in.jsonl", '{"text": "good"}')
    os.link("in.csv", "link.csv")
    os.mkdir("folder.csv")
    before = sorted(os.listdir())
    with pytest.raises(error) as raised:
        files.run(never, source, None, target)
    assert type(raised.value) is error
    assert target in str(raised.value) or source in str(raised.value)
    assert sorted(os.listdir()) == before
    assert Path("in.csv").read_text() == "text\ngood\n"


def test_plain_text_has_no_column_to_name(answer: Callable[..., Exit]) -> None:
    write("in.txt", "good")
    with pytest.raises(UsageError, match="--column"):
        files.run(never, "in.txt", "text", "out.csv")


@pytest.mark.parametrize(
    "args",
    [
        ["--input", "in.csv"],
        ["--output", "out.csv"],
        ["--column", "text"],
        ["--input", "in.csv", "--output", "out.csv", "a text"],
        ["--input", "in.csv", "--output", "out.csv", "-"],
        ["--input", "in.csv", "--output", "out.csv", "--format", "text"],
        ["--input", "-", "--output", "out.csv"],
    ],
)
def test_options_that_do_not_go_together(
    answer: Callable[..., Exit], args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write("in.csv", "text\ngood\n")
    with pytest.raises(SystemExit) as raised:
        cli.main(args)
    assert raised.value.code == Exit.USAGE
    assert "--input" in capsys.readouterr().err.splitlines()[-1]
    assert os.listdir() == ["in.csv"]


def test_the_standard_output(run: Run, tiny: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.csv.gz"
    write(str(source), "text\ngood\nbad,\n")
    done = run("--artifacts", str(tiny), "--input", str(source), "--output", "-")
    assert done.stdout.decode() == f"text,label,confidence,uncertain\ngood,positive,{GOOD},false\n"
    assert done.stderr.decode().splitlines() == [
        f"{source}:3: 2 columns, where 1 are expected",
        f"{source}: 2 rows read, 1 answered, 1 could not be read",
    ]
    assert done.returncode == 1
    missing = run("--artifacts", str(tiny), "--input", f"{source}.csv", "--output", "-")
    assert (missing.returncode, missing.stdout) == (1, b"")
    assert missing.stderr.decode().count("\n") == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"])
def test_ended_half_way_there_is_no_output(tiny: Path, tmp_path: Path, name: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    os.mkfifo(source)
    program_and_model = [sys.executable, "-m", "sentiment_repl", "--artifacts", str(tiny)]
    with (
        subprocess.Popen(
            [*program_and_model, "--input", str(source), "--output", str(target)], cwd=REPOSITORY
        ) as program,
        open(source, "w") as pipe,
    ):
        pipe.write("text\n" + "good\n" * 20_000)
        pipe.flush()
        # A batch has been written once the unfinished file has a size.
        wait_until(lambda: any(part.stat().st_size for part in tmp_path.glob(".*.part")))
        assert not target.exists()
        program.send_signal(getattr(signal, name))
        program.wait(10)
        assert program.returncode == (-signal.SIGKILL if name == "SIGKILL" else 130)
        with contextlib.suppress(BrokenPipeError):
            pipe.close()
    assert not target.exists()
    if name != "SIGKILL":
        assert list(tmp_path.glob(".*.part")) == []


def wait_until(happened: Callable[[], bool]) -> None:
    for _ in range(1000):
        if happened():
            return
        time.sleep(0.02)
    pytest.fail("it did not happen in 20 seconds")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_leaves_the_old_output(
    answer: Callable[..., Exit], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("in.csv", "text\ngood\n")
    Path("out.csv").write_text("of yesterday")

    def full(descriptor: int) -> None:
        with open("/dev/full", "wb", buffering=0) as file:
            file.write(b"x")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"out\.csv: it can't be written: No space"):
        answer("in.csv", "out.csv")
    assert Path("out.csv").read_text() == "of yesterday"
    assert sorted(os.listdir()) == ["in.csv", "out.csv"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal_that_goes_away(
    answer: Callable[..., Exit], monkeypatch: pytest.MonkeyPatch
) -> None:
    pyte = pytest.importorskip("pyte")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "70")
    write("in.csv", "text\n" + "good\n" * 5000 + "bad,\n")
    answer("in.csv", "out.csv")
    drawn = terminal.getvalue()
    assert " %  4,096 rows, " in drawn
    assert all(len(part) < 70 for part in drawn.replace("\n", "\r").split("\r"))
    screen = pyte.Screen(70, 4)
    pyte.Stream(screen).feed(drawn.replace("\n", "\r\n"))
    assert [line.rstrip() for line in screen.display] == [
        "in.csv:5002: 2 columns, where 1 are expected",
        "in.csv: 5,001 rows read, 5,000 answered, 1 could not be read",
        "",
        "",
    ]


def test_quiet_and_elsewhere_than_on_a_terminal_there_is_no_bar(
    answer: Callable[..., Exit], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("in.csv", "text\ngood\n")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    answer("in.csv", "out.csv", quiet=True)
    assert terminal.getvalue() == ""
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    answer("in.csv", "out.csv")
    assert file.getvalue() == "in.csv: 1 row read, 1 answered, 0 could not be read\n"


def test_answers_go_on_when_nobody_reads_the_standard_error(
    answer: Callable[..., Exit], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone(Terminal):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    write("in.csv", "text\ngood\nbad,\n")
    assert answer("in.csv", "out.csv") == Exit.FAILED
    assert len(table("out.csv")) == 2


def test_explained_rows(answer: Callable[..., Exit]) -> None:
    write("in.csv", 'text,word_effects\n"good, bad",mine\nyak,\n')
    assert answer("in.csv", "out.csv", explain=True) == Exit.DONE
    header, first, second = table("out.csv")
    assert header == ["text", "word_effects", "label", "confidence", "uncertain", "word_effects_2"]
    assert first[5] == "good +2.00 | bad -3.00" and second[5] == ""
    assert answer("in.csv", "out.jsonl", explain=True) == Exit.DONE
    rows = [json.loads(line) for line in read("out.jsonl").splitlines()]
    assert [effect["word"] for effect in rows[0]["word_effects_2"]] == ["good", "bad"]
    assert rows[1]["word_effects_2"] == []


def test_a_key_that_only_explanations_have_is_refused_to_them_alone(
    answer: Callable[..., Exit],
) -> None:
    lines = ['{"text": "good"}'] * 5000 + ['{"text": "bad", "word_effects": 1}']
    write("in.jsonl", "\n".join(lines))
    assert answer("in.jsonl", "out.jsonl") == Exit.DONE
    assert answer("in.jsonl", "out.jsonl", explain=True) == Exit.FAILED


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl"])
def test_a_file_shown_on_a_terminal_does_not_drive_it(
    answer: Callable[..., Exit], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shown = io.BytesIO()

    class Screen(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    text = "good\x1b]0;owned\x07\u202e\x7f"
    write("in.csv", f'text\n"{text}"\n')
    write("in.jsonl", json.dumps({"text": text}, ensure_ascii=False).replace("\\u202e", "\u202e"))
    monkeypatch.setattr(sys, "stdout", Screen(shown))
    answer(name, "-")
    assert b"good" in shown.getvalue()
    assert all(char.isprintable() or char == "\n" for char in shown.getvalue().decode())
