"""``lossterm race``: gradient descent of several losses from one start, as text, JSON or CSV."""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Sequence

from lossterm.core.losses.objective import Objective
from lossterm.model.feature import ScreenSetting
from lossterm.model.parser import Parser, add_format, asked_format
from lossterm.model.rows import with_losses
from lossterm.model.subject_options import add_subject_flags, say_home
from lossterm.race.contest import Contender, Contest
from lossterm.race.options import ABOUT, add_race_flags, course_asked, racers_asked, saved_course
from lossterm.race.report import outcomes_of, setting_of, write_csv, write_json, write_text

EXAMPLES = (
    "lossterm race --loss ce,mse --start=-8 --rate 1 --until 0.9",
    "lossterm race --problem minima",
    "lossterm race --loss ce,mse,focal --match smoothness --format json",
)
SLICE = 0.25
"""Seconds between two reports of how far it is."""

FORMATS = ("text", "json", "csv")


def parser() -> Parser:
    """The options of the command."""
    declared = Parser("lossterm race", "Gradient descent of several losses from one start.", EXAMPLES, _problems())
    add_subject_flags(declared)
    add_race_flags(declared)
    add_format(declared, *FORMATS)
    return declared


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    given = parser().parse_args(arguments)
    form = asked_format(given, *FORMATS)
    contest = _contest(given)
    _to_the_end(contest)
    if given.trajectory and contest.unkept:
        kept = contest.step - contest.unkept
        _note(f"the trajectory has the first {kept:,} steps of a loss; the {contest.unkept:,} after them are not kept")
    outcomes = outcomes_of(contest)
    if form == "text" and not contest.course.is_problem:
        say_home(given, contest.racers[0].objective.activation.id, contest.racers[0].objective.label)
    if form == "json":
        write_json(contest, outcomes, trajectory=given.trajectory)
    elif form == "csv":
        write_csv(contest, outcomes, sys.stdout, trajectory=given.trajectory)
    else:
        write_text(contest, outcomes, trajectory=given.trajectory)
    return 0


def answer(arguments: Sequence[str]) -> dict[str, object]:
    """What ``--format json`` prints, without the single steps."""
    contest = _contest(parser().parse_args(arguments))
    while contest.advance(SLICE):
        pass
    return {**setting_of(contest), "racers": outcomes_of(contest)}


def setting(arguments: Sequence[str]) -> ScreenSetting:
    """What the Race screen shows of these words."""
    given = parser().parse_args(arguments)
    course = course_asked(given)
    subject, rows, _ = racers_asked(given, course)
    return ScreenSetting(with_losses(subject, rows), saved_course(course))


def _problems() -> str:
    # of the help: every problem with what it is
    lines = [
        textwrap.fill(about, 78, initial_indent=f"  {name:<12} ", subsequent_indent=" " * 15)
        for name, about in ABOUT.items()
    ]
    return "\n".join(["problems:", *lines])


def _contest(given: argparse.Namespace) -> Contest:
    course = course_asked(given)
    subject, rows, named = racers_asked(given, course)
    objectives = [Objective(row.entry, row.params, subject.target, subject.link) for row in rows]
    contenders = [Contender(i, "", 0, objective, "") for i, objective in enumerate(objectives)]
    contest = Contest(course, contenders, course.start_from(subject), record=given.trajectory, whole=True)
    for racer in contest.racers:
        if racer.absent and (rows[racer.row].key in named or not contest.running):
            raise ValueError(
                f"--label: {racer.absent}" if given.label is not None and "label" in racer.absent else racer.absent
            )
    without = [racer.objective.loss.id for racer in contest.racers if "has no rate" in racer.absent]
    if without:
        _note(f"left out, without a rate by {course.match}: {', '.join(without)}")
    return contest


def _note(text: str) -> None:
    print(f"lossterm: {text}", file=sys.stderr)


def _to_the_end(contest: Contest) -> None:
    shown = False
    while contest.advance(SLICE):
        if sys.stderr.isatty():
            shown = True
            print(f"\r{contest.step:,} steps … (ctrl+c stops)", end="", file=sys.stderr, flush=True)
    if shown:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
