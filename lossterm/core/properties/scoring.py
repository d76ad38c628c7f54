"""What a loss elicits when the label is random: its minimisers, properness, calibration and tolerance of noise.

The risk at a true probability η is ηL(v, 1) + (1 − η)L(v, 0). Savage (1971) and Gneiting & Raftery (2007) on proper
scores; Bartlett, Jordan & McAuliffe (2006) on classification calibration; Ghosh, Kumar & Sastry (2017) on label noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lossterm.core.jets import Array
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.labels import Family
from lossterm.core.losses.objective import evaluate_at
from lossterm.core.properties.minima import Minimum, local_minima, lowest, risk_weights
from lossterm.core.properties.profile import HUGE, tidy
from lossterm.core.properties.report import ROUNDING, Property, Value, finite, show, show_apart, show_least, undecided
from lossterm.core.properties.sampling import Samples
from lossterm.core.properties.slopes import peak

SHOWN = 0.9
"""The η at which the risk minimiser is reported."""

_ETAS = np.array([0.01, 0.05, *(k / 20 for k in range(2, 10)), 0.49, 0.51, *(k / 20 for k in range(11, 20)), 0.99])
_AGREES = 1e-6
_EXCEEDS = 1e-10
_CONSTANT = 1e-11


@dataclass(frozen=True, eq=False)
class Scores:
    """A loss for both labels, and the minima of its risk at every η looked at."""

    samples: Samples

    @cached_property
    def minima(self) -> list[list[Minimum]]:
        """For each η the local minima of the risk, the lowest first."""
        return local_minima(self.samples, risk_weights(self.samples, _ETAS))

    @cached_property
    def values(self) -> tuple[Array, Array]:
        """L(v, 1) and L(v, 0) at the samples; nan where either is not finite."""
        one, zero = (self.samples.profile(label).at.value for label in (1.0, 0.0))
        both = np.isfinite(one) & np.isfinite(zero) & (np.abs(one) < HUGE) & (np.abs(zero) < HUGE)
        return np.where(both, one, np.nan), np.where(both, zero, np.nan)


def minimiser(least: list[Minimum]) -> Property:
    """The predictions at which L is least for this label, over the closure of the activation's range."""
    if not least:
        return undecided("L is nowhere finite")
    attained = ", ".join(_reached(m) for m in least)
    text = f"L = {show_least(least[0].value)} at v = {_range(least)}: {attained}"
    return Property(_value(least), text, 1e-9, finite([m.logit for m in least]))


def strictly_proper(scores: Scores) -> Property:
    """Whether p = η is the only minimiser of the risk, for every η looked at but ½."""
    if (why := _no_score(scores)) is not None:
        return why
    worst = 0.0
    for eta, minima in zip(_ETAS, scores.minima, strict=True):
        off = _off(lowest(minima), eta)
        if off > _AGREES:
            return _elsewhere(scores, eta, _off)
        worst = max(worst, off)
    text = f"the risk is least at η alone, within {show(worst)}, for {len(_ETAS)} values of η from 0.01 to 0.99"
    return Property(True, text, _AGREES)


def proper(scores: Scores) -> Property:
    """Whether p = η is a minimiser of the risk, be it one of many, for every η looked at but ½."""
    if (why := _no_score(scores)) is not None:
        return why
    alone = True
    for eta, minima in zip(_ETAS, scores.minima, strict=True):
        least = lowest(minima)
        if _outside(least, eta) > _AGREES:
            return _elsewhere(scores, eta, _outside)
        alone = alone and _off(least, eta) <= _AGREES
    where = "at η alone" if alone else "at η too, and not there alone"
    return Property(True, f"the risk is least {where}, for {len(_ETAS)} values of η from 0.01 to 0.99", _AGREES)


def _no_score(scores: Scores) -> Property | None:
    # why the question of properness cannot be asked
    samples = scores.samples
    if samples.loss.family.reads_sign and not samples.profile(1.0).jumps:
        return undecided("a margin loss scores a decision value, not a probability")
    if samples.activation.lower > 0 or samples.activation.upper < 1:
        return undecided("the activation does not give every probability")
    for eta, minima in zip(_ETAS, scores.minima, strict=True):
        if not minima:
            return undecided(f"the risk is nowhere finite at η = {show(eta)}")
    return None


def _elsewhere(scores: Scores, eta: float, off: Callable[[list[Minimum], float], float]) -> Property:
    # the risk is least elsewhere than at η: shown where everybody looks, if it is so there
    shown = lowest(scores.minima[_index(SHOWN)])
    at, least = (SHOWN, shown) if off(shown, SHOWN) > _AGREES else (eta, lowest(scores.minima[_index(eta)]))
    text = f"at η = {show(at)} the risk is least at v = {_range(least)}"
    return Property(False, text, _AGREES, finite([m.logit for m in least]), float(at))


