from pathlib import Path

import pytest

from sentiment_repl.data.labels import read_labelled
from sentiment_repl.files.decoding import Decoder
from sentiment_repl.files.tally import Tally
from tests.files.helpers import read_texts, write_file

# Windows-1252 as Excel writes it, Latin-1 where that has no character, UTF-8, a surrogate.
CASES = {
    b"wasn\x92t \x80 5, caf\xe9": "wasn’t € 5, café",
    b"\x81\x8d\x8f\x90\x9d": "\x81\x8d\x8f\x90\x9d",
    "café ❤ 😀".encode(): "café ❤ 😀",
    b"caf\xc3\xa9 caf\xe9": "café café",
    b"\xed\xa0\x80": "\xed\xa0€",
    b"cut off \xe2\x82": "cut off â‚",
}


@pytest.mark.parametrize("content", CASES, ids=ascii)
def test_a_byte_is_the_same_text_in_pipes_files_and_training(
    tmp_path: Path, content: bytes
) -> None:
    text, quoted = CASES[content], b'"' + content + b'"'
    tables = {
        "in.csv": b"text\n" + quoted,
        "in.tsv": b"text\n" + content,
        "in.jsonl": b'{"text": ' + quoted + b"}",
        "in.txt": content,
    }
    assert Decoder().decode(content) == text
    for name, table in tables.items():
        assert read_texts(write_file(tmp_path / name, table)) == ([text], [])
    for name, table in {
        "labels.csv": b"label,text\npos," + quoted,
        "labels.jsonl": b'{"label": "pos", "text": ' + quoted + b"}",
        "labels.tsv": b"pos\t" + content,
    }.items():
        (row,) = read_labelled([write_file(tmp_path / name, table)], Tally())
        assert row.text == text


def test_lines_that_are_not_utf8_are_counted_and_one_byte_order_mark_is_removed() -> None:
    decoder = Decoder()
    lines = [b"\xef\xbb\xbf\xef\xbb\xbfa", b"\xef\xbb\xbfcaf\xc3\xa9"]
    assert [decoder.decode(line) for line in lines] == ["\ufeffa", "\ufeffcafé"]
    assert decoder.note("in.csv") is None
    assert [decoder.decode(line) for line in (b"\xe9 \xe9", b"\xff")] == ["é é", "ÿ"]
    assert decoder.note("in.csv") == (
        "in.csv: 2 of 4 lines are not UTF-8, first in line 3; read as Windows-1252"
    )
