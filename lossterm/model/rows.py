"""The list of losses that a screen shows: one for any registry, with pure changes of it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from lossterm.core.losses.labels import number
from lossterm.core.names import find
from lossterm.core.plain import shortened, visible
from lossterm.model.records import strict_params

Value = float | str | None
"""What a parameter can be: a number, one of several words, or off."""


def value_text(value: Value) -> str:
    """A value as it is typed: ``2``, ``mean``, ``off``."""
    return "off" if value is None else value if isinstance(value, str) else number(value)


MAX_SHOWN = 26
"""Each shown loss has a letter."""

MAX_ROWS = 200
"""Rows that are read back from what was saved."""


class Knob(Protocol):
    """A parameter of a loss, as the list needs it."""

    @property
    def name(self) -> str:
        """As it is written on the command line."""

    @property
    def default(self) -> Value:
        """Where it starts."""

    def stepped(self, value: Any, direction: int) -> Any:
        """The next value up or down."""


class ListedLoss(Protocol):
    """A loss of a registry, as the list needs it."""

    @property
    def id(self) -> str:
        """The canonical name."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its other names."""

    @property
    def title(self) -> str:
        """Its name in a narrow column."""

    @property
    def parameters(self) -> Sequence[Knob]:
        """Its knobs, in order."""

    @property
    def in_all(self) -> bool:
        """Whether ``--loss all`` means it too."""

    def preset(self, name: str) -> Mapping[str, Value]:
        """The parameters that a name sets: none, unless it is that of a preset."""

    def complete(self, params: Any) -> Mapping[str, Value]:
        """All parameters, the given ones checked and the others at their defaults."""


E = TypeVar("E", bound=ListedLoss)


@dataclass(frozen=True)
class ListRow(Generic[E]):
    """One line of a list of losses.

    Attributes:
        loss: the loss's id in the registry.
        params: all its parameters, as pairs.
        shown: whether it is drawn.
        slot: which letter and colour it has while it is drawn, 0 for the first; −1 for none yet. The list gives it.
    """

    loss: str
    params: tuple[tuple[str, Any], ...]
    shown: bool = False
    slot: int = -1

    registry: ClassVar[Mapping[str, Any]] = {}
    """Where the losses of such a list come from."""

    @classmethod
    def of(cls, loss: str, params: Mapping[str, Any] | None = None, shown: bool = False) -> Self:
        """A row with the given parameters and the others at their defaults.

        Raises:
            ValueError: an unknown parameter, or one out of its range.
        """
        return cls(loss, tuple(cls.registry[loss].complete(params or {}).items()), shown)

    @classmethod
    def find(cls, name: str) -> E:
        """The loss of the registry that goes by a name.

        Raises:
            ValueError: there is none; the message names the nearest.
        """
        found: E = find(cls.registry, name, "loss")
        return found

    @property
    def entry(self) -> E:
        """The loss itself."""
        entry: E = self.registry[self.loss]
        return entry

    @property
    def is_current(self) -> bool:
        """Whether the loss is still what the registry has by its name."""
        return self.loss in self.registry

    @property
    def key(self) -> tuple[str, tuple[tuple[str, Any], ...]]:
        """The same for two rows that are one curve."""
        return (self.loss, self.params)

    @property
    def spec(self) -> str:
        """As it is written on the command line, with the defaults left out: ``focal:gamma=5``."""
        texts = [
            (knob.name, value_text(value))
            for knob, (_, value) in zip(self.entry.parameters, self.params, strict=True)
            if value != knob.default
        ]
        return self.loss + "".join(f":{name}={text}" for name, text in texts)

    def with_params(self, params: Mapping[str, Any]) -> Self:
        """The row with some of its parameters changed.

        Raises:
            ValueError: an unknown parameter, or one out of its range; the message says what would be right.
        """
        return replace(self, params=tuple(self.entry.complete({**dict(self.params), **params}).items()))


R = TypeVar("R", bound=ListRow[Any])


_SOUND: deque[tuple[ListRow[Any], ...]] = deque(maxlen=8)
"""Rows that were found to have slots as they should, the last ones."""


