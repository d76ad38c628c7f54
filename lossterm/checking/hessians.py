"""What a Hessian is that is not the exact one: a stand-in that is known by name, or simply wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lossterm.checking.exact import Candidate, exact
from lossterm.checking.faults import Mask, ObjectiveFault, numbers_at, plain_row, stretches
from lossterm.checking.search import SAME, Likeness
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.numbers import significant, trimmed

LIGHTGBM_POISSON = math.exp(0.7)
"""By what lightgbm's Poisson makes the Hessian larger: its poisson_max_delta_step."""


@dataclass(frozen=True)
class Verdict:
    """What is said of a Hessian.

    Attributes:
        faults: what is wrong.
        remarks: what is worth knowing.
        is_flipped: whether it has the sign of a flipped gradient, which is told there.
    """

    faults: tuple[ObjectiveFault, ...] = ()
    remarks: tuple[str, ...] = ()
    is_flipped: bool = False


def judged(fit: Likeness) -> Verdict:
    """What the Hessian of an objective is, next to the exact one at the size of its gradient."""
    given, near = fit.given, fit.given.near
    right = abs(fit.scale) * fit.numbers.h
    known = near & np.isfinite(right) & np.isfinite(given.h)
    if not known.any():
        return Verdict()
    z, y, h, right = given.z[known], given.y[known], given.h[known], right[known]
    most = float(np.abs(right).max())
    gap = np.abs(h - right)
    if (gap <= SAME * most).all():
        return Verdict(remarks=_exact_remarks(fit, z, y, right))
    if most and (np.abs(h + right) <= SAME * most).all():
        if fit.scale < 0:
            return Verdict(is_flipped=True)
        row = plain_row(z, y, np.abs(right) > 0)
        return Verdict((_fault("hessian_negative", stretches(z, y, h < 0), "its sign is flipped; "
                               + numbers_at(z, y, h, right, row, "h"), "turn its sign", z, y, row),))  # fmt: skip
    ratio = _ratio(h, right)
    if fit.candidate.loss.id == "poisson" and ratio is not None and abs(ratio - LIGHTGBM_POISSON) < 1e-6:
        return Verdict(
            remarks=("the Hessian is the exact one times e^0.7, as lightgbm has it so that steps are short",)
        )
    held = _held(h, right, most)
    if held:
        return Verdict(remarks=(held,))
    if np.ptp(h) == 0 and h[0] > 0 and _has_flat_parts(right, most):
        constant = f"the Hessian is the constant {trimmed(float(h[0]))}"
        return Verdict(remarks=(f"{constant}, which stands in for the exact one: "
                                "that is 0 on the straight parts, and a booster divides by it",))  # fmt: skip
    return Verdict((_wrong(fit, known, h, right, most),))


def _fault(kind: str, where: str, detail: str, change: str, z: Array, y: Array, row: int) -> ObjectiveFault:
    return ObjectiveFault(kind, f"Hessian, {where}", detail, change, (float(z[row]), float(y[row])))


def _exact_remarks(fit: Likeness, z: Array, y: Array, right: Array) -> tuple[str, ...]:
    if (right < -SAME * np.abs(right).max()).any():
        where = stretches(z, y, right < 0)
        return (f"the exact Hessian is negative ({where}): a booster steps the wrong way there; "
                "np.maximum(h, 1e-6) or the Gauss–Newton Hessian is usual",)  # fmt: skip
    if not right.any():
        return ("the exact Hessian is 0: a booster needs a stand-in, such as ones",)
    return ()


def _held(h: Array, right: Array, most: float) -> str:
    # the exact one, but never below a small number, or without its sign
    if (np.abs(h - np.abs(right)) <= SAME * most).all():
        return "the Hessian is the exact one without its sign: positive where that is negative"
    least = float(h.min())
    if least >= 0 and least < 0.1 * most and (np.abs(h - np.maximum(right, least)) <= SAME * most).all():
        return f"the Hessian is the exact one, held at {trimmed(least, 3)} where that is less"
    return ""


def _has_flat_parts(right: Array, most: float) -> bool:
    return not most or bool((np.abs(right) <= 1e-12 * most).mean() > 0.1)


def _wrong(fit: Likeness, known: Mask, h: Array, right: Array, most: float) -> ObjectiveFault:
    z, y = fit.given.z[known], fit.given.y[known]
    gap = np.abs(h - right)
    worst = int(np.argmax(gap))
    name, factor, kind, change = _known_as(fit, known, h, right)
    negative = (h < 0) & (right >= -SAME * most)
    if not name and negative.any() and negative.mean() > 0.02:
        row = plain_row(z, y, negative)
        return _fault("hessian_negative", stretches(z, y, negative), numbers_at(z, y, h, right, row, "h"),
                      "differentiate the gradient again", z, y, row)  # fmt: skip
    row = worst if not name else plain_row(z, y, gap > SAME * most)
    told = numbers_at(z, y, h, right, row, "h")
    times = f", times {trimmed(factor)}" if name and factor != 1 and kind != "factor" else ""
    size = f"; off by up to {significant(float(gap.max()), 3)}" if kind == "hessian_wrong" else ""
    where = stretches(z, y, gap > SAME * max(most, 1e-300))
    detail = f"it is {name}{times}; {told}{size}" if name else f"{told}{size}"
    return _fault(kind, where, detail, change or "differentiate the gradient again", z, y, row)


