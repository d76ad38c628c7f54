"""A comparison in words: who is better in which loss, by how much, and whether surely."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lossterm.core.numbers import MINUS, UNDEFINED, percent, significant
from lossterm.core.statistics.pair_figures import Costs, Difference, LossDifference
from lossterm.predictions.comparing import Comparison
from lossterm.predictions.figures import told
from lossterm.predictions.text import loss_name

LEVEL = 0.05
"""Of McNemar's test, below which a difference is said to be one."""


def signed(x: float | None, digits: int = 3) -> str:
    """A difference with its sign: ``+0.021``."""
    if x is None:
        return UNDEFINED
    if x == 0:
        return "0"
    size = "∞" if math.isinf(x) else told(abs(x), digits)
    return f"{'+' if x > 0 else MINUS}{size}"


def interval(difference: Difference) -> str:
    """The interval of 95%, or that there is none."""
    ends = difference.interval
    return UNDEFINED if ends is None else f"{signed(ends[0])} to {signed(ends[1])}"


def best(comparison: Comparison, index: int) -> Difference:
    """The difference of a loss that is judged by: with weights where there are any."""
    loss = comparison.compared.losses[index]
    return loss.difference if loss.weighted is None else loss.weighted


def loss_title(comparison: Comparison, index: int) -> str:
    """A loss, or both where the second is put to another."""
    loss = comparison.compared.losses[index]
    one, other = loss_name(loss.first), loss_name(loss.second)
    return one if one == other else f"{one} → {other}"


def sentences(comparison: Comparison) -> list[str]:
    """Who is better, loss by loss, then in decisions, in ranking, and for which costs."""
    compared, first, second = comparison.compared, comparison.first, comparison.second
    rows = f"{compared.rows:,} row{'' if compared.rows == 1 else 's'}"
    said, untold = [], []
    for at in range(len(compared.losses)):
        name, difference = loss_title(comparison, at), best(comparison, at)
        ends, value = difference.interval, difference.value
        if value is None:
            said.append(f"in {name} there is no difference that means anything")
        elif not compared.losses[at].of_one_loss:
            error = f" ± {significant(difference.standard_error, 2)}" if difference.standard_error is not None else ""
            said.append(
                f"{name}: B {MINUS} A {signed(value)}{error}, of two losses: this does not tell which is better"
            )
        elif math.isinf(value):
            better, worse = (first, second) if value > 0 else (second, first)
            said.append(f"{better} is better in {name}: that of {worse} is ∞")
        elif ends is None:
            said.append(f"in {name} the difference is {signed(value)}; so few rows tell no more")
        elif value == 0 and difference.standard_error == 0:
            said.append(f"in {name} both are the same in every row")
        elif difference.sure:
            better = second if value < 0 else first
            low, high = sorted((abs(ends[0]), abs(ends[1])))
            error = significant(difference.standard_error or 0.0, 2)
            said.append(
                f"{better} is better in {name} by {told(abs(value), 3)} ± {error} (95% {told(low, 3)} to "
                f"{told(high, 3)}): surely{_in_fewer_rows(compared.losses[at], second_is=value < 0)}"
            )
        else:
            untold.append(name)
    if untold:
        said.append(f"in {_and(untold)} no difference that {rows} can tell")
    return [*said, *_decisions(comparison), *_ranking(comparison), *_every_cost(comparison)]


def _in_fewer_rows(loss: LossDifference, *, second_is: bool) -> str:
    # a mean that is better while most rows are worse would be taken for a contradiction
    better, worse = (loss.better, loss.worse) if second_is else (loss.worse, loss.better)
    if better is None or worse is None or better >= worse:
        return ""
    return f", though in {percent(worse)} of the rows it is worse"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _decisions(comparison: Comparison) -> list[str]:
    flips = comparison.compared.flips
    if flips is None:
        return []
    gained, lost = flips.wrong_to_right, flips.right_to_wrong
    if not gained + lost:
        return ["every decision is right or wrong in both alike"]
    text = f"decisions: {comparison.second} mends {gained:,} and spoils {lost:,}"
    if flips.p is None:
        return [text]
    p = "p < 1e-300" if not flips.p else f"p = {significant(flips.p, 2)}"
    return [f"{text} (McNemar {p}): " + ("surely" if flips.p < LEVEL else "which may be chance")]


def _ranking(comparison: Comparison) -> list[str]:
    difference = comparison.compared.ranking
    if difference.value is None or difference.standard_error is None:
        return []
    if not difference.sure:
        return ["in ranking (AUROC) no difference that so many rows can tell"] if difference.value else [
            "both rank the rows alike"
        ]  # fmt: skip
    better = comparison.second if difference.value > 0 else comparison.first
    return [
        f"{better} ranks better: AUROC by {told(abs(difference.value), 3)} ± "
        f"{significant(difference.standard_error, 2)}: surely"
    ]


def _every_cost(comparison: Comparison) -> list[str]:
    costs = comparison.compared.costs
    return [] if costs is None else [cost_sentence(costs, comparison.first, comparison.second)]


def cost_sentence(costs: Costs, first: str, second: str) -> str:
    """Who has the lower score for which ratios of costs θ; as the curves are, without a test."""
    gap = costs.second - costs.first
    better, worse = gap < -1e-15, gap > 1e-15
    if not better.any() and not worse.any():
        return "for every cost θ both are worth the same"
    if not worse.any():
        return f"{second} is at least as good for every cost θ from .01 to .99"
    if not better.any():
        return f"{first} is at least as good for every cost θ from .01 to .99"
    share = float(better.sum()) / len(gap)
    where = costs.theta[better]
    return (
        f"neither is better for every cost: {second} is for {percent(share)} of the θ, between "
        f"{told(float(where[0]), 2)} and {told(float(where[-1]), 2)}"
    )
