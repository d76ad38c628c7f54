"""Plain values, their distributions and several labels, from the command and on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.model.actions import Ask
from lossterm.predictions import choosing
from lossterm.predictions.state import DataState
from lossterm.predictions.view import FORECAST_PAGES, VALUE_PAGES
from tests.predictions.program import (
    LEVELS,
    data,
    write_labels,
    write_normal,
    write_quantiles,
    write_values,
    written,
)
from tests.predictions.test_command import call, loaded, printed, refused


def test_values_have_their_errors(tmp_path: Path) -> None:
    y, v = write_values(tmp_path / "a.csv")
    found = loaded(tmp_path / "a.csv")
    assert found["bias"] == pytest.approx(float(np.mean(v - y)))
    assert found["rmse"] == pytest.approx(float(np.sqrt(np.mean((v - y) ** 2))))
    assert found["r2"] == pytest.approx(1 - float(((v - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()))
    assert found["coverage_nominal"] == 0.95
    assert found["coverage"] == pytest.approx(float(np.mean(np.abs(v - y) <= 1.959964 * found["rmse"])))
    assert sum(row["count"] for row in found["residuals"]) == len(y)
    text = printed(tmp_path / "a.csv")
    assert "R²" in text and "v ± z·RMSE" in text and "quantiles of v − y" in text


def test_quantiles_tell_how_much_they_hold_and_what_would_mend_it(tmp_path: Path) -> None:
    y, q = write_quantiles(tmp_path / "a.csv")
    found = loaded(tmp_path / "a.csv")
    held = float(np.mean((q[:, 0] <= y) & (y <= q[:, -1])))
    assert (found["coverage"], found["coverage_nominal"]) == (pytest.approx(held), 0.9)
    assert [level["level"] for level in found["levels"]] == pytest.approx(LEVELS)
    assert "too narrow" in found["conclusion"] and "stretched about its middle by" in found["conclusion"]
    # what is stretched so holds what it should
    middle, factor = q[:, 3], found["stretch"]
    low, high = middle - factor * (middle - q[:, 0]), middle + factor * (q[:, -1] - middle)
    assert np.mean((low - 1e-9 <= y) & (y <= high + 1e-9)) == pytest.approx(0.9, abs=1 / len(y))


def test_normal_distributions_that_are_right_are_called_so(tmp_path: Path) -> None:
    write_normal(tmp_path / "a.csv")
    assert "calibrated as far as 300 rows can tell" in loaded(tmp_path / "a.csv")["conclusion"]


def test_weights_stand_first(tmp_path: Path) -> None:
    weight = np.random.default_rng(1).gamma(1.0, 1.0, 300)
    y, q = write_quantiles(tmp_path / "a.csv", weight=weight.tolist())
    found = loaded(tmp_path / "a.csv")["weighted"]
    error = q[:, 3] - y
    assert found["bias"] == pytest.approx(float(np.average(error, weights=weight)))
    inside = (q[:, 0] <= y) & (y <= q[:, -1])
    assert found["intervals"][0]["coverage"] == pytest.approx(float(np.average(inside, weights=weight)))
    effective = weight.sum() ** 2 / (weight**2).sum()
    half = 1.96 * np.sqrt(0.8 * 0.2 / effective)
    ends = found["intervals"][0]
    assert ends["coverage_upper"] - ends["coverage_lower"] == pytest.approx(2 * half, rel=0.1)
    assert "weighted" in printed(tmp_path / "a.csv")


def test_segments_have_their_coverage(tmp_path: Path) -> None:
    region = ["a" if k % 3 else "b" for k in range(300)]
    y, q = write_quantiles(tmp_path / "a.csv", region=region)
    found = {each["value"]: each for each in loaded(tmp_path / "a.csv", "--by", "region")["segments"]}
    for name in ("a", "b"):
        own = np.array(region) == name
        held = np.mean((q[own, 0] <= y[own]) & (y[own] <= q[own, -1]))
        assert found[name]["coverage"] == pytest.approx(float(held))
        low, high = found[name]["coverage_interval"]
        assert low < held < high
    only = loaded(tmp_path / "a.csv", "--only", "region=b")
    assert only["coverage"] == pytest.approx(found["b"]["coverage"])


def test_a_comparison_is_of_the_predictions(tmp_path: Path) -> None:
    write_quantiles(tmp_path / "a.csv")
    found = loaded(tmp_path / "a.csv", "--against-column", "q75")["compare"]
    assert found["second"] == "q75"
    assert any("quantiles and standard deviations are not" in note for note in found["notes"])


def test_bounds(tmp_path: Path) -> None:
    write_quantiles(tmp_path / "a.csv")
    bounds = ("--require", "r2>.5", "--require", "crps<9", "--require", "intervals[0].coverage<.9")
    assert call(str(tmp_path / "a.csv"), *bounds)[0] == 0
    assert call(str(tmp_path / "a.csv"), "--require", "coverage>=.88")[0] == 1


def test_what_means_nothing_is_said_in_a_line(tmp_path: Path) -> None:
    write_quantiles(tmp_path / "a.csv")
    assert "plain numbers" in refused(tmp_path / "a.csv", "--recalibrate", "T")
    assert "plain numbers" in refused(tmp_path / "a.csv", "--smoothing", ".1")


def test_all_losses_of_values_and_positive_values(tmp_path: Path) -> None:
    rows = {"y": [1.5, 2.5, 0.5, 4.0], "pred": [1.0, 3.0, 0.7, 3.5]}
    written(tmp_path / "a.csv", rows)
    names = (
        "huber,log-cosh,pseudo-huber,tukey,expectile,linex,msle,mape,student-t-nll,crps-normal,gamma,tweedie,poisson"
    )
    found = loaded(tmp_path / "a.csv", "--loss", names)["losses"]
    assert len(found) == 13
    assert all(loss["undefined"] == 0 and loss["mean"] is not None for loss in found)
    v, y = np.array(rows["pred"]), np.array(rows["y"])
    by_name = {loss["loss"]: loss["mean"] for loss in found}
    assert by_name["gamma"] == pytest.approx(float(np.mean(np.log(v / y) + y / v - 1)))
    assert by_name["msle"] == pytest.approx(float(np.mean((np.log1p(v) - np.log1p(y)) ** 2)))


def test_every_label_has_its_figures_and_there_is_their_mean(tmp_path: Path) -> None:
    y, p = write_labels(tmp_path / "a.csv")
    found = loaded(tmp_path / "a.csv")
    losses = [-float(np.mean(np.where(y[:, k] == 1, np.log(p[:, k]), np.log1p(-p[:, k])))) for k in range(3)]
    assert [each["log_loss"] for each in found["labels"]] == pytest.approx(losses)
    assert found["labels_mean"]["log_loss"] == pytest.approx(float(np.mean(losses)))
    assert found["labels_mean"]["brier"] == pytest.approx(float(np.mean((p - y) ** 2)))
    assert [each["losses"][0]["mean"] for each in found["labels"]] == pytest.approx(losses)
    assert [each["label"] for each in found["labels"]] == ["y_toxic", "y_rude", "y_sad"]
    assert found["log_loss"] == found["labels"][0]["log_loss"]
    assert "mean of 3 labels" in found["conclusion"]
    text = printed(tmp_path / "a.csv")
    assert "3 labels" in text and "what follows is of y_toxic alone" in text
    alone = loaded(tmp_path / "a.csv", "--label-column", "y_sad", "--prediction-column", "p_sad")
    assert alone["log_loss"] == found["labels"][2]["log_loss"] and alone["labels"] is None


def test_a_label_that_never_happens_has_no_auroc_and_ends_nothing(tmp_path: Path) -> None:
    rows = {"y_a": [0, 0, 0, 0], "y_b": [0, 1, 0, 1], "p_a": [0.1, 0.2, 0.3, 0.4], "p_b": [0.1, 0.6, 0.3, 0.4]}
    written(tmp_path / "a.csv", rows)
    found = loaded(tmp_path / "a.csv")
    assert [each["auroc"] for each in found["labels"]] == [None, 1.0]
    assert found["labels_mean"]["auroc"] == 1.0
    assert "AUROC: the mean is of 1 of 2 labels, y_a having none" in " ".join(printed(tmp_path / "a.csv").split())


def test_a_number_that_names_a_label_is_no_class(tmp_path: Path) -> None:
    rows = {
        "y_0": [0, 1, 0, 1], "y_1": [0, 1, 1, 0], "y_2": [1, 0, 0, 1],
        "p_0": [0.4, 0.6, 0.7, 0.3], "p_1": [0.1, 0.6, 0.7, 0.3], "p_2": [0.4, 0.3, 0.7, 0.9],
    }  # fmt: skip
    written(tmp_path / "a.csv", rows)
    found = loaded(tmp_path / "a.csv")
    right = [float(-np.mean(np.log(np.abs(1 - np.array(rows[f"y_{k}"]) - np.array(rows[f"p_{k}"]))))) for k in range(3)]
    assert [each["log_loss"] for each in found["labels"]] == pytest.approx(right)
    assert not found["columns"]["complement"]
    alone = loaded(tmp_path / "a.csv", "--label-column", "y_0", "--prediction-column", "p_0")
    assert alone["log_loss"] == pytest.approx(right[0])


# ---- the screen -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_first_view_of_quantiles_answers(tmp_path: Path, size: tuple[int, int]) -> None:
    write_quantiles(tmp_path / "a.csv")
    async with data(tmp_path / "a.csv", size=size) as ui:
        assert ui.state.page == "coverage"
        assert "quantile" in ui.pane("file")
        figures = " ".join(ui.pane("figures").split())
        assert "too narrow" in figures and "RMSE" in figures and "CRPS" in figures
        assert ui.state.pages == (*FORECAST_PAGES, "residuals", "qq", "losses", "share")


@pytest.mark.parametrize(
    "kind", ["values", *(pytest.param(kind, marks=pytest.mark.exhaustive) for kind in ("quantiles", "normal"))]
)
async def test_every_chart_has_a_cursor_that_reads_it(tmp_path: Path, kind: str) -> None:
    write: dict[str, Any] = {"values": write_values, "quantiles": write_quantiles, "normal": write_normal}
    write[kind](tmp_path / "a.csv")
    async with data(tmp_path / "a.csv") as ui:
        seen = []
        for _ in ui.state.pages:
            seen.append(ui.state.page)
            before = ui.pane("caption")
            assert before.strip()
            await ui.press("end")
            await ui.press("home")
            assert ui.pane("caption").strip()
            await ui.press("d")
        assert seen == list(ui.state.pages)
        assert set(VALUE_PAGES) <= set(seen)


async def test_a_place_is_typed(tmp_path: Path) -> None:
    write_quantiles(tmp_path / "a.csv")
    async with data(tmp_path / "a.csv") as ui:
        await ui.answer("g", "0.8")
        assert "the 80% interval" in ui.pane("caption")
        await ui.press("d", "d")
        await ui.answer("g", "-2")
        assert ui.state.places["residuals"] == -2


async def test_levels_are_typed(tmp_path: Path) -> None:
    write_quantiles(tmp_path / "a.csv")
    async with data(tmp_path / "a.csv") as ui:
        ask = choosing.levels(ui.state)
        assert isinstance(ask, Ask)
        assert ask.value == "0.05,0.1,0.25,0.5,0.75,0.9,0.95"
        then = ask.take(ui.state, ".01,.1,.25,.5,.75,.9,.99")
        assert isinstance(then, DataState) and then.opening is not None
        assert then.opening.choice.levels == (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
        with pytest.raises(ValueError, match="between 0 and 1"):
            ask.take(ui.state, "1,2")
