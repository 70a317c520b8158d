from pathlib import Path

import pytest

from sentiment_repl.errors import UsageError
from sentiment_repl.modes.prompt.settings import VARIABLES, read_settings, settings_path

NOTHING = {"keys": None, "preview": None}


def read(**options: str) -> dict[str, str]:
    def warn(sentence: str) -> None:
        raise AssertionError(sentence)

    return read_settings({**NOTHING, **options}, warn)


def write(content: str) -> Path:
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def test_an_option_precedes_a_variable_and_a_variable_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert read() == {"keys": "emacs", "preview": "on"}
    write("# my keys\nkeys = vi\npreview=off\n")
    assert read() == {"keys": "vi", "preview": "off"}
    monkeypatch.setenv(VARIABLES["keys"], "emacs")
    assert read() == {"keys": "emacs", "preview": "off"}
    assert read(keys="vi", preview="on") == {"keys": "vi", "preview": "on"}


@pytest.mark.parametrize(
    "content", ["[prompt]\nkeys = vi", "\ufeffKeys: vi\r\n", "keys=vi\nkeys=vi"]
)
def test_the_file_may_have_a_section_and_other_line_ends(content: str) -> None:
    write(content)
    assert read()["keys"] == "vi"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("keys = nano", "settings.ini: keys must be emacs or vi, not 'nano'"),
        ("colour = red", "settings.ini: there is no setting 'colour'"),
        ("keys = emacs\nvi keys please", "settings.ini, line 2: "),
        ("[other]\nkeys = vi", "settings.ini: there is no section 'other'"),
        ("keys = %(home)s", "must be emacs or vi"),
    ],
)
def test_a_mistake_in_the_file_is_named(content: str, message: str) -> None:
    write(content)
    with pytest.raises(UsageError) as raised:
        read()
    assert message in str(raised.value)


def test_a_mistake_in_a_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTIMENT_REPL_PREVIEW", "no")
    with pytest.raises(UsageError, match="SENTIMENT_REPL_PREVIEW must be on or off, not 'no'"):
        read()


def test_a_file_that_cannot_be_read_is_left_out_with_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    warnings: list[str] = []
    path = write("keys = vi")
    monkeypatch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    assert read_settings(NOTHING, warnings.append)["keys"] == "emacs"
    assert warnings == [f"{path}: the settings can't be read: no"]


def test_a_folder_in_place_of_the_file_is_refused() -> None:
    settings_path().mkdir(parents=True)
    with pytest.raises(UsageError, match="not a regular file"):
        read()
