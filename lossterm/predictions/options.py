"""The options that tell how a file is read and looked at, each declared once; to a question, and back to a command."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lossterm.core.losses.labels import number, smoothed
from lossterm.core.names import unknown
from lossterm.core.numbers import parse, trimmed
from lossterm.core.plain import listed_names
from lossterm.core.softmax.inputs import checked_weights
from lossterm.core.statistics.clip import CLIPS, Clip, clip_of
from lossterm.core.statistics.condition import Holding
from lossterm.core.statistics.question import Filter, Question
from lossterm.model import options, rows, subject_options
from lossterm.model.options import Form, Option, Options, Redo
from lossterm.model.own_losses import add_define_flag, define_words
from lossterm.model.parser import of_option
from lossterm.model.subject import Row, Subject
from lossterm.model.subject_options import losses
from lossterm.predictions import view
from lossterm.predictions.losses import DEFAULT_LOSSES, DEFAULT_OF_VALUES, class_row
from lossterm.predictions.view import KINDS, MOST_BINS, MOST_WORST, PAGES, SCALES, FileChoice, Look, Range

if TYPE_CHECKING:
    from lossterm.core.statistics.criterion import Criterion
    from lossterm.core.statistics.question import ClassCriterion
    from lossterm.files.columns import Holds
    from lossterm.files.source import Source

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " ", "pipe": "|"}
"""Words for delimiters, which a shell takes for something else."""

DECIMALS = {"dot": ".", "comma": ","}
"""Words for what may stand before the decimals of a number."""

DEMO = Path(__file__).with_name("demo.csv")
"""Predictions of an over-confident model: whether a handwritten digit is odd."""

DEMO_GROUP = "digit"
"""Its groups."""


def demo_choice() -> FileChoice:
    """The file that comes with lossterm."""
    return FileChoice((str(DEMO),), group_column=DEMO_GROUP)


# ---- forms ----------------------------------------------------------------------------------------------------------


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{value!r} is no list")
    return tuple(text for text in value if isinstance(text, str))


def _maybe(form: Form[str]) -> Form[str | None]:
    # None is what is not said: every text is one that may be meant
    return Form(form.read, str, lambda value: None if value is None else form.load(value), metavar=form.metavar)


def _names(text: str) -> tuple[str, ...]:
    """Names with commas between them; one that has a comma itself is quoted, as in a line of CSV."""
    try:
        return tuple(name for fields in csv.reader([text], skipinitialspace=True) for name in fields if name)
    except csv.Error:  # a line break in it
        return (text,)


def _delimiter(text: str) -> str:
    delimiter = "\t" if text == "\\t" else DELIMITERS.get(text.lower(), text)
    if len(delimiter) != 1:
        raise ValueError(f"--delimiter is one character or {', '.join(DELIMITERS)}, not {delimiter!r}")
    return delimiter


def _delimiter_word(delimiter: str | None) -> str:
    return next((word for word, one in DELIMITERS.items() if one == delimiter), str(delimiter))


def _decimal(text: str) -> str:
    decimal = DECIMALS.get(text.lower(), text)
    if decimal not in DECIMALS.values():
        raise ValueError(f"--decimal is {', '.join(DECIMALS)} or the character itself, not {text!r}")
    return decimal


def typed_range(text: str) -> Range:
    """``lo:hi``, either of which may be left out.

    Raises:
        ValueError: it is not one.
    """
    low, colon, high = text.partition(":")
    if not colon:
        raise ValueError(f"{text!r} is not a range: write lo:hi, such as 0.9:1 or :0.1")
    return (parse(low) if low.strip() else None), (parse(high) if high.strip() else None)


def _range_word(ends: Range) -> str:
    low, high = ("" if end is None else number(end) for end in ends)
    return f"{low}:{high}"


def _loaded_range(value: Any) -> Range:
    low, high = (None if end is None else options.real().load(end) for end in value)
    return low, high


_TEXT, _NAME = _maybe(options.text()), _maybe(options.text("NAME"))
_KIND = replace(_maybe(options.one_of(KINDS, "kind")), metavar="KIND")
_COLUMNS: Form[tuple[str, ...]] = Form(_names, listed_names, _texts, list, "NAME", several=True)
_DELIMITER: Form[str | None] = replace(_maybe(Form(_delimiter, str, _delimiter, metavar="C")), write=_delimiter_word)
_DECIMAL: Form[str | None] = _maybe(Form(_decimal, str, _decimal, metavar="C"))
_OUT_OF: Form[float | None] = replace(options.optional(options.real("N")))
_CLASS_NAMES: Form[tuple[str, ...]] = Form(_names, listed_names, _texts, list, "A,B,C")
_RANGE: Form[Range] = Form(typed_range, _range_word, _loaded_range, list, "LO:HI")


def _loaded_clip(value: Any) -> Clip | None:
    return None if value is None else clip_of(options.text().load(value))


_CLIP: Form[Clip | None] = Form(
    clip_of, lambda clip: "off" if clip is None else clip.word, _loaded_clip,
    lambda clip: None if clip is None else clip.word, "EPS",
)  # fmt: skip
_AGAINST_CLIP: Form[Any] = Form(
    lambda text: view.SAME if text == view.SAME else clip_of(text),
    lambda clip: clip if isinstance(clip, str) else _CLIP.write(clip),
    lambda value: value if value == view.SAME else _loaded_clip(value),
    lambda clip: clip if isinstance(clip, str) else _CLIP.save(clip),
    "EPS",
)
_AGAINST_LOSS: Form[tuple[str, ...]] = Form(
    lambda text: (text,), lambda texts: ",".join(texts), _texts, list, "NAME[:PAR=VALUE]", several=True
)


def _conditions(text: str) -> tuple[Holding, ...]:
    return tuple(map(Holding, _names(text)))


def _loaded_conditions(value: Any) -> tuple[Holding, ...]:
    return tuple(map(Holding, _texts(value)))


_CONDITIONS: Form[tuple[Holding, ...]] = Form(
    _conditions, lambda conditions: listed_names([condition.text for condition in conditions]), _loaded_conditions,
    lambda conditions: [condition.text for condition in conditions], "COLUMN=VALUE", several=True,
)  # fmt: skip


def _weights(text: str) -> tuple[float, ...] | None:
    if text.strip().lower() in ("", "none", "off"):
        return None
    return checked_weights([parse(word) for word in text.split(",")])


_WEIGHTS: Form[tuple[float, ...] | None] = Form(
    _weights,
    lambda weights: "none" if weights is None else ",".join(map(number, weights)),
    lambda value: None if value is None else checked_weights([options.real().load(weight) for weight in value]),
    lambda weights: None if weights is None else list(weights),
    "W,…",
)


def _levels(text: str) -> tuple[float, ...]:
    found = tuple(parse(word) for word in text.split(",") if word.strip())
    if len(found) < 2 or len(set(found)) < len(found) or not all(0 < level < 1 for level in found):
        raise ValueError(f"levels are two or more different numbers between 0 and 1, such as .05,.5,.95, not {text!r}")
    return found


_LEVELS: Form[tuple[float, ...]] = Form(
    _levels,
    lambda levels: ",".join(map(number, levels)),
    lambda value: tuple(options.real().load(level) for level in value),
    list,
    "Q,…",
)
_PATHS: Form[tuple[str, ...]] = Form(lambda text: (text,), lambda paths: " ".join(paths), _texts, list)

# ---- how a file is read ---------------------------------------------------------------------------------------------

PATHS: Option[FileChoice, tuple[str, ...]] = Option(
    "paths", "File", "files or globs, read as one; - is standard input", _PATHS,
    no_flag="the files are told without one", redo=Redo.READ,
)  # fmt: skip
LABEL_COLUMN: Option[FileChoice, str | None] = Option(
    "label_column", "Label column", "the column of the labels", _NAME, redo=Redo.READ
)
LABEL: Option[FileChoice, str | None] = Option(
    "label",
    "Of several labels",
    "of several labels with a prediction each, the one that all figures but the table of labels are of (default the "
    "first)",
    _NAME,
    redo=Redo.READ,
)
PREDICTION_COLUMNS: Option[FileChoice, tuple[str, ...]] = Option(
    "prediction_columns",
    "Prediction columns",
    "the column of the predictions; K of them, comma-separated or repeated, or 'p_*'; "
    "a name with a comma is put in double quotes",
    _COLUMNS,
    flag="--prediction-column",
    redo=Redo.READ,
)
KIND: Option[FileChoice, str | None] = Option(
    "kind", "Kind", f"what the predictions are: {', '.join(KINDS)}", _KIND, redo=Redo.READ
)
WEIGHT_COLUMN: Option[FileChoice, str | None] = Option(
    "weight_column", "Weight column", "the column of the weights", _NAME, redo=Redo.READ
)
GROUP_COLUMN: Option[FileChoice, str | None] = Option(
    "group_column", "Group column", "the column of the groups", _NAME, redo=Redo.READ
)
POSITIVE: Option[FileChoice, str | None] = Option(
    "positive", "Positive label", "which label is class 1; every other is class 0", _TEXT, redo=Redo.READ
)
DELIMITER: Option[FileChoice, str | None] = Option(
    "delimiter",
    "Delimiter",
    f"between the fields of a line: a character, or {', '.join(DELIMITERS)}",
    _DELIMITER,
    redo=Redo.READ,
)
CLASS_NAMES: Option[FileChoice, tuple[str, ...]] = Option(
    "class_names",
    "Class names",
    "what label 0, label 1 … and the columns of the classes are called, in order",
    _CLASS_NAMES,
    redo=Redo.READ,
)
OUT_OF: Option[FileChoice, float | None] = Option(
    "out_of", "Out of", "what a certainty is in the file: 100 of per cent", _OUT_OF, redo=Redo.READ
)
KEY: Option[FileChoice, str | None] = Option(
    "key",
    "Key",
    "a column that tells the examples apart, by which two files are joined; never a label nor a prediction",
    _NAME,
    redo=Redo.READ,
)
LEVELS: Option[FileChoice, tuple[float, ...]] = Option(
    "levels",
    "Levels",
    "of quantiles whose names do not tell, one a column: .05,.5,.95; of lower and upper ends two",
    _LEVELS,
    redo=Redo.READ,
)
DECIMAL: Option[FileChoice, str | None] = Option(
    "decimal", "Decimal", "what stands before the decimals of a number: a dot, or a comma", _DECIMAL, redo=Redo.READ
)
ENCODING: Option[FileChoice, str | None] = Option(
    "encoding", "Encoding", "of text that is not UTF-8: utf-16, latin-1, cp1252 …", _NAME, redo=Redo.READ
)
SKIP_BAD: Option[FileChoice, bool] = Option(
    "skip_bad",
    "Skip bad rows",
    "leave bad rows out, and count them; go on with one class only",
    options.switch(),
    redo=Redo.READ,
)

FILE: Options = (
    PATHS, LABEL_COLUMN, LABEL, PREDICTION_COLUMNS, KIND, WEIGHT_COLUMN, GROUP_COLUMN, POSITIVE, CLASS_NAMES, OUT_OF,
    LEVELS, KEY, DECIMAL, ENCODING, DELIMITER, SKIP_BAD,
)  # fmt: skip
"""Which files are read, and how."""

# ---- how it is looked at --------------------------------------------------------------------------------------------

BINS: Option[Look, int] = Option(
    "bins",
    "Bins",
    "bins of the reliability (default 15)",
    options.count("--bins", 1, MOST_BINS, "B"),
    step=view.next_bins,
    keys=("+", "="),
    back_keys=("-",),
    shown=lambda look: f"{look.bins} {'mass' if look.mass else 'width'}",
    redo=Redo.COUNT,
)
MASS: Option[Look, bool] = Option(
    "mass",
    "Bins of equal counts",
    "bins that hold equally many examples, not bins of equal width",
    options.switch(),
    flag="--equal-counts",
    step=lambda look, direction: view.other_bins(look),
    keys=("x",),
    redo=Redo.DRAW,
)
THRESHOLD: Option[Look, float] = Option(
    "threshold",
    "Threshold",
    "a probability above it means class 1 (default 0.5)",
    options.real("P"),
    step=lambda look, direction: view.with_threshold(look, look.threshold + 0.01 * direction),
    keys=(".",),
    back_keys=(",",),
    shown=lambda look: trimmed(look.threshold),
    redo=Redo.COUNT,
)
TEMPERATURE: Option[Look, float] = Option(
    "temperature",
    "T",
    "divide every logit by T, to see what it would change",
    options.real("T"),
    step=view.next_temperature,
    keys=(">",),
    back_keys=("<",),
    shown=lambda look: trimmed(look.temperature),
    redo=Redo.COUNT,
)
CLIP: Option[Look, Clip | None] = Option(
    "clip",
    "Clip",
    "clip p to [EPS, 1 − EPS] for every figure but accuracy and AUROC, to see what a library would compute: a number, "
    f"{', '.join(CLIPS)} (which clamps ln p of cross-entropy at −100), or off",
    _CLIP,
    step=view.next_clip,
    keys=("C",),
    redo=Redo.COUNT,
)
CLASS_WEIGHTS: Option[Look, tuple[float, ...] | None] = Option(
    "class_weights",
    "Class weights",
    "of K classes, one a class: each loss is told with them too, Σcℓ/Σc and Σcℓ/n",
    _WEIGHTS,
    redo=Redo.COUNT,
)
ONLY_LABEL: Option[Look, str | None] = Option(
    "only_label",
    "Label",
    "only the examples with this label: its name or its number",
    _maybe(options.text("Y")),
    shown=lambda look: "all" if look.only_label is None else look.only_label,
    redo=Redo.COUNT,
)
ONLY_GROUP: Option[Look, str | None] = Option(
    "only_group",
    "Group",
    "only the examples of this group",
    _NAME,
    shown=lambda look: "all" if look.only_group is None else look.only_group,
    redo=Redo.COUNT,
)
ONLY_RANGE: Option[Look, Range] = Option(
    "only_range",
    "Range",
    "only the examples with such a prediction (of logits their probability, of K classes the largest); "
    "either end may be left out",
    _RANGE,
    shown=lambda look: (
        "all"
        if look.only_range == (None, None)
        else ":".join("" if end is None else trimmed(end, 3) for end in look.only_range)
    ),
    redo=Redo.COUNT,
)
ONLY: Option[Look, tuple[Holding, ...]] = Option(
    "only",
    "Only",
    "only the rows in which a column holds this: COLUMN=VALUE, of numbers COLUMN=LO:HI too, — for nothing; repeatable, "
    "and a value with a comma is put in double quotes; of two files it is a column of the first",
    _CONDITIONS,
    shown=lambda look: " · ".join(condition.text for condition in look.only) or "all",
    redo=Redo.COUNT,
)
BY: Option[Look, str | None] = Option(
    "by",
    "By",
    "a table of the segments of a column: each value of it, or ten intervals of numbers that hold equally many rows",
    _maybe(options.text("COLUMN")),
)
WORST: Option[Look, int] = Option(
    "worst",
    "Worst examples",
    "how many of the worst examples are told (default 20, as text 10)",
    options.count("--worst", 1, MOST_WORST),
    redo=Redo.COUNT,
)
PAGE: Option[Look, Any] = Option(
    "page",
    "Chart",
    f"the chart that the explorer shows: {', '.join(PAGES)} (default reliability; compare where a second prediction is "
    "given)",
    replace(options.one_of(PAGES, "chart"), metavar="CHART"),
)
SCALE: Option[Look, Any] = Option(
    "scale",
    "Y axis",
    "scale of the y axis in the explorer, of counts and of losses (default linear)",
    options.one_of(SCALES, "scale"),
    step=lambda look, direction: view.other_scale(look),
    keys=("l",),
)

BESIDE: Option[Look, Any] = Option(
    "beside",
    "Beside the bins",
    "what the explorer draws beside the bins of the reliability: what T and Platt make of them, or CORP, their "
    "isotonic regression (default fits)",
    options.one_of(view.BESIDE, "curve"),
    step=view.next_beside,
    keys=("j",),
    redo=Redo.DRAW,
)

AGAINST: Option[Look, str | None] = Option(
    "against",
    "Against",
    "a second file with predictions of the same rows, joined by --key, a key that is found, or the order of rows",
    _maybe(options.text("FILE")),
    shown=lambda look: "" if look.against is None else look.against,
    redo=Redo.COUNT,
)
AGAINST_COLUMN: Option[Look, tuple[str, ...]] = Option(
    "against_column",
    "Against column",
    "the column of the second prediction; of several each is compared with the first (of K classes: the K columns)",
    _COLUMNS,
    redo=Redo.COUNT,
)
AGAINST_KIND: Option[Look, str | None] = Option(
    "against_kind", "Against kind", "what the second prediction is, as of --kind", _KIND, redo=Redo.COUNT
)
AGAINST_OUT_OF: Option[Look, float | None] = Option(
    "against_out_of", "Against out of", "what a certainty is in the second; where it is above 1, that of --out-of",
    _OUT_OF, redo=Redo.COUNT,
)  # fmt: skip
AGAINST_POSITIVE: Option[Look, str | None] = Option(
    "against_positive", "Against positive", "which label is class 1 for the second, as of --positive", _TEXT,
    redo=Redo.COUNT,
)  # fmt: skip
AGAINST_TEMPERATURE: Option[Look, float | None] = Option(
    "against_temperature",
    "Against T",
    "divide every logit of the second by T; without a second column or file: this file against itself at T",
    options.optional(options.real("T")),
    redo=Redo.COUNT,
)
AGAINST_CLIP: Option[Look, Any] = Option(
    "against_clip", "Against clip", "clip the second as of --clip; likewise", _AGAINST_CLIP, redo=Redo.COUNT
)
AGAINST_LOSS: Option[Look, tuple[str, ...]] = Option(
    "against_loss",
    "Against loss",
    "put the second to these losses: one for all of --loss, or one for each; likewise",
    _AGAINST_LOSS,
    redo=Redo.COUNT,
)

AGAINST_OPTIONS: Options = (
    AGAINST, AGAINST_COLUMN, AGAINST_KIND, AGAINST_OUT_OF, AGAINST_POSITIVE, AGAINST_TEMPERATURE, AGAINST_CLIP,
    AGAINST_LOSS,
)  # fmt: skip
"""What the predictions are compared with."""

LOOK: Options = (
    BINS, MASS, THRESHOLD, TEMPERATURE, CLIP, CLASS_WEIGHTS, ONLY_LABEL, ONLY_GROUP, ONLY_RANGE, ONLY, BY,
    WORST, PAGE, SCALE, BESIDE, *AGAINST_OPTIONS,
)  # fmt: skip
"""How a file is looked at."""


def _smooth(subject: Subject, smoothing: float) -> Subject:
    smoothed(1.0, smoothing)  # the labels are those of the file, whatever label the subject has
    return replace(subject, smoothing=smoothing)


SMOOTHING: Option[Subject, float] = replace(
    subject_options.SMOOTHING,
    about="label smoothing, to see what it would change",
    shown=lambda subject: trimmed(subject.smoothing),
    put=_smooth,
)
"""Of the labels of the file: the one option of the subject, beside its losses, that a file depends on."""

# ---- the command line -----------------------------------------------------------------------------------------------


def add_data_flags(parser: argparse.ArgumentParser) -> None:
    """Declare the files, the losses, and every option of how they are read and looked at."""
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help=PATHS.about)
    add("--demo", action="store_true", help="the predictions of an over-confident model that come with lossterm")
    add("--loss", action="append", metavar="NAME[:PAR=VALUE]",
        help="a loss by any of its names; several comma-separated or repeated, or 'all' "
             f"(default {DEFAULT_LOSSES}; of plain numbers {DEFAULT_OF_VALUES})")  # fmt: skip
    add_define_flag(parser)
    options.add_flags(parser, (*FILE, *LOOK, SMOOTHING), once=(LABEL, AGAINST, BY))


def file_choice(given: argparse.Namespace) -> FileChoice:
    """Which files a command line names, and how they are read.

    Raises:
        ValueError: both files and the demo, or a kind or a delimiter that is none.
    """
    if given.demo and given.files:
        raise ValueError("--demo or files, not both")
    return options.with_flags(demo_choice() if given.demo else FileChoice(tuple(given.files)), FILE, given)


def asked_look(given: argparse.Namespace, look: Look) -> Look:
    """A look with what a command line says put on it.

    Raises:
        ValueError: what is wrong with it.
    """
    return options.with_flags(look, LOOK, given)


def asked_subject(subject: Subject, given: argparse.Namespace) -> Subject:
    """A subject with the losses and the smoothing that a command line asks for.

    Raises:
        ValueError: what is wrong with them.
    """
    if given.loss:
        subject = rows.with_losses(subject, losses(given.loss))
    return options.with_flags(subject, (SMOOTHING,), given)


def data_words(
    wanted: FileChoice, look: Look, asked: Sequence[Row] = (), smoothing: float = 0.0, *, classes: int = 0
) -> list[str]:
    """The words of a command line that ask the same of the same file.

    Args:
        wanted: the file.
        look: how it is looked at.
        asked: the losses.
        smoothing: s of label smoothing.
        classes: K, or 0 where there is one prediction an example.
    """
    demo = demo_choice()
    is_demo = wanted.paths == demo.paths and wanted.group_column is not None
    words = ["--demo"] if is_demo else [_path_word(path) for path in wanted.paths]
    specs = [row.spec for row in (map(class_row, asked) if classes else asked) if row is not None]
    return [
        *words,
        *([f"--loss={','.join(specs)}"] if specs else []),
        *define_words([] if classes else asked),
        *options.words(wanted, FILE, demo if is_demo else FileChoice()),
        *options.words(look, LOOK, Look()),
        *options.words(Subject(smoothing=smoothing), (SMOOTHING,), Subject()),
    ]


def _path_word(path: str) -> str:
    # a file whose name begins with a dash would be taken for an option
    return f"./{path}" if path.startswith("-") and path != "-" else path


# ---- kept between runs ----------------------------------------------------------------------------------------------


def saved_choice(wanted: FileChoice, look: Look, *, filtered: bool = False) -> dict[str, Any]:
    """A file and a look, as JSON has them.

    Args:
        wanted: the file; standard input is not there the next time.
        look: how it is looked at.
        filtered: whether a filter is kept too, which is of one file and one sitting; a segment is kept anyway.
    """
    kept = FileChoice() if "-" in wanted.paths else wanted
    return {
        "file": options.saved(kept, FILE),
        "look": options.saved(look if filtered else replace(view.unfiltered(look), only=look.only, by=None), LOOK),
    }


def restored_choice(document: object) -> tuple[FileChoice, Look]:
    """The file and the look that a document tells, distrusted field by field."""
    parts = document if isinstance(document, Mapping) else {}
    return options.restored(FileChoice(), FILE, parts.get("file")), options.restored(Look(), LOOK, parts.get("look"))


# ---- the file and the question --------------------------------------------------------------------------------------


def refuse_pipes(wanted: FileChoice) -> None:
    """Raise ValueError where a file can be read once only: the explorer reads it again."""
    from lossterm.files.paths import is_pipe

    for path in wanted.paths:
        if is_pipe(path):
            raise ValueError(f"{path} is a pipe, which can be read once only: write lossterm data {path} --format text")


def open_source(wanted: FileChoice) -> Source:
    """Open the files.

    Raises:
        ValueError: what is wrong with them, or polars is not installed.
    """
    from lossterm.files.source import Source

    source = Source.open(
        list(wanted.paths),
        label_column=wanted.label_column,
        prediction_columns=list(wanted.prediction_columns) or None,
        kind=cast("Holds | None", wanted.kind),
        weight_column=wanted.weight_column,
        group_column=wanted.group_column,
        positive=wanted.positive,
        delimiter=wanted.delimiter,
        skip_bad=wanted.skip_bad,
        class_names=wanted.class_names,
        out_of=wanted.out_of,
        key=wanted.key,
        levels=wanted.levels,
        decimal=wanted.decimal,
        encoding=wanted.encoding,
    )
    if wanted.label is None:
        return source
    try:
        return source.at_label(wanted.label)
    except BaseException:
        source.close()
        raise


def class_label(text: str, source: Source) -> float:
    """A label or a class as a person types it: its name, or its number.

    Raises:
        ValueError: there is no such class.
    """
    names = source.columns.classes or source.label_names
    if source.columns.kind != "value" and text in names:
        return float(names.index(text))
    try:
        label = parse(text)
    except ValueError:
        raise ValueError(unknown(text, "label", names)) from None
    if len(source.columns.predictions) > 1 and label not in range(len(source.columns.predictions)):
        raise ValueError(unknown(text, "class", names or [str(k) for k in range(len(source.columns.predictions))]))
    return label


def question_of(look: Look, source: Source, criteria: Sequence[Criterion | ClassCriterion]) -> Question:
    """What is asked of a file.

    Raises:
        ValueError: a label or a group that is not there.
    """
    columns = source.columns
    classes = len(columns.predictions) if len(columns.predictions) > 1 else 0
    label = None if look.only_label is None else class_label(look.only_label, source)
    group = None
    if look.only_group is not None:
        if columns.group is None:
            raise ValueError("the file has no column of groups: name one with --group-column")
        group = source.group_index(look.only_group)
    _check_clip(look.clip, columns.kind, classes)
    if look.only:
        source.check_columns((), look.only)
    _check_class_weights(look.class_weights, classes)
    return Question(
        kind=columns.kind,
        criteria=tuple(criteria),
        classes=classes,
        names=columns.classes,
        bins=look.bins,
        threshold=0.0 if columns.being_right else look.threshold,  # what was decided stands in the file
        worst=look.worst,
        temperature=look.temperature,
        clip=look.clip,
        class_weights=look.class_weights,
        weighted=columns.weight is not None,
        only=Filter(label, group, *look.only_range, look.only),
        forecast=columns.forecast,
    )


def _check_class_weights(weights: tuple[float, ...] | None, classes: int) -> None:
    """Raise ValueError where class weights mean nothing for so many classes, or (0) for one prediction an example."""
    if weights is None:
        return
    if not classes:
        raise ValueError("--class-weights is of K classes; one prediction has pos_weight: --loss ce:pos_weight=3")
    with of_option("--class-weights"):
        checked_weights(weights, classes)


def _check_clip(clip: Clip | None, kind: str, classes: int) -> None:
    """Raise ValueError where a clip means nothing for the predictions."""
    said = None if clip is None else clip_means_nothing(clip, kind, classes)
    if said:
        raise ValueError(said)


def clip_means_nothing(clip: Clip, kind: str, classes: int) -> str:
    """Why a clip means nothing for predictions of a kind, of K classes or (0) not; empty where it means something."""
    if kind == "value":
        return "--clip is of probabilities: the predictions are plain numbers"
    if classes and clip.log is not None:
        return f"--clip {clip.word} is of BCELoss, of one probability: of K classes torch clamps nothing"
    if classes and clip.eps is not None and clip.eps * classes >= 1:
        return f"--clip of {classes} classes is below 1/{classes}, not {clip.word}"
    return ""
