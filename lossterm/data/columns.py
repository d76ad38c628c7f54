"""Which columns of a file are the labels, the predictions, the weights and the groups."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lossterm.core.examples import Kind
from lossterm.data.checks import SUM_TOLERANCE, BadData, listed
from lossterm.data.content import Content, look, sums_to_one
from lossterm.data.naming import called, class_columns, classes_of, kind_of, kind_of_family, matching, plain

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
    classes: tuple[str, ...] = ()
    how = "as named"
    if not given:
        given, classes, how = finder.predictions(label)
    elif len(given) > 1:
        classes = classes_of(given)
    if label in given:
        raise BadData(f"column {label!r} cannot be both the label and a prediction")
    kind = kind or _kind(given, [finder.content[name] for name in given], finder.content[label])
    label_how = "as named" if asked[0] else "by name" if by_name else finder.content[label].range_text
    why = _why(label, label_how, given, how, kind, weight, group)
    return Columns(label, tuple(given), kind, weight, group, classes, why)


class _Finder:
    """The search among the columns that are not yet taken."""

    def __init__(self, names: Sequence[str], sample: Mapping[str, Sequence[object]], taken: set[str]) -> None:
        self.names = names
        self.sample = sample
        self.content = {name: look(sample[name]) for name in names}
        self.taken = taken

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

    def predictions(self, label: str) -> tuple[list[str], tuple[str, ...], str]:
        texts = self.content[label].texts
        several = class_columns(self._numeric(), texts)
        single = self._single_by_name()
        # p and 1 − p beside each other, or the predicted class beside the probabilities: K columns say more
        if several and not (single and single not in several[0] and self.content[label].binary):
            return several[0], several[1], "by name"
        if single:
            return [single], (), "by name"
        return self._by_content()

    def _numeric(self) -> list[str]:
        return [name for name in self.free if self.content[name].numeric]

    def _single_by_name(self) -> str | None:
        for role in ("probability", "logit", "either"):
            found = called(self.free, role)
            if found:
                return found[0]
        return None

    def _by_content(self) -> tuple[list[str], tuple[str, ...], str]:
        numeric = self._numeric()
        real = [name for name in numeric if not self.content[name].like_classes]
        unit = [name for name in real if self.content[name].within_unit]
        for found in (real, unit, numeric):
            if len(found) == 1:
                return found, (), self.content[found[0]].range_text
        if len(unit) >= 2 and sums_to_one([self.sample[name] for name in unit], SUM_TOLERANCE):
            return unit, classes_of(unit), "they sum to 1"
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


def _kind(columns: Sequence[str], contents: Sequence[Content], label: Content) -> Kind:
    named = kind_of(columns[0]) if len(columns) == 1 else kind_of_family(columns)
    if named:
        return named
    if len(columns) == 1 and label.numeric and _real(label):
        return "value"
    if all(content.within_unit or not content.numeric for content in contents):
        return "probability"
    if len(columns) == 1 and label.numeric and not label.binary and not label.within_unit:
        return "value"
    return "logit"


def _real(label: Content) -> bool:
    """Whether the labels are measured rather than classes."""
    return not label.like_classes and not label.within_unit


def _why(
    label: str, label_how: str, given: Sequence[str], how: str, kind: Kind, weight: str | None, group: str | None
) -> str:
    if len(given) == 1:
        what = f"prediction: {given[0]!r} ({how}; {kind})"
    else:
        what = f"{len(given)} predictions: {given[0]!r} … {given[-1]!r} ({how}; {kind})"
    extra = "".join(f" · {role}: {name!r}" for role, name in (("weight", weight), ("group", group)) if name)
    return f"label: {label!r} ({label_how}) · {what}{extra}"
