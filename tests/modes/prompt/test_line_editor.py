import pytest

from tests.modes.prompt.conftest import Type

SHIFT_LEFT, TAB, BACKSPACE, ESCAPE, ENTER = "\x1b[1;2D", "\t", "\x7f", "\x1b", "\r"
CONTROL_C = "\x03"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize("keys", ["emacs", "vi"])
@pytest.mark.parametrize("selection", ["", SHIFT_LEFT, "\0"])
def test_control_c_discards_a_line_at_once_and_the_next_key_begins_another(
    type_keys: Type, selection: str, keys: str
) -> None:
    typed = f"good{selection}{CONTROL_C}bad{ENTER}"
    assert type_keys(typed, keys=keys) == [None, "bad"]


def test_an_empty_line_inside_a_paste_is_left_out_and_alone_it_quits(type_keys: Type) -> None:
    assert type_keys("good\r\r\n\rbad\r") == ["good", "bad"]
    assert type_keys("good\r\r") == ["good"]


@pytest.mark.parametrize("keys", ["emacs", "vi"])
@pytest.mark.parametrize("character", [FAMILY, "\U0001f44d\U0001f3fd", "e\u0301", "\u2764\ufe0f"])
def test_backspace_erases_a_joined_character_as_a_whole(
    type_keys: Type, character: str, keys: str
) -> None:
    assert type_keys(f"go{character}{BACKSPACE}od{ENTER}", keys=keys) == ["good"]


def test_tab_completes_what_all_words_share_and_asks_nothing(type_keys: Type) -> None:
    assert type_keys(f"go{TAB}{ENTER}") == ["good"]
    assert type_keys(f"{TAB}x{TAB}{TAB}y{ENTER}") == ["xy"]


def test_vi_keys(type_keys: Type) -> None:
    assert type_keys(f"good day{ESCAPE}0x{ENTER}", keys="vi") == ["ood day"]
    assert type_keys(f"good day{ESCAPE}0x{ENTER}", keys="emacs") != ["ood day"]
