"""Why a plain chain rule fails at a point: which factor was 0, which infinite, and where that came from."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from lossterm.core.lazy import np
from lossterm.core.losses.objective import Objective
from lossterm.core.numbers import trimmed
from lossterm.precision.activations import LINKS
from lossterm.precision.evaluation import PlainEvaluation, evaluate_plainly
from lossterm.precision.numbers import PlainOperation


def reason_at(objective: Objective, dtype: str, logit: float) -> str:
    """What goes wrong at a logit, in clauses; empty where nothing does.

    Raises:
        ValueError: the loss has no plain formula, or the precision is not installed.
    """
    plain = evaluate_plainly(objective, dtype, np.array([logit], dtype=float))
    exact = objective.evaluate([logit]).at(0)
    value, slope = _number(plain.value), _number(plain.d_logit)
    value_fails = not math.isfinite(value) and math.isfinite(exact.value)
    slope_fails = not math.isfinite(slope) and math.isfinite(exact.d_logit)
    dead = slope == 0 != exact.d_logit and not math.isnan(exact.d_logit)
    if not (value_fails or slope_fails or dead):
        return ""
    letter = objective.activation.letter
    clauses = [*_of_prediction(objective, plain, exact.prediction, logit)]
    if value_fails:
        clauses += _of_value(plain, value)
    if slope_fails or dead:
        clauses += _of_slope(plain, slope, letter, LINKS[objective.activation.id].slope_text)
    return _lettered("; ".join(dict.fromkeys(clauses)), letter)


def _lettered(text: str, letter: str) -> str:
    """Formulas name the prediction v or p: here it is the letter that the screen has for it."""
    return re.sub(r"\b[pv]\b", letter, text)


def _number(array: object) -> float:
    return float(np.ravel(np.asarray(array, dtype=float))[0])


def _of_prediction(objective: Objective, plain: PlainEvaluation, exact: float, logit: float) -> Iterator[str]:
    # a prediction that has left its range: the beginning of most failures
    link, letter, v = LINKS[objective.activation.id], objective.activation.letter, _number(plain.prediction)
    with np.errstate(all="ignore"):
        inner = _number(link.inner(plain.logit))
    overflow = f", as {link.inner_text} = {written(inner)}" if math.isinf(inner) and math.isfinite(logit) else ""
    if v == 0 != exact:
        yield f"{letter} underflowed to 0{overflow}" if not overflow else f"{letter} = 0{overflow}"
    elif v == 1 and _short_of_one(objective, logit):
        yield f"{letter} rounded to 1"
    elif v == -1 != exact:
        yield f"{letter} rounded to −1"
    elif not math.isfinite(v) and math.isfinite(exact):
        yield f"{letter} = {written(v)}{overflow}"


def _short_of_one(objective: Objective, logit: float) -> bool:
    with np.errstate(all="ignore"):
        gap = objective.activation.jet(np.array([logit], dtype=float)).difference(1.0)
    return bool(gap.value[0] != 0)


def _of_value(plain: PlainEvaluation, value: float) -> Iterator[str]:
    # the first operation that is infinite, and the first that is undefined
    seen = [(operation, _number(operation.result.value)) for operation in plain.done]
    for operation, result in seen:
        if math.isinf(result) and all(math.isfinite(_number(x.value)) for _, x in operation.operands):
            yield f"{operation.text} = {written(result)}{_because(operation)}"
            break
    if math.isnan(value):
        for operation, result in seen:
            if math.isnan(result) and not any(math.isnan(_number(x.value)) for _, x in operation.operands):
                yield f"{operation.text} = {_inserted(operation)} = NaN"
                break


def _because(operation: PlainOperation) -> str:
    # log of 0, division by 0
    for text, number in operation.operands:
        if _number(number.value) == 0 and operation.sign in ("log", "/") and len(text) > 1:
            return f", as {text} = 0"
    return ""


def _inserted(operation: PlainOperation) -> str:
    numbers = [written(_number(number.value)) for _, number in operation.operands]
    if len(numbers) == 2 and not operation.sign.isalpha():
        left, right = numbers[0], f"({numbers[1]})" if numbers[1].startswith("−") else numbers[1]
        return f"{left}{operation.sign if operation.sign in '·/^' else f' {operation.sign} '}{right}"
    return f"{operation.sign}({', '.join(numbers)})"


def _of_slope(plain: PlainEvaluation, slope: float, letter: str, slope_text: str) -> Iterator[str]:
    by_prediction, by_logit = _number(plain.d_prediction), _number(plain.d_activation)
    outer = f"∂L/∂{letter} = {written(by_prediction)}"
    inner = f"∂{letter}/∂z = " + " = ".join(dict.fromkeys((slope_text, written(by_logit))))
    if math.isnan(by_prediction):
        yield _first_undefined(plain, letter)
    elif math.isnan(by_logit):
        yield f"{inner}"
    elif math.isnan(slope):
        yield f"{outer}, {inner}: {_product(by_prediction, by_logit)} = NaN"
    elif math.isinf(slope):
        yield f"{outer}, {inner}: the product is {written(slope)}"
    elif by_logit == 0:
        yield f"{inner}: no slope comes through"
    elif by_prediction == 0:
        yield f"{outer}: no slope to come through"
    else:
        yield f"{outer}, {inner}: the product underflowed to 0"


def _product(a: float, b: float) -> str:
    return f"{written(a)}·{f'({written(b)})' if b < 0 else written(b)}"


def _first_undefined(plain: PlainEvaluation, letter: str) -> str:
    for operation in plain.done:
        slope = operation.result.slope
        if slope is None or not math.isnan(_number(slope)):
            continue
        pairs = [
            (text, _number(x.value), None if x.slope is None else _number(x.slope)) for text, x in operation.operands
        ]
        if any(s is not None and math.isnan(s) for _, _, s in pairs):
            continue
        if operation.sign == "·":
            (one, a, da), (other, b, db) = pairs
            if da is not None and math.isnan(da * b):
                return f"in ∂L/∂{letter}: ({one})′·({other}) = {_product(da, b)} = NaN"
            if db is not None and math.isnan(a * db):
                return f"in ∂L/∂{letter}: ({one})·({other})′ = {_product(a, db)} = NaN"
        inside = ", ".join(f"{text} = {written(a)}" for text, a, _ in pairs)
        return f"in ∂L/∂{letter}: ({operation.text})′ is NaN where {inside}"
    return f"∂L/∂{letter} is NaN"


def written(x: float) -> str:
    """A number in a reason: four digits at most, ∞ and NaN by name."""
    return "NaN" if math.isnan(x) else trimmed(x, 3)
