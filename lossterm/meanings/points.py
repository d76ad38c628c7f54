"""Places where a loss has a number: each gives the number and the words of the command that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, log, log1p
from statistics import fmean

from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.labels import number
from lossterm.core.losses.objective import Objective
from lossterm.core.softmax.evaluation import evaluate_point
from lossterm.core.softmax.example import SoftmaxExample
from lossterm.core.softmax.formulas import find_softmax_loss
from lossterm.core.softmax.inputs import Target
from lossterm.model.own_losses import define_words

Pairs = tuple[tuple[str, float], ...]
"""Parameters of a loss that are not the usual ones."""


@dataclass(frozen=True)
class Point:
    """One loss behind an activation at one logit.

    Attributes:
        loss: its id.
        logit: z.
        label: y.
        activation: its id.
        params: what is not the usual value.
        measure: which number of it: a field of `Reading`.
        told: how the point is written for ``--at``; empty for the logit itself.
    """

    loss: str
    logit: float
    label: float = 1.0
    activation: str = "sigmoid"
    params: Pairs = ()
    measure: str = "value"
    told: str = ""

    @cached_property
    def objective(self) -> Objective:
        """The loss behind its activation for its label."""
        entry = LOSSES[self.loss]
        params = tuple(entry.complete(dict(self.params)).items())
        return Objective(entry, params, self.label, ACTIVATIONS[self.activation])

    @cached_property
    def value(self) -> float:
        """The number, computed from the loss."""
        return float(getattr(self.objective.evaluate([self.logit]).at(0), self.measure))

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command after ``lossterm``."""
        behind = () if self.activation == "sigmoid" else (f"--activation={self.activation}",)
        loss = ":".join([self.loss, *(f"{name}={number(value)}" for name, value in self.params)])
        return (
            "table",
            f"--loss={loss}",
            *define_words([LOSSES[self.loss]]),
            f"--label={number(self.label)}",
            *behind,
            f"--at={self.told or number(self.logit)}",
        )


@dataclass(frozen=True)
class Mean:
    """The mean of a loss over several points, of which a command shows the first.

    Attributes:
        points: of one loss.
    """

    points: tuple[Point, ...]

    @property
    def loss(self) -> str:
        """Its id."""
        return self.points[0].loss

    @cached_property
    def value(self) -> float:
        """The number, computed from the loss."""
        return fmean(point.value for point in self.points)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command after ``lossterm``."""
        return self.points[0].words


@dataclass(frozen=True)
class Classes:
    """A loss of K classes at one example.

    Attributes:
        loss: its id.
        logits: z, one a class.
        target: the class, or a distribution.
        smoothing: ε of label smoothing.
        reduction: of a squared error, over the classes.
    """

    loss: str
    logits: tuple[float, ...]
    target: int | tuple[float, ...] = 0
    smoothing: float = 0.0
    reduction: str = "sum"

    @cached_property
    def value(self) -> float:
        """The number, computed from the loss."""
        target = self.target if isinstance(self.target, int) else list(self.target)
        point = SoftmaxExample(np.array(self.logits), Target.of(target, smoothing=self.smoothing), 1.0).point
        entry = find_softmax_loss(self.loss)
        params = entry.complete({} if self.reduction == "sum" else {"reduction": self.reduction})
        return evaluate_point(point, [(entry, params)])[0].value

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command after ``lossterm``."""
        shares = (self.target,) if isinstance(self.target, int) else self.target
        smoothed = (f"--smoothing={number(self.smoothing)}",) if self.smoothing else ()
        loss = self.loss if self.reduction == "sum" else f"{self.loss}:reduction={self.reduction}"
        return (
            "softmax",
            f"--logits={_listed(self.logits)}",
            f"--target={_listed(shares)}",
            *smoothed,
            f"--loss={loss}",
        )


def _listed(values: Sequence[float]) -> str:
    return ",".join(map(number, values))


def at_share(loss: str, classes: int, measure: str = "value") -> Point:
    """A loss where the label gets one part in so many: the chance of K classes."""
    return Point(loss, -log(classes - 1), measure=measure, told=f"p=1/{classes}" if classes > 2 else "0")


def at_probability(loss: str, p: float, told: str, label: float = 1.0) -> Point:
    """A loss at a prediction p behind a sigmoid."""
    return Point(loss, log(p) - log1p(-p), label, told=f"p={told}")


SAMPLES, FARTHEST, HALVINGS = 8, 60, 80
"""Points a logit, how far out a number is looked for, and how closely."""


def place_of(start: Point, wanted: float) -> Point | None:
    """Where a loss has a value: the point that is nearest to the right minimum, on the worse side of it.

    Args:
        start: the loss, its label and activation; the logit does not matter.
        wanted: the value.

    Returns:
        The point; None where it does not have this value for |z| ≤ 60 (of cross-entropy: at z = −L beyond).
    """
    if start.loss == "cross-entropy" and start.activation == "sigmoid" and wanted > FARTHEST / 2:
        return replace(start, logit=-wanted)  # ln(1 + e^L) is L there
    grid = [i / SAMPLES for i in range(FARTHEST * SAMPLES, -FARTHEST * SAMPLES - 1, -1)]
    values = start.objective.evaluate(grid).value.tolist()
    for i in range(1, len(grid)):
        if min(values[i - 1], values[i]) <= wanted <= max(values[i - 1], values[i]):
            return replace(start, logit=_halved(lambda z: replace(start, logit=z).value, grid[i - 1], grid[i], wanted))
    return None


def _halved(value: Callable[[float], float], a: float, b: float, wanted: float) -> float:
    below = value(a) <= wanted
    for _ in range(HALVINGS):
        middle = 0.5 * (a + b)
        if middle in (a, b):
            break
        if (value(middle) <= wanted) == below:
            a = middle
        else:
            b = middle
    return b if abs(value(b) - wanted) < abs(value(a) - wanted) else a


def rounded(place: Point) -> Point:
    """A place at a logit of nine digits: more nobody reads in a command."""
    return replace(place, logit=float(f"{place.logit:.9g}"))


def whole_above(x: float) -> int:
    """The least whole number that is not below x."""
    return ceil(x - 1e-12 * abs(x))


@dataclass(frozen=True)
class OtherCommand:
    """Another command, of something that has no one number.

    Attributes:
        words: after ``lossterm``.
        loss: id of the loss that it is about; empty where it is about any.
        value: what it speaks of.
    """

    words: tuple[str, ...]
    loss: str = ""
    value: float = float("nan")


@dataclass(frozen=True)
class Failing:
    """A number that libraries, or a precision, give where the exact loss has another.

    Attributes:
        place: where the loss has the number exactly: what a clip leaves.
        words: of the command that shows it, after ``lossterm``.
    """

    place: Point
    words: tuple[str, ...]

    @property
    def loss(self) -> str:
        """Its id."""
        return self.place.loss

    @property
    def value(self) -> float:
        """The number, computed from the loss."""
        return self.place.value


def in_libraries(place: Point) -> Failing:
    """What the dialects of a loss show a little beyond the place of a clip."""
    return Failing(place, ("dialects", place.loss, f"--at={number(-10 * ceil((1 - place.logit) / 10))}"))


def in_precision(loss: str, logit: float, dtype: str) -> OtherCommand:
    """What a plain chain rule makes of a loss at a logit."""
    return OtherCommand(("precision", f"--loss={loss}", f"--dtype={dtype}", f"--at={number(logit)}"), loss)


Shown = Point | Mean | Classes | Failing | OtherCommand
"""Whatever has a command."""
