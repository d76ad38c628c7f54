"""The dialects of a loss at a point as rows, records and sentences: what the command prints and the screens show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lossterm.core.jets import Array
from lossterm.core.losses.objective import Objective, Reading
from lossterm.core.numbers import significant, trimmed
from lossterm.core.outward import Ends, ends_text
from lossterm.core.softmax.example import SoftmaxExample
from lossterm.dialects.classes import ClassTold, length
from lossterm.dialects.comparison import Reach, ScalarTold, factor_of, reach_of
from lossterm.model.records import Record, objective_record, strict

OFF, DEAD = "off", "dead"
"""What is said of a number that is off by more than a millionth, and of a slope that is 0 where it should not be."""


@dataclass(frozen=True)
class DialectRow:
    """A dialect at a point, in texts.

    Attributes:
        name: the library and its function.
        dtype: its precision.
        value: L.
        slope: ∂L/∂z; a dash where the library gives none.
        marks: what is wrong with them, in words; empty where nothing is.
        differs: what is its own, in a clause.
        call: that makes it.
        value_is_off: whether L is off.
        slope_is_off: whether ∂L/∂z is off, or dead.
    """

    name: str
    dtype: str
    value: str
    slope: str
    marks: str
    differs: str
    call: str
    value_is_off: bool
    slope_is_off: bool

    @property
    def brief_name(self) -> str:
        """The name in fewer letters, the telling ones first: for a narrow column."""
        library, _, function = self.name.partition(" ")
        head, _, knobs = function.partition("(")
        knob, _, setting = knobs.rstrip(")").rpartition(" ")[2].partition("=")
        told = knob if setting in ("True", "False") else ""
        precision = " f32" if library == "scikit-learn" and self.dtype == "float32" else ""
        library = library.replace("scikit-learn", "sklearn")
        return f"{library} {told} {head}" if told else f"{library} {head}{precision}"

    @property
    def bits(self) -> str:
        """The precision in three letters: ``f32``."""
        return self.dtype.replace("float", "f")


def row_of(told: ScalarTold, objective: Objective) -> DialectRow:
    """A dialect of one prediction as a row."""
    clauses = [convention(told, objective), told.dialect.differs]
    slope = math.nan if told.d_logit is None else told.d_logit
    return DialectRow(
        f"{told.dialect.library} {short_name(told.call)}", told.dialect.dtype, significant(told.value),
        significant(slope), _marks(told), "; ".join(clause for clause in clauses if clause), told.call,
        told.value_is_off, told.slope_is_off,
    )  # fmt: skip


def row_of_classes(told: ClassTold, classes: int) -> DialectRow:
    """A dialect of K classes as a row; its slope is the length of the gradient."""
    return DialectRow(
        f"{told.dialect.library} {short_name(told.call)}", told.dialect.dtype, significant(told.value),
        significant(length(told.d_logit)), _marks(told), told.dialect.differs, told.call,
        told.value_is_off, told.slope_is_off,
    )  # fmt: skip


def convention(told: ScalarTold, objective: Objective) -> str:
    """The factor by which a dialect's convention differs from the loss that is asked for: ``½ × the loss``."""
    factor = factor_of(told.dialect, objective)
    if factor == 1:
        return ""
    return f"{'½' if factor == 0.5 else trimmed(factor)} × {objective.loss.id}"


def _marks(told: ScalarTold | ClassTold) -> str:
    slope = f"∂L/∂z {DEAD}" if told.is_dead else f"∂L/∂z {OFF}" if told.slope_is_off else ""
    return ", ".join(mark for mark in (f"L {OFF}" if told.value_is_off else "", slope) if mark)


def short_name(call: str) -> str:
    """The function of a call: ``BCELoss``, ``binary:logistic``."""
    if call.startswith("objective="):
        return call.partition("'")[2].partition("'")[0]
    text = call.partition("().")[0] if "()." in call else call[: _opening(call)]
    text = text.removesuffix("()").removesuffix("(label_smoothing=")
    head, bracket, knobs = text.partition("(")
    return head.rpartition(".")[2] + bracket + knobs


def _opening(call: str) -> int:
    # where the bracket opens that closes last
    depth = 0
    for at in range(len(call) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(call[at], 0)
        if depth == 0:
            return at
    return len(call)


def reach_text(reach: Reach) -> str:
    """From where on a dialect is wrong: ``L off z < −100 and z > 4.9 · ∂L/∂z dead z < −88.7``."""
    parts = []
    if reach.value == reach.d_logit != (None, None):
        parts.append(f"L and ∂L/∂z {OFF} {ends_text(reach.value)}")
    else:
        parts += [f"L {OFF} {ends_text(reach.value)}"] if _any(reach.value) else []
        parts += [f"∂L/∂z {OFF} {ends_text(reach.d_logit)}"] if _any(reach.d_logit) else []
    parts += [f"∂L/∂z {DEAD} {ends_text(reach.dead)}"] if _any(reach.dead) else []
    return " · ".join(parts)


def _any(ends: Ends) -> bool:
    return ends != (None, None)


# ---- records --------------------------------------------------------------------------------------------------------


def record(told: ScalarTold, objective: Objective, exact: Reading, smoothing: float) -> Record:
    """One dialect of the machine-readable formats; its label is that after smoothing."""
    reach = reach_of(objective, told.dialect)
    return {
        **objective_record(objective, smoothing),
        "logit": exact.logit,
        "library": told.dialect.library,
        "call": told.call,
        "dtype": told.dialect.dtype,
        "value": strict(told.value),
        "d_logit": None if told.d_logit is None else strict(told.d_logit),
        "exact_value": strict(exact.value),
        "exact_d_logit": strict(exact.d_logit),
        "meant_value": strict(told.meant_value),
        "meant_d_logit": strict(told.meant_d_logit),
        "differs": told.dialect.differs,
        "factor": factor_of(told.dialect, objective),
        "value_off": told.value_is_off,
        "d_logit_off": told.slope_is_off,
        "dead": told.is_dead,
        "wrong_from": {"value": list(reach.value), "d_logit": list(reach.d_logit), "dead": list(reach.dead)},
    }


def record_of_classes(told: ClassTold, loss: str, params: Record, example: SoftmaxExample, exact: ClassTold) -> Record:
    """One dialect of K classes."""
    return {
        "loss": loss,
        "params": params,
        "logits": _listed(example.logits),
        "target": _listed(example.point.target.p),
        "smoothing": example.target.smoothing,
        "temperature": example.temperature,
        "library": told.dialect.library,
        "call": told.call,
        "dtype": told.dialect.dtype,
        "value": strict(told.value),
        "d_logit": None if told.d_logit is None else _listed(told.d_logit),
        "exact_value": strict(exact.meant_value),
        "exact_d_logit": _listed(exact.meant_d_logit),
        "meant_value": strict(told.meant_value),
        "meant_d_logit": _listed(told.meant_d_logit),
        "differs": told.dialect.differs,
        "value_off": told.value_is_off,
        "d_logit_off": told.slope_is_off,
        "dead": told.is_dead,
        "wrong_from": None,
    }


def _listed(numbers: Array) -> list[float | str | None]:
    return [strict(float(x)) for x in numbers]


def notes(rows: Sequence[DialectRow], reaches: Sequence[str]) -> Iterator[str]:
    """A sentence a dialect: its call, what differs, and from where on it is wrong."""
    for row, reach in zip(rows, reaches, strict=True):
        yield " · ".join(text for text in (f"{row.name.partition(' ')[0]} {row.call}", row.differs, reach) if text)
