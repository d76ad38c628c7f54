"""What makes plotext's kernel abort the whole process never reaches it.

An abort cannot be caught, so each case has a process of its own.
"""

import subprocess
import sys

import pytest

CASES = {
    "NaN inside a line": "y[50] = np.nan",
    "NaN alone": "y[:] = np.nan",
    "infinite inside a line": "y[50] = np.inf",
    "both infinities": "y[::2] = np.inf; y[1::2] = -np.inf",
    "infinite x": "x[-1] = np.inf; x[0] = -np.inf",
    "NaN x": "x[50] = np.nan",
    "far above": "y[50] = 1e12",
    "far away": "x[50] = 1e12; y[50] = -1e12",
    "100,000 windows up": "y[::3] = 1e5",
    "the largest float": "y[50] = 1e308; y[51] = -1e308; x[20] = 1.7e308",
    "denormal": "y[:] = 5e-324",
    "zoomed in x by 10^7": "lo, hi = -1e-7, 1e-7",
    "zoomed in x by 10^300": "lo, hi = 0, 1e-300",
    "zoomed out to the limits": "lo, hi = -1.7e308, 1.7e308",
    "window of one float": "lo, hi = 1, np.nextafter(1, 2)",
    "noise": "y[:] = np.random.default_rng(0).uniform(-9, 9, 400)",
    "every bit pattern": "x, y = np.random.default_rng(0).integers(0, 2**63, (2, 400)).view(float)",
}

PROGRAM = """
import numpy as np
from lossterm.chart.painter import paint
from lossterm.chart.spec import Axis, ChartSpec, DASHES, Series
from lossterm.chart.ticks import linear_ticks
x = np.linspace(-8, 8, 400); y = np.logaddexp(0, -x); lo, hi = -8, 8
{case}
for dash in DASHES:
    chart = ChartSpec(Axis(lo, hi, tuple(linear_ticks(lo, hi, 9))), Axis(0, 4), (Series(x, y, 1, "a", dash),))
    for size in [(0, 0), (1, 1), (3, 2), (96, 14), (400, 120)]:
        picture = paint(chart, *size)
        assert [sum(len(run.text) for run in row) for row in picture.rows] == [size[0]] * size[1]
print("alive")
"""


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@pytest.mark.sampled(6)
def test_the_process_lives(case: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(case=case)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
