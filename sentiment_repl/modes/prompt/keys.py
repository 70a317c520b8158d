"""The function keys of the prompt."""

from collections.abc import Callable

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

HELP = """\
  Enter       answers the sentence; on an empty line it quits, as Ctrl-D does
  F1          this help
  F2          which words move the answer, and how much: of the sentence that
              stands here, or of the last one. 1 makes an even chance 73 to 27
  F3          reading while you type, on or off: blue speaks for positive,
              orange and underlined for negative, bold strongly; struck
              through is not known
  F4          that was wrong: keeps the last sentence with the other label
  Tab         completes a word that the model knows
  Up, Ctrl-R  earlier sentences; Right takes the grey one that is offered
  Ctrl-C      drops the line"""


def bindings(actions: dict[str, Callable[[str], None]]) -> KeyBindings:
    """Function keys that print above the prompt.

    :param actions: for each key, such as ``"f1"``, what it does with the line at the cursor.
    """
    keys = KeyBindings()

    def bind(key: str, action: Callable[[str], None]) -> None:
        @keys.add(key)
        def _(event: KeyPressEvent) -> None:
            line = event.current_buffer.document.current_line
            run_in_terminal(lambda: action(line))

    for key, action in actions.items():
        bind(key, action)
    return keys
