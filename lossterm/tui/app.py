"""The app: a shell of screens and a theme, which saves what is looked at however it is left."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual.binding import BindingType
from textual.driver import Driver
from textual.screen import Screen
from textual.theme import Theme
from textual.timer import Timer

from lossterm.core.plain import one_line, visible
from lossterm.model.actions import Open, Outcome
from lossterm.model.feature import Feature, ScreenSetting, Topic
from lossterm.model.history import History
from lossterm.model.permissions import Permissions
from lossterm.model.rows import ListState, up_to_date
from lossterm.model.store import Saved, save, set_aside
from lossterm.model.workspace import Workspace
from lossterm.tui.commands import GLOBAL, PROGRAM, STORY_KEYS, Command, Entry, bindings
from lossterm.tui.keys import KeysInOrder
from lossterm.tui.later import later
from lossterm.tui.lifeline import Lifeline
from lossterm.tui.screen import FeatureScreen
from lossterm.tui.storyteller import PagesReady, Snapshot, Storyteller
from lossterm.tui.theme import Styles, styles_of
from lossterm.tui.widgets.bars import TitleBar

if TYPE_CHECKING:
    from lossterm.model.guide import Guide
    from lossterm.tui.palette import PaletteScreen

FIRST_FRAME = 0.005
"""Seconds from the start until the panes are certainly on screen: numpy and plotext take longer to load than to use."""


WITH_ALL_DRAWN = 0.2
"""Seconds after the first frame, in which the curves are drawn: then it is looked which stories there are."""


class LazyTasks(asyncio.SelectorEventLoop):
    """An event loop whose tasks begin when the loop comes to them, on every Python.

    From Python 3.12 on Textual asks for eager tasks; the first screen is then composed before it is on the stack, and
    the widgets in it that ask the app for its screen end the program (Textualize/textual #6444, #6492).
    """

    def set_task_factory(self, factory: object) -> None:
        """Leave tasks as they are."""


def _merged(kept: object, setting: Mapping[str, Any]) -> dict[str, Any]:
    # a setting may tell a part of what is kept, and of what is within
    before = kept if isinstance(kept, Mapping) else {}
    within = {k: _merged(before.get(k), v) if isinstance(v, Mapping) else v for k, v in setting.items()}
    return {**before, **within}


def _opened(feature: Feature, topic: Topic, state: object) -> Outcome:
    # an action of any screen: what it shows does not matter
    if topic.action:
        module, _, name = topic.action.partition(":")
        return getattr(import_module(module), name)(state)
    return Open(feature.name, topic.setting)


class LosstermApp(KeysInOrder):
    """The explorer.

    Attributes:
        workspace: what the screens look at together.
        line_styles: of the current theme.
        is_ready: whether the first frame has been shown.

    Args:
        features: the screens, in the order of the tabs.
        saved: what was kept of the last run.
        keep: whether this run is kept.
        marker: what curves are drawn with.
        start: the name of the screen that is opened first; the first one where nothing is said.
        guide: makes who tells the stories, of how far one had come in them; None for no stories.
        story: the name of the story that is opened first; empty for none.
        permissions: what may be done where the program runs; all of it where nothing is said.
    """

    TITLE = "lossterm"
    ENABLE_COMMAND_PALETTE = False  # Textual's own; ours is a screen like the others
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = bindings(GLOBAL)

    def __init__(
        self,
        features: Sequence[Feature],
        saved: Saved,
        *,
        keep: bool = True,
        start: str = "",
        marker: str = "braille",
        guide: Callable[[Mapping[str, Any]], Guide] | None = None,
        story: str = "",
        permissions: Permissions | None = None,
    ) -> None:
        # the base asks for the driver
        self.workspace = Workspace(saved.subject, permissions or Permissions(keeps_losses=keep), saved.folds)
        # not switched to: that would hold the first frame back
        self.DEFAULT_MODE = start or features[0].name  # type: ignore[misc]
        super().__init__()
        self._features = features
        for feature in features:
            self.add_mode(feature.name, partial(self._open, feature))
            self.bind(feature.key, f"screen({feature.name!r})", description=feature.title, show=False)
        self.base_commands: Sequence[Command] = (
            *(
                Command((f.key,), f"app.screen({f.name!r})", f.title, f"The {f.title} screen", PROGRAM)
                for f in features
            ),
            *GLOBAL,
            *STORY_KEYS,
        )
        self._kept = dict(saved.screens)
        self._notice = saved.notice
        self._keep = keep
        self.marker = marker
        self._opened: dict[str, FeatureScreen[Any]] = {}
        self.stories = Storyteller(self, guide, saved.stories)
        self._first_story = story
        self._is_first = saved.is_first
        self._complaint = ""
        self._is_set_aside = False
        self.is_ready = False
        self._left_with: int | None = None
        self._lifeline: Lifeline | None = None
        if saved.theme is not None and saved.theme in self.available_themes:
            self.theme = saved.theme
        self.line_styles: Styles = styles_of(self.current_theme)

    # ---- life -----------------------------------------------------------------------------------------------------

    def run_to_the_end(self) -> int:
        """Run, and save what is looked at.

        Returns:
            The exit code.
        """
        self._lifeline = Lifeline(self._leave, self.save_state)
        try:
            with asyncio.Runner(loop_factory=LazyTasks) as runner:
                runner.run(self.run_async())
        finally:
            if not self._lifeline.is_leaving:
                self._save_at_the_end()
            self._lifeline.ended()
        if self._complaint:
            print(f"lossterm: {visible(self._complaint)}", file=sys.stderr)
        return self.return_code or 0

    def _fatal_error(self) -> None:
        # as the base does, but for the locals of every function: they hold files, which takes minutes to write
        from rich.segment import Segments
        from rich.traceback import Traceback

        self.bell()
        self._exit_renderables.append(Segments(self.console.render(Traceback(), self.console.options)))
        self._close_messages_no_wait()

    def _save_at_the_end(self) -> None:
        # what ended the program before anybody touched it would do so at every start
        if self.return_code and not self.is_touched and self._keep:
            self._complaint = set_aside("the program ended when it was to be shown")
        else:
            self.save_state()

    def on_load(self) -> None:
        """Hear signals before the terminal is taken over."""
        if self._lifeline is not None:
            self._lifeline.listen()

    @property
    def _has_few_colours(self) -> bool:
        return not self.is_headless and self.console.color_system == "standard"

    def _leave(self, code: int) -> None:
        # a program that is told to end while it is still being put together ends as soon as it stands
        if self.is_ready:
            self.exit(return_code=code)
        else:
            self._left_with = code

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Save what is looked at, and end: what is typed from now on does not count, and nothing is waited for."""
        self.is_leaving = True
        if self._lifeline is not None:
            self._lifeline.leaving(return_code)
        super().exit(result, return_code, message)

    def get_driver_class(self) -> type[Driver]:
        """Textual's own, but for terminals of Unix and for browsers one that forgives more."""
        if self.workspace.permissions.is_browser:
            browser: type[Driver] = import_module("lossterm.tui.browser").BrowserDriver
            return browser
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":
            return driver
        terminal = import_module("lossterm.tui.terminal")
        terminal.forgive()
        steady: type[Driver] = terminal.SteadyDriver
        return steady

    def set_timer(self, *arguments: Any, **options: Any) -> Timer:
        """As Textual's, but without fail (see `later`): a resize that is never taken lets no other be taken either."""
        timer = super().set_timer(*arguments, **options)
        timer._skip = False  # only the constructor has a public way to say so
        return timer

    def on_ready(self) -> None:
        """Wait a frame before what takes long: nothing is shown before this moment."""
        later(self, FIRST_FRAME, self._begin)

    def _begin(self) -> None:
        self.is_ready = True
        if self._left_with is not None:
            self.exit(return_code=self._left_with)
            return
        for screen in self._opened.values():
            screen.show_loss_line()
            screen.program_is_ready()
        if self._notice and self._opened:
            next(iter(self._opened.values())).tell(self._notice, title="note", timeout=12, wrong=True)
        is_first = self._is_first and not self._notice
        self.set_timer(WITH_ALL_DRAWN, gc.enable)  # `__main__` puts it off
        look = partial(self.stories.program_is_ready, self._first_story, is_first=is_first)
        if self._first_story:
            look()
        else:
            self.set_timer(WITH_ALL_DRAWN, look)

    def on_mount(self) -> None:
        """Follow the theme."""
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        if self._has_few_colours:
            self.line_styles = styles_of(self.current_theme, few=True)

    def _open(self, feature: Feature) -> Screen[Any]:
        module, _, name = feature.screen.partition(":")
        kept = self._kept.get(feature.name)
        screen: FeatureScreen[Any] = getattr(import_module(module), name)(
            self.workspace, kept if isinstance(kept, Mapping) else {}
        )
        self._opened[feature.name] = screen
        return screen

    def save_state(self) -> None:
        """Save the subject, the theme, and what every screen keeps."""
        if self._keep:
            subject, screens = self.stories.before or (self.workspace.subject, self.kept())
            self._complaint = save(
                Saved(subject, screens, self.theme, stories=self.stories.progress(), folds=self.workspace.folds)
            )

    def kept(self) -> dict[str, Any]:
        """What every screen keeps, by its name."""
        return {**self._kept, **{name: dict(screen.kept()) for name, screen in list(self._opened.items())}}

    def set_aside(self, problem: Exception) -> str | None:
        """Put what was saved out of the way, if it is what is shown; returns what is to be told, or None."""
        if self.is_touched or self._is_set_aside:
            return None
        self._is_set_aside, self._kept = True, {}
        why = one_line(problem)
        return (set_aside(why) if self._keep else "") or f"this cannot be shown ({why})"

    def _theme_changed(self, theme: Theme) -> None:
        self.line_styles = styles_of(theme, few=self._has_few_colours)
        keeper = self._keeper()
        if keeper is not None:  # the others follow when they are seen again
            keeper.follow_theme()

    # ---- screens and commands -------------------------------------------------------------------------------------

    @property
    def tabs(self) -> list[tuple[str, str, str]]:
        """The screens: key, name and title."""
        return [(f.key, f.name, f.title) for f in self._features]

    def open_screen(self, name: str, setting: Mapping[str, Any], note: str = "") -> None:
        """Switch to a screen, put a setting on it, and let it say a note."""
        if name in self._opened:
            self._opened[name].take_setting(setting)
        else:
            self._kept[name] = _merged(self._kept.get(name), setting)
        self.switch_mode(name)
        if note:
            self._opened[name].tell(note)

    @property
    def feature_screens(self) -> Sequence[FeatureScreen[Any]]:
        """The screens that have been opened."""
        return list(self._opened.values())

    def show_setting(self, name: str, setting: ScreenSetting) -> None:
        """Switch to a screen, and show on it what a setting tells: subject and all that the screen keeps."""
        if setting.subject is not None:
            self.workspace.subject = setting.subject
        is_new = name not in self._opened
        if is_new:
            self._kept[name] = _merged(self._kept.get(name), setting.screen)
        else:
            screen = self._opened[name]
            screen.look_at(self.workspace.followed(screen.state))
            screen.take_setting(setting.screen)
        if self.current_mode != name:
            self.switch_mode(name)
        screen = self._opened[name]
        if isinstance(screen.state, ListState):  # the first of the losses is the current one
            first = screen.state.at(screen.state.subject.reference)
            if is_new:  # before anything of it is drawn
                screen.state = first
            else:
                screen.look_at(first, is_step=False)

    def snapshot(self) -> Snapshot:
        """What is looked at on every screen, to come back to."""
        opened = {n: (s, s.remembered(s.state), s.history) for n, s in self._opened.items()}
        return Snapshot(self.current_mode, self.workspace.subject, dict(self._kept), opened)

    def restore(self, was: Snapshot) -> None:
        """Look at what was looked at before on every screen."""
        # with the losses that there are by now: one's own may have been changed or taken away in the story
        self.workspace.subject, self._kept = up_to_date(was.subject), dict(was.kept)
        for name, screen in self._opened.items():
            if name in was.opened:
                _, state, history = was.opened[name]
            else:
                kept = was.kept.get(name)
                workspace = Workspace(self.workspace.subject, self.workspace.permissions)
                state = type(screen)(workspace, kept if isinstance(kept, Mapping) else {}).state
                history = History()
            screen.carry_out(screen.returned(self.workspace.followed(state)), is_step=False)
            screen.history = history
        if self.current_mode != was.mode:
            self.switch_mode(was.mode)

    # ---- stories --------------------------------------------------------------------------------------------------

    def stories_of(self, loss: str) -> Sequence[str]:
        """The names of the stories that belong to a loss, by its id."""
        return self.stories.of_loss(loss)

    def types_number(self, screen: FeatureScreen[Any], character: str) -> bool:
        """Begin the answer to a story's question where it is a number; returns whether that is so."""
        return self.stories.types_number(screen, character)

    def looked(self) -> None:
        """Hear that something else is looked at on a screen."""
        self.stories.looked()

    def choose(self, screen: PaletteScreen, chosen: Callable[[Entry | None], Awaitable[None]]) -> None:
        """Let an entry be chosen."""
        self.push_screen(screen, chosen)

    def resumed(self, screen: FeatureScreen[Any]) -> None:
        """Hear that a screen is seen again."""
        self.stories.resumed(screen)

    def pressed(self, event: events.Key) -> None:
        """Hear of a key that does something on a screen."""
        if isinstance(self.screen, FeatureScreen) and not self.screen.prompt.is_open:
            self.stories.pressed(event)

    def action_story(self) -> None:
        """List the stories; in one, go to its pane, or fold it."""
        if isinstance(self.screen, FeatureScreen):
            self.stories.call()

    def action_use_story(self, name: str) -> None:
        """Begin a story."""
        self.stories.begin(name)

    def action_story_on(self) -> None:
        """Read on, answer, go on."""
        self.stories.go_on()

    def action_story_back(self) -> None:
        """Go back a step."""
        self.stories.go_back()

    def action_story_leave(self) -> None:
        """Leave the story."""
        self.stories.leave()

    def on_story_pane_clicked(self) -> None:
        """Go on, as enter does."""
        self.stories.go_on()

    def on_pages_ready(self, event: PagesReady) -> None:
        """Show what was computed."""
        self.stories.ready(event)

    # ---- commands -------------------------------------------------------------------------------------------------

    def action_screen(self, mode: str) -> None:
        """Switch to a screen."""
        if isinstance(self.screen, FeatureScreen):  # not from under a list or a help that is open
            self.switch_mode(mode)

    def on_title_bar_picked(self, event: TitleBar.Picked) -> None:
        """A screen's name was clicked."""
        self.switch_mode(event.mode)

    def commands_here(self) -> Sequence[Command]:
        """The commands of the current screen and the program, and in a story those of its pane."""
        keeper = self._keeper()
        told = [*STORY_KEYS] if self.stories.is_on else []
        return [*told, *(keeper.commands if keeper else ()), *(c for c in self.base_commands if c not in STORY_KEYS)]

    def palette_entries(self) -> list[Entry]:
        """Everything that can be done here."""
        keeper = self._keeper()
        entries = [Entry(c.help, c.key_text, c.action, f"{c.label} {c.group} {c.words}") for c in self.commands_here()]
        entries += keeper.palette_entries() if keeper else []
        entries += [
            Entry(topic.name, "" if topic.action else feature.title, partial(_opened, feature, topic), topic.words)
            for feature in self._features
            for topic in feature.topics
        ]
        entries += self.stories.entries()
        themes = sorted(self.available_themes)
        return entries + [
            Entry(f"Theme: {name}", "colours", f"app.use_theme('{name}')", "color dark light mode") for name in themes
        ]

    def _keeper(self) -> FeatureScreen[Any] | None:
        return next((s for s in reversed(self.screen_stack) if isinstance(s, FeatureScreen)), None)

    def action_palette(self) -> None:
        """Find a command by typing."""
        screen = self.screen
        if isinstance(screen, FeatureScreen):
            from lossterm.tui.palette import PaletteScreen

            self.push_screen(PaletteScreen(self.palette_entries()), partial(self._run_chosen, screen))

    async def _run_chosen(self, screen: FeatureScreen[Any], chosen: Entry | None) -> None:
        if chosen is None:
            return
        await screen.run_command(chosen.action)

    def action_use_theme(self, name: str) -> None:
        """Change the colours."""
        if name in self.available_themes:
            self.theme = name

    def action_help(self) -> None:
        """Show what every key does."""
        from lossterm.tui.help import HelpScreen

        keeper = self._keeper()
        if keeper and isinstance(self.screen, FeatureScreen):
            first, marks, rest = keeper.notes.partition("\nMarks\n")  # after what to try, where one sees it at once
            notes = first + self.stories.notes(keeper.name_of_feature) + marks + rest
            self.push_screen(HelpScreen("lossterm", self.commands_here(), notes))
