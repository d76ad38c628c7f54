"""Speed on files: against polars alone, against scikit-learn on the same rows, and of everything else that reads them.

Other work may run beside: both sides run by turns, each in a process of its own that is asked again and again, and what
is compared are processor seconds, children included. The first run of each warms up and does not count.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

from tests.bench.report import Row, ms
from tests.terminal import Terminal

ROWS, FEWER, KEPT = 10_000_000, 1_000_000, 5_000_000
COLUMNS = 20
"""Columns whose segments are looked at."""

TIMES_POLARS, TIMES_SKLEARN = 2.0, 4.0
TIMES_ONE = 1.6
"""What two columns may cost, in units of one."""
SEGMENTS, PAIRS = 5.0, 60.0
KEY, FIRST_BAR = 0.050, 0.3
MEMORY, MEMORY_OF_ALL = 500e6, 800e6

MAKE = """
import sys, numpy as np, polars as pl
folder, rows, fewer, columns = sys.argv[1], *map(int, sys.argv[2:])
rng = np.random.default_rng(0)
z = rng.normal(0, 3, rows)
y = (rng.random(rows) < 1 / (1 + np.exp(-z / 1.7))).astype(int)
frame = pl.DataFrame({"label": y, "probability": 1 / (1 + np.exp(-z))})
frame.write_csv(f"{folder}/rows.csv")
frame.write_parquet(f"{folder}/rows.parquet")
frame.head(rows // 2).write_csv(f"{folder}/half.csv")
w = z / 1.5 + 0.3 * rng.normal(0, 1, rows)
two = pl.DataFrame({"label": y, "first": 1 / (1 + np.exp(-z)), "second": 1 / (1 + np.exp(-w))})
two.write_csv(f"{folder}/two.csv")
texts = {f"t{k}": np.array([f"v{i}" for i in range(3 + 2 * k)])[rng.integers(0, 3 + 2 * k, fewer)]
         for k in range(columns // 2)}
numbers = {f"n{k}": rng.normal(0, 1, fewer).round(4) for k in range(columns // 2)}
frame.head(fewer).hstack(pl.DataFrame(texts | numbers)).write_csv(f"{folder}/columns.csv")
"""

WORKER = """
import os, sys, time
{setup}
for line in sys.stdin:
    before, start = sum(os.times()[:4]), time.perf_counter()
    {work}
    print(sum(os.times()[:4]) - before, time.perf_counter() - start, file=told, flush=True)
"""
"""Told a line, it does its work and tells the processor seconds and the seconds that it took."""

POLARS = WORKER.format(
    setup="""
import polars as pl
told, path = sys.stdout, sys.argv[1]
y, p = pl.col("label"), pl.col("probability")
right = pl.when(y == 1).then(p).otherwise(1 - p)
def work():
    frame = pl.read_csv(path) if path.endswith("csv") else pl.read_parquet(path)
    losses = frame.select(ce=(-right.log()).mean(), mse=((p - y) ** 2).mean(),
                          focal=((1 - right) ** 2 * -right.log()).mean())
    bins = frame.group_by((p * 15).ceil().alias("bin")).agg(pl.len(), y=y.mean(), p=p.mean())
    ece = bins.select((pl.col("len") * (pl.col("p") - pl.col("y")).abs()).sum() / pl.col("len").sum()).item()
    return losses, ece""",
    work="work()",
)

LEAN = POLARS.replace(
    POLARS[POLARS.index("    frame =") : POLARS.index("    return losses, ece")],
    """    frame = pl.scan_csv(path) if path.endswith("csv") else pl.scan_parquet(path)
    losses = ece = frame.select(
        bin=((p * 15).ceil() - 1).clip(0, 14).cast(pl.UInt8), y=y, p=p, ce=-right.log(), mse=(p - y) ** 2,
        focal=(1 - right) ** 2 * -right.log(),
    ).group_by("bin").agg(pl.len(), pl.col("y", "p", "ce", "mse", "focal").sum()).collect(engine="streaming")
""",
)
"""The same as lean as polars can: one streaming pass that holds nothing."""

OURS = WORKER.format(
    setup="""
import contextlib, io
from lossterm.cli import run
told, words = sys.stdout, sys.argv[2:]
def work():
    with contextlib.redirect_stdout(io.StringIO()):
        assert run([*words, sys.argv[1], "--format", "json"]) == 0""",
    work="work()",
)

SKLEARN = WORKER.format(
    setup="""
import polars as pl
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
told = sys.stdout
def work():
    frame = pl.read_csv(sys.argv[1])
    y, p = frame["label"].to_numpy(), frame["probability"].to_numpy()
    log_loss(y, p), brier_score_loss(y, p), roc_auc_score(y, p), calibration_curve(y, p, n_bins=15)""",
    work="work()",
)

LOSSES = ("data", "--loss", "ce,mse,focal")
FIRST = ("data", "--prediction-column", "first", "--label-column", "label")


@dataclass(frozen=True)
class Took:
    """What a run took: processor seconds, and seconds."""

    cpu: float
    wall: float


class Worker:
    """A script that runs as often as it is asked."""

    def __init__(self, script: str, *words: str | Path) -> None:
        command = [sys.executable, "-c", script, *map(str, words)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self) -> Took:
        """Run it once.

        Raises:
            AssertionError: it has failed.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        words = self._process.stdout.readline().split()
        assert len(words) == 2, "a script of the benchmark has failed"
        return Took(*map(float, words))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def by_turns(times: int, *workers: Worker) -> list[Took]:
    """The medians of some scripts that run by turns; the first run of each does not count."""
    took: list[list[Took]] = [[] for _ in workers]
    for _ in range(times + 1):
        for worker, into in zip(workers, took, strict=True):
            into.append(worker.run())
    return [Took(median(t.cpu for t in runs[1:]), median(t.wall for t in runs[1:])) for runs in took]


def seconds(value: float) -> str:
    return f"{value:.2f} s"


def against(what: str, path: Path, floor: str, times: int, *, target: bool = True) -> Iterator[Row]:
    """Our figures against a script."""
    with Worker(floor, path) as base, Worker(OURS, path, *LOSSES) as ours:
        theirs, mine = by_turns(times, base, ours)
    ratio, cores = mine.cpu / theirs.cpu, mine.cpu / mine.wall
    ok = ratio <= TIMES_POLARS if target else None
    yield Row(what, seconds(theirs.cpu), seconds(mine.cpu), ratio, f"≤ {TIMES_POLARS:g}×" if target else "", ok,
              f"{seconds(mine.wall)} of the clock: {cores:.2f} cores at work")  # fmt: skip


def faster_than_sklearn(path: Path, times: int) -> Iterator[Row]:
    """Our figures against those four of scikit-learn."""
    what = f"{ROWS:,} rows of CSV (floor: scikit-learn's log_loss, brier, roc_auc, calibration_curve)"
    if importlib.util.find_spec("sklearn") is None:
        yield Row(what, note="scikit-learn is not installed: nothing to compare")
        return
    with Worker(SKLEARN, path) as base, Worker(OURS, path, *LOSSES) as ours:
        theirs, mine = by_turns(times, base, ours)
    faster = theirs.cpu / mine.cpu
    yield Row(what, seconds(theirs.cpu), seconds(mine.cpu), faster, f"≥ {TIMES_SKLEARN:g}× as fast",
              faster >= TIMES_SKLEARN, f"{theirs.wall / mine.wall:.1f}× by the clock")  # fmt: skip


def comparing(path: Path, times: int) -> Iterator[Row]:
    """Two columns of a file against one of them."""
    with Worker(OURS, path, *FIRST) as base, Worker(OURS, path, *FIRST, "--against-column", "second") as ours:
        one, both = by_turns(times, base, ours)
    ratio = both.cpu / one.cpu
    yield Row(f"{ROWS:,} rows, two columns compared (floor: one)", seconds(one.cpu), seconds(both.cpu), ratio,
              f"≤ {TIMES_ONE:g}×", ratio <= TIMES_ONE)  # fmt: skip


SEARCH = WORKER.format(
    setup="""
from lossterm.predictions.losses import asked_criteria
from lossterm.predictions.options import question_of
from lossterm.predictions.segments import find_worst
from lossterm.predictions.view import Look
from lossterm.files.source import Source
told = sys.stdout
def work():
    with Source.open([sys.argv[1]]) as source:
        question = question_of(Look(), source, asked_criteria(["ce"], source, 0.0))
        find_worst(source, question, pairs=sys.argv[2] == "pairs")""",
    work="work()",
)


def searching(path: Path, times: int) -> Iterator[Row]:
    """Segments of all columns, and of all pairs of them."""
    with Worker(SEARCH, path, "single") as single, Worker(SEARCH, path, "pairs") as pairs:
        found = by_turns(times, single, pairs)
    for took, what, most in zip(found, ("segments", "segments and all pairs"), (SEGMENTS, PAIRS), strict=True):
        yield Row(f"{FEWER:,} rows, {what} of {COLUMNS} columns", "", seconds(took.cpu), None, f"≤ {most:g} s",
                  took.cpu <= most)  # fmt: skip


def peak_memory(words: Sequence[str | Path]) -> float:
    """Bytes that the command has at most in memory."""
    command = [sys.executable, "-m", "lossterm", *map(str, words), "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise AssertionError(f"lossterm data ended with {process.returncode}")
    return usage.ru_maxrss * 1024.0


def memory(folder: Path) -> Iterator[Row]:
    """The most that whole commands have in memory; the pages of the file that they look at are in it."""
    for what, words, most in (
        (f"{ROWS:,} rows of CSV", (*LOSSES, folder / "rows.csv"), MEMORY),
        (f"{ROWS:,} rows of Parquet", (*LOSSES, folder / "rows.parquet"), MEMORY),
        (f"{KEPT:,} rows, --recalibrate all", ("data", folder / "half.csv", "--recalibrate", "all"), MEMORY_OF_ALL),
        (f"{ROWS:,} rows, --against-column", (*FIRST, folder / "two.csv", "--against-column", "second"), MEMORY),
        (
            f"{ROWS:,} rows, --against FILE",
            ("data", folder / "rows.csv", "--against", folder / "rows.parquet"),
            MEMORY_OF_ALL,
        ),
    ):
        peak = peak_memory(words)
        yield Row(f"{what}, peak memory", "", f"{peak / 1e6:.0f} MB", None, f"≤ {most / 1e6:.0f} MB", peak <= most)


ASKED, BAR = re.compile("reading …"), re.compile(r"[━─] \d+%")
"""What tells that the reading has begun, and how far it is."""


def in_a_command(path: Path) -> Iterator[Row]:
    """When a command in a terminal first tells how far the reading is."""
    with Terminal([sys.executable, "-m", "lossterm", "data", str(path), "--format", "json"]) as terminal:
        terminal.wait_for("reading")
        first = terminal.chunks[0][0] - terminal.started
    yield Row(f"{ROWS:,} rows, from the start of the command to the bar", "", ms(first), None, f"≤ {ms(FIRST_BAR)}",
              first <= FIRST_BAR)  # fmt: skip


def on_screen(path: Path) -> Iterator[Row]:
    """Keys while the screen reads, when the first bar is there, and what the screen has in memory."""
    waits: list[float] = []
    with Terminal([sys.executable, "-m", "lossterm", "data", "--fresh", str(path)]) as terminal:
        terminal.wait_for(ASKED)
        begun = terminal.chunks[-1][0]
        terminal.wait_for(BAR)
        bar = terminal.chunks[-1][0] - begun
        peak = terminal.rss()
        while BAR.search(terminal.text()):
            terminal.settle(0.03, timeout=0.1)
            seen, start = len(terminal.chunks), time.perf_counter()
            terminal.press("down" if len(waits) % 2 == 0 else "up")
            # the bar is drawn too: what answers the key is the first that moves the cursor
            while not any(b"\xe2\x96\xb8" in data for _, data in terminal.chunks[seen:]) and terminal.pump(1.0):
                pass
            waits.append(terminal.chunks[-1][0] - start)
            peak = max(peak, terminal.rss())
        terminal.settle(0.5)
        peak = max(peak, terminal.rss())
    what = f"{ROWS:,} rows on screen"
    yield Row(f"{what}, keys while they are read ({len(waits)})", "", ms(median(waits)), None, f"≤ {ms(KEY)}",
              median(waits) <= KEY, f"longest {ms(max(waits))}")  # fmt: skip
    yield Row(f"{what}, from the question to the bar", "", ms(bar), None, f"≤ {ms(FIRST_BAR)}", bar <= FIRST_BAR)
    yield Row(f"{what}, memory", "", f"{peak / 1e6:.0f} MB", None, f"≤ {MEMORY / 1e6:.0f} MB", peak <= MEMORY)


def rows(*, quick: bool) -> Iterator[Row]:
    """The lines of the table."""
    times = 2 if quick else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-c", MAKE, name, *map(str, (ROWS, FEWER, COLUMNS))], check=True)
        by_hand = "three losses and an ECE by hand in polars"
        for kind in ("CSV", "Parquet"):
            path = folder / f"rows.{kind.lower()}"
            yield from against(f"{ROWS:,} rows of {kind} (floor: {by_hand})", path, POLARS, times)
            yield from against(
                f"{ROWS:,} rows of {kind} (floor: in one streaming pass)", path, LEAN, times, target=False
            )
        yield from faster_than_sklearn(folder / "rows.csv", times)
        yield from comparing(folder / "two.csv", times)
        yield from searching(folder / "columns.csv", times)
        yield from memory(folder)
        yield from in_a_command(folder / "rows.csv")
        yield from on_screen(folder / "rows.csv")
