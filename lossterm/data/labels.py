"""How the labels of a file become numbers: 0 and 1, an index of a class, or what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lossterm.core.jets import Array
from lossterm.data.checks import EMPTY, BadData, Fault, listed, plain_number, shown
from lossterm.data.chunk import Column, Form, Texts
from lossterm.data.columns import Columns
from lossterm.data.content import Content, as_number
from lossterm.data.families import whole_numbers
from lossterm.data.naming import PAIRS

_REASON = "label that is not a class"


@dataclass(eq=False)
class Coding:
    """How labels are read.

    Attributes:
        form: as numbers or as texts.
        names: of the classes, the label being the index; () where labels are plain numbers.
        right: what a label should be, for messages.
        texts: label of each text, in lower case; for the form "text".
        low: least label.
        high: greatest label.
        whole: whether only whole numbers are labels.
        first: number of the first class in the file.
        values: numbers of the classes where they are not consecutive.
        positive: the number that is label 1, every other being 0.
    """

    form: Form
    names: tuple[str, ...]
    right: str
    texts: Mapping[str, float] = field(default_factory=dict)
    low: float = 0.0
    high: float = 1.0
    whole: bool = False
    first: int = 0
    values: Array | None = None
    positive: float | None = None
    otherwise: float | None = None
    """The label of a text that is not among ``texts``."""
    _zero: float | None = field(default=None, init=False)

    def restart(self) -> None:
        """Forget what labels were seen: a new pass begins."""
        self._zero = None

    def encode(self, column: Column, name: str) -> tuple[Array, list[Fault]]:
        """The labels of a batch ``(n,)``, and those that are none."""
        if isinstance(column, Texts):
            return self._from_texts(column, name)
        if self.positive is not None:
            labels = np.where(np.isnan(column), np.nan, (column == self.positive).astype(float))
        elif self.values is not None:
            labels = np.searchsorted(self.values, column).astype(float)
            labels[self.values[np.minimum(labels.astype(int), len(self.values) - 1)] != column] = np.nan
        else:
            labels = column - self.first if self.first else column
        if not len(labels) or self._good(labels):
            return labels, []
        if self.names and not self.whole and labels.min() == -1:
            labels = self._signed(labels)
        return labels, self._faults(labels, column, name)

    def _good(self, labels: Array) -> bool:
        low, high = labels.min(), labels.max()
        if not (low >= self.low and high <= self.high and np.isfinite(low) and np.isfinite(high)):  # NaN fails all
            return False
        if self._zero == -1 and bool((labels == 0).any()):
            return False
        return not self.whole or bool((labels == np.rint(labels)).all())

    def _signed(self, labels: Array) -> Array:
        # −1 and 1: what is −1 is label 0, unless the file has zeros as well
        if bool((labels == 0).any()) or self._zero == 0:
            return labels
        self._zero = -1
        return np.where(labels == -1, 0.0, labels)

    def _faults(self, labels: Array, column: Array, name: str) -> list[Fault]:
        faults = []
        if (missing := np.isnan(column)).any():
            faults.append(Fault("NaN", missing, lambda i: f"column {name!r}: the label is NaN"))
        # a NaN among the labels but not in the column is a number that no class has
        bad = ~((labels >= self.low) & (labels <= self.high) & np.isfinite(labels)) & ~missing
        if self.whole:
            bad |= ~missing & (labels != np.rint(labels))
        if self._zero == -1:
            bad |= column == 0
        if bad.any():
            faults.append(
                Fault(_REASON, bad, lambda i: f"column {name!r}: label {plain_number(column[i])} is not {self.right}")
            )
        return faults

    def _from_texts(self, column: Texts, name: str) -> tuple[Array, list[Fault]]:
        missing = np.nan if self.otherwise is None else self.otherwise
        table = np.array(
            [np.nan if not text else self.texts.get(text.strip().lower(), missing) for text in column.names] or [np.nan]
        )
        labels: Array = table[column.codes]
        if not np.isnan(table).any() or not np.isnan(labels).any():
            return labels, []

        def describe(i: int) -> str:
            text = column.names[column.codes[i]]
            return f"column {name!r}: label {shown(text)} is not {self.right}" if text else f"column {name!r} is empty"

        empty = np.array([not text for text in column.names])[column.codes]
        bad = np.isnan(labels)
        faults = [Fault(EMPTY, empty, describe), Fault(_REASON, bad & ~empty, describe)]
        return labels, [fault for fault in faults if fault.rows.any()]


def decide(
    content: Content, columns: Columns, positive: str | None, extremes: Callable[[], tuple[float, float]]
) -> Coding:
    """How to read the labels, from the first rows.

    Labels of K classes are the numbers of the columns where these have other numbers than 0 to K − 1 and the labels any
    of them. Else they are indices from 0, unless no label of the whole file is 0 and either the greatest is K or the
    columns themselves are numbered from 1. Labels −1 and 1 are 0 and 1.

    Args:
        content: what the first rows have.
        columns: which columns are read.
        positive: the text that is label 1; every other is 0.
        extremes: least and greatest label of the whole file; asked only where the first rows leave it open.

    Raises:
        BadData: the labels do not fit the predictions, or it must be told which is label 1.
    """
    name = columns.label
    if columns.kind == "value":
        if not content.numeric and content.texts:
            raise BadData(f"column {name!r}: a real label is a number, not {shown(_first_text(content))}")
        return Coding("number", (), "a finite number", low=-np.inf, high=np.inf)
    if len(columns.predictions) > 1:
        if positive is not None:
            raise BadData("--positive is for one prediction column, not for one column per class")
        return _of_classes(content, columns, extremes)
    if positive is not None:
        return _with_positive(content, positive)
    if content.numeric or not content.texts:
        return Coding("number", ("0", "1"), "0 or 1 (nor a soft label between them)")
    return _of_pair(content, columns)


def _with_positive(content: Content, positive: str) -> Coding:
    number = as_number(positive)
    if content.numeric and number is not None:
        others = [value for value in content.numbers if value != number]
        zero = f"{others[0]:.15g}" if len(others) == 1 else f"not {positive}"
        return Coding("number", (zero, positive), "a number", low=0, high=1, positive=number)
    others_ = [text for text in content.texts if text.lower() != positive.strip().lower()]
    if len(others_) == len(content.texts) and content.texts and len(content.texts) <= 2:
        raise BadData(f"--positive {positive}: no label is called so; there are {listed(content.texts)}")
    zero = others_[0] if len(others_) == 1 else f"not {positive}"
    return Coding("text", (zero, positive), "a text", {positive.strip().lower(): 1.0}, otherwise=0.0)


def _of_pair(content: Content, columns: Columns) -> Coding:
    texts = list(dict.fromkeys(text.strip() for text in content.texts))
    lower = {text.lower() for text in texts}
    for pair in PAIRS:
        if lower <= set(pair):
            return Coding("text", pair, " or ".join(pair), {pair[0]: 0.0, pair[1]: 1.0})
    ending = columns.predictions[0].lower()
    named = [text for text in texts if ending.endswith(("_" + text.lower(), "-" + text.lower(), " " + text.lower()))]
    if len(lower) == 2 and len(named) == 1:  # prob_cat is the probability of cat
        one, zero = named[0], next(text for text in texts if text.lower() != named[0].lower())
        return Coding("text", (zero, one), f"{zero} or {one}", {zero.lower(): 0.0, one.lower(): 1.0})
    if len(lower) == 2:
        raise BadData(
            f"column {columns.label!r}: which label is 1, {texts[0]} or {texts[1]}? Add --positive {texts[1]}"
        )
    some = listed([shown(text) for text in texts], 4)
    few = "one column per class is needed for them, or --positive NAME"
    raise BadData(f"column {columns.label!r}: labels {some} are not 0 and 1; {few}")


def _of_classes(content: Content, columns: Columns, extremes: Callable[[], tuple[float, float]]) -> Coding:
    count = len(columns.predictions)
    names = columns.classes or tuple(map(str, range(count)))
    if content.numeric or not content.texts:
        return _of_numbers(names, extremes, content)
    known = {name.strip().lower(): float(i) for i, name in enumerate(names)}
    if len(known) == count and not any(text.strip().lower() in known for text in content.texts):
        pair = next((pair for pair in PAIRS if {text.lower() for text in content.texts} <= set(pair)), None)
        if count == 2 and pair:
            return Coding("text", pair, " or ".join(pair), {pair[0]: 0.0, pair[1]: 1.0})
        some, these = listed([shown(text) for text in content.texts], 4), listed(columns.predictions, 6)
        what = f"labels {some} are not called as the columns of classes {these}"
        right = listed([f"p_{text}" for text in content.texts[:2]])
        or_ = "or number the labels in the order of --prediction-column"
        raise BadData(f"column {columns.label!r}: {what}: call these {right} and so on, {or_}")
    return Coding("text", names, f"one of {listed(names, 6)}", known)


def _of_numbers(names: Sequence[str], extremes: Callable[[], tuple[float, float]], content: Content) -> Coding:
    """Labels that are numbers: those of the columns, which ascend; or how many columns are before theirs."""
    count = len(names)
    numbers = whole_numbers(names)
    if numbers is not None and numbers not in ([*range(count)], [*range(1, count + 1)]):
        if set(numbers) & set(content.numbers) or not content.numbers:
            right = f"one of {listed([f'{number:g}' for number in numbers], 6)}"
            return Coding("number", tuple(names), right, high=count - 1, whole=True, values=np.array(numbers))
        numbers = None
    low, high = (content.numbers[0], content.numbers[-1]) if content.numbers else (0.0, 0.0)
    if content.numbers and low >= 1:
        low, high = extremes()
    first = int(low >= 1 and (high == count or (numbers is not None and numbers[0] == 1)))
    right = f"a class from {first} to {count - 1 + first}"
    return Coding("number", tuple(names), right, high=count - 1, whole=True, first=first)


def _first_text(content: Content) -> str:
    return next(text for text in content.texts if as_number(text) is None)
