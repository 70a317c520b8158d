#!/usr/bin/env python3
"""Audit texts and a model: the program ``python -m sentiment_repl.evaluation.audit``."""

from sentiment_repl.evaluation.audit.__main__ import main
from sentiment_repl.program import run_program

if __name__ == "__main__":
    run_program(main, "audit")
