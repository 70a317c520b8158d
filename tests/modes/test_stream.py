import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Run


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
