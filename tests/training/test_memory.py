import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
from sentiment_repl.training.memory import keep_freed

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
        command = [sys.executable, "-c", f"import sys\n{FAULTS}", *args]
        return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)

    assert faults("kept") < 100 < faults()
