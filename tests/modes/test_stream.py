import io
import json
import os
import random
import subprocess
import sys
from pathlib import Path

from sentiment_repl.modes import stream
from tests.conftest import Run


def lines(content: bytes) -> list[bytes]:
    return [
        line
        for lines in stream.read_batches(io.BufferedReader(io.BytesIO(content)))
        for line in lines
    ]


def test_lines_of_any_length_come_whole() -> None:
    rng = random.Random(0)
    for _ in range(50):
        content = b"\n".join(b"x" * rng.choice([0, 1, 100, 70_000]) for _ in range(20))
        assert lines(content + b"end") == (content + b"end").split(b"\n")


def test_a_last_newline_opens_no_line() -> None:
    assert lines(b"") == []
    assert lines(b"\n") == [b""]
    assert lines(b"a\n\nb\n") == [b"a", b"", b"b"]


def test_decoding() -> None:
    decode = stream.Decoder()
    assert list(decode([b"\xef\xbb\xbfbom", b"windows\r", b"caf\xc3\xa9"])) == [
        "bom",
        "windows",
        "café",
    ]
    assert decode.complaint() is None
    assert list(decode([b"caf\xe9"])) == ["caf\ufffd"]
    assert "1 of 4 lines, first in line 4" in str(decode.complaint())


def test_line_n_answers_line_n(run: Run, tiny: Path) -> None:
    asked = ["good day", "", "zebra", "bad", "   ", "good\r", "x\ty good"]
    done = run("--artifacts", str(tiny), "--format", "jsonl", stdin="\n".join(asked).encode())
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["text"] for answer in answers] == [text.removesuffix("\r") for text in asked]
    assert [answer["label"] for answer in answers] == [
        "positive", None, None, "negative", None, "positive", "positive",
    ]  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_text_answers_on_stdout_and_warnings_on_stderr(run: Run, tiny: Path) -> None:
    done = run("--artifacts", str(tiny), stdin=b"good zebra\n\nday\n")
    assert done.stdout.decode().splitlines() == [
        "positive sentiment; 88.079708% confidence",
        "Can't tell: no word here is in the training corpus.",
        "positive sentiment; 50.000000% confidence",
    ]
    assert done.stderr.decode().splitlines() == ["'zebra' not in training corpus; ignoring."]
    assert run("-q", "--artifacts", str(tiny), stdin=b"good zebra\n").stderr == b""


def test_warnings_stand_before_their_answers_where_both_go_to_one_place(tiny: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny],
        input=b"good zebra\nbad yak\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    starts = [line.split()[0] for line in done.stdout.decode().splitlines()]
    assert starts == ["'zebra'", "positive", "'yak'", "negative"]


def test_answers_go_on_when_nobody_reads_the_warnings(tiny: Path) -> None:
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


def test_who_writes_one_line_and_waits_gets_its_answer(tiny: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sentiment_repl", "--artifacts", tiny, "--format", "tsv", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as program:
        assert program.stdin and program.stdout
        for text, label in (("good", b"positive"), ("bad", b"negative"), ("good", b"positive")):
            program.stdin.write(text.encode() + b"\n")
            program.stdin.flush()
            assert program.stdout.readline().startswith(label)
        program.stdin.close()
        assert program.wait(10) == 0


def test_every_format_answers_every_real_tweet(
    run: Run, real_tweets: list[tuple[int, str]]
) -> None:
    tweets = real_tweets[:8000]
    texts = [" ".join(text.split()) for _, text in tweets]
    stdin = "\n".join(texts).encode()
    as_objects = [
        json.loads(line) for line in run("--format", "jsonl", stdin=stdin).stdout.splitlines()
    ]
    as_rows = [
        line.split("\t", 2)
        for line in run("--format", "tsv", stdin=stdin).stdout.decode().splitlines()
    ]
    as_text = run("--format", "text", stdin=stdin).stdout.decode().splitlines()
    assert [answer["text"] for answer in as_objects] == texts
    assert len(as_rows) == len(as_text) == len(texts)
    for answer, (label, confidence, _), sentence in zip(as_objects, as_rows, as_text):
        assert (answer["label"] or "") == label.removesuffix("?")
        if label:
            assert f"{answer['confidence']:.8f}" == confidence
            doubt = " (too close to call)" if answer["uncertain"] else ""
            assert label.endswith("?") == answer["uncertain"]
            number = f"{100 * float(confidence):.6f}%"
            assert sentence == f"{answer['label']} sentiment; {number} confidence{doubt}"
        else:
            assert answer["uncertain"]
    right = sum(
        answer["label"] == ("negative", "positive")[label]
        for answer, (label, _) in zip(as_objects, tweets)
    )
    assert 0 < sum(answer["uncertain"] for answer in as_objects) < len(texts) / 3
    assert right / len(texts) > 0.78
