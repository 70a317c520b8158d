#!/usr/bin/env python3
"""Measure a model on labelled texts: the program ``python -m sentiment_repl.evaluation``."""

from sentiment_repl.evaluation.__main__ import main
from sentiment_repl.program import run_program

if __name__ == "__main__":
    run_program(main)