@dataclass(frozen=True)
class LossList(Generic[R]):
    """A list of losses, of which some are shown, each with a letter, and one is the reference of the ratios.

    Attributes:
        rows: every loss at least once, in the order of the registry; variants with other parameters follow theirs.
        reference: index of the row that the ratios are taken against.
    """

    rows: tuple[R, ...] = ()
    reference: int = 0

    row_type: ClassVar[type[ListRow[Any]]] = ListRow
    """What its rows are."""
    first_shown: ClassVar[tuple[str, ...]] = ("cross-entropy", "squared-error")
    """The losses that a new list shows."""

    def __post_init__(self) -> None:
        if not self.rows:
            kind = self.row_type
            rows = tuple(kind.of(name, shown=name in self.first_shown) for name in kind.registry)
            object.__setattr__(self, "rows", rows)
        # most lists have the very rows of the list that they were made from: every move of a cursor makes several
        if any(self.rows is sound for sound in _SOUND):
            return
        if any(row.shown is (row.slot < 0) for row in self.rows) or self._shares_slots:
            object.__setattr__(self, "rows", _with_slots(self.rows))
        _SOUND.append(self.rows)

    @property
    def _shares_slots(self) -> bool:
        slots = [row.slot for row in self.rows if row.shown]
        return len(set(slots)) < len(slots)

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """Indices of the rows that are drawn."""
        return tuple(i for i, r in enumerate(self.rows) if r.shown)

    @cached_property
    def letters(self) -> Mapping[int, str]:
        """The letter of each shown row: it stays while the row is shown, whatever becomes of the others."""
        return {index: chr(ord("a") + self.rows[index].slot) for index in self.shown}


@dataclass(frozen=True)
class ListState:
    """The state of a screen that looks at a list of losses.

    Attributes:
        subject: what is looked at, with its list.
        current: index of the row that keys act on.
    """

    subject: LossList[Any]
    current: int = 0

    def with_subject(self, subject: Any) -> Self:
        """The state with another subject; the current row stays among its rows."""
        return replace(self, subject=subject, current=min(self.current, len(subject.rows) - 1))

    def at(self, index: int) -> Self:
        """The state with another current row, as near as there is one."""
        return replace(self, current=min(max(index, 0), len(self.subject.rows) - 1))


def _with_slots(rows: tuple[R, ...]) -> tuple[R, ...]:
    # a shown row keeps its slot, unless one before it has the same; what has none takes the first that is free
    taken: set[int] = set()
    kept = []
    for row in rows:
        slot = row.slot if row.shown and row.slot not in taken else -1
        taken |= {slot}
        kept.append(slot)
    free = (slot for slot in range(len(rows)) if slot not in taken)
    return tuple(
        row if row.slot == slot and row.shown is (slot >= 0) else replace(row, slot=next(free) if row.shown else -1)
        for row, slot in zip(rows, kept, strict=True)
    )


L = TypeVar("L", bound=LossList[Any])

# ---- changes: each returns a new list -------------------------------------------------------------------------------


def toggle(listed: L, index: int) -> L:
    """Show or hide a row; hiding the reference makes the first shown row the reference."""
    row = listed.rows[index]
    if not row.shown and len(listed.shown) >= MAX_SHOWN:
        return listed
    return _referring(replace(listed, rows=_replaced(listed, index, replace(row, shown=not row.shown))))


def make_reference(listed: L, index: int) -> L:
    """Take the ratios against this row, and show it."""
    if not listed.rows[index].shown:
        listed = toggle(listed, index)
    return replace(listed, reference=index) if listed.rows[index].shown else listed


def set_parameters(listed: L, index: int, params: Mapping[str, Any]) -> L:
    """Change some parameters of a row.

    Raises:
        ValueError: an unknown parameter, or one out of its range; the message says what would be right.
    """
    return replace(listed, rows=_replaced(listed, index, listed.rows[index].with_params(params)))


