"""What is said of a feature where the features are listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lossterm.model.store import Saved
    from lossterm.model.subject import Subject


@dataclass(frozen=True)
class Topic:
    """Something that a screen shows, as people look for it from any screen.

    Attributes:
        name: one line of the palette.
        words: further words by which it is found.
        setting: what the screen is to show, as its saved state is written.
        action: ``module:function`` of an action that is carried out on any screen instead; imported when it is chosen.
    """

    name: str
    words: str
    setting: Mapping[str, Any] = field(default_factory=dict)
    action: str = ""


@dataclass(frozen=True)
class Feature:
    """A screen of the explorer and the command that prints the same.

    Attributes:
        key: opens the screen.
        name: of its mode, and of its part of the saved state.
        title: among the tabs.
        screen: ``module:class``, imported when the screen is first opened.
        command: of the command line.
        topics: what the screen shows, as people look for it.
    """

    key: str
    name: str
    title: str
    screen: str
    command: str
    topics: tuple[Topic, ...] = ()


@dataclass(frozen=True)
class CommandModule:
    """What can follow ``lossterm`` on the command line.

    Attributes:
        module: has ``run(arguments)``, which gives an exit code or an `OpenExplorer`; imported only when the command is
            asked for. A command that prints JSON has ``answer(arguments)``, which gives what ``--format json`` prints.
            That of a screen has ``setting(arguments)``, which gives what the screen shows of them.
        about: one line for the help.
    """

    module: str
    about: str


@dataclass(frozen=True)
class ScreenSetting:
    """What the words of a command put on the screen of its feature.

    Attributes:
        subject: losses, label, activation and point; None where the screen has an example of its own.
        screen: what the screen keeps, as its saved state is written.
    """

    subject: Subject | None
    screen: Mapping[str, Any]


@dataclass(frozen=True)
class OpenExplorer:
    """What a command gives instead of an exit code where it is looked at in the explorer: the command line opens it.

    Attributes:
        saved: what the explorer shows.
        keep: whether it is kept when the explorer is left.
        start: the name of the feature whose screen is opened first; the first one where nothing is said.
        story: the name or the file of the story that is opened on it; empty for none.
    """

    saved: Saved
    keep: bool
    start: str = ""
    story: str = ""
