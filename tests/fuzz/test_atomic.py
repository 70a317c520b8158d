"""A process that dies, or finds no room, leaves the old version or the new one, complete."""

import contextlib
import itertools
import os
import resource
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_repl.files.atomic import write_atomically
from sentiment_repl.model_folder import read_model, replace_atomically
from tests.conftest import bag_model
from tests.fuzz.harness import share

OPERATIONS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.rmtree"}


def disturb(work, at: int, room: int) -> int:
    """Run ``work`` in a process that dies at a file operation, and can't write past ``room``."""
    child = os.fork()
    if child == 0:
        count = itertools.count(1)

        def hook(event: str, _: object) -> None:
            if event in OPERATIONS and next(count) == at:
                os.kill(os.getpid(), signal.SIGKILL)

        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        sys.addaudithook(hook)
        with contextlib.suppress(Exception):
            work()
        os._exit(0)
    return os.waitpid(child, 0)[1]
