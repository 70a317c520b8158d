from pathlib import Path

from sentiment_repl.modes.prompt.history import PrivateHistory


def test_only_the_first_entry_that_cannot_be_saved_is_reported(tmp_path: Path) -> None:
    warnings: list[str] = []
    history = PrivateHistory(tmp_path / "history", warnings.append)
    (tmp_path / "history").unlink()
    (tmp_path / "history").mkdir()
    history.store_string("good")
    history.store_string("bad")
    assert len(warnings) == 1 and "no longer saved" in warnings[0]
