"""A race as it is run: who takes part, how far each has come, and what to draw of it; of one logit or of a problem."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from lossterm.core.descent import Race, decimated, matched_rates
from lossterm.core.fitting import Fit
from lossterm.core.jets import Array
from lossterm.core.losses import LOSSES
from lossterm.core.objective import Objective
from lossterm.core.problems import Problem, make_problem
from lossterm.race_state import Course

POINTS = 400
"""Of a curve: more than it has columns."""

MOST_KEPT = 8_000_000
"""Steps that all racers together keep: 64 MB."""


@dataclass(frozen=True)
class Racer:
    """Who takes part.

    Attributes:
        row: of the view.
        letter: of the curve.
        ink: of the curve.
        objective: what descends.
        name: to show.
        rate: its learning rate.
        absent: why it does not race; "" if it does.
    """

    row: int
    letter: str
    ink: int
    objective: Objective
    name: str
    rate: float = 1.0
    absent: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a racer is after some steps.

    Attributes:
        step: how many it has taken, at most that many.
        logit: z; nan for a problem.
        prediction: v; nan for a problem.
        value: the loss; its mean, for a problem.
        gradient: ∂L/∂z; the length of the gradient of the mean loss.
        accuracy: nan where there is none.
        weights: empty for one logit.
    """

    step: int
    logit: float
    prediction: float
    value: float
    gradient: float
    accuracy: float
    weights: tuple[float, ...] = ()


