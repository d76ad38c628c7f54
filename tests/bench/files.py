"""Speed on files: against polars reading and summing the columns, and against scikit-learn on the same rows."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.report import Row

ROWS, FEWER = 10_000_000, 1_000_000
TIMES_POLARS, TIMES_SKLEARN, MEMORY = 4.0, 3.0, 1e9

MAKE = """
import sys, numpy as np, polars as pl
rng = np.random.default_rng(0)
z = rng.normal(0, 3, int(sys.argv[2]))
y = (rng.random(z.size) < 1 / (1 + np.exp(-z / 1.7))).astype(int)
pl.DataFrame({"label": y, "probability": 1 / (1 + np.exp(-z))}).write_csv(sys.argv[1])
"""

TIMED = """
import sys, time
{setup}
seconds = []
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    {work}
    seconds.append(time.perf_counter() - start)
print(*seconds)
"""

POLARS = TIMED.format(
    setup="import polars as pl",
    work='pl.scan_csv(sys.argv[1]).select(pl.col("label", "probability").sum()).collect(engine="streaming")',
)

OURS = TIMED.format(
    setup="""
from lossterm.files.source import Source
from lossterm.predictions.survey import Survey
from lossterm.predictions.options import asked_criteria, question_of
from lossterm.predictions.view import Look
def summarise(path):
    with Source.open([path]) as source:
        return Survey(source).ask(question_of(Look(worst=20), source, asked_criteria(["ce,mse,focal"], source, 0.0)))
import polars, lossterm.core.statistics.binary_figures""",
    work="summarise(sys.argv[1])",
)

SKLEARN = TIMED.format(
    setup="""
import polars as pl
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss
def summarise(path):
    frame = pl.read_csv(path)
    y, p = frame["label"].to_numpy(), frame["probability"].to_numpy()
    log_loss(y, p), brier_score_loss(y, p), calibration_curve(y, p, n_bins=15)""",
    work="summarise(sys.argv[1])",
)

THREE = TIMED.format(
    setup="""
from concurrent.futures import ThreadPoolExecutor
from lossterm.core.statistics.calibration import BinCounts, Reliability, equal_width
from lossterm.core.statistics.criterion import CHUNK, judge, link_of
from lossterm.core.statistics.moments import Moments
from lossterm.core.statistics.question import log_loss
from lossterm.files.allocator import keep_freed_memory
from lossterm.files.source import Source
keep_freed_memory()
def count(batch):
    loss, bins = Moments(), BinCounts(equal_width(15))
    for start in range(0, len(batch), CHUNK):
        p, y = batch.prediction[start:start + CHUNK], batch.label[start:start + CHUNK]
        loss.add(judge((log_loss(),), link_of("logit"), p, y, slope=False, probability=p)[0][0])
        bins.add(p, y)
    return loss, bins
def summarise(path):
    total, bins = Moments(), BinCounts(equal_width(15))
    with Source.open([path]) as source, ThreadPoolExecutor(2) as executor:
        for more, part in executor.map(count, source.batches()):
            total.merge(more)
            bins.merge(part)
    found = Reliability.of(bins)
    return total.mean, found.brier, found
import polars""",
    work="summarise(sys.argv[1])",
)


def timed(script: str, path: Path, times: int) -> list[float] | None:
    """Seconds of each repetition but the first, which warms up; None where a library is not installed."""
    command = [sys.executable, "-c", script, str(path), str(times + 1)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        if "ModuleNotFoundError" in done.stderr:
            return None
        raise AssertionError(done.stderr.strip().rpartition("\n")[2])
    return [float(word) for word in done.stdout.split()][1:]


def peak_memory(path: Path) -> float:
    """Bytes that the command has at most in memory while it reads a file."""
    command = [sys.executable, "-m", "lossterm", "data", str(path), "--loss", "ce,mse,focal", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise AssertionError(f"lossterm data ended with {process.returncode}")
    return usage.ru_maxrss * 1024.0


def rows(*, quick: bool) -> Iterator[Row]:
    """The lines of the table."""
    times = 2 if quick else 5
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for count in (ROWS, FEWER):
            paths[count] = Path(folder) / f"{count}.csv"
            subprocess.run([sys.executable, "-c", MAKE, str(paths[count]), str(count)], check=True)
        base, ours = timed(POLARS, paths[ROWS], times), timed(OURS, paths[ROWS], times)
        assert base is not None and ours is not None, "polars is not installed"
        ratio = median(ours) / median(base)
        yield Row(f"{ROWS:,} rows, three losses (floor: polars sums the columns) ({times})", f"{median(base):.2f} s",
                  f"{median(ours):.2f} s", ratio, f"≤ {TIMES_POLARS:g}×", ratio <= TIMES_POLARS)  # fmt: skip
        memory = peak_memory(paths[ROWS])
        yield Row(f"{ROWS:,} rows, peak memory", "", f"{memory / 1e6:.0f} MB", None, f"≤ {MEMORY / 1e6:.0f} MB",
                  memory <= MEMORY)  # fmt: skip
        learned = timed(SKLEARN, paths[FEWER], times)
        for name, script, judged in (("log loss, Brier, reliability", THREE, True), ("every figure", OURS, False)):
            seconds = timed(script, paths[FEWER], times)
            assert seconds is not None
            value = f"{1000 * median(seconds):.0f} ms"
            if learned is None:
                yield Row(
                    f"{FEWER:,} rows, {name}", "", value, note="scikit-learn is not installed: nothing to compare"
                )
                continue
            faster = median(learned) / median(seconds)
            target, ok = (f"≥ {TIMES_SKLEARN:g}× as fast", faster >= TIMES_SKLEARN) if judged else ("", None)
            what = f"{FEWER:,} rows, {name} (floor: scikit-learn's three)"
            yield Row(what, f"{1000 * median(learned):.0f} ms", value, faster, target, ok)
