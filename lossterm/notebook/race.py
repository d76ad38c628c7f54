"""``lossterm.run_race``: gradient descent of several losses from one start, of one logit or of a small problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lossterm.core.descent.defaults import (
    DEFAULT_START,
    FIT_RATE,
    FIT_RATES,
    FIT_STEPS,
    FIT_UNTIL,
    FIT_UNTILS,
    LINE_LOSSES,
    MATCHES,
    MOST_EXAMPLES,
    MOST_FIT_STEPS,
    MOST_STEPS,
    ONE_LOGIT,
    OPTIMIZERS,
    RATE,
    STARTS,
    STEP_MEASURES,
    UNTIL,
)
from lossterm.core.descent.fitting import Fit, refusal
from lossterm.core.descent.logit import Race, decimated
from lossterm.core.descent.problems import PROBLEMS, REGRESSIONS, FittingProblem, make_problem
from lossterm.core.descent.racer import ended
from lossterm.core.descent.rates import fitted_rate, matched_rates
from lossterm.core.descent.recording import FitState
from lossterm.core.descent.targets import Aim, aim_of
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.labels import number
from lossterm.core.losses.objective import Objective, Reading
from lossterm.core.names import unknown
from lossterm.core.numbers import trimmed
from lossterm.model.notation import params_cell
from lossterm.model.subject import FARTHEST, Row
from lossterm.notebook.asked import named, number_in, one_of, several_rows, target, whole_in
from lossterm.notebook.results import Columns, Result


@dataclass(frozen=True)
class FinishedRacer:
    """How one loss fared.

    Attributes:
        name: the loss as it is written on the command line, ``focal:gamma=3``.
        loss: its id.
        params: all its parameters.
        rate: its learning rate.
        goal: what it had to reach, in words.
        steps: after how many steps it was there; None if it never was.
        at_arrival: the numbers there, by name; None if it never was there.
        at_end: the numbers where it ended: step and, of one logit, logit, prediction, value and d_logit; of a problem
            the weights (w1, …, bias), accuracy, balanced_accuracy, value (the mean loss) and gradient (its length).
        ended: reached, converged, stalled, diverged or limit.
        reason: why, in words.
        steps_to_best_line: of a problem of two classes, after how many steps its line decided as well as any line
            does; None if it never did, and of other races.
    """

    name: str
    loss: str
    params: Mapping[str, float | None]
    rate: float
    goal: str
    steps: int | None
    at_arrival: Mapping[str, float] | None
    at_end: Mapping[str, float]
    ended: str
    reason: str
    steps_to_best_line: int | None = None


@dataclass(frozen=True, eq=False, repr=False)
class RacePath(Result):
    """Where one loss was, step by step.

    Attributes:
        name: the loss as it is written on the command line.
        loss: its id.
        params: all its parameters.
        step: the steps, from 0, ``(n,)``.
        measures: the numbers at those steps by name, each ``(n,)``.
    """

    name: str
    loss: str
    params: Mapping[str, float | None]
    step: Array
    measures: Mapping[str, Array]

    def columns(self) -> Columns:
        """A row a step, as in ``lossterm race --trajectory --format csv``."""
        count = len(self.step)
        return {
            "loss": [self.loss] * count,
            "params": [params_cell(self.params)] * count,
            "step": self.step,
            **self.measures,
        }

    def shown(self) -> Columns:
        """The steps: the rest is the same for all of them."""
        return {"step": self.step, **self.measures}

    def title(self) -> str:
        """The loss and how far the path goes."""
        return f"{self.name} · {int(self.step[-1]):,} steps"

    def gist(self) -> str:
        """How many of them it has."""
        return f"{len(self.step):,} rows"


@dataclass(frozen=True, eq=False, repr=False)
class FinishedRace(Result, Mapping[str, FinishedRacer]):
    """A race that was run: ``race["mse"].steps``, by any name of a loss that took part.

    Iterating gives the names as they are written on the command line, in the order asked.

    Attributes:
        setting: what decided the race, beside the losses, in words.
        racers: how each fared.
        course: the race itself.
        has_best_line: whether there is a line that decides best.
    """

    setting: str
    racers: tuple[FinishedRacer, ...]
    course: Race | Fit
    has_best_line: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The losses as they are written on the command line."""
        return tuple(racer.name for racer in self.racers)

    def __getitem__(self, loss: str) -> FinishedRacer:
        """How one loss fared.

        Raises:
            KeyError: a loss that did not take part; the message names those that did.
        """
        return dict(zip(self.names, self.racers, strict=True))[one_of(loss, self.names)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.racers)

    def trajectory(self, loss: str, points: int | None = None) -> RacePath:
        """Where one loss was at every step that is kept (a million of one logit), or at about so many of them.

        Args:
            loss: any name of a loss that took part.
            points: about how many steps, close together at first; None for all.

        Raises:
            ValueError: no whole number of points.
            KeyError: a loss that did not take part; the message names those that did.
        """
        racer = self[loss]
        index = self.racers.index(racer)
        most = None if points is None else whole_in(points, "points", 2, MOST_STEPS)
        if isinstance(self.course, Race):
            path = self.course.trajectory(index, most)
            measures = {name: getattr(path.at, name) for name in STEP_MEASURES}
            return RacePath(racer.name, racer.loss, racer.params, np.asarray(path.step), measures)
        history = self.course.history
        step = decimated(len(history.loss), most)
        kept = {name: values[step] for name, values in _numbers(history, index).items()}
        return RacePath(racer.name, racer.loss, racer.params, np.asarray(step), kept)

    def columns(self) -> Columns:
        """A row a loss, as in ``lossterm race --format csv``; what never was there has no arrival."""
        names = list(self.racers[0].at_end)
        best = [r.steps_to_best_line for r in self.racers]
        arrivals = [r.at_arrival or dict.fromkeys(names) for r in self.racers]
        return {
            "loss": [r.loss for r in self.racers],
            "params": [params_cell(r.params) for r in self.racers],
            "rate": [r.rate for r in self.racers],
            "steps": [r.steps for r in self.racers],
            **({"steps_to_best_line": best} if self.has_best_line else {}),
            **{f"arrival_{name}": [there[name] for there in arrivals] for name in names},
            **{f"end_{name}": [r.at_end[name] for r in self.racers] for name in names},
            "ended": [r.ended for r in self.racers],
            "reason": [r.reason for r in self.racers],
        }

    def shown(self) -> Columns:
        """Who was there after how many steps, and how it ended."""
        told = self.columns()
        return {"loss": self.names, **{name: told[name] for name in ("rate", "steps", "ended", "reason")}}

    def title(self) -> str:
        """What decided the race."""
        return f"{', '.join(self.names)} · {self.setting}"

    def gist(self) -> str:
        """After how many steps each was there, or how it ended."""
        return ", ".join(f"{r.name} {r.ended if r.steps is None else f'{r.steps:,} steps'}" for r in self.racers)


