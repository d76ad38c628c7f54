"""A race as it is run: who takes part, how far each has come, and what to draw of it; of one logit or of a problem."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from lossterm.core.descent.best_line import best_balanced_accuracy
from lossterm.core.descent.bottom import least_mean_loss
from lossterm.core.descent.fitting import Fit, refusal
from lossterm.core.descent.logit import Race, decimated
from lossterm.core.descent.one_weight import mean_loss
from lossterm.core.descent.problems import FittingProblem, make_problem
from lossterm.core.descent.rates import fitted_rate, matched_rates
from lossterm.core.descent.recording import FitState
from lossterm.core.descent.targets import Aim, aim_of
from lossterm.core.jets import Array
from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.losses.objective import Objective
from lossterm.race.course import Course

POINTS = 400
"""Of a curve: more than it has columns."""

MOST_KEPT = 8_000_000
"""Steps of one logit that all racers together keep: 64 MB."""

MOST_FITS_KEPT = 2_000_000
"""Steps of a problem that all racers together keep: of each the weights and four figures, 112 MB."""


@dataclass(frozen=True)
class Contender:
    """A loss that takes part.

    Attributes:
        row: of the subject.
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
class Lineup:
    """All that decides a race.

    Attributes:
        course: how it is run.
        contenders: who would take part, before it is known who can.
        start: the logit to start from; 0 for a problem.
    """

    course: Course
    contenders: tuple[Contender, ...]
    start: float


@dataclass(frozen=True)
class Standing:
    """Where a racer is after some steps.

    Attributes:
        step: how many it has taken, at most that many.
        logit: z; nan for a problem.
        prediction: v; nan for a problem.
        value: the loss; its mean, for a problem.
        gradient: ∂L/∂z; the length of the gradient of the mean loss.
        accuracy: the balanced accuracy, the mean of the classes' shares of right decisions; nan where there is none.
        weights: empty for one logit.
        share: of right decisions among all examples; nan where there is none.
    """

    step: int
    logit: float
    prediction: float
    value: float
    gradient: float
    accuracy: float
    weights: tuple[float, ...] = ()
    share: float = math.nan


