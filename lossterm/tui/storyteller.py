"""Stories on the screens: the pane, the views they set, and the view that was there before, which comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

from textual import events
from textual.message import Message
from textual.screen import Screen

from lossterm.model.actions import Ask
from lossterm.model.feature import ScreenSetting
from lossterm.model.history import History
from lossterm.model.rows import ListState
from lossterm.model.subject import Subject
from lossterm.tui.commands import Entry
from lossterm.tui.screen import FeatureScreen

if TYPE_CHECKING:
    from lossterm.model.guide import Guide, Listed, Page
    from lossterm.tui.palette import PaletteScreen

NUMBER_BEGINS = frozenset("0123456789.-−")
"""What a number begins with: while one is asked for it is typed, and not a key of the screen."""

FIRST = "S opens the stories: predict, move, see what is so"
"""What is said at the very first start."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What was looked at before a story.

    Attributes:
        mode: the screen.
        subject: of all screens.
        kept: what was kept of screens.
        opened: of the screens that had been opened what was remembered, and their history.
    """

    mode: str
    subject: Subject
    kept: Mapping[str, Any]
    opened: Mapping[str, tuple[FeatureScreen[Any], Any, History[Any]]]


class Host(Protocol):
    """The app, as stories know it."""

    @property
    def screen_stack(self) -> list[Screen[Any]]:
        """The screen, and what is over it; nothing while the program ends."""

    @property
    def feature_screens(self) -> Sequence[FeatureScreen[Any]]:
        """The screens that have been opened."""

    def choose(self, screen: PaletteScreen, chosen: Callable[[Entry | None], Awaitable[None]]) -> None:
        """Let an entry be chosen."""

    def call_later(self, callback: Callable[..., Any]) -> bool:
        """Call after what is waiting."""

    def post_message(self, message: Message) -> bool:
        """Hear of something, from any thread."""

    def show_setting(self, name: str, setting: ScreenSetting) -> None:
        """Switch to a screen, and show on it what a setting tells."""

    def snapshot(self) -> Snapshot:
        """What is looked at on every screen."""

    def restore(self, was: Snapshot) -> None:
        """Look at what was looked at before."""

    def kept(self) -> dict[str, Any]:
        """What every screen keeps."""


class PagesReady(Message):
    """What a thread has computed for a page: the page itself, or at which place what is asked for holds."""

    def __init__(self, number: int, page: Page | None, place: Sequence[str] = ()) -> None:
        super().__init__()
        self.number = number
        self.page = page
        self.place = place


class Storyteller:
    """Connects who tells the stories with the screens.

    Attributes:
        before: the subject and what the screens kept before the story that is being told; None outside of one.

    Args:
        app: whose screens.
        guide: makes who tells them.
        kept: how far one had come.
    """

    def __init__(self, app: Host, guide: Callable[[Mapping[str, Any]], Guide] | None, kept: Mapping[str, Any]) -> None:
        self._app, self._make, self._kept = app, guide, kept
        self._guide: Guide | None = None
        self._was: Snapshot | None = None
        self.before: tuple[Subject, Mapping[str, Any]] | None = None
        self._page: Page | None = None
        self._number = 0  # of the page: what is computed for another one comes too late
        self._is_due = False
        self._of_losses: dict[str, tuple[str, ...]] = {}

    # ---- what there is --------------------------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether a story is being told."""
        return self._was is not None

    @property
    def page(self) -> Page | None:
        """What the pane says."""
        return self._page

    @property
    def guide(self) -> Guide | None:
        """Who tells them."""
        if self._guide is None and self._make is not None:
            self._guide = self._make(self._kept)
        return self._guide

    def _listed(self) -> Sequence[Listed]:
        return () if self.guide is None else self.guide.listed()

    def progress(self) -> Mapping[str, Any]:
        """How far one has come."""
        return self._kept if self._guide is None else self._guide.progress()

    def program_is_ready(self, story: str, *, is_first: bool) -> None:
        """Look which stories there are: the first frame is on screen. Begin one, or say that there are some."""
        if self.guide is None:
            return
        self._of_losses = {}
        for one in self._listed():
            for loss in dict.fromkeys(one.losses):
                self._of_losses[loss] = (*self._of_losses.get(loss, ()), one.name)
        if story:
            self.begin(story)
            return
        if (screen := self._screen) is not None:
            screen.show_loss_line()
            if is_first:
                screen.tell("", title=FIRST, timeout=8)

    def of_loss(self, loss: str) -> Sequence[str]:
        """The stories of a loss, by its id, in the order of the list."""
        return self._of_losses.get(loss, ())

    def notes(self, screen: str) -> str:
        """What the help of a screen says of stories."""
        rows = [f"  {one.name:<14}  {one.title}" for one in self._listed() if screen in one.screens]
        return "\n".join(["\nStories of this screen (S)", *rows, ""]) if rows else ""

    def entries(self) -> list[Entry]:
        """The stories, for the palette."""
        return [
            Entry(f"Story: {one.title}", one.progress or "story", f"app.use_story({one.name!r})", one.words)
            for one in self._listed()
        ]

    # ---- keys -----------------------------------------------------------------------------------------------------

    @property
    def _screen(self) -> FeatureScreen[Any] | None:
        screen = next(reversed(self._app.screen_stack), None)
        return screen if isinstance(screen, FeatureScreen) else None

    @property
    def _screen_name(self) -> str:
        return "" if self._screen is None else self._screen.name_of_feature

    def call(self) -> None:
        """List the stories; in one, go to its pane, or fold it."""
        screen = self._screen
        if screen is None:
            return
        if not self.is_on:
            self._list(self.entries_of_list(), "no stories come with this program")
        elif screen.focused is screen.story and not screen.story.is_folded:
            screen.story.fold(folded=True)
            screen.focus_home()
        else:
            self._show_pane(screen, anew=False)
            screen.story.fold(folded=False)
            screen.set_focus(screen.story)

    def entries_of_list(self) -> list[Entry]:
        """The stories by their titles: those of the current loss first, then those of the screen."""
        screen = self._screen
        here = self._screen_name
        state = None if screen is None else screen.state
        loss = state.subject.rows[state.current].loss if isinstance(state, ListState) else ""
        listed = sorted(self._listed(), key=lambda one: (one.name not in self.of_loss(loss), here not in one.screens))
        return [Entry(one.title, one.progress or one.name, f"app.use_story({one.name!r})", one.words) for one in listed]

    def _list(self, entries: list[Entry], none: str) -> None:
        screen = self._screen
        if screen is None:
            return
        if not entries:
            screen.tell(none)
            return

        async def chosen(entry: Entry | None) -> None:
            if entry is not None:
                await screen.run_command(entry.action)

        from lossterm.tui.palette import PaletteScreen

        self._app.choose(PaletteScreen(entries, "Stories", "a story by a word"), chosen)

    def begin(self, name: str) -> None:
        """Begin a story; the view there is comes back when it is left."""
        guide, screen = self.guide, self._screen
        if guide is None or screen is None:
            return
        try:
            guide.begin(name)
        except ValueError as problem:
            screen.tell(str(problem), timeout=12, wrong=True)
            return
        screen.notice.hide()
        if self._was is None:
            self._was = self._app.snapshot()
            self.before = self._was.subject, self._app.kept()
        self._turn()

    def go_on(self) -> None:
        """Read on; answer; go to the next step; after the last one to another story, or leave."""
        guide, screen, page = self.guide, self._screen, self._page
        if guide is None or screen is None or page is None:
            return
        pane = screen.story
        if pane.is_folded:
            pane.fold(folded=False)
        elif pane.has_more:
            pane.turn(1)
        elif page.question:
            screen.ask(self._asked(page))
        elif page.waits:
            self._answered(guide.help)
        elif not page.is_last:
            guide.go(1)
            self._turn()
        elif page.links:
            links = [Entry(title, name, f"app.use_story({name!r})") for name, title in page.links]
            self._list([*links, Entry("Back to what was looked at before", "leave", "app.story_leave")], "")
        else:
            self.leave()

    def go_back(self) -> None:
        """Read back; go to the step before."""
        guide, screen = self.guide, self._screen
        if guide is None or screen is None or self._page is None or screen.story.turn(-1):
            return
        if guide.go(-1):
            self._turn()
        else:
            screen.tell("this is the first step: esc leaves the story")

    def leave(self) -> None:
        """Leave the story: the view that was there before comes back."""
        was, guide = self._was, self.guide
        if was is None or guide is None:
            return
        guide.end()
        self._number += 1
        self._was, self._page = None, None
        for screen in self._app.feature_screens:
            screen.story.show(None, anew=True)
        self._app.restore(was)
        self.before = None
        if (here := self._screen) is not None:
            here.focus_home()

    # ---- answers --------------------------------------------------------------------------------------------------

    def _asked(self, page: Page) -> Ask:
        return Ask(page.question, lambda state, text: self._answer(text))

    def _answer(self, text: str) -> Ask | None:
        # of the prompt, which says what is wrong with it, and is there again after a wrong answer: unless there is more
        # to be read first, since enter alone would then give up
        guide, screen = self.guide, self._screen
        if guide is None or screen is None or not self.is_on:
            return None
        self._answered(partial(guide.answer, text))
        page = self._page
        return self._asked(page) if page is not None and page.question and not screen.story.has_more else None

    def types_number(self, screen: FeatureScreen[Any], character: str) -> bool:
        """Begin a number where one is asked for and the pane has the focus; returns whether that is so."""
        page = self._page
        if page is None or not page.takes_number or character not in NUMBER_BEGINS:
            return False
        if screen.focused is not screen.story:
            return False
        screen.story.fold(folded=False)
        screen.ask(self._asked(page))
        screen.prompt.type(character)
        return True

    def _answered(self, answer: Callable[[], bool]) -> None:
        if answer():
            self._set_view()
        self._compute(anew=False)

    def looked(self) -> None:
        """Hear that something else is looked at: it may be what is asked for."""
        guide = self._guide
        if self._is_due or not self.is_on or guide is None:
            return
        name, keys = guide.waits_for()
        if not name or keys:
            return
        self._is_due = True
        self._app.call_later(self._judge)

    def _judge(self) -> None:
        self._is_due = False
        guide, screen = self._guide, self._screen
        if guide is None or screen is None or not self.is_on or guide.waits_for()[0] != screen.name_of_feature:
            return
        words = screen.told_words()
        if guide.is_quick:
            self._judged(words if guide.holds(words) else ())
        else:
            number = self._number
            self._in_thread(lambda: PagesReady(number, None, words if guide.holds(words) else ()))

    def _judged(self, place: Sequence[str]) -> None:
        guide = self._guide
        if place and guide is not None and self.is_on and guide.waits_for()[0]:
            guide.found(place)
            self._compute(anew=False)

    def pressed(self, event: events.Key) -> None:
        """Hear of a key: it may be what is asked for."""
        guide = self._guide
        if guide is None or not self.is_on:
            return
        name, keys = guide.waits_for()
        if (event.key in keys or event.character in keys) and self._screen_name == name:
            guide.found()
            self._app.call_later(partial(self._compute, anew=False))  # after what the key does on the screen

    # ---- pages ----------------------------------------------------------------------------------------------------

    def _turn(self) -> None:
        # another step: its view, and its page
        self._set_view()
        self._compute(anew=True)
        self._app.call_later(self._focus)

    def _focus(self) -> None:
        screen = self._screen
        if screen is not None and self.is_on and screen.story.is_attached:
            screen.set_focus(screen.story)

    def _set_view(self) -> None:
        guide = self.guide
        if guide is None:
            return
        try:
            name, setting = guide.view()
        except ValueError as problem:
            if (screen := self._screen) is not None:
                screen.tell(str(problem), timeout=12, wrong=True)
            return
        self._show(name, setting)

    def _show(self, name: str, setting: ScreenSetting) -> None:
        self._app.show_setting(name, setting)

    def _compute(self, *, anew: bool) -> None:
        guide = self.guide
        if guide is None or not self.is_on:
            return
        self._number += 1
        number = self._number
        if guide.is_quick:
            self._put(guide.page(), anew=anew)
            return
        self._put(guide.page(bare=True), anew=anew)
        self._in_thread(lambda: PagesReady(number, guide.page()))

    def _in_thread(self, compute: Callable[[], PagesReady]) -> None:
        def run() -> None:
            with suppress(RuntimeError, ValueError):  # the program has ended, or the story
                self._app.post_message(compute())

        # a daemon: the interpreter does not wait for it at the end
        Thread(target=run, name="story", daemon=True).start()

    def ready(self, event: PagesReady) -> None:
        """Show what was computed, if it is still what is looked at."""
        if event.number != self._number or not self.is_on:
            return
        if event.page is not None:
            self._put(event.page, anew=False)
        else:
            self._judged(event.place)

    def _put(self, page: Page, *, anew: bool) -> None:
        before, self._page = self._page, page
        for screen in self._app.feature_screens:
            screen.story.show(page, anew=anew, since=before)

    def resumed(self, screen: FeatureScreen[Any]) -> None:
        """Show the pane on a screen that is seen again.

        It has the focus, except where one has wandered off from a question for a number: there the digits lead back.
        """
        self._show_pane(screen, anew=False)
        guide = self._guide
        if guide is None or not self.is_on or screen.story.is_folded:
            return
        is_away = self._page is not None and self._page.takes_number and guide.screen != screen.name_of_feature
        if is_away and screen.focused is screen.story:
            screen.focus_home()
        elif not is_away:
            screen.set_focus(screen.story)

    def _show_pane(self, screen: FeatureScreen[Any], *, anew: bool) -> None:
        if screen.story.page is not self._page:
            screen.story.show(self._page, anew=anew)
