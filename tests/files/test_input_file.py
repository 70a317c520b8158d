import gzip
import os
import zipfile
from pathlib import Path

import pytest

from sentiment_repl.errors import FileError
from tests.files.helpers import read_texts

TABLE = "text\ngood\n"


def write_archive(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "members",
    [
        {"data.csv": TABLE, "read me.txt": "no table"},
        {"folder/data.csv": TABLE, "__MACOSX/folder/._data.csv": "\0\5\x16\7"},
        {"data.tsv": TABLE},
        {"data.jsonl": '{"text": "good"}'},
        {"only.txt": "good"},
    ],
)
def test_the_only_table_of_an_archive_is_read(tmp_path: Path, members: dict[str, str]) -> None:
    assert read_texts(write_archive(tmp_path / "DATA.ZIP", members)) == (["good"], [])


def test_an_archive_of_several_tables_requires_a_choice(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "in.zip", {"a.csv": TABLE, "b\x1b[2J.csv": "text\nbad\n"})
    with pytest.raises(FileError, match=r"2 tables .*in\.zip:MEMBER") as raised:
        read_texts(path)
    assert "\x1b" not in str(raised.value)
    assert read_texts(Path(f"{path}:a.csv")) == (["good"], [])
    with pytest.raises(FileError, match=r"c\.csv"):
        read_texts(Path(f"{path}:c.csv"))
    with pytest.raises(FileError, match=r"0 tables \('a.pdf'\)"):
        read_texts(write_archive(tmp_path / "in.zip", {"a.pdf": ""}))


PACKED = gzip.compress(b"text\n" + os.urandom(300_000).hex().encode() + b"\ngood\n" * 9000)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("in.csv", None, "No such file"),
        ("", None, "can't be read"),  # a folder
        ("in.csv.gz", PACKED[:-20], "cut off"),
        ("in.csv.gz", PACKED[:-8] + bytes(8), "can't be read"),
        ("in.csv.gz", b"text\ngood\n", "can't be read"),
        ("in.zip", b"plain", "can't be read"),
        ("in.csv", PACKED, "ends in .gz"),
        ("in.csv", "text\ngood\n".encode("utf-16"), "UTF-16"),
        ("in.txt", b"\xfe\xff\0g", "UTF-16"),
        ("in.csv", b"PK\x03\x04\x14\0", "spreadsheet"),
    ],
)
def test_a_file_that_cannot_be_unpacked_or_is_not_text(
    tmp_path: Path, name: str, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=complaint) as raised:
        read_texts(tmp_path / name)
    assert str(raised.value).startswith(f"{tmp_path / name}: ")
