"""The columns of a file, from names, contents and their agreement together."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lossterm.files.checks import BadData, listed, shown
from lossterm.files.column_finder import ColumnFinder
from lossterm.files.columns import Columns, Holds
from lossterm.files.content import Content
from lossterm.files.families import classes_of, in_order
from lossterm.files.forecasts import distribution_text, found_forecast, point_alone
from lossterm.files.naming import invented, matching, plain
from lossterm.files.prediction_reading import PredictionReading


def guess(
    names: Sequence[str],
    sample: Mapping[str, Sequence[object]],
    *,
    label: str | None = None,
    predictions: Sequence[str] | None = None,
    kind: Holds | None = None,
    weight: str | None = None,
    group: str | None = None,
    class_names: Sequence[str] = (),
    out_of: float | None = None,
    key: str | None = None,
    levels: Sequence[float] = (),
    unnamed: bool = False,
) -> Columns:
    """The columns of a file, from names, contents and their agreement together.

    Args:
        names: all its columns, in order.
        sample: the first rows of each.
        label: the column of the labels, where a person named it; so for the others.
        predictions: one column, K in the order of the classes, or a beginning with ``*``.
        kind: what the predictions are.
        weight: the column of the weights.
        group: the column of the groups.
        class_names: the classes in their order.
        out_of: what a certainty is in the file.
        key: a column that tells the examples apart.
        levels: of quantiles, where the names of their columns do not tell.
        unnamed: whether the names are ours, not those of the file.

    Raises:
        BadData: a named column is not there (with the nearest), it cannot be told which columns are meant, or no
            reading of them is likely.
    """
    if len(names) == 1:
        what = f"there is one column only, {listed(names)}, where a label and a prediction are read"
        raise BadData(f"{what}; give the file of the other too, or what is between the fields of a text: --delimiter C")
    given = [_known(name, names) for name in matching(predictions or (), names)]
    label, weight, group, key = (None if n is None else _known(n, names) for n in (label, weight, group, key))
    finder = ColumnFinder(names, sample, {name for name in (label, weight, key, *given) if name is not None})
    asked_label, asked_predictions = label is not None, bool(given)
    weight = weight or finder.weight()
    pairs: list[tuple[str, str]] = []
    if label is None:
        finder.refuse_predictions_alone(given, unnamed)
        pairs = finder.pairs(given, unnamed)
        label = finder.take(pairs[0][0]) if pairs else finder.label_by_name(given)
        given = [pairs[0][1]] if pairs else given
    if group is None:
        group = finder.group()
    finder.taken |= {group} if group else set()  # only now: the labels may be the groups
    by_name = label
    if label is None:
        label = finder.label_by_content(given)
    how = "as named"
    if label in given:
        raise BadData(f"column {label!r} cannot be both the label and a prediction")
    forecast = None if pairs else found_forecast(finder, label, given, kind, levels)
    if kind == "value" and not given:
        given = list(point_alone(finder, label))
    if forecast is not None:
        given, how, kind = list(forecast.point), forecast.how, forecast.holds
    elif not given:
        given, how = finder.predictions(label)
    columns, classes = _of_classes(given, names, finder.content[label], () if forecast else class_names)
    reading = PredictionReading(finder, label, columns, classes, kind, out_of, asked_predictions).settled()
    if forecast is not None:
        reading = replace(reading, classes=(), forecast=forecast.forecast, told=forecast.columns)
    label_how = "as named" if asked_label else "by name" if by_name else finder.content[label].range_text
    told = f"{how}; {reading.given}{reading.why}"
    why = _why(label, label_how, reading, told, weight, group) + finder.passed_over
    read_too = [name for pair in pairs for name in pair]
    passed = tuple(
        finder.ignored([*read_too, label, *reading.read, *reading.told, weight, group, key, reading.decision])
    )
    return replace(
        reading, weight=weight, group=group, key=key or finder.key(), why=why,
        pairs=tuple(pairs), no_labels=finder.no_labels, passed_over=passed, notes=tuple(finder.notes),
        decisions=tuple(finder.decisions(label, reading.read)[:1]),
    )  # fmt: skip


def _of_classes(
    given: Sequence[str], names: Sequence[str], label: Content, class_names: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns in the order of their classes, and the names of these; () for one column."""
    if len(given) < 2:
        return tuple(given), ()
    if class_names and len(class_names) != len(given):
        raise BadData(
            f"--class-names has {len(class_names)} names where there are {len(given)} columns: {listed(given)}"
        )
    if invented(names):  # column_7 is the seventh column and not class 7
        return tuple(given), tuple(class_names) or tuple(map(str, range(len(given))))
    own = classes_of(given, label.texts)
    if class_names:
        place = {name.strip().lower(): i for i, name in enumerate(class_names)}
        if {name.strip().lower() for name in own} == place.keys():
            ordered = sorted(zip(own, given, strict=True), key=lambda pair: place[pair[0].strip().lower()])
            return tuple(column for _, column in ordered), tuple(class_names)
        return in_order(given, own)[0], tuple(class_names)
    return in_order(given, own)


def _known(name: str, names: Sequence[str]) -> str:
    if name in names:
        return name
    same = [other for other in names if plain(other) == plain(name)]
    if len(same) == 1:
        return same[0]
    near = difflib.get_close_matches(name.lower(), [other.lower() for other in names], n=1, cutoff=0.5)
    hint = ""
    if near:
        hint = f": did you mean {shown(next(other for other in names if other.lower() == near[0]))}?"
    raise BadData(f"no column {shown(name)}{hint or f'; the columns are {listed(names)}'}")


def _why(label: str, label_how: str, found: Columns, how: str, weight: str | None, group: str | None) -> str:
    given = found.read
    if len(given) == 1:
        what = f"prediction: {given[0]!r} ({how})"
    elif found.kind == "value":
        what = f"prediction: the middle of {given[0]!r} and {given[1]!r} ({how})"
    else:
        what = f"{len(given)} predictions: {given[0]!r} … {given[-1]!r} ({how})"
    decided = f" · decision: {found.decision!r}" if found.decision else ""
    if found.forecast is not None:
        decided += f" · {distribution_text(found.forecast, found.told)}"
    extra = "".join(f" · {role}: {name!r}" for role, name in (("weight", weight), ("group", group)) if name)
    return f"label: {label!r} ({label_how}) · {what}{decided}{extra}"
