"""What a race shows, in sentences that are computed from it: what became of the racers, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np

from lossterm.core.descent.defaults import CONSTANT, LINE, MINIMA
from lossterm.core.descent.one_weight import mean_loss
from lossterm.core.descent.per_example import pulls
from lossterm.core.descent.problems import FittingProblem
from lossterm.core.jets import Array
from lossterm.core.losses.objective import Objective, Reading
from lossterm.core.losses.surroundings import surroundings
from lossterm.core.numbers import fixed, ratio, significant, trimmed
from lossterm.model.notation import loss_name
from lossterm.race.contest import Contender, Contest

_MOST = 3
"""Losses that one sentence compares."""

_CERTAIN = 0.99
"""Of an accuracy: what is as near to another has reached it."""


_told: WeakKeyDictionary[Contest, tuple[list[str], str]] = WeakKeyDictionary()


def told_of(contest: Contest) -> tuple[list[str], str]:
    """The verdict on a race and why it went so; remembered of one that has ended: each move of a cursor asks."""
    if not contest.done:
        return verdict(contest), reasons_why(contest)
    if contest not in _told:
        _told[contest] = verdict(contest), reasons_why(contest)
    return _told[contest]


def verdict(contest: Contest) -> list[str]:
    """What became of the racers, in sentences; empty while the race is under way.

    Args:
        contest: the race.
    """
    if not contest.done or not contest.running:
        return []
    if contest.problem is None:
        return _of_one_logit(contest)
    kind = contest.problem.kind
    if kind in (LINE, CONSTANT):
        return _of_an_outlier(contest, contest.problem)
    return _of_minima(contest) if kind == MINIMA else _of_lines(contest, contest.problem)


def reasons_why(contest: Contest) -> str:
    """Why one is faster than another, or is pulled off: one sentence with the slopes that decide it; "" without any."""
    if not contest.running:
        return ""
    if contest.problem is None:
        return _slopes_at_the_start(contest)
    kind = contest.problem.kind
    if kind in (LINE, CONSTANT):
        return _pull_of_the_outlier(contest, contest.problem)
    if contest.problem.marked.any():
        return _pull_of_the_marked(contest, contest.problem)
    if kind == MINIMA:
        return _pull_at_the_start(contest, contest.problem)
    return _gradients_at_the_start(contest)


def _name(racer: Contender) -> str:
    return loss_name(racer.objective)


def _listed(contest: Contest, texts: Sequence[str]) -> str:
    # a few of them: 2.1 (cross-entropy), 3.4 (squared-error)
    pairs = [f"{text} ({_name(racer)})" for racer, text in zip(contest.running, texts, strict=True)]
    return ", ".join(pairs[:_MOST]) + (" …" if len(pairs) > _MOST else "")


def _percent(share: float) -> str:
    # never 100% of what is not all
    if not math.isfinite(share):
        return "—"
    for digits in range(3, 12):
        text = trimmed(100 * share, digits)
        if text != "100" or share >= 1:
            break
    return f"{text}%"


def times(steps: int, fewest: int) -> str:
    """How many times as many steps: ``81.2``, ``76,787``."""
    return _grouped(ratio(steps, fewest))


def _grouped(text: str) -> str:
    return f"{int(text):,}" if text.isdigit() else text


# ---- what became of them --------------------------------------------------------------------------------------------


def _of_one_logit(contest: Contest) -> list[str]:
    said = []
    for racer, ending, at in zip(contest.running, contest.endings(), contest.last(), strict=True):
        if ending.startswith("converged"):
            said.append(
                f"{_name(racer)} converged: its least L is at {_prediction(racer)} = {significant(at.prediction)}"
            )
    finishes = [(steps, i) for i, steps in enumerate(contest.finishes()) if steps is not None]
    if len(finishes) > 1:
        (fewest, first), (most, last) = min(finishes), max(finishes)
        if fewest and most > fewest:
            names = _name(contest.running[first]), _name(contest.running[last])
            said.insert(0, f"{names[0]} is there after {_count(fewest)}, {names[1]} after {_count(most)}: "
                           f"{times(most, fewest)} times as many")  # fmt: skip
    return said


def _count(steps: int) -> str:
    return "1 step" if steps == 1 else f"{steps:,} steps"


def _prediction(racer: Contender) -> str:
    return "p" if racer.objective.activation.is_probability else "v"


def _of_an_outlier(contest: Contest, problem: FittingProblem) -> list[str]:
    truth, what = problem.truth, "line" if problem.kind == LINE else "number"
    assert truth is not None
    shares = _shares_at(contest, problem, np.tile(truth, (len(contest.running), 1)))
    said = []
    for i, (racer, ending, at) in enumerate(zip(contest.running, contest.endings(), contest.last(), strict=True)):
        place = _place(np.array(at.weights))
        if ending.startswith("reached"):
            flat = _flat_bottom(contest, problem, i)
            said.append(f"{_name(racer)} ends at {place}, near the true {what}{flat}")
        elif ending.startswith("converged"):
            said.append(
                f"{_name(racer)} converged at the wrong {what}, {place}, because of the outlier, which holds "
                f"{_percent(shares[i])} of its loss at the true one, {_place(truth)}"
            )
        elif ending.startswith("step limit") and problem.has_one_weight:
            least = _place(np.array([contest.bottoms[i]]))
            said.append(f"{_name(racer)} is still on its way to its least mean L, at {least}")
    return sorted(said, key=lambda text: "wrong" not in text)


def _place(weights: Array) -> str:
    if len(weights) == 1:
        return f"w = {_tidy(float(weights[0]))}"
    slope, bias = float(weights[0]), float(weights[1])
    return f"{_tidy(slope)}x {'−' if bias < 0 else '+'} {_tidy(abs(bias))}"


def _tidy(x: float) -> str:
    return trimmed(round(x, 9))


def _flat_bottom(contest: Contest, problem: FittingProblem, racer: int) -> str:
    # where a loss of absolute values is least along a whole stretch between two of the numbers
    if not problem.has_one_weight or contest.fit is None:
        return ""
    numbers = np.unique(problem.labels)
    values = mean_loss(problem, *contest.fit.losses[racer], contest.fit.activation, numbers)
    low = contest.lows[racer]
    least = numbers[values <= low + 1e-9 * abs(low)]
    return f" (any from {_tidy(least[0])} to {_tidy(least[-1])} is as low)" if len(least) > 1 else ""


def _of_minima(contest: Contest) -> list[str]:
    fit, said = contest.fit, []
    assert fit is not None
    for i, (racer, ending) in enumerate(zip(contest.running, contest.endings(), strict=True)):
        low, best = contest.lows[i], contest.bottoms[i]
        better = f"w = {significant(best)} (mean L {significant(low)})"
        if ending.startswith("reached"):
            said.append(f"{_name(racer)} comes down to its least mean L, at {better}")
            continue
        ahead = fit.bottom_ahead(i)
        if ending.startswith("converged") and ahead is not None:
            here = f"w = {significant(float(ahead[0][0]))} (mean L {significant(float(fit.now.loss[i]) - ahead[1])})"
            said.append(f"{_name(racer)} is in the worse minimum, {here}; the better one is at {better}")
        else:
            said.append(f"{_name(racer)} is not at its least mean L, which is at {better}")
    return sorted(said, key=lambda text: "worse" not in text)


def _of_lines(contest: Contest, problem: FittingProblem) -> list[str]:
    last, best, said = contest.last(), contest.best_line, []
    balanced = [f"{fixed(at.accuracy)}" for at in last]
    if not math.isnan(best):
        short = [at.accuracy < _CERTAIN * best for at in last]
        what = "" if any(short) else ", as well as any line" if all(at.accuracy >= best - 1e-12 for at in last) else ""
        said.append(
            f"balanced accuracy at the end {_listed(contest, balanced)}{what}; the best of any line {fixed(best)}"
        )
        if problem.kind == "imbalanced" and any(short):
            said.append(
                "a low mean loss is no good decision for the rare class: a weight on it (pos_weight) moves the line"
            )
    going_on = all(ending.partition(":")[0] in ("reached", "step limit") for ending in contest.endings())
    if problem.kind == "separable" and going_on:
        lengths = [significant(float(np.linalg.norm(at.weights)), 3) for at in last]
        said.append(f"nothing holds the weights: |w| is {_listed(contest, lengths)} and grows on, ever more slowly")
    if problem.kind in ("flipped", "outlier"):
        what = "the flipped labels hold" if problem.kind == "flipped" else "the outlier holds"
        shares = _shares_at(contest, problem, np.array([at.weights for at in last]))
        said.append(f"at the end {what} {_listed(contest, [_percent(x) for x in shares])} of the loss")
    for racer, ending in zip(contest.running, contest.endings(), strict=True):
        if ending.startswith("converged"):
            said.append(
                f"{_name(racer)} converged where its loss is not the least: its mean loss has another, lower bottom"
            )
    return said


def _shares_at(contest: Contest, problem: FittingProblem, weights: Array) -> list[float]:
    """The part of each racer's summed loss that the marked examples hold."""
    assert contest.fit is not None
    values, _ = pulls(problem, contest.fit.losses, contest.fit.activation, weights)
    with np.errstate(all="ignore"):
        shares = values[:, problem.marked].sum(axis=1) / values.sum(axis=1)
    return [float(x) for x in shares]


