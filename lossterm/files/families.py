"""Columns of K classes: which belong together, what their classes are called, and in which order they come."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lossterm.core.statistics.examples import Kind
from lossterm.files.cells import plain_number
from lossterm.files.naming import PAIRS, of_class, roles_of, words_of

LOOKED_INTO = 200
"""Characters of a name that may be that of a class and what surrounds it; no column is called so at greater length."""

_CLOSE = ")]}>"


@dataclass(frozen=True)
class ColumnFamily:
    """K ≥ 2 columns of which each may be the prediction of one class.

    Attributes:
        columns: their names, in the order of the file.
        told: whether the names themselves say that these are predictions.
    """

    columns: tuple[str, ...]
    told: bool


def families(names: Sequence[str], labels: Sequence[str]) -> list[ColumnFamily]:
    """All groups of columns that may be predictions of classes, the likeliest first.

    Args:
        names: the columns that may be predictions, in order.
        labels: the distinct texts of the label.
    """
    short = [name for name in names if len(name) <= LOOKED_INTO]
    return [*_labelled(short, labels), *_paired(short), *_numbered(short), *_worded(short)]


def class_families(names: Sequence[str], labels: Sequence[str]) -> list[ColumnFamily]:
    """Groups of columns called ``class_0``, ``class_1`` and so on, where the labels are numbers of these classes.

    Nothing in such names says that they are predictions: decisions and the labels themselves go by them too.

    Args:
        names: the columns that may be predictions, in order.
        labels: the distinct texts of the label.
    """
    return [
        ColumnFamily(columns, False)
        for before, after, numbers, columns in _consecutive([name for name in names if len(name) <= LOOKED_INTO])
        if of_class(before, after) and _fit(labels, numbers)
    ]


def classes_of(columns: Sequence[str], labels: Sequence[str] = ()) -> tuple[str, ...]:
    """The names of the classes in K given columns: what is left of the names without what they share.

    Args:
        columns: the columns.
        labels: the distinct texts of the label; what is left is called as they are, if that can be.
    """
    start, end = _shared(columns, labels)
    return tuple(name[start : len(name) - end] for name in columns)


def kind_of_family(columns: Sequence[str], labels: Sequence[str] = ()) -> Kind | None:
    """What K columns of predictions are, where what their names share tells."""
    start, end = _shared(columns, labels)
    first = columns[0]
    roles = roles_of(first[:start], first[len(first) - end :]) - {"either"}
    if len(roles) != 1:
        return None
    return "probability" if "probability" in roles else "logit"


def surroundings(columns: Sequence[str]) -> tuple[str, str]:
    """What comes before and after the names of the classes in the names of the columns."""
    start, end = _shared(columns, ())
    return columns[0][:start], columns[0][len(columns[0]) - end :]


def in_order(columns: Sequence[str], classes: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns and classes in the order of the classes where these have one of their own.

    Numbers ascend, and of a pair such as ``pos`` and ``neg`` what is label 0 comes first: files sort their columns by
    name, or from the greatest number down, and a label is the number of its class whatever their order.
    """
    numbers = whole_numbers(classes)
    texts = [name.strip().lower() for name in classes]
    pair = next((pair for pair in PAIRS if sorted(texts) == sorted(pair)), None)
    if numbers is not None:
        order = sorted(range(len(numbers)), key=numbers.__getitem__)
    elif pair is not None:
        order = [texts.index(text) for text in pair]
    else:
        return tuple(columns), tuple(classes)
    return tuple(columns[i] for i in order), tuple(classes[i] for i in order)


def whole_numbers(classes: Sequence[str]) -> list[float] | None:
    """The names of classes as distinct whole numbers, or None where they are not."""
    numbers = [plain_number(name.strip()) for name in classes]
    found = [number for number in numbers if number is not None and number.is_integer()]
    return found if len(set(found)) == len(classes) else None


def _labelled(names: Sequence[str], labels: Sequence[str]) -> Iterator[ColumnFamily]:
    """Columns that are called as the labels, with the same before and after all of them."""
    lower = {name.lower(): name for name in names if len(name.lower()) == len(name)}
    wanted = list(dict.fromkeys(label.strip().lower() for label in labels))
    if not wanted or len(wanted) > len(lower):
        return
    numeric = all(plain_number(text) is not None for text in wanted)
    longest = max(wanted, key=len)
    tried = set()
    for whole in lower:
        for before, after in _around(whole, longest):
            if (before, after) in tried:
                continue
            tried.add((before, after))
            told = bool(roles_of(before, after))
            if not told and (numeric or len(wanted) < 2):
                continue  # x0 and x1 are not called after the labels 0 and 1
            if not all(before + text + after in lower for text in wanted):
                continue
            own = {before + text + after for text in wanted}
            if (before or after) and (numeric or _parted(before, after)):
                own |= {name for name in lower if _has_middle(name, before, after, numeric)}
            if len(own) >= 2:
                yield ColumnFamily(tuple(name for name in names if name.lower() in own), told)


def _paired(names: Sequence[str]) -> Iterator[ColumnFamily]:
    """Two columns of predictions that differ in a pair such as ``neg`` and ``pos`` alone, the first of it first."""
    lower = {name.lower(): name for name in names}
    for zero, one in PAIRS:
        if not (zero.isalpha() and one.isalpha() and min(len(zero), len(one)) > 1):
            continue
        for whole, name in lower.items():
            for before, after in _around(whole, zero):
                other = lower.get(before + one + after)
                if other is not None and other != name and _parted(before, after) and roles_of(before, after):
                    yield ColumnFamily((name, other), True)


