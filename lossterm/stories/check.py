"""Whether a story holds: every view opens, every expression has a value, every stated range is so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import TypeVar

from lossterm.features import FEATURES
from lossterm.stories.documents import Numbers, answer_of, command_of, setting_of, words_of
from lossterm.stories.expressions import evaluated, formatted, holes, number_of, truth
from lossterm.stories.library import find_story, linked
from lossterm.stories.story import AskedCommand, Condition, Step, StepQuestion, Story
from lossterm.stories.telling import LETTERS, is_right, near

T = TypeVar("T")


def problems_of(story: Story) -> list[str]:
    """What does not hold of a story, a line each, with the name of the file and the number of the line."""
    found = [line for index, step in enumerate(story.steps) for line in _of_step(story, index, step)]
    return [f"{story.head.path.name}:{line}" for line in dict.fromkeys(found)]


def _of_step(story: Story, index: int, step: Step) -> Iterator[str]:
    views = [step.view] if step.then is None else [step.view, step.then]
    broken = False
    for asked in [*views, *(asked for _, asked in step.asked)]:
        problem = _opens(story, asked, is_view=asked in views)
        if problem:
            broken = True
            yield f"{asked.line}: {problem}"
    if broken:  # nothing can be said of numbers that are not there
        return
    before, after = Numbers(story, index), Numbers(story, index, after=True)
    question = step.question
    asked_texts = [] if question is None else [question.text, *(choice.text for choice in question.choices)]
    for said, lookup in [
        *((said, before) for said in (*step.text, *asked_texts, *step.hint)),
        *((said, after) for said in step.reveal),
    ]:
        for hole in holes(said.text):
            try:
                formatted(evaluated(hole.node, lookup), hole.form)
            except ValueError as problem:
                yield f"{said.line}: {{{hole.source}}}: {problem}"
    for name, condition in step.named:
        if problem := _fails(lambda condition=condition: evaluated(condition.node, before)):  # type: ignore[misc]
            yield f"{condition.line}: {name}: {problem}"
    for condition in step.checks:
        yield from _holds(condition, before, f"check: {condition.source}")
    if question is not None:
        yield from _of_question(question, step, before, after)
    for name in step.see:
        if problem := _fails(lambda name=name: find_story(linked(story, name)[0])):  # type: ignore[misc]
            yield f"{step.line}: see: {problem}"


def _opens(story: Story, asked: AskedCommand, *, is_view: bool) -> str:
    def tried() -> None:
        answer_of(command_of(asked), words_of(asked, story.folder))
        if is_view:
            setting_of(asked, story.folder)

    return _fails(tried)


def _fails(action: Callable[[], object]) -> str:
    try:
        action()
    except (ValueError, OSError) as problem:
        return str(problem)
    return ""


def _holds(condition: Condition, lookup: Numbers, what: str) -> Iterator[str]:
    try:
        if not truth(evaluated(condition.node, lookup)):
            yield f"{condition.line}: {what} does not hold{_seen(condition, lookup)}"
    except ValueError as problem:
        yield f"{condition.line}: {what}: {problem}"


def _seen(condition: Condition, lookup: Numbers) -> str:
    # what the left side is
    parts = getattr(condition.node, "of", ())
    try:
        return f": it is {formatted(evaluated(parts[0], lookup), '6')}" if parts else ""
    except ValueError:
        return ""


def _of_question(question: StepQuestion, step: Step, before: Numbers, after: Numbers) -> Iterator[str]:
    answer = question.answer
    if question.kind == "choice":
        rights = [is_right(question, letter, before) for letter in LETTERS[: len(question.choices)]]
        if rights.count(True) != 1:
            yield f"{question.text.line}: one of the choices is right, not {rights.count(True)}"
    if question.kind == "press" and (unknown := [k for k in question.keys if k not in keys_of(step.view.command)]):
        yield f"{question.text.line}: press: {', '.join(unknown)} does nothing on {step.view.command}"
    if question.kind == "move" and answer is not None:
        try:
            if truth(evaluated(answer.node, before)):
                yield f"{answer.line}: until: holds at the start: there is nothing to find"
        except ValueError as problem:
            yield f"{answer.line}: until: {problem}"
            return
        if step.then is None:
            yield f"{answer.line}: until: a then: … shows the place to those who do not find it"
        else:
            yield from _holds(answer, after, "until: … at the view of then")
    if question.kind == "number" and answer is not None:
        try:
            value = number_of(evaluated(answer.node, before))
        except ValueError as problem:
            yield f"{answer.line}: answer: {problem}"
            return
        if any(near(wrong, value, question) for wrong in wrong_answers(value)):
            yield f"{answer.line}: answer: its tolerance takes nearly everything"


def keys_of(screen: str) -> frozenset[str]:
    """The keys of a screen and of the program, in Textual's names."""
    feature = next(feature for feature in FEATURES if feature.name == screen)
    package = feature.screen.partition(":")[0].rpartition(".")[0]
    modules = import_module(f"{package}.keys"), import_module("lossterm.tui.commands")
    declared = (value for module in modules for value in vars(module).values() if isinstance(value, tuple))
    return frozenset(key for value in declared for command in value for key in getattr(command, "keys", ()))


def wrong_answers(value: float) -> Sequence[float]:
    """Numbers that no question may take for its answer."""
    return (-value - 1, 10 * value + 10)
