import io
import random

import pytest

from sentiment_repl.files.lines import LineSplitter

TEXT = "one\n\ntwo\r\nthree\rfour\r\r\n\x0b\x1c\u2028five\n\rsix"


@pytest.mark.parametrize("newline", ["", "\n"])
@pytest.mark.parametrize("end", ["", "\r", "\n", "\r\n"])
def test_lines_do_not_depend_on_blocks(newline: str, end: str) -> None:
    text = TEXT + end
    expected = list(io.StringIO(text, newline))
    assert "".join(expected) == text
    for seed in range(200):
        chance, splitter, lines, start = random.Random(seed), LineSplitter(newline, 99), [], 0
        while start < len(text):
            stop = start + chance.randrange(1, 9)
            lines += splitter.split(text[start:stop])
            start = stop
        assert lines + splitter.split("", final=True) == expected


def test_a_line_without_end_takes_bounded_memory() -> None:
    splitter = LineSplitter("\n", longest=1000)
    for _ in range(3000):
        assert splitter.split("x" * 100) == []
    assert sum(map(len, splitter._begun)) == 1001
    assert splitter.split("y\nz\n") == ["x" * 1001, "z\n"]
    assert splitter.split("", final=True) == []