class Contest:
    """A race in progress.

    Args:
        course: how it is run.
        racers: who would take part; those that cannot are kept with the reason.
        start: the logit to start from.
        record: whether to keep the steps, as many as there is room for; else only the last standings are to be had.
        whole: whether the race goes on when there is no room for more steps; else it ends there.

    Attributes:
        racers: all of them.
        limit: after how many steps it ends at the latest.
        fit: the problem being fitted; None for one logit.
    """

    def __init__(
        self, course: Course, racers: Sequence[Contender], start: float, *, record: bool = True, whole: bool = False
    ) -> None:
        self.course = course
        self.problem = problem_of(course)
        self.racers = admitted(course, racers)
        self.running = [racer for racer in self.racers if not racer.absent]
        self.race: Race | None = None
        self.fit: Fit | None = None
        self._aim: Aim | None = None
        self._endings: list[str] | None = None
        self.cancelled = False
        self._keep = room_for(course, len(self.running)) if record else 0
        self.limit = course.limit if whole or not record else min(course.limit, self._keep)
        if self.running:
            self._begin(start)

    def _begin(self, start: float) -> None:
        losses = [(r.objective.loss, dict(r.objective.params)) for r in self.running]
        rates = [r.rate for r in self.running]
        first, course = self.running[0].objective, self.course
        if self.problem is not None:
            alone = self.problem.has_one_weight
            link = first.activation if self.problem.is_classification else ACTIVATIONS["identity"]
            beginning = [course.first_weight] if alone else None
            self._aim = aim_of(
                self.problem,
                course.wanted,
                losses,
                link,
                beginning,
                lowest=_remembered(course),
                best=lambda _: _best_of(*_data(course)),
            )
            self.fit = Fit(self.problem, losses, first.activation, rates=rates, optimizer=course.optimizer,
                           batch=None if alone else course.batch, seed=course.seed,
                           start=beginning, aim=self._aim, keep=self._keep)  # fmt: skip
        else:
            self.race = Race(losses, first.activation, first.label, start=start, rates=rates,
                             optimizer=course.optimizer, until=course.until, max_steps=self.limit,
                             keep=self._keep)  # fmt: skip

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

    @property
    def unkept(self) -> int:
        """How many of the steps, of the one that has taken most, are not kept."""
        here = self.race or self.fit
        return self.step - here.kept if here is not None else 0

    def finishes(self) -> list[int | None]:
        """After how many steps each that runs was there; None if it is not."""
        if self.race is not None:
            return self.race.finishes()
        return list(self.fit.arrived) if self.fit is not None else []

    def reasons(self) -> list[str]:
        """Why each stopped; "" while it runs."""
        if self.race is not None:
            return self.race.reasons()
        return list(self.fit.status) if self.fit is not None else []

    def decided(self) -> list[int | None]:
        """After how many steps the line of each that runs decided nearly as well as any line; None if it did not."""
        return list(self.fit.decided) if self.fit is not None else [None] * len(self.running)

    def endings(self) -> list[str]:
        """How it ended for each, in the words of a reason; of a race under way how it stands."""
        if self._endings is not None:
            return self._endings
        found = self.reasons() if self.fit is None else self.fit.endings(over=self.done)
        if self.done:  # what ends a race stays
            self._endings = found
        return found

    def arrivals(self) -> list[Standing | None]:
        """Where each that runs was when it was there; None for those that are not."""
        if self.race is not None:
            there = zip(self.last(), self.finishes(), strict=True)
            return [at if steps is not None else None for at, steps in there]
        if self.fit is None:
            return []
        found: list[Standing | None] = []
        for i, steps in enumerate(self.fit.arrived):
            state = self.fit.arrival(i)
            found.append(None if steps is None or state is None else self._fitted(state, steps)[i])
        return found

    def goals(self) -> list[str]:
        """What each that runs has to reach, in words."""
        if self.race is not None:
            return [aim.text for aim in self.race.goals]
        return [self._aim.text] * len(self.running) if self._aim is not None else []

    def standings(self, step: int) -> list[Standing]:
        """Where each that runs is after so many steps, or where it stopped before."""
        if self.race is not None:
            found = []
            for i, racer in enumerate(self.running):
                at, logit = self.race.position(i, step)
                e = racer.objective.evaluate([logit]).at(0)
                found.append(Standing(at, logit, e.prediction, e.value, e.d_logit, math.nan))
            return found
        return self._fitted(self.fit.at(step), min(step, self.fit.kept)) if self.fit else []

    def _fitted(self, state: FitState, step: int) -> list[Standing]:
        assert self.fit is not None
        nan = math.nan
        return [
            Standing(min(step, self.fit.taken[i]), nan, nan, float(state.loss[i]), float(state.gradient[i]),
                     float(state.balanced[i]), tuple(state.weights[i].tolist()), float(state.accuracy[i]))
            for i in range(len(self.running))
        ]  # fmt: skip

    def last(self) -> list[Standing]:
        """Where each that runs has come to."""
        if self.race is None:
            return self._fitted(self.fit.now, self.fit.step) if self.fit is not None else []
        nan = math.nan
        outcomes = self.race.outcomes()
        return [Standing(o.taken, o.at.logit, o.at.prediction, o.at.value, o.at.d_logit, nan) for o in outcomes]

    @property
    def bottoms(self) -> Sequence[float]:
        """Where there is one weight, the best of each that runs."""
        if self._aim is None or not self.course.has_one_weight:
            return ()
        return [float(place[0]) for place in self._aim.bottoms]

    @property
    def lows(self) -> Sequence[float]:
        """The least mean loss of each that runs, on a problem."""
        return self._aim.lows if self._aim is not None else ()

    @property
    def best_line(self) -> float:
        """The best balanced accuracy that any line reaches; nan where nothing is decided by lines."""
        return self._aim.line if self._aim is not None else math.nan

    def objective(self, weights: Array) -> list[Array]:
        """The mean loss of each that runs at weights, where there is one weight."""
        if self.fit is None or self.problem is None or not self.problem.has_one_weight:
            return []
        return [mean_loss(self.problem, *loss, self.fit.activation, weights) for loss in self.fit.losses]

    def curves(self, quantity: str, points: int | None = POINTS) -> list[tuple[Array, Array]]:
        """Steps and a quantity for each that runs."""
        if self.race is not None:
            field = {"loss": "value", "prediction": "prediction", "gradient": "d_logit", "logit": "logit"}[quantity]
            paths = [self.race.trajectory(i, points) for i in range(len(self.running))]
            curves = [(path.step.astype(float), getattr(path.at, field)) for path in paths]
        elif self.fit is not None:
            history = self.fit.history
            step = decimated(len(history.loss), points)
            name = {"accuracy": "balanced"}.get(quantity, quantity)
            values = history.weights[:, :, 0] if quantity == "weight" else getattr(history, name)
            curves = [(step.astype(float), values[step, i]) for i in range(len(self.running))]
        else:
            curves = []
        return [(x, np.abs(y)) for x, y in curves] if quantity == "gradient" else curves


