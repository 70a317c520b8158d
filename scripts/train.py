#!/usr/bin/env python3
"""Train a model: the program ``python -m sentiment_repl.training``."""

from sentiment_repl.program import run_program
from sentiment_repl.training.__main__ import main

if __name__ == "__main__":
    run_program(main, "train")
