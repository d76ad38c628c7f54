"""How the tests are run."""

from __future__ import annotations

import os

from hypothesis import settings

# what stands in the way of a change is the change: new examples are looked for on purpose, with LOSSTERM_EXPLORE=1
settings.register_profile("same every time", derandomize=True)
settings.register_profile("explore", print_blob=True)
settings.load_profile("explore" if os.environ.get("LOSSTERM_EXPLORE") else "same every time")


def pytest_xdist_auto_num_workers() -> int:
    """What ``-n auto`` means here: the tests of the explorer wait for it about half of the time."""
    return 2 * (os.cpu_count() or 2)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes are named by their length: what they hold may differ from worker to worker (a gzip header has the time)."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None
