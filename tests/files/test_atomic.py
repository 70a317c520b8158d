import os
from pathlib import Path

import pytest

from sentiment_repl.files.atomic import write_atomically


def test_a_new_file_replaces_the_old_one_and_keeps_its_permissions(tmp_path: Path) -> None:
    old, link = tmp_path / "old.csv", tmp_path / "link.csv"
    old.write_text("of yesterday")
    os.chmod(old, 0o640)
    try:
        link.symlink_to(old)
    except OSError:
        pytest.skip("the system has no symbolic links")
    with write_atomically(link) as write:
        write(b"new")
    assert link.is_symlink()
    assert old.read_bytes() == b"new"
    assert sorted(os.listdir(tmp_path)) == ["link.csv", "old.csv"]
    if os.name != "nt":
        assert old.stat().st_mode & 0o777 == 0o640
        with write_atomically(tmp_path / "new.csv"):
            pass
        umask = os.umask(0)
        os.umask(umask)
        assert (tmp_path / "new.csv").stat().st_mode & 0o777 == 0o666 & ~umask


def test_an_interrupt_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("of yesterday")
    with pytest.raises(KeyboardInterrupt), write_atomically(tmp_path / "out.csv") as write:
        write(b"new")
        raise KeyboardInterrupt
    assert (tmp_path / "out.csv").read_text() == "of yesterday"
    assert os.listdir(tmp_path) == ["out.csv"]
