"""Which columns of a file are the labels, the predictions, the weights and the groups."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lossterm.core.examples import Kind
from lossterm.data.checks import ROUNDING, SUM_TOLERANCE, BadData, listed
from lossterm.data.content import Content, look, sums_to_one
from lossterm.data.families import class_families, classes_of, families, in_order, kind_of_family, surroundings
from lossterm.data.naming import called, invented, kind_of, matching, plain

_HELP = "name them: --label-column NAME --prediction-column NAME"


@dataclass(frozen=True)
class Columns:
    """The columns that are read.

    Attributes:
        label: the column of the labels.
        predictions: one column, or K ≥ 2 in the order of the classes.
        kind: what the predictions are.
        weight: the column of the weights, or None.
        group: the column of the groups, or None.
        classes: the names of the K classes in the order of the columns; () for one column.
        why: one line on how they were found.
    """

    label: str
    predictions: tuple[str, ...]
    kind: Kind
    weight: str | None = None
    group: str | None = None
    classes: tuple[str, ...] = ()
    why: str = ""


def guess(
    names: Sequence[str],
    sample: Mapping[str, Sequence[object]],
    *,
    label: str | None = None,
    predictions: Sequence[str] | None = None,
    kind: Kind | None = None,
    weight: str | None = None,
    group: str | None = None,
) -> Columns:
    """The columns of a file, by their names first and by their content where names do not tell.

    Args:
        names: all its columns, in order.
        sample: the first rows of each.
        label: the column of the labels, where a person named it; so for the others.
        predictions: one column, K in the order of the classes, or a beginning with ``*``.
        kind: what the predictions are.
        weight: the column of the weights.
        group: the column of the groups.

    Raises:
        BadData: a named column is not there (with the nearest), or it cannot be told which columns are meant.
    """
    if len(names) == 1:
        what = f"there is one column only, {listed(names)}, where a label and a prediction are read"
        raise BadData(f"{what}; what is between the fields of a text is named so: --delimiter C")
    given = [_known(name, names) for name in matching(predictions or (), names)]
    label, weight, group = (None if name is None else _known(name, names) for name in (label, weight, group))
    finder = _Finder(names, sample, {name for name in (label, weight, *given) if name is not None})
    asked = label, bool(given)
    weight = weight or finder.weight()
    if label is None:
        label = finder.label_by_name()
    if group is None:
        group = finder.group()
    finder.taken |= {group} if group else set()  # only now: the labels may be the groups
    by_name = label
    if label is None:
        label = finder.label_by_content(given)
    how = "as named"
    if not given:
        given, how = finder.predictions(label)
    if label in given:
        raise BadData(f"column {label!r} cannot be both the label and a prediction")
    columns, classes = _of_classes(given, names, finder.content[label].texts)
    told = ""
    if kind is None:
        kind, told = _kind(columns, [finder.content[name] for name in columns], finder.content[label])
    label_how = "as named" if asked[0] else "by name" if by_name else finder.content[label].range_text
    why = _why(label, label_how, columns, f"{how}; {kind}{told}", weight, group) + finder.passed_over
    return Columns(label, columns, kind, weight, group, classes, why)


def _of_classes(
    given: Sequence[str], names: Sequence[str], labels: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns in the order of their classes, and the names of these; () for one column."""
    if len(given) < 2:
        return tuple(given), ()
    if invented(names):  # column_7 is the seventh column and not class 7
        return tuple(given), tuple(map(str, range(len(given))))
    return in_order(given, classes_of(given, labels))


