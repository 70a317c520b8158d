"""Profiles: ``ci`` repeats a few examples, ``long`` searches for new ones.

The suite runs ``ci``. ``pytest tests/fuzz --hypothesis-profile=long`` runs ``long``.
"""

import faulthandler
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A slow machine is not a fault: there is no deadline.
_common = settings(deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("ci", _common, max_examples=200, derandomize=True, database=None)
settings.register_profile("long", _common, max_examples=6000, print_blob=True)
settings.load_profile("ci")  # pytest applies --hypothesis-profile later

if sys.platform == "win32":  # it has no pseudo-terminal, no fork and no memory limit
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(autouse=True)
def _bounds() -> Iterator[None]:
    """End the run with a traceback after an hour; raise MemoryError after 512 MB."""
    import resource

    faulthandler.dump_traceback_later(3600, exit=True)
    limits = resource.getrlimit(resource.RLIMIT_AS)
    if sys.platform == "linux":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**29, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, limits)
    faulthandler.cancel_dump_traceback_later()
