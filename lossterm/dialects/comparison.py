"""What each library computes for a loss at a point, against the exact numbers: how far off, and from where on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.objective import Objective
from lossterm.core.outward import Ends, held_from
from lossterm.core.remembered import Remembered
from lossterm.dialects.entries import ScalarDialect
from lossterm.dialects.links import SPELLED
from lossterm.dialects.scalar import dialects_of, losses_told

if TYPE_CHECKING:
    from numpy.typing import NDArray

OFF = 1e-6
"""A number is off where it differs by more than this share of the exact one."""


@dataclass(frozen=True)
class ScalarTold:
    """A dialect at one point.

    Attributes:
        dialect: whose numbers these are.
        call: that makes them.
        value: L as the library computes it.
        d_logit: ∂L/∂z; None where the library gives none.
        meant_value: what it would be without rounding and clipping, in the library's own convention.
        meant_d_logit: the same of the slope.
    """

    dialect: ScalarDialect
    call: str
    value: float
    d_logit: float | None
    meant_value: float
    meant_d_logit: float

    @property
    def value_is_off(self) -> bool:
        """Whether L differs by more than `OFF` of what is meant."""
        return bool(off(self.value, self.meant_value))

    @property
    def slope_is_off(self) -> bool:
        """Whether ∂L/∂z differs by more than `OFF` of what is meant."""
        return self.d_logit is not None and bool(off(self.d_logit, self.meant_d_logit))

    @property
    def is_dead(self) -> bool:
        """Whether ∂L/∂z is exactly 0 and what is meant is not."""
        return self.d_logit == 0 and self.meant_d_logit != 0 and not math.isnan(self.meant_d_logit)


@dataclass(frozen=True)
class Reach:
    """From where on a dialect is wrong: below the first and above the second of each pair.

    Attributes:
        value: L is off.
        d_logit: ∂L/∂z is off.
        dead: ∂L/∂z is exactly 0 and what is meant is not.
    """

    value: Ends
    d_logit: Ends
    dead: Ends


def off(told: Array | float, meant: Array | float) -> NDArray[np.bool_]:
    """Where numbers differ by more than `OFF` of what is meant; what is undefined is not off."""
    with np.errstate(all="ignore"):
        apart = np.abs(np.subtract(told, meant)) > OFF * np.abs(meant)
        same = np.equal(told, meant) | np.isnan(meant)
        result: NDArray[np.bool_] = ~same & (apart | ~np.isfinite(told) | ~np.isfinite(meant))
    return result


def told_at(objective: Objective, logit: float) -> tuple[ScalarTold, ...]:
    """Every dialect of an objective's loss at a logit, in the order of the table.

    Raises:
        ValueError: no library has the loss, or has it for this label, these parameters and this activation.
    """
    return tuple(_told(objective, dialect, logit) for dialect in dialects_for(objective))


def dialects_for(objective: Objective) -> list[ScalarDialect]:
    """The dialects that compute an objective.

    Raises:
        ValueError: there are none; the message says why.
    """
    loss, params = objective.loss, dict(objective.params)
    if loss.definition:
        raise ValueError(f"no library has {loss.id}: it is a loss of your own")
    known = dialects_of(loss.id)
    if loss.definition:
        raise ValueError(f"{loss.id} is a loss of your own: no library computes it")
    if not known:
        raise ValueError(f"no library here computes {loss.id}: there are dialects of {', '.join(losses_told())}")
    problems = [dialect.problem(objective.label, params, objective.activation.id) for dialect in known]
    found = [dialect for dialect, problem in zip(known, problems, strict=True) if problem is None]
    if not found:
        at = objective.activation.id
        behind = f" behind {at}: libraries have it behind {_reached(known)}" if at not in _reached(known) else ""
        raise ValueError(f"no library here computes {loss.id}{behind or f': each {problems[0]}'}")
    return found


def _reached(known: Sequence[ScalarDialect]) -> str:
    every = [name for name in SPELLED if any(d.activations is None or name in d.activations for d in known)]
    return ", ".join(every)


def _told(objective: Objective, dialect: ScalarDialect, logit: float) -> ScalarTold:
    at = np.array([logit], dtype=float)
    (value, slope), (meant, meant_slope) = computed(objective, dialect, at), meant_by(objective, dialect, at)
    call = dialect.call(objective.label, dict(objective.params), objective.activation.id)
    return ScalarTold(dialect, call, float(value[0]), None if slope is None else float(slope[0]), float(meant[0]),
                float(meant_slope[0]))  # fmt: skip


def computed(objective: Objective, dialect: ScalarDialect, logits: Array) -> tuple[Array, Array | None]:
    """Values and slopes as the library computes them at logits, as doubles."""
    with np.errstate(all="ignore"):
        z = np.asarray(logits, dtype=dialect.dtype)
        params = dialect.params(dict(objective.params))
        assert params is not None
        # the library is given the parameters that are told; what it makes of the others is in its own function
        value, slope = dialect.compute(z, float(objective.label), dict(objective.params), objective.activation.id)
    return np.asarray(value, dtype=float), None if slope is None else np.asarray(slope, dtype=float)


def meant_by(objective: Objective, dialect: ScalarDialect, logits: Array) -> tuple[Array, Array]:
    """Exact values and slopes in a dialect's own convention: another factor, other defaults, without a constant."""
    loss, params = LOSSES[dialect.natural], dict(objective.params)
    natural = dialect.params(params)
    assert natural is not None
    own = natural if loss.id == objective.loss.id else {}
    complete = tuple({**loss.defaults, **own}.items())
    exact = Objective(loss, complete, objective.label, objective.activation).evaluate(logits)
    return exact.value + dialect.offset(objective.label, params), exact.d_logit


def factor_of(dialect: ScalarDialect, objective: Objective) -> float:
    """What the loss that is asked for is multiplied by in a dialect's convention."""
    return dialect.factor.get(objective.loss.id, 1.0)


_REACHES: Remembered[Reach] = Remembered(256)


def reach_of(objective: Objective, dialect: ScalarDialect) -> Reach:
    """From where on a dialect of an objective is wrong; the last results are kept."""
    return _REACHES.of((objective.key, id(dialect)), lambda: _reach(objective, dialect))


def _reach(objective: Objective, dialect: ScalarDialect) -> Reach:
    def wrong(z: Array) -> list[Array]:
        (value, slope), (meant, meant_slope) = computed(objective, dialect, z), meant_by(objective, dialect, z)
        if slope is None:
            nothing = np.full(z.shape, np.nan)
            return [_judged(off(value, meant), meant), nothing, nothing]
        dead = (slope == 0) & (meant_slope != 0)
        return [_judged(w, m) for w, m in ((off(value, meant), meant), (off(slope, meant_slope), meant_slope),
                                           (dead, meant_slope))]  # fmt: skip

    return Reach(*held_from(wrong))


def _judged(wrong: NDArray[np.bool_], meant: Array) -> Array:
    # where what is meant is 0, infinite or undefined there is nothing to be lost
    return np.where((meant == 0) | ~np.isfinite(meant), np.nan, wrong)
