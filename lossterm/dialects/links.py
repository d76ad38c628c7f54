"""Activations as a library computes them in its own precision: the prediction, and its slope by the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from lossterm.core.lazy import np

Floats: TypeAlias = Any
"""Floats of one precision, of any shape."""

Pair: TypeAlias = "tuple[Floats, Floats]"
"""A value and its slope."""


def flushed(x: Floats) -> Floats:
    """What XLA makes of results below the smallest normal number: 0."""
    return np.where(np.abs(x) < np.finfo(x.dtype).tiny, x * 0, x)


def sigmoid(z: Floats) -> Floats:
    """``1/(1 + e^−z)`` in the precision of z."""
    return 1 / (1 + np.exp(-z))


def softplus(z: Floats) -> Floats:
    """``max(z, 0) + log1p(e^−|z|)`` in the precision of z: jax's logaddexp(z, 0)."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def log_sigmoid(z: Floats) -> Floats:
    """``min(z, 0) − log1p(e^−|z|)`` in the precision of z."""
    return np.minimum(z, 0) - np.log1p(np.exp(-np.abs(z)))


def _sigmoid(z: Floats) -> Pair:
    p = sigmoid(z)
    return p, (1 - p) * p


def _tanh(z: Floats) -> Pair:
    v = np.tanh(z)
    return v, 1 - v * v


_TANH_ODD = (-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
             1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03)  # fmt: skip
_TANH_EVEN = (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)
_TANH_END = 7.90531110763549805


def _xla_tanh(z: Floats) -> Pair:
    # a ratio of polynomials, ±1 beyond ±7.9
    real = z.dtype.type
    x = np.clip(z, -real(_TANH_END), real(_TANH_END))
    square = x * x

    def polynomial(coefficients: Sequence[float]) -> Floats:
        total = np.full_like(x, real(coefficients[0]))
        for coefficient in coefficients[1:]:
            total = square * total + real(coefficient)
        return total

    v = np.where(np.abs(z) < real(0.0004), z, x * polynomial(_TANH_ODD) / polynomial(_TANH_EVEN))
    v = np.where(np.abs(z) > real(7.99), np.sign(z), v)
    return v, (1 - v) * (1 + v)


def _softplus(z: Floats) -> Pair:
    # torch and keras: beyond 20 the argument itself
    t = np.exp(np.minimum(z, 20))
    return np.where(z > 20, z, np.log1p(t)), np.where(z > 20, np.ones_like(z), t / (t + 1))


def _hard_sigmoid(z: Floats) -> Pair:
    sixth = z.dtype.type(1 / 6)
    return np.clip(z * sixth + z.dtype.type(0.5), 0, 1), np.where(np.abs(z) < 3, sixth, z.dtype.type(0))


def _exp(z: Floats) -> Pair:
    v = np.exp(z)
    return v, v


LINKS: dict[str, Callable[[Floats], Pair]] = {
    "identity": lambda z: (z, np.ones_like(z)),
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "softplus": _softplus,
    "relu": lambda z: (np.maximum(z, 0), np.where(z > 0, np.ones_like(z), np.zeros_like(z))),
    "exp": _exp,
    "hard-sigmoid": _hard_sigmoid,
}
"""By the activation's id; one that is not here is of no library."""

XLA_LINKS = {**LINKS, "tanh": _xla_tanh}
"""The same where XLA computes them: keras on jax, and optax."""

SPELLED = {
    "identity": "z", "sigmoid": "sigmoid(z)", "tanh": "tanh(z)", "softplus": "softplus(z)", "relu": "relu(z)",
    "exp": "exp(z)", "hard-sigmoid": "hard_sigmoid(z)",
}  # fmt: skip
"""The prediction as it stands in a call."""
