import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, Run


def test_line_n_of_the_output_belongs_to_line_n(run: Run, tiny: Path) -> None:
    texts = ["good day", "", "zebra", "bad", "   ", "good\r", "x\ty good"]
    done = run("--artifacts", str(tiny), "--format", "jsonl", stdin="\n".join(texts).encode())
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [result["text"] for result in results] == [text.removesuffix("\r") for text in texts]
    assert [result["label"] for result in results] == [
        "positive", None, None, "negative", None, "positive", "positive",
    ]  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_bytes_that_are_not_utf8_keep_their_meaning(run: Run, tiny: Path) -> None:
    stdin = b"\xef\xbb\xbfgood\nwasn\x92t caf\xe9\n"  # the mark says UTF-8
    done = run("--artifacts", str(tiny), "--format", "tsv", stdin=stdin)
    assert done.stdout.decode() == "positive\t0.88079708\tgood\n\t\twasn’t café\n"
    assert done.stderr.decode() == (
        "standard input: 2 bytes are not UTF-8, first in line 2; read as Windows-1252\n"
    )
    done = run("--artifacts", str(tiny), "--format", "tsv", stdin=stdin[3:])
    assert done.stdout.decode() == "positive\t0.88079708\tgood\n\t\twasn’t café\n"
    assert done.stderr.decode() == "standard input: it is not UTF-8; read as Windows-1252\n"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_utf_16_as_powershell_writes_it_is_read(run: Run, tiny: Path, codec: str) -> None:
    stdin = "good café\r\n\r\nbad\r\n".encode(codec)
    done = run("--artifacts", str(tiny), "--format", "tsv", stdin=stdin)
    assert [line.split("\t")[::2] for line in done.stdout.decode().splitlines()] == [
        ["positive", "good café"], ["", ""], ["negative", "bad"],
    ]  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_encoding_can_be_named(run: Run, tiny: Path) -> None:
    args = ["--artifacts", str(tiny), "--format", "tsv", "--encoding", "shift_jis"]
    done = run(*args, stdin="good 日本\n".encode("shift_jis"))
    assert done.stdout.decode() == "positive\t0.88079708\tgood 日本\n"
    assert run("--encoding", "utf-99", stdin=b"good").returncode == 2


@pytest.mark.parametrize("char", ["x", "\0", "\u00e9", "\U0001f600"])
def test_a_line_that_is_too_long_gets_no_label_and_costs_little_memory(
    run: Run, tiny: Path, char: str
) -> None:
    long = (char * 3_000_000).encode()[:8_000_000]
    stdin = b"good\n" + long + b"\nbad\n" + b"good " * 200_000 + b"\r\n" + long
    options = ["--artifacts", str(tiny), "-q"]
    done = run(*options, stdin=stdin, preexec_fn=limit_memory)
    sentence = b"Can't tell: the text has more than 1,000,000 characters."
    assert [line[:56] for line in done.stdout.splitlines()] == [
        b"positive sentiment; 88.079708% confidence", sentence,
        b"negative sentiment; 95.257413% confidence",
        b"positive sentiment; 88.079708% confidence", sentence,
    ]  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "standard input:2: a text of more than 1,000,000 characters",
        "standard input:5: a text of more than 1,000,000 characters",
        "standard input: 2 of 5 rows could not be read; they got no label",
    ]
    done = run(*options, "--format", "jsonl", stdin=stdin)
    assert [json.loads(line)["label"] for line in done.stdout.splitlines()] == [
        "positive", None, "negative", "positive", None,
    ]  # fmt: skip


