"""Every loss behind every activation at many labels, parameters and logits, compared with mpmath point by point.

    python -m tests.reference.everywhere [LOSS …]     list what disagrees (minutes a loss)

The definitions are those of `make_evaluations`, in as many digits as a point needs. Logits, labels, smoothing and
parameters are the float64 numbers, taken exactly. Asked is a relative error of 1e-12 (second derivatives 1e-10), or
beside a root no more than `ULPS` ulps of the logit move the number, and never more than the number itself.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from mpmath import mp, mpf

import lossterm
from tests.reference import make_evaluations as oracle

FLOOR = 1e-300
"""An absolute error that counts as none: next to it doubles, or what they were computed from, lose digits."""

ULPS = 16
"""How many ulps of the logit, and of a soft label, a result may be wrong by beside a root."""

CEILING = 1e304
"""Above it a result may be ∞: an intermediate result has overflowed."""

_SIZES = (
    *(5e-324, 1e-310, 1e-300, 1e-160, 1e-20, 1e-9, 1e-4, 0.03125, 0.3, 0.5, 0.6931, 1.0, 1.7, 2.5, 3.0, 3.25),
    *(6.0, 6.5, 11.0, 20.0, 30.0, 33.0, 36.5, 37.0, 38.5, 40.0, 60.0, 100.0, 177.0, 300.0, 354.5, 354.9, 355.0),
    *(355.4, 700.0, 709.5, 709.78, 709.8, 712.0, 745.2, 1000.0, 1e5),
)
_ROOTS = (0.5413248546129181, 0.541324854, 0.54132485, 0.5413, -0.36651292058166435, -0.3665129205816643, -0.3665)
LOGITS = tuple(sorted((0.0, *_SIZES, *(-size for size in _SIZES), *_ROOTS)))
"""Zero, denormals, both tails, kinks, both sides of what over- or underflows; v = 1 of softplus, v = ½ of cloglog."""

PARAMETERS: dict[str, tuple[Mapping[str, float], ...]] = {
    "cross-entropy": ({}, *({"pos_weight": c} for c in (0.01, 3.0, 100.0))),
    "focal": (*({"gamma": g} for g in (0.0, 1e-3, 0.5, 1.0, 1.5, 2.0, 5.0, 50.0)), {"alpha": 0.25}, {"alpha": 0.999},
              {"gamma": 0.3, "alpha": 0.01}, {"alpha": 0.0}, {"alpha": 1.0}),
    "squared-error": ({},),
    "half-squared-error": ({},),
    "absolute-error": ({},),
    "huber": tuple({"delta": d} for d in (1e-3, 0.3, 0.5, 0.7, 1.0, 1.3, 2.0, 1e3)),
    "smooth-l1": tuple({"beta": d} for d in (1e-3, 0.3, 0.5, 0.7, 1.0, 1.3, 2.0, 1e3)),
    "log-cosh": ({},),
    "quantile": tuple({"tau": t} for t in (1e-6, 0.1, 0.5, 0.9, 0.999)),
    "hinge": ({},),
    "squared-hinge": ({},),
    "exponential": ({},),
    "poisson": ({},),
    "gaussian-nll": tuple({"sigma": s} for s in (1e-3, 0.4, 1.0, 3.0, 1e3)),
    "poly-1": tuple({"epsilon": e} for e in (-1.0, -0.999999, -0.5, 0.0, 0.5, 1.0, 1.000001, 1.7, 2.0, 2.5, 10.0)),
    "generalized-cross-entropy": tuple({"q": q} for q in (1e-8, 1e-5, 1e-3, 0.1, 0.3, 0.7, 0.999, 0.999999, 1.0)),
    "zero-one": ({},),
}  # fmt: skip
"""Every loss and the parameters it is compared with: defaults, both ends, and where terms cancel."""


class Given(NamedTuple):
    """A label as it is given: before smoothing."""

    label: float
    smoothing: float = 0.0

    def exact(self) -> Any:
        """``y(1 − s) + s/2`` without rounding."""
        return mpf(self.label) * (1 - mpf(self.smoothing)) + mpf(self.smoothing) / 2


def labels_of(loss: str) -> tuple[Given, ...]:
    """The labels a loss is compared with: hard, soft, smoothed."""
    smooth = (Given(1.0, 0.1), Given(0.0, 1e-6), Given(1.0, 1e-6), Given(1.0, 1e-10), Given(1.0, 1e-18),
              Given(0.0, 1e-18))  # fmt: skip
    if loss in oracle.MARGIN_LOSSES or loss == "zero-one":
        return (Given(0.0), Given(1.0))
    if loss in oracle.PROBABILITY_LOSSES:
        return (Given(0.0), Given(1.0), Given(0.5), Given(0.25), Given(0.3), Given(0.99), Given(1e-9), *smooth)
    if loss == "poisson":
        return (*(Given(y) for y in (0.0, 1e-9, 1e-30, 0.3, 1.0, 3.5, 7.0, 40.0, 1000.0, 1e6, 1e15)), *smooth)
    return (*(Given(y) for y in (0.0, 1.0, 0.3, 0.99, -1.0, -2.0, 3.5, 1000.0)), *smooth)


def digits_for(z: float) -> int:
    """How many digits the definitions need at a logit, in which ``1 + v`` and the chain rule cancel."""
    if 0 < abs(z) < 1e-30 or abs(z) > 120:
        return 1000
    return 120 if abs(z) <= 20 else 400


def _allowed(case: oracle.Case, given: Given, z: float, name: str, want: float) -> float:
    # how far ULPS ulps of the logit move the number, and of a label that is neither 0 nor 1; at most the number itself
    exact = {key: mpf(value) for key, value in case.parameters.items()}
    index = oracle.LOSS_QUANTITIES.index(name)

    def at(logit: Any, label: Any) -> Any:
        return oracle.evaluate(case.loss, case.activation, logit, label, exact)

    with mp.workdps(1000):
        z0, y = mpf(z), given.exact()
        before, spread = at(z0, y), mpf(0)
        versions = [[at(z0 * (1 + step), y) for step in oracle.STEPS]]
        if name == "d2_logit" and abs(z) < 1:  # a sum of rounded terms: an ulp of 1 beside a root at 0
            versions.append([at(z0 + step, y) for step in oracle.STEPS])
        if y not in (0, 1):
            versions.append([at(z0, y * (1 + step)) for step in oracle.STEPS])
        for near, far in versions:
            spread += oracle.moved(before, near, far)[index]
        return min(float(ULPS * spread) if ULPS * spread < 1e300 else math.inf, abs(want) or math.inf)


class Wrong(NamedTuple):
    """A number that is not what the definitions say."""

    case: oracle.Case
    given: Given
    name: str
    z: float
    got: float
    want: float

    def __str__(self) -> str:
        case = self.case
        error = abs(self.got / self.want - 1) if self.want and np.isfinite([self.got, self.want]).all() else math.nan
        params = ",".join(f"{k}={v!r}" for k, v in case.parameters.items())
        smooth = f"~{self.given.smoothing!r}" if self.given.smoothing else ""
        return (f"{case.loss}:{params} {case.activation} y={self.given.label!r}{smooth} {self.name} z={self.z!r}: "
                f"{self.got!r} should be {self.want!r} ({error:.1e})")  # fmt: skip


def compare(case: oracle.Case, given: Given, logits: tuple[float, ...] = LOGITS) -> Iterator[Wrong]:
    """What disagrees of one loss, activation, label and parameters.

    Args:
        case: the loss, the activation and the parameters; its label is not used.
        given: the label, with its smoothing.
        logits: where.
    """
    got = lossterm.evaluate(case.loss, label=given.label, smoothing=given.smoothing, activation=case.activation,
                            at=logits, **case.parameters)  # fmt: skip
    exact = {key: mpf(value) for key, value in case.parameters.items()}

    def wanted(z: float, digits: int) -> list[float | None]:
        with mp.workdps(digits):
            results = oracle.evaluate(case.loss, case.activation, mpf(z), given.exact(), exact)
            return [None if x is None else oracle.to_float(x) for x in results]

    for i, z in enumerate(logits):
        if case.activation in ("tanh", "cloglog", "exp") and abs(z) > 1000:
            continue  # like 1000, with exponents or digits that take the oracle minutes
        wants, certain = wanted(z, digits_for(z)), False
        for j, name in enumerate(oracle.LOSS_QUANTITIES):
            g, want = float(getattr(got, name)[i]), wants[j]
            if want is None or right(name, g, want):
                continue
            if not certain:
                wants, certain = wanted(z, 1000), True
                want = wants[j]
                if want is None or right(name, g, want):
                    continue
            if not (np.isfinite([g, want]).all() and abs(g - want) <= _allowed(case, given, z, name, want)):
                yield Wrong(case, given, name, z, g, want)


def right(name: str, got: float, want: float) -> bool:
    """Whether a number is what it should be, without any allowance for rounded inputs."""
    if np.isfinite(want) and np.isfinite(got):
        return bool(abs(got - want) <= max(oracle.RELATIVE[name] * abs(want), FLOOR))
    same = got == want or (math.isnan(got) and math.isnan(want))
    return same or (abs(want) > CEILING and got == math.copysign(math.inf, want))


def cases(losses: tuple[str, ...] = tuple(PARAMETERS)) -> Iterator[tuple[oracle.Case, Given]]:
    """Everything that is compared."""
    for loss in losses:
        for parameters in PARAMETERS[loss]:
            for activation in oracle.ACTIVATIONS:
                for given in labels_of(loss):
                    yield oracle.Case(loss, activation, given.label, parameters), given


def main() -> int:
    """Print what disagrees."""
    found = 0
    for case, given in cases(tuple(sys.argv[1:]) or tuple(PARAMETERS)):
        for wrong in compare(case, given):
            found += 1
            print(wrong, flush=True)
    print(f"{found} numbers disagree")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
