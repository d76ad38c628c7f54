"""Pure changes of the example on the Softmax screen: its logits, its target, its temperature."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

from lossterm.core.lazy import np
from lossterm.core.losses.labels import number
from lossterm.core.softmax.example import from_probabilities
from lossterm.core.softmax.information import Over
from lossterm.core.softmax.inputs import TOLERANCE, Target, checked_logits, checked_temperature, checked_weights
from lossterm.core.softmax.presets import PRESETS
from lossterm.model.rows import with_losses
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.model.subject import SMOOTHINGS
from lossterm.model.window import FARTHEST
from lossterm.softmax.view import COLDEST, HOTTEST, MAX_CLASSES, SoftmaxView, in_sight, reset_window

MASKED = -math.inf
SHARE = 0.05
"""What a step of the target's share is."""
SPREAD = 2.0
"""Standard deviation of logits that are dealt at random."""
_TEMPERATURES = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
# in every power of ten, about a quarter apart

# ---- logits --------------------------------------------------------------------------------------------------------


def set_logit(view: SoftmaxView, value: float) -> SoftmaxView:
    """Another logit of the selected class; −inf masks it, unless it is the last that is not masked."""
    value = MASKED if value == MASKED else min(max(value, -FARTHEST), FARTHEST) + 0.0
    logits = (*view.logits[: view.selected], value, *view.logits[view.selected + 1 :])
    if max(logits) == MASKED:
        return view
    return in_sight(replace(view, logits=logits, given=None)) if logits != view.logits else view


def step_logit(view: SoftmaxView, by: float) -> SoftmaxView:
    """The next multiple of a step up or down; a masked class begins at 0."""
    z = view.logits[view.selected]
    if z == MASKED:
        return set_logit(view, 0.0)
    size = abs(by)
    places = z / size
    moved = math.floor(places + 1e-9) + 1 if by > 0 else math.ceil(places - 1e-9) - 1
    return set_logit(view, float(f"{moved * size:.9g}"))


def toggle_mask(view: SoftmaxView) -> SoftmaxView:
    """Mask the selected class, or let it take part again."""
    return set_logit(view, 0.0 if view.logits[view.selected] == MASKED else MASKED)


def move_to(view: SoftmaxView, position: float) -> SoftmaxView:
    """Another place on the shown axis: the selected logit, or log10 T."""
    return (
        set_logit(view, position) if view.sweep == "logit" else set_temperature(view, float(f"{10.0**position:.12g}"))
    )


def set_logits(view: SoftmaxView, values: Sequence[float]) -> SoftmaxView:
    """Other logits; the target is kept as far as it fits.

    Raises:
        ValueError: fewer than two, too many, not numbers or all masked.
    """
    logits = tuple(checked_logits(values).tolist())
    if len(logits) > MAX_CLASSES:
        raise ValueError(f"{len(logits)} classes are too many for the screen: at most {MAX_CLASSES}")
    for value in logits:
        if math.isfinite(value) and abs(value) > FARTHEST:
            raise ValueError(f"a logit between −{FARTHEST:g} and {FARTHEST:g}, please, not {number(value)}")
    target, weights = fitted(view.target, len(logits)), fitted_weights(view.class_weights, len(logits))
    selected = min(view.selected, len(logits) - 1)
    return in_sight(replace(view, logits=logits, target=target, class_weights=weights, selected=selected, given=None))


def fitted(target: Target, classes: int) -> Target:
    """The target as far as it fits so many classes: the nearest class, no teacher of others."""
    label, teacher = target.label, target.teacher
    if teacher is not None and len(teacher) != classes:
        teacher = None
        label = 0 if label is None else label
    if isinstance(label, tuple) and len(label) != classes:
        label = max(range(len(label)), key=label.__getitem__)
    if isinstance(label, int):
        label = min(label, classes - 1)
    return replace(target, label=label, teacher=teacher)


def fitted_weights(weights: tuple[float, ...] | None, classes: int) -> tuple[float, ...] | None:
    """Class weights where they are of so many classes; those of others are gone."""
    return weights if weights is not None and len(weights) == classes else None


def set_weights(view: SoftmaxView, weights: Sequence[float] | None) -> SoftmaxView:
    """Other class weights, or none.

    Raises:
        ValueError: not one a class, or none of them above 0.
    """
    return replace(view, class_weights=None if weights is None else checked_weights(weights, view.classes))


def set_probabilities(view: SoftmaxView, values: Sequence[float], *, normalize: bool = False) -> SoftmaxView:
    """The logits of which softmax makes these probabilities at T = 1, which it becomes.

    Raises:
        ValueError: they are not a distribution; ``normalize`` accepts any sum, and keeps what was given.
    """
    logits = from_probabilities(values, normalize).tolist()
    given = tuple(float(x) for x in values)
    odd = abs(math.fsum(given) - 1) > TOLERANCE
    return replace(set_logits(set_temperature(view, 1.0), logits), given=given if odd else None)


