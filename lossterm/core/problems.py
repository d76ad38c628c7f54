"""Small real problems for the race: a logistic regression in the plane, and a line through points with an outlier."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lossterm.core.jets import Array

_DIRECTION = np.array([2.0, 1.0]) / math.sqrt(5.0)


@dataclass(frozen=True, eq=False)
class Problem:
    """Data to fit.

    Attributes:
        kind: its name in `PROBLEMS`.
        features: shape (examples, dimensions), the last column all ones for the bias.
        labels: 0 or 1, or real targets; shape (examples,).
        marked: the examples that are flipped or outliers.
    """

    kind: str
    features: Array
    labels: Array
    marked: NDArray[np.bool_]

    @property
    def is_classification(self) -> bool:
        """Whether the labels are classes."""
        return self.kind != "line"


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


def _line(rng: np.random.Generator, n: int) -> tuple[Array, Array]:
    # y = 2x + 1 with noise, and one measurement gone wrong
    x = np.sort(rng.uniform(-2, 2, n))
    y = 2 * x + 1 + rng.normal(scale=0.3, size=n)
    y[-1] += 25
    return x[:, None], y


_MAKERS: dict[str, tuple[Callable[[np.random.Generator, int], tuple[Array, Array]], str]] = {
    "separable": (_separable, "two classes with room between them: the weights of a likelihood grow for ever"),
    "overlapping": (_overlapping, "two classes that overlap: the best line leaves errors"),
    "imbalanced": (_imbalanced, "one example of class 1 in twenty"),
    "flipped": (_flipped, "two classes apart, with one label in ten flipped"),
    "outlier": (_outlier, "two classes apart, and one example far on the wrong side"),
    "line": (_line, "a line through points of which one is an outlier: for the losses of regression"),
}

PROBLEMS: dict[str, str] = {kind: about for kind, (_, about) in _MAKERS.items()}
"""Every kind of problem, with what it is in a line."""


def make_problem(kind: str, examples: int = 200, seed: int = 0) -> Problem:
    """Generate data; the same for the same arguments.

    Raises:
        ValueError: an unknown kind, or fewer than 20 examples.
    """
    if kind not in _MAKERS:
        raise ValueError(f"unknown problem {kind!r}: choose from {', '.join(_MAKERS)}")
    if examples < 20:
        raise ValueError(f"a problem needs at least 20 examples, not {examples}")
    points, labels = _MAKERS[kind][0](np.random.default_rng(seed), examples)
    clean = _separable(np.random.default_rng(seed), examples)[1] if kind == "flipped" else labels
    marked = labels != clean
    if kind in ("outlier", "line"):
        marked[0 if kind == "outlier" else -1] = True
    return Problem(kind, np.column_stack([points, np.ones(examples)]), labels, marked)
