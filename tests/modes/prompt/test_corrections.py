import csv
import stat
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from sentiment_repl.modes.prompt.corrections import note


def _note_many(path: Path, writer: int) -> None:
    for number in range(200):
        note(path, "negative", f'writer {writer}, "line" {number}\n')


def test_two_prompts_share_one_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "corrections.csv"
    with ProcessPoolExecutor(2) as prompts:
        list(prompts.map(_note_many, [path, path], [0, 1]))
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["label", "text"]
    assert sorted(text for _, text in rows) == sorted(
        f'writer {writer}, "line" {number}\n' for writer in (0, 1) for number in range(200)
    )
    assert [path.name for path in path.parent.iterdir()] == ["corrections.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_it_is_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "corrections.csv"
    note(path, "positive", "good")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_is_no_text_costs_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    note(path, "positive", "good \ud800 day")
    note(path, "negative", "bad")
    assert path.read_text(encoding="utf-8").splitlines()[1:] == [
        "positive,good ? day",
        "negative,bad",
    ]


def test_a_file_that_was_edited_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "corrections.csv"
    path.write_bytes(b"label,text\nnegative,no newline")
    path.chmod(0o644)
    note(path, "positive", "good")
    assert path.read_text().splitlines() == ["label,text", "negative,no newline", "positive,good"]
    assert sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_bytes(b"")
    note(path, "positive", "good")
    assert path.read_text().splitlines() == ["label,text", "positive,good"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a limit on a file's size")
def test_a_full_disk_leaves_no_half_a_row(tmp_path: Path) -> None:
    import resource
    import signal

    path = tmp_path / "corrections.csv"
    note(path, "positive", "good")
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 5, hard))
        with pytest.raises(OSError):
            note(path, "negative", "bad day")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
