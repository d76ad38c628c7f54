"""Files with types of their own, tried by another process first: what is damaged in them may end a process.

The library that decodes Parquet and Arrow trusts what a file claims of itself. A damaged one can make it ask for more
memory than there is, which ends the process, or panic, which writes dozens of lines to standard error whatever is
caught afterwards. Neither may happen in a terminal that somebody looks at. So a child decodes every column first, its
standard error caught and its memory bounded; only what it came through is opened here.

Measured: a quarter of a second for a small file, most of it the start of the child beside our own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

WHOLE = 128 << 20
"""Bytes up to which a file is decoded whole; of a larger one the beginning."""

MEMORY = 6 << 30
"""Bytes of addresses that a child may have beside what its file explains; the library alone takes two thirds of it."""

PATIENCE = 120.0
"""Seconds after which a child is taken to have lost itself in damaged data."""

_CODE = """
import sys
layout, path, whole, limit = sys.argv[1], sys.argv[2], sys.argv[3] == "1", int(sys.argv[4])
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
import glob
import polars as pl
try:
    if layout == "arrow-stream":
        pl.read_ipc_stream(path, n_rows=None if whole else 1)
    else:
        scan = pl.scan_parquet if layout == "parquet" else pl.scan_ipc
        lazy = scan(glob.escape(path), hive_partitioning=False)
        lazy = lazy if whole else lazy.head(2000)
        expected = lazy.select(pl.len()).collect(engine="streaming").item()
        batches = lazy.collect_batches(chunk_size=131072, engine="streaming")
        found = sum(batch.height for batch in batches)  # a panic in a thread may end them early without a word
        if found < expected:
            raise ValueError(f"of {expected:,} rows {found:,} can be decoded")
except BaseException as error:
    print(next(iter(str(error).strip().splitlines()), type(error).__name__)[:300], end="")
    sys.exit(3)
print("whole", end="")
"""


class Probe:
    """A child that tries a file, begun before anything else that takes time.

    Args:
        path: the file.
        layout: ``parquet``, ``arrow`` or ``arrow-stream``.
    """

    def __init__(self, path: Path, layout: str) -> None:
        size = path.stat().st_size
        limit = MEMORY + 16 * size
        # where modules are found is told: no need to look for it again
        words = [sys.executable, "-S", "-c", _CODE, layout, str(path.absolute()), str(int(size <= WHOLE)), str(limit)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "RUST_BACKTRACE": "0"}
        self._child: subprocess.Popen[str] | None
        try:
            self._child = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                text=True, encoding="utf-8", errors="replace", start_new_session=True,
            )  # fmt: skip
        except OSError:  # no further process may be started: then the file is read without
            self._child = None

    def problem(self) -> str | None:
        """What is wrong with the file, or None."""
        if self._child is None:
            return None
        try:
            told, complaints = self._child.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.communicate()
            return "it cannot be decoded in any reasonable time"
        if self._child.returncode == 0 and told == "whole" and "panicked at" not in complaints:
            return None
        return told.strip().removesuffix("whole") or "what it claims of itself cannot be true"
