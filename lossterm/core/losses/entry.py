"""A loss as the registry has it: its formula, its names, its parameters, and where it is at home."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lossterm.core.losses.labels import Family, Label, hard, number
from lossterm.core.names import normalise, unknown

if TYPE_CHECKING:
    from lossterm.core.jets import Jet
    from lossterm.core.losses.own.formula import Formula

Params = Mapping[str, float | None]
"""Parameter values by name; None is "off"."""


@dataclass(frozen=True)
class Parameter:
    """One knob of a loss.

    Attributes:
        name: as it is written on the command line.
        symbol: as it is shown beside the loss.
        default: where it starts; None is off.
        lower: its lower bound.
        upper: its upper bound.
        open: whether the lower and the upper bound are excluded.
        step: by what ``[`` and ``]`` change it.
        about: what it does, in one line.
        limit: the last step above a lower bound of −∞ that is a value itself; None where it is none.
    """

    name: str
    symbol: str
    default: float | None
    lower: float
    upper: float
    step: float
    about: str
    open: tuple[bool, bool] = (False, False)
    optional: bool = False
    limit: float | None = None

    def check(self, value: float | None) -> None:
        """Raise ValueError, with the allowed range, unless ``value`` is within it."""
        if value is None:
            if not self.optional:
                raise ValueError(f"{self.name} cannot be off")
            return
        above = value > self.lower if self.open[0] else value >= self.lower
        below = value < self.upper if self.open[1] else value <= self.upper
        finite = math.isfinite(value) or (self.limit is not None and value == self.lower)
        if not (finite and above and below):
            raise ValueError(f"{self.name} must be {self.range_text()}, not {number(value)}")

    def range_text(self) -> str:
        """The range in words: ``≥ 0``, ``between 0 and 1``."""
        if self.lower == -math.inf:
            bound = f"{'<' if self.open[1] else '≤'} {number(self.upper)}"
            return "a number" if self.upper == math.inf else bound
        if self.upper == math.inf:
            return f"{'>' if self.open[0] else '≥'} {number(self.lower)}"
        left, right = "(" if self.open[0] else "[", ")" if self.open[1] else "]"
        return f"in {left}{number(self.lower)}, {number(self.upper)}{right}"

    def stepped(self, value: float | None, direction: int) -> float | None:
        """The next value up or down, on the grid of steps, within the range; an optional one goes off at its end."""
        if value is None:
            return self.lower + self.step if direction > 0 else None
        if self.limit is not None and (value == -math.inf or value + direction * self.step < self.limit):
            return max(self.limit, value) if direction > 0 else -math.inf
        if value > 1e9 * self.step:  # its steps are lost in its digits
            return value
        moved = float(f"{round((value + direction * self.step) / self.step) * self.step:.12g}")
        low = self.lower + self.step if self.open[0] else self.lower
        high = self.upper - self.step if self.open[1] else self.upper
        if self.optional and moved < low:
            return None
        return min(max(moved, min(low, value)), max(high, value))


@dataclass(frozen=True)
class Home:
    """Where a loss is at home.

    Attributes:
        activation: the id of the activation that suits it.
        label: a label that shows what it is.
    """

    activation: str
    label: float


TITLES = {
    "generalized-cross-entropy": "generalized-CE",
    "half-squared-error": "half-squared",
    "epsilon-insensitive": "ε-insensitive",
    "squared-epsilon-insensitive": "sq-insensitive",
    "negative-binomial": "neg-binomial",
}
"""What is too long for a column of 15, shorter."""

HOMES: Mapping[Family, Home] = {
    Family.VALUE: Home("identity", 0.0),
    Family.POSITIVE: Home("exp", 2.0),
    Family.PROBABILITY: Home("sigmoid", 1.0),
    Family.MARGIN: Home("identity", 1.0),
    Family.PREFERENCE: Home("identity", 1.0),
    Family.RATIO: Home("exp", 1.0),
}
"""What suits a family, unless a loss says otherwise of itself."""


@dataclass(frozen=True)
class Loss:
    """A loss: its formula and everything that is known of it beforehand.

    Attributes:
        id: the canonical name.
        aliases: its other names.
        family: how it reads the label and the prediction.
        formula: the formula, to read.
        about: one line on what it is.
        source: where it comes from.
        expression: the formula in the language of one's own losses: what is computed, told, and derived from; empty
            where the language cannot tell it.
        parameters: its knobs, in order.
        predictions: closed interval of the predictions for which it is defined.
        labels: closed interval of its labels.
        excluded: labels of that interval that mean nothing to it.
        counts: whether its labels are counts.
        hard_only: whether only the labels 0 and 1 (and −1 for 0) mean anything.
        presets: names that stand for it with some parameters set: ``cauchy`` is barron with α = 0.
        in_all: whether ``--loss all`` means it too.
        suits: where it is at home, if not where its family is.
        turn: the parameter that is the width of a turn about the residual 0 (value losses) or the score 0, which the
            samples of a wide window step over; empty for none.
        definition: of a loss of one's own, the text that defines it; empty for the others.
        exact: ``(v, y, params) → jet``, where the expression alone loses digits, or time.
        defaults: all its parameters where nothing is said of them.
        compute: ``(v, y, params) → jet``.
    """

    id: str
    aliases: tuple[str, ...]
    family: Family
    formula: str
    about: str
    source: str
    expression: str
    parameters: tuple[Parameter, ...] = ()
    predictions: tuple[float, float] = (-math.inf, math.inf)
    labels: tuple[float, float] = (-math.inf, math.inf)
    hard_only: bool = False
    presets: Mapping[str, Params] = field(default_factory=dict, hash=False)
    in_all: bool = False
    suits: Home | None = None
    excluded: tuple[float, ...] = ()
    counts: bool = False
    turn: str = ""
    definition: str = ""
    exact: Callable[[Jet, Label, Params], Jet] | None = None
    defaults: Params = field(init=False, compare=False)
    compute: Callable[[Jet, Label, Params], Jet] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "defaults", {p.name: p.default for p in self.parameters})
        object.__setattr__(self, "compute", self.exact or self._expressed)

    def _expressed(self, v: Jet, y: Label, params: Params) -> Jet:
        return self.read(v, y, params)

    @property
    def read(self) -> Formula:
        """Its expression, read when it is first asked for."""
        from lossterm.core.losses.own.formula import read

        return read(self.expression, tuple(self.defaults))

    @property
    def title(self) -> str:
        """The id, short enough for a column of 15."""
        return TITLES.get(self.id, self.id if len(self.id) <= 17 else f"{self.id[:16]}…")

    @property
    def home(self) -> Home:
        """The activation and the label that suit it."""
        return self.suits or HOMES[self.family]

    def preset(self, name: str) -> Params:
        """The parameters that a name sets: none, unless it is that of a preset."""
        return self.presets.get(normalise(name), {})

    def complete(self, params: Params) -> dict[str, float | None]:
        """All parameters, the given ones checked and the others at their defaults.

        Raises:
            ValueError: an unknown parameter (with the nearest name) or one out of its range.
        """
        known = {p.name: p for p in self.parameters}
        result = dict(self.defaults)
        for name, value in params.items():
            key = name.strip().lower().replace("-", "_")
            if key not in known:
                why = unknown(name, f"parameter of {self.id}", known) if known else f"{self.id} has no parameters"
                raise ValueError(why)
            known[key].check(value)
            result[key] = value
        return result

    def label_problem(self, label: float) -> str | None:
        """Why this label is not one of this loss's, or None."""
        if self.hard_only:
            if hard(label) is None:
                return f"{self.id} needs a label 0 or 1 (or −1 for 0), not {number(label)}"
            return None
        low, high = self.labels
        if label in self.excluded:
            return f"{self.id} needs a label other than {number(label)}"
        if low <= label <= high:
            return None
        what = f"between {number(low)} and {number(high)}" if high < math.inf else f"of at least {number(low)}"
        return f"{self.id} needs a label {what}, not {number(label)}"


def valued(params: Params, name: str) -> float:
    """A parameter that cannot be off."""
    value = params[name]
    assert value is not None
    return value
