import os
import platform
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY

PAGE_FAULTS = """
import resource
import sys
import numpy as np
from sentiment_repl.runtime import keep_freed_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if "kept" in sys.argv:
    keep_freed_memory()
np.ones(10_000_000)
before = faults()
np.ones(10_000_000)
print(faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs the GNU C library")
def test_freed_memory_is_reused() -> None:
    def faults(*args: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", PAGE_FAULTS, *args],
            stdout=subprocess.PIPE,
            check=True,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "NUMPY_MADVISE_HUGEPAGE": "0"},
        )
        return int(done.stdout)

    if not faults():
        pytest.skip("this system does not count page faults")
    assert faults("kept") < 100 < 10_000 < faults()
