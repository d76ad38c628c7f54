"""What the program computes for a story: the JSON of its commands, and places in it.

A story names commands and places; it runs nothing. A command may have the options that are listed here, and a file that
it names must be in the story's own folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from lossterm.core.losses.activations import find_activation
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.names import Named, normalise
from lossterm.features import COMMANDS, FEATURES
from lossterm.model.feature import ScreenSetting
from lossterm.model.subject import Subject, typed_point
from lossterm.stories.expressions import Path as JsonPath
from lossterm.stories.expressions import evaluated
from lossterm.stories.story import AskedCommand, Story

LISTS = ("losses", "racers")
"""The lists of losses that need not be named."""

SUBJECT = ("--loss", "--define", "--label", "--smoothing", "--activation")

_PICTURE = ("--range", "--axis", "--show", "--risk", "--both-labels", "--scale", "--y-zoom", "--likelihood",
            "--reference")  # fmt: skip

OPTIONS: Mapping[str, frozenset[str]] = {
    "table": frozenset({*SUBJECT, "--at"}),
    "plot": frozenset({*SUBJECT, *_PICTURE, "--at"}),
    "curves": frozenset({*SUBJECT, *_PICTURE, "--at"}),
    "properties": frozenset(SUBJECT),
    "softmax": frozenset({"--logits", "--probabilities", "--normalize", "--teacher", "--target", "--temperature",
                          "--smoothing", "--smoothing-over", "--preset", "--loss", "--reference", "--class", "--sweep",
                          "--range", "--scale"}),
    "race": frozenset({*SUBJECT, "--problem", "--start", "--match", "--rate", "--optimizer", "--until", "--max-steps",
                       "--examples", "--seed", "--batch"}),
    "data": frozenset({"--demo", "--loss", "--define", "--smoothing", "--label-column", "--label",
                       "--prediction-column", "--kind", "--weight-column", "--group-column", "--positive",
                       "--class-names", "--out-of", "--key", "--decimal", "--encoding", "--delimiter", "--skip-bad",
                       "--bins", "--equal-counts", "--beside", "--threshold", "--temperature", "--only-label",
                       "--only-group", "--only-range", "--only", "--by", "--find-segments", "--worst", "--page",
                       "--against-column", "--against-kind", "--against-temperature", "--against-clip",
                       "--against-loss"}),
}  # fmt: skip
"""The options that a story may give to each command."""

ALIASES = {"z": "logit", "p": "prediction", "v": "prediction"}
"""Short names of a row's numbers."""

_COMMAND = {feature.name: feature.command for feature in FEATURES}


def command_of(asked: AskedCommand) -> str:
    """The command of a view or a document."""
    return _COMMAND.get(asked.command, asked.command)


# ---- the words of a command -----------------------------------------------------------------------------------------


def words_of(asked: AskedCommand, folder: Path) -> tuple[str, ...]:
    """The words of a command, with the path of each file that it names.

    Raises:
        ValueError: an option that a story has no need of, or a file out of its folder.
    """
    allowed = OPTIONS[asked.command]
    words: list[str] = []
    awaits = False  # whether this word is the value of the option before it
    for word in asked.words:
        option, equals, _ = word.partition("=")
        if not word.startswith("-") or re.match(r"-[.\d]", word):
            words.append(word if awaits or asked.command != "data" else str(own_file(word, folder)))
            awaits = False
            continue
        if option not in allowed and option.replace("--no-", "--") not in allowed:
            raise ValueError(f"{option} is no option of a story's {asked.command}: it has {', '.join(sorted(allowed))}")
        awaits = not equals and option not in SWITCHES and not option.startswith("--no-")
        words.append(word)
    return tuple(words)


SWITCHES = {"--both-labels", "--likelihood", "--normalize", "--demo", "--skip-bad", "--equal-counts"}
"""The options that take no value."""


def own_file(name: str, folder: Path) -> Path:
    """The path of a file of a story's folder.

    Raises:
        ValueError: it is elsewhere, or there is none.
    """
    if re.search(r"[*?\[\]]", name) or Path(name).is_absolute() or ".." in Path(name).parts or name.startswith("~"):
        raise ValueError(f"{name!r}: a story opens files of its own folder only, by their names")
    home = folder.resolve()
    path = (home / name).resolve()
    if not path.is_relative_to(home):
        raise ValueError(f"{name!r} leads out of the story's folder")
    if not path.is_file():
        raise ValueError(f"there is no file {name!r} beside the story")
    return path


# ---- asking ---------------------------------------------------------------------------------------------------------


def answer_of(command: str, words: Sequence[str]) -> Any:
    """What a command prints as JSON; the last answers are remembered.

    Raises:
        ValueError: what is wrong with the words.
    """
    return _answer(command, tuple(words))