def risk_minimiser(scores: Scores) -> Property:
    """The prediction at which the risk is least when η = .9."""
    least = lowest(scores.minima[_index(SHOWN)])
    if not least:
        return undecided("the risk is nowhere finite")
    attained = ", ".join(_reached(m) for m in least)
    text = f"at η = {show(SHOWN)} the risk is {show(least[0].value)} at v = {_range(least)}: {attained}"
    return Property(_value(least), text, 1e-9, finite([m.logit for m in least]), SHOWN)


def classification_calibrated(scores: Scores) -> Property:
    """Whether deciding wrongly always costs more than the least risk, for every η looked at but ½."""
    threshold = _threshold(scores.samples)
    below, above = _sides(scores, threshold)
    closest, closest_eta = math.inf, 0.5
    profiles = [scores.samples.profile(label) for label in (1.0, 0.0)]
    spread = sum(profile.spread for profile in profiles)
    slopes = any(np.nan_to_num(profile.at.d_logit).any() for profile in profiles)
    for eta, minima in zip(_ETAS, scores.minima, strict=True):
        if not minima:
            return undecided(f"the risk is nowhere finite at η = {show(eta)}")
        least = minima[0].value
        one, zero = below if eta > 0.5 else above
        risks = np.append(eta * one + (1 - eta) * zero, [m.value for m in minima if _wrong(m, eta, threshold)])
        margin = float(np.min(risks, initial=math.inf, where=~np.isnan(risks))) - least
        # what counts as more: more than a trace of the risk, or of all its differences where a constant is in it
        room = _EXCEEDS * min(abs(least) or spread, spread)
        if slopes and margin <= ROUNDING * abs(least) and room < ROUNDING * abs(least):
            return undecided(f"at η = {show(eta)} the risks of both sides differ by no more than rounding")
        if margin <= room:
            side = "below" if eta > 0.5 else "above"
            text = f"at η = {show(eta)} predictions {side} {show(threshold)} reach the least risk {show(least)}"
            if scores.samples.loss.family.reads_sign and scores.samples.activation.lower >= threshold:
                behind = scores.samples.activation.id
                text += f": a margin behind {behind} is never negative, so no prediction decides for the other class; "
                text += "the place of a margin loss is the identity"
            return Property(False, text, _EXCEEDS, finite([minima[0].logit]), float(eta))
        if margin < closest:
            closest, closest_eta = margin, float(eta)
    text = f"the wrong side of {show(threshold)} costs at least {show(closest)} more, at η = {show(closest_eta)}"
    return Property(True, text, _EXCEEDS)


def noise_tolerant(scores: Scores) -> Property:
    """Whether L(v, 1) + L(v, 0) is the same for all predictions of the activation."""
    one, zero = scores.values
    total = one + zero
    known = np.flatnonzero(~np.isnan(total))
    if not len(known):
        return undecided("there is no prediction for which both labels have a finite loss")
    low, high = (int(known[pick(total[known])]) for pick in (np.argmin, np.argmax))
    spread = total[high] - total[low]
    size = max(float(np.max(np.abs(one[known]))), float(np.max(np.abs(zero[known]))))
    if any(scores.samples.profile(label).lost for label in (1.0, 0.0)):
        return undecided("L(v,1) and L(v,0) vary by no more than rounding")
    varies = max(float(np.ptp(one[known])), float(np.ptp(zero[known])))
    if spread <= max(_CONSTANT * varies, ROUNDING * size):
        return Property(True, f"L(v,1) + L(v,0) = {show(float(total[low]))} for all v", _CONSTANT)
    samples = scores.samples
    least = local_minima(samples, 2 * risk_weights(samples, np.array([0.5])))[0][0]
    place, most = peak(lambda z: _sums(samples, z), *_beside(samples.logits, high), float(total[high]))
    bottom, top = show_apart(min(least.value, float(total[low])), most)
    text = f"L(v,1) + L(v,0), twice the risk at η = ½, runs from {bottom} to {'∞' if _unbounded(scores) else top}"
    return Property(False, text, _CONSTANT, finite([least.logit, place]), 0.5)


def _sums(samples: Samples, z: Array) -> Array:
    one, zero = (samples.profile(label).evaluate(z).value for label in (1.0, 0.0))
    both: Array = one + zero
    return np.where(np.isfinite(both), both, -np.inf)


def _beside(logits: Array, index: int) -> tuple[float, float]:
    return float(logits[max(index - 1, 0)]), float(logits[min(index + 1, len(logits) - 1)])


