"""The state of the Data screen: which file, how it is looked at, what was answered, and what is current."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from lossterm.core.statistics.examples import Kind
from lossterm.model.options import Redo, redone
from lossterm.model.subject import Row
from lossterm.model.workspace import SubjectState
from lossterm.predictions.asking import Answer, Request
from lossterm.predictions.finding import Seeking
from lossterm.predictions.losses import Judges, criteria_of, former_rows, judges, smoothing_for
from lossterm.predictions.opening import OpenFile, Wanted
from lossterm.predictions.options import LOOK, THRESHOLD
from lossterm.predictions.view import FORECAST_PAGES, PAGES, THRESHOLD_PAGES, VALUE_PAGES, FileChoice, Look, Page, alone

if TYPE_CHECKING:
    from lossterm.core.statistics.clip import Clip
    from lossterm.core.statistics.findings import Findings, LossFinding
    from lossterm.predictions.comparing import Comparison

Lower: TypeAlias = Literal["figures", "readout", "worst"]

LOWER: tuple[Lower, ...] = ("figures", "readout", "worst")
"""What can be below the chart."""

COMPARISONS: tuple[Page, ...] = ("compare", "costs")
"""Charts of two predictions."""

ON_PREDICTIONS = ("reliability", "histogram")
"""Charts whose x axis is the predicted probability."""


@dataclass(frozen=True)
class Baseline:
    """What changes are told against.

    Attributes:
        rows: the losses of the subject.
        smoothing: of the labels.
        temperature: T.
        clip: of the probabilities.
    """

    rows: tuple[Row, ...]
    smoothing: float
    temperature: float = 1.0
    clip: Clip | None = None


@dataclass(frozen=True)
class DataState(SubjectState):
    """All that decides what the Data screen shows, except its size and where the focus is.

    Attributes:
        choice: the file that was opened last, or is to be.
        look: how it is looked at.
        opening: the file that is being opened.
        typed: what was typed to open a file, as long as it is not open.
        file: the file that is open.
        asking: what the file is being asked.
        seeking: the segments that are being found.
        answer: the figures of the file that is open; None until they are there.
        baseline: what changes are told against.
        former: the state before another file was opened: it comes back where that file has no figures.
        columns: all columns of the worst examples, by the number of their row, as far as they have been read.
        lower: what is below the chart where there is no room for all.
        setting: current row of the pane of the file.
        worst_row: current row of the table of the worst examples.
        sorted_by: the column that the table is sorted by, and whether downwards.
        at_worst: whether the cursor of the chart is at the current one of the worst examples.
        places: where the cursor is on charts whose x axis is not that of the point.
        opens_any_file: whether a file may be named that is to be opened.
    """

    choice: FileChoice = field(default_factory=FileChoice)
    look: Look = field(default_factory=Look)
    opening: Wanted | None = None
    typed: str = ""
    file: OpenFile | None = None
    asking: Request | None = None
    seeking: Seeking | None = None
    answer: Answer | None = None
    baseline: Baseline | None = None
    former: DataState | None = None
    columns: Mapping[int, Mapping[str, object]] = field(default_factory=dict)
    lower: Lower = "figures"
    setting: int = 0
    worst_row: int = 0
    sorted_by: tuple[int, bool] = (1, True)
    at_worst: bool = False
    places: Mapping[str, float] = field(default_factory=dict)
    opens_any_file: bool = True

    # ---- the file -------------------------------------------------------------------------------------------------

    @property
    def class_count(self) -> int:
        """K, or 0 where there is one prediction an example."""
        return 0 if self.file is None else self.file.class_count

    @property
    def told_choice(self) -> FileChoice:
        """How the file is read, with the label that is looked at where there are several."""
        columns = None if self.file is None else self.file.source.columns
        return replace(self.choice, label=columns.label) if columns is not None and columns.pairs else self.choice

    @property
    def kind(self) -> Kind:
        """What the predictions are: plain values or probabilities."""
        return "value" if self.file is not None and self.file.is_of_values else "probability"

    @property
    def is_of_values(self) -> bool:
        """Whether the predictions are plain values."""
        return self.kind == "value"

    @property
    def findings(self) -> Findings | None:
        """The figures."""
        return None if self.answer is None else self.answer.now

    @property
    def base(self) -> Findings | None:
        """The figures that changes are told against."""
        return None if self.answer is None else self.answer.base

    # ---- the losses -----------------------------------------------------------------------------------------------

    @property
    def judges(self) -> Judges:
        """The losses that the examples of the file are put to."""
        return judges(self.subject, self.kind, self.class_count)

    @property
    def current_loss(self) -> int:
        """The place of the current loss among those that judge the file; the first where it does not."""
        shown = () if self.answer is None else self.answer.request.shown
        return next((i for i, who in enumerate(shown) if who.row == self.current), 0)

    @property
    def finding(self) -> LossFinding | None:
        """What the current loss sees."""
        found = self.findings
        return None if found is None or not found.losses else found.losses[self.current_loss]

    # ---- the chart ------------------------------------------------------------------------------------------------

    @property
    def comparison(self) -> Comparison | None:
        """The first of the comparisons with other predictions."""
        return None if self.answer is None or not self.answer.comparisons else self.answer.comparisons[0]

    @property
    def pages(self) -> tuple[Page, ...]:
        """What the chart can show of this file."""
        compared = COMPARISONS if self.file is not None and self.look.compares else ()
        if self.is_of_values or self.class_count:  # costs are those of decisions by one probability
            compared = compared[:1]
        return (*(page for page in self._own_pages if page not in compared), *compared)

    @property
    def _own_pages(self) -> tuple[Page, ...]:
        if self.file is None:
            return PAGES[:5] if self.opening is not None else PAGES[:1]
        if self.is_of_values:
            held = FORECAST_PAGES if self.file.source.columns.forecast is not None else ()
            return (*held, *(page for page in VALUE_PAGES if page not in held), "losses", "share")
        if self.class_count:
            return ("reliability", "histogram", "losses", "share", "classes")
        return ("reliability", "histogram", "losses", "share", "curve", *THRESHOLD_PAGES)

    @property
    def page(self) -> Page:
        """What the chart shows."""
        return self.look.page if self.look.page in self.pages else self.pages[0]

    @property
    def on_point(self) -> bool:
        """Whether the cursor of the chart is the point z that all screens share."""
        return self.page == "curve" or (self.page in ON_PREDICTIONS and "curve" in self.pages)

    @property
    def class_place(self) -> float:
        """The class at the cursor of the confusion."""
        return self.places.get("classes", float(self.class_count // 2))

    # ---- changes --------------------------------------------------------------------------------------------------

    def with_look(self, look: Look) -> Self:
        """The state with another look."""
        return replace(self, look=look)

    # ---- what is asked --------------------------------------------------------------------------------------------

    @property
    def request(self) -> Request | None:
        """What the file is to be asked; None where none is open."""
        file, baseline, who = self.file, self.baseline, self.judges
        if file is None or baseline is None:
            return None
        before = former_rows(self.subject.rows, who.shown, baseline.rows)
        smoothing = smoothing_for(baseline.smoothing, self.kind)
        base = [c for c in criteria_of(before, self.class_count, smoothing, self.kind) if c is not None]
        return Request(file, self.look, who.criteria, tuple(base), baseline.temperature, who.shown, baseline.clip)

    @property
    def is_exact(self) -> bool:
        """Whether decisions at any threshold are known without asking the file again."""
        return self.findings is not None and self.findings.ranked is not None

    @property
    def is_answered(self) -> bool:
        """Whether the figures are those of what the file is to be asked now."""
        request = self.request
        if self.answer is None or request is None:
            return False
        then = self.answer.request
        # what is only drawn otherwise is no other question; nor is a threshold, where every decision is known
        look = then.look if not self._asks_otherwise(then.look) else request.look
        return then == replace(request, look=look)

    def must_ask(self, before: DataState) -> bool:
        """Whether a change from another state to this one makes other figures necessary."""
        if self.file is None:
            return False
        if (self.file, self.baseline) != (before.file, before.baseline):
            return True
        if (self.subject.rows, self.subject.smoothing) != (before.subject.rows, before.subject.smoothing):
            return True
        return self._asks_otherwise(before.look)

    def _asks_otherwise(self, look: Look) -> bool:
        options = [option for option in LOOK if not (option is THRESHOLD and self.is_exact)]
        return Redo.COUNT in redone(look, self.look, options)


def apart(look: Look) -> Look:
    """Without a second prediction, and on no page that shows one."""
    return replace(alone(look), page="reliability" if look.page in COMPARISONS else look.page)


def answered_look(state: DataState) -> Look:
    """The look of the figures that are there, in what they depend on: what was asked since has no answer."""
    if state.answer is None:
        return state.look
    then = state.answer.request.look
    same: dict[str, Any] = {
        option.name: option.value(then) for option in LOOK if option.redo is Redo.COUNT and option is not THRESHOLD
    }
    return replace(state.look, **same)
