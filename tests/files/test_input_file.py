import gzip
import os
import zipfile
from pathlib import Path

import pytest

from sentiment_repl.errors import FileError
from sentiment_repl.files.input_file import InputFile
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


@pytest.mark.parametrize("more", [b"", b"\0" * 512, b"trailing bytes", b"x"])
def test_a_gzip_file_may_have_members_and_other_bytes_after_them(
    tmp_path: Path, more: bytes
) -> None:
    content = TABLE * 50_000
    packed = [gzip.compress(content[begin : begin + 99_999].encode()) for begin in (0, 99_999)]
    (tmp_path / "in.csv.gz").write_bytes(packed[0] + bytes(7) + packed[1] + more)
    with InputFile(tmp_path / "in.csv.gz") as file:
        assert file.binary.read().decode() == content[: 2 * 99_999]
        assert bool(file.note()) == bool(more.strip(b"\0"))


def test_packed_data_needs_no_name(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(gzip.compress(TABLE.encode()))
    assert read_texts(tmp_path / "in.csv") == (["good"], [])


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
    ],
)
def test_a_file_that_cannot_be_unpacked(
    tmp_path: Path, name: str, content: bytes | None, complaint: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=complaint) as raised:
        read_texts(tmp_path / name)
    assert str(raised.value).startswith(f"{tmp_path / name}: ")
