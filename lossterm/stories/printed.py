"""A story on paper: its texts, questions, pictures and answers, as text, Markdown or JSON."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lossterm.features import COMMANDS
from lossterm.model.notation import command_line
from lossterm.model.records import write_new
from lossterm.stories.documents import Numbers, command_of, words_of
from lossterm.stories.expressions import evaluated, filled, formatted
from lossterm.stories.heads import heads
from lossterm.stories.library import linked
from lossterm.stories.story import AskedCommand, Said, Step, StepQuestion, Story
from lossterm.stories.telling import LETTERS

WIDTH = 80
"""Columns of the text."""

PICTURE = "80x20"
"""Columns and lines of a picture of curves."""

SaidAs = Callable[[int, Step, bool], Sequence[str]]
"""Lines that show the picture of a step: of its index, the step, and whether it is that after the answer."""


def command_text(story: Story, asked: AskedCommand) -> str:
    """The command of a view, as one would type it beside the story's file."""
    return command_line(["lossterm", command_of(asked), *asked.words])


def picture_of(story: Story, asked: AskedCommand) -> list[str]:
    """What the command of a view prints.

    Raises:
        ValueError: what is wrong with its words.
    """
    words = [*words_of(asked, story.folder)]
    words += [f"--size={PICTURE}"] if command_of(asked) == "plot" or "--sweep" in " ".join(words) else []
    words += ["--format=text"]
    with redirect_stdout(io.StringIO()) as out:
        import_module(COMMANDS[command_of(asked)].module).run(words)
    return out.getvalue().rstrip("\n").split("\n")


def answer_text(question: StepQuestion, lookup: Numbers) -> str:
    """The answer to a question, in words."""
    if question.kind == "choice":
        return f"{LETTERS[question.right]}: {filled(question.choices[question.right].text.text, lookup)}"
    if question.answer is None:
        return f"the key {' or '.join(question.keys)}"
    if question.kind == "move":
        return f"where {question.answer.source}"
    return formatted(evaluated(question.answer.node, lookup))


def _texts(said: Sequence[Said], lookup: Numbers) -> list[str]:
    return [("- " if one.item else "") + filled(one.text, lookup) for one in said]


# ---- JSON -----------------------------------------------------------------------------------------------------------


def document(story: Story) -> dict[str, Any]:
    """What ``--format json`` prints."""
    return {
        "name": story.head.name,
        "title": story.head.title,
        "about": story.head.about,
        "claims": list(story.head.claims),
        "screens": list(story.head.screens),
        "losses": list(story.head.losses),
        "steps": [_record(story, index, step) for index, step in enumerate(story.steps)],
    }


def _record(story: Story, index: int, step: Step) -> dict[str, Any]:
    before, after = Numbers(story, index), Numbers(story, index, after=True)
    question = step.question
    return {
        "title": step.title,
        "name": step.name or None,
        "text": "\n\n".join(_texts(step.text, before)),
        "command": command_text(story, step.view),
        "kind": None if question is None else question.kind,
        "ask": None if question is None else filled(question.text.text, before),
        "choices": [filled(choice.text.text, before) for choice in question.choices] if question else [],
        "answer": None if question is None else answer_text(question, before),
        "hint": "\n\n".join(_texts(step.hint, before)) or None,
        "reveal": "\n\n".join(_texts(step.reveal, after)) or None,
        "then": None if step.then is None else command_text(story, step.then),
        "see": list(step.see),
    }


def listed() -> list[dict[str, Any]]:
    """The stories that come with the program, as JSON has them."""
    return [
        {"name": head.name, "title": head.title, "about": head.about, "claims": list(head.claims)} for head in heads()
    ]


# ---- text and Markdown ----------------------------------------------------------------------------------------------


def text(story: Story, pictures: SaidAs) -> Iterator[str]:
    """A story as lines of text; the answers come last."""
    yield from _wrapped(_plain(story.head.title))
    yield "=" * min(len(story.head.title), WIDTH)
    if story.head.about:
        yield from _wrapped(_plain(story.head.about))
    for index, step in enumerate(story.steps):
        lookup = Numbers(story, index)
        yield ""
        yield f"{step.number}  {step.title}"
        for paragraph in _texts(step.text, lookup):
            yield ""
            yield from _wrapped(_plain(paragraph))
        yield ""
        yield f"$ {command_text(story, step.view)}"
        yield from pictures(index, step, False)
        if step.question is not None:
            yield ""
            yield from _wrapped(f"? {_plain(filled(step.question.text.text, lookup))}", "  ")
            for letter, choice in zip(LETTERS, step.question.choices, strict=False):
                yield from _wrapped(f"  {letter}  {_plain(filled(choice.text.text, lookup))}", "     ")
        for paragraph in _texts(step.reveal, lookup) if step.question is None else ():
            yield ""
            yield from _wrapped(_plain(paragraph))
        yield from _wrapped(f"See also: {_see(story, step)}") if step.see else ()
    yield ""
    yield "Answers"
    for index, step in enumerate(story.steps):
        if step.question is not None:
            yield ""
            yield from _wrapped(f"{step.number}  {_plain(answer_text(step.question, Numbers(story, index)))}", "   ")
            if step.then is not None:
                yield f"   $ {command_text(story, step.then)}"
                yield from pictures(index, step, True)
            for paragraph in _texts(step.reveal, Numbers(story, index, after=True)):
                yield from _wrapped(f"   {_plain(paragraph)}", "   ")


