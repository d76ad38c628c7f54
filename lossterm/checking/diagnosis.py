"""From what an objective gave to what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lossterm.checking import hessians
from lossterm.checking.exact import Candidate, exact
from lossterm.checking.faults import ObjectiveFault, numbers_at, plain_row, stretches
from lossterm.checking.grid import STEP
from lossterm.checking.search import ENOUGH, SAME, Gradients, Likeness, fitted, nearest
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.labels import Family
from lossterm.core.numbers import significant, trimmed

MOSTLY = 0.3
"""From this part of the scores on at which a gradient is exact it is that loss's, and wrong elsewhere."""


@dataclass(frozen=True)
class Diagnosis:
    """What is said of an objective.

    Attributes:
        fit: what it is nearest to.
        arguments: what its arguments were given, in order.
        faults: what is wrong.
        remarks: what is worth knowing and no fault.
    """

    fit: Likeness
    arguments: tuple[str, ...]
    faults: tuple[ObjectiveFault, ...]
    remarks: tuple[str, ...]


def given_by(way: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Gradients]:
    """What an objective gave, by the names of its labels."""
    found = {}
    for name, answer in way["sets"].items():
        if "error" not in answer:
            points = request["sets"][name]
            z, y, g, h = (np.array(part, dtype=float) for part in (points["z"], points["y"], answer["g"], answer["h"]))
            value = np.array(answer["L"], dtype=float) if answer.get("L") else None
            found[name] = Gradients(name, z, y, g, h, value)
    return found


def diagnosed(
    answer: Mapping[str, Any], request: Mapping[str, Any], among: Sequence[Candidate], *, fixed: bool = False
) -> Diagnosis:
    """What is wrong with an objective.

    Args:
        answer: what it gave.
        request: where it was asked.
        among: what it is compared with.
        fixed: whether it is to be one of these with their parameters as they are.

    Raises:
        ValueError: nothing of what it gave can be compared.
    """
    best: tuple[Likeness, Mapping[str, Any]] | None = None
    for way in answer["ways"]:
        sets = given_by(way, request)
        fit = _nearest(sets, among, fixed=fixed)
        if fit is not None and (best is None or fit.cost < best[0].cost):
            best = fit, way
        if best is not None and best[0].cost <= ENOUGH:
            break
    if best is None:
        raise ValueError("what it gives can be compared with no loss: it is not finite, or its gradient is 0")
    fit, way = best
    return _judged(fit, way, given_by(way, request), len(answer["ways"]) > 1)


def _nearest(sets: Mapping[str, Gradients], among: Sequence[Candidate], *, fixed: bool) -> Likeness | None:
    usual = [sets[name] for name in ("asked", "hard", "positive") if name in sets]
    fit = nearest(usual, among, fixed=fixed) if usual else None
    if "signed" in sets and (fit is None or fit.distance > SAME):
        margins = [c for c in among if c.loss.hard_only]
        other = nearest([sets["signed"]], margins, fixed=fixed)
        if other is not None and other.distance <= SAME:
            return other
    return fit


# ---- what is said ---------------------------------------------------------------------------------------------------


def _judged(fit: Likeness, way: Mapping[str, Any], sets: Mapping[str, Gradients], was_guessed: bool) -> Diagnosis:
    faults: list[ObjectiveFault] = []
    remarks: list[str] = []
    of_value = _value_fault(fit, way)
    has_value = "L" in way["sets"][fit.given.name]
    if fit.distance <= SAME:
        verdict = hessians.judged(fit)
        faults += _reading_faults(fit)
        consistent = has_value and of_value is None
        scale = _scale_faults(fit, verdict.is_flipped)
        if consistent and scale and all(one.kind == "factor" for one in scale):
            remarks += [f"it is {trimmed(fit.scale)} times the loss, and so is its value"]
        else:
            faults += scale
        faults += verdict.faults
        remarks += verdict.remarks
        faults += _far_faults(fit, remarks)
        faults += _other_labels(fit, sets, remarks)
        if of_value is not None and not scale and not _reading_faults(fit):
            faults.append(of_value)
    else:
        quotients = _quotients(way["sets"][fit.given.name]["moved_g"])
        verdict = hessians.of_its_gradient(fit, quotients)
        partial = _partial_fault(fit)
        if partial is not None:
            faults.append(partial)
        elif has_value and of_value is None:
            remarks.append(
                f"no loss of the list has this gradient, which is that of its value; nearest is {_distance(fit)}"
            )
        else:
            faults.append(_none_fault(fit))
            faults += [of_value] if of_value is not None else []
        faults += [] if partial is not None else list(verdict.faults)
    faults += _nonfinite(fit, way["sets"][fit.given.name]["edges"])
    faults += _weight_faults(fit, way, sets, remarks)
    remarks += _about_calls(fit, way, was_guessed)
    return Diagnosis(fit, _arguments(way), tuple(faults), tuple(remarks))


