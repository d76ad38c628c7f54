"""A training curve: what its shape says, and what the level means at which it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite, isnan, sqrt
from statistics import fmean, median

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.numbers import significant
from lossterm.meanings.answers import Explanation
from lossterm.meanings.lines import Losses, LossSeries
from lossterm.meanings.matching import ANY, Limits, answers, natural
from lossterm.meanings.points import place_of, rounded
from lossterm.meanings.reading import Quoted, figure

STILL = 0.01
"""What part of its level a loss may move and still count as flat."""

RISEN = 0.05
"""By what part of its lowest level it must be above it to count as rising."""

GROWN, DIVERGED = 1.5, 10
"""How many times its lowest value a loss is before it breaks off, and its first one after it has diverged."""

FEWEST = 4
"""Values that make a shape."""

MOST_LINES = 5_000_000
"""Lines that are read."""


def explain_curve(losses: Losses, limits: Limits = ANY) -> list[Explanation]:
    """What the shape says, what the level means at which it is, and that at which it began where that is another."""
    curve = losses.training
    told = list(_broken(curve))
    kept = [i for i, v in enumerate(curve.values) if isfinite(v)]
    finite = [curve.values[i] for i in kept]
    if told:  # where it went from bad to worse its level means nothing; where it began may
        return [*told, *(_beginning(finite[0], limits) if finite else ())]
    if len(finite) < FEWEST:
        return answers(_level(finite[-1], 0.0), limits)
    flat = _flat_from(finite) is not None
    level, error = _ending(finite)
    held_back = _held_back(losses.validation, finite)
    told += [held_back] if held_back is not None else []
    learns = "it learns; whether more than these examples, a validation loss tells"
    if len(losses.validation.values) >= FEWEST:
        learns = "it learns" if held_back is None else "it learns these examples"
    told.append(_shape(finite, [curve.lines[i] for i in kept], limits.loss, learns))
    told += answers(_level(level, error if flat else 0.0), limits)
    if _flat_from(finite) != 0:
        told += _beginning(finite[0], limits)
    return told


def _held_back(validation: LossSeries, training: Sequence[float]) -> Explanation | None:
    """What is wrong with the losses of a validation, beside those of the training: they rise, or break off."""
    broken = next(_broken(validation), None)
    if broken is not None:
        return replace(broken, number="the validation", says=f"the validation loss is {broken.says}")
    if len(validation.values) < FEWEST or not _has_risen(validation.values, last := _ending(validation.values)[0]):
        return None
    lowest = _lowest(validation.values)
    bottom, line = significant(validation.values[lowest]), validation.lines[lowest]
    falls = not _has_risen(training, _ending(training)[0])
    beside = "while that of the training does not" if falls else "and so does that of the training"
    return Explanation(
        "",
        "the curve",
        "shape",
        f"the validation loss rises, {beside}: lowest {bottom} at line {line}, now {significant(last)}",
        "the model learns by heart, or grows too sure" if falls else "the learning rate is too large",
        f"keep the model of line {line}. Is the accuracy still rising? Then it is too sure, and a temperature mends it "
        "(lossterm story calibration)",
        ("story", "calibration", "--format=text"),
        last,
    )


def _beginning(first: float, limits: Limits) -> list[Explanation]:
    return [one for one in answers(_level(first, 0.0, "the first"), limits) if one.relation != "always"]


def _level(value: float, spread: float, name: str = "the level") -> Quoted:
    # a level is known as well as what it swings by lets it be
    text = f"{value:.5g}"
    return Quoted(text, name, "loss", value, max(spread, 5e-5 * abs(value)))


def _ending(values: Sequence[float]) -> tuple[float, float]:
    # the mean of the last quarter, and twice its standard error
    last = values[-max(len(values) // 4, FEWEST) :]
    mean = fmean(last)
    return mean, 2 * sqrt(sum((v - mean) ** 2 for v in last) / (len(last) - 1) / len(last))


def _broken(curve: LossSeries) -> Iterator[Explanation]:
    """Where it is no number any more, what stood before that, and where that comes from."""
    at = next((i for i, v in enumerate(curve.values) if not isfinite(v)), None)
    if at is None:
        return
    value, before = curve.values[at], curve.values[max(at - 3, 0) : at]
    what = "nan" if isnan(value) else "∞" if value > 0 else "−∞"
    listed = ", ".join(significant(v, 3) for v in before)
    words: tuple[str, ...] = ("story", "nan", "--format=text")
    if not at:
        when = "the very first loss: the data, the labels or the initialisation, and not the training"
        following = "check inputs and labels for nan, and a normalisation that divides by 0"
    elif len(before) > 1 and before[-1] > GROWN * min(curve.values[:at]):
        when = f"the losses before it rose ({listed}): it diverged"
        following = "a smaller learning rate, a warm-up, gradients clipped by their norm"
        words = ("race", "--loss=squared-error", "--activation=identity", "--rate=2")
    else:
        when = f"it came at once (before it {listed}): one example, or one batch"
        following = "keep that batch, and look at the largest |z| in it: where p is rounded to 0 or 1, its log is −∞"
    says = f"{what} from line {curve.lines[at]} on ({at:,} values before it)"
    yield Explanation("", "the curve", "shape", says, when, following, words, value)
    yield from answers(figure("nan" if isnan(value) else "inf" if value > 0 else "-inf"))


def _shape(values: Sequence[float], lines: Sequence[int], loss: str, learns: str) -> Explanation:
    """What is said of finite values, of which one knows the lines, perhaps the loss, and what it means if they fall."""
    first, last, lowest = significant(values[0]), _ending(values)[0], _lowest(values)
    bottom, start, now = f"{significant(values[lowest])} at line {lines[lowest]}", _flat_from(values), significant(last)
    if start == 0:
        says = f"flat from the first line on, at {now}: it has not begun to learn"
        when = "the inputs say nothing to the model, or nothing is changed by the training"
        following = (
            "feed one batch over and over: it must fall. If not: is the optimiser given the parameters, are they "
            "frozen, is the learning rate 0 or far too large, are the inputs all alike?"
        )
    elif _has_risen(values, last) and max(values) > DIVERGED * abs(values[0]):
        says = f"rising: from {first} to {now}, lowest {bottom}: it diverges"
        when = "the learning rate is too large for the curvature"
        following = "a smaller learning rate, a warm-up, gradients clipped by their norm (lossterm race --rate)"
    elif _has_risen(values, last):
        says = f"rising: lowest {bottom}, now {now}"
        when = "a validation loss: the model learns by heart, or grows too sure; a training loss: the rate is too large"
        following = (
            f"keep the model of line {lines[lowest]}. Is the accuracy still rising? Then it is too sure, and a "
            "temperature mends it (lossterm story calibration)"
        )
    elif start is not None:
        says = f"flat from line {lines[start]} on, at {now} (it began with {first})"
        when = "it has found what there is to find, or a floor that no prediction gets below"
        following = "is the level one of those below? Then it says which floor it is"
    else:
        says = f"falling: from {first} to {now}, lowest {bottom}"
        when = learns
        following = "go on; compare the level with chance and with the entropy of the labels"
    place = place_of(natural(loss if loss in LOSSES else "cross-entropy"), last) if last > 0 else None
    place = None if place is None else rounded(place)
    words = place.words if place is not None else ("story", "stuck", "--format=text")
    return Explanation("", "the curve", "shape", says, when, following, words, last)


def _has_risen(values: Sequence[float], last: float) -> bool:
    """Whether it ends above its lowest level, by more than one low value would show, and has been there before."""
    lowest = _lowest(values)
    low = _around(values, lowest)
    return last > low + RISEN * max(abs(low), 1e-12) and lowest < len(values) - max(len(values) // 4, 2)


def _lowest(values: Sequence[float]) -> int:
    return min(range(len(values)), key=values.__getitem__)


def _around(values: Sequence[float], at: int) -> float:
    """The level around a place: a lowest value is in part luck."""
    wide = max(len(values) // 20, 2)
    return median(values[max(at - wide, 0) : at + wide + 1])


def _flat_from(values: Sequence[float]) -> int | None:
    """From which value on nothing changes but by chance; None where that is not at least the last quarter.

    A stretch is flat where its halves have the same mean: within 1% of it, or within the error of their difference.
    """
    count = len(values)
    starts = [count * i // 16 for i in range(13)]
    return next((at for at in starts if count - at >= FEWEST and _is_flat(values[at:])), None)


def _is_flat(values: Sequence[float]) -> bool:
    half = len(values) // 2
    parts = values[:half], values[-half:]
    before, after = map(fmean, parts)
    level = max(abs(fmean(values)), 1e-12)
    spread = max(values) - min(values)
    errors = sqrt(sum(_square_error(part) for part in parts))
    steady = (
        abs(after - before) <= max(STILL * level / 2, 1e-12)
        if spread <= 4 * STILL * level
        else abs(after - before) <= errors
    )
    return steady and (spread <= 4 * STILL * level or spread <= 0.5 * level)


def _square_error(part: Sequence[float]) -> float:
    mean = fmean(part)
    return sum((v - mean) ** 2 for v in part) / max(len(part) - 1, 1) / len(part)
