"""A story that is being told: a frozen state, and what answers and keys make of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lossterm.core.numbers import parse, significant, trimmed
from lossterm.model.guide import Page, Paragraph
from lossterm.stories.expressions import Lookup, Template, evaluated, filled, formatted, number_of
from lossterm.stories.story import Said, Step, StepQuestion, Story

LETTERS = "abcdefghi"
"""The letters of the choices."""

NOT_YET = "…"
"""What stands in the place of a number that is still to be computed."""


@dataclass(frozen=True)
class Given:
    """What was answered to a question.

    Attributes:
        said: each answer as it was typed.
        right: whether the last one was right.
        told: whether the answer has been told.
        place: where one found what was asked for, by the words of the command of the screen; else empty.
    """

    said: tuple[str, ...] = ()
    right: bool = False
    told: bool = False
    place: tuple[str, ...] = ()


@dataclass(frozen=True)
class Telling:
    """Where one is in a story.

    Attributes:
        story: which.
        at: index of the step.
        given: what was answered, by the index of the step.
    """

    story: Story
    at: int = 0
    given: Mapping[int, Given] = field(default_factory=dict)

    @property
    def step(self) -> Step:
        """The step."""
        return self.story.steps[self.at]

    @property
    def answer(self) -> Given:
        """What was answered to its question."""
        return self.given.get(self.at, Given())

    @property
    def waits(self) -> bool:
        """Whether its question has still to be answered."""
        return self.step.question is not None and not self.answer.told


def forward(telling: Telling) -> Telling:
    """The next step; the same where there is none."""
    step = telling.step
    place = telling.story.place(step.next) if step.next else telling.at + 1
    return _turned(telling, place) if place is not None and place < len(telling.story.steps) else telling


def back(telling: Telling) -> Telling:
    """The step before; the same where there is none."""
    return _turned(telling, telling.at - 1) if telling.at > 0 else telling


def _turned(telling: Telling, at: int) -> Telling:
    # who comes back to a step sees its `then`, not the place that was found
    given = telling.given
    if telling.answer.place:
        given = {**given, telling.at: replace(telling.answer, place=())}
    return replace(telling, at=at, given=given)


def answered(telling: Telling, text: str, lookup: Lookup) -> Telling:
    """A question answered: right, or wrong for the first time, which gets the hint, or for the second, which is told.

    Args:
        telling: where one is.
        text: as it was typed; nothing for one who gives it up.
        lookup: of the numbers of the step.

    Raises:
        ValueError: it is no answer to this question; the message says what would be right.
    """
    question = telling.step.question
    if question is None or not telling.waits:
        return telling
    given = telling.answer
    if not text.strip():
        return _given(telling, replace(given, told=True))
    right = is_right(question, text, lookup)
    return _given(telling, Given((*given.said, text.strip()), right, right or len(given.said) > 0))


def done(telling: Telling, place: tuple[str, ...] = ()) -> Telling:
    """What was to be done has been done; at which place is kept, for the numbers of what is then told."""
    return _given(telling, replace(telling.answer, right=True, told=True, place=place)) if telling.waits else telling


def hinted(telling: Telling) -> Telling:
    """A question that is answered by doing: the hint first, then the answer."""
    given = telling.answer
    return _given(telling, replace(given, said=(*given.said, ""), told=len(given.said) > 0))


def _given(telling: Telling, given: Given) -> Telling:
    return replace(telling, given={**telling.given, telling.at: given})


# ---- judging --------------------------------------------------------------------------------------------------------


def is_right(question: StepQuestion, text: str, lookup: Lookup) -> bool:
    """Whether an answer is right.

    Raises:
        ValueError: it is none.
    """
    if question.kind == "choice":
        return chosen(question, text) == question.right
    if question.kind == "number" and question.answer is not None:
        return near(number_typed(text), number_of(evaluated(question.answer.node, lookup)), question)
    raise ValueError("this is answered on the screen, not by typing")


def chosen(question: StepQuestion, text: str) -> int:
    """Index of the choice that a letter, or a number from 1, means.

    Raises:
        ValueError: none.
    """
    word, count = text.strip().lower().rstrip(".)"), len(question.choices)
    letters = LETTERS[:count]
    if len(word) == 1 and word in letters:
        return letters.index(word)
    if word.isdigit() and 1 <= int(word) <= count:
        return int(word) - 1
    raise ValueError(f"one of {', '.join(letters)}")


def number_typed(text: str) -> float:
    """A number as people answer: ``200``, ``1/3``, ``15 %``, ``200×``.

    Raises:
        ValueError: it is none.
    """
    plain = re.sub(r"(?<=\d),(?=\d{3}(\D|$))", "", text.strip()).rstrip("×x ").strip()
    percent = plain.endswith("%")
    parts = plain.rstrip("% ").split("/")
    if len(parts) == 2:
        below = parse(parts[1])
        if not below:
            raise ValueError("nothing is divided by 0")
        value = parse(parts[0]) / below
    else:
        value = parse(plain.rstrip("% "))
    return value / 100 if percent else value


def near(said: float, value: float, question: StepQuestion) -> bool:
    """Whether a number is within the tolerance of a question."""
    if math.isinf(value) or math.isinf(said):
        return said == value
    reach = question.tolerance * abs(value) if question.relative else question.tolerance
    return abs(said - value) <= reach * (1 + 1e-9) + 1e-300


def gap(said: float, value: float) -> str:
    """How far a guess was off, in words."""
    told = formatted(value)
    how = ""
    if said * value > 0 and math.isfinite(value):
        times = significant(max(value / said, said / value), 3)
        if times != significant(1.0, 3):
            how = f": {times} times {'as much' if value / said > 1 else 'less'}"
    elif said != value:
        how = f": {significant(abs(value - said), 3)} {'more' if value > said else 'less'}"
    return f"You said {trimmed(said)}; it is {told}{how}."


# ---- the page -------------------------------------------------------------------------------------------------------


def page_of(telling: Telling, before: Lookup | None, after: Lookup | None) -> Page:
    """The page of a step.

    Args:
        telling: where one is.
        before: of the numbers of its view; None where they are still to be computed.
        after: of the numbers of the view once it is answered.

    Raises:
        ValueError: an expression of the step has no value.
    """
    step, given, question = telling.step, telling.answer, telling.step.question
    paragraphs = [Paragraph("item" if said.item else "text", _told(said.text, before)) for said in step.text]
    if question is not None:
        paragraphs.append(Paragraph("ask", _told(question.text.text, before)))
        for letter, choice in zip(LETTERS, question.choices, strict=False):
            paragraphs.append(Paragraph("choice", f"{letter}  {_told(choice.text.text, before)}"))
        if not given.told and given.said:
            if question.kind in {"number", "choice"}:
                paragraphs.append(Paragraph("wrong", f"Not {given.said[-1]}. Once more, or enter alone to be told."))
            paragraphs += _all(step.hint, "hint", before)
        elif given.told:
            paragraphs.append(Paragraph("gap", _verdict(question, given, before)))
    if question is None or given.told:
        paragraphs += _all(step.reveal, "reveal", after)
    follows = forward(telling) is not telling
    takes_number = telling.waits and question is not None and question.kind == "number"
    typed = "your guess" if takes_number else ""
    if telling.waits and question is not None and question.kind == "choice":
        typed = ", ".join(LETTERS[: len(question.choices)])
    title = step.title
    place = f"{step.number}/{len(telling.story.steps)}"
    return Page(title, place, tuple(paragraphs), typed, takes_number, telling.waits, not follows)


def _all(said: tuple[Said, ...], part: str, lookup: Lookup | None) -> list[Paragraph]:
    return [Paragraph(part, _told(one.text, lookup)) for one in said]  # type: ignore[arg-type]


def _told(text: Template, lookup: Lookup | None) -> str:
    if lookup is None:
        return "".join(part if isinstance(part, str) else NOT_YET for part in text)
    return filled(text, lookup)


def _verdict(question: StepQuestion, given: Given, lookup: Lookup | None) -> str:
    # what was guessed against what is so
    said = given.said[-1] if given.said else ""
    if question.kind == "choice":
        right = LETTERS[question.right]
        if not said:
            return f"It is {right}."
        return f"{said}: yes." if given.right else f"You said {said}; it is {right}."
    if question.kind != "number" or question.answer is None:
        if question.kind == "press":
            return "Yes." if given.right else f"The key is {' or '.join(question.keys)}."
        return "There." if given.right else "This is the place."
    if lookup is None:
        return NOT_YET
    value = number_of(evaluated(question.answer.node, lookup))
    yes = "Yes. " if given.right else ""
    return yes + gap(number_typed(said), value) if said else f"It is {formatted(value)}."
