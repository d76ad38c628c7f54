"""Tells stories in the explorer: which there are, which is open, what its page says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.names import normalise
from lossterm.model.feature import ScreenSetting
from lossterm.model.guide import Listed, Page, Paragraph
from lossterm.stories.heads import Head, heads

if TYPE_CHECKING:
    from lossterm.stories.documents import Numbers
    from lossterm.stories.story import AskedCommand
    from lossterm.stories.telling import Telling

MOST = 200
"""Stories of which it is kept how far one has come."""

QUICK = frozenset({"curves", "softmax", "table", "plot"})
"""Views and documents whose numbers are there at once."""


class StoryGuide:
    """The stories that come with the program, and those in files of one's own.

    Args:
        kept: how far one had come, as `progress` told; distrusted.
    """

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self._steps = {name: step for name, one in list(kept.items())[:MOST] if (step := _step_of(one)) >= 0}
        self._done = {name for name, one in kept.items() if name in self._steps and one.get("done") is True}
        self._telling: Telling | None = None
        self._name = ""

    # ---- the list -------------------------------------------------------------------------------------------------

    def listed(self) -> Sequence[Listed]:
        """The stories that there are."""
        return [
            Listed(
                head.name,
                head.title,
                head.about,
                head.screens,
                tuple(_ids(head)),
                f"story {head.name} {head.about} {head.words} {' '.join(head.losses)} {' '.join(head.claims)}",
                self._progress_of(head.name),
            )
            for head in heads()
        ]

    def _progress_of(self, name: str) -> str:
        if name in self._done:
            return "done"
        return f"step {self._steps[name] + 1}" if self._steps.get(name) else ""

    # ---- one of them ----------------------------------------------------------------------------------------------

    def begin(self, name: str) -> None:
        """Begin a story, or go on with it where it was left.

        Raises:
            ValueError: there is no such story, or its file is wrong.
        """
        from lossterm.stories.library import find_story
        from lossterm.stories.telling import Telling

        story = find_story(name)
        at = 0 if name in self._done else self._steps.get(name, 0)
        self._name, self._telling = name, Telling(story, min(at, len(story.steps) - 1))
        self._note()

    def end(self) -> None:
        """Leave the story."""
        self._telling = None

    @property
    def telling(self) -> Telling:
        """Where one is.

        Raises:
            ValueError: no story is open.
        """
        if self._telling is None:
            raise ValueError("no story is open")
        return self._telling

    @property
    def is_quick(self) -> bool:
        """Whether the numbers of the page are there at once."""
        step = self.telling.step
        return {step.view.command, step.after.command, *(asked.command for _, asked in step.asked)} <= QUICK

    def page(self, *, bare: bool = False) -> Page:
        """The page of now; what is wrong with an expression of one's own story is said in it."""
        from lossterm.stories.library import linked
        from lossterm.stories.telling import page_of

        telling = self.telling
        try:
            page = page_of(telling, None, None) if bare else self._told()
        except ValueError as problem:
            page = page_of(telling, None, None)
            said = Paragraph("wrong", f"{telling.story.head.path.name}:{telling.step.line}: {problem}")
            page = replace(page, paragraphs=(*page.paragraphs, said))
        links = tuple(linked(telling.story, name) for name in telling.step.see)
        told = page.paragraphs
        if links and not page.waits:
            told = (*told, Paragraph("see", f"On with: {' · '.join(title for _, title in links)}"))
        return replace(page, paragraphs=told, links=links)

    def _told(self) -> Page:
        # with the numbers of the place that was found, which is still on screen; where they do not do, of the `then`
        from lossterm.stories.documents import command_of
        from lossterm.stories.telling import page_of

        telling, place = self.telling, self.telling.answer.place
        if place and command_of(telling.step.after) == place[0]:
            with suppress(ValueError):  # a loss of which the text speaks is not shown there
                return page_of(telling, self._numbers(), self._numbers(after=True, view=place[1:]))
        return page_of(telling, self._numbers(), self._numbers(after=True))

    def _numbers(self, *, after: bool = False, view: Sequence[str] | None = None) -> Numbers:
        from lossterm.stories.documents import Numbers

        return Numbers(self.telling.story, self.telling.at, after=after, view=view)

    def view(self) -> tuple[str, ScreenSetting]:
        """The screen of the page, and what it shows.

        Raises:
            ValueError: what is wrong with the words of its view.
        """
        from lossterm.stories.documents import setting_of

        asked = self._asked
        return asked.command, setting_of(asked, self.telling.story.folder)

    @property
    def screen(self) -> str:
        """The screen of the page."""
        return self._asked.command

    @property
    def _asked(self) -> AskedCommand:
        return self.telling.step.after if self.telling.answer.told else self.telling.step.view

    # ---- turning pages, answering ---------------------------------------------------------------------------------

    def go(self, by: int) -> bool:
        """Go to the next page, or the one before; returns whether there is one."""
        from lossterm.stories.telling import back, forward

        before = self.telling
        self._telling = forward(before) if by > 0 else back(before)
        self._note()
        return self._telling.at != before.at

    def answer(self, text: str) -> bool:
        """Take an answer, as it was typed; returns whether the view of the page is another one now.

        Raises:
            ValueError: it is none; the message says what would be right.
        """
        from lossterm.stories.telling import answered

        return self._becomes(answered(self.telling, text, self._numbers()))

    def waits_for(self) -> tuple[str, tuple[str, ...]]:
        """The screen on which something is to be done, and the keys of which one is to be pressed; else empty."""
        question = self.telling.step.question
        if question is None or not self.telling.waits or question.kind not in {"move", "press"}:
            return "", ()
        return self.telling.step.view.command, question.keys

    def holds(self, words: Sequence[str]) -> bool:
        """Whether what is asked for holds of what is on screen, told by the words of its command."""
        from lossterm.stories.documents import command_of
        from lossterm.stories.expressions import evaluated, truth

        question = self.telling.step.question
        if question is None or question.answer is None or words[:1] != [command_of(self.telling.step.view)]:
            return False
        try:
            return truth(evaluated(question.answer.node, self._numbers(view=words[1:])))
        except ValueError:  # a loss that is not shown there, a number that is not known
            return False

    def found(self, words: Sequence[str] = ()) -> None:
        """Take it that what the page waits for was done, where the words of the command of the screen tell."""
        from lossterm.stories.telling import done

        self._becomes(done(self.telling, tuple(words)))

    def help(self) -> bool:
        """Give a hint to who does not find it, and then show it; returns whether the view is another one now."""
        from lossterm.stories.telling import hinted

        return self._becomes(hinted(self.telling))

    def _becomes(self, telling: Telling) -> bool:
        was, self._telling = self.telling, telling
        self._note()
        return telling.answer.told and not was.answer.told and telling.step.then is not None

    # ---- what is kept ---------------------------------------------------------------------------------------------

    def _note(self) -> None:
        telling = self.telling
        self._steps[self._name] = telling.at
        if telling.at == len(telling.story.steps) - 1 and not telling.waits:
            self._done.add(self._name)

    def progress(self) -> Mapping[str, Any]:
        """How far one has come, as JSON has it."""
        return {name: {"step": step, "done": name in self._done} for name, step in self._steps.items()}


def _step_of(kept: object) -> int:
    # the step that is told of a story; −1 where it is none
    step = kept.get("step") if isinstance(kept, Mapping) else None
    return step if isinstance(step, int) and not isinstance(step, bool) and 0 <= step < MOST else -1


def _ids(head: Head) -> list[str]:
    # of losses of classes alone, which take a while to import, the name is the id
    wanted = {normalise(name) for name in head.losses}
    named = [e.id for e in LOSSES.values() if wanted & {e.id, *map(normalise, e.aliases)}]
    return [*named, *sorted(wanted - set(named))]
