"""``python -m sentiment_repl``, and the command ``sentiment-repl``."""

import os
import signal
import sys


def command() -> int:
    """Run the program as a process of its own; the return value is its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # While modules are imported, an exception would be printed with its traceback.
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # Exit.INTERRUPTED
    from sentiment_repl import runtime
    from sentiment_repl.cli import main

    runtime.end_on_signals()
    return main()


if __name__ == "__main__":
    sys.exit(command())