def step_parameter(listed: L, index: int, which: int, direction: int) -> L:
    """One step of a row's parameter up or down, within its range; nothing where it has none.

    Args:
        listed: the list.
        index: of the row.
        which: of its parameters.
        direction: 1 up, −1 down.
    """
    row = listed.rows[index]
    if which >= len(row.entry.parameters):
        return listed
    knob, (name, value) = row.entry.parameters[which], row.params[which]
    return set_parameters(listed, index, {name: knob.stepped(value, direction)})


def add_variant(listed: L, index: int) -> L:
    """A second row of the same loss, shown, to compare two parameter values: the next step of the first parameter.

    Two rows alike would be one curve, and the command of the picture would tell only one of them.
    """
    twin = _beside(listed, index)
    if len(listed.shown) >= MAX_SHOWN or twin is None:
        return listed
    rows = (*listed.rows[: index + 1], replace(twin, shown=True), *listed.rows[index + 1 :])
    return _referring(replace(listed, rows=rows, reference=listed.reference + (listed.reference > index)))


def _beside(listed: LossList[R], index: int) -> R | None:
    # the nearest step up, or else down, that no other row of the loss stands at; None where there is none
    row = listed.rows[index]
    if not row.entry.parameters:
        return None
    knob, (name, value) = row.entry.parameters[0], row.params[0]
    taken = {other.key for other in listed.rows}
    for direction in (1, -1):
        at = value
        for _ in range(MAX_SHOWN):
            at = knob.stepped(at, direction)
            variant = row.with_params({name: at})
            if variant.key not in taken:
                return variant
    return None


def remove_variant(listed: L, index: int) -> L:
    """Take a row away, unless it is the only one of its loss."""
    if sum(r.loss == listed.rows[index].loss for r in listed.rows) < 2:
        return listed
    rows = (*listed.rows[:index], *listed.rows[index + 1 :])
    reference = listed.reference - (listed.reference > index) if listed.reference != index else 0
    return _referring(replace(listed, rows=rows, reference=reference))


def without(listed: L, loss: str) -> L:
    """The list without any row of a loss."""
    kept = [index for index, row in enumerate(listed.rows) if row.loss != loss]
    at = kept.index(listed.reference) if listed.reference in kept else 0
    return _referring(replace(listed, rows=tuple(listed.rows[index] for index in kept), reference=at))


def put(listed: L, row: ListRow[Any]) -> L:
    """The list with a row in the place of the first one of its loss, or as the last one; shown if there is room."""
    places = [index for index, other in enumerate(listed.rows) if other.loss == row.loss]
    before = listed.rows[places[0]] if places else None
    is_shown = (before is not None and before.shown) or len(listed.shown) < MAX_SHOWN
    new = replace(row, shown=is_shown, slot=-1 if before is None else before.slot)
    if places:
        return _referring(replace(listed, rows=_replaced(listed, places[0], new)))
    return _referring(replace(listed, rows=(*listed.rows, new)))


def with_losses(listed: L, asked: Sequence[ListRow[Any]]) -> L:
    """A list that shows exactly these losses, in the registry's order; the first that was asked is the reference.

    Raises:
        ValueError: more losses than there are letters.
    """
    if len(asked) > MAX_SHOWN:
        raise ValueError(f"{len(asked)} losses are too many for one picture: at most {MAX_SHOWN}")
    kind = listed.row_type
    rows: list[ListRow[Any]] = []
    for name in kind.registry:
        wanted = [r for r in asked if r.loss == name]
        rows += [replace(r, shown=True) for r in wanted] or [kind.of(name)]
    first = next((i for i, r in enumerate(rows) if asked and r.key == asked[0].key), 0)
    return replace(listed, rows=tuple(rows), reference=first)


def _referring(listed: L) -> L:
    if listed.reference in listed.shown or not listed.shown:
        return listed
    return replace(listed, reference=listed.shown[0])


def _replaced(listed: LossList[R], index: int, new: R) -> tuple[R, ...]:
    return (*listed.rows[:index], new, *listed.rows[index + 1 :])


# ---- kept between runs ----------------------------------------------------------------------------------------------