def _numbered(names: Sequence[str]) -> Iterator[ColumnFamily]:
    """Columns of predictions with consecutive numbers, in whatever order: ``p_2``, ``p_0``, ``p_1``."""
    for before, after, _, columns in _consecutive(names):
        if roles_of(before, after) and words_of(before)[-1:] != ["top"]:  # top1_prob is of the likeliest class
            yield ColumnFamily(columns, True)


def _consecutive(names: Sequence[str]) -> Iterator[tuple[str, str, list[int], tuple[str, ...]]]:
    """Columns with consecutive numbers: what is before these and after, the numbers ascending, and the columns."""
    groups: dict[tuple[str, str], dict[int, str]] = {}
    for name in names:
        for number in re.finditer(r"[0-9]+", name):
            groups.setdefault((name[: number.start()], name[number.end() :]), {})[int(number[0])] = name
    for (before, after), members in groups.items():
        numbers = sorted(members)
        if len(numbers) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            yield before, after, numbers, tuple(members.values())


def _fit(labels: Sequence[str], numbers: Sequence[int]) -> bool:
    """Whether labels are classes of these consecutive numbers, or counted from 0 or 1, or a pair that means 0 and 1."""
    count = len(numbers)
    if count == 2 and labels and any({label.strip().lower() for label in labels} <= set(pair) for pair in PAIRS):
        return True
    found = {number for label in labels if (number := plain_number(label.strip())) is not None}
    return 2 * len(found) > len(labels) and any(
        found <= set(each) for each in (numbers, range(count), range(1, count + 1))
    )


def _worded(names: Sequence[str]) -> Iterator[ColumnFamily]:
    """Three columns or more of which all that is known is that a prediction goes by what they share."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name in names:
        close = name[-1:] if name[-1:] in _CLOSE else ""
        marks = [mark.start() for mark in re.finditer(r"[\W_]", name) if mark.start() < len(name) - len(close)]
        for at in marks:
            groups.setdefault((name[: at + 1], close), []).append(name)
            if not close:
                groups.setdefault(("", name[at:]), []).append(name)
    for (before, after), members in groups.items():
        middles = [name[len(before) : len(name) - len(after)] for name in members]
        if len(members) >= 3 and all(re.match(r"[^\W\d]", text) for text in middles) and roles_of(before, after):
            yield ColumnFamily(tuple(members), True)


def _shared(columns: Sequence[str], labels: Sequence[str]) -> tuple[int, int]:
    """How many characters at the beginning and at the end of the names do not belong to the classes."""
    if len(columns) < 2 or max(map(len, columns)) > LOOKED_INTO:
        return 0, 0
    head, tail = _beginning(columns), _beginning([name[::-1] for name in columns])[::-1]
    by_label = _by_label(columns, labels, len(head), len(tail))
    if by_label is not None:
        return by_label
    end = len(tail) - next((at for at, mark in enumerate(tail) if not mark.isalnum()), len(tail))
    marks = [at + 1 for at, mark in enumerate(head) if not mark.isalnum()]
    start = marks[-1] if marks else 0
    if not marks:
        # without a mark only numbers can be told from what comes before them: p10, p11; but cat and cow are whole
        digits = len(head.rstrip("0123456789"))
        start = digits if all(name[digits : len(name) - end].isdecimal() for name in columns) else 0
    return (start, end) if all(len(name) > start + end for name in columns) else (0, 0)


def _by_label(columns: Sequence[str], labels: Sequence[str], most: int, last: int) -> tuple[int, int] | None:
    wanted = {label.strip().lower() for label in labels}
    if not wanted or len(wanted) > len(columns):
        return None
    longest = max(wanted, key=len)
    for name in columns:
        for before, after in _around(name.lower(), longest):
            start, end = len(before), len(after)
            middles = {text[start : len(text) - end].strip().lower() for text in columns}
            if start <= most and end <= last and wanted <= middles and all(middles):
                return start, end
    return None


def _around(name: str, text: str) -> Iterator[tuple[str, str]]:
    """What is before and after a text in a name, wherever it is; a number is not found within a longer one."""
    at = name.find(text) if text else -1
    while at >= 0:
        before, after = name[:at], name[at + len(text) :]
        digits_before = before[-1:].isdecimal() and text[:1].isdecimal()
        digits_after = after[:1].isdecimal() and text[-1:].isdecimal()
        if not (digits_before or digits_after):
            yield before, after
        at = name.find(text, at + 1)


def _beginning(names: Sequence[str]) -> str:
    """What all names begin with."""
    first, last = min(names), max(names)  # what these two share all between them share
    same = next((i for i, (one, two) in enumerate(zip(first, last, strict=False)) if one != two), len(first))
    return first[:same]


def _parted(before: str, after: str) -> bool:
    return not before[-1:].isalnum() and not after[:1].isalnum()


def _has_middle(name: str, before: str, after: str, numeric: bool) -> bool:
    middle = name[len(before) : len(name) - len(after)]
    fits = name.startswith(before) and name.endswith(after) and len(name) > len(before) + len(after)
    return fits and (not numeric or middle.isdecimal())
