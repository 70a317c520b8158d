"""``python -m sentiment_repl`` runs the command ``sentiment-repl``."""

import sys

from sentiment_repl.cli import command

if __name__ == "__main__":
    sys.exit(command())