def _known_as(fit: Likeness, known: Mask, h: Array, right: Array) -> tuple[str, float, str, str]:
    """A name for a Hessian, its factor, the kind of fault, and what to change."""
    factor = _ratio(h, right)
    if factor is not None and factor > 0:
        return (f"{trimmed(factor)} times the exact one", factor, "factor",
                f"multiply the Hessian by {trimmed(1 / factor)}")  # fmt: skip
    by_label = _ratios_of_labels(fit.given.y[known], h, right)
    if by_label:
        told = ", ".join(f"{trimmed(r)} for y = {trimmed(label)}" for label, r in by_label.items())
        return (
            f"the exact one times {told}",
            1.0,
            "weight",
            "the weight of a class belongs in both, gradient and Hessian",
        )
    if np.ptp(h) == 0:
        bound = ", an upper bound of the exact one" if h[0] >= right.max() else ""
        return (f"the constant {trimmed(float(h[0]))}{bound}", 1.0, "hessian_wrong",
                "steps are shorter than Newton's where it is too large; return the exact one")  # fmt: skip
    size, candidate = abs(fit.scale), fit.candidate
    given, v = fit.given, candidate.activation.letter
    newton = size * fit.numbers.gauss_newton[known]
    others = [
        (
            "the Gauss–Newton Hessian, ∂²L/∂v²·(∂v/∂z)²".replace("v", v),
            newton,
            "hessian_wrong",
            "not exact, but often chosen on purpose: never negative where the loss is convex in the prediction",
        ),
    ]
    if candidate.reading == "logit" and candidate.activation.id != "identity":
        by_v = size * exact(candidate.with_reading("prediction"), given.z, given.y).h[known]
        others.append(
            (f"∂²L/∂{v}², by the prediction", by_v, "wrt_prediction", "the gradient is by z: so must be this")
        )
        raw = size * exact(candidate.with_reading("raw"), given.z, given.y).h[known]
        others.append(("that with the score taken for the prediction", raw, "missing_link",
                       f"compute {candidate.activation.formula} first, and use it in the Hessian too"))  # fmt: skip
    plain = Candidate(LOSSES["cross-entropy"], tuple(LOSSES["cross-entropy"].defaults.items()), ACTIVATIONS["sigmoid"])
    entropy = exact(plain, given.z, np.where(given.y > 0, 1.0, 0.0)).h[known]
    if candidate.loss.id != "cross-entropy" or candidate.params != plain.params:
        others.append(("p(1 − p), that of plain cross-entropy", entropy, "hessian_wrong", ""))
    if candidate.reading == "logit":
        others.append(("p(1 − p) of the score itself", given.z[known] * (1 - given.z[known]), "missing_link",
                       "p = 1/(1 + e^−z) first, and use it in the Hessian too"))  # fmt: skip
    others.append(("the square of the gradient", given.g[known] ** 2, "hessian_wrong", ""))
    for name, numbers, kind, change in others:
        ratio = _ratio(h, numbers)
        if ratio is not None:
            return name, ratio, kind, change
    return "", 1.0, "hessian_wrong", ""


def _ratio(h: Array, right: Array) -> float | None:
    # the one number that h is times another, where the latter is known; None for none
    known = np.isfinite(right) & np.isfinite(h)
    if known.sum() < 6 or not right[known].any():
        return None
    h, right = h[known], right[known]
    telling = np.abs(right) > 1e-3 * np.abs(right).max()
    factor = float(np.median(h[telling] / right[telling]))
    if not factor or not (np.abs(h - factor * right) <= SAME * abs(factor) * np.abs(right).max()).all():
        return None
    return 1.0 if abs(factor - 1) < 1e-9 else factor


def _ratios_of_labels(y: Array, h: Array, right: Array) -> dict[float, float]:
    found = {float(label): _ratio(h[y == label], right[y == label]) for label in np.unique(y)}
    return {k: v for k, v in found.items() if v is not None and v > 0} if all(found.values()) and len(found) > 1 else {}


def of_its_gradient(fit: Likeness, quotients: Array) -> Verdict:
    """What the Hessian is, next to difference quotients of the objective's own gradient.

    Args:
        fit: what was given.
        quotients: of the gradient, at the rows near 0; nan where there is a kink.
    """
    near = fit.given.near
    z, y, h = fit.given.z[near], fit.given.y[near], fit.given.h[near]
    known = np.isfinite(quotients) & np.isfinite(h)
    if not known.any():
        return Verdict()
    z, y, h, right = z[known], y[known], h[known], quotients[known]
    most = float(np.abs(right).max())
    gap = np.abs(h - right)
    if (gap <= 10 * SAME * max(most, 1e-12)).mean() > 0.97:
        return Verdict()
    row = int(np.argmax(gap))
    where = stretches(z, y, gap > 10 * SAME * most)
    detail = f"it is not the derivative of its own gradient; {numbers_at(z, y, h, right, row, 'h')}"
    return Verdict((_fault("hessian_wrong", where, detail, "differentiate the gradient again", z, y, row),))
