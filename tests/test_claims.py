"""What people say of cross-entropy and squared error: where the program shows each, and the numbers that stand there.

One table, `CLAIMS`: a command line, keys, and what is on the screen then. The numbers are computed here from the
definitions, with mpmath and a few lines of numpy, and not by the program.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import lossterm
from lossterm.core.descent.problems import make_problem
from lossterm.stories.heads import heads
from lossterm.stories.library import find_story
from lossterm.stories.printed import document
from tests.screens import NUMBER, Shown, cells, shown, shows

# ---- the definitions ------------------------------------------------------------------------------------------------


def sigma(z: float) -> Any:
    """The sigmoid, with fifty digits."""
    with mp.workdps(50):
        return 1 / (1 + mp.exp(-mp.mpf(z)))


def ce(p: Any, y: float = 1.0) -> float:
    """Cross-entropy."""
    return float(-(y * mp.log(p) if y else 0) - ((1 - y) * mp.log(1 - p) if y != 1 else 0))


def se(p: Any, y: float = 1.0) -> float:
    """Squared error."""
    return float((p - y) ** 2)


def ce_z(z: float, y: float = 1.0) -> float:
    """∂/∂z of cross-entropy behind a sigmoid."""
    return float(sigma(z) - y)


def se_z(z: float, y: float = 1.0) -> float:
    """∂/∂z of squared error behind a sigmoid."""
    p = sigma(z)
    return float(2 * (p - y) * p * (1 - p))


def se_zz(z: float) -> float:
    """∂²/∂z² of squared error behind a sigmoid, for y = 1."""
    return float(mp.diff(lambda x: 2 * (sigma(x) - 1) * sigma(x) * (1 - sigma(x)), z))


def focal_z(z: float) -> float:
    """∂/∂z of the focal loss with γ = 2, for y = 1."""
    return float(mp.diff(lambda x: -((1 - 1 / (1 + mp.exp(-x))) ** 2) * mp.log(1 / (1 + mp.exp(-x))), z))


def logit(p: float) -> float:
    """z of p."""
    return math.log(p / (1 - p))


def entropy(p: Sequence[float], q: Sequence[float] | None = None) -> float:
    """H(p, q) = −Σ p ln q, and H(p)."""
    return -math.fsum(a * math.log(b) for a, b in zip(p, q or p, strict=True) if a)


def softmax(z: Sequence[float]) -> list[float]:
    """Softmax."""
    e = [math.exp(x - max(z)) for x in z]
    return [x / math.fsum(e) for x in e]


def brier_gradient(z: Sequence[float], target: int) -> list[float]:
    """∂/∂z of Σ(p − t)² behind softmax: 2 p_k (g_k − Σ g p) with g = p − t."""
    p = softmax(z)
    g = [q - (k == target) for k, q in enumerate(p)]
    mean = math.fsum(a * b for a, b in zip(g, p, strict=True))
    return [2 * q * (a - mean) for a, q in zip(g, p, strict=True)]


def smoothed(classes: int, epsilon: float = 0.1) -> list[float]:
    """A class smoothed over all."""
    return [1 - epsilon + epsilon / classes, *[epsilon / classes] * (classes - 1)]


def steps(slope: Callable[[float], float], rate: float = 1.0) -> int:
    """Steps of gradient descent on a logit from −8 to p ≥ 0.9."""
    z, n = -8.0, 0
    while z < math.log(9):
        p = 1 / (1 + math.exp(-z))
        z, n = z - rate * slope(p), n + 1
    return n


STEPS_CE, STEPS_SE = steps(lambda p: p - 1), steps(lambda p: 2 * (p - 1) * p * (1 - p))


def least(value: Callable[[Any], Any], lo: float, hi: float) -> float:
    """Where a function of one variable is least between two places, to seven digits."""
    for _ in range(8):
        grid = np.linspace(lo, hi, 41)
        at = int(np.argmin([float(value(mp.mpf(float(x)))) for x in grid]))
        lo, hi = float(grid[max(at - 1, 0)]), float(grid[min(at + 1, 40)])
    return (lo + hi) / 2


def risk_best(loss: Callable[[Any, float], Any], eta: float) -> float:
    """The prediction with the least expected loss at η."""
    return least(lambda p: eta * loss(p, 1) + (1 - eta) * loss(p, 0), 0.01, 0.9999)


def focal(p: Any, y: float) -> Any:
    """The focal loss with γ = 2."""
    return -((1 - p) ** 2) * mp.log(p) if y == 1 else -(p**2) * mp.log(1 - p)


def one_weight(loss: Callable[[Any, float], Any], lo: float, hi: float) -> tuple[float, float]:
    """The minimum between two weights, and the mean loss there, of the problem with one weight and four examples."""
    data = ((10, 1), (5, 0), (2, 0), (0.5, 1))

    def mean(w: Any) -> Any:
        return sum(loss(1 / (1 + mp.exp(-w * x)), y) for x, y in data) / 4

    at = least(mean, lo, hi)
    return at, float(mean(at))


CE_W, SE_GOOD, SE_BAD = (
    one_weight(lambda p, y: -mp.log(p if y else 1 - p), -1, 1),
    one_weight(lambda p, y: (p - y) ** 2, -0.2, 0.5),
    one_weight(lambda p, y: (p - y) ** 2, -1, -0.53),
)

OUTLIER = (1.0, 1.2, 0.8, 1.1, 0.9, 100.0)

DIGIT = {
    "mse": (0.1, 0.1, 0.2, 0.4, 0.1, 0.05, 0.02, 0.02, 0.01, 0.01),
    "ce": (0.01, 0.02, 0.08, 0.85, 0.02, 0.01, 0.005, 0.01, 0.005, 0.005),
}


def summed(p: Sequence[float], target: int) -> float:
    """Σ(p − t)²."""
    return math.fsum((q - (k == target)) ** 2 for k, q in enumerate(p))


def demo() -> tuple[Any, Any]:
    """Logits and labels of the file that comes along."""
    path = Path(lossterm.__file__).parent / "predictions" / "demo.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    p, y = (np.array([float(row[name]) for row in rows]) for name in ("probability", "label"))
    return np.log(p) - np.log1p(-p), y


LOGITS, LABELS = demo()


def log_loss(z: Any) -> float:
    """The mean log loss of logits."""
    return float(np.mean(np.logaddexp(0, -(2 * LABELS - 1) * z)))


def auroc(z: Any) -> float:
    """The share of pairs that are in the right order."""
    one, zero = z[LABELS == 1], z[LABELS == 0]
    return float(np.mean((one[:, None] > zero) + 0.5 * (one[:, None] == zero)))


def ece(z: Any) -> float:
    """The expected calibration error in fifteen bins (lower, upper]."""
    p = 1 / (1 + np.exp(-z))
    bins = np.clip(np.ceil(p * 15) - 1, 0, 14)
    return math.fsum(abs(float(np.sum((p - LABELS)[bins == k]))) for k in range(15)) / len(p)


def best_temperature() -> float:
    """The temperature of the least log loss."""
    temperatures = np.linspace(1, 6, 5001)
    return float(temperatures[int(np.argmin([log_loss(LOGITS / t) for t in temperatures]))])


TEMPERATURE = best_temperature()


def fitted_line(slope: Callable[[Any, Any], Any]) -> list[float]:
    """The weights and the bias of a line after a thousand steps of rate ½, for the examples of the race."""
    problem = make_problem("overlapping")
    w = np.zeros(3)
    for _ in range(1000):
        z = problem.features @ w
        w -= 0.5 * problem.features.T @ slope(1 / (1 + np.exp(-z)), problem.labels) / problem.count
    return [float(x) for x in w]


LINES = {"ce": fitted_line(lambda p, y: p - y), "se": fitted_line(lambda p, y: 2 * (p - y) * p * (1 - p))}

# ---- what is on a screen --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A number of a table: in the row that has a name, under a head."""

    row: str
    head: str
    value: float
    nth: int = 0

    def holds(self, screen: Shown) -> bool:
        """Whether it stands there."""
        found = cells(screen.lines, self.row, self.head, self.nth)
        return any(NUMBER.search(word) and shows(word, self.value) for word in found)


