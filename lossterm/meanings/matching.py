"""From a number to its explanations, the likeliest first.

The order: what agrees in all the digits given comes before what is within 2%; then what the number's name speaks for;
then what one meets more often, and what is nearer. What holds of every number comes last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import exp, floor, isfinite, log

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.labels import Family, number
from lossterm.core.numbers import SMALLEST, equation, percent, significant, trimmed
from lossterm.meanings.answers import Explanation, Occasion
from lossterm.meanings.infinite import infinite
from lossterm.meanings.occasions import COMMON, chance, known
from lossterm.meanings.points import Classes, Point, at_share, place_of, rounded, whole_above
from lossterm.meanings.reading import SINGLE, Quoted, figures_of

NEAR = 0.02
"""How near a number is of which one says that it is near."""

FOUND = 3
"""So many numbers of classes that agree with a number are all told."""

MOST_CLASSES = 1_000_000
"""Of more, no one number is told by its logarithm in a log."""

_CE = "cross-entropy"


@dataclass(frozen=True)
class Limits:
    """What is known beside the number.

    Attributes:
        classes: K; None where it is to be found.
        loss: id of the loss that alone is meant; empty for any.
        params: its parameters, where they are not the usual ones.
    """

    classes: int | None = None
    loss: str = ""
    params: tuple[tuple[str, float], ...] = ()

    def allows(self, occasion: Occasion) -> bool:
        """Whether an occasion is about the loss that is meant."""
        return not self.loss or self.loss in (occasion.shown.loss, *occasion.losses)


ANY = Limits()


def explain(text: str, limits: Limits = ANY) -> list[Explanation]:
    """The explanations of every number of a text, number by number.

    Raises:
        ValueError: there is no number in it.
    """
    return [answer for figure in figures_of(text) for answer in answers(figure, limits)]


def answers(figure: Quoted, limits: Limits = ANY) -> list[Explanation]:
    """The explanations of one number, the likeliest first; none of what is no loss."""
    if not isfinite(figure.value):
        # whatever it is called: a norm of gradients that is nan is the next step's loss
        told = [one for one in infinite(figure.value) if limits.allows(one)]
        return [_answer(figure, one, "always", i, value=figure.value) for i, one in enumerate(told)]
    if figure.kind == "other":
        return []
    if figure.kind == "share":
        return list(_shares(figure, limits))
    every = [*_known(figure, limits), *_turned(figure, limits)]
    agreeing = [one for one in every if figure.agrees(one.value)]
    near = [] if agreeing else [one for one in every if one.order < 3 and _is_near(figure, one)]
    found = [_answer(figure, one, "digits" if agreeing else "near", 0) for one in agreeing or near]
    ranked, always = sorted(found, key=lambda one: one.rank), list(_always(figure, limits))
    if limits.classes in (None, 2):
        return [*ranked, *always]
    # of so many classes first, then what holds of any loss of theirs; one prediction (each of several labels) last
    fitting = [one for one in ranked if one.classes == limits.classes]
    return [*fitting, *always, *[one for one in ranked if one.classes != limits.classes]]


def _known(figure: Quoted, limits: Limits) -> list[Occasion]:
    every = [*known(limits.classes), *_classes_of(figure, limits), *_of_asked(limits)]
    return [one for one in every if limits.allows(one) and isfinite(one.value)]


def _of_asked(limits: Limits) -> Iterator[Occasion]:
    # the loss that is meant, with its parameters, where a model has not begun
    if limits.params and limits.loss in LOSSES:
        for label in (1.0, 0.0):
            place = replace(natural(limits.loss), logit=0.0, label=label, params=limits.params)
            yield Occasion(f"{place.words[1].removeprefix('--loss=')} at z = 0 for the label {label:g}",
                           "the start, where every output is 0", "lossterm plot of the same words is its curve",
                           place, 2)  # fmt: skip


def _classes_of(figure: Quoted, limits: Limits) -> list[Occasion]:
    """Numbers of classes whose logarithm agrees, where they are few and none is among the usual ones."""
    if limits.classes is not None or not 0.6 < figure.value < log(MOST_CLASSES):
        return []
    low, high = (exp(figure.value + sign * max(figure.half, 1e-12)) for sign in (-1, 1))
    found = range(max(whole_above(low), 3), floor(high) + 1)
    if len(found) > FOUND or any(k in COMMON for k in found):
        return []
    return [one for k in found for one in chance(k)]


def _turned(figure: Quoted, limits: Limits) -> Iterator[Occasion]:
    """What a number below 0 is: minus a number that is known, a probability, a density."""
    if figure.value >= 0:
        return
    mirrored = replace(figure, value=-figure.value)
    for one in _known(mirrored, limits):
        if one.shown.loss == _CE and one.order < 3 and mirrored.agrees(one.value) and one.value > 0:
            yield replace(one, says=f"with the sign turned: {one.says}",
                          when="a loss that is −ln p, added up as ln p: a log-likelihood, or a sign that is lost",
                          next="a loss that is minimised has the minus sign", turned=not one.turned,
                          order=2)  # fmt: skip
    if figure.value >= -1 and limits.loss in ("", _CE):
        yield Occasion(f"−p: the label has p = {trimmed(-figure.value)}, and it is −p that is averaged, not −ln p",
                       "torch's NLLLoss (or nll_loss) of a softmax: it takes log-probabilities, and takes no "
                       "logarithm itself",
                       "use log_softmax before it, or CrossEntropyLoss of the logits; it stops at −1",
                       Point(_CE, log(-figure.value) - log(1 + figure.value) if figure.value > -1 else 800.0,
                             measure="prediction", told=f"p={number(-figure.value)}" if figure.value > -1 else ""), 1,
                       turned=True)  # fmt: skip
    if limits.loss in ("", "gaussian-nll"):
        yield _density(figure)


def _density(figure: Quoted) -> Occasion:
    constant = Point("gaussian-nll", 0.0, 0.0, "identity").value
    sigma = exp(max(figure.value - constant, -700.0))
    without = exp(max(figure.value, -700.0))
    return Occasion(
        f"−ln of a density, which may be above 1: a Gaussian with σ = {trimmed(sigma)} and residual 0 has it; "
        "without the "
        f"constant ½ ln 2π = {trimmed(constant)} it is σ = {trimmed(without)}",
        "a likelihood of real numbers (Gaussian NLL, a flow, a VAE, a variance head), and targets of small spread: "
        "no fault",
        "only differences mean something: the unit of the targets and the constant shift it. A cross-entropy, a KL "
        "or a "
        "squared error is never below 0: there look for a sign, for labels outside [0, 1], for shares that do not "
        "sum to 1",
        Point("gaussian-nll", 0.0, 0.0, "identity", (("sigma", float(f"{sigma:.12g}")),)), 2,
        hints=("nll", "gaussian", "likelihood", "elbo"))  # fmt: skip


def _is_near(figure: Quoted, one: Occasion) -> bool:
    usual = one.order == 1 or one.classes is None or one.classes in (10, 100, 1000, 50_257)
    return usual and abs(figure.value - one.value) <= NEAR * abs(one.value)


def _answer(figure: Quoted, one: Occasion, relation: str, place: int, value: float | None = None) -> Explanation:
    told = one.value if value is None else value
    words = set(figure.name.lower().replace("_", " ").replace("/", " ").replace("-", " ").split())
    distance = abs(told - figure.value) if isfinite(told) else 0.0
    unlikely = one.order + min(distance / max(figure.half, SINGLE * abs(figure.value), 1e-300), 1.0)
    rank = (relation != "digits", not words & set(one.hints), place, unlikely if relation == "digits" else distance)
    says = f"{_unit(figure)}{one.says}"
    if relation == "near":
        side = "above" if figure.value > told else "below"
        says = f"{trimmed(abs(told - figure.value), 2)} {side} {significant(told)}, {says}"
    return Explanation(figure.text, figure.name, relation, says, one.when, one.next, one.words, told, one.classes, rank)


def _unit(figure: Quoted) -> str:
    if figure.kind == "perplexity":
        return f"as a loss ln {figure.text} = {significant(figure.value)}: "
    if figure.kind == "bits":
        return f"as a loss {figure.text} · ln 2 = {significant(figure.value)} nats: "
    return ""


def _shares(figure: Quoted, limits: Limits) -> Iterator[Explanation]:
    """A share such as an accuracy: what chance gives."""
    counts: Iterable[int] = (limits.classes,) if limits.classes is not None else (k for k in COMMON if k <= 1000)
    for k in counts:
        place = at_share(_CE, k, measure="prediction")
        if figure.agrees(place.value) and (k <= 20 or COMMON.get(k)) and limits.loss in ("", _CE):
            one = Occasion(f"1/{k}: a share, not a loss; as an accuracy it is chance with {k} classes of one size",
                           "nothing is learned, or one class is said of everything",
                           "count the decisions by class; with classes of other sizes compare with the share of the "
                           "largest",
                           place, 1 if k in (2, 10, 100, 1000) else 2, classes=k)  # fmt: skip
            yield _answer(figure, one, "digits", 0)


# ---- what holds of every number -------------------------------------------------------------------------------------


def _always(figure: Quoted, limits: Limits) -> Iterator[Explanation]:
    if figure.value <= 0:
        return
    if limits.loss in ("", _CE):
        one = _as_cross_entropy(figure.value, limits)
        if one is not None:
            yield _answer(figure, one, "always", 0)
    if "brier" in figure.name.lower() and figure.value < 2 and limits.loss in ("", "squared-error"):
        yield _answer(figure, _as_summed(figure.value), "always", -1)
    if limits.loss in LOSSES and limits.loss != _CE:
        place = place_of(replace(natural(limits.loss), params=limits.params), figure.value)
        if place is not None:
            yield _answer(figure, _as_other(rounded(place)), "always", 0)
    elif not limits.loss and figure.value > 20:
        place = rounded(Point("squared-error", figure.value**0.5, 0.0, "identity"))
        yield _answer(figure, _as_other(place), "always", 1)


def _as_summed(score: float) -> Occasion:
    p = 1 - (score / 2) ** 0.5
    logit = log(p) - log(1 - p) if 0 < p < 1 else 0.0
    return Occasion("a Brier score summed over both columns would be twice the usual one, which is then "
                    f"{trimmed(score / 2)}",
                    "two columns of probabilities, (p − t)² added over both", "is it one column or two? ¼ or ½ is "
                                                                              "then the coin",
                    Classes("squared-error", (round(logit, 9), 0.0)), 3)  # fmt: skip


def natural(loss: str) -> Point:
    """A loss where it is at home."""
    home = LOSSES[loss].home
    return Point(loss, 0.0, home.label, home.activation)


def _as_other(place: Point) -> Occasion:
    v = replace(place, measure="prediction").value
    is_residual = place.objective.loss.family is Family.VALUE
    what = f"the residual is {trimmed(abs(v - place.label))}" if is_residual else f"the prediction is v = {trimmed(v)}"
    if place.objective.activation.is_probability:
        what = f"the label gets p = {trimmed(v)}"
    name = place.words[1].removeprefix("--loss=")
    return Occasion(f"as {name} of one example: {what}", "always true, of an example that stands for the mean",
                    "compare it with the spread of the targets, or with chance", place, 3)  # fmt: skip


def _as_cross_entropy(loss: float, limits: Limits) -> Occasion | None:
    place = place_of(Point(_CE, 0.0), loss)
    if place is None:
        return None
    place = rounded(place)
    p = replace(place, measure="prediction").value
    told = equation("p", significant(p, 3) if p else f"< {SMALLEST}")
    told = f"−ln p of {told} ({percent(p)})" if p > 1e-4 else f"−ln p of {told}"
    many = f", perplexity e^L = {significant(exp(loss))}" if loss < 700 else ""
    bits = significant(loss / log(2))
    chances = f"chance has this loss with {significant(exp(loss), 3)} classes" if 0.5 < loss < 20 else ""
    if limits.classes is not None:
        chances = f"chance with {limits.classes:,} classes is {significant(log(limits.classes))}"
    share = _base_rate(loss)
    rates = f"a model that knows the base rate alone has it where that is {significant(share, 3)}" if share else ""
    following = " · ".join(one for one in (chances, rates) if one)
    return Occasion(f"as a cross-entropy in nats: {told}, what the label gets in the geometric mean{many}, {bits} bits",
                    "always true of a mean cross-entropy", following or "compare it with ln K and with the entropy "
                                                                        "of the labels",
                    place, 3)  # fmt: skip


def _base_rate(entropy: float) -> float | None:
    """The share q ≤ ½ of ones whose entropy H(q) is so much; None where there is none."""
    if not 1e-6 < entropy < log(2) * (1 - 1e-9):
        return None
    low, high = 0.0, 0.5
    for _ in range(50):
        middle = 0.5 * (low + high)
        odds = log(middle) - log(1 - middle)
        mixed = replace(Point(_CE, 0.0).objective, risk=(middle, 0.0)).evaluate([odds]).at(0).value
        low, high = (middle, high) if mixed < entropy else (low, middle)
    return high
