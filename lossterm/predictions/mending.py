"""What would mend the predictions of a file: recalibrations fitted to it, judged on rows they were not fitted to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lossterm.core.lazy import np
from lossterm.core.names import unknown
from lossterm.core.numbers import MINUS, fitting, significant
from lossterm.core.plain import echoed
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.judged import FOLDS, KEPT, Change, JudgedMap, Judgement, Worth, judged
from lossterm.core.statistics.question import Question
from lossterm.core.statistics.recalibration import BINARY_METHODS, CLASS_METHODS, METHODS, ReadRows, Recalibration
from lossterm.core.statistics.sample import Sample
from lossterm.model.records import strict
from lossterm.predictions.figures import Record, told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lossterm.files.source import Source

TITLES = {"T": "T", "platt": "Platt", "beta": "beta", "isotonic": "isotonic", "vector": "vector"}

HASHED = f"{FOLDS} folds by splitmix64 of the row number"
"""How the rows are cut."""

NEARLY = 0.9
"""The part of what the best method takes from which a simpler one is named beside it."""


@dataclass(frozen=True, eq=False)
class Mending:
    """Recalibrations of a file.

    Attributes:
        judgement: what they are worth.
        fit_on: the file or the filter that was named to fit to; "" where there are folds.
        skipped: bad rows that were left out.
        asked_temperature: the T that the other figures have and these have not.
    """

    judgement: Judgement
    fit_on: str = ""
    skipped: int = 0
    asked_temperature: float = 1.0

    def fitted(self, method: str) -> Recalibration:
        """The map of a method.

        Raises:
            ValueError: it has none; the message says why.
        """
        found = next(v.fitted for v in self.judgement.verdicts if v.fitted.method == method)
        if not found.is_fitted:
            raise ValueError(f"--recalibrate {method} cannot be fitted: {found.reason}")
        return found


def methods_of(source: Source) -> tuple[str, ...]:
    """The methods that a file can be mended by.

    Raises:
        ValueError: there is none.
    """
    if source.columns.kind == "value":
        raise ValueError("--recalibrate is of probabilities and logits: the predictions are plain numbers")
    return CLASS_METHODS if len(source.columns.predictions) > 1 else BINARY_METHODS


def asked_methods(text: str, source: Source) -> tuple[str, ...]:
    """The methods that a command line names, comma-separated, or ``all``.

    Raises:
        ValueError: one of them is none, or not of such a file.
    """
    there = methods_of(source)
    known = {name.lower(): name for name in METHODS} | {"temperature": "T"}
    if text.strip().lower() == "all":
        return there
    names = []
    for word in text.split(","):
        name = known.get(word.strip().lower())
        if name is None:
            raise ValueError(unknown(word.strip(), "method", METHODS))
        if name not in there:
            what = f"{len(source.columns.predictions)} classes" if len(there) == 2 else "one probability"
            raise ValueError(f"--recalibrate {name} is not of {what}: write {', '.join(there)}, or all")
        names.append(name)
    return tuple(dict.fromkeys(names))


def mend(
    source: Source,
    question: Question,
    methods: Sequence[str],
    *,
    fit_on: str = "",
    open_other: Callable[[str], Source] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[float], None] = lambda part: None,
    step: Callable[[], object] = lambda: None,
) -> Mending:
    """Fit recalibrations to a file, of its own predictions without T and smoothing, and judge them.

    Args:
        source: the file.
        question: tells which rows count, the bins and the clip.
        methods: which.
        fit_on: a file, or ``COLUMN=VALUE``: the rows that are fitted to; those of the file without it are judged.
        open_other: opens such a file.
        cancelled: asked between batches; the reading ends where it says so.
        progress: told the part of the file that is read.
        step: called before each fit; what it raises ends it.

    Raises:
        ValueError: no rows, or a column or a file that is not there.
    """
    most = max(KEPT // max(question.classes, 1), 1)
    kept, others = Sample(most), Sample(most)
    filtered = None if not fit_on or _is_file(fit_on, source) else _rows_with(fit_on, source)
    for examples in source.batches(cancelled, progress, question.only.conditions):
        passed = _passing(examples, question)
        if filtered is None:
            kept.add(passed)
        else:
            inside = filtered[passed.row - 1]
            others.add(passed.take(inside))
            kept.add(passed.take(~inside))
    skipped = source.skipped
    if fit_on and filtered is None:
        _read_other(fit_on, source, question, others, open_other)
    examples = _some(kept, f"no row is left to judge beside --fit-on {echoed(fit_on)}" if fit_on else "no row passes")
    fit_to = None
    if fit_on:
        fit_to = _rows(_some(others, f"--fit-on {echoed(fit_on)}: there is no such row"), question)
    found = judged(
        methods, _rows(examples, question), examples.row, fit_to=fit_to, bins=question.bins, clip=question.clip,
        seen=kept.seen, step=step,
    )  # fmt: skip
    return Mending(found, fit_on, skipped, question.temperature)


def _some(sample: Sample, otherwise: str) -> Examples:
    if not sample.seen:
        raise ValueError(otherwise)
    return sample.examples()


def _rows(examples: Examples, question: Question) -> ReadRows:
    return ReadRows(question.kind, examples.prediction, examples.label, examples.weight)


def _passing(examples: Examples, question: Question) -> Examples:
    only = question.only
    if only.is_open:
        return examples
    if question.classes:
        from lossterm.core.statistics.class_sums import predicted

        return only.of(examples, predicted(examples.prediction, question.unscaled()).p.max(axis=-1))
    if question.kind == "probability":
        return only.of(examples, examples.prediction)
    with np.errstate(over="ignore"):
        return only.of(examples, 1 / (1 + np.exp(-examples.prediction)))


def _is_file(fit_on: str, source: Source) -> bool:
    column, equals, _ = fit_on.partition("=")
    if Path(fit_on).exists():
        return True
    if not equals:
        raise ValueError(f"--fit-on {echoed(fit_on)}: there is no such file; of rows of this one write COLUMN=VALUE")
    if column not in source.names:
        raise ValueError(f"--fit-on: {unknown(column, 'column', source.names)}")
    return False


def _rows_with(fit_on: str, source: Source) -> NDArray[np.bool_]:
    """Of every row whether the column holds the value, as text, or as a number."""
    from lossterm.files.cells import number_of

    column, _, value = fit_on.partition("=")
    number = number_of(value)
    found: list[NDArray[np.bool_]] = []
    for _, texts in source.texts(column):
        same = [text == value.strip() or (number is not None and number_of(text) == number) for text in texts.names]
        found.append(np.array(same or [False], dtype=bool)[texts.codes])
    rows = np.concatenate(found) if found else np.zeros(0, dtype=bool)
    if not rows.any():
        raise ValueError(f"--fit-on {echoed(fit_on)}: no row has this value")
    return rows


def _read_other(
    path: str, source: Source, question: Question, others: Sample, open_other: Callable[[str], Source] | None
) -> None:
    if open_other is None:
        raise ValueError("--fit-on a file is of the command line")
    with open_other(path) as other:
        ours, theirs = source.columns, other.columns
        if (theirs.kind, len(theirs.predictions)) != (ours.kind, len(ours.predictions)):
            raise ValueError(
                f"--fit-on {echoed(path)}: its predictions are read as {_kind(other)}, those of {source.title} as "
                f"{_kind(source)}"
            )
        for examples in other.batches():
            others.add(_passing(examples, question))


def _kind(source: Source) -> str:
    count = len(source.columns.predictions)
    return f"{source.columns.given} of {count} classes" if count > 1 else source.columns.given


def mended_rows(source: Source, fitted: Recalibration) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """The mended probabilities of every good row: row numbers ``(m,)`` and probabilities ``(m, 1)`` or ``(m, K)``."""
    for examples in source.batches():
        p = fitted(examples.prediction).p
        yield examples.row, p if p.ndim == 2 else p[:, None]


# ---- what is told --------------------------------------------------------------------------------------------------


def record(mending: Mending) -> Record:
    """The table for programs."""
    found = mending.judgement
    best = found.best
    return {
        "rows": found.rows,
        "fitted_rows": found.fitted_rows,
        "rows_seen": found.seen,
        "folds": found.folds or None,
        "hash": "splitmix64(row) mod folds" if found.folds else None,
        "fit_on": mending.fit_on or None,
        "weighted": found.weighted,
        "unmended": _worth(found.plain),
        "methods": [_verdict(verdict) for verdict in found.verdicts],
        "best": None if best is None else best.fitted.method,
    }


def _verdict(verdict: JudgedMap) -> Record:
    change = verdict.change
    return {
        "method": verdict.fitted.method,
        "parameters": _parameters(verdict.fitted),
        "reason": verdict.reason or None,
        "in_sample": _worth(verdict.inside),
        "out_of_fold": _worth(verdict.outside),
        "difference": None if change.value is None else strict(change.value),
        "standard_error": None if change.error is None else strict(change.error),
    }


def _parameters(fitted: Recalibration) -> Record | None:
    if not fitted.is_fitted:
        return None
    return {name: list(x) if isinstance(x, tuple) else x for name, x in fitted.parameters.items()}


def _worth(found: Worth | None) -> Record | None:
    if found is None:
        return None
    floor = found.bins.floor
    return {
        "log_loss": strict(found.log_loss),
        "brier": strict(found.brier),
        "ece": strict(found.bins.ece),
        "ece_floor": None if floor is None else strict(floor.mean),
        "infinite": found.infinite,
    }


def table(mending: Mending) -> list[list[str]]:
    """The table for people, heads first: each method on rows that it was not fitted to, the last column in-sample."""
    found = mending.judgement
    rows = [["", "log loss", "Brier", "ECE", "(floor)", "Δ ± s.e.", "in-sample"]]
    rows.append(["as they are", *_cells(found.plain), "", ""])
    for verdict in found.verdicts:
        title = TITLES[verdict.fitted.method]
        inside = "—" if verdict.inside is None else told(verdict.inside.log_loss)
        outside = ["—"] * 4 if verdict.outside is None else _cells(verdict.outside)
        rows.append([title, *outside, change_text(verdict.change), inside])
    return rows


def _cells(found: Worth) -> list[str]:
    floor = found.bins.floor
    return [
        told(found.log_loss),
        told(found.brier),
        told(found.bins.ece),
        "" if floor is None else f"({told(floor.mean, 2)})",
    ]


def change_text(change: Change) -> str:
    """A difference with its standard error."""
    if change.value is None:
        return "—"
    sign = "+" if change.value > 0 else ""
    return f"{sign}{told(change.value)}" + ("" if change.error is None else f" ± {told(change.error, 2)}")


def sentences(mending: Mending, *, formulas: bool = True) -> list[str]:
    """What must be said beside the table: the conclusion first, then how it was fitted and judged, and the maps."""
    found = mending.judgement
    said = [conclusion(mending)]
    if found.folds:
        said.append(
            f"judged out of fold: {HASHED}, each by a fit to the others; in-sample: the log loss on the rows fitted to"
        )
    else:
        said.append(
            f"fitted to {found.fitted_rows:,} rows of --fit-on {mending.fit_on}, judged on {found.rows:,} others; "
            "in-sample: the log loss on the rows fitted to"
        )
    if found.weighted:
        said.append("with the weights of the file: fits and figures")
    if mending.asked_temperature != 1:
        said.append("of the predictions as they are in the file, without the T that is asked for")
    if found.sampled:
        said.append(f"of {found.seen:,} rows the {found.rows:,} whose hash is smallest are fitted to and judged")
    for verdict in found.verdicts:
        title = TITLES[verdict.fitted.method]
        if verdict.reason:
            said.append(f"no {title}{'' if not verdict.fitted.is_fitted else ' out of fold'}: {verdict.reason}")
        elif verdict.outside is not None and verdict.outside.infinite:
            count = verdict.outside.infinite
            said.append(
                f"{title}: an exact 0 or 1 is wrong in {count:,} row{'' if count == 1 else 's'}, which lose ∞; --clip "
                "tells what a library would say"
            )
        if formulas and verdict.fitted.is_fitted:
            said.append(f"{title}: {formula(verdict.fitted)}")
    return said


def conclusion(mending: Mending) -> str:
    """Which method is best, and whether that is more than noise, in a sentence."""
    found = mending.judgement
    best = found.best
    if best is None:
        return "nothing of these mends it: the log loss is no smaller on rows that were not fitted to"
    change, title = best.change, TITLES[best.fitted.method]
    if change.value is None or change.error is None:
        return f"{title} makes the log loss finite: {told(best.outside.log_loss if best.outside else None)}"
    sure = abs(change.value) > 1.96 * change.error
    part = f"{title}{' is best' if len(found.verdicts) > 1 else ''}: log loss {change_text(change)}"
    return f"{part}{_nearly(mending)}" if sure else f"{part}, which may be chance (within 1.96 s.e.)"


def _nearly(mending: Mending) -> str:
    # a simpler method, which is judged before the best, that takes nearly as much
    best = mending.judgement.best
    for verdict in mending.judgement.verdicts:
        if best is None or best.change.value is None or verdict is best:
            break
        part = (verdict.change.value or 0.0) / best.change.value
        if NEARLY <= part < 1:
            return f"; {TITLES[verdict.fitted.method]} alone takes {100 * part:.0f}% of it"
    return ""


def _plus(x: object) -> str:
    # a number that is added, with its sign before it
    assert isinstance(x, float)
    return f"{MINUS if x < 0 else '+'} {significant(abs(x))}"


def formula(fitted: Recalibration) -> str:
    """The map in a line."""
    p = fitted.parameters
    number = {name: significant(x) for name, x in p.items() if not isinstance(x, tuple)}
    if fitted.method == "T":
        return f"{'softmax' if fitted.classes else 'σ'}(z / {number['T']})"
    if fitted.method == "platt":
        return f"σ({number['a']}·z {_plus(p['b'])})"
    if fitted.method == "beta":
        return f"σ({number['a']}·ln p − {number['b']}·ln(1 − p) {_plus(p['c'])})"
    if fitted.method == "isotonic":
        knots = p["x"]
        return f"rising steps of {len(knots) if isinstance(knots, tuple) else 0} knots"
    scale, bias = p["scale"], p["bias"]
    assert isinstance(scale, tuple)
    assert isinstance(bias, tuple)
    if len(scale) > 6:
        return f"softmax(s·z + b) of {len(scale)} classes"
    return f"softmax(s·z + b), s = {_listed(scale)}, b = {_listed(bias)}"


def _listed(values: Sequence[float]) -> str:
    return f"({', '.join(fitting(value, 7) for value in values)})"
