"""What is kept of the Softmax screen between runs, and how it is read back: distrusted, as any file is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lossterm.core.softmax_inputs import Target
from lossterm.core.softmax_losses import SOFTMAX_LOSSES
from lossterm.softmax_edit import set_logits, set_smoothing, set_temperature
from lossterm.softmax_state import SWEEPS, SoftmaxRow, SoftmaxView, in_sight, softmax_row
from lossterm.state import FARTHEST, MAX_SHOWN, NARROWEST, SCALES

MAX_ROWS = 100


def to_document(view: SoftmaxView) -> dict[str, Any]:
    """A view as JSON has it."""
    target = view.target
    return {
        "logits": [_written(z) for z in view.logits],
        "label": list(target.label) if isinstance(target.label, tuple) else target.label,
        "teacher": None if target.teacher is None else [_written(z) for z in target.teacher],
        "smoothing": target.smoothing,
        "over": target.over,
        "temperature": view.temperature,
        "rows": [{"loss": r.loss, "params": dict(r.params), "shown": r.shown} for r in view.rows],
        "reference": view.reference,
        "selected": view.selected,
        "sweep": view.sweep,
        "logit_range": list(view.logit_range),
        "temperature_range": list(view.temperature_range),
        "scale": view.scale,
        "given": None if view.given is None else list(view.given),
    }


def from_document(document: Any) -> SoftmaxView:
    """The view of a document; the usual one where it is none."""
    try:
        return _read(document)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError):
        return SoftmaxView()


def _read(document: Mapping[str, Any]) -> SoftmaxView:
    view = set_logits(SoftmaxView(target=Target(0)), [_logit(z) for z in document["logits"]])
    label, teacher = document["label"], document["teacher"]
    target = Target.of(
        _index(label) if isinstance(label, int) else None if label is None else [_number(x) for x in label],
        teacher=None if teacher is None else [_logit(z) for z in teacher],
    )
    target.check(view.classes)
    over = document["over"]
    if over not in ("all", "others"):
        raise ValueError(f"{over!r} is no convention")
    view = set_smoothing(replace(view, target=replace(target, over=over)), _number(document["smoothing"]))
    view = set_temperature(view, _number(document["temperature"]))
    rows = _rows(document["rows"])
    shown = [i for i, r in enumerate(rows) if r.shown]
    reference = _index(document["reference"])
    if reference >= len(rows) or (shown and reference not in shown):
        reference = shown[0] if shown else 0
    given = document["given"]
    view = replace(
        view,
        rows=rows,
        reference=reference
        if reference in shown or (not shown and reference < len(rows))
        else shown[0]
        if shown
        else 0,
        selected=min(_index(document["selected"]), view.classes - 1),
        sweep=_one_of(document["sweep"], SWEEPS),
        logit_range=_range(document["logit_range"], FARTHEST),
        temperature_range=_range(document["temperature_range"], 10.0),
        scale=_one_of(document["scale"], SCALES),
        given=None if given is None else _given(given, view.classes),
    )
    view.problem.point  # noqa: B018 (all of it can be computed)
    return in_sight(view)


def _rows(items: Any) -> tuple[SoftmaxRow, ...]:
    rows: list[SoftmaxRow] = []
    for item in list(items)[:MAX_ROWS]:
        if item["loss"] in SOFTMAX_LOSSES:  # one that this version does not know is left out
            params = {
                str(name): value if value is None or isinstance(value, str) else _number(value)
                for name, value in item["params"].items()
            }
            rows.append(softmax_row(item["loss"], params, shown=item["shown"] is True))
    rows += [softmax_row(name) for name in SOFTMAX_LOSSES if all(r.loss != name for r in rows)]
    order = list(SOFTMAX_LOSSES)
    rows.sort(key=lambda r: order.index(r.loss))
    if sum(r.shown for r in rows) > MAX_SHOWN:
        raise ValueError("too many losses are shown")
    return tuple(rows)


def _written(z: float) -> float | str:
    return z if math.isfinite(z) else "-inf"


def _logit(value: Any) -> float:
    return -math.inf if value == "-inf" else _number(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


def _index(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not an index")
    return value


def _one_of(value: Any, among: Any) -> Any:
    if value not in among:
        raise ValueError(f"{value!r} is not one of {', '.join(among)}")
    return value


def _range(value: Any, furthest: float) -> tuple[float, float]:
    lo, hi = (_number(x) for x in value)
    if not (hi - lo >= NARROWEST * max(1.0, abs(lo), abs(hi)) and max(abs(lo), abs(hi)) <= furthest):
        raise ValueError(f"{value!r} is not a window")
    return lo, hi


def _given(value: Any, classes: int) -> tuple[float, ...]:
    given = tuple(_number(x) for x in value)
    if len(given) != classes or min(given) < 0 or not math.fsum(given) > 0:
        raise ValueError("the given probabilities are none")
    return given