def add_class(view: SoftmaxView, value: float = 0.0) -> SoftmaxView:
    """Another class after the selected one, which nothing of the target is on; it becomes the selected one."""
    if view.classes >= MAX_CLASSES:
        return view
    at = view.selected + 1
    target = view.target
    label, teacher = target.label, target.teacher
    if isinstance(label, int):
        label += label >= at
    elif label is not None:
        label = (*label[:at], 0.0, *label[at:])
    if teacher is not None:
        teacher = (*teacher[:at], 0.0, *teacher[at:])
    logits = (*view.logits[:at], value, *view.logits[at:])
    target, weights = replace(target, label=label, teacher=teacher), view.class_weights
    if weights is not None:
        weights = (*weights[:at], 1.0, *weights[at:])
    return in_sight(replace(view, logits=logits, target=target, class_weights=weights, selected=at, given=None))


def remove_class(view: SoftmaxView) -> SoftmaxView:
    """Take the selected class away, unless only two are left; what it had of the target is shared by the others."""
    at = view.selected
    logits = (*view.logits[:at], *view.logits[at + 1 :])
    if len(logits) < 2 or max(logits) == MASKED:
        return view
    target = view.target
    label, teacher = target.label, target.teacher
    if isinstance(label, int):
        label = min(label - (label > at), len(logits) - 1)
    elif label is not None:
        rest = (*label[:at], *label[at + 1 :])
        label = _distribution(rest) if math.fsum(rest) > 0 else 0
    if teacher is not None:
        teacher = (*teacher[:at], *teacher[at + 1 :])
        if max(teacher) == MASKED:
            teacher, label = None, 0 if label is None else label
    target, weights = replace(target, label=label, teacher=teacher), view.class_weights
    if weights is not None:
        weights = (*weights[:at], *weights[at + 1 :])
        weights = weights if any(weights) else None
    selected = min(at, len(logits) - 1)
    return in_sight(replace(view, logits=logits, target=target, class_weights=weights, selected=selected, given=None))


def sort_classes(view: SoftmaxView) -> SoftmaxView:
    """The classes by their logits, the largest first; target, teacher and weights go with them: no loss changes.

    Those of ordered classes do, for it is another order.
    """
    order = sorted(range(view.classes), key=lambda k: -view.logits[k])
    target = view.target
    label = target.label
    if isinstance(label, int):
        label = order.index(label)
    elif label is not None:
        label = tuple(label[k] for k in order)
    teacher = None if target.teacher is None else tuple(target.teacher[k] for k in order)
    given = None if view.given is None else tuple(view.given[k] for k in order)
    logits = tuple(view.logits[k] for k in order)
    weights = None if view.class_weights is None else tuple(view.class_weights[k] for k in order)
    target, selected = replace(target, label=label, teacher=teacher), order.index(view.selected)
    return in_sight(replace(view, logits=logits, target=target, class_weights=weights, selected=selected, given=given))


def shuffle_logits(view: SoftmaxView, chance: random.Random) -> SoftmaxView:
    """Deal the logits to the classes anew, the target staying; where all are alike, other ones."""
    dealt = list(view.logits)
    if len(set(dealt)) == 1:
        dealt = [round(chance.gauss(0, SPREAD), 1) + 0.0 for _ in dealt]
    else:
        chance.shuffle(dealt)
    return in_sight(replace(view, logits=tuple(dealt), given=None))


# ---- target --------------------------------------------------------------------------------------------------------


def set_target(view: SoftmaxView, label: int | Sequence[float] | None) -> SoftmaxView:
    """Another target: a class, a distribution, or None for the teacher.

    Raises:
        ValueError: it does not fit the logits, or there is no teacher.
    """
    old = view.target
    target = Target.of(label, teacher=old.teacher, smoothing=old.smoothing, over=old.over)
    target.check(view.classes)
    return replace(view, target=target)


def next_target(view: SoftmaxView, direction: int) -> SoftmaxView:
    """The next class as target, round the ends; the selected one where the target was no class."""
    label = view.target.label
    return set_target(view, (label + direction) % view.classes if isinstance(label, int) else view.selected)


def shift_target(view: SoftmaxView, by: float) -> SoftmaxView:
    """Give the selected class more or less of the target, taken from or given to the others in proportion."""
    label = view.target.label
    if label is None:
        return view
    old = [float(k == label) for k in range(view.classes)] if isinstance(label, int) else list(label)
    at = view.selected
    share = min(max(round(old[at] + by, 4), 0.0), 1.0)
    if share == old[at]:
        return view
    left = 1 - old[at]
    rest = [x * ((1 - share) / left) if left > 1e-12 else (1 - share) / (view.classes - 1) for x in old]
    rest[at] = share
    return replace(view, target=replace(view.target, label=_distribution(rest)))


def _distribution(values: Sequence[float]) -> int | tuple[float, ...]:
    # a class where it has everything
    total = math.fsum(values)
    shares = tuple(float(f"{x / total:.9g}") for x in values)
    top = max(range(len(shares)), key=shares.__getitem__)
    if shares[top] == 1:
        return top
    given = Target.of(shares, normalize=True).label
    assert isinstance(given, tuple)
    return given


