"""Every loss of K classes at many logits, targets, temperatures and parameters, compared with mpmath.

    python -m tests.reference.everywhere_softmax     list what disagrees

The definitions are those of `make_softmax`; asked is a relative error of 1e-12, or beside a root no more than a few
ulps of a logit or of a target move the number, and never more than the number itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from mpmath import mp, mpf

from lossterm.core.softmax.evaluation import evaluate_softmax
from tests.reference import make_softmax as oracle
from tests.reference.make_evaluations import to_float

RELATIVE, FLOOR, ULPS = 1e-12, 1e-300, 4

LOGITS: tuple[tuple[float, ...], ...] = (
    *((z, 0.0) for z in (1e-9, 0.3, 2.5, 6.0, 11.0, 20.0, 30.0, 37.0, 40.0, 100.0, 355.0, 709.8, 745.2, 1000.0, 1e5)),
    *((z, 0.0, -1.5) for z in (1.0, 20.0, 36.5, 40.0, 700.0)),
    (40.0, 40.0, 0.0, -40.0),
    (0.3, 0.1, -0.2, 0.4, 0.0),
    (30.0, 29.5, -30.0, 12.25),
    *(z for z in oracle.COSINES if min(z) > -1),
    *((x, 0.2, -0.3) for x in (0.99999999, 0.9, 0.5, 1e-12, 0.0, -0.3, -0.87758, -0.8776, -0.99, -0.99999999)),
)

PARAMETERS: dict[str, tuple[Mapping[str, float], ...]] = {
    "cross-entropy": ({},),
    "squared-error": ({},),
    "absolute-error": ({},),
    "focal": tuple({"gamma": g} for g in (0.0, 1e-3, 0.5, 1.0, 2.0, 5.0, 50.0)),
    "generalized-cross-entropy": tuple({"q": q} for q in (1e-8, 1e-5, 0.1, 0.7, 0.999, 1.0)),
    "poly-1": tuple({"epsilon": e} for e in (-1.0, -0.999999, -0.5, 0.0, 1.0, 2.0, 10.0)),
    "kl": ({},),
    "distillation": ({},),
    "hinge": ({},),
    "infonce": ({},),
    "arcface": tuple({"scale": s, "margin": m} for s, m in ((64.0, 0.5), (1.0, 0.0), (1.0, 3.0), (7.5, 1e-6))),
    "cosface": tuple({"scale": s, "margin": m} for s, m in ((64.0, 0.35), (1.0, 0.0), (200.0, 1.7))),
    "z-loss": tuple({"weight": w} for w in (0.0, 1e-4, 0.5, 20.0)),
    "rps": ({},),
}


def cases() -> Iterator[oracle.Case]:
    """Logits, a target, smoothing and a temperature."""
    for z in LOGITS:
        k = len(z)
        uniform = tuple(1 / 2 ** min(j + 1, k - 1) for j in range(k))
        for temperature in (1.0, 3.0):
            for label in (0, 1, k - 1, uniform):
                yield oracle.Case(z, temperature, label)
            for smoothing in (0.1, 1e-6, 1e-10, 1e-18):
                for label in (0, 1):
                    yield oracle.Case(z, temperature, label, smoothing=smoothing)


def wanted(case: oracle.Case, loss: str, k: Any, z: Any = None, given: Any = None) -> list[Any]:
    """The value and the gradient by the definitions."""
    logits = [mpf(x) for x in case.logits] if z is None else z
    target = [mpf(x) for x in oracle.given_of(case)] if given is None else given
    return oracle.evaluate(case, loss, k, logits, target, mpf(case.temperature))


def _allowed(case: oracle.Case, loss: str, k: Any, before: list[Any], index: int) -> float:
    step, total = mp.ldexp(mpf(1), -160), mpf(0)
    logits, target = [mpf(x) for x in case.logits], [mpf(x) for x in oracle.given_of(case)]
    for inputs, logit in ((logits, True), (target, False)):
        for j, x in enumerate(inputs):
            if not x or (x == 1 and not logit):
                continue
            moved = [*inputs[:j], x * (1 + step), *inputs[j + 1 :]]
            near = wanted(case, loss, k, z=moved) if logit else wanted(case, loss, k, given=moved)
            total += abs(near[index] - before[index]) / (step * 2**52)
    return float(ULPS * total)


def compare(case: oracle.Case, loss: str, parameters: Mapping[str, float]) -> Iterator[str]:
    """A line for each number that is wrong."""
    if not oracle.accepts(case, loss):
        return
    got = evaluate_softmax(loss, logits=case.logits, target=case.label, temperature=case.temperature,
                           smoothing=case.smoothing, **dict[str, Any](parameters))  # fmt: skip
    with mp.workdps(900):
        k = oracle.parameter_of(case, parameters)
        want = wanted(case, loss, k)
        for index, g in enumerate([got.value, *got.gradient.tolist()]):
            w = to_float(want[index])
            if abs(g - w) <= max(RELATIVE * abs(w), FLOOR) or g == w:
                continue
            if np.isfinite([g, w]).all() and abs(g - w) <= min(_allowed(case, loss, k, want, index), abs(w) or np.inf):
                continue
            yield (f"{loss} {dict(parameters)} z={case.logits} T={case.temperature} t={case.label}~{case.smoothing} "
                   f"[{index}]: {g!r} should be {w!r}")  # fmt: skip


def main() -> int:
    """Print what disagrees."""
    found = 0
    for case in cases():
        for loss, settings in PARAMETERS.items():
            for parameters in settings:
                for line in compare(case, loss, parameters):
                    found += 1
                    print(line, flush=True)
    print(f"{found} numbers disagree")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