def _arguments(way: Mapping[str, Any]) -> tuple[str, ...]:
    return (*way["order"], *(f"{name}={role}" for name, role in way["named"].items()))


def _about_calls(fit: Likeness, way: Mapping[str, Any], was_guessed: bool) -> list[str]:
    words = {
        "label": "labels",
        "score": "scores",
        "data": "an object with get_label",
        "weight": "weights",
        "empty": "None",
    }
    told = []
    if was_guessed:
        order = ", ".join(words.get(role, role) for role in way["order"])
        told.append(f"the names of its arguments say nothing; of both orders this one was taken: {order}")
    if way["single"]:
        told.append(
            "it takes one row at a time; the libraries give it arrays: write np.where for if, np.exp for math.exp"
        )
    if fit.candidate.loss.id == "dpo" and fit.distance <= SAME:
        epsilon = dict(fit.candidate.params)["epsilon"] or 0.0
        smoothing = f" with label smoothing {trimmed(2 * epsilon)}" if epsilon else ""
        told.append(f"with labels 0 and 1 that is cross-entropy behind sigmoid{smoothing}")
    if fit.given.name == "signed":
        told.append("it is for labels −1 and 1: with labels 0 and 1 the class 0 gives another gradient")
    return told


def _shown(fit: Likeness) -> tuple[Array, Array, Array, Array]:
    # the rows that are compared, what was found, and the exact gradient
    rows = fit.given.near & np.isfinite(fit.numbers.g) & np.isfinite(fit.given.g)
    return fit.given.z[rows], fit.given.y[rows], fit.given.g[rows], fit.numbers.g[rows]


def _reading_faults(fit: Likeness) -> list[ObjectiveFault]:
    reading, candidate = fit.candidate.reading, fit.candidate
    if reading == "logit":
        return []
    known = fit.given.near & np.isfinite(fit.given.g)
    z, y, g = fit.given.z[known], fit.given.y[known], fit.given.g[known]
    meant = exact(candidate.with_reading("logit"), z, y).g
    v, link = candidate.activation.letter, candidate.activation.formula
    found = []
    if reading.startswith("raw"):
        row = plain_row(z, y, np.ones(z.shape, bool))
        found.append(
            ObjectiveFault(
                "missing_link",
                "gradient and Hessian, everywhere",
                f"the score is taken for {v}; " + numbers_at(z, y, g, meant, row, "g"),
                f"compute {link} first, and put it where the score stands",
                (float(z[row]), float(y[row])),
            )
        )
    if reading.endswith("prediction"):
        row = plain_row(z, y, np.ones(z.shape, bool))
        found.append(ObjectiveFault("wrt_prediction", "gradient and Hessian, everywhere",
                           f"it is ∂L/∂{v}; what is wanted is ∂L/∂z = ∂L/∂{v}·∂{v}/∂z; "
                           + numbers_at(z, y, g, meant, row, "g"),
                           f"multiply the gradient by ∂{v}/∂z, and differentiate again for the Hessian",
                           (float(z[row]), float(y[row]))))  # fmt: skip
    return found


def _scale_faults(fit: Likeness, hessian_is_flipped: bool) -> list[ObjectiveFault]:
    z, y, g, right = _shown(fit)
    row = plain_row(z, y, np.abs(right) > 0)
    at, size, found = (float(z[row]), float(y[row])), abs(fit.scale), []
    if fit.scale < 0:
        which, also = ("gradient and Hessian", "both signs") if hessian_is_flipped else ("gradient", "its sign")
        found.append(ObjectiveFault("sign", f"{which}, everywhere", numbers_at(z, y, g, right, row, "g"),
                           f"a booster descends: turn {also}, such as prediction − label", at))  # fmt: skip
    if abs(size - 1) > SAME:
        rows = fit.given.z.size
        if abs(size * rows - 1) < SAME or abs(size * rows - 2) < SAME:
            why, change = (
                f"1/n of the {rows} rows",
                "return one number a row, not that of a mean: leave out the division",
            )
        else:
            why, change = f"{trimmed(size)} times the loss", f"multiply by {trimmed(1 / size)}, or mean it so"
        sign = 1 if fit.scale > 0 else -1
        which = "gradient" if fit.hessian > SAME else "gradient and Hessian"
        found.append(ObjectiveFault("factor", f"{which}, everywhere",
                           f"it is {why}; " + numbers_at(z, y, sign * g, right, row, "g"), change, at))  # fmt: skip
    return found


def _distance(fit: Likeness) -> str:
    return f"{fit.candidate.loss.id} behind {fit.candidate.activation.id}, off by {100 * fit.mean:.2g}% in the mean"


