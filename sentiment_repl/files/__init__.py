"""The one reader of tables, JSON lines and plain text, for ``--input`` and for training.

Bytes pass through the modules in this order:

- ``input_file`` opens a file and unpacks it; ``formats`` knows the endings of names.
- ``decoding`` turns bytes into text, and ``lines`` numbers the lines; ``encodings`` are shared
  with the output.
- ``readers`` chooses the reader of a format, which turns lines into ``rows``. ``table_style``
  finds out how a table is written, and ``columns`` finds the columns that a caller wants.
- ``tally`` counts the rows and reports the bad ones; ``progress`` draws the bar.
- ``writers`` turn rows and predictions into lines; ``atomic`` writes a file as a whole.
"""