def run_race(
    losses: str | Sequence[str] | None = None,
    *,
    problem: str = ONE_LOGIT,
    label: float | None = None,
    activation: str | None = None,
    smoothing: float | None = None,
    start: float | None = None,
    rate: float | None = None,
    match: str = "off",
    optimizer: str = "gd",
    until: float | None = None,
    max_steps: int | None = None,
    examples: int | None = None,
    seed: int | None = None,
    batch: int | None = None,
) -> FinishedRace:
    """Gradient descent of losses from one start, run to its end.

        >>> race = run_race("ce,mse", start=-8)
        >>> race["ce"].steps, race["mse"].steps
        (19, 1542)

    Args:
        losses: names as on the command line, ``"ce,focal:gamma=3"`` or ``"all"`` that can take part, or a sequence of
            them; None for cross-entropy and squared error (of line and constant squared error, absolute error and
            Huber).
        problem: "logit", one example whose logit descends, or a problem of many examples: "separable", "overlapping",
            "imbalanced", "flipped", "outlier", "line", or of one weight: "minima", "constant".
        label: of one logit, the label y (1).
        activation: any name of an activation (sigmoid); line and constant have none.
        smoothing: of one logit, label smoothing s (0).
        start: the logit that all start from (−8), or the weight of minima (−1) and constant (0).
        rate: the learning rate (1; of a problem 0.5, of line, minima and constant 0.2); what matched rates are
            multiplied by (1).
        match: "off" is one rate for all; "smoothness" gives each 1 over the Lipschitz constant of its gradient,
            "lipschitz" 1 over that of the loss itself.
        optimizer: "gd", "momentum" or "newton".
        until: what is to be reached: the probability of the label (0.9); of a problem the share of the way down to the
            least mean loss (0.99), of line and constant of the way to the truth (0.9).
        max_steps: after how many steps a loss gives up (1,000,000; of a problem 1,000).
        examples: of a problem whose data are generated (200).
        seed: of its data and batches (0).
        batch: its examples in a step; None is all of them.

    Returns:
        How each loss fared, and its `trajectory`.

    Raises:
        ValueError: an unknown name, a value out of range, one that has no meaning for the problem, or a loss that
            cannot take part; the message says why, and what would be right.
    """
    kind = _word(problem, "problem", (ONE_LOGIT, *PROBLEMS))
    told = {"label": label, "activation": activation, "smoothing": smoothing, "start": start, "examples": examples,
            "seed": seed, "batch": batch}  # fmt: skip
    for name, value in told.items():
        if value is not None and name in _without_meaning(kind):
            raise ValueError(f"{name} has no meaning for the problem {kind!r}: leave it out")
    if losses is None:
        losses = LINE_LOSSES if kind in REGRESSIONS else ("cross-entropy", "squared-error")
    alone = kind == ONE_LOGIT
    link = ("identity" if kind in REGRESSIONS else "sigmoid") if activation is None else activation
    y, through = target(1.0 if label is None else label, link, 0.0 if smoothing is None else smoothing)
    matched = _word(match, "match", MATCHES)
    usual = RATE if alone else FIT_RATES.get(kind, FIT_RATE) if matched == "off" else 1.0
    goal = UNTIL if alone else FIT_UNTILS.get(kind, FIT_UNTIL)
    most = MOST_STEPS if alone else FIT_STEPS
    if max_steps is not None:
        most = whole_in(max_steps, "max_steps", 1, 10 * MOST_STEPS if alone else MOST_FIT_STEPS)
    how = _How(
        rate=usual if rate is None else number_in(rate, "rate", 1e-12, 1e12),
        match=matched,
        optimizer=_word(optimizer, "optimizer", OPTIMIZERS),
        until=goal if until is None else number_in(until, "until", 1e-9, 1.0),
        most=most,
    )
    if alone:
        racers = _lineup(losses, y, through, lambda row: row.entry.label_problem(y) or "")
        return _of_one_logit(racers, how, DEFAULT_START if start is None else start)
    count = 200 if examples is None else whole_in(examples, "examples", 20, MOST_EXAMPLES)
    size = None if batch is None else whole_in(batch, "batch", 1, count)
    data = make_problem(kind, count, whole_in(0 if seed is None else seed, "seed", 0, 2**31))
    racers = _lineup(losses, y, through, lambda row: refusal(row.entry, dict(row.params), data))
    return _of_problem(racers, how, data, start, 0 if seed is None else seed, size)


