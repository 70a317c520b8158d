"""Whole files: tables, JSON lines and plain text in, the same with the answers out.

``run`` reads the rows (``lines``, ``readers``), asks the classifier and writes them
(``writers``) to a file that appears whole or not at all (``output``).
"""
