import io
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment_repl.modes.stream import read_batches
from tests.conftest import Run


def read_lines(content: bytes) -> list[bytes]:
    batches = read_batches(io.BufferedReader(io.BytesIO(content)))
    return [line for batch in batches for line in batch]


def test_lines_of_any_length_stay_whole() -> None:
    rng = random.Random(0)
    for _ in range(50):
        content = b"\n".join(b"x" * rng.choice([0, 1, 100, 70_000]) for _ in range(20))
        assert read_lines(content + b"end") == (content + b"end").split(b"\n")


def test_a_last_newline_starts_no_line() -> None:
    assert read_lines(b"") == []
    assert read_lines(b"\n") == [b""]
    assert read_lines(b"a\n\nb\n") == [b"a", b"", b"b"]


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
    stdin = b"\xef\xbb\xbfgood\nwasn\x92t caf\xe9\n"
    done = run("--artifacts", str(tiny), "--format", "tsv", stdin=stdin)
    assert done.stdout.decode() == "positive\t0.88079708\tgood\n\t\twasn’t café\n"
    assert done.stderr.decode() == (
        "sentiment-repl: standard input: 1 of 2 lines are not UTF-8, first in line 2; "
        "read as Windows-1252\n"
    )


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


def test_results_go_on_when_nobody_reads_the_warnings(tiny: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny],
        input=b"good zebra\n" * 5000,
        stdout=subprocess.PIPE,
        stderr=write_end,
    )
    os.close(write_end)
    assert done.returncode == 0
    assert done.stdout.count(b"positive sentiment") == 5000


def test_a_program_that_waits_for_each_result_gets_it(tiny: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny, "--format", "tsv", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as program:
        assert program.stdin
        assert program.stdout
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
    right = 0
    for (truth, _), text, json_line, row, sentence in zip(tweets, texts, objects, rows, sentences):
        result = json.loads(json_line)
        label, confidence, _ = row.split("\t", 2)
        assert (result["text"], result["label"] or "") == (text, label.removesuffix("?"))
        assert result["uncertain"] == (label.endswith("?") or not label)
        if label:
            assert f"{result['confidence']:.8f}" == confidence
            doubt = " (too close to call)" if result["uncertain"] else ""
            number = f"{100 * float(confidence):.6f}%"
            assert sentence == f"{result['label']} sentiment; {number} confidence{doubt}"
        right += result["label"] == ("negative", "positive")[truth]
    assert right / len(texts) > 0.78
