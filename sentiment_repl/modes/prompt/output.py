"""Lines that the prompt prints, on terminals of any encoding."""

import sys

from sentiment_repl import render


def print_line(line: str) -> None:
    """Print to standard output. Characters that its encoding lacks are escaped."""
    encoding = sys.stdout.encoding
    print(line.encode(encoding, "backslashreplace").decode(encoding))


def print_warning(sentence: str) -> None:
    """Print to standard error."""
    print(f"sentiment-repl: {render.escape(sentence)}", file=sys.stderr)


def can_encode(text: str) -> bool:
    """Return whether the encoding of standard output has these characters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