@lru_cache(maxsize=64)
def _answer(command: str, words: tuple[str, ...]) -> Any:
    return import_module(COMMANDS[command].module).answer(list(words))


def setting_of(asked: AskedCommand, folder: Path) -> ScreenSetting:
    """What the screen of a view shows.

    Raises:
        ValueError: what is wrong with its words.
    """
    setting: ScreenSetting = import_module(COMMANDS[command_of(asked)].module).setting(list(words_of(asked, folder)))
    return setting


@lru_cache(maxsize=256)
def table_words(words: tuple[str, ...], at: tuple[tuple[str, str], ...] = ()) -> tuple[str, ...]:
    """The words of the table at a point of a picture of curves.

    Args:
        words: of ``lossterm plot``.
        at: what is other than in the picture: z or p, y, smoothing, activation, loss.

    Raises:
        ValueError: what is wrong with them.
    """
    given = import_module(COMMANDS["plot"].module).parser().parse_args(list(words))
    told = {"--at": given.at or "-4", "--label": given.label, "--smoothing": given.smoothing,
            "--activation": given.activation}  # fmt: skip
    losses = list(given.loss or ())
    for name, value in at:
        if name in {"p", "v"}:
            told["--at"] = f"p={value}"
        elif name == "loss":
            losses = [value]
        elif name in PLACES:
            told[PLACES[name]] = value
        else:
            raise ValueError(f"at {name}=: write z, p, y, smoothing, activation or loss")
    if str(told["--at"]).startswith("p="):
        behind = replace(Subject(), activation=find_activation(told["--activation"] or Subject().activation).id)
        told["--at"] = repr(typed_point(behind, told["--at"]))
    result = [f"--define={text}" for text in given.define or ()]
    result += [f"--loss={loss}" for loss in losses]
    return (*result, *(f"{option}={value}" for option, value in told.items() if value is not None))


PLACES = {"z": "--at", "logit": "--at", "y": "--label", "label": "--label", "smoothing": "--smoothing",
          "activation": "--activation"}  # fmt: skip
"""What may be told after ``at``, and the option that it is."""


class Numbers:
    """Looks up what the expressions of one step mean.

    Args:
        story: whose step it is.
        step: its index.
        view: words of the command of the view, where it is not that of the step: what is on screen now.
        after: whether the question has been answered, so that its `then` is the view.
    """

    def __init__(self, story: Story, step: int, *, view: Sequence[str] | None = None, after: bool = False) -> None:
        self._story, self._index = story, step
        self._step = story.steps[step]
        self._view = self._step.after if after else self._step.view
        self._words = tuple(view) if view is not None else None

    def __call__(self, path: JsonPath) -> Any:
        """The value at a path.

        Raises:
            ValueError: there is none.
        """
        root, *rest = path.names
        if isinstance(root, str) and (named := self._named(root)) is not None:
            if rest or path.at:
                raise ValueError(f"{root} is an expression with a name: nothing can follow it")
            return named
        asked = dict(self._step.asked)
        name = str(root)
        if name in asked and name != command_of(self._view):  # what is on screen goes before what was asked earlier
            command, words = command_of(asked[name]), words_of(asked[name], self._story.folder)
        elif name in COMMANDS:
            command, words = name, self._words_for(name)
        else:
            command, rest = self._usual, [root, *rest]
            words = self._words_for(command)
        if path.at:
            if command != "table":
                raise ValueError(f"'at' is of points of curves: {command} has none")
            words = table_words(words, path.at)
        return _plain(selected(answer_of(command, words), rest))

    def _named(self, name: str) -> Any:
        # an expression of this step, or of one before it, where it means what it meant there
        for index in range(self._index, -1, -1):
            for own, condition in self._story.steps[index].named:
                if own == name:
                    there = self if index == self._index else Numbers(self._story, index)
                    return evaluated(condition.node, there)
        return None

    @property
    def _usual(self) -> str:
        # what is asked where an expression begins with the name of a loss or a field
        command = command_of(self._view)
        return "table" if command == "plot" else command

    def _words_for(self, name: str) -> tuple[str, ...]:
        command = command_of(self._view)
        view = self._words if self._words is not None else words_of(self._view, self._story.folder)
        if name == command:
            return view
        if name == "table" and command == "plot":  # that of the cursor, whatever other table is asked for
            return table_words(view)
        for _, asked in self._step.asked:
            if command_of(asked) == name:
                return words_of(asked, self._story.folder)
        raise ValueError(f"this step has no {name}: add 'with: {name} …'")


# ---- places in JSON -------------------------------------------------------------------------------------------------


