"""The oracle of K classes: values and gradients of every loss behind softmax, with mpmath from the definitions alone.

    python -m tests.reference.make_softmax            write softmax.npz beside this file (a minute)
    python -m tests.reference.make_softmax --check    recompute it with more digits and compare

Nothing here knows how lossterm computes. The probabilities are exp(z/T)/Σ exp(z/T) in 700 digits, each loss is its
textbook formula with its derivative in p, and the gradient is the Jacobian of softmax times that derivative. Logits,
targets, parameters and temperatures are the float64 numbers, taken exactly; a typed distribution is divided by its sum.

Allowance. The tests ask for a relative error (`RELATIVE`). Beside a root that cannot be had from rounded inputs, so
each number carries an allowed absolute error: `ULPS` times what one ulp of each logit, of each entry of the target, of
the parameter and of the temperature moves it. It is 0 where it is less than the relative error asked or than `FLOOR`.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray

Real: TypeAlias = Any
"""An mpmath number (mpmath has no types)."""

Floats: TypeAlias = NDArray[np.float64]

PATH = Path(__file__).with_name("softmax.npz")
DIGITS, CHECK_DIGITS = 700, 900
RELATIVE = 1e-14
FLOOR = 1e-305
"""An absolute error that is always allowed: next to it doubles lose digits."""

ULPS = 4

LOGITS: tuple[tuple[float, ...], ...] = (
    (0.7, -1.3),
    (8.0, 0.0, 0.0),
    (60.0, 0.0, 0.0),
    (60.0, 0.0, 60.0),
    (-0.1, 0.2, -0.3, 0.4),
    (30.0, -30.5, 29.75),
    (12.3, -700.4, -3.21, -745.7),
    (1e4, 9999.5, -2.25, 0.0),
    (-1e4, 3.3, 1e4),
    (5.5, -math.inf, 2.2, -1.1),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
)

COSINES: tuple[tuple[float, ...], ...] = (
    (0.6, 0.2, -0.1),
    (-0.95, 0.3, 0.1),
    (1 - 2.0**-40, 0.5),
    (2.0**-30 - 1, 0.9, 0.1, -0.999),
    (0.3, -math.inf, 0.25, -1.0),
    (1e-9, -0.7, 0.0),
)
"""What the losses of cosines are computed on beside the others."""

SOFT = {
    2: (0.7, 0.3),
    3: (0.2, 0.5, 0.3),
    4: (0.05, 0.0, 0.15, 0.8),
    6: (0.1, 0.3, 0.02, 0.08, 0.25, 0.25),
}

LOSSES: tuple[tuple[str, Mapping[str, float | str]], ...] = (
    ("cross-entropy", {}),
    ("squared-error", {}),
    ("squared-error", {"reduction": "mean"}),
    ("absolute-error", {}),
    ("focal", {"gamma": 2.0}),
    ("focal", {"gamma": 0.5}),
    ("focal", {"gamma": 5.0}),
    ("generalized-cross-entropy", {"q": 0.7}),
    ("generalized-cross-entropy", {"q": 0.1}),
    ("poly-1", {"epsilon": 1.0}),
    ("poly-1", {"epsilon": -0.5}),
    ("kl", {}),
    ("distillation", {}),
    ("hinge", {}),
    ("infonce", {}),
    ("arcface", {"scale": 64.0, "margin": 0.5}),
    ("arcface", {"scale": 30.0, "margin": 0.2}),
    ("cosface", {"scale": 64.0, "margin": 0.35}),
    ("z-loss", {"weight": 1e-4}),
    ("z-loss", {"weight": 0.5}),
    ("rps", {}),
)
"""Every loss and the parameters it is computed with."""


@dataclass(frozen=True)
class Case:
    """What all losses are computed on.

    Attributes:
        logits: z.
        temperature: T.
        label: a class, or a typed distribution, or None where the teacher is the target.
        teacher: the teacher's logits.
        smoothing: ε.
        over: the classes that share it.
    """

    logits: tuple[float, ...]
    temperature: float
    label: int | tuple[float, ...] | None
    teacher: tuple[float, ...] | None = None
    smoothing: float = 0.0
    over: str = "all"


def cases() -> Iterator[Case]:
    """Every case of the reference, in its order."""
    for z in LOGITS:
        for temperature in (1.0, 2.7):
            for label in range(0, len(z), 2) if -math.inf in z else range(min(len(z), 3)):
                yield Case(z, temperature, label)
            if -math.inf in z:
                continue
            yield Case(z, temperature, SOFT[len(z)])
            yield Case(z, temperature, 1, smoothing=0.1)
            yield Case(z, temperature, 1, smoothing=0.1, over="others")
            yield Case(z, temperature, None, tuple(0.5 * x + 0.3 * k for k, x in enumerate(z)))
    for z in COSINES:
        for temperature in (1.0, 2.7):
            yield Case(z, temperature, 0)
            yield Case(z, temperature, len(z) - 2 if -math.inf in z else 1)


def softmax(logits: Sequence[Real], temperature: Real) -> list[Real]:
    """The probabilities."""
    terms = [mp.exp(z / temperature) if mp.isfinite(z) else mpf(0) for z in logits]
    total = mp.fsum(terms)
    return [term / total for term in terms]


def target(case: Case, given: Sequence[Real], temperature: Real) -> list[Real]:
    """The target distribution, smoothed."""
    t = softmax(given, temperature) if case.label is None else [x / mp.fsum(given) for x in given]
    s, classes = mpf(case.smoothing), len(t)
    if case.over == "all":
        return [(1 - s) * x + s / classes for x in t]
    return [(1 - s) * x + s * (1 - x) / (classes - 1) for x in t]


def loss_in_p(loss: str, k: Real, p: Sequence[Real], t: Sequence[Real], temperature: Real) -> tuple[Real, list[Real]]:
    """The value and ∂L/∂p of a loss of probabilities; ``k`` is its parameter."""
    pairs = list(zip(p, t, strict=True))
    zero, one = mpf(0), mpf(1)
    entropy = mp.fsum(-y * mp.log(x) for x, y in pairs if y)
    entropy_slope = [-y / x if y else zero for x, y in pairs]
    miss = 1 - mp.fsum(x * y for x, y in pairs)
    if loss == "cross-entropy":
        return entropy, entropy_slope
    if loss in ("kl", "distillation"):
        scale = temperature**2 if loss == "distillation" else one
        floor = mp.fsum(-y * mp.log(y) for y in t if y)
        return scale * (entropy - floor), [scale * g for g in entropy_slope]
    if loss == "squared-error":
        return mp.fsum((x - y) ** 2 for x, y in pairs) / k, [2 * (x - y) / k for x, y in pairs]
    if loss == "absolute-error":
        return mp.fsum(abs(x - y) for x, y in pairs) / k, [mp.sign(x - y) / k for x, y in pairs]
    if loss == "focal":
        if not miss:
            return zero, [zero for _ in p]
        inner = k * miss ** (k - 1) * entropy
        return miss**k * entropy, [miss**k * g - inner * y for g, y in zip(entropy_slope, t, strict=True)]
    if loss == "generalized-cross-entropy":
        value = mp.fsum(y * (1 - x**k) / k for x, y in pairs)
        return value, [-y * x ** (k - 1) if y else zero for x, y in pairs]
    if loss == "rps":
        gaps = [mp.fsum(x - y for x, y in pairs[: j + 1]) for j in range(len(pairs) - 1)]
        return mp.fsum(gap**2 for gap in gaps), [2 * mp.fsum(gaps[j:]) for j in range(len(pairs))]
    assert loss == "poly-1"
    return entropy + k * miss, [g - k * y for g, y in zip(entropy_slope, t, strict=True)]


def evaluate(case: Case, loss: str, k: Real, z: Sequence[Real], given: Sequence[Real], temperature: Real) -> list[Real]:
    """The value, then the gradient with respect to the logits."""
    if loss == "hinge":
        assert isinstance(case.label, int)
        others = [x for j, x in enumerate(z) if j != case.label]
        short = 1 + max(others) - z[case.label]
        ties = sum(x == max(others) for x in others)
        slope = [mpf(x == max(others)) / ties if j != case.label else mpf(-1) for j, x in enumerate(z)]
        return [short, *slope] if short > 0 else [mpf(0)] * (len(z) + 1)
    if loss in ("arcface", "cosface"):
        return evaluate_with_margin(case, loss, k, z)
    p, t = softmax(z, temperature), target(case, given, temperature)
    plain = "cross-entropy" if loss in ("infonce", "z-loss") else loss
    value, in_p = loss_in_p(plain, k, p, t, temperature)
    mean = mp.fsum(g * x for g, x in zip(in_p, p, strict=True))
    slopes = [x * (g - mean) / temperature for g, x in zip(in_p, p, strict=True)]
    if loss == "z-loss":
        lse = mp.log(mp.fsum(mp.exp(x / temperature) for x in z if mp.isfinite(x)))
        value += k * lse**2
        slopes = [slope + 2 * k * lse * x / temperature for slope, x in zip(slopes, p, strict=True)]
    return [value, *slopes]


def evaluate_with_margin(case: Case, loss: str, k: Sequence[Real], cosines: Sequence[Real]) -> list[Real]:
    """Cross-entropy of the scaled cosines, that of the target by its angle with a margin; ``k`` is scale, margin."""
    (scale, margin), label = k, case.label
    assert isinstance(label, int)
    own, chain = cosines[label] - margin, mpf(1)
    if loss == "arcface":
        angle = mp.acos(cosines[label])
        own, chain = mp.cos(angle + margin), mp.sin(angle + margin) / mp.sin(angle)
    p = softmax([scale * (own if j == label else x) for j, x in enumerate(cosines)], mpf(1))
    rest = mp.fsum(x for j, x in enumerate(p) if j != label)
    return [-mp.log(p[label]), *(-scale * rest * chain if j == label else scale * x for j, x in enumerate(p))]


def given_of(case: Case) -> list[float]:
    if case.label is None:
        assert case.teacher is not None
        return list(case.teacher)
    if isinstance(case.label, int):
        return [float(j == case.label) for j in range(len(case.logits))]
    return list(case.label)


def accepts(case: Case, loss: str) -> bool:
    """Whether the loss is defined on the case: some need a class, some cosines."""
    if loss in ("arcface", "cosface") and any(abs(x) > 1 for x in case.logits if math.isfinite(x)):
        return False
    return loss not in ("hinge", "arcface", "cosface") or (isinstance(case.label, int) and not case.smoothing)


def parameter_of(case: Case, params: Mapping[str, float | str]) -> Real:
    """The parameter of a loss, or both of them."""
    value = next(iter(params.values()), 1)
    if len(params) > 1:
        return [mpf(x) for x in params.values()]
    return mpf(len(case.logits)) if value == "mean" else mpf(value)


def _moved(k: Real, near: Real) -> list[Real]:
    # each parameter moved by itself
    if not isinstance(k, list):
        return [k * near]
    return [[x * near if j == i else x for j, x in enumerate(k)] for i in range(len(k))]


def exact(case: Case, loss: str, params: Mapping[str, float | str]) -> list[Real]:
    """The value and the gradient, from the exact inputs."""
    k, temperature = parameter_of(case, params), mpf(case.temperature)
    return evaluate(case, loss, k, [mpf(x) for x in case.logits], [mpf(x) for x in given_of(case)], temperature)


def spread(case: Case, loss: str, params: Mapping[str, float | str], before: Sequence[Real]) -> list[Real]:
    """How far one ulp of every input moves each number; a jump (of the hinge, of a sign) counts as no move."""
    step, rounded = mp.ldexp(mpf(1), -160), given_of(case)
    k, temperature = parameter_of(case, params), mpf(case.temperature)
    z, given = [mpf(x) for x in case.logits], [mpf(x) for x in rounded]
    total = [mpf(0)] * len(before)
    moved = []
    for near in (1 + step, 1 + 1024 * step):
        versions = [*((moved, z, given, temperature) for moved in _moved(k, near)), (k, z, given, temperature * near)]
        versions += [(k, [*z[:j], x * near, *z[j + 1 :]], given, temperature) for j, x in enumerate(z)]
        versions += [(k, z, [*given[:j], x * near, *given[j + 1 :]], temperature) for j, x in enumerate(given)]
        moved.append([evaluate(case, loss, *version) for version in versions])
    for first, second in zip(*moved, strict=True):
        for j, (a, b, c) in enumerate(zip(before, first, second, strict=True)):
            if 64 * abs(b - a) <= abs(c - a):
                total[j] += abs(b - a) / (step * 2**52)
    return total


def to_float(x: Real) -> float:
    """The nearest float64; underflow is 0."""
    return 0.0 if mp.mag(x) < -1080 else float(x)


@dataclass(frozen=True, eq=False)
class Reference:
    """The stored oracle: for each case and loss the value and the gradient, padded with 0 to the most classes.

    Attributes:
        values: case × loss × (1 + K).
        allowance: the absolute error allowed where it is more than the relative one, as a power of two; else 0.
    """

    values: Floats
    allowance: Floats


def _rows(case: Case, loss: str, params: Mapping[str, float | str]) -> tuple[list[float], list[float]]:
    numbers = exact(case, loss, params)
    allowed = [ULPS * move for move in spread(case, loss, params, numbers)]
    return [to_float(x) for x in numbers], [
        float(mp.ldexp(mpf(1), mp.mag(a))) if a > max(RELATIVE * abs(x), FLOOR) else 0.0
        for a, x in zip(allowed, numbers, strict=True)
    ]


def compute(digits: int) -> Reference:
    """Everything, with so many digits."""
    every = list(cases())
    values, allowance = np.zeros((2, len(every), len(LOSSES), 1 + max(map(len, (*LOGITS, *COSINES)))))
    with mp.workdps(digits):
        for i, case in enumerate(every):
            print(i, case, file=sys.stderr)
            for j, (loss, params) in enumerate(LOSSES):
                if accepts(case, loss):
                    numbers, allowed = _rows(case, loss, params)
                    values[i, j, : len(numbers)] = numbers
                    allowance[i, j, : len(numbers)] = allowed
    return Reference(values, allowance)


@cache
def load(path: Path = PATH) -> Reference:
    """The stored reference."""
    with np.load(path) as stored:
        return Reference(stored["values"], stored["allowance"])


def main() -> int:
    """Write the reference, or check it."""
    parser = argparse.ArgumentParser(description="Make the reference values of tests/core/test_softmax.py.")
    parser.add_argument("--check", action="store_true", help="recompute with more digits and compare")
    if not parser.parse_args().check:
        made = compute(DIGITS)
        np.savez_compressed(PATH, values=made.values, allowance=made.allowance)
        return 0
    again, stored = compute(CHECK_DIGITS), load()
    same = bool(np.array_equal(again.values, stored.values) and np.array_equal(again.allowance, stored.allowance))
    print("all agree" if same else "they differ")
    return int(not same)


if __name__ == "__main__":
    sys.exit(main())
