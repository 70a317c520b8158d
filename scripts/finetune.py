#!/usr/bin/env python3
"""Fine-tune a teacher: the program ``python -m sentiment_repl.training.finetune``."""

from sentiment_repl.program import run_program
from sentiment_repl.training.finetune import main

if __name__ == "__main__":
    run_program(main, "encoder")