def symmetric(samples: Samples) -> Property:
    """Whether the loss treats both labels, or both signs of the residual, alike."""
    loss, params, link = samples.loss, samples.params, ACTIVATIONS["identity"]
    steps = np.concatenate([np.arange(1, 64) / 128, [0.0009765625, 0.49951171875]])
    decides = loss.family.reads_sign and _threshold(samples) == 0.5  # then it is about a probability
    if loss.family is Family.PROBABILITY or decides:
        link = samples.activation if decides else link
        what, pairs = (
            "L(v,1) and L(1−v,0)",
            [(0.5 - steps, 1.0, 0.5 + steps, 0.0), (0.5 + steps, 1.0, 0.5 - steps, 0.0)],
        )
    elif loss.family.reads_sign:
        scores = np.concatenate([-8 * steps, 8 * steps])
        what, pairs = "L(v,1) and L(−v,0)", [(scores, 1.0, -scores, 0.0)]
    else:
        labels, sizes = (1.0, 2.0, 4.0), np.concatenate([steps, 8 * steps])
        what, pairs = "L(y+r) and L(y−r)", [(y + sizes, y, y - sizes, y) for y in labels]
    worst, place = 0.0, 0.0
    for here, label, there, other in pairs:
        a = evaluate_at(loss, params, label, link, link.inverse(here)).value
        b = evaluate_at(loss, params, other, link, link.inverse(there)).value
        known = np.isfinite(a) & np.isfinite(b)
        off = np.abs(a - b)[known] / np.maximum(1e-300, np.maximum(np.abs(a), np.abs(b))[known])
        if len(off) and off.max() > worst:
            worst, place = float(off.max()), float(here[known][off.argmax()])
    if worst <= 1e-12:
        return Property(True, f"{what} agree", 1e-12)
    return Property(False, f"{what} differ, at v = {show(place)} by {show(100 * worst)}%", 1e-12)


def _index(eta: float) -> int:
    return int(np.argmin(np.abs(_ETAS - eta)))


def _off(least: list[Minimum], eta: float) -> float:
    return max((max(abs(m.low - eta), abs(m.high - eta)) for m in least), default=math.inf)


def _outside(least: list[Minimum], eta: float) -> float:
    # how far η is from the nearest of the minima
    return min((max(m.low - eta, eta - m.high, 0.0) for m in least), default=math.inf)


def _threshold(samples: Samples) -> float:
    # a loss that judges the decision itself jumps where the decision does; the other margins decide at 0
    if not samples.loss.family.reads_sign:
        return 0.5
    jumps = samples.profile(1.0).jumps
    if not jumps:
        return 0.0
    v = samples.profile(1.0).at.prediction
    return tidy(float(v[jumps[0].left]), float(v[jumps[0].right]))


def _sides(scores: Scores, threshold: float) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    # both labels' losses at the samples below and above the threshold, and close beside it
    samples = scores.samples
    (one, zero), v = scores.values, samples.profile(1.0).at.prediction
    with np.errstate(all="ignore"):
        z = float(samples.activation.inverse(np.array([threshold]))[0])
    beside = z + np.array([-1e-12, 1e-12]) * max(1.0, abs(z))
    if math.isnan(z):
        beside = np.array([])
    extra = [samples.profile(label).evaluate(beside).value for label in (1.0, 0.0)]
    below, above = v < threshold, v > threshold
    sides = []
    for mask, pick in ((below, slice(0, 1)), (above, slice(1, 2))):
        sides.append((np.append(one[mask], extra[0][pick]), np.append(zero[mask], extra[1][pick])))
    return sides[0], sides[1]


def _wrong(m: Minimum, eta: float, threshold: float) -> bool:
    return m.low < threshold if eta > 0.5 else m.high > threshold


def _unbounded(scores: Scores) -> bool:
    # at an end of the stretch where both are finite the sum may have no bound
    profiles = [scores.samples.profile(label) for label in (1.0, 0.0)]
    return any(end.limit("value") == math.inf for profile in profiles for end in profile.ends)


def _value(least: list[Minimum]) -> Value:
    if len(least) == 1 and least[0].is_point:
        return least[0].low
    return _range(least).replace("−", "-").replace("∞", "inf")


def _range(least: list[Minimum]) -> str:
    return ", ".join(_stretch(m) for m in least)


def _stretch(m: Minimum) -> str:
    if m.is_point:
        return show(m.low)
    if math.isinf(m.high):
        return "any" if math.isinf(m.low) else f"{show(m.low)} and above"
    return f"{show(m.high)} and below" if math.isinf(m.low) else f"{show(m.low)} to {show(m.high)}"


def _reached(m: Minimum) -> str:
    low, high = m.logits
    if not m.attained:
        return f"approached as z → {show(m.logit)}, not attained"
    if low == high:
        return f"attained at z = {show(low)}"
    if math.isinf(low) or math.isinf(high):
        sign = ("<" if m.open[1] else "≤") if math.isinf(low) else (">" if m.open[0] else "≥")
        shown = "for all z" if math.isinf(low) and math.isinf(high) else f"for z {sign} "
        return "attained " + (shown if shown.endswith("z") else shown + show(high if math.isinf(low) else low))
    return f"attained for {show(low)} {'<' if m.open[0] else '≤'} z {'<' if m.open[1] else '≤'} {show(high)}"
