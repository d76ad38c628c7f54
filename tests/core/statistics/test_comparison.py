"""Two predictions of the same rows: against numpy, scipy and statsmodels, by laws, and whatever the batches."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.statistics.areas import area_difference
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.mcnemar import mcnemar
from lossterm.core.statistics.pair_figures import Compared, conclude_pairs
from lossterm.core.statistics.pair_sums import PairQuestion, Pairs, PairSummary
from lossterm.core.statistics.question import Question

STORED: dict[str, Any] = json.loads((Path(__file__).parents[2] / "reference" / "comparison.json").read_text("utf-8"))
NAMES = ("cross-entropy", "squared-error")
LOSSES_ASKED = tuple(Criterion(LOSSES[name], tuple(LOSSES[name].complete({}).items())) for name in NAMES)


def near(x: float) -> Any:
    return pytest.approx(x, rel=1e-9, abs=1e-12)


def asked(**changes: Any) -> PairQuestion:
    question = replace(Question("probability", LOSSES_ASKED), **changes)
    return PairQuestion(question, question)


def examples(y: Sequence[float], p: Sequence[float], weight: Sequence[float] | None = None) -> Examples:
    rows = np.arange(len(y), dtype=np.int64) + 1
    w = None if weight is None else np.array(weight, dtype=float)
    return Examples(rows, np.array(y, dtype=float), np.array(p, dtype=float), w)


def compared(
    y: Sequence[float], first: Sequence[float], second: Sequence[float], *, weight: Sequence[float] | None = None,
    cuts: Sequence[int] = (), **changes: Any,
) -> Compared:  # fmt: skip
    all_rows = Pairs(examples(y, first, weight), np.array(second, dtype=float))
    total = PairSummary(asked(weighted=weight is not None, **changes))
    for start, end in zip([0, *cuts], [*cuts, len(y)], strict=True):
        part = total.part()
        part.add(all_rows.take(slice(start, end)))
        total.merge(part)
    return conclude_pairs(total)


@pytest.mark.parametrize("name", STORED["sets"])
def test_every_figure_is_that_of_others(name: str) -> None:
    kept = STORED["sets"][name]
    found = compared(kept["y"], kept["first"], kept["second"])
    with_weights = compared(kept["y"], kept["first"], kept["second"], weight=kept["weight"])
    for loss, weighted, who in zip(found.losses, with_weights.losses, NAMES, strict=True):
        told = kept["losses"][who]
        assert loss.difference.value == near(told["difference"])
        assert loss.difference.standard_error == near(told["standard_error"])
        assert loss.difference.interval == tuple(map(near, told["interval"]))
        assert (loss.better, loss.worse) == (near(told["better"]), near(told["worse"]))
        assert weighted.weighted is not None
        assert (weighted.weighted.value, weighted.weighted.standard_error) == (
            near(told["weighted"]), near(told["weighted_error"]),
        )  # fmt: skip
        assert weighted.difference == loss.difference
    flips = found.flips
    assert flips is not None
    assert [flips.right_to_wrong, flips.wrong_to_right, flips.both_right, flips.both_wrong] == kept["flips"][:4]
    assert flips.p == near(kept["flips"][4])
    areas = found.areas
    for area, told in zip((areas.first, areas.second, areas.difference), kept["areas"], strict=True):
        assert (area.value, area.standard_error) == (near(told[0]), near(told[1]))
    assert found.costs is not None
    for theta, one, other in kept["costs"]:
        at = int(np.abs(found.costs.theta - theta).argmin())
        assert (found.costs.first[at], found.costs.second[at]) == (near(one), near(other))


def test_weights_leave_out_what_is_not_for_them() -> None:
    kept = STORED["sets"]["normal-60"]
    found = compared(kept["y"], kept["first"], kept["second"], weight=kept["weight"])
    assert found.flips is not None
    assert found.flips.p is None
    assert found.areas.difference.value is None
    assert any("weighted rows" in note for note in found.notes)


@pytest.mark.parametrize(("one_way", "other_way", "p"), STORED["mcnemar"])
def test_mcnemar_is_that_of_scipy(one_way: int, other_way: int, p: float) -> None:
    assert mcnemar(one_way, other_way) == near(p)
    assert mcnemar(other_way, one_way) == mcnemar(one_way, other_way)


P = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.7, 0.9, 1.0]) | st.floats(0, 1)
ROWS = st.lists(st.tuples(st.sampled_from([0, 1]), P, P), min_size=1, max_size=25)


@given(ROWS, st.data())
@pytest.mark.exhaustive
def test_batches_change_nothing(rows: list[tuple[int, float, float]], data: st.DataObject) -> None:
    y, first, second = (list(column) for column in zip(*rows, strict=True))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    whole, parts = compared(y, first, second), compared(y, first, second, cuts=cuts)
    assert [repr(loss) for loss in whole.losses] == [repr(loss) for loss in parts.losses]
    assert (whole.flips, whole.areas) == (parts.flips, parts.areas)
    assert whole.differing is not None
    assert parts.differing is not None
    assert whole.differing.row.tolist() == parts.differing.row.tolist()


@given(ROWS)
@pytest.mark.exhaustive
def test_turned_round_every_sign_turns(rows: list[tuple[int, float, float]]) -> None:
    y, first, second = (list(column) for column in zip(*rows, strict=True))
    there, back = compared(y, first, second), compared(y, second, first)
    for one, other in zip(there.losses, back.losses, strict=True):
        assert (one.better, one.worse) == (other.worse, other.better)
        if one.difference.value is not None and other.difference.value is not None:
            assert one.difference.value == -other.difference.value
    assert there.flips is not None
    assert back.flips is not None
    assert (there.flips.right_to_wrong, there.flips.p) == (back.flips.wrong_to_right, back.flips.p)
    if there.areas.difference.value is not None:
        assert back.areas.difference.value == pytest.approx(-there.areas.difference.value, abs=1e-15)


def test_itself_is_no_better() -> None:
    kept = STORED["sets"]["normal-60"]
    found = compared(kept["y"], kept["first"], kept["first"])
    assert [(each.difference.value, each.better, each.worse) for each in found.losses] == [(0.0, 0.0, 0.0)] * 2
    assert found.flips is not None
    assert found.flips.p == 1.0
    assert (found.areas.difference.value, found.areas.difference.standard_error) == (0.0, 0.0)


def test_infinite_losses_are_told() -> None:
    one = compared([1, 0, 1, 0], [0.0, 0.1, 0.8, 0.3], [0.5, 0.1, 0.8, 0.3]).losses[0]
    assert (one.difference.value, one.difference.standard_error, one.difference.interval) == (-math.inf, None, None)
    assert (one.better, one.worse) == (0.25, 0.0)
    both = compared([1, 0, 1, 0], [0.0, 0.1, 0.8, 0.3], [0.0, 0.1, 0.8, 0.3])
    assert both.losses[0].difference.value is None  # ∞ − ∞
    assert both.losses[0].both_infinite == 1
    assert any("∞ in both for 1 row" in note for note in both.notes)
    assert both.losses[1].difference.value == 0


def test_beyond_what_is_kept_there_is_no_ranking_and_it_is_said() -> None:
    kept = STORED["sets"]["normal-60"]
    found = compared(kept["y"], kept["first"], kept["second"], keep=50)
    assert found.areas.difference.value is None
    assert found.no_areas == "of more than 50 rows"
    assert found.losses[0].difference.value == near(kept["losses"]["cross-entropy"]["difference"])


@given(st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=20))
def test_areas_are_those_of_all_pairs(rows: list[tuple[int, int, int]]) -> None:
    y, first, second = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    found = area_difference(first, second, y)
    for p, area in ((first, found.first), (second, found.second)):
        pairs = [(a > b) + 0.5 * (a == b) for a in p[y == 1] for b in p[y == 0]]
        assert area.value == (pytest.approx(np.mean(pairs)) if pairs else None)