def _partial_fault(fit: Likeness) -> ObjectiveFault | None:
    """A gradient that is exact at many scores and not at others."""
    z, y, g, right = _shown(fit)
    right = fit.scale * right
    wrong = np.abs(g - right) > SAME * np.abs(right).max()
    if wrong.mean() > 1 - MOSTLY or fit.candidate.reading != "logit":
        return None
    row = int(np.argmax(np.abs(g - right)))
    return ObjectiveFault("gradient_not_of_value", f"gradient, {stretches(z, y, wrong)}",
                 f"elsewhere it is exact; {numbers_at(z, y, g, right, row, 'g')}",
                 "is something clipped, or a case forgotten?", (float(z[row]), float(y[row])))  # fmt: skip


def _none_fault(fit: Likeness) -> ObjectiveFault:
    z, y, g, right = _shown(fit)
    row = int(np.argmax(np.abs(g - fit.scale * right)))
    told = numbers_at(z, y, g, fit.scale * right, row, "g")
    return ObjectiveFault("none", "gradient", f"nearest is {_distance(fit)}; {told}",
                 "say with --loss what it should be; of a loss of your own return L, g, h, which are then compared",
                 (float(z[row]), float(y[row])))  # fmt: skip


def _far_faults(fit: Likeness, remarks: list[str]) -> list[ObjectiveFault]:
    given = fit.given
    right = fit.scale * fit.numbers.g
    known = np.isfinite(right) & np.isfinite(given.g)
    if fit.candidate.reading != "logit" or not known.any():
        return []
    most = float(np.abs(right[given.near & known]).max())
    z, y, g, right = given.z[known], given.y[known], given.g[known], right[known]
    gap, far = np.abs(g - right), ~given.near[known]
    wrong = far & (gap > SAME * np.maximum(most, np.abs(right)))
    lost = far & ~wrong & (gap > 1e-3 * np.abs(right)) & (np.abs(right) > 1e-300)
    if lost.any():
        first = lost & (np.abs(z) == np.abs(z[lost]).min())
        row = plain_row(z, y, first)
        remarks.append(f"digits are lost far out, which no training feels: {numbers_at(z, y, g, right, row, 'g')}")
    if not wrong.any():
        return []
    row = plain_row(z, y, wrong & (np.abs(z) == np.abs(z[wrong]).min()))
    return [ObjectiveFault("gradient_not_of_value", f"gradient, {stretches(z, y, wrong)}",
                  f"far out it is another one; {numbers_at(z, y, g, right, row, 'g')}",
                  "write it in terms of the score: no clip, no quotient of numbers that vanish",
                  (float(z[row]), float(y[row])))]  # fmt: skip


def _other_labels(fit: Likeness, sets: Mapping[str, Gradients], remarks: list[str]) -> list[ObjectiveFault]:
    for name in ("real", "positive", "soft"):
        given = sets.get(name)
        if given is None or name == fit.given.name or fit.candidate.reading.startswith("raw"):
            continue
        labels = [float(y) for y in np.unique(given.y)]
        if not all(fit.candidate.accepts(y) for y in labels):
            continue
        other = fitted(fit.candidate, given)
        if other is None:
            continue
        ratio = other.scale / fit.scale
        is_mean = abs(ratio * given.z.size / fit.given.z.size - 1) < SAME
        if other.distance <= SAME and (abs(ratio - 1) < SAME or is_mean):
            continue
        if fit.candidate.loss.family is Family.PROBABILITY or name == "soft":
            remarks.append("with labels between 0 and 1 its gradient is not the loss's: it is for 0 and 1 alone")
            return []
        z, y, g, right = _shown(other)
        row = int(np.argmax(np.abs(g - fit.scale * right)))
        return [ObjectiveFault("gradient_not_of_value", f"gradient, labels {', '.join(map(trimmed, labels))}",
                      "with labels 0 and 1 it is exact; " + numbers_at(z, y, g, fit.scale * right, row, "g"),
                      "does it take the label for a class?", (float(z[row]), float(y[row])))]  # fmt: skip
    return []


# ---- its value ------------------------------------------------------------------------------------------------------


def _quotients(moved: Sequence[Sequence[float]]) -> Array:
    """Derivatives by five points, nan where three say another thing: beside a kink."""
    two_left, left, right, two_right = (np.array(part, dtype=float) for part in moved)
    with np.errstate(all="ignore"):
        five = (two_left - 8 * left + 8 * right - two_right) / (12 * STEP)
        three = (right - left) / (2 * STEP)
        apart = np.abs(five - three) > 1e-3 * np.maximum(np.abs(five), 1e-3)
    quotients: Array = np.where(apart, np.nan, five)
    return quotients


