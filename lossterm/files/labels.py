"""How the labels of a file become numbers: 0 and 1, an index of a class, or what they are."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lossterm.core.jets import Array
from lossterm.core.plain import listed_names
from lossterm.files.cells import plain_number
from lossterm.files.checks import EMPTY, BadData, Fault, listed, shortest, shown
from lossterm.files.chunk import Column, Form, Texts
from lossterm.files.columns import Columns
from lossterm.files.content import Content
from lossterm.files.families import whole_numbers
from lossterm.files.naming import PAIRS, words_of

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
        assert not isinstance(column, list)
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
                Fault(_REASON, bad, lambda i: f"column {name!r}: label {shortest(column[i])} is not {self.right}")
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


@dataclass(frozen=True)
class Labels:
    """What is known of the labels of a file.

    Attributes:
        content: what the first rows have.
        partial: whether there are more rows than these.
        extremes: least and greatest label of the whole file; a pass.
        every: the distinct texts of the whole file, empty ones left out; a pass.
        agreement: ``order of the columns of classes → the part of the first rows whose label has the largest``.
    """

    content: Content
    partial: bool
    extremes: Callable[[], tuple[float, float]]
    every: Callable[[], Sequence[str]]
    agreement: Callable[[Columns], float]


def decide(
    labels: Labels, columns: Columns, positive: str | None, class_names: Sequence[str]
) -> tuple[Coding, Columns]:
    """How to read the labels, and the columns in the order that this asks for.

    Labels of K classes are the numbers of the columns where these have other numbers than 0 to K − 1 and the labels any
    of them. Else they are indices from 0, unless no label of the whole file is 0 and either the greatest is K or the
    columns themselves are numbered from 1. Where one of the two, labels and columns, has texts and the other numbers,
    the numbers are the places of the sorted texts. Labels −1 and 1 are 0 and 1.

    Args:
        labels: what is known of the labels.
        columns: which columns are read.
        positive: the text that is label 1; every other is 0.
        class_names: the classes in their order, where a person named them.

    Raises:
        BadData: the labels do not fit the predictions, or it must be told which is label 1.
    """
    content, name = labels.content, columns.label
    if columns.being_right:
        return Coding("text", ("wrong", "right"), "a class"), columns
    if columns.kind == "value":
        if not content.numeric and content.texts:
            raise BadData(f"column {name!r}: a real label is a number, not {shown(_first_text(content))}")
        return Coding("number", (), "a finite number", low=-np.inf, high=np.inf), columns
    if len(columns.read) > 1:
        if positive is not None:
            if len(columns.read) > 2:
                raise BadData("--positive is for one prediction column, not for one column per class")
            columns = _turned(columns, positive)
        return _of_classes(labels, columns, class_names)
    if positive is not None:
        return _with_positive(labels, positive), columns
    if class_names and len(class_names) != 2:
        raise BadData(f"--class-names of one prediction column are two, label 0 and label 1, not {len(class_names)}")
    if content.numeric or not content.texts:
        return _of_two_numbers(labels, columns, class_names)
    return _of_pair(labels, columns, class_names)


def _turned(columns: Columns, positive: str) -> Columns:
    """Two columns of classes with the one that is asked for last."""
    own = [name.strip().lower() for name in columns.classes]
    if positive.strip().lower() == own[0]:
        return replace(columns, predictions=columns.read[:1], sources=columns.read[::-1], classes=columns.classes[::-1])
    return columns


def _of_two_numbers(labels: Labels, columns: Columns, class_names: Sequence[str]) -> tuple[Coding, Columns]:
    names = tuple(class_names) or ("0", "1")
    numbers = labels.content.numbers
    if labels.partial and labels.content.whole and len(numbers) == 1:  # perhaps the file is sorted by label
        low, high = labels.extremes()
        numbers = tuple(sorted({*numbers, *(x for x in (low, high) if np.isfinite(x))}))
    usual = not numbers or set(numbers) <= {0.0, 1.0} or set(numbers) <= {-1.0, 1.0}
    if usual or len(numbers) != 2 or not labels.content.whole:
        return Coding("number", names, "0 or 1 (nor a soft label between them)"), columns
    zero, one = (f"{number:.15g}" for number in numbers)
    note = f"labels {zero} and {one} are read as 0 and 1: --positive {zero} turns that"
    coding = Coding(
        "number", tuple(class_names) or (zero, one), f"{zero} or {one}", high=1.0, whole=True, values=np.array(numbers)
    )
    return coding, replace(columns, notes=(*columns.notes, note))


def _with_positive(labels: Labels, positive: str) -> Coding:
    content = labels.content
    number = plain_number(positive)
    if content.numeric and number is not None:
        others = [value for value in content.numbers if value != number]
        zero = f"{others[0]:.15g}" if len(others) == 1 else f"not {positive}"
        return Coding("number", (zero, positive), "a number", low=0, high=1, positive=number)
    texts = content.texts
    if labels.partial and not any(_is(text, positive) for text in texts):
        texts = tuple(labels.every())
    others_ = [text for text in texts if not _is(text, positive)]
    if len(others_) == len(texts) and texts:
        raise BadData(f"--positive {positive}: no label is called so; there are {listed(texts)}")
    zero = others_[0] if len(others_) == 1 else f"not {positive}"
    return Coding("text", (zero, positive), "a text", {positive.strip().lower(): 1.0}, otherwise=0.0)


def _is(text: str, other: str) -> bool:
    return text.strip().lower() == other.strip().lower()


def stem(text: str) -> str:
    """A label in lower case without the number that Weka puts before it."""
    lower = text.strip().lower()
    head, mark, tail = lower.partition(":")
    return tail.strip() if mark and tail.strip() and head.strip().isdecimal() else lower


def pair_of(texts: Iterable[str]) -> tuple[str, str] | None:
    """The pair of texts for 0 and 1 that these are of, in lower case; None where they are of none that nobody doubts.

    Beside those that are listed, one that denies the other is 0: ``not spam`` and ``spam``.
    """
    found = set(map(stem, texts))
    for pair in PAIRS:
        if found <= set(pair):
            return pair
    if len(found) == 2:
        numbered = {text.rstrip("01"): text for text in found}
        if len(numbered) == 1 and {text[-1] for text in found} == {"0", "1"}:  # class 0, class 1
            zero, one = sorted(found)
            return zero, one
        short, long = sorted(found, key=len)
        head = long.removesuffix(short)
        if head != long and head.strip(" _-") in (
            "no",
            "not",
            "non",
            "un",
            "in",
            "other than",
            "anti",
            "no_",
            "kein",
            "sans",
            "sin",
        ):
            return long, short
    return None


def _of_pair(labels: Labels, columns: Columns, class_names: Sequence[str]) -> tuple[Coding, Columns]:
    texts = list(dict.fromkeys(text.strip() for text in labels.content.texts))
    named_pair = tuple(map(stem, class_names))
    if labels.partial and len({text.lower() for text in texts}) < 2 and pair_of(texts) is None:
        texts = list(dict.fromkeys(text.strip() for text in labels.every()))
    lower = {text.lower() for text in texts}
    if len(named_pair) == 2:
        return _pair_coding(texts, (named_pair[0], named_pair[1]), tuple(class_names)), columns
    pair = pair_of(texts)
    if pair is not None:
        return _pair_coding(texts, pair, pair), columns
    named = [text for text in texts if names_class(columns.predictions[0], text)]
    named = [text for text in named if not any(text != other and text.lower() in other.lower() for other in named)]
    if len(lower) == 2 and len(named) == 1:  # prob_cat is the probability of cat
        one, zero = named[0], next(text for text in texts if text.lower() != named[0].lower())
        coding = Coding("text", (zero, one), f"{zero} or {one}", {zero.lower(): 0.0, one.lower(): 1.0})
        return coding, columns
    if len(lower) == 2 and columns.decision is not None:  # all that matters is whether the decision is right
        zero, one = sorted(texts)[0], sorted(texts)[-1]
        note = f"label 1 is {one}, the last by name: --positive {zero} turns that"
        return _pair_coding(texts, (stem(zero), stem(one)), (zero, one)), replace(columns, notes=(*columns.notes, note))
    if len(lower) == 2:
        raise BadData(
            f"column {columns.label!r}: which label is 1, {texts[0]} or {texts[1]}? Add --positive {texts[1]}"
        )
    some = listed([shown(text) for text in texts], 4)
    few = "one column per class is needed for them, a decision with its confidence, or --positive NAME"
    raise BadData(f"column {columns.label!r}: labels {some} are not 0 and 1; {few}")


def _pair_coding(texts: Iterable[str], pair: tuple[str, str], names: tuple[str, ...]) -> Coding:
    table = {pair[0]: 0.0, pair[1]: 1.0}
    table |= {text.strip().lower(): table[stem(text)] for text in texts if stem(text) in table}
    return Coding("text", names, " or ".join(names), table)


def names_class(column: str, label: str) -> bool:
    """Whether a column is called after a label: ``prob_cat``, ``P(cat)``, ``cat_score`` after ``cat``."""
    words, wanted = words_of(column), words_of(label)
    if not wanted:
        return False
    spans = [words[i : i + len(wanted)] for i in range(len(words) - len(wanted) + 1)]
    return (wanted in spans and len(words) > len(wanted)) or column.strip().lower() == label.strip().lower()


def _of_classes(labels: Labels, columns: Columns, class_names: Sequence[str]) -> tuple[Coding, Columns]:
    content = labels.content
    count = len(columns.read)
    names = columns.classes or tuple(map(str, range(count)))
    numbered = whole_numbers(names) is not None
    if content.numeric or not content.texts:
        if not numbered and not class_names and content.numeric:
            columns = _sorted_names(labels, columns)
            names = columns.classes
        return _of_numbers(names, labels.extremes, content), columns
    known = {name.strip().lower(): float(i) for i, name in enumerate(names)}
    if len(known) < count or any(text.strip().lower() in known for text in content.texts):
        return Coding("text", names, f"one of {listed(names, 6)}", known), columns
    stems = [stem(text) for text in content.texts]
    if any(text in known for text in stems):
        known |= {text.strip().lower(): known[stem(text)] for text in content.texts if stem(text) in known}
        return Coding("text", names, f"one of {listed(names, 6)}", known), columns
    pair = pair_of(content.texts)
    if count == 2 and pair:
        return _pair_coding(content.texts, pair, pair), columns
    if numbered and not class_names:
        texts = sorted({text.strip() for text in labels.every()})
        if len(texts) == count:
            which = ", ".join(f"{name} {text}" for name, text in zip(names[:6], texts, strict=False))
            turned = shlex.quote(listed_names(texts[::-1]))
            note = f"the classes are taken as {which} (sorted): --class-names {turned} turns that"
            table = {text.lower(): float(i) for i, text in enumerate(texts)}
            coding = Coding("text", tuple(texts), f"one of {listed(texts, 6)}", table)
            return coding, replace(columns, classes=tuple(texts), notes=(*columns.notes, note))
    some, these = listed([shown(text) for text in content.texts], 4), listed(columns.read, 6)
    what = f"labels {some} are not called as the columns of classes {these}"
    right = listed([f"p_{text}" for text in content.texts[:2]])
    or_ = "or name the classes in the order of the columns: --class-names a,b,c"
    raise BadData(f"column {columns.label!r}: {what}: call these {right} and so on, {or_}")


def _sorted_names(labels: Labels, columns: Columns) -> Columns:
    """Columns with names where the labels are numbers: by name, as encoders number them.

    Where the rows speak clearly for the order of the file instead, in that.
    """
    order = sorted(range(len(columns.classes)), key=columns.classes.__getitem__)
    read = tuple(columns.read[i] for i in order)
    by_name = replace(columns, classes=tuple(columns.classes[i] for i in order))
    by_name = (
        replace(by_name, sources=read, predictions=read[1:]) if columns.sources else replace(by_name, predictions=read)
    )
    chosen = by_name
    paired = len(columns.read) == 2 and pair_of(columns.classes) is not None
    if by_name.classes != columns.classes and (paired or labels.agreement(columns) > labels.agreement(by_name) + 0.1):
        chosen = columns
    numbers = ", ".join(f"{k} {name}" for k, name in enumerate(chosen.classes[:6]))
    other = columns if chosen is by_name else by_name
    how = "sorted by name" if chosen is by_name else "in the order of the columns"
    if other.classes == chosen.classes:
        return chosen
    note = (
        f"the labels are taken as {numbers}, {how}: --class-names {shlex.quote(listed_names(other.classes))} turns that"
    )
    return replace(chosen, notes=(*chosen.notes, note))


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
    return next(text for text in content.texts if plain_number(text) is None)