@dataclass(frozen=True)
class Says:
    """A text in which each ``#`` is a number; it may be broken into lines, beside a pane or below all."""

    text: str
    values: tuple[float, ...] = ()

    def holds(self, screen: Shown) -> bool:
        """Whether it is on the screen."""
        number = rf"(?<![\d.,−])(1/{NUMBER.pattern}|{NUMBER.pattern})"
        pattern = re.compile(r"\s+".join(re.escape(word).replace(r"\#", number) for word in self.text.split()))
        return any(
            all(shows(text, value) for text, value in zip(found.groups(), self.values, strict=True))
            for left in (0, PANE)
            for found in pattern.finditer("\n".join(line[left:] for line in screen.lines))
        )


@dataclass(frozen=True)
class Lacks:
    """A text that is not there."""

    text: str

    def holds(self, screen: Shown) -> bool:
        """Whether it is nowhere."""
        return self.text not in screen.text


@dataclass(frozen=True)
class View:
    """A screen: how one comes to it, and what it shows."""

    command: str
    keys: str
    shows: Sequence[Cell | Says | Lacks] = field(default_factory=tuple)
    size: tuple[int, int] = (120, 40)


def at_p(p: float) -> str:
    """The keys that go to a prediction."""
    return f"g empty 'p={p}' enter"


