"""``lossterm plot --format json``: what a picture shows, as numbers: windows, curves before clipping, landmarks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lossterm.chart.window import YScale
from lossterm.core.losses.landmarks import Kind
from lossterm.curves.figure import Figure
from lossterm.curves.scene import Scene
from lossterm.curves.titles import FIELD
from lossterm.model.records import loss_record, strict


def plot_document(figure: Figure, logit: float, mark: float | None = None) -> dict[str, Any]:
    """A figure as JSON has it; numbers are in the quantity's own units on either scale.

    Args:
        figure: as it is drawn.
        logit: where the cursor stands.
        mark: where a second point is marked.
    """
    scene = figure.scene
    view = scene.view
    return {
        "axis": view.axis,
        "x_window": list(view.window),
        "label": view.label,
        "smoothing": view.smoothing,
        "activation": view.activation,
        "risk": view.eta,
        "weight": view.weight,
        "at": logit,
        "mark": mark,
        "y_zoom": view.y_zoom,
        "panels": [
            _panel(scene, panel.quantity, scale) for panel, scale in zip(figure.panels, figure.scales, strict=True)
        ],
    }


def _panel(scene: Scene, quantity: str, scale: YScale) -> dict[str, Any]:
    return {
        "quantity": quantity,
        "scale": "linear" if scale.threshold is None else "symlog",
        "threshold": scale.threshold,
        "window": [strict(end) for end in scale.window],
        "ticks": [tick.label.replace("−", "-") for tick in scale.axis.ticks],
        "curves": [
            {
                **loss_record(curve.objective.loss, curve.objective.params),
                "label": curve.objective.label,
                "letter": curve.letter,
                "diverges": diverges,
                "x": scene.x.tolist(),
                "value": [strict(v) for v in getattr(e, FIELD[quantity]).tolist()],
            }
            for curve, e, diverges in zip(scene.curves, scene.samples, scale.diverging, strict=True)
        ],
        "landmarks": list(_landmarks(scene, quantity, scale)),
    }


def _landmarks(scene: Scene, quantity: str, scale: YScale) -> Iterator[dict[str, Any]]:
    field = FIELD[quantity]
    for mark in scene.landmarks:
        if mark.kind is Kind.CROSSING and mark.quantity != field:
            continue
        if mark.kind is Kind.MINIMUM and quantity != "loss":
            continue
        at = scene.curves[mark.curves[0]].objective.evaluate(np.array([mark.logit]))
        value = float(getattr(at, field)[0])
        if math.isfinite(value) and scale.window[0] <= value <= scale.window[1]:
            letters = [scene.curves[k].letter for k in mark.curves]
            yield {"kind": mark.kind.value, "x": scene.position(mark.logit), "value": value, "curves": letters}
