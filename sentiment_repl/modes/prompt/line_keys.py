"""The keys that end, erase and complete a line, where prompt_toolkit's own would surprise."""

import asyncio
from collections.abc import Callable, Sequence

from prompt_toolkit.application import get_app
from prompt_toolkit.completion import CompleteEvent, Completion, get_common_complete_suffix
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import (
    Condition,
    emacs_insert_mode,
    has_focus,
    has_selection,
    vi_insert_mode,
)
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from wcwidth import iter_graphemes_reverse

from sentiment_repl.modes.prompt.interrupts import LineDiscarded
from sentiment_repl.modes.prompt.output import print_line, run_above

_QUIT_DELAY = 0.05  # seconds; the parts of a paste arrive in quicker succession
_MAX_ROWS = 8  # of words that Tab shows
_MAX_GRAPHEME = 64  # characters; a longer one is erased in parts

_editing = has_focus(DEFAULT_BUFFER)
_empty = _editing & Condition(lambda: not get_app().current_buffer.text)
_inserting = _editing & (emacs_insert_mode | vi_insert_mode) & ~has_selection
_joined = Condition(lambda: _last_grapheme_length() > 1)


class LineKeys:
    """Ctrl-C, Ctrl-Z, Enter on an empty line, Backspace and Tab.

    :param suspend: what Ctrl-Z does; None leaves this key alone.
    """

    def __init__(self, suspend: Callable[[], None] | None) -> None:
        self._suspend = suspend
        self._quitting: asyncio.TimerHandle | None = None

    def before_key(self, _: object = None) -> None:
        """Stay at the prompt if another key follows an empty line, as in a paste."""
        if self._quitting is not None:
            self._quitting.cancel()

    def bindings(self) -> KeyBindings:
        """Return the key bindings. ``before_key`` has to be called before each key."""
        bindings = KeyBindings()

        # Not eager, Ctrl-C would wait for a second key while text is selected.
        @bindings.add("c-c", filter=_editing, eager=True)
        def _(event: KeyPressEvent) -> None:
            event.app.exit(exception=LineDiscarded(), style="class:aborting")

        if self._suspend is not None:
            suspend = self._suspend

            @bindings.add("c-z", filter=_editing)
            def _(event: KeyPressEvent) -> None:
                run_above(suspend)

        @bindings.add("enter", filter=_empty)
        def _(event: KeyPressEvent) -> None:
            buffer = event.current_buffer
            loop = asyncio.get_running_loop()
            self._quitting = loop.call_later(_QUIT_DELAY, buffer.validate_and_handle)

        @bindings.add("backspace", filter=_inserting & _joined)
        def _(event: KeyPressEvent) -> None:
            event.current_buffer.delete_before_cursor(_last_grapheme_length())

        bindings.add("tab", filter=_editing)(_complete)

        return bindings


def _last_grapheme_length() -> int:
    """Return the length of the character before the cursor, with its marks and joined ones."""
    before_cursor = get_app().current_buffer.document.current_line_before_cursor
    return len(next(iter_graphemes_reverse(before_cursor[-_MAX_GRAPHEME:]), ""))


def _complete(event: KeyPressEvent) -> None:
    """Insert what all completions share. If that is nothing, show them above the prompt."""
    buffer = event.current_buffer
    document = buffer.document
    completions = list(buffer.completer.get_completions(document, CompleteEvent()))
    if len(completions) == 1:
        buffer.apply_completion(completions[0])
    elif shared := get_common_complete_suffix(document, completions):
        buffer.insert_text(shared)
    elif completions:
        columns = event.app.output.get_size().columns
        run_above(lambda: print_line(list_completions(completions, columns)))


def list_completions(completions: Sequence[Completion], columns: int) -> str:
    """Return as many words as fit into a few rows, and how many more there are."""
    words = [completion.text for completion in completions]
    width = max(map(len, words)) + 2
    in_row = max(1, columns // width)
    shown = words[: in_row * _MAX_ROWS]
    rows = [shown[start : start + in_row] for start in range(0, len(shown), in_row)]
    lines = ["".join(word.ljust(width) for word in row).rstrip() for row in rows]
    if len(shown) < len(words):
        lines.append(f"and {len(words) - len(shown):,} more: type another letter")
    return "\n".join(lines)
