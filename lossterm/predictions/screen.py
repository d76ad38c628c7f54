"""The Data screen: what the losses see in a file of predictions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget

from lossterm.core.lazy import np
from lossterm.model import options, subject_actions
from lossterm.model.actions import Outcome, Write
from lossterm.model.workspace import Workspace
from lossterm.predictions import actions as act
from lossterm.predictions import choosing, figure_words, file_actions, loss_words, place_actions, versus, words
from lossterm.predictions import segment_actions as segment
from lossterm.predictions.asking import Answer, Asker, Failed, Fetched, Progress, Request
from lossterm.predictions.figures_widget import FigureLine, Figures
from lossterm.predictions.finding import Finder, NoSegments, SegmentsFound, SegmentsProgress
from lossterm.predictions.keys import DATA, idle_keys
from lossterm.predictions.label_figures import worst_first
from lossterm.predictions.mend_sheet import Mended, mended, sheet
from lossterm.predictions.opening import NotOpened, Opened, Opener, OpenFile, Wanted, open_file
from lossterm.predictions.options import LOOK, SMOOTHING, restored_choice, saved_choice
from lossterm.predictions.report import Report, document, worst_records, write_csv
from lossterm.predictions.state import COMPARISONS, DataState
from lossterm.predictions.view import MOST_WORST, NEEDS_ROWS, PAGE_TITLES
from lossterm.predictions.worst import FIXED, WorstRows, sorted_rows, worst_rows
from lossterm.tui.commands import Command, Entry, bindings
from lossterm.tui.drawing import DrawSoon
from lossterm.tui.later import later
from lossterm.tui.loss_items import show_losses
from lossterm.tui.rectangles import NARROW_PANES, TALL, WIDE, WIDE_PANES
from lossterm.tui.screen import FeatureScreen
from lossterm.tui.subject_commands import subject_entries
from lossterm.tui.widgets.caption import Caption
from lossterm.tui.widgets.chart import Chart
from lossterm.tui.widgets.chooser import Chooser, Item
from lossterm.tui.widgets.lines import Part
from lossterm.tui.widgets.readout import DOT, Readout
from lossterm.tui.widgets.table import Table

if TYPE_CHECKING:
    from lossterm.core.statistics.findings import Findings, LossFinding
    from lossterm.predictions.pictures import PredictionFigure

FIGURES, VALUE_FIGURES = 10, 5
"""Lines of the figures of probabilities (a rule, the heads, eight of numbers), and of plain values."""

MOST_SAID = 5
"""Lines of the sentences below the table of classes, for which it makes room."""

PATIENCE = 0.25
"""Seconds after which it is told how far the reading is."""

MANY = 100_000
"""Rows from which sorting them takes longer than a key may."""

BAR = 30
"""Characters of the bar that tells how far the reading is."""

SETTINGS: Mapping[str, Callable[[DataState], Outcome]] = {
    **act.SETTINGS, **choosing.SETTINGS, "against": versus.choose,
}  # fmt: skip
"""By the name of a row of the pane of the file: what choosing it does."""

NOTES = """
What you see
  the chart      calibration, predictions, losses, examples of a file of predictions: d shows the next
  the figures    what calibration and decisions are worth; then the losses, and the worst examples
  left           the losses; which columns are read as what, and how the file is looked at: enter on a row changes it

To try
  O o            the demo; a file of your own, whose path tab completes
  d n            the next chart; the next of the worst examples
  < > K          another temperature, the fitted one
  c              compare with a second column or file, with what is shown now, with itself at the fitted T
  B              where it is bad: by a column, or the worst of all; enter looks at one alone, F at all again
  : U Y          find anything by a word; undo, redo

