"""What a caller says, read: losses by any name, labels, activations, numbers; what is wrong is one clear ValueError."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.library_names import SOFTMAX_LOSSES, by_library
from lossterm.core.losses.activations import Activation, find_activation
from lossterm.core.losses.labels import smoothed
from lossterm.core.plain import echoed
from lossterm.model.notation import loss_asked
from lossterm.model.rows import ListRow, Value
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.model.subject import Row

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

R = TypeVar("R", bound=ListRow[Any])


# ---- losses ---------------------------------------------------------------------------------------------------------


def one_row(spec: object, kind: type[R], params: Mapping[str, object]) -> R:
    """The row of a loss: ``"focal:gamma=3"``, or any name of it.

    Args:
        spec: how it is called.
        kind: of one prediction, or of K classes.
        params: parameters by name, beside those that the name tells.

    Raises:
        ValueError: an unknown name or parameter (with the nearest), a value out of range, or one that is told twice.
    """
    if not isinstance(spec, str) or not spec.strip():
        raise ValueError(f"a loss is a name such as 'focal' or 'focal:gamma=3', not {_shown(spec)}")
    if "," in spec:
        raise ValueError(f"{echoed(spec)} are several losses: one is taken here, call it once for each")
    row = _row(spec, kind)
    told = {_key(setting.partition("=")[0]) for setting in spec.split(":")[1:]}
    for name, value in params.items():
        if _key(name) in told:
            raise ValueError(f"{name} is told twice: in {echoed(spec)} and as {name}={_shown(value)}")
    return row.with_params({name: _value(row, name, value) for name, value in params.items()})


def several_rows(specs: object, accepted: Callable[[Row], bool] | None = None) -> list[Row]:
    """The rows of losses: ``"ce,mse"``, or a sequence of such names; each curve once, in the order asked.

    Args:
        specs: how they are called.
        accepted: which losses ``"all"`` stands for; every one that it can mean where nothing is given.

    Raises:
        ValueError: none is named, or as `one_row`.
    """
    texts = [specs] if isinstance(specs, str) else specs
    if not isinstance(texts, Iterable) or isinstance(texts, bytes):
        raise ValueError(f"losses are names such as 'ce,mse' or ['ce', 'focal:gamma=3'], not {_shown(specs)}")
    rows: list[Row] = []
    for name in (part for text in texts for part in (text.split(",") if isinstance(text, str) else [text])):
        if isinstance(name, str) and name.strip().lower() == "all":
            every = (Row.of(entry, shown=True) for entry in Row.registry)
            rows += [row for row in every if row.entry.in_all and (accepted is None or accepted(row))]
        else:
            rows.append(one_row(name, Row, {}))
    if not rows:
        raise ValueError("at least one loss is needed, such as 'ce,mse'")
    return list({row.key: row for row in rows}.values())


def one_of(loss: str, names: Sequence[str]) -> str:
    """The one of some losses that goes by a name: exactly that, or the only one of its kind.

    Raises:
        KeyError: it is none of them; the message names them.
    """
    try:
        wanted = one_row(loss, Row, {}).spec
    except ValueError as why:
        raise KeyError(str(why)) from None
    same = [name for name in names if name.partition(":")[0] == wanted]
    if wanted not in names and len(same) != 1:
        raise KeyError(f"{wanted} is none of {', '.join(names)}")
    return wanted if wanted in names else same[0]


def _row(name: str, kind: type[R]) -> R:
    if issubclass(kind, SoftmaxRow):
        return loss_asked(name, kind)
    try:
        return loss_asked(name, kind)
    except ValueError:
        of_classes = by_library(SOFTMAX_LOSSES, name.partition(":")[0])
        if of_classes is None:
            raise
        what = f"{name.strip()} is {of_classes} of K classes"
        raise ValueError(f"{what}: lossterm.evaluate_softmax({of_classes!r}, …) takes it") from None


def _key(name: str) -> str:
    return name.strip().lower().replace("-", "_")


def _value(row: ListRow[Any], name: str, value: object) -> Value:
    knob = next((knob for knob in row.entry.parameters if knob.name == _key(name)), None)
    if knob is None or value is None:
        return None  # of an unknown one it is said which there are
    if isinstance(knob.default, str):
        return str(value)
    one = _real(value)
    if one is None:
        raise ValueError(f"{knob.name} must be one number {knob.range_text()}, not {_shown(value)}")
    return one


# ---- numbers --------------------------------------------------------------------------------------------------------


def numbers(values: ArrayLike | object, what: str, example: str) -> Array:
    """Numbers of any shape as floats.

    Args:
        values: a number, a sequence of them (of sequences, …), or an array.
        what: what they are called, for the message.
        example: what would be right, for the message.

    Raises:
        ValueError: there is none, or something that is no real number.
    """
    try:
        given = np.asarray(values)
        real = given.dtype.kind in "biuf" or all(isinstance(x, Real) for x in given.ravel().tolist())
        if real or not given.size:
            return np.array(given, dtype=float)
    except (TypeError, ValueError, OverflowError, RuntimeError):  # ragged, or of a library that does not give them away
        pass
    raise ValueError(f"{what} must be numbers, such as {example}, not {_shown(values)}")


def number_in(value: object, what: str, low: float = -math.inf, high: float = math.inf) -> float:
    """One finite number within bounds.

    Raises:
        ValueError: it is none, or beyond them; the message has them.
    """
    within = "a number" if math.isinf(low) and math.isinf(high) else f"a number from {low:g} to {high:g}"
    one = _real(value)
    if one is None or not math.isfinite(one) or not low <= one <= high:
        raise ValueError(f"{what} must be {within}, not {_shown(value)}")
    return one


def whole_in(value: object, what: str, low: int, high: int) -> int:
    """One whole number within bounds.

    Raises:
        ValueError: it is none, or beyond them; the message has them.
    """
    one = _real(value)
    if one is None or not low <= one <= high or one != int(one):
        raise ValueError(f"{what} must be a whole number from {low:,} to {high:,}, not {_shown(value)}")
    return int(one)


def broadcasting(label: Array, at: Array) -> None:
    """Raise ValueError, with both shapes, unless labels and points broadcast."""
    try:
        np.broadcast_shapes(label.shape, at.shape)
    except ValueError:
        shapes = f"labels of shape {label.shape} and points of shape {at.shape}"
        hint = "give them one shape, or an axis of length 1, such as label[:, None]"
        raise ValueError(f"{shapes} do not broadcast: {hint}") from None


def _real(value: object) -> float | None:
    # one real number as a float; None for anything else, a truth value too
    if isinstance(value, np.ndarray) and not value.ndim:
        value = value.item()
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    try:
        return float(value) if is_number else None  # type: ignore[arg-type]
    except OverflowError:
        return None


def _shown(value: object) -> str:
    return echoed(value) if isinstance(value, str) else echoed(repr(value))[1:-1]


# ---- the subject ----------------------------------------------------------------------------------------------------


def target(label: object, activation: object, smoothing: object) -> tuple[float, Activation]:
    """One label after smoothing, and the activation.

    Raises:
        ValueError: an unknown activation, a smoothing outside [0, 1], or a label that cannot be smoothed.
    """
    y = smoothed(number_in(label, "label"), number_in(smoothing, "smoothing", 0, 1))
    return y, find_activation(named(activation, "activation"))


def named(value: object, what: str) -> str:
    """A text that is looked up next.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str):
        raise ValueError(f"the {what} must be a text, not {_shown(value)}")
    return value
