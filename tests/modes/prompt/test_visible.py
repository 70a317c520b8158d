import io

import pytest
from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggest, Suggestion
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from sentiment_repl.modes.prompt.visible import Visible

TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u061c"


class Offers(AutoSuggest):
    """Offers something that turns the direction, as an old line of a history may."""

    def get_suggestion(self, buffer, document):  # type: ignore[no-untyped-def]
        return Suggestion("\u202e offered")


@pytest.mark.parametrize("typed", [TURNS, "\u2028", "\x9b31m", "\x07", "\U000e0041"])
def test_nothing_typed_turns_or_moves_what_is_on_the_terminal(typed: str) -> None:
    screen = io.StringIO()
    output = Vt100_Output(screen, lambda: Size(rows=20, columns=80), term="xterm")
    with create_pipe_input() as keys:
        session: PromptSession[str] = PromptSession(
            input=keys, output=output, input_processors=[Visible()], auto_suggest=Offers()
        )
        keys.send_text(f"\x1b[200~a{typed}b\x1b[201~\r")
        assert session.prompt() == f"a{typed}b"
    assert not set(screen.getvalue()) & {*TURNS, *typed} - {"\x1b", *"[31m"}


def test_what_joins_letters_and_emoji_stays() -> None:
    screen = io.StringIO()
    output = Vt100_Output(screen, lambda: Size(rows=20, columns=80), term="xterm")
    family = "\U0001f468\u200d\U0001f469"
    with create_pipe_input() as keys:
        session: PromptSession[str] = PromptSession(
            input=keys, output=output, input_processors=[Visible()]
        )
        keys.send_text(f"{family} \u3000 cafe\u0301\r")
        session.prompt()
    assert family in screen.getvalue() and "\ufffd" not in screen.getvalue()
