"""A race as it is run: of one logit and of a problem, in slices, with those that cannot take part."""

from __future__ import annotations

import numpy as np
import pytest

from lossterm.core.descent.problems import PROBLEMS
from lossterm.model.subject import Row, Subject
from lossterm.race.contest import MOST_KEPT, Contender, Contest, Standing, winner
from lossterm.race.course import Course
from lossterm.race.report import goal_text
from lossterm.race.verdict import times


def racers(*names: str, subject: Subject | None = None) -> list[Contender]:
    subject = subject or Subject()
    rows = [Row.of(name, shown=True) for name in names]
    shown = Subject(rows=tuple(rows), label=subject.label, activation=subject.activation)
    return [Contender(i, chr(97 + i), i, shown.objective(i), name) for i, name in enumerate(names)]


def finished(contest: Contest) -> Contest:
    while contest.advance(0.05):
        pass
    return contest


def told(standings: list[Standing]) -> list[str]:
    """Standings to the last bit; what there is not is the same in both, where nan is not."""
    return [repr(standing) for standing in standings]


def test_cross_entropy_wins_by_a_factor_of_81() -> None:
    contest = finished(Contest(Course(), racers("cross-entropy", "squared-error"), -8.0))
    assert contest.finishes() == [19, 1542]
    assert winner(contest.finishes()) == 0
    assert contest.reasons() == ["reached", "reached"]
    assert contest.goals() == ["p ≥ 0.9", "p ≥ 0.9"]
    first, second = contest.standings(19)
    assert (first.step, second.step) == (19, 19)
    assert first.prediction == pytest.approx(0.90852, abs=1e-5)
    assert second.logit == pytest.approx(-7.987, abs=1e-3)
    assert [s.step for s in contest.standings(100)] == [19, 100]
    assert [s.prediction > 0.9 for s in contest.last()] == [True, True]


@pytest.mark.parametrize(("match", "steps"), [("smoothness", [4, 239]), ("lipschitz", [19, 458])])
def test_matched_rates(match: str, steps: list[int]) -> None:
    course = Course(match=match)
    assert finished(Contest(course, racers("cross-entropy", "squared-error"), -8.0)).finishes() == steps


def test_newton_says_why_squared_error_runs_away() -> None:
    contest = finished(Contest(Course(optimizer="newton"), racers("cross-entropy", "squared-error"), -8.0))
    assert contest.finishes() == [1, None]
    assert "curvature is negative" in contest.reasons()[1]
    assert [s.logit for s in contest.standings(2)] == pytest.approx([2973.96, -10.0], abs=0.01)


def test_who_cannot_race_is_kept_with_the_reason() -> None:
    contest = Contest(Course(), racers("cross-entropy", "squared-error", subject=Subject(label=3.0)), -1.0)
    assert [bool(r.absent) for r in contest.racers] == [True, False]
    assert "between 0 and 1" in contest.racers[0].absent
    assert len(contest.standings(0)) == len(contest.finishes()) == len(contest.reasons()) == 1


def test_a_loss_without_a_matched_rate_does_not_race() -> None:
    contest = Contest(Course(match="smoothness"), racers("cross-entropy", "zero-one"), -1.0)
    assert [bool(r.absent) for r in contest.racers] == [False, True]


@pytest.mark.parametrize("problem", ["logit", "separable", "line"])
def test_a_race_of_nobody_is_over(problem: str) -> None:
    contest = Contest(Course(problem=problem), [], 0.0)
    assert contest.done
    assert not contest.advance(1)
    assert not contest.standings(3)
    assert not contest.finishes()
    assert not contest.curves("loss")
    assert contest.step == 0


