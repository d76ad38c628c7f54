"""A formula of one's own as a function of jets: its steps one after the other, each once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lossterm.core.jets import Jet, blend
from lossterm.core.lazy import np
from lossterm.core.losses.labels import Label
from lossterm.core.losses.own.arithmetic import OPERATIONS, Value, choose, jet_like, subtract
from lossterm.core.losses.own.grammar import FormulaStep, steps_of


@dataclass(frozen=True, eq=False)
class Formula:
    """What is computed of a prediction, a label and parameters.

    Attributes:
        steps: one after the other; the last is the loss.
    """

    steps: tuple[FormulaStep, ...]

    def __call__(self, v: Jet, y: Label, params: Mapping[str, float | None]) -> Jet:
        """The loss's jet.

        Args:
            v: the prediction.
            y: the label, after smoothing; an array has one a point.
            params: its parameters by name.

        Returns:
            A jet that shares its arrays with nobody.
        """
        values: list[Value] = []
        with np.errstate(all="ignore"):
            for step in self.steps:
                of = [values[i] for i in step.of]
                if step.name == "number":
                    values.append(step.value)
                elif step.name == "name":
                    values.append(_named(step.word, v, y, params))
                elif step.name.startswith("if "):
                    values.append(choose(step.name[3:], *of))
                else:
                    values.append(OPERATIONS[step.name](*of))
            return jet_like(v, values[-1])


@lru_cache(maxsize=512)
def read(expression: str, parameters: tuple[str, ...]) -> Formula:
    """The formula of an expression that names parameters; the last ones are kept."""
    return Formula(steps_of(expression, parameters))


def _named(name: str, v: Jet, y: Label, params: Mapping[str, float | None]) -> Value:
    if name == "v":
        return v
    if name == "y":
        return y
    if name == "z":
        return _logit(v)
    if name == "r":
        return v - y
    if name == "s":
        return subtract(y, subtract(1.0, y))
    return blend(y, v, v.difference(1.0)) if name == "p_t" else params[name]


def _logit(v: Jet) -> Value:
    if v.origin is not None:
        return v.origin.jet(v)
    # a probability that is given without its logit
    log_p, log_q = v.log, v.difference(1.0).log
    return math.nan if log_p is None or log_q is None else log_p - log_q
