import gzip
import os
from pathlib import Path

import pytest

from sentiment_repl.errors import FileError
from sentiment_repl.files.atomic import write_atomically


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def write_content(path: Path, content: bytes) -> None:
    with write_atomically(path) as write:
        write(content)


def test_a_new_file_replaces_the_old_one_and_keeps_its_permissions(folder: Path) -> None:
    old, link = folder / "old.csv", folder / "link.csv"
    old.write_text("of yesterday")
    os.chmod(old, 0o640)
    try:
        link.symlink_to(old)
    except OSError:
        pytest.skip("the system has no symbolic links")
    write_content(link, b"new")
    assert link.is_symlink()
    assert old.read_bytes() == b"new"
    assert sorted(os.listdir(folder)) == ["link.csv", "old.csv"]
    if os.name != "nt":
        assert old.stat().st_mode & 0o777 == 0o640
        write_content(folder / "new.csv", b"new")
        umask = os.umask(0)
        os.umask(umask)
        assert (folder / "new.csv").stat().st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file(folder: Path, error: type[BaseException]) -> None:
    (folder / "out.csv").write_text("of yesterday")
    with pytest.raises(error), write_atomically(folder / "out.csv") as write:
        write(b"new")
        raise error
    assert (folder / "out.csv").read_text() == "of yesterday"
    assert os.listdir(folder) == ["out.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_leaves_the_old_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "out.csv").write_text("of yesterday")

    def fill_disk(descriptor: int) -> None:
        with open("/dev/full", "wb", buffering=0) as file:
            file.write(b"x")

    monkeypatch.setattr(os, "fsync", fill_disk)
    with pytest.raises(FileError, match=r"out\.csv: it can't be written: No space"):
        write_content(folder / "out.csv", b"new")
    assert (folder / "out.csv").read_text() == "of yesterday"
    assert os.listdir(folder) == ["out.csv"]


def test_the_same_content_gives_the_same_compressed_bytes(folder: Path) -> None:
    for name in ("one.csv.gz", "two.csv.gz"):
        write_content(folder / name, b"text\n")
    assert (folder / "one.csv.gz").read_bytes() == (folder / "two.csv.gz").read_bytes()
    assert gzip.decompress((folder / "one.csv.gz").read_bytes()) == b"text\n"