def _see(story: Story, step: Step) -> str:
    return " · ".join(linked(story, name)[1] for name in step.see)


def _plain(paragraph: str) -> str:
    # code is taken as it stands: its ** is a power
    return re.sub(r"`([^`]+)`|\*\*(.+?)\*\*", lambda found: found[1] or found[2], paragraph)


def _wrapped(paragraph: str, indent: str = "") -> list[str]:
    return textwrap.wrap(paragraph, WIDTH, subsequent_indent=indent, break_on_hyphens=False) or [""]


def markdown(story: Story, pictures: SaidAs) -> Iterator[str]:
    """A story as lines of Markdown; the answers come last."""
    yield f"# {story.head.title}"
    if story.head.about:
        yield f"\n{story.head.about}"
    for index, step in enumerate(story.steps):
        lookup = Numbers(story, index)
        yield f"\n## {step.number} {step.title}\n"
        yield "\n\n".join(_texts(step.text, lookup))
        yield f"\n`{command_text(story, step.view)}`\n"
        yield from pictures(index, step, False)
        if step.question is not None:
            yield f"\n**{filled(step.question.text.text, lookup)}**\n"
            for letter, choice in zip(LETTERS, step.question.choices, strict=False):
                yield f"- {letter}. {filled(choice.text.text, lookup)}"
        for paragraph in _texts(step.reveal, lookup) if step.question is None else ():
            yield f"\n{paragraph}"
        if step.see:
            yield f"\nSee also: {_see(story, step)}"
    yield "\n## Answers"
    for index, step in enumerate(story.steps):
        if step.question is not None:
            yield f"\n**{step.number}** {answer_text(step.question, Numbers(story, index))}\n"
            if step.then is not None:
                yield f"`{command_text(story, step.then)}`\n"
                yield from pictures(index, step, True)
            for paragraph in _texts(step.reveal, Numbers(story, index, after=True)):
                yield f"\n{paragraph}"


def fenced(story: Story) -> SaidAs:
    """The pictures as blocks of text in Markdown."""

    def shown(index: int, step: Step, after: bool) -> Sequence[str]:
        return ["```text", *picture_of(story, step.after if after else step.view), "```"]

    return shown


def indented(story: Story) -> SaidAs:
    """The pictures as lines of text."""

    def shown(index: int, step: Step, after: bool) -> Sequence[str]:
        return picture_of(story, step.after if after else step.view)

    return shown


def drawn(story: Story, folder: Path) -> SaidAs:
    """The pictures as SVG files beside a Markdown text: of curves a chart, of all else what is printed.

    Args:
        story: whose.
        folder: where they are written, under names that are not taken; it is made where it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def shown(index: int, step: Step, after: bool) -> Sequence[str]:
        asked = step.after if after else step.view
        svg = _chart(story, asked) if command_of(asked) == "plot" else text_svg(picture_of(story, asked))
        stem = f"{story.head.name}-{step.number}{'-answer' if after else ''}"
        path = write_new(folder, stem, ".svg", lambda file: file.write(svg))
        return [f"![{step.title}](<{path.as_posix()}>)"]

    return shown


def _chart(story: Story, asked: AskedCommand) -> str:
    words = [*words_of(asked, story.folder)]
    if any(word.startswith("--likelihood") for word in words):
        return text_svg(picture_of(story, asked))
    with redirect_stdout(io.StringIO()) as out:
        import_module(COMMANDS["plot"].module).run([*words, "--format=svg"])
    return out.getvalue()


CELL = (8.4, 18)
"""Pixels of a character of a text that is drawn."""


def text_svg(lines: Sequence[str]) -> str:
    """Lines of text as an SVG document."""
    width, height = max(map(len, lines)) * CELL[0] + 32, len(lines) * CELL[1] + 32
    rows = [
        f'<text x="16" y="{30 + number * CELL[1]}" xml:space="preserve">{escape(line)}</text>'
        for number, line in enumerate(lines)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" '
            'font-family="ui-monospace, Menlo, DejaVu Sans Mono, monospace" font-size="14" fill="#1b1f24">',
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *rows,
            "</svg>",
            "",
        ]
    )