def _lineup(losses: object, label: float, link: Activation, refused: Callable[[Row], str]) -> list[Objective]:
    # the losses that race; of those that are named each has to be able to, "all" are those that are
    rows = several_rows(losses, lambda row: not refused(row))
    why = next(filter(None, map(refused, rows)), None)
    if why:
        raise ValueError(why)
    return [Objective(row.entry, row.params, label, link) for row in rows]


@dataclass(frozen=True)
class _How:
    # what one logit and problems have in common
    rate: float
    match: str
    optimizer: str
    until: float
    most: int

    @property
    def text(self) -> str:
        rate = f"rate {trimmed(self.rate)}" if self.match == "off" else f"{trimmed(self.rate)} over {self.match}"
        return f"{self.optimizer}, {rate}"


def _without_meaning(kind: str) -> tuple[str, ...]:
    if kind == ONE_LOGIT:
        return ("examples", "seed", "batch")
    of_examples = ("label", "smoothing", *(("activation",) if kind in REGRESSIONS else ()))
    return (*of_examples, *(("examples", "seed", "batch") if kind in STARTS else ("start",)))


def _word(value: object, what: str, among: Sequence[str]) -> str:
    word = named(value, what)
    if word not in among:
        raise ValueError(unknown(word, what, among))
    return word