class Contest:
    """A race in progress.

    Args:
        course: how it is run.
        racers: who would take part; those that cannot are kept with the reason.
        start: the logit to start from.
        record: whether to keep every step; else only the last standings are to be had.

    Attributes:
        racers: all of them.
        fit: the problem being fitted; None for one logit.
    """

    def __init__(self, course: Course, racers: Sequence[Racer], start: float, *, record: bool = True) -> None:
        self.course = course
        self._record = record
        self.problem: Problem | None = None
        if course.is_problem:
            self.problem = make_problem(course.problem, course.examples, course.seed)
        self.racers = [self._admitted(racer) for racer in racers]
        self.running = [racer for racer in self.racers if not racer.absent]
        self.race: Race | None = None
        self.fit: Fit | None = None
        self.cancelled = False
        kept = max(MOST_KEPT // max(len(self.running), 1), 1000)
        self.limit = min(course.limit, kept) if record else course.limit
        if self.running:
            self._begin(start)

    def _begin(self, start: float) -> None:
        losses = [(r.objective.loss, dict(r.objective.params)) for r in self.running]
        rates = [r.rate for r in self.running]
        first, course = self.running[0].objective, self.course
        if self.problem is not None:
            self.fit = Fit(self.problem, losses, first.activation, rates=rates, optimizer=course.optimizer,
                           batch=course.batch, seed=course.seed)  # fmt: skip
        else:
            self.race = Race(losses, first.activation, first.label, start=start, rates=rates,
                             optimizer=course.optimizer, until=course.until, max_steps=self.limit,
                             record=self._record)  # fmt: skip

    def _admitted(self, racer: Racer) -> Racer:
        objective, course = racer.objective, self.course
        params, label, activation = dict(objective.params), objective.label, objective.activation.id
        problem = objective.loss.label_problem(label) if self.problem is None else None
        if self.problem is not None:
            label, activation = (1.0, activation) if self.problem.is_classification else (0.0, "identity")
            try:
                Fit(self.problem, [(objective.loss, params)], activation)
            except ValueError as reason:
                problem = str(reason)
        if problem:
            return replace(racer, absent=problem)
        if course.match == "off":
            return replace(racer, rate=course.step_rate)
        rate = _matched(objective.loss.id, objective.params, activation, label, course.match)
        if isinstance(rate, str):
            return replace(racer, absent=rate)
        return replace(racer, rate=rate * course.step_rate)

    # ---- running --------------------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> bool:
        """Go on for about so long.

        Returns:
            Whether there is more to do.
        """
        end, steps = time.perf_counter() + seconds, 4
        while not self.done:
            before = time.perf_counter()
            if self.race is not None:
                self.race.advance(steps)
            elif self.fit is not None:
                with np.errstate(all="ignore"):  # one that diverges goes through ∞ to nan, and is stopped there
                    self.fit.advance(min(steps, self.limit - self.fit.step))
            now = time.perf_counter()
            if now >= end:
                break
            if now - before < (end - now) / 4:
                steps = min(steps * 2, 20_000)
        return not self.done

    def cancel(self) -> None:
        """Go no further."""
        self.cancelled = True

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        if self.cancelled or not self.running:
            return True
        if self.race is not None:
            return self.race.done
        assert self.fit is not None
        return self.fit.step >= self.limit or all(self.fit.status)

    @property
    def step(self) -> int:
        """The most steps that any has taken."""
        if self.race is not None:
            return self.race.step
        return self.fit.step if self.fit is not None else 0

    # ---- how far they are -----------------------------------------------------------------------------------------

    def finish(self, index: int) -> int | None:
        """After how many steps a racer (of those running) was there; None if it is not."""
        if self.race is not None:
            return self.race.outcomes()[index].steps
        if self.fit is None or self.problem is None or not self.problem.is_classification:
            return None
        there = np.flatnonzero(self.fit.history.accuracy[:, index] >= self.course.until)
        return int(there[0]) if there.size else None

    def finishes(self) -> list[int | None]:
        """`finish` of each that runs."""
        if self.race is not None:
            return [outcome.steps for outcome in self.race.outcomes()]
        return [self.finish(i) for i in range(len(self.running))]

    def reasons(self) -> list[str]:
        """Why each stopped; "" while it runs."""
        if self.race is not None:
            return [outcome.reason for outcome in self.race.outcomes()]
        return list(self.fit.status) if self.fit is not None else []

    def goal(self) -> str:
        """What is to be reached, in words; "" where there is nothing."""
        if self.race is not None:
            return self.race.goals[0].text
        if self.problem is None or not self.problem.is_classification:
            return ""
        return f"accuracy ≥ {self.course.until:g}"

    def standings(self, step: int) -> list[Standing]:
        """Where each that runs is after so many steps, or where it stopped before."""
        if self.race is not None:
            found = []
            for i, racer in enumerate(self.running):
                at, logit = self.race.position(i, step)
                e = racer.objective.evaluate([logit]).at(0)
                found.append(Standing(at, logit, e.prediction, e.value, e.d_logit, math.nan))
            return found
        if self.fit is None:
            return []
        at = min(step, self.fit.step)
        weights, loss, accuracy, gradient = self.fit.at(at)
        return [
            Standing(at, math.nan, math.nan, float(loss[i]), float(gradient[i]), float(accuracy[i]),
                     tuple(weights[i].tolist()))
            for i in range(len(self.running))
        ]  # fmt: skip

    def last(self) -> list[Standing]:
        """Where each that runs has come to."""
        if self.race is None:
            return self.standings(self.limit)
        nan = math.nan
        outcomes = self.race.outcomes()
        return [Standing(o.taken, o.at.logit, o.at.prediction, o.at.value, o.at.d_logit, nan) for o in outcomes]

    def curves(self, quantity: str, points: int | None = POINTS) -> list[tuple[Array, Array]]:
        """Steps and a quantity for each that runs."""
        if self.race is not None:
            field = {"loss": "value", "prediction": "prediction", "gradient": "d_logit", "logit": "logit"}[quantity]
            paths = [self.race.trajectory(i, points) for i in range(len(self.running))]
            curves = [(path.step.astype(float), getattr(path.at, field)) for path in paths]
        elif self.fit is not None:
            history = self.fit.history
            step = decimated(len(history.loss), points)
            values = history.weights[:, :, 0] if quantity == "weight" else getattr(history, quantity)
            curves = [(step.astype(float), values[step, i]) for i in range(len(self.running))]
        else:
            curves = []
        return [(x, np.abs(y)) for x, y in curves] if quantity == "gradient" else curves


@lru_cache(maxsize=512)
def _matched(
    loss: str, params: tuple[tuple[str, float | None], ...], activation: str, label: float, how: str
) -> float | str:
    """The matched rate of a loss, or why it has none."""
    try:
        (rate,) = matched_rates([(LOSSES[loss], dict(params))], activation, label, how)
    except ValueError as reason:
        return str(reason)
    return rate


def winner(finishes: Sequence[int | None]) -> int | None:
    """Who was there first; None if nobody was."""
    there = [(steps, i) for i, steps in enumerate(finishes) if steps is not None]
    return min(there)[1] if there else None
