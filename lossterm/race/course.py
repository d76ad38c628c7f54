"""How a race is run: a frozen course, and pure changes of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from lossterm.core.descent.defaults import (
    CONSTANT,
    DEFAULT_START,
    FIT_RATE,
    FIT_RATES,
    FIT_STEPS,
    FIT_UNTIL,
    FIT_UNTILS,
    LINE,
    MATCHES,
    MINIMA,
    MOST_EXAMPLES,
    MOST_FIT_STEPS,
    MOST_STEPS,
    ONE_LOGIT,
    OPTIMIZERS,
    RATE,
    STARTS,
    UNTIL,
)
from lossterm.core.losses.labels import number
from lossterm.core.numbers import trimmed
from lossterm.model.subject import FARTHEST, Subject

COURSES = (ONE_LOGIT, "separable", "overlapping", "imbalanced", "flipped", "outlier", LINE, MINIMA, CONSTANT)
BATCHES: tuple[int | None, ...] = (None, 50, 10, 1)
"""Examples in a step; None is all of them."""

QUANTITIES = ("loss", "prediction", "gradient", "logit", "accuracy", "weight")
"""What can be drawn against the step."""

STEP_AXES = ("log", "linear")
SPEEDS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)
"""Steps a second when it is played."""

T = TypeVar("T")


@dataclass(frozen=True)
class Course:
    """Everything that decides a race beside the losses, the label and the activation.

    Attributes:
        problem: one of `COURSES`.
        start: the logit they start from: −8; None is the point of the subject, where the cursor of Curves is.
        rate: the learning rate on one logit; where rates are matched, what they are multiplied by.
        fit_rate: the same for a problem; None is what suits it.
        match: whether each loss gets its own rate: one of `MATCHES`.
        optimizer: one of `OPTIMIZERS`.
        until: what is to be reached on one logit: the probability of the label.
        fit_until: what is to be reached on a problem: the share of the way down to the least mean loss, for a line that
            of the way to the true one; None is what suits it.
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
    start: float | None = DEFAULT_START
    rate: float = RATE
    fit_rate: float | None = None
    match: str = "off"
    optimizer: str = "gd"
    until: float = UNTIL
    fit_until: float | None = None
    most: int = MOST_STEPS
    fit_steps: int = FIT_STEPS
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
        if self.fit_until is not None:
            check.between("fit_until", 1e-9, 1.0, "what is to be reached, a share,")
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

    @property
    def wanted(self) -> float:
        """What is to be reached: of one logit `until`, of a problem `fit_until`."""
        if not self.is_problem:
            return self.until
        return FIT_UNTILS.get(self.problem, FIT_UNTIL) if self.fit_until is None else self.fit_until

    def with_wanted(self, value: float) -> Course:
        """With another `wanted`."""
        return replace(self, fit_until=value) if self.is_problem else replace(self, until=value)

    def with_limit(self, steps: int) -> Course:
        """With another `limit`."""
        return replace(self, fit_steps=steps) if self.is_problem else replace(self, most=steps)

    @property
    def beginning(self) -> float | None:
        """The logit or the weight that they start from; None where it is the point of the subject, or what suits."""
        return self.weight if self.has_one_weight else self.start

    def with_beginning(self, value: float | None) -> Course:
        """With another `beginning`."""
        return replace(self, weight=value) if self.has_one_weight else replace(self, start=value)

    def start_from(self, subject: Subject) -> float:
        """The logit they start from."""
        return subject.logit if self.start is None else self.start

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

    @property
    def plainly(self) -> Course:
        """The course of which a command line that says no more than the problem and how rates are matched speaks."""
        return Course(problem=self.problem, match=self.match)


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


def next_optimizer(course: Course, direction: int = 1) -> Course:
    """Gradient descent → momentum → Newton."""
    return replace(course, optimizer=cycled(OPTIMIZERS, course.optimizer, direction))


def next_match(course: Course, direction: int = 1) -> Course:
    """One rate for all → each at 1/smoothness → equal Lipschitz constants."""
    return replace(course, match=cycled(MATCHES, course.match, direction))


def next_batch(course: Course, direction: int = 1) -> Course:
    """All examples in a step → 50 → 10 → 1."""
    return replace(course, batch=cycled(BATCHES, course.batch, direction))


def next_seed(course: Course, direction: int = 1) -> Course:
    """Other data of the same problem."""
    return replace(course, seed=(course.seed + direction) % 1000)


def next_quantity(course: Course, direction: int = 1, *, one_chart: bool = False) -> Course:
    """The next that the lower chart can show; where there is one chart for everything, the loss is among them."""
    if one_chart:
        return replace(course, quantity=cycled(("loss", *course.choices), course.quantity, direction))
    return replace(course, quantity=cycled(course.choices, course.shown, direction))


def next_step_axis(course: Course, direction: int = 1) -> Course:
    """Logarithmic or linear in the step."""
    return replace(course, step_axis=cycled(STEP_AXES, course.step_axis, direction))


def next_scale(course: Course, direction: int = 1) -> Course:
    """Symmetric-log or linear y axes."""
    return replace(course, log_y=not course.log_y)


def scaled_rate(course: Course, direction: int) -> Course:
    """The next rate up or down: 1, 2, 5, 10, …."""
    now = course.step_rate
    decade = math.floor(math.log10(now) + 1e-9)
    grid = [float(f"{m}e{k}") for k in range(decade - 1, decade + 2) for m in (1, 2, 5)]
    ahead = [r for r in grid if (r > now * (1 + 1e-9) if direction > 0 else r < now * (1 - 1e-9))]
    rate = ahead[0 if direction > 0 else -1]
    return course.with_rate(rate) if 1e-9 <= rate <= 1e9 else course


def faster(course: Course, direction: int) -> Course:
    """The next speed, as far as there is one."""
    return replace(course, speed=min(max(course.speed + direction, 0), len(SPEEDS) - 1))


def next_speed(course: Course, direction: int = 1) -> Course:
    """The next speed; after the fastest the slowest."""
    return replace(course, speed=(course.speed + direction) % len(SPEEDS))