def selected(document: Any, names: Sequence[Any]) -> Any:
    """The value at a place of a JSON value.

    A name is a field; of a list of records that of a loss, by any of its names, or a field in which they agree. What is
    one level further down in one place only needs no further name.

    Args:
        document: the value.
        names: a name, an index, or conditions that a record fulfils, one after the other.

    Raises:
        ValueError: there is no such place, or more than one.
    """
    value = document
    for at, name in enumerate(names):
        goes_on = at + 1 < len(names) and isinstance(names[at + 1], str)
        value = _followed(value, name, names[:at], goes_on=goes_on)
    return value


def _followed(value: Any, name: Any, before: Sequence[Any], *, goes_on: bool) -> Any:
    if isinstance(name, tuple):
        return _where(value, name)
    if isinstance(name, int):
        if not isinstance(value, list):
            raise ValueError(f"[{name}]: {_dotted(before)} is no list")
        if not -len(value) <= name < len(value):
            raise ValueError(f"[{name}] is outside a list of {len(value)}")
        return value[name]
    found = _named_in(value, name)
    if goes_on and len(found) == 1 and not isinstance(found[0], dict | list):
        # a number has no fields: the loss is meant, such as kl, which is a field of its own, too
        found = [row for key in LISTS for row in _named_in(value.get(key), name)] if isinstance(value, dict) else []
        if not found:
            raise ValueError(f"{_dotted([*before, name])} is a number or a word: nothing can follow it")
    if len(found) == 1:
        return found[0]
    if not found:
        lists = [value[key] for key in LISTS if _is_records(value.get(key))] if isinstance(value, dict) else []
        inside = [one for child in lists for one in _named_in(child, name)]
        inside = inside or [one for child in _children(value) for one in _named_in(child, name)]
        if len(inside) == 1:
            return inside[0]
        found = inside
    if found:
        raise ValueError(f"{name} is in {len(found)} places: say which, such as {name}[gamma=5] or [label=0]")
    raise ValueError(f"there is no {name} in {_dotted(before) or 'what is asked'}: it has {_fields(value)}")


def _named_in(value: Any, name: str) -> list[Any]:
    # all that a name may be of a value itself
    if isinstance(value, dict):
        key = name if name in value else ALIASES.get(name, name)
        return [value[key]] if key in value else []
    if not _is_records(value):
        return []
    rows = [row for row in value if _is_of(row, name)]
    if rows:
        return rows if len(rows) == 1 else [rows]
    key = ALIASES.get(name, name)
    fields = [row.get(name, row.get(key)) for row in value if name in row or key in row]
    return fields[:1] if all(one == fields[0] for one in fields) else fields


def _children(value: Any) -> list[Any]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [child for child in inside if isinstance(child, dict | list)]


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _where(value: Any, conditions: Sequence[tuple[str, str]]) -> Any:
    rows = value if isinstance(value, list) else [value]
    rows = [row for row in rows if isinstance(row, dict) and all(_fulfils(row, *one) for one in conditions)]
    if not rows:
        raise ValueError(f"nothing has [{', '.join('='.join(one) for one in conditions)}]")
    return rows[0] if len(rows) == 1 else rows


def _fulfils(row: Mapping[str, Any], name: str, wanted: str) -> bool:
    params = row.get("params")
    key = name if name in row else ALIASES.get(name, name)
    value = row.get(key, params.get(name) if isinstance(params, dict) else None)
    if name == "loss":
        return _is_of(row, wanted)
    if isinstance(value, list):
        return wanted in value
    try:
        return float(value) == float(wanted)
    except (TypeError, ValueError):
        return str(value).lower() == wanted.lower()


def _is_of(row: Mapping[str, Any], name: str) -> bool:
    # whether a row is of the loss of a name; those of classes, which take a while to import, have a gradient
    return row.get("loss") in _loss_ids(name, of_classes=isinstance(row.get("gradient"), list))


@lru_cache(maxsize=256)
def _loss_ids(name: str, *, of_classes: bool) -> frozenset[str]:
    wanted = normalise(name)
    registry: Mapping[str, Named] = LOSSES
    if of_classes:
        from lossterm.core.softmax.formulas import SOFTMAX_LOSSES

        registry = SOFTMAX_LOSSES
    named = {entry.id for entry in registry.values() if wanted in (entry.id, *map(normalise, entry.aliases))}
    return frozenset({wanted, *named})


def _plain(value: Any) -> Any:
    # of a figure with its evidence the figure
    return value["value"] if isinstance(value, dict) and "value" in value and "evidence" in value else value


def _dotted(names: Sequence[Any]) -> str:
    return ".".join(map(str, names))


def _fields(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(map(str, value)) or "nothing"
    if _is_records(value):
        losses = [str(row["loss"]) for row in value if "loss" in row]
        return ", ".join(dict.fromkeys([*losses, *value[0]]))
    return "no fields"