def _value_fault(fit: Likeness, way: Mapping[str, Any]) -> ObjectiveFault | None:
    answer, given = way["sets"][fit.given.name], fit.given
    if "moved_L" not in answer or any(len(part) != int(given.near.sum()) for part in answer["moved_L"]):
        return None
    slope = _quotients(answer["moved_L"])
    z, y, g = given.z[given.near], given.y[given.near], given.g[given.near]
    known = np.isfinite(slope) & np.isfinite(g)
    if not known.any():
        return None
    z, y, g, slope = z[known], y[known], g[known], slope[known]
    wrong = np.abs(g - slope) > 10 * SAME * max(float(np.abs(slope).max()), float(np.abs(g).max()))
    if wrong.mean() < 0.02:
        return None
    row = plain_row(z, y, wrong)
    return ObjectiveFault("gradient_not_of_value", f"gradient, {stretches(z, y, wrong)}",
                 "it is not the derivative of the loss that it returns; " + numbers_at(z, y, g, slope, row, "g"),
                 "differentiate that loss by the score", (float(z[row]), float(y[row])))  # fmt: skip


# ---- not finite, and weights ----------------------------------------------------------------------------------------


_LARGE = 1e300
"""Exact numbers from here on are as good as beyond the doubles."""


def _nonfinite(fit: Likeness, edges: Sequence[Mapping[str, Any]]) -> list[ObjectiveFault]:
    told: dict[float, list[Mapping[str, Any]]] = {}
    for edge in edges:
        z, y = np.array([edge["from"]]), np.array([edge["label"]])
        numbers = exact(fit.candidate, z, y)
        right = fit.scale * (numbers.g if edge["of"] == "g" else numbers.h)
        known_loss = fit.distance <= SAME
        if known_loss and not abs(right[0]) < _LARGE:
            continue
        told.setdefault(edge["label"], []).append(edge)
    if not told:
        return []
    first = min((e for parts in told.values() for e in parts), key=lambda e: abs(e["from"]))
    at = (float(first["from"]), float(first["label"]))
    where = "; ".join(
        f"y = {trimmed(label)}: " + ", ".join(f"{e['of']} {_sign(e)} from z = {trimmed(e['from'])}" for e in parts)
        for label, parts in sorted(told.items())
    )
    numbers = exact(fit.candidate, np.array([at[0]]), np.array([at[1]]))
    meant = float(fit.scale * (numbers.g if first["of"] == "g" else numbers.h)[0])
    return [ObjectiveFault("nonfinite", where, f"there {first['of']} is {_sign(first)}; right is {significant(meant)}",
                  "exp overflows, or a vanishing number is divided by or its logarithm taken: use expit, logaddexp, or "
                  "1/(1 + exp(−z)) and its mirror", at)]  # fmt: skip


def _sign(edge: Mapping[str, Any]) -> str:
    return {"nan": "NaN", "inf": "∞", "-inf": "−∞"}.get(edge["kind"], "not finite")


def _weight_faults(
    fit: Likeness, way: Mapping[str, Any], sets: Mapping[str, Gradients], remarks: list[str]
) -> list[ObjectiveFault]:
    weighted = way["weighted"]
    plain = sets[weighted["set"]]
    w = np.array(weighted["w"])
    takes = "weight" in way["order"] or "weight" in way["named"].values()
    how = {name: _how_weighted(np.array(weighted[name]), getattr(plain, name), w) for name in ("g", "h")}
    if not takes and not way["reads_weights"]:
        if "data" in way["order"]:
            remarks.append("it does not read the weights (get_weight): all rows count the same, whatever their weights")
        return []
    wrong = {name: text for name, text in how.items() if text not in ("applied", "none")}
    if not wrong:
        return []
    names = {"g": "gradient", "h": "Hessian"}
    same = len(set(wrong.values())) == 1
    detail = next(iter(wrong.values())) if same else ", ".join(f"{text} in the {names[n]}" for n, text in wrong.items())
    return [ObjectiveFault("weight", " and ".join(names[name] for name in wrong), f"the weights of rows are {detail}",
                  "multiply gradient and Hessian by the weights, each once")]  # fmt: skip


def _how_weighted(found: Array, plain: Array, w: Array) -> str:
    telling = np.isfinite(found) & np.isfinite(plain) & (np.abs(plain) > 1e-200)
    if not telling.any():
        return "none"
    ratio, w = found[telling] / plain[telling], w[telling]
    for power, name in ((1.0, "applied"), (0.0, "ignored"), (2.0, "applied twice")):
        if np.allclose(ratio, w**power, rtol=1e-6):
            return name
    shares = ratio / w
    return "normalised" if np.allclose(shares, shares[0], rtol=1e-6) else "neither applied nor ignored"
