"""The activations as a framework has them in one precision: the prediction, and its slope by the backward pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lossterm.core.lazy import np
from lossterm.precision.numbers import Floats, erf, sigmoid


@dataclass(frozen=True)
class PlainLink:
    """An activation as it is computed.

    Attributes:
        prediction: from logits to predictions, in the precision of the logits.
        slope: from logits and predictions to ∂v/∂z.
        inner: what is computed on the way, whose overflow or underflow is told; from logits to it.
        inner_text: that, to read.
        slope_text: the slope, to read.
    """

    prediction: Callable[[Floats], Floats]
    slope: Callable[[Floats, Floats], Floats]
    inner: Callable[[Floats], Floats]
    inner_text: str
    slope_text: str


def _of(x: Floats, number: float) -> Floats:
    return np.asarray(number, dtype=x.dtype)


def _half_plus_erf(z: Floats) -> Floats:
    return _of(z, 0.5) * (_of(z, 1) + erf(z / _of(z, math.sqrt(2))))


def _hard_sigmoid(z: Floats) -> Floats:
    return np.minimum(np.maximum(z / _of(z, 6) + _of(z, 0.5), _of(z, 0)), _of(z, 1))


def _stretch(z: Floats, v: Floats) -> Floats:
    return np.where(np.abs(z) < _of(z, 3), _of(z, 1 / 6), _of(z, 0))


LINKS: Mapping[str, PlainLink] = {
    "identity": PlainLink(lambda z: z, lambda z, v: np.ones_like(z), lambda z: z, "z", "1"),
    "sigmoid": PlainLink(sigmoid, lambda z, v: v * (_of(z, 1) - v), lambda z: np.exp(-z), "e^−z", "p(1 − p)"),
    "tanh": PlainLink(lambda z: np.tanh(z), lambda z, v: _of(z, 1) - v * v, lambda z: z, "z", "1 − v²"),
    "probit": PlainLink(_half_plus_erf, lambda z, v: np.exp(-z * z / _of(z, 2)) / _of(z, math.sqrt(2 * math.pi)),
                        lambda z: erf(z / _of(z, math.sqrt(2))), "erf(z/√2)", "φ(z)"),
    "cloglog": PlainLink(lambda z: _of(z, 1) - np.exp(-np.exp(z)), lambda z, v: np.exp(z) * np.exp(-np.exp(z)),
                         lambda z: np.exp(z), "e^z", "e^z·exp(−e^z)"),
    "hard-sigmoid": PlainLink(_hard_sigmoid, _stretch, lambda z: z, "z", "⅙ within ±3, else 0"),
    "softplus": PlainLink(lambda z: np.log(_of(z, 1) + np.exp(z)), lambda z, v: sigmoid(z), lambda z: np.exp(z), "e^z",
                          "σ(z)"),
    "relu": PlainLink(lambda z: np.maximum(z, _of(z, 0)), lambda z, v: np.where(z > 0, _of(z, 1), _of(z, 0)),
                      lambda z: z, "z", "1 above 0, else 0"),
    "exp": PlainLink(lambda z: np.exp(z), lambda z, v: v, lambda z: z, "z", "v"),
}  # fmt: skip
"""By the activation's id."""
