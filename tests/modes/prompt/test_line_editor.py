import random

import pytest

from tests.modes.prompt.conftest import Type

SHIFT_LEFT, TAB, BACKSPACE, ESCAPE, ENTER = "\x1b[1;2D", "\t", "\x7f", "\x1b", "\r"
CONTROL_C, CONTROL_R, F1 = "\x03", "\x12", "\x1bOP"
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


def test_no_sequence_of_keys_ends_in_an_error(type_keys: Type) -> None:
    known = [*map(chr, range(1, 127)), "\xe9", "\u202e", FAMILY, F1, SHIFT_LEFT, "\x1bOS", "\x1b[A"]
    known += [f"\x1b{chr(letter)}" for letter in range(33, 127)] + ["\x1b[1;2A", "\x1b[1;6C"]
    known += ["\x1b[200~good\n\nbad\x1b[201~", "good ", "\x1b[D", "\x1b[3~", "\x18r", "\x11"]
    generator = random.Random(1)
    for number in range(40):
        keys = generator.choices(known, k=generator.randint(1, 40))
        type_keys("".join(keys), keys="vi" if number % 4 == 0 else "emacs")
