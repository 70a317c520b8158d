import os
import stat
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from prompt_toolkit.history import FileHistory, InMemoryHistory

from sentiment_repl.modes.prompt import corrections, history
from sentiment_repl.modes.prompt.history import PrivateHistory, open_history

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def _store_many(path: Path, writer: int) -> None:
    kept = PrivateHistory(path, print)
    for number in range(50):
        kept.store_string(f"{writer} {number} " + "long " * 5000)


@unix
def test_prompts_at_once_share_one_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "history"
    with ProcessPoolExecutor(4) as prompts:
        list(prompts.map(_store_many, [path] * 4, range(4)))
    kept = sorted(FileHistory(path).load_history_strings())
    assert kept == sorted(
        f"{writer} {number} " + "long " * 5000 for writer in range(4) for number in range(50)
    )


@unix
def test_a_file_that_was_deleted_meanwhile_is_private_again(tmp_path: Path) -> None:
    path = tmp_path / "history"
    kept = PrivateHistory(path, print)
    path.unlink()
    kept.store_string("good")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(FileHistory(path).load_history_strings()) == ["good"]


@unix
@pytest.mark.parametrize("linked", [True, False])
def test_what_is_no_file_is_left_alone(tmp_path: Path, linked: bool) -> None:
    path = tmp_path / "history"
    pipe = tmp_path / "pipe" if linked else path
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    if linked:
        path.symlink_to(pipe)
    with pytest.raises(OSError, match="no file"):
        PrivateHistory(path, print)
    with pytest.raises(OSError, match="no file"):
        corrections.note(path, "positive", "good")
    assert stat.S_IMODE(pipe.stat().st_mode) == 0o666


@unix
def test_a_link_to_a_file_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.symlink_to(tmp_path / "elsewhere")
    PrivateHistory(path, print).store_string("good")
    assert path.is_symlink()
    assert list(FileHistory(path).load_history_strings()) == ["good"]


@unix
def test_a_full_disk_costs_the_entry_and_no_other(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "history"
    said: list[str] = []
    kept = PrivateHistory(path, said.append)
    kept.store_string("good")
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 9, limits[1]))
    try:
        kept.store_string("bad")
        kept.store_string("bad")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert len(said) == 1 and "no longer kept" in said[0]


@pytest.mark.parametrize("raises", [True, False])
def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, raises: bool) -> None:
    def nowhere(*args: object, **kwargs: object) -> Path:
        if raises:  # as newer releases of platformdirs do
            raise RuntimeError("could not determine the home directory")
        return Path("~/.local/state")

    monkeypatch.setattr(history, "user_state_path", nowhere)
    monkeypatch.setattr(corrections, "user_data_path", nowhere)
    said: list[str] = []
    assert isinstance(open_history(said.append), InMemoryHistory)
    assert "no home directory" in said[0]
    with pytest.raises(OSError, match="no home directory"):
        corrections.corrections_path()