def _of_one_logit(racers: Sequence[Objective], how: _How, start: object) -> FinishedRace:
    first, z = racers[0], number_in(start, "start", -FARTHEST, FARTHEST)
    losses = [(o.loss, dict(o.params)) for o in racers]
    rates = [how.rate] * len(racers)
    if how.match != "off":
        rates = [rate * how.rate for rate in matched_rates(losses, first.activation, first.label, how.match)]
    race = Race(losses, first.activation, first.label, start=z, rates=rates, optimizer=how.optimizer, until=how.until,
                max_steps=how.most, keep=MOST_STEPS)  # fmt: skip
    found = []
    for objective, goal, outcome in zip(racers, race.goals, race.run(), strict=True):
        end = _reading(outcome.taken, outcome.at)
        there = None if outcome.steps is None else end
        found.append(_racer(objective, outcome.rate, goal.text, outcome.steps, there, end, outcome.reason))
    y = f"y = {number(first.label)} · {first.activation.id} · from z = {trimmed(z)}"
    return FinishedRace(f"{y} · {how.text}", tuple(found), race)


def _reading(step: int, at: Reading) -> Mapping[str, float]:
    return {"step": step, **{name: getattr(at, name) for name in STEP_MEASURES}}


def _racer(
    objective: Objective,
    rate: float,
    goal: str,
    steps: int | None,
    there: Mapping[str, float] | None,
    end: Mapping[str, float],
    reason: str,
) -> FinishedRacer:
    name = Row(objective.loss.id, objective.params).spec
    return FinishedRacer(name, objective.loss.id, dict(objective.params), float(rate), goal, steps, there, end,
                         ended(reason), reason)  # fmt: skip


def _of_problem(
    racers: Sequence[Objective],
    how: _How,
    data: FittingProblem,
    start: object,
    seed: int,
    batch: int | None,
) -> FinishedRace:
    kind, link = data.kind, racers[0].activation
    first = None
    if data.has_one_weight:
        first = [number_in(STARTS[kind] if start is None else start, "start", -FARTHEST, FARTHEST)]
    losses = [(o.loss, dict(o.params)) for o in racers]
    rates = [how.rate] * len(racers)
    if how.match != "off":
        rates = [how.rate * fitted_rate(*loss, link, data, how.match) for loss in losses]
    aim = aim_of(data, how.until, losses, link if data.is_classification else ACTIVATIONS["identity"], first)
    fit = Fit(data, losses, link, rates=rates, optimizer=how.optimizer, batch=batch, seed=seed, start=first, aim=aim)
    fit.advance(how.most)
    ends = zip(racers, fit.endings(over=True), strict=True)
    found = tuple(_fitted(fit, aim, i, objective, reason) for i, (objective, reason) in enumerate(ends))
    activation = f" · {link.id}" if data.is_classification else ""
    return FinishedRace(
        f"{kind} · {data.count:,} examples{activation} · {how.text}", found, fit, aim.decides is not None
    )


def _fitted(fit: Fit, aim: Aim, index: int, objective: Objective, reason: str) -> FinishedRacer:
    def standing(state: FitState, step: int) -> Mapping[str, float]:
        told = _numbers(state, index)
        return {"step": min(step, fit.taken[index]), **{name: float(value) for name, value in told.items()}}

    steps, there = fit.arrived[index], fit.arrival(index)
    arrival = None if steps is None or there is None else standing(there, steps)
    end = standing(fit.now, fit.step)
    found = _racer(objective, float(fit.rates[index]), aim.text, steps, arrival, end, reason)
    return replace(found, steps_to_best_line=fit.decided[index])


def _numbers(state: FitState, index: int) -> Mapping[str, Array]:
    # of one racer, at one step or at all of them
    weights = state.weights[..., index, :]
    names = {1: ("w1",), 2: ("w1", "bias"), 3: ("w1", "w2", "bias")}[weights.shape[-1]]
    measures = {"accuracy": state.accuracy, "balanced_accuracy": state.balanced, "value": state.loss,
                "gradient": state.gradient}  # fmt: skip
    return {
        **{name: weights[..., k] for k, name in enumerate(names)},
        **{name: values[..., index] for name, values in measures.items()},
    }
