import os
import platform
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY

FAULTS = """
import resource
import sys
import numpy as np
from sentiment_repl.memory import keep_freed

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if "kept" in sys.argv:
    keep_freed()
np.ones(10_000_000)
before = faults()
np.ones(10_000_000)
print(faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="not the GNU C library")
def test_what_is_freed_is_not_fetched_from_the_system_again() -> None:
    def faults(*args: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", FAULTS, *args],
            stdout=subprocess.PIPE,
            check=True,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "NUMPY_MADVISE_HUGEPAGE": "0"},
        )
        return int(done.stdout)

    if not faults():
        pytest.skip("this system does not count the pages that it finds")
    assert faults("kept") < 100 < 10_000 < faults()
