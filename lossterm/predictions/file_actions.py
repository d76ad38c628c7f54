"""What keys do with files on the Data screen: open, read again, answer."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from lossterm.core.numbers import trimmed
from lossterm.model.actions import Ask, Outcome, Tell
from lossterm.model.parser import Parser
from lossterm.predictions import options, view
from lossterm.predictions.asking import Answer, Request
from lossterm.predictions.completion import completed
from lossterm.predictions.losses import with_losses_for
from lossterm.predictions.opening import OpenFile, Wanted
from lossterm.predictions.options import asked_look, asked_subject, data_words, demo_choice, file_choice
from lossterm.predictions.state import Baseline, DataState, answered_look
from lossterm.predictions.view import FileChoice, Look

if TYPE_CHECKING:
    from lossterm.files.source import Source


NO_FILE = Tell("no file is open: press o first", wrong=True)


def label_name(source: Source, label: float) -> str:
    """A label as the file has it."""
    names = source.columns.classes or source.label_names
    return names[int(label)] if names and 0 <= label < len(names) else trimmed(label)


# ---- the file -------------------------------------------------------------------------------------------------------


def ask_file(state: DataState) -> Outcome:
    """Ask for a file, with the options that a command line has; where none may be named say so."""
    if not state.opens_any_file:
        return Tell("no files are opened here: O opens the demo", wrong=True)
    words = data_words(state.choice, Look()) if state.choice.paths else []
    return Ask("file (tab completes)", open_typed, state.typed or shlex.join(words), complete=completed)


def open_typed(state: DataState, text: str) -> DataState:
    """Open the file that a line names.

    Raises:
        ValueError: what is wrong with the line.
    """
    parser = Parser("o", "", "", add_help=False)
    options.add_data_flags(parser)
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("a quotation mark is not closed") from None
    given = parser.parse_args(words)
    choice = file_choice(given)
    if not choice.paths:
        raise ValueError("write the name of a file, such as predictions.csv")
    if "-" in choice.paths:
        raise ValueError("standard input is the keyboard here: lossterm data - reads it on the command line")
    asked_look(given, Look())
    asked_subject(state.subject, given)
    return replace(state, typed=text, opening=Wanted(choice, given))


def one_path(text: str) -> str:
    """The path that a line names, as a shell reads it.

    Raises:
        ValueError: it names several, or a quotation mark is not closed.
    """
    try:
        found = shlex.split(text)
    except ValueError:
        raise ValueError("a quotation mark is not closed") from None
    if len(found) != 1:
        raise ValueError("write one file; a name with blanks is put in quotation marks")
    return found[0]


def open_demo(state: DataState) -> DataState:
    """Open the file that comes with lossterm."""
    return replace(state, opening=Wanted(demo_choice()))


def reload(state: DataState) -> Outcome:
    """Read the file again; where there is none ask for one."""
    return reopened(state) if state.choice.paths else ask_file(state)


def opened(state: DataState, file: OpenFile) -> DataState:
    """The state with the file that was being opened; what was looked at before comes back if it has no figures."""
    wanted, look, looked_at = state.opening, state.look, state.subject
    if state.file is not None and file.choice != state.choice:
        look = view.alone(view.unfiltered(replace(look, temperature=1.0, class_weights=None)))
    if wanted is not None and wanted.look is not None:
        look = wanted.look
    if look.clip is not None and options.clip_means_nothing(
        look.clip, file.source.columns.kind, file.class_count
    ):  # it was of another file
        look = replace(look, clip=None)
    if look.class_weights is not None and len(look.class_weights) != file.class_count:
        look = replace(look, class_weights=None)
    if wanted is not None and wanted.given is not None:
        look, looked_at = asked_look(wanted.given, look), asked_subject(looked_at, wanted.given)
    if file.source.part is not None:
        from lossterm.predictions.stored import look_of, subject_of

        look, looked_at = look_of(file.source.part, look), subject_of(file.source.part, looked_at)
    changed = state.with_subject(with_losses_for(looked_at, file.source.columns.kind, file.class_count))
    former = replace(state, former=None, opening=None, asking=None) if state.answer is not None else state.former
    result = replace(
        changed,
        choice=file.choice,
        look=look,
        opening=None,
        typed="",
        file=file,
        asking=None,
        seeking=None,
        answer=None,
        baseline=Baseline(changed.subject.rows, changed.subject.smoothing),
        former=former,
        columns={},
        worst_row=0,
        at_worst=False,
        places={},
    )
    # what keys act on, and what is told of a loss, is of one that judges the file
    judging = [who.row for who in result.judges.shown]
    return result.at(judging[0]) if judging and result.current not in judging and not result.heading else result


def not_opened(state: DataState, problem: str) -> Outcome:
    """Say why a file was not opened; what was there stays."""
    return replace(state, opening=None), Tell(problem, title="not opened", seconds=20, wrong=True)


def as_a_step(state: DataState) -> DataState:
    """What of a state makes undo stop at it: the file, how it is looked at, the losses, what they are compared with."""
    was = remembered(state)
    subject = replace(was.subject, logit=0.0)
    return replace(was, subject=subject, current=0, typed_label=None)


def remembered(state: DataState) -> DataState:
    """What undo goes back to: the state without the file itself, which may have gone by then, and its figures."""
    return DataState(
        state.subject,
        state.current,
        state.typed_label,
        choice=state.choice if state.opening is None else state.opening.choice,
        look=state.look,
        baseline=state.baseline,
        lower=state.lower,
        sorted_by=state.sorted_by,
    )


def returned(state: DataState, was: DataState) -> DataState:
    """The state with what was remembered of another; a file that is another than the one there is, is to be opened."""
    other = _same_file(state, was.choice)
    same = was.choice == state.choice or other is not None
    back = replace(
        state if other is None else replace(state, file=other, choice=was.choice, seeking=None),
        subject=was.subject,
        current=was.current,
        typed_label=was.typed_label,
        look=was.look,
        lower=was.lower,
        sorted_by=was.sorted_by,
        baseline=was.baseline if same and was.baseline is not None else state.baseline,
        opening=None if same or not was.choice.paths else Wanted(was.choice, look=was.look),
    )
    if was.choice.paths:
        return back
    return replace(
        back, choice=was.choice, file=None, asking=None, seeking=None, answer=None, former=None, columns={},
        worst_row=0, at_worst=False, places={},
    )  # fmt: skip


def _same_file(state: DataState, choice: FileChoice) -> OpenFile | None:
    # the file that is open with another of its labels looked at; None where another file is meant, or the same label
    file = state.file
    if file is None or choice == state.choice or replace(choice, label=state.choice.label) != state.choice:
        return None
    return file.at_label(choice.label or file.source.columns.pairs[0][0]) if file.source.columns.pairs else None


def with_file(state: DataState, choice: FileChoice, look: Look) -> DataState:
    """Open a file, and look at it in a certain way."""
    return replace(state, opening=Wanted(choice, look=look))


def reopened(state: DataState) -> DataState:
    """Open the file that was open the last time."""
    return replace(state, opening=Wanted(state.choice))


# ---- what it is asked -----------------------------------------------------------------------------------------------


def with_request(state: DataState, request: Request | None) -> DataState:
    """The state while a file is asked, or while it is not."""
    return replace(state, asking=request)


def with_columns(state: DataState, columns: Mapping[int, Mapping[str, object]]) -> DataState:
    """The state with all columns of more of the worst examples."""
    return replace(state, columns={**state.columns, **columns})


def answered(state: DataState, answer: Answer) -> DataState:
    """The state with the figures of what was asked."""
    return replace(state, answer=answer, asking=None, former=None)


def failed(state: DataState, problem: str) -> Outcome:
    """Say what is wrong with the file, or with what was asked of it; what was there before comes back."""
    is_open = state.answer is not None or state.look.is_filtered
    said = Tell(problem, title="" if is_open else "not opened", seconds=20, wrong=True)
    if state.answer is None and state.look.is_filtered:
        return replace(state, look=view.unfiltered(state.look), asking=None), said
    return stopped(state), said


def stopped(state: DataState) -> DataState:
    """The state when what is asked is given up: as the figures were asked for, or what was open before."""
    if state.answer is None and state.former is not None:
        former = replace(state.former, subject=state.subject, typed_label=state.typed_label, current=state.current)
        return replace(former, typed="", lower=state.lower, setting=state.setting)
    if state.answer is not None:  # of several labels the one that the figures are of
        file = state.answer.request.file
        state = replace(state, file=file, choice=file.choice)
    return replace(state, look=answered_look(state), asking=None)


def leave(state: DataState) -> Outcome:
    """Stop what is being opened or read; None where nothing is."""
    if state.opening is not None:
        return replace(state, opening=None), Tell("not opened")
    if state.seeking is not None:
        return replace(state, seeking=None), Tell("stopped: B finds segments again")
    if state.asking is None:
        return None
    before = stopped(state)
    return before, Tell("stopped: the figures are those from before" if before.answer else "stopped: u reads it again")
