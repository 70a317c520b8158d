"""Tests of sentiment-repl. The folders mirror the package."""

from sentiment_repl import runtime

runtime.limit_blas_threads()  # as the program does, and before any test imports NumPy