# ---- why ------------------------------------------------------------------------------------------------------------


def _slopes_at_the_start(contest: Contest) -> str:
    start = contest.standings(0)[0].logit
    read = [racer.objective.evaluate([start]).at(0) for racer in contest.running]
    known = [i for i, at in enumerate(read) if math.isfinite(at.d_logit) and at.d_logit]
    if not known:
        return ""
    most = max(known, key=lambda i: abs(read[i].d_logit))
    least = min(known, key=lambda i: abs(read[i].d_logit))
    v = _prediction(contest.running[most])
    parts = [
        f"{_product(contest.running[i].objective, read[i])} ({_name(contest.running[i])})"
        for i in dict.fromkeys((most, least))
    ]
    gone = [_name(racer) for racer, at in zip(contest.running, read, strict=True)
            if at.d_logit == 0 and surroundings(racer.objective).beyond("d_logit", at.logit, 0.0)]  # fmt: skip
    lost = f"; too small for a double: that of {', '.join(gone[:_MOST])}" if gone else ""
    head = f"at z = {trimmed(start)} the slopes are ∂L/∂z = ∂L/∂{v} · ∂{v}/∂z = "
    if most == least:
        return head + parts[0] + lost
    larger = _grouped(ratio(read[most].d_logit, read[least].d_logit))
    return f"{head}{parts[0]} against {parts[1]}, {larger} times{_cancelled(contest.running[most])}{lost}"