A, B = "a cross-entropy", "b squared-error"

PANE = 29
"""Columns of the panes at the left."""

TWO = ((0.1, 0.2, 0.7), (0.3, 0.3, 0.4))
"""A target and a prediction of three classes."""

FOCAL_MOST = round(least(lambda z: -focal_z(z) / (sigma(z) - 1), -6, 0), 3)

SPLIT = "P empty '.3,.3,.4' enter T empty '.1,.2,.7' enter"

TAUGHT = [
    1000 * (a - b)
    for a, b in zip(softmax([2e-3, 1e-3, -1e-3]), softmax([0.5e-3, 1.5e-3, 1e-3]), strict=True)
]  # fmt: skip

CLAIMS: dict[str, Sequence[View]] = {
    "C1": [
        View(  # the loss at p = .7 against that at .2: y = 1 falls, y = 0 rises
            "lossterm --axis prediction --both-labels",
            f"{at_p(0.2)} m {at_p(0.7)}",
            [
                Cell(f"{letter} ", head, value, nth)
                for letter, loss, y in (("a", ce, 1), ("A", ce, 0), ("b", se, 1), ("B", se, 0))
                for head, nth, value in (
                    ("L", 0, loss(mp.mpf(0.7), y)),
                    ("◎", 0, loss(mp.mpf(0.2), y)),
                    ("÷◎", 0, loss(mp.mpf(0.7), y) / loss(mp.mpf(0.2), y)),
                )
            ],
        )
    ],
    "C2": [
        View("lossterm --activation identity --at=1", "", [Cell(A, "L", 0), Cell(B, "L", 0)]),
        View("lossterm", at_p(0.6), [Cell(A, "L", ce(0.6)), Cell(B, "L", se(0.6))]),
        View(
            "lossterm --label .9 --activation identity --at=.9",
            "",
            [Cell(A, "L", entropy((0.9, 0.1))), Cell(B, "L", 0)],
        ),
    ],
    "C3": [
        View("lossterm --at=-1000", "", [Cell(A, "L", 1000), Cell(B, "L", 1)]),
        View("lossterm --activation identity --at=0", "", [Cell(A, "L", math.inf), Cell(B, "L", 1)]),
        View(
            "lossterm",
            "2 tab tab down end",
            [Says("L ≤ 2"), Cell("b■ squared-error", "L", summed(softmax([12, 0, 0]), 1))],
        ),
    ],
    "C4": [
        View(
            "lossterm --at=-6",
            "",
            [
                Cell(A, "∂L/∂p", -1 / float(sigma(-6))),
                Cell(A, "∂L/∂p", -(1 + math.exp(6))),
                Cell(B, "∂L/∂p", 2 * (float(sigma(-6)) - 1)),
                Cell(A, "∂L/∂z", -(1 - float(sigma(-6)))),
            ],
        )
    ],
    "C5": [
        View(
            "lossterm",
            "3 wait:1,542",
            [Says("a cross-entropy wins: # steps", (STEPS_CE,)), Says("# · 81.2×", (STEPS_SE,))],
        ),
        View(
            "lossterm",
            "3 wait:1,542 m wait:239",
            [Cell(A, "rate", 4), Cell(B, "rate", 6.491), Says("4 · first"), Says("239 · 59.8×")],
        ),
        View(
            "lossterm",
            "3 wait:1,542 m wait:239 m wait:458",
            [Cell(B, "rate", 27 / 8), Says("19 · first"), Says("458 · 24.1×")],
        ),
        View(  # Newton's method from −8: z − L′/L″
            "lossterm",
            "3 wait:1,542 o o wait:climbs home .",
            [
                Cell("a cross-entro", "z", -8 - ce_z(-8) / float(sigma(-8) * (1 - sigma(-8)))),
                Cell(
                    "b squared-err",
                    "z",
                    -8 - se_z(-8) / se_zz(-8),
                ),
                Says("Newton climbs"),
            ],
        ),
    ],
    "C6": [
        View(
            "lossterm --loss ce,mse,half-mse --at=-6",
            "",
            [
                Cell(B, "∂L/∂z", se_z(-6)),
                Cell(A, "∂L/∂z", ce_z(-6)),
                Cell(B, "×a", se_z(-6) / ce_z(-6)),
                Cell("c half-squared", "∂L/∂z", float((sigma(-6) - 1) * sigma(-6) * (1 - sigma(-6)))),
                Says("saturated"),
            ],
        )
    ],
    "C7": [
        View("lossterm --at=-6", "", [Cell(A, "∂L/∂z", ce_z(-6)), Says("∂L/∂z = p − y")]),
        View("lossterm --at=-1000", "", [Cell(A, "∂L/∂z", -1)]),
    ],
    "C8": [
        View(
            "lossterm",
            f"2{' down' * k}",
            [
                Cell("a■ cross-entropy", f"∂L/∂z{subscript}", softmax([8, 0, 0])[k] - (k == 1)),
                Cell("b■ squared-error", f"∂L/∂z{subscript}", brier_gradient([8, 0, 0], 1)[k]),
                Says("saturated, pushes class 2 up"),
            ],
        )
        for k, subscript in enumerate("₀₁₂")
    ],
    "C9": [
        View("lossterm", "", [Says("a convex · b concave for z < #", (-math.log(2),))]),
        View("lossterm", "n", [Cell(B, "∂²L/∂z²", 0), Says("p = #", (1 / 3,))]),
        View("lossterm --label .9", "", [Says("b concave for z < # and z > #", (logit(0.3153), logit(0.9513)))]),
    ],
    "C10": [
        View(
            "lossterm",
            "3 wait:1,542 : 'minima' enter wait:converged",
            [
                Says("squared-error is in the worse minimum, w = # (mean L #)", SE_BAD),
                Says("the better one is at w = # (mean L #)", SE_GOOD),
                Cell(A, "w", CE_W[0]),
                Cell(A, "L", CE_W[1]),
            ],
        )
    ],
    "C12": [
        View(
            "lossterm",
            f"{at_p(0.51)} m {at_p(0.49)}",
            [
                Cell(row, head, value, 0)
                for row, loss in ((A, ce), (B, se))
                for head, value in (("L", loss(0.49)), ("◎", loss(0.51)), ("÷◎", loss(0.49) / loss(0.51)))
            ],
        ),
        View(
            "lossterm",
            f"{at_p(0.49)} m {at_p(0.01)}",
            [Cell(A, "÷◎", ce(0.01) / ce(0.49)), Cell(B, "÷◎", se(0.01) / se(0.49))],
            (80, 24),
        ),
    ],
    "C13": [
        View(
            "lossterm",
            f"2 : 'digit-3-{by}' enter escape",
            [
                Says("given p sum to #", (math.fsum(p),)),
                Says(
                    "a #→# b #→#",
                    (ce(p[3]), ce(p[3] / math.fsum(p)), summed(p, 3), summed([q / math.fsum(p) for q in p], 3)),
                ),
            ],
        )
        for by, p in DIGIT.items()
    ],
    "C14": [
        View("lossterm", f"/ empty '{name}' enter", [Says("a■ cross-entropy ref"), Lacks("■ squared-error ")])
        for name in ("log loss", "binary cross-entropy", "bernoulli")
    ],
    "C15": [
        View(
            "lossterm --loss gaussian-nll,gaussian-nll:sigma=.70710678118654757,half-mse,mse --activation identity "
            "--label 3 --at=1",
            "",
            [
                Cell("c gaussian-nll σ=1", "L", 2 + math.log(2 * math.pi) / 2),
                Cell("d gaussian-nll", "L", 4 + math.log(math.pi) / 2),
                Cell("b half-squared", "L", 2),
                Cell("a squared-error", "L", 4),
            ],
        ),
        View("lossterm", at_p(0.2), [Says("e^−L(a) = #, the label's probability", (0.2,))]),
    ],
    "C16": [
        View(
            "lossterm",
            f"2 {SPLIT}",
            [
                Says(
                    "CE = H(t) + KL # = # + # nats", (entropy(*TWO), entropy(TWO[0]), entropy(*TWO) - entropy(TWO[0]))
                ),
                Says(
                    "# = # + # bits",
                    tuple(x / math.log(2) for x in (entropy(*TWO), entropy(TWO[0]), entropy(*TWO) - entropy(TWO[0]))),
                ),
            ],
        )
    ],
    "C17": [
        View(
            "lossterm",
            f"2 : 'smoothing-{k}' enter",
            [
                Says("floor H(t) = #", (entropy(smoothed(k)),)),
                Cell("a■ cross-entropy", "L", entropy(smoothed(k))),
            ],
        )
        for k in (2, 10, 1000)
    ],
    "C18": [
        View("lossterm --risk .9", "", [Says("best p = # = η · as smoothing 2ρ = #", (0.9, 2 * 0.1))]),
        View(
            "lossterm",
            "5 / 'absolute' enter",
            [Says("noise toler. yes: L(p,1) + L(p,0) = # for all p", (1,))],
        ),
        View(
            "lossterm",
            "5 / 'generalized' enter",
            [
                Says(
                    "noise toler. no: L(p,1) + L(p,0), twice the risk at η = ½, runs from # to #",
                    (2 * (1 - 0.5**0.7) / 0.7, 1 / 0.7),
                ),
            ],
        ),
    ],
    "C19": [
        View("lossterm --loss ce,focal", at_p(0.9), [Cell("b focal", "×a", focal_z(logit(0.9)) / ce_z(logit(0.9)))]),
        View(
            "lossterm --loss ce,focal --at=-.9",
            "n",
            [
                Says("a and b cross: ∂L/∂z"),
                Says("at z = #", (float(mp.findroot(lambda z: focal_z(z) - (sigma(z) - 1), -0.86)),)),
            ],
        ),
        View(  # where it is the most times cross-entropy's
            "lossterm --loss ce,focal",
            f"g empty '{FOCAL_MOST}' enter",
            [Cell("b focal", "×a", focal_z(FOCAL_MOST) / ce_z(FOCAL_MOST)), Cell("b focal", "×a", 1.22)],
        ),
    ],
    "C20": [
        View(
            "lossterm --loss ce:pos_weight=99 --risk .01",
            "n",
            [
                Says("best p = # = wη/(wη+1−η), w = #", (99 * 0.01 / (99 * 0.01 + 0.99), 99)),
                Says("at z = #", (logit(0.01) + math.log(99),)),
                Says("minimum of a"),
            ],
        ),
        View("lossterm --loss ce:pos_weight=99 --risk .01", "", [Says("z = logit η + ln w")], (160, 50)),
    ],
    "C11": [
        View(  # a line each, where p = ½, and nearly the same one
            "lossterm",
            "3 wait:1,542 : 'overlapping' enter wait:wins",
            [
                Cell(row, head, value)
                for row, weights in ((A, LINES["ce"]), (B, LINES["se"]))
                for head, value in zip(("w₁", "w₂", "bias"), weights, strict=True)
            ],
        )
    ],
    "C21": [
        View(
            "lossterm --loss mse,mae,huber --activation identity",
            "3 wait:steps : 'constant' enter wait:w=17.5",
            [
                Says(
                    "the wrong number, w = #, because of the outlier, which holds #% of its loss",
                    (math.fsum(OUTLIER) / 6, 100 * 99**2 / math.fsum((x - 1) ** 2 for x in OUTLIER)),
                ),
                Cell("a squared-error", "w", 17.5),
                Cell("c huber δ=1", "w", 1.2),
            ],
        ),
        View(
            "lossterm --loss quantile:tau=.9 --activation identity",
            "3 wait:steps : 'constant' enter wait:limit R empty '3' enter",
            [Says("quantile τ=0.9 converged at the wrong number, w = #,", (100,))],
        ),
        View(
            "lossterm --loss quantile:tau=.9 --activation identity",
            f"3 wait:steps : 'constant' enter wait:limit{' down' * 8} W",
            [Says("quantile τ=0.9 is still on its way to its least mean L, at w = #", (100,))],
        ),
    ],
    "C22": [
        View(
            "lossterm",
            "2 : 'preset: distillation' enter",
            [
                Cell("c■ distillation", "∂L/∂z₀", TAUGHT[0]),
                Cell("c■ distillation", "∂L/∂z₀", 0.6111),
            ],
        )
    ],
    "C23": [
        View("lossterm --loss ce,mse --risk .9", "", [Says("best p = # = η", (0.9,))]),
        View("lossterm --loss mse,ce --risk .9", "", [Says("best p = # = η", (0.9,))]),
        View("lossterm --loss mae --risk .9", "", [Says("best p = # ·", (1,))]),
        View("lossterm --loss focal --risk .9", "", [Says("best p = # ·", (risk_best(focal, 0.9),))]),
        View(
            "lossterm --loss log-cosh --risk .9",
            "",
            [Says("best p = # ·", (risk_best(lambda p, y: mp.log(mp.cosh(p - y)), 0.9),))],
        ),
        View(
            "lossterm --loss poly-1 --risk .9",
            "",
            [Says("best p = # ·", (risk_best(lambda p, y: (lambda q: -mp.log(q) + 1 - q)(p if y else 1 - p), 0.9),))],
        ),
        View(
            "lossterm --loss gce --risk .9",
            "",
            [Says("best p = # ·", (risk_best(lambda p, y: (1 - (p if y else 1 - p) ** 0.7) / 0.7, 0.9),))],
        ),
    ],
    "C24": [
        View(
            "lossterm",
            "4 O wait:T=3.24 wait:Worst",
            [
                Says("now at T=#", (TEMPERATURE,)),
                Says("ECE # #", (ece(LOGITS), ece(LOGITS / TEMPERATURE))),
                Says("log loss # #", (log_loss(LOGITS), log_loss(LOGITS / TEMPERATURE))),
            ],
        )
    ],
    "C25": [  # another temperature ranks alike, and costs something else
        View(
            "lossterm",
            "4 O wait:T=3.24 wait:Worst",
            [
                Says("AUROC # #", (auroc(LOGITS), auroc(LOGITS / TEMPERATURE))),
                Says("log loss # #", (log_loss(LOGITS), log_loss(LOGITS / TEMPERATURE))),
            ],
        )
    ],
    "C26": [  # a real target is the Gaussian's alone
        View(
            "lossterm --activation identity --at=-.5",
            "T empty '3.5' enter",
            [Cell(B, "L", 16), Says("a cross-entropy — —"), Says("a undefined · b convex")],
        ),
    ],
    "C27": [
        View(
            "lossterm --loss mse,mae,huber --activation identity --label 0 --at=10",
            "m g empty '100' enter",
            [
                Cell("a squared-error", "∂L/∂z", 200),
                Cell("a squared-error", "◎", 20, 1),
                Cell("a squared-error", "÷◎", 10, 1),
                Cell("b absolute-error", "÷◎", 1, 1),
                Cell("c huber", "÷◎", 1, 1),
            ],
        ),
        View("lossterm --at=-100", "", [Cell(A, "∂L/∂z", -1), Cell(A, "∂L/∂p", -float(1 + mp.exp(100)))]),
        View("lossterm --loss ce:pos_weight=3 --at=-100", "", [Cell("a cross-entropy", "∂L/∂z", -3)]),
    ],
    "C28": [  # the activation makes the probability, whichever the loss
        View(
            "lossterm --loss mse --at=2",
            "",
            [Says("p = #", (float(sigma(2)),)), Cell("a squared-error", "L", se(sigma(2)))],
        ),
        View("lossterm --loss ce --at=2", "", [Says("p = #", (float(sigma(2)),))]),
        View(
            "lossterm --activation identity --at=2",
            "",
            [Says("v = #", (2,)), Says("a cross-entropy — —"), Cell(B, "L", 1)],
        ),
    ],
    "C29": [
        View(
            "lossterm --risk .01",
            "R empty '.01 w=99' enter down",
            [
                Says(
                    "R(b) = # + # excess · best p = # = wη/(wη+1−η), w = #",
                    (0.25, float((sigma(-4) - 0.5) ** 2), 0.5, 99),
                )
            ],
        ),
        View("lossterm --risk .01 --weight 99 --at=-.5", "down n", [Cell(B, "R", 0.25), Says("at z = #", (0,))]),
    ],
    "C30": [
        View("lossterm", at_p(p), [Says(f"1 {word}"), Says(f"# {word}", (se_z(logit(p)) / ce_z(logit(p)),))])
        for p, word in ((0.49, "wrong"), (0.5, "undecided"), (0.51, "right"))
    ],
    "C31": [
        View("lossterm", "", [Cell(A, "∂L/∂z", ce_z(-4)), Cell(B, "∂L/∂z", se_z(-4))]),
        View(
            "lossterm",
            "2 down down",
            [
                Cell("a■ cross-entropy", "∂L/∂z₂", softmax([8, 0, 0])[2]),
                Cell("b■ squared-error", "∂L/∂z₂", brier_gradient([8, 0, 0], 1)[2]),
                Says("pushes class 2 up"),
            ],
        ),
    ],
    "C32": [
        View("lossterm", f"2 {SPLIT}", [Says("CE = H(t) + KL #", (entropy(TWO[0], TWO[1]),))]),
        View(
            "lossterm",
            f"2 {SPLIT} X",
            [
                Says(
                    "CE = H(t) + KL # = # + #",
                    (entropy(TWO[1], TWO[0]), entropy(TWO[1]), entropy(TWO[1], TWO[0]) - entropy(TWO[1])),
                ),
                Says("p and t swapped: CE # → #", (entropy(TWO[0], TWO[1]), entropy(TWO[1], TWO[0]))),
            ],
        ),
        View(
            "lossterm",
            "2 P empty '.1,.2,.7' enter T empty '.1,.2,.7' enter",
            [Says("CE = H(t) + KL # = # + #", (entropy(TWO[0]), entropy(TWO[0]), 0))],
        ),
    ],
    "C33": [
        View(
            "lossterm",
            "2 P empty '.25,.25,.25,.25' enter T empty '.5,.25,.125,.125' enter",
            [Says("# = # + # bits", (2, 1.75, 0.25))],
        ),
    ],
    "C34": [
        View("lossterm --loss mse --risk .9", at_p(0.6), [Says("R(a) = # + # excess", (0.9 * 0.1, 0.3**2))]),
    ],
    "C35": [
        View(
            "lossterm --loss mse --risk .3",
            "n n",
            [Says("best p = # = η", (0.3,)), Says("minimum of a"), Says("p = #", (0.3,))],
        ),
    ],
    "C36": [
        View("lossterm --at=1", "", [Cell(B, "L", se(sigma(1)))]),
        View("lossterm", "2 i empty '1,0' enter T empty '0' enter", [Cell("b■ squared-error", "L", 2 * se(sigma(1)))]),
    ],
}
"""Of each claim, the screens that show it."""