class _Finder:
    """The search among the columns that are not yet taken."""

    def __init__(self, names: Sequence[str], sample: Mapping[str, Sequence[object]], taken: set[str]) -> None:
        self.names = names
        self.sample = sample
        self.content = {name: look(sample[name]) for name in names}
        self.taken = taken
        self.passed_over = ""

    @property
    def free(self) -> list[str]:
        return [name for name in self.names if name not in self.taken]

    def take(self, name: str) -> str:
        self.taken.add(name)
        return name

    def weight(self) -> str | None:
        found = [name for name in called(self.free, "weight") if self.content[name].numeric]
        return self.take(found[0]) if found else None

    def group(self) -> str | None:
        found = called(self.free, "group")
        return self.take(found[0]) if found else None

    def label_by_name(self) -> str | None:
        found = called(self.free, "label")
        return self.take(found[0]) if found else None

    def label_by_content(self, given: Sequence[str]) -> str:
        likely = [name for name in self.free if self.content[name].like_classes]
        likely = [name for name in likely if kind_of(name) is None and not called([name], "either")] or likely
        binary = [name for name in likely if self.content[name].binary]
        for found in (likely, binary):
            if len(found) == 1:
                return self.take(found[0])
        left = self.free
        if given and len(left) == 1:
            return self.take(left[0])
        single = [name for name in left if kind_of(name) is None and not called([name], "either")]
        if len(left) == 2 and len(single) == 1:  # the other one is called a prediction
            return self.take(single[0])
        raise BadData(f"cannot tell which column is the label; the columns are {listed(self.names)}; {_HELP}")

    def predictions(self, label: str) -> tuple[list[str], str]:
        """The columns of the predictions, and how they were found.

        Decisions are often beside what they were made from, and often have the better name: a column of 0 and 1, of
        classes or of texts is passed over where another candidate has real values.
        """
        labels = self.content[label]
        named = [name for role in ("probability", "logit", "either") for name in called(self.free, role)]
        named.sort(key=lambda name: (self._hard(name), not self.content[name].numeric))
        single = named[0] if named and not self._hard(named[0]) else None
        numeric = self._numeric()
        found = [(each, all(map(self._hard, each.columns))) for each in families(numeric, labels.texts)]
        found += [
            (each, False) for each in class_families(numeric, labels.texts) if not all(map(self._hard, each.columns))
        ]
        several, hard = min(found, key=lambda each: each[1], default=(None, False))
        # a probability beside p and 1 − p is enough; of more classes K columns say more than the greatest of them
        two = labels.binary or (len(labels.texts) == 2 and several is not None and not several.told)
        if several and not hard and not (single and single not in several.columns and two):
            return self._chosen(several.columns, named, "by name")
        if single:
            return self._chosen([single], named, "by name")
        if summing := self._summing():
            return self._chosen(summing, named, "they sum to 1")
        if several:
            return self._chosen(several.columns, named, "by name")
        if named and (self.content[named[0]].numeric or not self._real()):
            return [named[0]], "by name"
        columns, how = self._by_content()
        return self._chosen(columns, named, how)

    def _chosen(self, columns: Sequence[str], named: Sequence[str], how: str) -> tuple[list[str], str]:
        """What is chosen, with a word on the names that were passed over for it."""
        passed = [name for name in named if name not in columns and self._hard(name)]
        if passed and not all(map(self._hard, columns)):
            self.passed_over = " · not " + ", ".join(f"{name!r} ({self.content[name].range_text})" for name in passed)
        return list(columns), how

    def _numeric(self) -> list[str]:
        return [name for name in self.free if self.content[name].numeric]

    def _hard(self, name: str) -> bool:
        """Whether it looks like decisions: classes by name or number, or texts."""
        return not self.content[name].numeric or self.content[name].like_classes

    def _real(self) -> list[str]:
        return [name for name in self._numeric() if not self._hard(name)]

    def _summing(self) -> list[str]:
        """Two columns or more that are probabilities of classes: in [0, 1], and their sum is 1."""
        unit = [name for name in self._real() if self.content[name].within_unit]
        if len(unit) < 2 or not self._sum(unit):
            return []
        before, after = surroundings(unit)
        if before or after:  # a class that is never predicted looks like a decision: it has zeros alone
            like = [name for name in self._numeric() if name.startswith(before) and name.endswith(after)]
            like = [name for name in like if self.content[name].within_unit]
            if self._sum(like):
                return like
        return unit

    def _sum(self, names: Sequence[str]) -> bool:
        return sums_to_one([self.sample[name] for name in names], SUM_TOLERANCE)

    def _by_content(self) -> tuple[list[str], str]:
        numeric, real = self._numeric(), self._real()
        unit = [name for name in real if self.content[name].within_unit]
        for found in (real, unit, numeric):
            if len(found) == 1:
                return found, self.content[found[0]].range_text
        what = "cannot tell which column is the prediction" if numeric else "no column of numbers is left to predict"
        raise BadData(f"{what}; the columns are {listed(self.names)}; {_HELP}")


def _known(name: str, names: Sequence[str]) -> str:
    if name in names:
        return name
    same = [other for other in names if plain(other) == plain(name)]
    if len(same) == 1:
        return same[0]
    near = difflib.get_close_matches(name.lower(), [other.lower() for other in names], n=1, cutoff=0.5)
    hint = ""
    if near:
        hint = f": did you mean {next(other for other in names if other.lower() == near[0])!r}?"
    raise BadData(f"no column {name!r}{hint or f'; the columns are {listed(names)}'}")


def _kind(columns: Sequence[str], contents: Sequence[Content], label: Content) -> tuple[Kind, str]:
    """What the predictions are, with a word on what only their values tell."""
    named = kind_of(columns[0]) if len(columns) == 1 else kind_of_family(columns, label.texts)
    if named:
        return named, ""
    if len(columns) == 1 and label.numeric and _real(label):
        return "value", ""
    if all(content.within_unit or not content.numeric for content in contents):
        return "probability", ""
    if len(columns) == 1 and label.numeric and not label.binary and not label.within_unit:
        return "value", ""
    numbers = [number for content in contents for number in content.numbers]
    if min(numbers) >= -ROUNDING and max(numbers) <= 1 + ROUNDING:
        return "probability", ""  # a rounding; which row it is in, and what to do, is told when it is read
    return "logit", f", for it runs from {min(numbers):.4g} to {max(numbers):.4g}"


def _real(label: Content) -> bool:
    """Whether the labels are measured rather than classes."""
    return not label.like_classes and not label.within_unit


def _why(label: str, label_how: str, given: Sequence[str], how: str, weight: str | None, group: str | None) -> str:
    if len(given) == 1:
        what = f"prediction: {given[0]!r} ({how})"
    else:
        what = f"{len(given)} predictions: {given[0]!r} … {given[-1]!r} ({how})"
    extra = "".join(f" · {role}: {name!r}" for role, name in (("weight", weight), ("group", group)) if name)
    return f"label: {label!r} ({label_how}) · {what}{extra}"
