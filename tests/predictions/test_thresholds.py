"""The charts whose cursor is the threshold: what they say is what is decided there."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lossterm.core.statistics.findings import Findings
from lossterm.predictions import place_actions
from lossterm.predictions.pictures import PredictionFigure, draw
from lossterm.predictions.state import DataState
from lossterm.predictions.view import THRESHOLD_PAGES, Look, Page
from tests.predictions.test_pictures import SIZES, check, find, page, parts, shown

RNG = np.random.default_rng(9)
P = np.round(RNG.random(400), 3)
Y = (RNG.random(400) < P**1.5).astype(float)


@pytest.fixture(scope="module")
def file() -> Findings:
    return find(P, Y)


def draw_at(name: str, found: Findings, threshold: float, size: tuple[int, int] = (58, 16)) -> PredictionFigure:
    return draw(name, found, size, shown=shown(found), threshold=threshold)


@pytest.mark.parametrize("name", THRESHOLD_PAGES)
def test_the_decisions_are_told_at_any_threshold(name: str, file: Findings) -> None:
    for threshold in (0.0, 0.1234, 0.5, 0.873, 1.0):
        figure = draw_at(name, file, threshold)
        said = " · ".join(parts(figure, figure.readout.place))  # type: ignore[attr-defined]
        above = threshold < P
        counts = [int((above & (Y == 1)).sum()), int((above & (Y == 0)).sum())]
        counts += [int((~above & (Y == 1)).sum()), int((~above & (Y == 0)).sum())]
        assert [int(n) for n in re.findall(r"(?:TP|FP|FN|TN) (\d+)", said)] == counts


@pytest.mark.parametrize("name", THRESHOLD_PAGES)
@pytest.mark.parametrize("size", SIZES)
def test_they_are_drawn_at_any_size(name: str, size: tuple[int, int], file: Findings) -> None:
    check(draw_at(name, file, 0.4, size), size)
    check(draw_at(name, find(P, Y, keep=100), 0.4, size), size)
    check(draw_at(name, find(P[:3], [0, 1, 1]), 0.4, size), size)


@pytest.mark.parametrize("name", THRESHOLD_PAGES)
def test_keys_go_through_the_thresholds_from_edge_to_edge(name: Page, file: Findings) -> None:
    state = DataState(look=Look(page=name))
    state = place_actions.to_edge(state, draw_at(name, file, 0.5), -1)
    seen = [state.look.threshold]
    for _ in range(200):
        figure = draw_at(name, file, state.look.threshold)
        state = place_actions.move(state, figure, 1)
        if state.look.threshold == seen[-1]:
            break
        seen.append(state.look.threshold)
    figure = draw_at(name, file, seen[-1])
    assert len(seen) == figure.stops.size  # no step was lost, and none stuck
    assert seen == sorted(seen, reverse=name in ("roc", "precision-recall"))
    back = place_actions.move(state, figure, -1)
    assert back.look.threshold == seen[-2]


def test_the_net_benefit_is_its_definition(file: Findings) -> None:
    said = parts(draw_at("net-benefit", file, 0.25), 0.25)
    above = P > 0.25
    n, odds = len(P), 0.25 / 0.75
    model = (above & (Y == 1)).sum() / n - (above & (Y == 0)).sum() / n * odds
    everyone = Y.mean() - (1 - Y.mean()) * odds
    assert float(said[1].removeprefix("net benefit ")) == pytest.approx(model, rel=2e-3)
    assert float(said[2].removeprefix("all as 1 ")) == pytest.approx(everyone, rel=2e-3)
    assert said[3] == "none as 1 0"


def test_why_there_is_none() -> None:
    for name in THRESHOLD_PAGES:
        assert "labels are not all 0 or 1" in page(name, find([0.2, 0.6, 0.8], [0.1, 0.5, 0.9])).reason
        assert "every label is the same" in page(name, find([0.2, 0.6, 0.8], [1, 1, 1])).reason


@pytest.mark.parametrize("name", THRESHOLD_PAGES)
def test_keys_that_come_faster_than_drawings_go_as_far(name: Page, file: Findings) -> None:
    figure = draw_at(name, file, 0.5)
    one_by_one = at_once = place_actions.to_edge(DataState(look=Look(page=name)), figure, -1)
    for _ in range(12):
        one_by_one = place_actions.move(one_by_one, draw_at(name, file, one_by_one.look.threshold), 1)
        at_once = place_actions.move(at_once, figure, 1)
    assert at_once.look.threshold == one_by_one.look.threshold
