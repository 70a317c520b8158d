import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment_repl.errors import FileError
from sentiment_repl.files.atomic import check_writable, write_atomically
from tests.conftest import REPOSITORY

UNIX = pytest.mark.skipif(os.name == "nt", reason="the faults of a Unix system")
ROOT = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can do this")


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


@UNIX
def test_a_run_removes_the_unfinished_file_of_one_that_was_killed(tmp_path: Path) -> None:
    code = (
        "import pathlib, sys; from sentiment_repl.files.atomic import write_atomically\n"
        "with write_atomically(pathlib.Path(sys.argv[1])) as write:\n"
        "    write(b'half'); print(flush=True); sys.stdin.read()"
    )
    out = tmp_path / "out.csv"
    command = [sys.executable, "-c", code, str(out)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=REPOSITORY, **pipes) as program:
        program.stdout.readline()  # it is writing
        with write_atomically(tmp_path / "other.csv"):
            pass
        with write_atomically(out) as write:  # both runs finish
            write(b"whole")
        assert len(list(tmp_path.glob(".*.part"))) == 1
        program.send_signal(signal.SIGKILL)
    with write_atomically(tmp_path / "other.csv"):
        assert len(list(tmp_path.glob(".*.part"))) == 2
    with write_atomically(out) as write:
        write(b"new")
    assert sorted(os.listdir(tmp_path)) == ["other.csv", "out.csv"]


@ROOT
def test_the_owner_of_a_replaced_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_bytes(b"old")
    os.chown(path, 1234, 5678)
    os.chmod(path, 0o640)
    with write_atomically(path) as write:
        write(b"new")
    status = path.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (1234, 5678, 0o640)


@UNIX
def test_a_folder_that_cannot_be_entered_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o600)
    user = os.geteuid()
    if user == 0:  # nothing is closed to root
        os.seteuid(65534)
    try:
        with pytest.raises(FileError, match=r"closed.out\.csv: .* folder .*closed .*: Permission"):
            check_writable(folder / "out.csv")
    finally:
        os.seteuid(user)
        folder.chmod(0o700)