# ---- the steps of stories that show it ------------------------------------------------------------------------------

TWO_HALVES, NINE_ONE = (0.5, 0.5), (0.9, 0.1)
CODE, CODE_BACK = entropy(TWO_HALVES, NINE_ONE), entropy(NINE_ONE, TWO_HALVES)
"""Two distributions, and what a code costs that was made for the other one."""

STEPS: dict[str, Sequence[tuple[str, str, tuple[float | str, ...]]]] = {
    "C1": [("brier", "bound", ("for the label 1 both fall, for 0 both rise",))],
    "C2": [("entropy", "floor", (entropy((0.7, 0.3)), "with hard labels only"))],
    "C3": [("brier", "bound", (2, "has no bound")), ("nan", "bound", ())],
    "C4": [("saturation", "cancels", (-1 / float(sigma(-6)), 2 * (float(sigma(-6)) - 1), "hyperbolic"))],
    "C5": [
        ("saturation", "race", (STEPS_CE, STEPS_SE)),
        ("saturation", "rates", (4, 239, 6.491)),
        ("saturation", "newton", (-10.0, 2974)),
    ],
    "C6": [("saturation", "wrong", (ce_z(-6), se_z(-6), ce_z(-6) / se_z(-6)))],
    "C7": [("with-logits", "slope", (-1, "p − y"))],
    "C8": [("softmax", "bystander", tuple(brier_gradient([8, 0, 0], 1)))],
    "C9": [("saturation", "hardest", (1 / 3, "Cross-entropy is convex everywhere"))],
    "C10": [("saturation", "minima", (SE_BAD[0], SE_GOOD[0], CE_W[0]))],
    "C11": [("saturation", "boundary", ("belongs to the model",))],
    "C12": [("softmax", "flip", (ce(0.49), ce(0.51), se(0.49), se(0.51), ce(0.01) / ce(0.49), se(0.01) / se(0.49)))],
    "C13": [
        ("softmax", "digit", tuple(math.fsum(p) for p in DIGIT.values())),
        ("softmax", "shows", (ce(0.4), ce(0.85), "Both decide for the 3")),
    ],
    "C14": [("with-logits", "two", (ce(sigma(-2)), "one loss under all of these names"))],
    "C15": [("likelihood", "gaussian", (math.log(math.pi) / 2,)), ("likelihood", "coin", (0.8, "are one thing"))],
    "C16": [("entropy", "excess", (entropy((0.7, 0.3)), "entropy + divergence"))],
    "C17": [("label-smoothing", "floor", (entropy(smoothed(2)),)), ("label-smoothing", "classes", ())],
    "C18": [
        ("noisy-labels", "same", (0.2, "memorises the flipped ones")),
        ("noisy-labels", "absolute", (1, "noise-tolerant")),
        ("noisy-labels", "between", (2 * (1 - 0.5**0.7) / 0.7, 1 / 0.7, "robust, not tolerant")),
    ],
    "C19": [("focal", "harder", ()), ("focal", "most", (float(sigma(-0.8586)),))],
    "C20": [("focal", "weight", (0.5,))],
    "C21": [
        ("outliers", "mean", (17.5,)),
        ("outliers", "share", (99.999,)),
        ("outliers", "huber", (1.2,)),
        ("outliers", "quantile", (100, "inside")),
    ],
    "C22": [("distillation", "square", ()), ("distillation", "limit", (0.6111, 0.5, "centred"))],
    "C23": [("brier", "proper", (0.9,)), ("brier", "improper", (risk_best(focal, 0.9),)), ("brier", "training", ())],
    "C24": [("calibration", "temperature", (ece(LOGITS), log_loss(LOGITS)))],
    "C25": [("calibration", "ranking", (auroc(LOGITS), "reward the right ranking"))],
    "C26": [("likelihood", "grey", (math.log(2), "a Gaussian"))],
    "C27": [("outliers", "pull", (20, 200, 198)), ("outliers", "ce", (ce_z(-8), -1 / float(sigma(-8))))],
    "C28": [("likelihood", "activation", ("Behind a sigmoid either loss gets the same p",))],
    "C29": [("focal", "squared", ("No resampling is needed",))],
    "C30": [("focal", "threshold", ("A p is not a decision",))],
    "C31": [("softmax", "two", ("not misleading, but slow",)), ("softmax", "bystander", ("a step goes up",))],
    "C32": [
        (
            "entropy",
            "distance",
            (CODE, CODE_BACK, "Cross-entropy is neither"),
        )
    ],
    "C33": [
        (
            "entropy",
            "extra",
            tuple(
                x / math.log(2) for x in (entropy(TWO_HALVES, NINE_ONE), entropy(TWO_HALVES, NINE_ONE) - math.log(2))
            ),
        )
    ],
    "C34": [("brier", "excess", (0.7 * 0.3, 0.2**2))],
    "C35": [("brier", "proper", (0.9, "its minimum is at p = η and nowhere else"))],
    "C36": [("brier", "two", (2,))],
}
"""Of each claim the story and the step that show it, and what is said there: numbers, and words."""