def next_smoothing(view: SoftmaxView) -> SoftmaxView:
    """The next of the usual smoothings."""
    later = [s for s in SMOOTHINGS if s > view.target.smoothing]
    return set_smoothing(view, later[0] if later else 0.0)


def set_smoothing(view: SoftmaxView, smoothing: float) -> SoftmaxView:
    """Another ε.

    Raises:
        ValueError: outside [0, 1].
    """
    if not 0 <= smoothing <= 1:
        raise ValueError(f"smoothing must be between 0 and 1, not {number(smoothing)}")
    return replace(view, target=replace(view.target, smoothing=smoothing))


def other_smoothing(view: SoftmaxView) -> SoftmaxView:
    """The other convention: ε shared by all classes, or by the others only."""
    over: Over = "others" if view.target.over == "all" else "all"
    return replace(view, target=replace(view.target, over=over))


def set_teacher(view: SoftmaxView, logits: Sequence[float] | None) -> SoftmaxView:
    """A teacher's logits, or none.

    Raises:
        ValueError: they do not fit the student's.
    """
    old = view.target
    if logits is None:
        label = view.selected if old.label is None else old.label
        return replace(view, target=replace(old, label=label, teacher=None))
    target = Target.of(old.label, teacher=logits, smoothing=old.smoothing, over=old.over)
    target.check(view.classes)
    return replace(view, target=target)


def teacher_as_target(view: SoftmaxView) -> SoftmaxView:
    """Make the teacher the target of all losses, or only of distillation again; nothing where there is no teacher."""
    target = view.target
    if target.teacher is None:
        return view
    label = max(range(view.classes), key=target.teacher.__getitem__) if target.label is None else None
    return replace(view, target=replace(target, label=label))


def swap(view: SoftmaxView) -> SoftmaxView:
    """Prediction and target in each other's place, at T = 1: a smoothed or taught target is what is predicted then."""
    point = view.example.point
    p = point.prediction.p
    top = int(np.argmax(p))
    label = top if p[top] == 1 else Target.of(p.tolist(), normalize=True).label
    target = replace(view.target, label=label, smoothing=0.0)
    logits = tuple((np.broadcast_to(point.target.log, p.shape) + 0.0).tolist())
    return in_sight(replace(view, logits=logits, target=target, temperature=1.0, given=None))


# ---- temperature ---------------------------------------------------------------------------------------------------


def set_temperature(view: SoftmaxView, temperature: float) -> SoftmaxView:
    """Another temperature, within what can be reached.

    Raises:
        ValueError: not a positive number.
    """
    checked = min(max(checked_temperature(temperature), COLDEST), HOTTEST)
    return in_sight(replace(view, temperature=checked)) if checked != view.temperature else view


def step_temperature(view: SoftmaxView, direction: int) -> SoftmaxView:
    """The next temperature up or down."""
    power = math.floor(math.log10(view.temperature))
    grid = [float(f"{t:g}e{p}") for p in (power - 1, power, power + 1) for t in _TEMPERATURES]
    if direction > 0:
        ahead = [t for t in grid if t > view.temperature * (1 + 1e-9)]
        return set_temperature(view, ahead[0])
    behind = [t for t in grid if t < view.temperature * (1 - 1e-9)]
    return set_temperature(view, behind[-1])


# ---- presets -------------------------------------------------------------------------------------------------------


def use_preset(view: SoftmaxView, name: str) -> SoftmaxView:
    """The example of a preset, with its losses."""
    preset = PRESETS[name]
    label = preset.target.label
    view = replace(
        view,
        logits=tuple(np.asarray(preset.example.logits).tolist()),
        target=preset.target,
        temperature=preset.temperature,
        class_weights=None,
        given=preset.probabilities if preset.note else None,
        selected=label if isinstance(label, int) else 0,
    )
    view = with_losses(view, [SoftmaxRow.of(loss) for loss in preset.losses])
    view = reset_window(replace(view, sweep="logit"))
    return view if preset.window is None else in_sight(replace(view, logit_range=preset.window))


def preset_of(view: SoftmaxView) -> str | None:
    """The preset whose example this is, whatever the losses."""
    for name, preset in PRESETS.items():
        if len(preset.logits or preset.probabilities) != view.classes or preset.temperature != view.temperature:
            continue
        if view.class_weights is not None:
            continue
        given = preset.probabilities if preset.note else None
        if preset.target == view.target and (
            preset.logits == view.logits if preset.logits else given is not None and given == view.given
        ):
            return name
    return None


def next_preset(view: SoftmaxView, direction: int, last: str | None) -> str:
    """The preset after this one, round the ends; after the last that was used where this is none."""
    names = list(PRESETS)
    here = preset_of(view) or last
    if here is None:
        return names[0 if direction > 0 else -1]
    return names[(names.index(here) + direction) % len(names)]
