"""How a race is run: a frozen course, pure changes of it, and what is kept of it between runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TypeVar

from lossterm.core.labels import number
from lossterm.numbers import trimmed
from lossterm.state import FARTHEST, View

ONE_LOGIT = "logit"
"""The course of one example; all others are problems of `lossterm.core.problems`."""

LINE = "line"
"""The problem of real targets, which losses of the residual v − y fit."""

MINIMA, CONSTANT = "minima", "constant"
"""The problems of one weight, whose examples are given."""

COURSES = (ONE_LOGIT, "separable", "overlapping", "imbalanced", "flipped", "outlier", LINE, MINIMA, CONSTANT)
OPTIMIZERS = ("gd", "momentum", "newton")
MATCHES = ("off", "smoothness", "lipschitz")
BATCHES: tuple[int | None, ...] = (None, 50, 10, 1)
"""Examples in a step; None is all of them."""

QUANTITIES = ("loss", "prediction", "gradient", "logit", "accuracy", "weight")
"""What can be drawn against the step."""

STEP_AXES = ("log", "linear")
SPEEDS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
"""Steps a second when it is played."""

MOST_STEPS = 1_000_000
MOST_FIT_STEPS = 100_000
"""After how many steps a race ends at the latest: of one logit, of a problem."""

MOST_EXAMPLES = 5000

FIT_RATE = 0.5
"""The learning rate of a problem where none is told."""

FIT_RATES = {LINE: 0.2, MINIMA: 0.2, CONSTANT: 0.2}
"""Those of some problems: on a line the absolute error goes to and fro with more, and others bend more."""

STARTS = {MINIMA: -1.0, CONSTANT: 0.0}
"""The weight that all start from where there is one and none is told."""

T = TypeVar("T")


@dataclass(frozen=True)
class Course:
    """Everything that decides a race beside the losses, the label and the activation.

    Attributes:
        problem: one of `COURSES`.
        start: the logit they start from; None is where the cursor of the curves is.
        rate: the learning rate on one logit; where rates are matched, what they are multiplied by.
        fit_rate: the same for a problem; None is what suits it.
        match: whether each loss gets its own rate: one of `MATCHES`.
        optimizer: one of `OPTIMIZERS`.
        until: what is to be reached: the probability of the label; for classes the balanced accuracy, for a line the
            share of the way to the true one.
        most: after how many steps of one logit a racer gives up.
        fit_steps: the same for a problem.
        examples: of a problem.
        seed: of its data and of the order of its batches.
        batch: examples in a step; None is all of them.
        weight: what they start from where there is one weight; None is what suits the problem.
        quantity: what the lower chart shows.
        step_axis: one of `STEP_AXES`.
        log_y: whether the y axes are symmetric logarithms.
        speed: index into `SPEEDS`.
    """

    problem: str = ONE_LOGIT
    start: float | None = None
    rate: float = 1.0
    fit_rate: float | None = None
    match: str = "off"
    optimizer: str = "gd"
    until: float = 0.9
    most: int = MOST_STEPS
    fit_steps: int = 1000
    examples: int = 200
    seed: int = 0
    batch: int | None = None
    weight: float | None = None
    quantity: str = "prediction"
    step_axis: str = "log"
    log_y: bool = False
    speed: int = 4

    def __post_init__(self) -> None:
        check = _Checks(self)
        check.one_of("problem", COURSES)
        check.one_of("match", MATCHES)
        check.one_of("optimizer", OPTIMIZERS)
        check.one_of("quantity", QUANTITIES)
        check.one_of("step_axis", STEP_AXES)
        if self.start is not None:
            check.between("start", -FARTHEST, FARTHEST, "a logit")
        if self.weight is not None:
            check.between("weight", -FARTHEST, FARTHEST, "a weight")
        check.between("rate", 1e-12, 1e12, "a rate")
        if self.fit_rate is not None:
            check.between("fit_rate", 1e-12, 1e12, "a rate")
        check.between("until", 1e-9, 1.0, "what is to be reached, a probability,")
        check.whole("most", 1, 10 * MOST_STEPS, "the most steps")
        check.whole("fit_steps", 1, MOST_FIT_STEPS, "the most steps of a problem")
        check.whole("examples", 20, MOST_EXAMPLES, "the number of examples")
        check.whole("seed", 0, 2**31, "the seed")
        check.whole("speed", 0, len(SPEEDS) - 1, "the speed")
        if self.batch is not None:
            check.whole("batch", 1, MOST_EXAMPLES, "the number of examples in a step")

    @property
    def is_problem(self) -> bool:
        """Whether it is a problem of many examples, not one logit."""
        return self.problem != ONE_LOGIT

    @property
    def has_one_weight(self) -> bool:
        """Whether it is a problem of one weight, whose examples are given."""
        return self.problem in STARTS

    @property
    def is_regression(self) -> bool:
        """Whether it is a problem of real targets, which have no activation."""
        return self.problem in {LINE, CONSTANT}

    @property
    def first_weight(self) -> float:
        """The weight that they start from, where there is one."""
        return STARTS.get(self.problem, 0.0) if self.weight is None else self.weight

    @property
    def limit(self) -> int:
        """After how many steps it ends at the latest."""
        return self.fit_steps if self.is_problem else self.most

    @property
    def step_rate(self) -> float:
        """The learning rate, or what matched ones are multiplied by."""
        if not self.is_problem:
            return self.rate
        if self.fit_rate is not None:
            return self.fit_rate
        return FIT_RATES.get(self.problem, FIT_RATE) if self.match == "off" else 1.0

    def with_rate(self, rate: float) -> Course:
        """With another `step_rate`."""
        return replace(self, fit_rate=rate) if self.is_problem else replace(self, rate=rate)

    def start_from(self, view: View) -> float:
        """The logit they start from."""
        return view.logit if self.start is None else self.start

    @property
    def choices(self) -> tuple[str, ...]:
        """What the lower chart can show: the upper one always shows the loss."""
        if not self.is_problem:
            return ("prediction", "gradient", "logit")
        return ("weight", "gradient") if self.is_regression or self.has_one_weight else ("accuracy", "gradient")

    @property
    def shown(self) -> str:
        """What the lower chart shows."""
        return self.quantity if self.quantity in self.choices else self.choices[0]

    @property
    def race_key(self) -> Course:
        """The same for two courses on which the same race is run."""
        return replace(self, quantity="loss", step_axis="log", log_y=False, speed=0)


class _Checks:
    """Checks of a course's fields; what is wrong is a ValueError that says what would be right."""

    def __init__(self, course: Course) -> None:
        self._course = course

    def one_of(self, name: str, among: Sequence[str]) -> None:
        value = getattr(self._course, name)
        if value not in among:
            raise ValueError(f"{name} is one of {', '.join(among)}, not {value!r}")

    def between(self, name: str, lo: float, hi: float, what: str) -> None:
        value = getattr(self._course, name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not lo <= value <= hi:
            text = number(value) if isinstance(value, int | float) else repr(value)
            raise ValueError(f"{what} is between {trimmed(lo)} and {trimmed(hi)}, not {text}")

    def whole(self, name: str, lo: int, hi: int, what: str) -> None:
        value = getattr(self._course, name)
        if isinstance(value, bool) or not isinstance(value, int) or not lo <= value <= hi:
            raise ValueError(f"{what} is a whole number between {lo:,} and {hi:,}, not {value}")


# ---- changes: each returns a new course -----------------------------------------------------------------------------


def cycled(among: Sequence[T], now: T, direction: int = 1) -> T:
    """The next of some values; the first one after a value that is none of them."""
    at = among.index(now) if now in among else -1
    return among[(at + direction) % len(among)]


def next_problem(course: Course, direction: int = 1) -> Course:
    """One logit → separable → … → line → the two of one weight."""
    return replace(course, problem=cycled(COURSES, course.problem, direction))


def next_optimizer(course: Course) -> Course:
    """Gradient descent → momentum → Newton."""
    return replace(course, optimizer=cycled(OPTIMIZERS, course.optimizer))


def next_match(course: Course) -> Course:
    """One rate for all → each at 1/smoothness → equal Lipschitz constants."""
    return replace(course, match=cycled(MATCHES, course.match))


def next_batch(course: Course) -> Course:
    """All examples in a step → 50 → 10 → 1."""
    return replace(course, batch=cycled(BATCHES, course.batch))


def next_quantity(course: Course) -> Course:
    """The next that the lower chart can show."""
    return replace(course, quantity=cycled(course.choices, course.shown))


def next_step_axis(course: Course) -> Course:
    """Logarithmic or linear in the step."""
    return replace(course, step_axis=cycled(STEP_AXES, course.step_axis))


def scaled_rate(course: Course, direction: int) -> Course:
    """The next rate up or down: 1, 2, 5, 10, …."""
    now = course.step_rate
    decade = math.floor(math.log10(now) + 1e-9)
    grid = [float(f"{m}e{k}") for k in range(decade - 1, decade + 2) for m in (1, 2, 5)]
    ahead = [r for r in grid if (r > now * (1 + 1e-9) if direction > 0 else r < now * (1 - 1e-9))]
    rate = ahead[0 if direction > 0 else -1]
    return course.with_rate(rate) if 1e-9 <= rate <= 1e9 else course


def faster(course: Course, direction: int) -> Course:
    """The next speed."""
    return replace(course, speed=min(max(course.speed + direction, 0), len(SPEEDS) - 1))


# ---- what is kept ---------------------------------------------------------------------------------------------------


def document(course: Course) -> dict[str, Any]:
    """As it is saved."""
    return asdict(course)


def course_of(saved: object) -> Course:
    """What was saved, field by field: one that is not valid has its default."""
    course = Course()
    if not isinstance(saved, Mapping):
        return course
    for field in fields(Course):
        value = saved.get(field.name, getattr(course, field.name))
        kind = type(getattr(Course(), field.name))
        if kind is bool and not isinstance(value, bool):
            continue
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and field.name in {"start", "rate", "fit_rate", "until", "weight"}
        ):
            value = float(value) if abs(value) < 1e15 else math.nan
        try:
            course = replace(course, **{field.name: value})
        except (ValueError, TypeError, OverflowError):
            continue
    return course
