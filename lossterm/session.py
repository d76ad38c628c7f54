"""What is kept between runs: one versioned file in the platform's state directory, written atomically."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from lossterm.core.activations import ACTIVATIONS
from lossterm.core.labels import smoothed
from lossterm.core.losses import LOSSES
from lossterm.state import (
    AXES,
    FARTHEST,
    MAX_SHOWN,
    NARROWEST,
    SCALES,
    SLOPES,
    WIDEST,
    Row,
    View,
    row,
    set_eta,
)

VERSION = 1
MAX_ROWS = 200


@dataclass(frozen=True)
class Saved:
    """What was saved.

    Attributes:
        view: the Curves screen.
        theme: the name of the theme.
        screens: what the other screens keep, by their name; each reads its own and distrusts it.
        notice: what a person should be told about the file.
    """

    view: View | None = None
    theme: str | None = None
    screens: Mapping[str, Any] = field(default_factory=dict)
    notice: str = ""


def state_file() -> Path:
    """Where it is kept."""
    return user_state_path("lossterm", appauthor=False) / "state.json"


def load(path: Path | None = None) -> Saved:
    """What was saved last; nothing where there is nothing. A file that cannot be read is set aside, with a notice."""
    path = path or state_file()
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Saved()
    except (OSError, UnicodeDecodeError) as problem:
        return _set_aside(path, str(problem))
    try:
        return _read(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as problem:
        return _set_aside(path, str(problem) or type(problem).__name__)


def _set_aside(path: Path, why: str) -> Saved:
    names = (path.with_suffix(f".broken{'' if n == 1 else f'-{n}'}.json") for n in range(1, 1000))
    aside = next((name for name in names if not name.exists()), path.with_suffix(".broken.json"))
    try:
        path.replace(aside)
    except OSError:
        return Saved(notice=f"the saved state cannot be read ({why})")
    return Saved(notice=f"the saved state could not be read ({why}); it was set aside as {aside}")


def save(saved: Saved, path: Path | None = None) -> str:
    """Write it, atomically; returns what went wrong, or nothing."""
    path = path or state_file()
    document = {
        "version": VERSION,
        "theme": saved.theme,
        "curves": None if saved.view is None else _view_document(saved.view),
        "screens": dict(saved.screens),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".state-", suffix=".json")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=1, allow_nan=False)
            os.replace(name, path)  # noqa: PTH105 (the name is mkstemp's own)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError, TypeError, RecursionError) as problem:
        return f"the view was not saved: {problem}"
    return ""


def _view_document(view: View) -> dict[str, Any]:
    return {
        "rows": [{"loss": r.loss, "params": dict(r.params), "shown": r.shown} for r in view.rows],
        "reference": view.reference,
        "label": view.label,
        "smoothing": view.smoothing,
        "activation": view.activation,
        "logit": view.logit,
        "axis": view.axis,
        "slope": view.slope,
        "both_labels": view.both_labels,
        "scale": view.scale,
        "logit_range": list(view.logit_range),
        "eta": view.eta,
        "likelihood": view.likelihood,
        "prediction_range": None if view.prediction_range is None else list(view.prediction_range),
    }


def _read(document: Any) -> Saved:
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise ValueError(f"it is not of version {VERSION}")
    theme = document.get("theme")
    screens = document.get("screens")
    curves = document.get("curves")
    return Saved(
        view=None if curves is None else _read_view(curves),
        theme=theme if isinstance(theme, str) else None,
        screens=screens if isinstance(screens, dict) else {},
    )


def _read_view(document: Mapping[str, Any]) -> View:
    rows: list[Row] = []
    reference = document["reference"]
    if isinstance(reference, bool) or not (isinstance(reference, int) and 0 <= reference < len(document["rows"])):
        raise ValueError("the reference is not one of the losses")
    referred: Row | None = None
    for number, item in enumerate(document["rows"][:MAX_ROWS]):
        if item["loss"] in LOSSES:  # one that this version does not know is left out
            params = {name: None if value is None else _number(value) for name, value in item["params"].items()}
            rows.append(replace(row(item["loss"], params), shown=item["shown"] is True))
            referred = rows[-1] if number == reference else referred
    for name in LOSSES:
        if all(r.loss != name for r in rows):
            rows.append(row(name))
    order = list(LOSSES)
    rows.sort(key=lambda r: order.index(r.loss))
    shown = [i for i, r in enumerate(rows) if r.shown]
    if len(shown) > MAX_SHOWN:
        raise ValueError("too many losses are shown")
    at = next((i for i, r in enumerate(rows) if r is referred), 0)
    if shown and at not in shown:
        at = shown[0]
    label, smoothing = _number(document["label"]), _number(document["smoothing"])
    smoothed(label, smoothing)
    prediction_range = document["prediction_range"]
    view = View(
        rows=tuple(rows),
        reference=at,
        label=label,
        smoothing=smoothing,
        activation=_one_of(document["activation"], tuple(ACTIVATIONS)),
        logit=_number(document["logit"]),
        axis=_one_of(document["axis"], AXES),  # type: ignore[arg-type]
        slope=_one_of(document["slope"], SLOPES),  # type: ignore[arg-type]
        both_labels=document["both_labels"] is True,
        scale=_one_of(document["scale"], SCALES),  # type: ignore[arg-type]
        logit_range=_range(document["logit_range"]),
        prediction_range=None if prediction_range is None else _range(prediction_range),
        likelihood=document.get("likelihood") is True,
    )
    eta = document.get("eta")
    if eta is not None:
        view = replace(view, eta=set_eta(view, _number(eta)).eta)
    link = view.link
    if view.prediction_range and not (
        link.lower <= view.prediction_range[0] and view.prediction_range[1] <= link.upper
    ):
        view = replace(view, prediction_range=None)
    return replace(view, logit=min(max(view.logit, -FARTHEST), FARTHEST))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


def _one_of(value: Any, among: tuple[str, ...]) -> str:
    if value not in among:
        raise ValueError(f"{value!r} is not one of {', '.join(among)}")
    return str(value)


def _range(value: Any) -> tuple[float, float]:
    lo, hi = (_number(x) for x in value)
    if not (NARROWEST <= hi - lo <= WIDEST and max(abs(lo), abs(hi)) <= FARTHEST):
        raise ValueError(f"{value!r} is not a window")
    return lo, hi
