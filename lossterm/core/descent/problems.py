"""Small real problems for the race.

Logistic regressions in the plane, a line through points with an outlier, and two of one weight whose objective is a
curve: one where squared error has a second, worse minimum, and the constant that is nearest to some numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array

REGRESSIONS = ("line", "constant")
"""The problems whose labels are real targets; the others have two classes."""

GIVEN = ("minima", "constant")
"""The problems whose few examples are given, not generated; they have one weight and no bias."""

_DIRECTION = np.array([2.0, 1.0]) / math.sqrt(5.0)
_LINE = np.array([2.0, 1.0])
_NUMBER = np.array([1.0])
"""Mean and median of the five numbers of "constant" that are no outlier."""


@dataclass(frozen=True, eq=False)
class FittingProblem:
    """Data to fit.

    Attributes:
        kind: its name in `PROBLEMS`.
        features: shape (examples, dimensions); of more than one, the last column is all ones for the bias.
        labels: 0 or 1, or real targets; shape (examples,).
        marked: the examples that are flipped or outliers.
        truth: the weights that the data have without an outlier; None where there are none to find again.
    """

    kind: str
    features: Array
    labels: Array
    marked: NDArray[np.bool_]
    truth: Array | None = None

    @property
    def is_classification(self) -> bool:
        """Whether the labels are classes."""
        return self.kind not in REGRESSIONS

    @property
    def has_one_weight(self) -> bool:
        """Whether the objective is a curve."""
        return int(self.features.shape[1]) == 1

    @property
    def count(self) -> int:
        """How many examples there are."""
        return len(self.labels)

    @property
    def curvature(self) -> float:
        """The largest eigenvalue of XᵀX/n: by so much the mean loss bends more, at most, than the loss of a logit."""
        gram = self.features.T @ self.features / self.count
        return float(np.linalg.eigvalsh(gram)[-1])


def _separable(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    # uniform in two discs that do not touch
    labels = (np.arange(n) % 2).astype(float)
    angle, radius = rng.uniform(0, 2 * math.pi, n), 1.2 * np.sqrt(rng.uniform(0, 1, n))
    offset = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return np.outer(2 * labels - 1, 2 * _DIRECTION) + offset, labels


def _overlapping(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    labels = (np.arange(n) % 2).astype(float)
    return np.outer(2 * labels - 1, 1.2 * _DIRECTION) + rng.normal(size=(n, 2)), labels


def _imbalanced(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    labels = (np.arange(n) % 20 == 0).astype(float)
    return np.outer(2 * labels - 1, 1.2 * _DIRECTION) + rng.normal(size=(n, 2)), labels


def _flipped(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    points, labels = _separable(rng, n)
    wrong = rng.permutation(n)[: n // 10]
    labels[wrong] = 1 - labels[wrong]
    return points, labels


def _outlier(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    # one example of class 0 far on the side of class 1
    points, labels = _separable(rng, n)
    points[0] = 9 * _DIRECTION
    return points, labels


def _minima(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    # the fourth pulls up what the others hold down; behind a sigmoid squared error lets go of what is far off
    return np.array([[10.0], [5.0], [2.0], [0.5]]), np.array([1.0, 0.0, 0.0, 1.0])


def _constant(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    return np.ones((6, 1)), np.array([1.0, 1.2, 0.8, 1.1, 0.9, 100.0])


def _line(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    # y = 2x + 1 with noise, and one measurement gone wrong
    x = np.sort(rng.uniform(-2, 2, n))
    y = _LINE[0] * x + _LINE[1] + rng.normal(scale=0.3, size=n)
    y[-1] -= 35  # far enough that squared error does not come within a tenth of the way to the line
    return x[:, None], y


_MAKERS: dict[str, tuple[Callable[[np.random.Generator, int], tuple[Array, Array]], str]] = {
    "separable": (_separable, "two classes with room between them: the weights of a likelihood grow for ever"),
    "overlapping": (_overlapping, "two classes that overlap: the best line leaves errors"),
    "imbalanced": (_imbalanced, "one example of class 1 in twenty"),
    "flipped": (_flipped, "two classes apart, with one label in ten flipped"),
    "outlier": (_outlier, "two classes apart, and one example far on the wrong side"),
    "minima": (_minima, "one weight, four examples: squared error has a second, worse minimum, cross-entropy has not"),
    "constant": (_constant, "one number for 1, 1.2, 0.8, 1.1, 0.9 and 100: which losses follow the outlier"),
    "line": (_line, "a line through points of which one is an outlier: for the losses of regression"),
}

PROBLEMS: dict[str, str] = {kind: about for kind, (_, about) in _MAKERS.items()}
"""Every kind of problem, with what it is in a line."""


def make_problem(kind: str, examples: int = 200, seed: int = 0) -> FittingProblem:
    """Generate data; the same for the same arguments, of which those that are `GIVEN` need none.

    Raises:
        ValueError: an unknown kind, or fewer than 20 examples.
    """
    if kind not in _MAKERS:
        raise ValueError(f"unknown problem {kind!r}: choose from {', '.join(_MAKERS)}")
    if examples < 20:
        raise ValueError(f"a problem needs at least 20 examples, not {examples}")
    points, labels = _MAKERS[kind][0](np.random.default_rng(seed), examples)
    if kind in GIVEN:
        return FittingProblem(kind, points, labels, labels > 10, _NUMBER if kind == "constant" else None)
    clean = _separable(np.random.default_rng(seed), examples)[1] if kind == "flipped" else labels
    marked = labels != clean
    if kind in ("outlier", "line"):
        marked[0 if kind == "outlier" else -1] = True
    truth = _LINE if kind == "line" else None
    return FittingProblem(kind, np.column_stack([points, np.ones(examples)]), labels, marked, truth)
