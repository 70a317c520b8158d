"""Words that people type to leave a program or to get help, though here they are no commands."""

_QUIT = frozenset(["exit", "quit", "exit()", "quit()", ":q", ":q!", ":qa", ":wq", ":x"])
_HELP = frozenset(["help", "help()", ":help", ":h", "?"])

QUIT_HINT = "To quit, press Enter on an empty line, or Ctrl-D."


def hint_for(entry: str, help_hint: str) -> str:
    """Return the hint for such a word alone on a line; empty for every other entry.

    :param help_hint: says how to get help on this terminal.
    """
    word = entry.strip().lower()
    return QUIT_HINT if word in _QUIT else help_hint if word in _HELP else ""
