"""What is measured: a screen of the program, the keys pressed on it, and what a press may cost in units of the floor.

A new screen adds a `Keys` to `KEY_SCENARIOS`; nothing else needs to change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

EXPLORER = ("--fresh", "--loss", "ce,mse,focal")
"""Arguments of the program in the scenarios of the Curves screen: three losses."""

CURVES_DRAWN = re.compile("[\u2801-\u28ff]")
"""A braille dot: the curves are on screen."""

PANES = re.compile("Activation")
"""The last pane: panes are on screen."""

AXES = re.compile(r"[─└]┬─")
"""A tick on the x axis: axes are on screen."""

FLOOR_DRAWN = re.compile("floor 0")
"""The label of the floor app."""

THERE_AND_BACK = ("right",) * 20 + ("left",) * 20
"""Cursor moves that never reach an edge, where a press draws nothing."""


@dataclass(frozen=True)
class Keys:
    """A key → last byte measurement, interleaved with the same keys on the floor app."""

    name: str
    """Its line in the table."""
    group: str
    """What `--only` calls it."""
    keys: tuple[str, ...]
    """The measured keys, pressed in turn, over and over."""
    target: float
    """Largest median, in medians of the floor."""
    presses: int = 200
    """How many presses are measured."""
    arguments: tuple[str, ...] = EXPLORER
    """Arguments of the program."""
    ready: re.Pattern[str] = CURVES_DRAWN
    """What is on screen when the program can be measured."""
    setup: tuple[str, ...] = ()
    """Keys pressed before, to get there."""
    quiet: float = 0.04
    """Seconds without output after which the frame counts as complete."""


SOFTMAX_TEN = ("2", "n", "n", "n", "n", "n", "esc")
"""The Softmax screen with ten classes: the preset `start`."""

SOFTMAX_THOUSAND = ("2", "N", "N", "N", "N", "esc")
"""The same with a thousand: the last preset but three."""

KEY_SCENARIOS = (
    Keys("cursor move", "cursor", THERE_AND_BACK, target=2),
    Keys("toggle a loss", "change", ("space",), target=5, presses=100, quiet=0.08),
    Keys("next label", "change", ("t",), target=5, presses=100, quiet=0.08),
    # at most three cursor moves and one change of the curves
    Keys(
        "a key in a formula",
        "formula",
        ("5", "backspace"),
        target=11,
        presses=100,
        quiet=0.08,
        setup=("down", "f"),
    ),
    Keys(
        "softmax K=10, other logit value",
        "softmax",
        ("]",) * 10 + ("[",) * 10,
        target=6,
        arguments=("--fresh",),
        setup=SOFTMAX_TEN,
    ),
    Keys(
        "softmax K=10, other temperature",
        "softmax",
        (">",) * 50 + ("<",) * 50,
        target=6,
        quiet=0.08,
        arguments=("--fresh",),
        setup=SOFTMAX_TEN,
    ),
    Keys("softmax K=10, sweep", "softmax", THERE_AND_BACK, target=6, arguments=("--fresh",), setup=SOFTMAX_TEN),
    Keys(
        "softmax K=1000, other logit value",
        "softmax",
        ("]",) * 10 + ("[",) * 10,
        target=6,
        presses=100,
        quiet=0.08,
        arguments=("--fresh",),
        setup=SOFTMAX_THOUSAND,
    ),
    Keys(
        "softmax K=1000, other class",
        "softmax",
        ("down",),
        target=16,
        presses=60,
        quiet=0.3,
        arguments=("--fresh",),
        setup=SOFTMAX_THOUSAND,
    ),
)


@dataclass(frozen=True)
class Milestone:
    """A moment of the start, told by what is on screen."""

    name: str
    """Its line in the table."""
    patterns: tuple[re.Pattern[str], ...]
    """All of them are on screen."""
    target: float
    """Latest, in first frames of the floor app."""


MILESTONES = (
    Milestone("panes and axes", (PANES, AXES), target=1.4),
    Milestone("curves drawn", (PANES, CURVES_DRAWN), target=2.2),
)

HELD_RATE, HELD_SECONDS, BACKLOG = 60, 3.0, 0.050
"""A held key: presses a second, for how long, and the largest time from the last press to the last byte."""

MEMORY_PRESSES, MEMORY_GROWTH = (1_000, 20_000), 4_000_000
"""Presses after which memory is read, and the growth between them in bytes that still counts as flat."""

MEMORY_KEYS = (*THERE_AND_BACK * 2, "t")
"""Mostly cursor moves; now and then new curves, so that a cache without a bound shows."""

TABLE_POINTS, TABLE_SECONDS = 100_000, 5.0
"""The long table of the command line, and "a few seconds"."""
