"""The Data screen without a terminal, and files of predictions whose figures are computed here by numpy alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
from textual import events
from textual.keys import _character_to_key

from lossterm.curves.screen import CurvesScreen
from lossterm.curves.view import View
from lossterm.model.subject import Subject
from lossterm.predictions.options import saved_choice
from lossterm.predictions.screen import DataScreen
from lossterm.predictions.state import DataState
from lossterm.predictions.view import FileChoice, Look
from lossterm.tui.app import LosstermApp
from lossterm.tui.screen import FeatureScreen
from tests.harness import Running, program, saved_of

Floats = npt.NDArray[np.float64]

NUMBER = re.compile(r"[−-]?\d[\d.,]*(?:e[−-]?\d+)?")
"""A number as the screen shows it."""


def numbers(text: str) -> list[float]:
    """The numbers in a text."""
    return [float(found.replace("−", "-").replace(",", "").rstrip(".")) for found in NUMBER.findall(text)]


@dataclass(frozen=True)
class Predictions:
    """A file of predictions of two classes, and its figures.

    Attributes:
        path: the file.
        y: labels.
        p: predictions.
        group: a letter each.
    """

    path: Path
    y: Floats
    p: Floats
    group: npt.NDArray[np.str_]

    def where(self, kept: npt.NDArray[np.bool_]) -> Predictions:
        """Some of them."""
        return Predictions(self.path, self.y[kept], self.p[kept], self.group[kept])

    def at(self, temperature: float) -> Predictions:
        """As they would be at a temperature."""
        z = np.log(self.p / (1 - self.p)) / temperature
        return Predictions(self.path, self.y, 1 / (1 + np.exp(-z)), self.group)

    @property
    def losses(self) -> Floats:
        """Cross-entropy of each."""
        return -np.where(self.y == 1, np.log(self.p), np.log(1 - self.p))

    @property
    def log_loss(self) -> float:
        """Its mean."""
        return float(self.losses.mean())

    @property
    def brier(self) -> float:
        """The mean squared error."""
        return float(np.mean((self.p - self.y) ** 2))

    @property
    def worst(self) -> list[int]:
        """Row numbers, those with the largest losses first."""
        return [int(i) + 1 for i in np.argsort(-self.losses, kind="stable")]

    def bins(self, count: int = 15, *, mass: bool = False) -> list[tuple[int, float, float]]:
        """Of each bin that is not empty how many there are, their mean prediction and their part of ones."""
        edges = np.percentile(self.p, np.linspace(0, 100, count + 1)) if mass else np.linspace(0, 1, count + 1)
        where = np.clip(np.searchsorted(edges, self.p, side="left") - 1, 0, count - 1)
        found = [where == k for k in range(count) if (where == k).any()]
        return [(int(k.sum()), float(self.p[k].mean()), float(self.y[k].mean())) for k in found]

    def ece(self, count: int = 15, *, mass: bool = False) -> float:
        """The mean gap of the bins."""
        return sum(n * abs(confidence - frequency) for n, confidence, frequency in self.bins(count, mass=mass)) / len(
            self.y
        )

    def confusion(self, threshold: float) -> list[int]:
        """True positive, false negative, false positive, true negative."""
        one, decided = self.y == 1, self.p > threshold
        return [int(both.sum()) for both in (one & decided, one & ~decided, ~one & decided, ~one & ~decided)]


def write_predictions(path: Path, count: int = 400, seed: int = 1) -> Predictions:
    """Over-confident predictions, in three groups."""
    chance = np.random.default_rng(seed)
    z = chance.normal(0, 3, count)
    y = (chance.random(count) < 1 / (1 + np.exp(-0.5 * z))).astype(float)
    p = 1 / (1 + np.exp(-z))
    group = chance.choice(["a", "b", "c"], count)
    lines = [f"{i},{int(a)},{b!r},{g}" for i, (a, b, g) in enumerate(zip(y, p.tolist(), group, strict=True))]
    path.write_text("\n".join(["id,label,probability,group", *lines]) + "\n")
    return Predictions(path, y, p, group)


def write_classes(path: Path, count: int = 120) -> tuple[npt.NDArray[np.int64], Floats]:
    """Predictions of three classes with names: the labels and the probabilities."""
    chance = np.random.default_rng(2)
    z = chance.normal(0, 1.5, (count, 3))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = np.array([chance.choice(3, p=row) for row in p])
    names = ["cat", "dog", "owl"]
    lines = [f"{names[k]},{','.join(map(repr, row))}" for k, row in zip(y, p.tolist(), strict=True)]
    path.write_text("\n".join(["truth,p_cat,p_dog,p_owl", *lines]) + "\n")
    return y, p


def write_values(path: Path, count: int = 90) -> tuple[Floats, Floats]:
    """Plain values: targets and predictions."""
    chance = np.random.default_rng(3)
    y = chance.normal(0, 2, count)
    v = y + chance.normal(0, 1, count)
    lines = [f"{a!r},{b!r}" for a, b in zip(y.tolist(), v.tolist(), strict=True)]
    path.write_text("\n".join(["target,prediction", *lines]) + "\n")
    return y, v


LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Of the quantiles of the files of quantiles."""


def written(path: Path, columns: Mapping[str, Any]) -> None:
    """A CSV file of columns."""
    rows = zip(*([repr(x) if isinstance(x, float) else str(x) for x in c] for c in columns.values()), strict=True)
    path.write_text("\n".join([",".join(columns), *(",".join(row) for row in rows)]) + "\n")


