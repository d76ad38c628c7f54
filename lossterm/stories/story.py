"""The text of a story as steps: what stands in the file, checked line by line, with nothing computed."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from lossterm.stories.expressions import Node, Template, parsed, template
from lossterm.stories.heads import Head, head_of, text_of, wrong

FIELDS = ("view", "with", "let", "check", "ask", "answer", "until", "press", "hint", "reveal", "then", "see", "next")
"""What a step may say beside its text."""

VIEWS = ("curves", "softmax", "race", "data", "properties")
"""The screens that a view is on: each with the words of its command."""

DOCUMENTS = ("table", "plot", "softmax", "race", "data", "properties")
"""The commands that ``with`` may ask."""

Kind = Literal["number", "choice", "move", "press"]

TOLERANCE = 0.05
"""How far an answer may be off, as a part of it, where nothing is said."""


@dataclass(frozen=True)
class Said:
    """A paragraph.

    Attributes:
        text: with its holes.
        line: of the file.
        item: whether it is one of a list.
    """

    text: Template
    line: int
    item: bool = False


@dataclass(frozen=True)
class Condition:
    """An expression that is true or false, or a number.

    Attributes:
        source: as it is written.
        node: what it is.
        line: of the file.
    """

    source: str
    node: Node
    line: int


@dataclass(frozen=True)
class Offered:
    """One of the answers that are offered."""

    text: Said
    right: bool


@dataclass(frozen=True)
class StepQuestion:
    """What a step asks.

    Attributes:
        kind: a number is typed, one of the choices, the view is moved to where something holds, or a key is pressed.
        text: what is asked.
        answer: the number, or what must hold of the view.
        tolerance: how far a number may be off: a part of it where `relative`, else a distance.
        choices: of which one is right.
        keys: one of which is to be pressed, in Textual's names.
    """

    kind: Kind
    text: Said
    answer: Condition | None = None
    tolerance: float = TOLERANCE
    relative: bool = True
    choices: tuple[Offered, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def right(self) -> int:
        """Index of the right choice."""
        return next(i for i, choice in enumerate(self.choices) if choice.right)


@dataclass(frozen=True)
class AskedCommand:
    """A command of a story.

    Attributes:
        command: of `VIEWS` or `DOCUMENTS`.
        words: after it.
        line: of the file.
    """

    command: str
    words: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True)
class Step:
    """One step of a story.

    Attributes:
        number: from 1.
        name: by which other steps lead here; empty where nothing is said.
        title: its heading.
        line: of the heading.
        view: what is on screen; that of the step before where nothing is said.
        asked: further commands, by the name that expressions call them.
        named: expressions with a name.
        text: its paragraphs.
        checks: what must hold of the numbers, or the story is wrong.
        question: what is asked; None for a step that only tells.
        hint: after a wrong answer.
        reveal: what is said once it is answered.
        then: the view that is set with it; None for the same.
        see: other stories.
        next: the step that follows, where that is not the next one.
    """

    number: int
    name: str
    title: str
    line: int
    view: AskedCommand
    asked: tuple[tuple[str, AskedCommand], ...] = ()
    named: tuple[tuple[str, Condition], ...] = ()
    text: tuple[Said, ...] = ()
    checks: tuple[Condition, ...] = ()
    question: StepQuestion | None = None
    hint: tuple[Said, ...] = ()
    reveal: tuple[Said, ...] = ()
    then: AskedCommand | None = None
    see: tuple[str, ...] = ()
    next: str = ""

    @property
    def after(self) -> AskedCommand:
        """The view once it is answered."""
        return self.then or self.view


@dataclass(frozen=True)
class Story:
    """A story.

    Attributes:
        head: what it says of itself.
        steps: at least one.
    """

    head: Head
    steps: tuple[Step, ...]

    @property
    def folder(self) -> Path:
        """The only folder whose files it may open."""
        return self.head.path.parent

    def place(self, name: str) -> int | None:
        """Index of the step of a name; None where there is none."""
        return next((i for i, step in enumerate(self.steps) if name in (step.name, str(step.number))), None)


# ---- reading --------------------------------------------------------------------------------------------------------

_HEADING = re.compile(r"##\s+(.+?)\s*(?:\{#([\w-]+)\})?\s*")
_FIELD = re.compile(r"([a-z][a-z_-]*):(?:\s+(.*))?")
_CHOICE = re.compile(r"[-*]\s+\[([ xX])\]\s+(.*)")
_ITEM = re.compile(r"[-*]\s+(.*)")
_NAMED = re.compile(r"([A-Za-z_]\w*)\s*=(?!=)\s*(.+)", re.DOTALL)
_OFF = re.compile(r"(.*?)(?:±|\+-)\s*([\d.]+(?:[eE][+-]?\d+)?)\s*(%)?", re.DOTALL)


@dataclass
class _Entry:
    # a field or a paragraph of a step: its name ("" for text, "choice", "item"), the text, the line
    name: str
    text: str
    line: int


@dataclass
class _Draft:
    # a step while it is read
    title: str
    name: str
    line: int
    entries: list[_Entry] = field(default_factory=list)


def read_story(path: Path) -> Story:
    """The story in a file.

    Raises:
        StoryError: a line of it is wrong.
        OSError: it cannot be read.
    """
    text = text_of(path)
    return story_of(path, text)


def story_of(path: Path, text: str) -> Story:
    """The story in a text.

    Args:
        path: the file that it is from, for what is said of it.
        text: the text.

    Raises:
        StoryError: a line of it is wrong.
    """
    head = head_of(path, text)
    steps: list[Step] = []
    for draft in _drafts(path, text, head.lines):
        steps.append(_step(path, draft, steps))
    if not steps:
        raise wrong(path, head.lines + 1, "there is no step: a line '## Title' begins one")
    story = Story(head, tuple(steps))
    for step in steps:
        if step.next and story.place(step.next) is None:
            names = ", ".join(s.name or str(s.number) for s in steps)
            raise wrong(path, step.line, f"next: there is no step {step.next!r}: choose from {names}")
    return story


def _drafts(path: Path, text: str, first: int) -> Iterator[_Draft]:
    draft: _Draft | None = None
    fresh = True  # whether the next line begins a paragraph
    for number, line in enumerate(text.split("\n"), 1):
        plain = line.strip()
        if number <= first:
            continue
        if line.startswith("#"):
            heading = _HEADING.fullmatch(line.rstrip())
            if heading is None:
                raise wrong(path, number, "a step begins with '## Title' or '## Title {#name}'")
            if draft is not None:
                yield draft
            draft, fresh = _Draft(heading[1], heading[2] or "", number), True
        elif not plain:
            fresh = True
        elif draft is None:
            raise wrong(path, number, "before the first step, '## Title', there is no text")
        elif plain.startswith("<!--"):
            if not plain.endswith("-->"):
                raise wrong(path, number, "a remark <!-- … --> is on one line")
        else:
            fresh = _add(path, draft, plain, number, fresh=fresh)
    if draft is not None:
        yield draft


def _add(path: Path, draft: _Draft, line: str, number: int, *, fresh: bool) -> bool:
    # a line to the entry before it, or a new entry; returns whether the next line begins a paragraph
    begins = fresh or not draft.entries or draft.entries[-1].name
    found = _FIELD.fullmatch(line)
    if choice := _CHOICE.fullmatch(line):
        draft.entries.append(_Entry("right" if choice[1] in "xX" else "choice", choice[2], number))
    elif item := _ITEM.fullmatch(line):
        draft.entries.append(_Entry("item", item[1], number))
    elif found and begins and found[1] in FIELDS:
        draft.entries.append(_Entry(found[1], found[2] or "", number))
    elif found and begins and (fresh or found[1] not in FIELDS) and _is_slip(found[1], fresh=fresh):
        near = difflib.get_close_matches(found[1], FIELDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(FIELDS)}"
        raise wrong(path, number, f"unknown field {found[1]!r}: {hint} (text begins with a capital letter)")
    elif fresh or not draft.entries:
        draft.entries.append(_Entry("", line, number))
    else:
        draft.entries[-1].text += f" {line}"
    return False


def _is_slip(name: str, *, fresh: bool) -> bool:
    # a field that there is not; within a paragraph a line of text may well begin with a word and a colon
    return fresh or bool(difflib.get_close_matches(name, FIELDS, n=1, cutoff=0.7))


def _step(path: Path, draft: _Draft, before: Sequence[Step]) -> Step:
    last = before[-1] if before else None
    fields: dict[str, list[_Entry]] = {}
    for entry in draft.entries:
        fields.setdefault(entry.name, []).append(entry)
    for name in ("view", "ask", "answer", "until", "press", "then", "next"):
        if len(fields.get(name, ())) > 1:
            raise wrong(path, fields[name][1].line, f"{name} is said twice in one step")
    for entry in draft.entries:
        if not entry.text.strip():
            raise wrong(path, entry.line, f"{entry.name} has no value")
    if last is not None and draft.name and any(draft.name == step.name for step in before):
        raise wrong(path, draft.line, f"there is another step {draft.name!r}")
    view = _asked(path, fields["view"][0], VIEWS) if "view" in fields else last.after if last else None
    if view is None:
        raise wrong(path, draft.line, "the first step says its view, such as view: curves --loss ce,mse")
    asked = dict(last.asked) if last else {}
    for entry in fields.get("with", ()):
        name, one = _with(path, entry)
        asked[name] = one
    named: dict[str, Condition] = {}
    for entry in fields.get("let", ()):
        match = _NAMED.fullmatch(entry.text)
        if match is None:
            raise wrong(path, entry.line, f"write let: name = expression, not {entry.text[:40]!r}")
        named[match[1]] = _condition(path, match[2], entry.line)
    texts = [entry for entry in draft.entries if entry.name in {"", "item"}]
    step = Step(
        number=len(before) + 1,
        name=draft.name,
        title=draft.title,
        line=draft.line,
        view=view,
        asked=tuple(asked.items()),
        named=tuple(named.items()),
        text=tuple(_said(path, entry) for entry in texts),
        checks=tuple(_condition(path, entry.text, entry.line) for entry in fields.get("check", ())),
        hint=tuple(_said(path, entry) for entry in fields.get("hint", ())),
        reveal=tuple(_said(path, entry) for entry in fields.get("reveal", ())),
        then=_asked(path, fields["then"][0], VIEWS) if "then" in fields else None,
        see=tuple(name for entry in fields.get("see", ()) for name in entry.text.replace(",", " ").split()),
        next=fields["next"][0].text.strip().removeprefix("#") if "next" in fields else "",
    )
    return replace(step, question=_question(path, draft, fields, step))


def _question(path: Path, draft: _Draft, fields: dict[str, list[_Entry]], step: Step) -> StepQuestion | None:
    ways = [name for name in ("answer", "until", "press") if name in fields]
    choices = [entry for entry in draft.entries if entry.name in {"choice", "right"}]
    if "ask" not in fields:
        for name in (*ways, "choice", "right", "hint", "then"):
            if name in fields:
                what = "a choice" if name in {"choice", "right"} else name
                raise wrong(path, fields[name][0].line, f"{what} without a question: write ask: … before it")
        return None
    ask = fields["ask"][0]
    if len(ways) + bool(choices) != 1:
        raise wrong(
            path, ask.line, "a question has one way to answer it: answer: …, until: …, press: … or choices '- [x] …'"
        )
    if not step.reveal:
        raise wrong(path, ask.line, "a question has a reveal: …, which says what is so")
    if not step.hint:
        raise wrong(path, ask.line, "a question has a hint: …, for a wrong answer")
    said = _said(path, ask)
    if choices:
        if len(choices) < 2 or len(choices) > 9:
            raise wrong(path, choices[0].line, "two choices at least, and nine at most")
        if sum(entry.name == "right" for entry in choices) != 1:
            raise wrong(path, choices[0].line, "one of the choices is right: '- [x] …'")
        offered = tuple(Offered(_said(path, entry), entry.name == "right") for entry in choices)
        return StepQuestion("choice", said, choices=offered)
    entry = fields[ways[0]][0]
    if ways == ["press"]:
        return StepQuestion("press", said, keys=tuple(entry.text.replace(",", " ").split()))
    if ways == ["until"]:
        return StepQuestion("move", said, _condition(path, entry.text, entry.line))
    return _number(path, entry, said)


def _number(path: Path, entry: _Entry, said: Said) -> StepQuestion:
    text, tolerance, relative = entry.text, TOLERANCE, True
    if "±" in text or "+-" in text:
        match = _OFF.fullmatch(text)
        if match is None:
            raise wrong(path, entry.line, f"write answer: expression ± 10% or ± 0.5, not {text[:40]!r}")
        try:
            tolerance = float(match[2]) / (100 if match[3] else 1)
        except ValueError:
            raise wrong(path, entry.line, f"{match[2]!r} is not a number") from None
        text, relative = match[1], bool(match[3])
    return StepQuestion("number", said, _condition(path, text, entry.line), tolerance, relative)


def _condition(path: Path, text: str, line: int) -> Condition:
    source = text.strip()
    if source.startswith("{") and source.endswith("}") and source.count("{") == 1:
        source = source[1:-1].strip()
    try:
        return Condition(source, parsed(source), line)
    except ValueError as problem:
        raise wrong(path, line, str(problem)) from None


def _said(path: Path, entry: _Entry) -> Said:
    try:
        return Said(template(entry.text.strip()), entry.line, entry.name == "item")
    except ValueError as problem:
        raise wrong(path, entry.line, str(problem)) from None


def _with(path: Path, entry: _Entry) -> tuple[str, AskedCommand]:
    match = _NAMED.fullmatch(entry.text)
    if match is None or (match[1] in DOCUMENTS and match[2].split()[0] not in DOCUMENTS):
        asked = _asked(path, entry, DOCUMENTS)
        return asked.command, asked
    return match[1], _asked(path, _Entry(entry.name, match[2], entry.line), DOCUMENTS)


def _asked(path: Path, entry: _Entry, known: Sequence[str]) -> AskedCommand:
    try:
        words = shlex.split(entry.text)
    except ValueError:
        raise wrong(path, entry.line, f"a quotation mark without the other in {entry.text[:40]!r}") from None
    words = words[1:] if words[:1] == ["lossterm"] else words
    if not words or words[0] not in known:
        name = words[0] if words else ""
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
        raise wrong(path, entry.line, f"{entry.name}: unknown {name!r}: {hint}")
    return AskedCommand(words[0], tuple(words[1:]), entry.line)
