import codecs
from pathlib import Path

import pytest

from sentiment_repl.data.labels import read_labelled
from sentiment_repl.errors import FileError, UsageError
from sentiment_repl.files.decoding import Decoder
from sentiment_repl.files.tally import Tally
from tests.files.helpers import read_texts, write_file

# Windows-1252 as Excel writes it, Latin-1 where that has no character, UTF-8, a surrogate.
CASES = {
    b"wasn\x92t \x80 5, caf\xe9": "wasn’t € 5, café",
    b"\x81\x8d\x8f\x90\x9d": "\x81\x8d\x8f\x90\x9d",
    b"CAF\xc9\x92s, d\xe9j\xe0 vu": "CAFÉ’s, déjà vu",  # C9 92 alone is a letter of UTF-8
    "café ❤ 😀".encode(): "café ❤ 😀",
    b"caf\xc3\xa9 caf\xe9": "café café",
    b"\xed\xa0\x80": "\xed\xa0€",
    b"cut off \xe2\x82": "cut off â‚",
}


def decode(content: bytes, size: int, encoding: str | None = None) -> tuple[str, Decoder]:
    """Decode a content in blocks of a size."""
    decoder = Decoder(encoding)
    blocks = [content[start : start + size] for start in range(0, len(content), size)]
    return "".join(map(decoder.decode, blocks)) + decoder.decode(b"", final=True), decoder


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
    assert decode(content, 99)[0] == text
    for name, table in tables.items():
        assert read_texts(write_file(tmp_path / name, table)) == ([text], [])
    for name, table in {
        "labels.csv": b"label,text\npos,good\nneg," + quoted,
        "labels.jsonl": b'{"label": "neg", "text": ' + quoted + b'}\n{"label": "pos", "text": "x"}',
        "labels.tsv": b"neg\t" + content + b"\npos\tgood",
    }.items():
        rows = read_labelled([write_file(tmp_path / name, table)], Tally())
        assert text in [row.text for row in rows]


TEXT = "it’s a café,\n“so” good €5\n"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 99])
@pytest.mark.parametrize(
    ("content", "name", "marked"),
    [
        (TEXT.encode(), "UTF-8", False),
        (TEXT.encode("utf-8-sig"), "UTF-8", True),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "UTF-16", True),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16", True),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "UTF-32", True),
    ],
)
def test_the_encoding_is_found(content: bytes, name: str, marked: bool, size: int) -> None:
    text, decoder = decode(content, size)
    assert (text, decoder.encoding.name, decoder.encoding.marked) == (TEXT, name, marked)
    assert decoder.note("in.csv") is None
    assert decoder.encoding.mark() + decoder.encoding.encode(text) == content


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_recognized_without_a_byte_order_mark(codec: str) -> None:
    for text in ("a\n", TEXT):
        decoded, decoder = decode(text.encode(codec), 99)
        assert (decoded, decoder.encoding.codec) == (text, codec)
    for content in (b"\0\na\n\0", b"\0\0\0\0", b"a\0b c d\n", b"\0a\n"):
        assert decode(content, 99)[0] == content.decode()


def test_windows_1252_is_found_late_and_keeps_every_byte() -> None:
    content = b"plain\n" * 9 + bytes(range(256)) * 3
    text, decoder = decode(content, 8)
    assert decoder.encoding.name == "Windows-1252"
    assert decoder.encoding.encode(text) == content
    assert decoder.note("in.csv") == "in.csv: it is not UTF-8; read as Windows-1252"


def test_a_few_bad_bytes_do_not_change_the_encoding() -> None:
    text, decoder = decode("café ".encode() * 9 + b"\nx\xe9\n\n\xff\x81", 10)
    assert text == "café " * 9 + "\nxé\n\nÿ\x81"
    assert decoder.note("in.csv") == (
        "in.csv: 3 bytes are not UTF-8, first in line 2; read as Windows-1252"
    )


def test_one_byte_order_mark_is_removed() -> None:
    assert decode(codecs.BOM_UTF8 * 2 + b"a\n" + codecs.BOM_UTF8, 99)[0] == "\ufeffa\n\ufeff"


def test_an_encoding_can_be_named(tmp_path: Path) -> None:
    for name in ("Shift_JIS", "cp1251", "latin1", "UTF-16", "gb18030"):
        text = {"cp1251": "привет", "latin1": "é"}.get(name, "日本")
        decoded, decoder = decode(text.encode(name), 1, name)
        assert (decoded, decoder.note("in.csv")) == (text, None)
    text, decoder = decode(b"\x93\xfa \xff\n", 99, "shift_jis")
    assert text == "日 \\xff\n"
    assert decoder.note("in.csv") == (
        "in.csv: 1 byte is not shift_jis, first in line 1; read as escapes"
    )
    for wrong in ("utf-99", "rot13", "hex", "a\0b", ""):
        with pytest.raises(UsageError, match="no encoding has the name"):
            Decoder(wrong)


def test_a_byte_order_mark_goes_before_a_name() -> None:
    assert decode(TEXT.encode("utf-8-sig"), 99, "cp1252")[0] == TEXT


@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\0", b"PAR1\x15", b"\xd0\xcf\x11\xe0\xa1"])
def test_a_file_that_is_no_text_is_refused_by_name(tmp_path: Path, start: bytes) -> None:
    for name in ("in.csv", "in.txt", "in.jsonl"):
        with pytest.raises(FileError, match=r"in\.\w+: it is .*(\.xlsx|\.parquet)"):
            read_texts(write_file(tmp_path / name, start))