def write_quantiles(path: Path, count: int = 300, width: float = 0.8, **more: Any) -> tuple[Floats, Floats]:
    """Labels and their quantiles, which are too close to each other: both, ``(n,)`` and ``(n, 7)``."""
    chance = np.random.default_rng(4)
    middle, spread = chance.normal(0, 3, count), 0.5 + chance.random(count)
    y = middle + spread * chance.standard_normal(count)
    q = middle[:, None] + width * spread[:, None] * np.array([NormalDist().inv_cdf(level) for level in LEVELS])
    names = [f"q{round(100 * level):02d}" for level in LEVELS]
    written(path, {"y": y.tolist(), **dict(zip(names, q.T.tolist(), strict=True)), **more})
    return y, q


def write_normal(path: Path, count: int = 300) -> tuple[Floats, Floats, Floats]:
    """Labels, means and standard deviations that are right."""
    chance = np.random.default_rng(5)
    mean, sd = chance.normal(0, 3, count), 0.5 + chance.random(count)
    y = mean + sd * chance.standard_normal(count)
    written(path, {"y": y.tolist(), "mean": mean.tolist(), "sd": sd.tolist()})
    return y, mean, sd


def write_labels(path: Path, count: int = 200) -> tuple[Floats, Floats]:
    """Three labels of which an example may have any, and their probabilities: both ``(n, 3)``."""
    chance = np.random.default_rng(6)
    z = chance.normal(0, 2, (count, 3))
    y = (chance.random((count, 3)) < 1 / (1 + np.exp(-z))).astype(int)
    p = 1 / (1 + np.exp(-2 * z))
    names = ("toxic", "rude", "sad")
    labels = {f"y_{name}": y[:, k].tolist() for k, name in enumerate(names)}
    written(path, labels | {f"p_{name}": p[:, k].tolist() for k, name in enumerate(names)})
    return y.astype(float), p


def opened(app: LosstermApp, name: str) -> FeatureScreen[Any] | None:
    """A screen of the program, or None where it has not been looked at."""
    return app._opened.get(name)


class Bench(Running):
    """The running program, on the Data screen."""

    @property
    def screen(self) -> DataScreen:
        found = opened(self.app, "data")
        assert isinstance(found, DataScreen)
        return found

    @property
    def state(self) -> DataState:
        """What the screen shows."""
        return self.screen.state

    @property
    def look(self) -> Look:
        """How the file is looked at."""
        return self.state.look

    @property
    def subject(self) -> Subject:
        """What the screens look at together."""
        return self.app.workspace.subject

    @property
    def curves(self) -> View:
        """What the Curves screen shows."""
        found = opened(self.app, "curves")
        assert isinstance(found, CurvesScreen)
        return found.view

    @property
    def judged(self) -> int:
        """How many losses judge the file on screen."""
        return 0 if self.state.answer is None else len(self.state.answer.request.shown)

    def is_on(self, mode: str) -> bool:
        """Whether a screen is the one on screen."""
        return self.app.screen is opened(self.app, mode)

    def pane(self, name: str) -> str:
        """What a widget shows as one string, by its id."""
        return "\n".join(self.part(name))

    def line(self, part: str, beginning: str) -> str:
        """The line of a widget that begins so."""
        for line in self.part(part):
            if line.lstrip(" ▸").startswith(beginning):
                return line
        raise AssertionError(f"{beginning!r} is not in\n{self.text}")

    @property
    def is_settled(self) -> bool:
        """Whether all that was asked for is on screen."""
        s = self.screen
        waiting = s.state.asking is not None or s.state.opening is not None
        busy = waiting or s.ask_soon.is_due or s.draw_soon.is_due or s.opener.is_busy or s.asker.is_busy
        return not busy and all(worker.is_finished for worker in self.app.workers)

    def send(self, *keys: str) -> None:
        """Press keys, all at once."""
        for key in keys:
            name = _character_to_key(key) if len(key) == 1 else key
            self.app.post_message(events.Key(name, key if len(key) == 1 else None))

    async def press(self, *keys: str) -> None:
        """Press keys, all at once, and wait until what they do is on screen."""
        self.send(*keys)
        await self.settle()

    async def answer(self, key: str, text: str) -> None:
        """Press a key that asks for something, type a text over what is there, and enter."""
        await self.press(key)
        assert self.screen.prompt.is_open
        await self.press(*text)
        await self.press("enter")


@asynccontextmanager
async def data(
    *paths: Path,
    view: View | None = None,
    look: Look | None = None,
    size: tuple[int, int] = (120, 40),
    wait: bool = True,
    theme: str | None = None,
    screens: Mapping[str, Any] | None = None,
    **choice: Any,
) -> AsyncIterator[Bench]:
    """Run the program on the Data screen, with these files open."""
    kept = saved_choice(FileChoice(tuple(map(str, paths)), **choice), look or Look(), filtered=True)
    saved = saved_of(view, screens or ({"data": kept} if paths or look else {}), theme)
    app = program(saved, start="data")
    async with app.run_test(size=size) as pilot:
        ui = Bench(app, pilot)
        await ui.until(lambda: app.is_ready and opened(app, "data") is not None)
        if wait:
            await ui.settle()
        yield ui


def rows_of_worst(ui: Bench) -> list[list[str]]:
    """The rows of the table of the worst, as they are seen."""
    return [line.replace("▸", " ").split() for line in ui.part("worst")[2:] if line.strip()]


def increasing(values: Sequence[float]) -> bool:
    """Whether each is larger than the one before."""
    return list(values) == sorted(set(values))