The figures
  log loss       mean cross-entropy, in nats; ∞ where a probability of exactly 0 or 1 is wrong
  Brier          mean (p − y)²; over K classes the sum over them (for two twice the number of one column)
  ECE MCE RMSCE  mean, largest and root mean square gap of the bins, (lower, upper], empty ones left out
                 (so has scikit-learn's calibration_curve; torchmetrics has [lower, upper), p = 1 apart)
  AUROC          how often a 1 is ranked above a 0; ties count half
  ECE floor      what a perfectly calibrated model with these very predictions would show
  ╎ •            Wilson's 95% interval of a bin's frequency; a quiet dot where it is wider than 0.4
  CORP           j: the isotonic regression beside the bins; a proper loss is MCB − DSC + UNC, what recalibration
                 would save, what the order is worth, and what always saying the base rate costs
  D² Σp/Σy       1 − log loss/that of the base rate; above 1 more is promised than happens
  AUROC s.e. AP  DeLong's standard error; average precision, the area under precision by recall
  Spiegelhalter  a test of calibration: standard normal if the predictions are calibrated
  the sentence   what all of it comes to, and no more than the rows can tell (lossterm data --help has its bounds)
  weighted       with the weights of the file: counts are Σw, AUROC is over pairs w·w′
  ○ at T=…*      every logit divided by T, the T that minimises the log loss; it cannot repair a bias
  ◇ az+b*        Platt scaling: the line that minimises it; T, a and b are of z as it is in the file
  * fit          in-sample: fitted on the very rows that it is judged on
  s.e.           the standard error of the mean before it; a row "change" tells how much a mean has changed
                 (● in the reliability diagram is the file as it is, or at the T that is applied)
  worst 1%       the part of Σ|∂L/∂z| that the hundredth with the largest gradients holds
  ±              the figure comes from counts in cells, because the file has more rows than are kept: a bound

Values, quantiles, several labels
  v − y          the error: bias is its mean; d shows it over the predictions, and against the normal distribution (QQ)
  coverage       what intervals hold of the labels, with Wilson's 95% interval; ● y ≤ quantile, ◆ interval, on the
                 diagonal both are right; of values alone v ± z·RMSE, as if errors were normal
  PIT            where labels fall within their distributions: flat if right, high at both ends where too narrow
  CRPS pinball   of quantiles 2·pinball over their levels; of a mean and a standard deviation exact
  stretch ×      by what the widest interval would be right (in-sample)
  labels         the figures of each, the worst calibrated first; L (or a click) chooses which one all else is of

Two predictions (c)
  B − A          mean difference of a loss, row by row; ± its paired standard error; below 0 B is better
  * surely       the interval of 95% does not hold 0, of 20 rows or more; a row where both are equal is no better
  AUROC turned   more is better there, so it is drawn at the side of who is better
  McNemar        whether decisions are mended and spoiled equally often, exact; AUROC by DeLong
  cost θ         mean score where acting costs θ and not acting on a 1 costs 1 − θ: who is lower everywhere is better

What if
  < > k K        a temperature: figures change, and by how much stands beside or below them, or after Δ
  [ ] p w        another γ, weight or smoothing; c compares with what is shown now
  M              what would mend it: T, Platt, beta, isotonic, judged on rows they were not fitted to; enter writes
  W              the worst rows, as CSV with all columns of the file
  C              p clipped as scikit-learn, keras or torch would, to see what they would say of an exact 0 or 1
  X              class weights of K classes: each loss with them too, Σcℓ/Σc (torch's mean) and Σcℓ/n
"""


def shows_all(width: int, height: int) -> bool:
    """Whether there is room for all of them."""
    return height >= TALL and width >= WIDE


def figures_room(width: int) -> int:
    """Columns of the figures."""
    return width if width < WIDE else width - WIDE_PANES - 1


def data_regions(
    width: int, height: int, settings: int, losses: int, lower: str, figures: int = FIGURES
) -> dict[str, Region]:
    """Panes on the left, the chart on the right, the numbers below it or below all.

    Args:
        width: of the screen.
        height: of the screen.
        settings: rows of the pane that tells how the file is looked at.
        losses: rows of numbers of the losses.
        lower: what is below where there is no room for all.
        figures: lines of the figures.
    """
    side = WIDE_PANES if width >= WIDE else NARROW_PANES
    bottom = height - 1
    left, room = side + 1, width - side - 1
    if shows_all(width, height):
        readout = min(losses + 3, max((height // 4 - 1) | 1, 9))
        worst = max((bottom - 1 - figures - readout) * 2 // 5, 6)
        top = bottom - figures - readout - worst
        below = {
            "figures": Region(left, top, room, figures),
            "readout": Region(left, top + figures, room, readout),
            "worst": Region(left, top + figures + readout, room, worst),
        }
    else:
        lines = {"figures": figures, "readout": losses + 3, "worst": max(FIGURES, bottom // 3)}[lower]
        top = bottom - max(min(lines, (bottom - 1) // 2), 4)
        start = 0 if width < WIDE else left
        below = {lower: Region(start, top, width - start, bottom - top)}
    # where the numbers go below the panes the line of the cursor does so too
    narrow = width < WIDE
    side_bottom = max(top - 1, 3) if narrow else bottom
    rows = min(settings + 1, max((side_bottom - 1) // 2, 2))
    return {
        "losses": Region(0, 1, side, max(side_bottom - 1 - rows, 1)),
        "file": Region(0, side_bottom - rows, side, rows),
        "chart": Region(left, 1, room, max(top - 2, 1)),
        "caption": Region(0, max(top - 1, 1), width, 1) if narrow else Region(left, max(top - 1, 1), room, 1),
        **below,
    }


class Heard(Message):
    """What a thread of the screen has to tell."""

    def __init__(self, news: object) -> None:
        super().__init__()
        self.news = news


class Sorted(Message):
    """The slopes that the chart of the shares needs sorted are."""


def _axes_of(state: DataState) -> tuple[object, ...]:
    # what the axes of the chart, and the stops of its cursor, depend on
    look = state.look
    return state.answer, state.file, state.page, look.mass, look.scale, look.beside, state.current_loss


SHOWN_FROM: Mapping[str, Callable[[DataState], object]] = {
    "losses": lambda s: (s.subject.rows, s.subject.reference, s.current, s.heading, s.folds, s.filter_text),
    "settings": lambda s: (s.file, s.look, s.subject.smoothing, s.answer, s.setting),
    "chart": lambda s: (_axes_of(s), s.opening is None, s.look.threshold),
    "cursor": lambda s: (s.subject.logit, s.places),
    "figures": lambda s: (
        s.answer, s.file, s.answer is None and s.asking is None, s.look.bins, s.look.mass, s.look.threshold,
        s.class_place if s.page == "classes" else 0, s.page in COMPARISONS,
    ),
    "readout": lambda s: (s.answer, s.current),
    "worst": lambda s: (
        s.answer, s.file, s.current_loss, s.columns, s.sorted_by, s.worst_row, s.page in COMPARISONS,
    ),
    "status": lambda s: (s.file, s.answer, s.look.temperature, s.look.is_filtered, s.look.only),
    "arrangement": lambda s: (s.file, s.answer, s.lower),
}  # fmt: skip
"""By each part of the screen: what of the state it is shown from, and nothing else."""


class SortedTable(NamedTuple):
    """The rows of the worst examples, their order, and all that they depend on."""

    finding: LossFinding
    columns: Mapping[int, Mapping[str, object]]
    sorted_by: tuple[int, bool]
    rows: WorstRows
    order: Sequence[int]


class DataScreen(FeatureScreen[DataState]):
    """A file of predictions as charts and figures, and the threads that open and read it.

    Attributes:
        opener: opens files.
        asker: asks the one that is open.
        finder: finds its segments.
        reading: what part of it has been read for what is asked; None where nothing is being read.
        figure: the chart that is drawn; None where there is none.
        order: the indices of the worst examples of the current loss, as the table has them.
    """

    name_of_feature = "data"
    AUTO_FOCUS = "#chart"
    BINDINGS: ClassVar[list[BindingType]] = bindings(DATA)
    commands: ClassVar[Sequence[Command]] = DATA
    notes: ClassVar[str] = NOTES
    tells_loss: ClassVar[bool] = True

    def __init__(self, workspace: Workspace, kept: Mapping[str, Any]) -> None:
        choice, look = restored_choice(kept)
        permissions = workspace.permissions
        super().__init__(workspace, DataState(choice=choice, look=look, opens_any_file=permissions.opens_any_file))
        self.opener = Opener(self._hear, partial(open_file, permissions=permissions))
        self.asker = Asker(self._hear, permissions)
        self.finder = Finder(self._hear, self.asker.turn)
        self.reading: float | None = None
        self.figure: PredictionFigure | None = None
        self._drawn_of: object = None
        self._found_segments: SegmentsFound | None = None
        self.order: Sequence[int] = ()
        self.draw_soon = DrawSoon(self, self._draw)
        self.ask_soon = DrawSoon(self, self._ask)
        self._asked_at = 0.0
        self._tells_reading = False
        self._sorted_for: Findings | None = None
        self._class_rows: tuple[Findings | None, Sequence[FigureLine]] = None, ()
        self._table: SortedTable | None = None
        self._mending: Event | None = None
        self._shown_settings: tuple[list[Item], int] | None = None

    def compose_body(self) -> Sequence[Widget]:
        """Panes, the chart, the figures, the losses, the worst examples."""
        self.losses = Chooser("Loss", id="losses")
        self.setting = Chooser("File", id="file")
        self.chart = Chart(id="chart", focusable=True)
        self.caption = Caption(id="caption")
        self.figures = Figures(id="figures")
        self.readout = Readout(id="readout")
        self.worst = Table(id="worst", fixed=FIXED)
        return (self.losses, self.setting, self.chart, self.caption, self.figures, self.readout, self.worst)

    def regions(self, width: int, height: int) -> Mapping[str, Region]:
        """Rectangle of each widget, by its id."""
        state, found = self.state, self.state.findings
        figures = VALUE_FIGURES if state.is_of_values else FIGURES
        if found is not None:
            # below a table, which takes what it can
            said = min(self.figures.said_lines(figures_room(width)), MOST_SAID) if found.notes else 0
            most = height // 4 + said if found.classes else max(height // 3 + 1, FIGURES + 1)
            figures = max(figures, min(self.figures.wanted(figures_room(width)), most))
        shown = 0 if state.answer is None else len(state.answer.request.shown)
        losses = max(shown, 1) * (2 if state.base is not None else 1)
        return data_regions(width, height, len(self.settings()), losses, state.lower, figures)

    def settings(self) -> list[tuple[str, Any]]:
        """The rows of the pane of the file: their names, and how they are shown."""
        return words.settings(self.state, self.setting.size.width or 23)

    def kept(self) -> Mapping[str, Any]:
        """The file and how it is looked at."""
        return saved_choice(self.state.choice, self.state.look)

    def worth_a_step(self, state: DataState) -> DataState:
        """The file, how it is looked at, the losses, and what they are compared with."""
        return file_actions.as_a_step(state)

    def remembered(self, state: DataState) -> DataState:
        """The state without the file itself and its figures."""
        return file_actions.remembered(state)

    def returned(self, remembered: DataState) -> DataState:
        """The state as it was; another file is opened anew, and told of where it has gone."""
        return file_actions.returned(self.state, remembered)

    def told_words(self) -> Sequence[str]:
        """The file and how it is looked at, as ``lossterm data`` has it."""
        return act.told_words(self.state)

    def take_setting(self, setting: Mapping[str, Any]) -> None:
        """Put a setting of how a file is looked at on the state; one that names another file opens it."""
        choice, look = restored_choice(setting)
        if choice.paths and choice != self.state.choice:
            self.look_at(file_actions.with_file(self.state, choice, look))
        else:
            self.look_at(self.state.with_look(options.restored(self.state.look, LOOK, setting.get("look"))))
            self._seek_by()

    def palette_entries(self) -> Sequence[Entry]:
        """The rows of the pane of the file, and every loss and activation by name."""
        titles = {option.name: (option.title, option.words) for option in (*LOOK, SMOOTHING)}
        rows = [
            Entry(f"{titles.get(name, (item.text, ''))[0]}: {item.right}", "file", SETTINGS[name],
                  titles.get(name, ("", ""))[1])
            for name, item in self.settings()
        ]  # fmt: skip
        return [*rows, *subject_entries(self.state.subject)]

    def focus_home(self) -> None:
        """Give the focus back to the chart; at once, because keys may be waiting."""
        self.set_focus(self.chart)

    # ---- life -----------------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        """Open what was open the last time, unless it is open; what else there is to do then the base does."""
        state = self.state
        if state.file is None and state.opening is None and state.choice.paths:
            self.look_at(file_actions.reopened(state))
        self.call_later(self._lay_segments)  # once the base has looked at what the other screens do

    def _follow(self) -> None:
        # what a thread tells may come while another screen is looked at, and must not undo what is done there
        self.look_at(self.workspace.followed(self.state))

    def program_is_ready(self) -> None:
        """Draw, and ask what could not be asked before: the program's first frame is on screen."""
        self.draw_soon()
        if self.state.request is not None:
            self.ask_soon()

    def on_resize(self) -> None:
        """Show what another size has room for."""
        self._show(SHOWN_FROM)

    def on_unmount(self) -> None:
        """Let the threads end."""
        self.opener.stop()
        self.finder.stop()
        self.asker.close()

    def _hear(self, news: object) -> None:
        with suppress(RuntimeError):  # the program has ended meanwhile
            self.post_message(Heard(news))

    # ---- from a change of the state to the widgets ----------------------------------------------------------------

    def show(self, old: DataState, new: DataState) -> None:
        """Show the parts that differ; open and ask what is to be."""
        if new.must_ask(old):
            self.ask_soon()
        self._show([part for part, seen in SHOWN_FROM.items() if seen(old) != seen(new)])
        if new.opening != old.opening:
            self._open(new.opening)
        if old.asking is not None and new.asking is None:
            self.asker.stop()
            self._hide_reading()
        if new.seeking is not old.seeking:
            self._seek(new)

    def _seek(self, state: DataState) -> None:
        if state.seeking is None:
            self.finder.stop()
            self._hide_reading()
        else:
            self._asked_at = time.monotonic()
            self.finder.start(state.seeking)

    def _show(self, parts: Sequence[str] | Mapping[str, object]) -> None:
        shows: Mapping[str, Callable[[], object]] = {
            "losses": self.show_losses,
            "settings": self.show_settings,
            "chart": self.draw_soon,
            "cursor": self.show_cursor,
            "figures": self.show_figures,
            "readout": self.show_readout,
            "worst": self.show_worst,
            "status": lambda: self.title_bar.show_status(*words.status(self.state)),
            "arrangement": self._arrange,
        }
        for part in parts:
            if not (part == "cursor" and "chart" in parts):  # a drawing puts the cursor
                shows[part]()

    def _arrange(self) -> None:
        if self.focused is self.worst and not self.shows_worst:
            self.focus_home()
        self.key_bar.leave_out(idle_keys(self.state))
        self.title_bar.refresh(layout=True)  # the screen itself is not asked again by its own refresh

    @property
    def shows_worst(self) -> bool:
        """Whether the table of the worst examples is on screen."""
        return self.state.lower == "worst" or shows_all(self.size.width, self.body_height)

    def restyle(self) -> None:
        """Show everything in the colours of the theme."""
        self._shown_settings = None
        self._show([part for part in SHOWN_FROM if part not in ("chart", "cursor", "arrangement")])
        self._show_chart()

    def show_losses(self) -> None:
        """Show the pane of the losses."""
        show_losses(self.losses, self.state)

    def show_settings(self) -> None:
        """Show the pane of the file."""
        rows = self.settings()
        shown = [item for _, item in rows], min(self.state.setting, len(rows) - 1)
        if shown != self._shown_settings:  # figures seldom change them
            self._shown_settings = shown
            self.setting.show(*shown)

    def show_figures(self) -> None:
        """Show the figures of the calibration and of the decisions."""
        state, found = self.state, self.state.findings
        if found is None:
            is_asked = state.asking is not None or self.ask_soon.is_due
            said = "reading …" if is_asked else "not read: u reads it, o opens another file"
            self.figures.show("Figures", "", words=words.HINTS if state.file is None else [(said,)])
            return
        comparison = state.comparison
        if comparison is not None and state.page in COMPARISONS:
            self.figures.show(
                f"B {words.cut(comparison.second, 24)} against A {words.cut(comparison.first, 24)}",
                versus.kinds(comparison), versus.heads(comparison), versus.lines(comparison), versus.blocks(comparison),
                versus.said(comparison, state.answer.comparisons[1:] if state.answer is not None else ()),
            )  # fmt: skip
            return
        heads, lines = figure_words.figure_lines(found, state.base, state.look)
        kind = "counts" if state.look.mass else "width"
        right = f"{state.look.bins} bins of equal {kind}" if found.bars is not None else ""
        is_fitted = bool(heads) and (found.tempered is not None or found.scaled is not None)
        right = f"* in-sample · {right}" if is_fitted else right
        if self._class_rows[0] is not found:
            self._class_rows = found, figure_words.class_rows(found)
        decisions = found.confusion(state.look.threshold)
        blocks = figure_words.decision_blocks(found, state.base, decisions, state.look)
        come_to = figure_words.concluded(found)
        said_below = [*come_to, *figure_words.figure_words(found, state.base, mass=state.look.mass)]
        at = round(state.class_place) if state.page == "classes" else 0  # elsewhere there is no cursor among them
        at = 1 + figure_words.label_place(found) if found.labels else at
        rows = self._class_rows[1]
        self.figures.show("Figures", right, heads, lines, blocks, said_below, rows, at, leads=bool(come_to))

    def show_readout(self) -> None:
        """Show the numbers of the losses, and what their changes are told against."""
        state, found, answer = self.state, self.state.findings, self.state.answer
        if found is None or answer is None:
            self.readout.show("Losses", [""], [], [])
            return
        said: list[Part] = []
        muted = self.program.line_styles.muted
        if answer.base is not None:
            texts = loss_words.against(found.question, answer.base.question, figures_room(self.size.width))
            said = [(text, muted) for text in texts]
        else:  # a note passes, and where the program begins another one stands in its place
            left_out = state.judges.left_out
            nothing = "no loss is shown" if left_out else "no loss is shown that takes these predictions"
            press = [] if found.losses else [f"{nothing}: press space on one"]
            said = [(DOT.join([*left_out, *press]), muted)]
        title = f"Losses of {found.rows:,} example{'' if found.rows == 1 else 's'}"
        entries = loss_words.loss_entries(answer.request.shown, found, answer.base, state.current)
        self.readout.show(title, loss_words.loss_heads(found), entries, said)

    def show_worst(self) -> None:
        """Show the table of the worst examples of the current loss, and read what it lacks of them."""
        state, finding, file, answer = self.state, self.state.finding, self.state.file, self.state.answer
        if finding is None or file is None or answer is None:
            self.order = ()
            self.worst.show("Worst examples", [], [], 0)
            return
        if state.comparison is not None and state.page in COMPARISONS:
            heads, texts = versus.differing(state.comparison, self._told_columns(file))
            self.order = range(len(texts))
            at = min(state.worst_row, max(len(texts) - 1, 0))
            self.worst.show("Rows that differ most", heads, texts, at)
            return
        rows = self._worst_rows()
        column, down = min(state.sorted_by[0], len(rows.heads) - 1), state.sorted_by[1]
        who = answer.request.shown[state.current_loss].name
        texts = [rows.texts[i] for i in self.order]
        at = min(state.worst_row, max(len(self.order) - 1, 0))
        self.worst.show(f"Worst examples by {who}", rows.heads, texts, at, (column, down))
        numbers = finding.worst.row.tolist() if finding.worst is not None else []
        missing = [number for number in numbers if number not in state.columns]
        if missing:
            self.asker.fetch(file, missing)

    def _worst_rows(self) -> WorstRows:
        # the rows, and the order of them, are made anew only where something else is in them
        state, finding, file, known = self.state, self.state.finding, self.state.file, self._table
        assert finding is not None
        assert file is not None
        if (
            known is None
            or known.finding is not finding
            or known.columns is not state.columns
            or known.sorted_by != state.sorted_by
        ):
            point = "ln p" if state.class_count else "v" if state.is_of_values else "z"
            rows = worst_rows(finding, state.columns, self._told_columns(file), point)
            column = min(state.sorted_by[0], len(rows.heads) - 1)
            order = sorted_rows(rows.values, column, down=state.sorted_by[1])
            self._table = known = SortedTable(finding, state.columns, state.sorted_by, rows, order)
        self.order = known.order
        return known.rows

    def _told_columns(self, file: OpenFile) -> Sequence[str]:
        # what tells most of an example comes first
        return list(dict.fromkeys((*file.source.first_told, *file.source.names)))

    # ---- the chart ------------------------------------------------------------------------------------------------

    def on_chart_resized(self) -> None:
        """Draw in the new room."""
        self.draw_soon()

    def _draw(self) -> bool:
        state, found, room = self.state, self.state.findings, self.chart.room
        if not self.is_attached:
            return False
        self._drawn_of = _axes_of(state)
        if found is None or min(room.width, room.height) < 1:
            self.figure = None
            if found is None:
                is_nothing = state.file is None and state.opening is None
                title = "Data" if is_nothing else PAGE_TITLES[state.page]
                self.chart.show_nothing([(title, self.program.line_styles.strong)])
                self.caption.show([])
            return False
        if state.page == "share" and self._sort_first(found):
            self.figure = None
            return False
        from lossterm.predictions.pictures import Shown, draw

        answer = state.answer
        self.figure = draw(
            state.page,
            found,
            (room.width, room.height),
            shown=[Shown(who.letter, who.ink, who.name) for who in (answer.request.shown if answer else ())],
            current=state.current_loss,
            mass=state.look.mass,
            log_y=state.look.scale == "symlog",
            classes=found.question.names,
            threshold=state.look.threshold,
            at=state.class_place,
            beside=state.look.beside,
            comparison=state.comparison,
            not_compared="" if answer is None else answer.not_compared,
        )
        self._show_chart()
        return True

    def _sort_first(self, found: Findings) -> bool:
        # what takes long is sorted in a thread; the chart is drawn when it is
        if found.rows < MANY or self._sorted_for is found:
            return False

        def sort() -> None:
            from lossterm.predictions.pictures.concentration import lorenz_of

            for loss in found.losses:
                lorenz_of(loss)
            self._sorted_for = found
            self.post_message(Sorted())

        self.run_worker(sort, thread=True, exclusive=True, group="sorting")
        return True

    def on_sorted(self) -> None:
        """Draw what was waited for."""
        self.draw_soon()

    def _show_chart(self) -> None:
        figure, state, styles = self.figure, self.state, self.program.line_styles
        if figure is None:
            return
        legends = (figure.legend, *figure.brief)
        right = f"{state.pages.index(state.page) + 1} of {len(state.pages)}"
        name = words.page_title(state.page, state.findings)
        title = words.chart_title(name, legends, styles, self.chart.size.width, right)
        if figure.panel is None:
            self.chart.show_nothing(title, figure.reason, right)
            self.caption.show([])
        else:
            self.chart.show_picture(figure.panel.picture, title, right)
        self.show_cursor()

    def show_cursor(self) -> None:
        """Put the cursor where it is, and its numbers below the chart."""
        figure = self.figure
        if figure is None or figure.panel is None:
            return
        at = self.place
        if not figure.has_seen(at):
            self.draw_soon()
            return
        column = figure.column(at)
        self.chart.show_cursor(column, figure.cursor(at) if column >= 0 else {})
        said = words.fitted(figure.words(at).split(DOT), self.caption.size.width - 2)
        self.caption.show([(" " + said, self.program.line_styles.text)])

    def _figure_of_now(self) -> PredictionFigure | None:
        # of keys that come faster than drawings the next may be on another chart than is drawn
        if self._drawn_of != _axes_of(self.state):
            self._draw()
        return self.figure

    @property
    def place(self) -> float:
        """Where the cursor is on the x axis of the chart."""
        return place_actions.place(self.state, self.figure)

    # ---- opening and asking ---------------------------------------------------------------------------------------

    def _open(self, wanted: Wanted | None) -> None:
        if wanted is None:
            self.opener.stop()
            return
        self.tell(f"opening {' '.join(wanted.choice.paths)[:200]} …   esc stops", timeout=600)
        self.opener.start(wanted)

    def _ask(self) -> bool:
        self._follow()
        state, request = self.state, self.state.request
        if request is None or request == state.asking:
            return False
        if state.judges.left_out:
            self.tell(" · ".join(state.judges.left_out))
        if state.is_answered:
            self.asker.stop()
            self.look_at(file_actions.with_request(state, None))
            return False
        self._asked_at, self.reading = time.monotonic(), None
        self.asker.ask(request)
        self.look_at(file_actions.with_request(state, request))
        later(self, PATIENCE, partial(self._still_reading, request))
        return False

    def _still_reading(self, request: Request) -> None:
        # also where the first rows take their time
        if self.state.asking is request:
            self._show_reading(self.reading or 0.0)

    def on_heard(self, event: Heard) -> None:
        """Take what a thread has to tell, where it still matters."""
        self._follow()
        news = event.news
        if isinstance(news, Opened | NotOpened):
            if self.opener.finish(news):
                self._take_opened(news)
        elif isinstance(news, Fetched):
            self._take_fetched(news)
        elif isinstance(news, Mended):
            self._take_mended(news)
        elif isinstance(news, Progress):
            if self.asker.is_newest(news.request):
                self.reading = news.part
                if time.monotonic() - self._asked_at > PATIENCE:
                    self._show_reading(news.part)
        elif isinstance(news, SegmentsProgress):
            if self.finder.is_newest(news.seeking) and time.monotonic() - self._asked_at > PATIENCE:
                self._show_reading(news.part)
        elif isinstance(news, SegmentsFound):
            if self.finder.is_newest(news.seeking):
                self._found_segments = news
                self._lay_segments()
        elif isinstance(news, NoSegments):
            if self.finder.is_newest(news.seeking):
                self.carry_out(segment.not_found(self.state, news.problem), is_step=False)
        elif isinstance(news, Answer):
            if self.asker.is_newest(news.request):
                self._take_answer(news)
        elif isinstance(news, Failed) and self.asker.is_newest(news.request):
            self.carry_out(file_actions.failed(self.state, news.problem), is_step=False)

    def _lay_segments(self) -> None:
        # not over another screen, nor over a list: there they wait until this one is seen again
        news = self._found_segments
        if news is None or self.app.screen_stack[-1:] != [self]:
            return
        self._found_segments = None
        if news.seeking is self.state.seeking:
            self.carry_out(segment.found(self.state, news.seeking, news.segments), is_step=False)

    def _take_opened(self, news: Opened | NotOpened) -> None:
        if isinstance(news, NotOpened):
            self.carry_out(file_actions.not_opened(self.state, news.problem), is_step=False)
            return
        try:
            then = file_actions.opened(self.state, news.file)
        except ValueError as problem:  # a loss that was typed with the file has been taken away meanwhile
            self.carry_out(file_actions.not_opened(self.state, str(problem)), is_step=False)
            return
        self.notice.hide()
        self.asker.stop()
        self.asker.forget_fetched()
        self.look_at(then, is_step=False)

    def _take_answer(self, answer: Answer) -> None:
        is_first = self.state.answer is None
        if answer.not_compared:
            self.tell(answer.not_compared, title="not compared", timeout=20, wrong=True)
        self.asker.forget_fetched()
        self.look_at(file_actions.answered(self.state, answer))
        if is_first:
            from lossterm.files.plausibility import one_class

            source = answer.request.file.source
            problem = one_class(source, answer.now)
            said = [*([problem] if problem else []), *source.notes, *self._doubts(answer)]
            if said:
                self.tell(" · ".join(said), timeout=20)
        self._seek_by()

    def _seek_by(self) -> None:
        # a column that is named on a command line
        if self.state.look.by is not None and self.state.answer is not None:
            self.carry_out(segment.seek(self.state, self.state.look.by), is_step=False)

    def _doubts(self, answer: Answer) -> Sequence[str]:
        from lossterm.files.plausibility import doubts

        return doubts(answer.request.file.source, answer.now)

    def _take_fetched(self, news: Fetched) -> None:
        if news.file is not self.state.file:
            return
        if news.problem:
            self.tell(news.problem, timeout=20, wrong=True)
        else:
            self.look_at(file_actions.with_columns(self.state, news.columns))

    def _show_reading(self, part: float) -> None:
        filled = int(part * BAR)
        self._tells_reading = True
        bar = f"{'━' * filled}{'─' * (BAR - filled)} {100 * part:.0f}%   esc stops"
        self.tell(bar, title="reading", timeout=60)

    def _hide_reading(self) -> None:
        self.reading = None
        if self._tells_reading:
            self._tells_reading = False
            self.notice.hide()

    # ---- the cursor and the panes ---------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor by columns; in the table scroll its columns, fast by pages of rows."""
        if self.focused is not self.worst:
            self.look_at(place_actions.move(self.state, self._figure_of_now(), by))
        elif abs(by) > 1:
            self.action_row(self.worst.room if by > 0 else -self.worst.room)
        else:
            self.worst.scroll_columns(by)

    def action_edge(self, side: int) -> None:
        """Move the cursor to an edge; in the table to an end."""
        if self.focused is self.worst:
            self.action_row(side * MOST_WORST)
        else:
            self.look_at(place_actions.to_edge(self.state, self._figure_of_now(), side))

    def action_worst(self, direction: int) -> None:
        """The next of the worst examples, and the cursor at it."""
        self.carry_out(place_actions.next_worst(self.state, self.order, direction))

    def action_pane(self, direction: int) -> None:
        """Give the focus to the next pane."""
        panes = [self.chart, self.losses, self.setting, *([self.worst] if self.shows_worst else [])]
        at = next((i for i, pane in enumerate(panes) if pane is self.focused), 0)
        self.set_focus(panes[(at + direction) % len(panes)])

    def action_row(self, by: int) -> None:
        """Make another row of the pane with the focus current; of the losses when the chart has the focus."""
        if self.focused is self.worst:
            self.carry_out(place_actions.to_worst(self.state, self.order, self.state.worst_row + by))
        elif self.focused is self.setting:
            self.look_at(act.to_setting(self.state, self.state.setting + by, len(self.settings())))
        else:
            self.look_at(subject_actions.next_line(self.state, by))

    def action_show(self) -> None:
        """Show or hide the current loss; in the other pane change its row."""
        if self.focused is self.setting:
            self._change_setting()
        else:
            self.perform(subject_actions.show_current)

    def action_choose(self) -> None:
        """Look at the point on Curves; in a pane change its row."""
        if self.focused is self.losses or self.focused is self.setting:
            self.action_show()
        else:
            self.carry_out(place_actions.open_curves(self.state, self.order, from_table=self.focused is self.worst))

    def _change_setting(self) -> None:
        rows = self.settings()
        self.perform(SETTINGS[rows[min(self.state.setting, len(rows) - 1)][0]])

    def action_leave(self) -> None:
        """Stop opening, reading or recalibrating, else go back to the chart."""
        self._stop_mending()
        outcome = file_actions.leave(self.state)
        if outcome is None and self.state.filter_text:
            self.look_at(subject_actions.filtered(self.state, ""))
        elif outcome is None:
            self.notice.hide()
        else:
            self.carry_out(outcome)
        self.focus_home()

    def action_sort(self) -> None:
        """Sort the worst examples by the next column."""
        file = self.state.file
        self.look_at(
            place_actions.sort_by_next(self.state, FIXED + (len(file.source.names) if file is not None else 0))
        )

    # ---- the mouse ------------------------------------------------------------------------------------------------

    def on_chart_pointed(self, event: Chart.Pointed) -> None:
        """Move the cursor to the mouse."""
        figure = self._figure_of_now()
        if figure is not None and len(figure.stops):
            columns = np.array([figure.column(x) for x in figure.stops.tolist()])
            at = int(np.argmin(np.abs(columns - event.column)))
            self.look_at(place_actions.go_to_place(self.state, float(figure.stops[at]), figure))

    def on_chart_wheeled(self, event: Chart.Wheeled) -> None:
        """Move the cursor with the wheel."""
        self.action_move(-event.direction)

    def on_chooser_clicked(self, event: Chooser.Clicked) -> None:
        """Show or hide a loss that is clicked; change a setting that is."""
        if event.chooser is self.losses:
            self.perform(partial(subject_actions.choose_line, place=event.index))
        elif event.index >= 0:
            self.look_at(act.to_setting(self.state, event.index, len(self.settings())))
            self._change_setting()

    def on_chooser_scrolled(self, event: Chooser.Scrolled) -> None:
        """Move through a pane with the wheel."""
        self.set_focus(event.chooser)
        self.action_row(event.by)

    def on_readout_clicked(self, event: Readout.Clicked) -> None:
        """Make the loss of a clicked row of numbers the current one."""
        answer = self.state.answer
        if answer is not None:
            index = event.index // (2 if answer.base is not None else 1)  # below each loss are its changes
            if index < len(answer.request.shown):
                self.look_at(self.state.at(answer.request.shown[index].row))

    def on_figures_clicked(self, event: Figures.Clicked) -> None:
        """Look at the label of a clicked row of several."""
        found, row = self.state.findings, self.figures.table_row(event.row)
        if found is not None and found.labels and row > 0:  # the first is their mean
            self.perform(partial(choosing.at_label, label=worst_first(found.labels)[row - 1].label))

    def on_table_clicked(self, event: Table.Clicked) -> None:
        """Make a clicked row current; sort by a clicked head."""
        self.set_focus(self.worst)
        if event.row < 0 <= event.column:
            same = event.column == self.state.sorted_by[0]
            self.look_at(
                place_actions.sort_worst(self.state, event.column, down=not (same and self.state.sorted_by[1]))
            )
        elif event.row >= 0:
            self.carry_out(place_actions.to_worst(self.state, self.order, event.row))

    def on_table_scrolled(self, event: Table.Scrolled) -> None:
        """Move through the table with the wheel."""
        self.set_focus(self.worst)
        self.action_row(event.by)

    # ---- mending --------------------------------------------------------------------------------------------------

    def action_mend(self) -> None:
        """Find out what would mend the predictions, in a thread, and lay it over the screen."""
        file, look = self.state.file, self.state.look
        if file is None or file.is_of_values:
            said = (
                "no file: press o to open one" if file is None else "plain values are no probabilities to recalibrate"
            )
            self.tell(said, wrong=True)
            return
        if file.source.part is not None:
            self.tell(NEEDS_ROWS, wrong=True)
            return
        self._stop_mending()
        self._mending = given_up = Event()
        self.tell("recalibrating …   esc stops", timeout=600)
        self.asker.lend(lambda: mended(file, look, given_up, lambda part: None))

    def _stop_mending(self) -> None:
        if self._mending is not None:
            self._mending.set()
            self._mending = None
            self.notice.hide()

    def _take_mended(self, news: Mended) -> None:
        if news.given_up is not self._mending:
            return
        self._mending = None
        self.notice.hide()
        if news.file is self.state.file and self.app.screen_stack[-1:] == [self]:
            is_browser = self.workspace.permissions.is_browser
            self.carry_out(sheet(news, is_browser=is_browser, is_busy=lambda: self.asker.is_busy), is_step=False)

    # ---- taking it away -------------------------------------------------------------------------------------------

    def action_export(self) -> None:
        """Write the figures as CSV."""
        state, finding = self.state, self.state.finding
        if state.answer is None or finding is None:
            self.tell("no figures yet: press o to open a file", wrong=True)
            return
        rows = finding.worst.row.tolist() if finding.worst is not None else []
        worst = worst_records(finding, [state.columns.get(row, {}) for row in rows])
        source = state.answer.request.file.source
        told = [*source.notes, *self._doubts(state.answer)]
        skipped = sum(state.answer.skipped.values())
        report = Report(state.answer.now, state.look.mass, skipped, worst, source.record(), told)
        self.carry_out(Write("lossterm-data", ".csv", partial(write_csv, document(report))))
