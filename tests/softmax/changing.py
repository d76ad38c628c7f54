"""Random changes of a softmax view, as the keys make them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from hypothesis import strategies as st

from lossterm.core.softmax.presets import PRESETS
from lossterm.model import rows
from lossterm.softmax import edit
from lossterm.softmax import view as state
from lossterm.softmax.view import SoftmaxView

Change = Callable[[SoftmaxView], SoftmaxView]

indices = st.integers(0, 12)
logits = st.one_of(st.floats(-1e6, 1e6), st.just(-math.inf), st.sampled_from([0.0, 1e6, -1e6, 1e-9]))


def attempted(change: Change) -> Change:
    """A change that is refused with a clear line leaves the view as it was."""

    def attempt(view: SoftmaxView) -> SoftmaxView:
        try:
            return change(view)
        except ValueError as problem:
            assert str(problem)
            return view

    return attempt


def indexed(change: Callable[[SoftmaxView, int], SoftmaxView], index: int) -> Change:
    return lambda view: change(view, index % len(view.rows))


changes: st.SearchStrategy[Change] = st.one_of(
    st.sampled_from(
        [
            edit.toggle_mask, edit.add_class, edit.remove_class, edit.sort_classes, edit.next_smoothing,
            edit.other_smoothing, edit.teacher_as_target, edit.swap, state.next_sweep, state.next_scale,
            state.reset_window,
            lambda v: edit.shuffle_logits(v, random.Random(1)),
        ]
    ),
    st.builds(lambda i: lambda v: state.select(v, i - 3), indices),
    st.builds(lambda i: indexed(rows.toggle, i), indices),
    st.builds(lambda i: indexed(rows.make_reference, i), indices),
    st.builds(lambda i: indexed(rows.add_variant, i), indices),
    st.builds(lambda i: indexed(rows.remove_variant, i), indices),
    st.builds(lambda i, d: lambda v: rows.step_parameter(v, i % len(v.rows), 0, d), indices, st.sampled_from([-1, 1])),
    st.builds(lambda z: lambda v: edit.set_logit(v, z), logits),
    st.builds(lambda d: lambda v: edit.step_logit(v, d), st.sampled_from([-0.5, 0.5])),
    st.builds(lambda z: lambda v: edit.set_logits(v, z), st.lists(logits, max_size=12)),
    st.builds(
        lambda p: lambda v: edit.set_probabilities(v, p, normalize=True),
        st.lists(st.one_of(st.floats(0, 1), st.floats(-1, 2)), max_size=6),
    ),
    st.builds(lambda d: lambda v: edit.next_target(v, d), st.sampled_from([-1, 1])),
    st.builds(lambda d: lambda v: edit.shift_target(v, d), st.sampled_from([-0.05, 0.05, -1, 1])),
    st.builds(lambda t: lambda v: edit.set_target(v, t), st.one_of(st.none(), st.integers(-2, 9))),
    st.builds(lambda z: lambda v: edit.set_teacher(v, (z * v.classes)[: v.classes]), st.lists(logits, min_size=1)),
    st.builds(lambda: lambda v: edit.set_teacher(v, None)),
    st.builds(lambda d: lambda v: edit.step_temperature(v, d), st.sampled_from([-1, 1])),
    st.builds(lambda t: lambda v: edit.set_temperature(v, t), st.floats(0, 1e9)),
    st.builds(
        lambda w: lambda v: edit.set_weights(v, None if w is None else (w * v.classes)[: v.classes]),
        st.one_of(st.none(), st.lists(st.floats(0, 1e3), min_size=1, max_size=12)),
    ),
    st.builds(lambda x: lambda v: edit.move_to(v, x), st.floats(-9, 9)),
    st.builds(lambda f, x: lambda v: state.zoom(v, f, x), st.sampled_from([0.01, 1 / 1.5, 1.5, 100]), st.floats(-9, 9)),
    st.builds(lambda name: lambda v: edit.use_preset(v, name), st.sampled_from(sorted(PRESETS)[:7])),
)  # fmt: skip


@st.composite
def views(draw: st.DrawFn, most: int = 10) -> SoftmaxView:
    """A view after some changes; those that are refused leave it as it was."""
    view = SoftmaxView()
    for change in draw(st.lists(changes, max_size=most)):
        view = attempted(change)(view)
    return view
