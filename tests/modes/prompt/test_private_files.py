"""The history and the corrections share these properties."""

import os
import stat
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from unittest.mock import Mock

import pytest

from sentiment_repl.modes.prompt.corrections import append_correction
from sentiment_repl.modes.prompt.history import PrivateHistory
from sentiment_repl.modes.prompt.private_files import user_file

if sys.platform == "win32":
    pytest.skip("Windows has no such files", allow_module_level=True)

Append = Callable[[Path, str], None]


def append_to_history(path: Path, text: str) -> None:
    warnings: list[str] = []
    PrivateHistory(path, warnings.append).store_string(text)
    if warnings:
        raise OSError(warnings[0])


def append_to_corrections(path: Path, text: str) -> None:
    append_correction(path, "negative", text)


def append_many(append: Append, path: Path, writer: int) -> None:
    for number in range(50):
        append(path, f"<{writer} {number}{' long' * 5000}>")


both = pytest.mark.parametrize("append", [append_to_history, append_to_corrections])


@both
def test_prompts_that_write_at_once_keep_each_entry_whole(append: Append, tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    with ProcessPoolExecutor(4) as prompts:
        list(prompts.map(append_many, [append] * 4, [path] * 4, range(4)))
    content = path.read_text()
    for writer in range(4):
        for number in range(50):
            assert f"<{writer} {number}{' long' * 5000}>\n" in content


@both
def test_only_the_owner_can_read_a_new_or_an_older_file(append: Append, tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    append(path, "good")
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for change in (lambda: path.chmod(0o644), path.unlink):
        change()
        append(path, "good")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@both
def test_a_link_may_lead_to_a_file_but_not_to_a_named_pipe(append: Append, tmp_path: Path) -> None:
    path, target = tmp_path / "link", tmp_path / "target"
    path.symlink_to(target)
    append(path, "good")
    assert path.is_symlink() and "good" in target.read_text()
    target.unlink()
    os.mkfifo(target)
    target.chmod(0o666)
    for refused in (path, target):
        with pytest.raises(OSError, match="not a regular file"):
            append(refused, "good")
    assert stat.S_IMODE(target.stat().st_mode) == 0o666


@both
def test_a_full_disk_leaves_no_partial_entry(append: Append, tmp_path: Path) -> None:
    import resource

    path = tmp_path / "file"
    append(path, "good")
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 5, limits[1]))
    try:
        with pytest.raises(OSError, match="No space left"):
            append(path, "bad day")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before


@pytest.mark.parametrize("home", [Path("~/.local/state"), RuntimeError("no home")])
def test_without_a_home_directory_there_is_no_path(home: Path | RuntimeError) -> None:
    # Older releases of platformdirs return the path, newer ones raise the error.
    platform_directory = Mock(side_effect=[home])
    with pytest.raises(OSError, match="no home directory"):
        user_file(platform_directory, "history")


def test_nobody_else_can_enter_a_folder_that_is_created(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        append_to_history(tmp_path / "home" / "state" / "program" / "history", "good")
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
        assert modes == {"home": 0o700, "state": 0o700, "program": 0o700, "history": 0o600}
    finally:
        os.umask(umask)