def limit_memory() -> None:
    """Let a process use 1 GB of addresses, most of them for libraries."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (2**30, resource.RLIM_INFINITY))


TABLES = {"csv": "text,n\ngood,1\n", "tsv": "text\tn\ngood\t1\n", "jsonl": '{"text": "good"}\n'}


@pytest.mark.parametrize("format", TABLES)
def test_a_table_comes_through_a_pipe(run: Run, tiny: Path, format: str) -> None:
    options = ["--artifacts", str(tiny), "-q", "--input-format", format, "--output", "-"]
    table = TABLES[format].encode()
    for content in (table, gzip.compress(table)):
        done = run(*options, "--input", "-", stdin=content)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.startswith(table.splitlines()[0][:7])
        assert b"positive" in done.stdout.splitlines()[-1]
        if os.path.exists("/dev/stdin"):
            assert run(*options, "--input", "/dev/stdin", stdin=content).stdout == done.stdout
    done = run(*options, "--output-format", "jsonl", "--input", "-", stdin=table)
    assert json.loads(done.stdout)["label"] == "positive"
    done = run("--input", "-", "--output", "-", stdin=table)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"--input-format" in done.stderr


def test_parquet_and_excel_come_through_a_pipe(run: Run, tiny: Path, tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    openpyxl = pytest.importorskip("openpyxl")
    pq.write_table(pa.table({"text": ["good"]}), tmp_path / "in.parquet")
    book = openpyxl.Workbook()
    for row in (["text"], ["good"]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    for format in ("parquet", "xlsx"):
        options = ["--artifacts", str(tiny), "-q", "--input-format", format, "--output", "-"]
        done = run(*options, "--input", "-", stdin=(tmp_path / f"in.{format}").read_bytes())
        assert done.stdout.splitlines()[1] == b"good,positive,0.88079708,false", done.stderr


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="there is no bash")
def test_process_substitution(tiny: Path) -> None:
    program = f"{sys.executable} -m sentiment_repl --artifacts {tiny} -q --output -"
    command = f"{program} --input-format csv --input <(printf 'text\\ngood\\n')"
    done = subprocess.run(["/bin/bash", "-c", command], capture_output=True, cwd=REPOSITORY)
    assert done.stdout.splitlines()[1] == b"good,positive,0.88079708,false", done.stderr


def test_warnings_go_to_standard_error(run: Run, tiny: Path) -> None:
    done = run("--artifacts", str(tiny), stdin=b"good zebra\n\nday\n")
    assert done.stdout.decode().splitlines() == [
        "positive sentiment; 88.079708% confidence",
        "Can't tell: no word here is in the training corpus.",
        "positive sentiment; 50.000000% confidence",
    ]
    assert done.stderr.decode().splitlines() == ["'zebra' not in training corpus; ignoring."]
    assert run("-q", "--artifacts", str(tiny), stdin=b"good zebra\n").stderr == b""


def test_warnings_come_before_their_results_if_both_go_to_one_place(tiny: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny],
        input=b"good zebra\nbad yak\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    starts = [line.split()[0] for line in done.stdout.decode().splitlines()]
    assert starts == ["'zebra'", "positive", "'yak'", "negative"]


def test_a_program_that_waits_for_each_result_gets_it(tiny: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny, "--format", "tsv", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as program:
        for text, label in (("good", b"positive"), ("bad", b"negative"), ("good", b"positive")):
            program.stdin.write(text.encode() + b"\n")
            program.stdin.flush()
            assert program.stdout.readline().startswith(label)
        program.stdin.close()
        assert program.wait(10) == 0


@pytest.mark.slow
def test_every_format_agrees_on_real_tweets(run: Run, real_tweets: list[tuple[int, str]]) -> None:
    tweets = real_tweets[:8000]
    texts = [" ".join(text.split()) for _, text in tweets]
    objects, rows, sentences = (
        run("--format", format, stdin="\n".join(texts).encode()).stdout.decode().splitlines()
        for format in ("jsonl", "tsv", "text")
    )
    assert len(objects) == len(rows) == len(sentences) == len(texts)
    for text, line, row, sentence in zip(texts, objects, rows, sentences):
        result = json.loads(line)
        label, confidence, _ = row.split("\t", 2)
        assert (result["text"], result["label"] or "") == (text, label.removesuffix("?"))
        assert result["uncertain"] == (label.endswith("?") or not label)
        if label:  # in batches of other sizes, probabilities differ by less than 1e-6
            start, percent, rest = re.split(r"([\d.]+)%", sentence)
            assert float(confidence) == pytest.approx(result["confidence"], abs=1e-6)
            assert float(percent) == pytest.approx(100 * result["confidence"], abs=1e-4)
            assert start == f"{result['label']} sentiment; "
            assert rest == " confidence" + " (too close to call)" * result["uncertain"]
    shares = [json.loads(line)["probabilities"] for line in objects]
    right = [
        share is not None and (share["positive"] >= share["negative"]) == truth
        for share, (truth, _) in zip(shares, tweets)
    ]
    assert sum(right) / len(texts) > 0.78
