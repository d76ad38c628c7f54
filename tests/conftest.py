"""How the tests are run."""

from __future__ import annotations

import os


def pytest_xdist_auto_num_workers() -> int:
    """What ``-n auto`` means here: the tests of the explorer wait for it about half of the time."""
    return 2 * (os.cpu_count() or 2)
