"""What every screen of a feature has: a frozen state and actions on it, its place among the tabs, messages, prompts."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar, Generic, TypeVar

from textual import events, messages, on
from textual.app import ComposeResult
from textual.geometry import Region
from textual.layout import Layout
from textual.widget import Widget
from textual.widgets import Static

from lossterm.core.plain import shortened, visible_lines
from lossterm.model import own_losses
from lossterm.model.actions import (
    Action,
    Ask,
    Copy,
    Forget,
    Keep,
    Lay,
    Open,
    Outcome,
    Pick,
    Tabulate,
    Tell,
    Visit,
    Write,
)
from lossterm.model.history import History, differing, recorded, redone, undone
from lossterm.model.loss_line import residual_slope
from lossterm.model.records import write_new
from lossterm.model.rows import ListState, LossList, up_to_date
from lossterm.model.sections import section_of
from lossterm.model.subject import home_words, is_at_home
from lossterm.model.workspace import SubjectState, Workspace
from lossterm.tui.commands import Command, Entry
from lossterm.tui.pick import PickScreen
from lossterm.tui.program import Program, program
from lossterm.tui.rectangles import LEAST_TOLD, SMALLEST, Rectangles
from lossterm.tui.steady import Steady
from lossterm.tui.widgets.bars import KeyBar, TitleBar
from lossterm.tui.widgets.loss_line import LossLine
from lossterm.tui.widgets.notice import Notice
from lossterm.tui.widgets.prompt import FaultLine, Prompt
from lossterm.tui.widgets.story_pane import StoryPane

S = TypeVar("S")

ENDS = 300
"""Characters that are shown of each end of a long command."""


class FeatureScreen(Steady[None], Generic[S]):
    """A screen with a title bar, a key bar, messages and prompts; its own widgets are placed by rectangles.

    A feature's screen gives its name, its commands and the notes of its help; it composes its widgets in
    `compose_body` and places them in `regions`; it has a state, and `show` brings a change of it to the widgets.

    Attributes:
        state: all that decides what the screen shows, except its size and where the focus is.
        workspace: what the screens look at together.
    """

    BLANK = True
    DEFAULT_CSS = """
    FeatureScreen { overflow: hidden hidden; layers: base story notice; }
    FeatureScreen #too-small { content-align: center middle; width: 1fr; height: 1fr; }
    """
    name_of_feature: ClassVar[str] = ""
    commands: ClassVar[Sequence[Command]] = ()
    notes: ClassVar[str] = ""
    tells_loss: ClassVar[bool] = False
    """Whether a line above the keys tells what the current loss is."""

    def __init__(self, workspace: Workspace, state: S) -> None:
        super().__init__()
        self.workspace = workspace
        self.state: S = workspace.followed(state)
        self.notice = Notice()
        self.loss_line = LossLine(id="loss-line")
        self.prompt = Prompt()
        self.fault = FaultLine()
        self.story = StoryPane()
        self.history: History[Any] = History()
        self._asked: Ask | None = None
        self._asked_in_story = False
        self._styled_for: object = None
        self._worth: tuple[object, Any] = (None, None)

    # ---- what a feature's screen says of itself -------------------------------------------------------------------

    def compose_body(self) -> Sequence[Widget]:
        """The screen's own widgets, each with an id; the first has the focus at the start."""
        return ()

    def regions(self, width: int, height: int) -> Mapping[str, Region]:
        """Rectangle of each of the screen's own widgets, by its id, below the title bar and above the key bar."""
        return {}

    def show(self, old: S, new: S) -> None:
        """Bring a change of the state to the widgets: what differs, and nothing else."""

    def kept(self) -> Mapping[str, Any]:
        """What is saved of the state, as JSON has it."""
        return {}

    def take_setting(self, setting: Mapping[str, Any]) -> None:
        """Put a setting on the state, written as `kept` writes it, in part or whole."""

    def told_words(self) -> Sequence[str]:
        """What is looked at in the words of the command line: a command, its options; empty where nothing is shown."""
        return ()

    def palette_entries(self) -> Sequence[Entry]:
        """Entries of the palette beside the commands."""
        return ()

    def worth_a_step(self, state: S) -> Any:
        """What of a state makes undo stop at it: all that is looked at but the cursor, the current rows and results."""
        if isinstance(state, SubjectState):
            subject = replace(state.subject, logit=0.0)
            return replace(state, subject=subject, current=0, typed_label=None, folds=(), heading="", filter_text="")
        return state

    def remembered(self, state: S) -> Any:
        """What is kept of a state for undo: nothing that is large or only holds for now."""
        return state

    def returned(self, remembered: Any) -> Outcome:
        """The outcome of going back, or on, to what was kept of a state: with the folds and the filter there are."""
        here = self.state
        is_list = isinstance(remembered, SubjectState) and isinstance(here, SubjectState)
        return remembered.listed_as(here) if is_list else remembered

    def restyle(self) -> None:
        """Show everything in the colours of another theme."""

    def program_is_ready(self) -> None:
        """Begin with what takes long: the program's first frame has been shown."""

    def focus_home(self) -> None:
        """Give the focus back to the widget that has it at the start."""

    # ---- where the widgets are: Textual forgets it, and then misses which of them a layout has changed -------------
    #
    # It does so after news of a widget that is not seen, and after a field has scrolled. Who asks for a widget's place
    # between a change and its layout then gets the new place, which the layout takes for the old one: a widget of
    # another size does not hear of it, and is not painted.

    @on(messages.Update)
    def leave_out_the_unseen(self, event: messages.Update) -> None:
        """Leave out news of a widget that has no place: it is painted whole when it gets one."""
        if not event.widget.region and event.widget is not self:
            event.stop()
            event.prevent_default()

    @on(messages.UpdateScroll)
    def leave_out_the_short_way(self, event: messages.UpdateScroll) -> None:
        """Leave out the layout after scrolling: only a field that is typed into scrolls here, and paints itself."""
        event.stop()
        event.prevent_default()

    # ---- the state: the only place where it is assigned -----------------------------------------------------------

    def look_at(self, state: S, *, is_step: bool = True, by_cursor: bool = False, is_tried: bool = False) -> None:
        """Take another state, share its subject, and show what has changed.

        Args:
            state: the new one.
            is_step: whether undo may stop at the old one.
            by_cursor: whether a cursor was moved that is also a number of the view: a run of such moves is one step.
            is_tried: whether it is only looked at while something is typed: it is no step, and nobody shares it.
        """
        old, self.state = self.state, state
        if state != old:
            if is_step and not is_tried:
                self._record(old, state, by_cursor=by_cursor)
            if not is_tried:
                self.workspace.share(state)
            self.show_loss_line()
            self.show(old, state)
            self.program.looked()

    def _record(self, old: S, new: S, *, by_cursor: bool) -> None:
        left, before = self._worth
        before = before if left is old else self.worth_a_step(old)
        after = self.worth_a_step(new)
        self._worth = new, after
        if before != after:
            kind = ("the cursor",) if by_cursor else differing(before, after)
            self.history = recorded(self.history, self.remembered(old), kind, monotonic(), joins=by_cursor)

    def action_undo(self) -> None:
        """Go back to the view before the last change."""
        self._travel(undone, "nothing to undo: this is the first view")

    def action_redo(self) -> None:
        """Go on to the view that undo came from."""
        self._travel(redone, "nothing to redo")

    def _travel(self, turn: Callable[[History[Any], Any], tuple[History[Any], Any]], nothing: str) -> None:
        here = wanted = self.remembered(self.state)
        while self.worth_a_step(wanted) == self.worth_a_step(here):  # what did not come about is no step
            self.history, found = turn(self.history, wanted)
            if found is None:
                self.tell(nothing)
                return
            wanted = _with_losses_of_now(found)
        self.carry_out(self.returned(wanted), is_step=False)

    def set_aside(self, problem: Exception) -> bool:
        """Look at what a first start shows, where what was saved cannot be shown; returns whether that was so."""
        notice = self.program.set_aside(problem)
        if notice is None:
            return False
        self.look_at(type(self)(Workspace(), {}).state)  # type: ignore[arg-type]
        self.tell(notice, timeout=12, wrong=True)
        return True

    def action_perform(self, key: str) -> None:
        """Do what the command of a key does."""
        command = next((c for c in self.commands if key in c.keys), None)
        if command is not None and not isinstance(command.action, str):
            self.perform(command.action)

    def perform(self, action: Action) -> None:
        """Carry out what an action gives for the state."""
        self.carry_out(action(self.state))

    def carry_out(self, outcome: Outcome, *, is_step: bool = True) -> None:
        """Take a state; tell, ask, copy, write or open what is to be; of a tuple each in turn.

        Args:
            outcome: of an action.
            is_step: whether undo may stop at the state that there was.

        Raises:
            ValueError: what is wrong with an answer that led to it.
        """
        if isinstance(outcome, tuple) and not hasattr(outcome, "_fields"):
            for part in outcome:
                self.carry_out(part, is_step=is_step)
        elif isinstance(outcome, Tell):
            self.tell(outcome.text, title=outcome.title, timeout=outcome.seconds, wrong=outcome.wrong)
        elif isinstance(outcome, Ask):
            self.ask(outcome)
        elif isinstance(outcome, Pick):
            self.app.push_screen(
                PickScreen(outcome.title, outcome.items, outcome.current),
                lambda index: None if index is None else self.carry_out(outcome.take(self.state, index)),
            )
        elif isinstance(outcome, Copy):
            self.copy_command(outcome.command)
        elif isinstance(outcome, Write):
            self.write_file(outcome)
        elif isinstance(outcome, Keep):
            self.keep_loss(outcome.definition)
        elif isinstance(outcome, Forget):
            self.forget_loss(outcome.loss)
        elif isinstance(outcome, Lay):
            self.lay(outcome)
        elif isinstance(outcome, Tabulate):
            self.tabulate(outcome)
        elif isinstance(outcome, Open):
            self.program.open_screen(outcome.name, outcome.setting, outcome.note)
        elif isinstance(outcome, Visit):
            self.program.show_setting(outcome.name, outcome.setting)
        elif outcome is not None:
            self.look_at(outcome, is_step=is_step)

    def lay(self, sheet: Lay) -> None:
        """Lay a sheet over the screen, and do what the section says that is chosen on it."""
        from lossterm.tui.sheet import SheetScreen

        def chosen(index: int | None) -> None:
            take = None if index is None else sheet.sections[index].take
            if take is not None:
                self.carry_out(take(self.state))

        self.app.push_screen(SheetScreen(sheet), chosen)

    def tabulate(self, table: Tabulate) -> None:
        """Lay a table over the screen, and do what it was left for."""
        from lossterm.tui.table_sheet import Left, TableScreen

        def left(how: Left | None) -> None:
            if how is None:
                return
            if how.how == "take":
                self.carry_out(table.take(self.state, how.row))
            else:
                self.carry_out(Copy(table.copy) if how.how == "copy" else table.write)

        self.app.push_screen(TableScreen(table), left)

    async def on_key_bar_picked(self, event: KeyBar.Picked) -> None:
        """A key in the bar was clicked: do what it does."""
        await self.run_command(event.command.action)

    async def run_command(self, action: str | Action) -> None:
        """Do what a command or an entry of the palette says."""
        if isinstance(action, str):
            await self.app.run_action(action, default_namespace=self)
        else:
            self.perform(action)

    def on_screen_resume(self) -> None:
        """Look at what was last looked at on any screen, in the colours of now."""
        self.look_at(self.workspace.followed(self.state))
        self.show_loss_line()
        self.program.resumed(self)
        self.follow_theme()

    def follow_theme(self) -> None:
        """Show everything in the colours of the theme, where it is another one than before."""
        styles = self.program.line_styles
        self.styles.background = styles.ground  # what no widget covers, also in themes of the terminal's own colours
        if self._styled_for not in (None, styles):
            self.restyle()
        self._styled_for = styles

    # ---- widgets --------------------------------------------------------------------------------------------------

    @property
    def program(self) -> Program:
        """The app, as screens know it."""
        return program(self)

    def compose(self) -> ComposeResult:
        """The bars, the feature's widgets, the notice."""
        self.title_bar = TitleBar(self.program.tabs, self.name_of_feature)
        self.key_bar = KeyBar([*self.commands, *self.program.base_commands])
        body = self.compose_body()
        self._known = frozenset(
            {
                "title",
                "keys",
                "prompt",
                "fault",
                "notice",
                "too-small",
                "loss-line",
                "story",
                *(widget.id or "" for widget in body),
            }
        )
        yield self.title_bar
        yield from body
        if self.tells_loss:
            yield self.loss_line
        yield self.story
        yield self.notice
        yield self.prompt
        yield self.fault
        yield self.key_bar
        columns, lines = SMALLEST
        yield Static(f"too small\nlossterm needs {columns}×{lines}\n(q quits)", id="too-small")

    @cached_property
    def _rectangles(self) -> Rectangles:
        return Rectangles(self._all_regions, self._known)

    @property
    def layout(self) -> Layout:
        """Rectangles, instead of the containers that Textual's own layouts would need."""
        return self._rectangles

    def _all_regions(self, width: int, height: int) -> dict[str, Region]:
        if width < SMALLEST[0] or height < SMALLEST[1]:
            return {"too-small": Region(0, 0, width, height)}
        lines = min(self.notice.height_in(width), height)
        pane = self.story.height_in(width, height)
        body = self._body_height(width, height)
        told = self._lines_told(height - pane)
        below = {"loss-line": Region(0, height - 2, width, 1)} if told else {}
        if pane:  # where the screen cannot do with less, the pane stands over its last lines
            below["story"] = Region(0, height - 1 - told - pane, width, pane)
        return {
            **self.regions(width, body),
            **below,
            "title": Region(0, 0, width, 1),
            "keys": Region(0, height - 1, width, 1),
            "prompt": Region(0, height - 1 - self.fault.is_open, width, 1),
            "fault": Region(0, height - 1, width, 1),
            "notice": Region(0, max(height - 1 - lines - self.fault.is_open, 0), width, lines),
        }

    # ---- the line on the current loss -----------------------------------------------------------------------------

    def _lines_told(self, height: int) -> int:
        return int(self.tells_loss and height >= LEAST_TOLD)

    @property
    def body_height(self) -> int:
        """Lines of the screen that `regions` is asked for: less where the current loss or a story is told."""
        return self._body_height(self.size.width, self.size.height)

    def _body_height(self, width: int, height: int) -> int:
        rest = height - self.story.height_in(width, height)
        return min(max(rest - self._lines_told(rest), SMALLEST[1]), height)

    def slope_of_loss(self) -> str:
        """What is said of the current loss's slope: where it is the residual; empty where it is not so simple."""
        state = self.state
        if not isinstance(state, SubjectState):
            return ""
        return residual_slope(state.subject.subject, state.current)

    def _home_of_loss(self) -> str:
        # where a loss of the families is at home, if that is elsewhere and a key goes there
        state = self.state
        if not isinstance(state, SubjectState) or not any("H" in command.keys for command in self.commands):
            return ""
        entry = state.subject.rows[state.current].entry
        return f"H: {home_words(entry)}" if section_of(entry) and not is_at_home(state.subject, entry) else ""

    def show_loss_line(self) -> None:
        """Tell of the current loss: formula, what it is, its parameters by name."""
        state = self.state
        if self.tells_loss and isinstance(state, ListState):
            if isinstance(state, SubjectState) and (heading := state.at_heading):
                self.loss_line.tell(heading.sentence(state.subject))
                return
            row, letter = state.subject.rows[state.current], state.subject.letters.get(state.current, "")
            stories = self.program.stories_of(row.loss)
            # the first frame does not wait for numbers, for what computes them takes as long to load as all before it
            slope = (self.slope_of_loss() or self._home_of_loss()) if self.program.is_ready else ""
            self.loss_line.show(row, letter, slope, stories)

    # ---- messages and prompts -------------------------------------------------------------------------------------

    def tell(self, text: str, *, title: str = "", timeout: float = 3, wrong: bool = False) -> None:
        """Say something in the last lines, in place of what was said before."""
        self.notice.say(text, title=title, seconds=timeout, wrong=wrong)

    def ask(self, asked: Ask) -> None:
        """Ask for something to be typed, unless something is being asked already."""
        if not self.prompt.is_open:
            self._asked, self._asked_in_story = asked, self.focused is self.story
            hint = None if asked.fault is None else asked.hint
            self.fault.open(hint)
            if hint is not None:
                self.notice.hide()  # what is typed is followed in the lines that it would cover
            self.prompt.open(asked.question, asked.value, is_selected=hint is None)

    def type_key(self, event: events.Key) -> bool:
        """Type into the prompt while it is open, or into a story's question; returns whether it was a key to take."""
        if not self.prompt.is_open:
            return event.character is not None and self.program.types_number(self, event.character)
        if event.key == "enter":
            self.on_prompt_answered()
        elif event.key == "escape":
            self.on_prompt_left()
        elif event.key in {"tab", "shift+tab"} and self._asked is not None and self._asked.complete is not None:
            self._complete(self._asked.complete)
        elif event.key in {"up", "down"} and self._asked is not None and not self._moves_rows(self._asked):
            pass  # no list follows what is typed: a row that moves would be taken for the one that is asked about
        elif event.is_printable and event.character is not None:
            self.prompt.type(event.character)
        else:
            return False
        return True

    @staticmethod
    def _moves_rows(asked: Ask) -> bool:
        return asked.typing is not None and asked.fault is None

    def _complete(self, complete: Callable[[str], tuple[str, Sequence[str]]]) -> None:
        completed, ways = complete(self.prompt.text)
        self.prompt.put(completed)
        if ways:
            self.tell("  ".join(ways), title="tab", timeout=20)
        else:
            self.notice.hide()

    def on_prompt_changed(self, event: Prompt.Changed) -> None:
        """Follow what is typed, where the question wants that."""
        if event.text != self.prompt.text:
            return  # more has been typed since, of which there is news too
        asked = self._asked
        if asked is None or asked.typing is None or not self.prompt.is_open:
            return
        if asked.fault is not None:
            self._point_out(asked.fault(event.text))
        self.look_at(asked.typing(self.state, event.text), is_tried=asked.fault is not None)

    def _point_out(self, fault: tuple[int, str] | None) -> None:
        text = self.prompt.text

        def point() -> None:
            if self.fault.is_open and self.prompt.text == text:
                self.fault.point_out(fault, self.prompt.place_of)

        point()
        if fault is not None:  # a field that is longer than its room scrolls after this
            self.call_after_refresh(point)

    def on_prompt_answered(self) -> None:
        """Take the answer, or say what is wrong with it."""
        if self._asked is None:
            return
        self.notice.hide()
        try:
            outcome = self._asked.take(self.state, self.prompt.text)
        except ValueError as problem:
            if self._asked.fault is not None:
                self._point_out(self._asked.fault(self.prompt.text) or (0, str(problem)))
                return
            self.prompt.complain(str(problem))
            if not self.prompt.has_room_for(str(problem)):
                self.tell(str(problem), timeout=8, wrong=True)
            return
        before = self._asked.left if self._asked.fault is not None else None
        self._close_prompt()
        if before is not None:  # what was tried is no step: the outcome is one from where one was
            self.look_at(before(self.state), is_tried=True)
        self.carry_out(outcome)

    def on_prompt_left(self) -> None:
        """Close the prompt; nothing changes, unless the question says so."""
        if self._asked is not None:
            left, is_tried = self._asked.left, self._asked.fault is not None
            self._close_prompt()
            if left is not None:
                self.look_at(left(self.state), is_tried=is_tried)

    def _close_prompt(self) -> None:
        self._asked = None
        self.prompt.close()
        self.fault.close()
        if self._asked_in_story and self.story.display:
            self.set_focus(self.story)
        else:
            self.focus_home()

    # ---- losses of one's own --------------------------------------------------------------------------------------

    def keep_loss(self, definition: str) -> None:
        """Put a loss among the others, keep it where that is allowed, and say so."""
        from lossterm.core.losses.own.registry import define

        loss = define(definition)
        if not self.workspace.permissions.keeps_losses:
            self.tell(f"{loss.id} is there until you leave; y copies it with the command", timeout=6)
            return
        problem = own_losses.keep_loss(loss.definition)
        self.tell(problem or f"{loss.id} is kept: f changes it, V takes it away", timeout=6, wrong=bool(problem))

    def forget_loss(self, loss: str) -> None:
        """Take a loss away, also where it is kept, and say so."""
        from lossterm.core.losses.own.registry import forget

        forget(loss)
        problem = own_losses.drop_loss(loss) if self.workspace.permissions.keeps_losses else ""
        self.tell(problem or f"{loss} is gone", wrong=bool(problem))

    # ---- taking it away -------------------------------------------------------------------------------------------

    def copy_command(self, text: str) -> None:
        """Copy a command, and show it: copying often fails without a word."""
        self.app.copy_to_clipboard(text)
        self.tell(shortened(text, 2 * ENDS), title="this view as a command (copied)", timeout=12)

    def action_svg(self) -> None:
        """Write the screen as SVG."""
        svg = visible_lines(self.app.export_screenshot(title="lossterm"))  # XML has no control characters
        self.write_file(Write("lossterm", ".svg", lambda file: file.write(svg)))

    def write_file(self, asked: Write) -> None:
        """Write a file of its own, and say where, and what else there is to know of it; a browser downloads it."""
        if self.workspace.permissions.is_browser:
            self._offer_download(asked)
            return
        try:
            path = write_new(Path.cwd(), asked.stem, asked.suffix, asked.write)
        except OSError as problem:
            self.tell(str(problem), title="not written", timeout=6, wrong=True)
        else:
            self.tell(f"{path}{asked.note}", title="written", timeout=12 if asked.note else 6)

    def _offer_download(self, asked: Write) -> None:
        content, name = io.StringIO(newline=""), f"{asked.stem}{asked.suffix}"
        asked.write(content)
        self.app.deliver_text(content, save_filename=name)
        self.tell(f"{name}{asked.note}", title="download", timeout=12 if asked.note else 6)


def _with_losses_of_now(remembered: Any) -> Any:
    # a list of losses that is come back to has those that there are by now
    if not isinstance(remembered, ListState) or not isinstance(remembered.subject, LossList):
        return remembered
    listed = up_to_date(remembered.subject)
    return remembered if listed is remembered.subject else remembered.with_subject(listed)