def test_every_claim_is_shown() -> None:
    assert set(STEPS) == {f"C{n}" for n in range(1, 37)} and all(STEPS.values())
    assert set(CLAIMS) == {f"C{n}" for n in range(1, 37)}
    assert all(view.shows for views in CLAIMS.values() for view in views)


@pytest.mark.parametrize(
    ("claim", "view"), [pytest.param(c, v, id=f"{c}-{n}") for c, views in CLAIMS.items() for n, v in enumerate(views)]
)
@pytest.mark.sampled(4)
async def test_claim(claim: str, view: View) -> None:
    async with shown(view.command, view.keys, view.size) as screen:
        try:
            await screen.until(lambda: all(what.holds(screen) for what in view.shows))
        except AssertionError as problem:
            missing = [what for what in view.shows if not what.holds(screen)]
            raise AssertionError(f"{claim}: {view.command}, {view.keys}: not there: {missing}") from problem


@pytest.mark.parametrize(
    ("claim", "name", "step", "says"),
    [pytest.param(c, *one, id=f"{c}-{one[0]}-{one[1]}") for c, steps in STEPS.items() for one in steps],
)
@pytest.mark.sampled(4)
def test_a_step_of_a_story_shows_the_claim(claim: str, name: str, step: str, says: tuple[float | str, ...]) -> None:
    story = find_story(name)
    assert claim in story.head.claims, f"the head of {name} names {claim}, too"
    place = story.place(step)
    assert place is not None, f"{name} has a step {{#{step}}}"
    printed = document(story)["steps"][place]
    text = " ".join(str(printed[part] or "") for part in ("text", "ask", "answer", "reveal")).replace("**", "")
    words = NUMBER.findall(text)
    missing = [
        what
        for what in says
        if not (what in text if isinstance(what, str) else any(shows(word, what) for word in words))
    ]
    assert not missing, text


def test_a_story_names_no_claim_that_it_does_not_show() -> None:
    named = {claim for head in heads() for claim in head.claims}
    assert named == set(STEPS)