def saved_rows(listed: LossList[Any]) -> dict[str, Any]:
    """The rows and the reference, as JSON has them."""
    rows = [
        {"loss": r.loss, "params": strict_params(dict(r.params)), "shown": r.shown, "slot": r.slot} for r in listed.rows
    ]
    return {"rows": rows, "reference": listed.reference}


def restored_rows(listed: L, document: Mapping[str, Any]) -> L:
    """A list with the rows that a document tells, distrusted row by row.

    A loss that this version does not know is left out, a parameter that is not valid has its default, a loss that the
    document lacks is there and not shown, and of more shown ones than there are letters the first are shown.
    """
    kind, items, reference = listed.row_type, document.get("rows"), document.get("reference")
    if not isinstance(items, list):
        return listed
    rows: list[ListRow[Any]] = []
    referred: ListRow[Any] | None = None
    for index, item in enumerate(items[:MAX_ROWS]):
        loss = item.get("loss") if isinstance(item, Mapping) else None
        if not isinstance(loss, str) or loss not in kind.registry:
            continue
        row = _restored_row(kind.of(loss), item.get("params"))
        slot = item.get("slot")
        is_slot = isinstance(slot, int) and not isinstance(slot, bool) and 0 <= slot < MAX_SHOWN
        rows.append(replace(row, shown=item.get("shown") is True, slot=slot if is_slot else -1))
        referred = rows[-1] if reference == index and not isinstance(reference, bool) else referred
    rows += [kind.of(name) for name in kind.registry if all(r.loss != name for r in rows)]
    order = list(kind.registry)
    rows.sort(key=lambda r: order.index(r.loss))
    shown = [i for i, r in enumerate(rows) if r.shown]
    for index in shown[MAX_SHOWN:]:
        rows[index] = replace(rows[index], shown=False)
    at = next((i for i, r in enumerate(rows) if r is referred), 0)
    return _referring(replace(listed, rows=tuple(rows), reference=at))


def lost_losses(document: Mapping[str, Any], kind: type[ListRow[Any]]) -> list[str]:
    """The losses that a document shows, and that there are no more."""
    items = document.get("rows")
    names = [
        item.get("loss")
        for item in (items[:MAX_ROWS] if isinstance(items, list) else [])
        if isinstance(item, Mapping) and item.get("shown") is True
    ]
    lost = [shortened(visible(name), 40) for name in names if isinstance(name, str) and name not in kind.registry]
    return list(dict.fromkeys(lost))[:MAX_SHOWN]


def up_to_date(listed: L) -> L:
    """The list with the losses that there are now.

    What is gone is dropped, what is new is there and not shown, and a loss of one's own is as it is defined now.
    """
    kind = listed.row_type
    known = [row for row in listed.rows if row.loss in kind.registry]
    missing = [name for name in kind.registry if all(row.loss != name for row in listed.rows)]
    if len(known) == len(listed.rows) and not missing and all(row.is_current for row in known):
        return listed
    rows: list[ListRow[Any]] = []
    referred: ListRow[Any] | None = None
    for index, row in enumerate(listed.rows):
        if row.loss in kind.registry:
            now = row if row.is_current else _restored_row(kind.of(row.loss), dict(row.params))
            rows.append(replace(now, shown=row.shown, slot=row.slot))
            referred = rows[-1] if index == listed.reference else referred
    rows += [kind.of(name) for name in missing]
    order = list(kind.registry)
    rows.sort(key=lambda row: order.index(row.loss))
    at = next((i for i, row in enumerate(rows) if row is referred), 0)
    return _referring(replace(listed, rows=tuple(rows), reference=at))


def _restored_row(row: ListRow[Any], params: object) -> ListRow[Any]:
    for name, value in params.items() if isinstance(params, Mapping) else ():
        if isinstance(value, bool) or not (value is None or isinstance(value, int | float | str)):
            continue
        try:
            told = -math.inf if value == "-inf" else float(value) if isinstance(value, int) else value
            row = row.with_params({str(name): told})
        except (ValueError, TypeError, OverflowError):
            continue
    return row