@pytest.mark.parametrize("problem", PROBLEMS)
def test_problems(problem: str) -> None:
    names = (
        ("squared-error", "absolute-error") if problem in {"line", "constant"} else ("cross-entropy", "squared-error")
    )
    contest = finished(Contest(Course(problem=problem, fit_steps=150), racers(*names), 0.0))
    assert contest.step == 150 or all(reason.startswith("stalled") for reason in contest.reasons())
    for quantity in (*Course(problem=problem).choices, "loss"):
        curves = contest.curves(quantity)
        assert [len(x) for x, _ in curves] == [contest.step + 1] * 2
        assert all(np.isfinite(y).all() for _, y in curves)
    first = contest.standings(0)[0]
    assert set(first.weights) == {-1.0 if problem == "minima" else 0.0}
    if problem in {"minima", "constant"}:
        goal = "99% of the way down to its least mean L" if problem == "minima" else "|w − 1| ≤ 0.4"
        assert contest.goals() == [goal] * 2
    elif problem != "line":
        assert contest.goals() == ["99% of the way down to its least mean L"] * 2
        for i, steps in enumerate(contest.decided()):
            accuracies = contest.curves("accuracy")[i][1]
            assert (steps is None) == bool((accuracies < 0.99 * contest.best_line).all())
            assert steps is None or accuracies[steps] >= 0.99 * contest.best_line
    else:
        assert contest.goals() == ["90% of the way to the true line"] * 2


def test_how_it_ended_is_that_of_the_end() -> None:
    contest = Contest(Course(until=0.95), racers("cross-entropy"), -8.0)
    assert contest.endings() == [""]
    assert finished(contest).endings() == ["reached"]
    line = Contest(Course(problem="line"), racers("squared-error"), 0.0)
    assert line.endings() == [""]
    assert finished(line).endings()[0].startswith("converged: ")


def test_cancelling_ends_it_where_it_is() -> None:
    contest = Contest(Course(until=0.999999), racers("squared-error"), -8.0)
    contest.advance(0.0)
    contest.cancel()
    step = contest.step
    assert contest.done
    assert not contest.advance(1)
    assert 0 < contest.step == step < 1542


def test_slices_change_nothing() -> None:
    whole = finished(Contest(Course(optimizer="momentum"), racers("focal", "squared-error"), -6.0))
    sliced = Contest(Course(optimizer="momentum"), racers("focal", "squared-error"), -6.0)
    while sliced.advance(0.0):
        pass
    assert sliced.finishes() == whole.finishes()
    assert told(sliced.last()) == told(whole.last())


def test_many_racers_keep_no_more_than_there_is_room_for() -> None:
    many = racers(*["cross-entropy"] * 20)
    assert Contest(Course(), many, -4.0).limit == MOST_KEPT // 20
    assert Contest(Course(), many, -4.0, record=False).limit == Course().most
    assert Contest(Course(), many, -4.0, whole=True).limit == Course().most


@pytest.mark.parametrize("course", [Course(most=4000), Course(problem="overlapping", fit_steps=1500)])
@pytest.mark.exhaustive
def test_what_is_kept_has_no_part_in_the_result(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("cross-entropy", "squared-error")
    whole = finished(Contest(course, racers(*names), -9.0, record=False))
    monkeypatch.setattr("lossterm.race.contest.MOST_KEPT", 2000)
    monkeypatch.setattr("lossterm.race.contest.MOST_FITS_KEPT", 2000)
    part = finished(Contest(course, racers(*names), -9.0, whole=True))
    assert (part.step, part.unkept) == (whole.step, whole.step - 1000)
    assert told(part.last()) == told(whole.last())
    assert part.finishes() == whole.finishes()
    assert part.reasons() == whole.reasons()
    capped = finished(Contest(course, racers(*names), -9.0))
    assert (capped.limit, capped.step, capped.unkept) == (1000, 1000, 0)


def test_the_weights_that_stopped_are_told_with_their_step() -> None:
    contest = finished(Contest(Course(problem="separable", fit_steps=40), racers("cross-entropy", "zero-one"), 0.0))
    assert [s.step for s in contest.last()] == [40, 0]
    assert [s.step for s in contest.standings(7)] == [7, 0]


def test_each_has_its_own_goal() -> None:
    contest = Contest(Course(), racers("hinge", "squared-error", subject=Subject(activation="identity")), -2.0)
    assert contest.goals() == ["v ≥ 0.9", "|v − 1| ≤ 0.1"]
    assert goal_text(contest.goals(), ["a", "b"]) == "v ≥ 0.9 (a) · |v − 1| ≤ 0.1 (b)"
    assert goal_text(["p ≥ 0.9"] * 2, ["a", "b"]) == "p ≥ 0.9"


def test_factors_have_separators() -> None:
    assert [times(*pair) for pair in ((1542, 19), (1_996_459, 26), (3, 3))] == ["81.2", "76,787", "1"]