def _product(objective: Objective, at: Reading) -> str:
    # what no double holds is told so: −∞ · 0 is no slope
    around = surroundings(objective)
    one, other, whole = (around.text(field, at) for field in ("d_prediction", "d_activation", "d_logit"))
    factors = [f"({text})" if text[:1] in "<>" else text for text in (one, other)]
    return f"{' · '.join(factors)} {whole if whole[:1] in '<>' else f'= {whole}'}"


def _cancelled(racer: Contender) -> str:
    objective = racer.objective
    if objective.loss.id != "cross-entropy" or objective.activation.id != "sigmoid":
        return ""
    pull = {1.0: "1/p", 0.0: "1/(1 − p)"}.get(objective.label, "1/(p(1 − p))")
    return f": cross-entropy's {pull} cancels the sigmoid's slope p(1 − p)"


def _pull_of_the_outlier(contest: Contest, problem: FittingProblem) -> str:
    assert contest.fit is not None and problem.truth is not None
    truth = np.tile(problem.truth, (len(contest.running), 1))
    _, slopes = pulls(problem, contest.fit.losses, contest.fit.activation, truth)
    pulled = [significant(abs(float(x))) for x in slopes[:, problem.marked].sum(axis=1)]
    what = "line" if problem.kind == LINE else "number"
    return f"at the true {what} the outlier pulls with |∂L/∂v| = {_listed(contest, pulled)}"


def _pull_of_the_marked(contest: Contest, problem: FittingProblem) -> str:
    assert contest.fit is not None
    _, slopes = pulls(problem, contest.fit.losses, contest.fit.activation, contest.fit.weights)
    pulled = [significant(float(x)) for x in np.abs(slopes[:, problem.marked]).max(axis=1)]
    what = "flipped label" if problem.kind == "flipped" else "outlier"
    return f"at the end no {what} pulls harder than |∂L/∂z| = {_listed(contest, pulled)}"


def _pull_at_the_start(contest: Contest, problem: FittingProblem) -> str:
    assert contest.fit is not None
    first = contest.course.first_weight
    weights = np.full((len(contest.running), 1), first)
    _, slopes = pulls(problem, contest.fit.losses, contest.fit.activation, weights)
    known = np.where(np.isfinite(slopes), np.abs(slopes), 0.0)
    one = int(known.max(axis=0).argmax())
    x, y = float(problem.features[one, 0]), float(problem.labels[one])
    pulled = [significant(float(value)) for value in slopes[:, one]]
    where = f"x = {trimmed(x)}, y = {trimmed(y)}, z = {trimmed(first * x)}"
    return f"at w = {trimmed(first)} the example {where} pulls with ∂L/∂z = {_listed(contest, pulled)}"


def _gradients_at_the_start(contest: Contest) -> str:
    sizes = [at.gradient for at in contest.standings(0)]
    texts = [significant(size) for size in sizes]
    known = [size for size in sizes if math.isfinite(size) and size > 0]
    larger = f": {_grouped(ratio(max(known), min(known)))} times" if len(known) > 1 and max(known) > min(known) else ""
    return f"at the start |∇L| is {_listed(contest, texts)}{larger}"
