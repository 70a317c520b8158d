"""The ways to run the program: ``stream`` for pipes, ``file`` for ``--input``, ``prompt``."""