# ---- who can take part ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _made(kind: str, examples: int, seed: int) -> FittingProblem:
    return make_problem(kind, examples, seed)


@lru_cache(maxsize=64)
def _best_of(kind: str, examples: int, seed: int) -> float:
    return best_balanced_accuracy(_made(kind, examples, seed))


@lru_cache(maxsize=512)
def _lowest_of(
    data: tuple[str, int, int], loss: Loss, params: tuple[tuple[str, float | None], ...], activation: str
) -> tuple[Array, float]:
    return least_mean_loss(_made(*data), loss, dict(params), ACTIVATIONS[activation])


def problem_of(course: Course) -> FittingProblem | None:
    """The data of a course; None for one logit."""
    return _made(course.problem, course.examples, course.seed) if course.is_problem else None


def _data(course: Course) -> tuple[str, int, int]:
    return course.problem, course.examples, course.seed


def _remembered(course: Course) -> Callable[[FittingProblem, Loss, Params, Activation], tuple[Array, float]]:
    # the search of the least mean loss of a course, remembered: every key that changes the race asks again
    def lowest(problem: FittingProblem, loss: Loss, params: Params, activation: Activation) -> tuple[Array, float]:
        return _lowest_of(_data(course), loss, tuple(params.items()), activation.id)

    return lowest


def room_for(course: Course, racers: int) -> int:
    """How many steps of each of so many racers can be kept."""
    most = MOST_FITS_KEPT if course.is_problem else MOST_KEPT
    return max(most // max(racers, 1), 1000)


def admitted(course: Course, contenders: Sequence[Contender]) -> list[Contender]:
    """The contenders with their rates, or with the reason why they do not race."""
    problem = problem_of(course)
    return [_admitted(course, problem, contender) for contender in contenders]


def _admitted(course: Course, problem: FittingProblem | None, contender: Contender) -> Contender:
    objective = contender.objective
    if problem is None:
        absent = objective.loss.label_problem(objective.label) or ""
    else:
        absent = refusal(objective.loss, dict(objective.params), problem)
    if absent:
        return replace(contender, absent=absent)
    if course.match == "off":
        return replace(contender, rate=course.step_rate)
    link, about = objective.activation.id, objective.label
    data = None if problem is None else (course.problem, course.examples, course.seed)
    rate = _matched(objective.loss, objective.params, link, about if data is None else None, course.match, data)
    if isinstance(rate, str):
        return replace(contender, absent=rate)
    return replace(contender, rate=rate * course.step_rate)


@lru_cache(maxsize=512)
def _matched(
    loss: Loss,
    params: tuple[tuple[str, float | None], ...],
    activation: str,
    label: float | None,
    how: str,
    data: tuple[str, int, int] | None,
) -> float | str:
    """The matched rate of a loss for a label, or for the data of a problem; or why it has none."""
    one = loss, dict(params)
    try:
        if data is not None:
            return fitted_rate(*one, activation, _made(*data), how)
        assert label is not None
        return matched_rates([one], activation, label, how)[0]
    except ValueError as reason:
        return str(reason)


def winner(finishes: Sequence[int | None]) -> int | None:
    """Who was there first; None if nobody was."""
    there = [(steps, i) for i, steps in enumerate(finishes) if steps is not None]
    return min(there)[1] if there else None
