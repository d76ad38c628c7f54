"""`lossterm.summarise`: a summary of arrays, Arrow data and frames, that merges; and the recipes of its document."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any, cast

import mpmath
import numpy as np
import polars as pl
import pytest

import lossterm
from lossterm.cli import run
from lossterm.core.jets import Array

RECIPES = Path(lossterm.__file__).parent / "notebook" / "RECIPES.md"


def predictions(count: int = 900) -> tuple[Array, Array, Array, list[str]]:
    rng = np.random.default_rng(4)
    p = rng.random(count)
    return (rng.random(count) < p).astype(float), p, rng.random(count), rng.choice(["NO", "SE"], count).tolist()


class Arrow:
    """What gives Arrow data away, and can do nothing else."""

    def __init__(self, held: Any) -> None:
        self._held = held

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._held.__arrow_c_stream__(requested_schema)


def test_the_mean_is_that_of_fifty_digits_for_every_chunking() -> None:
    y, p, w, _ = predictions()
    with mpmath.workdps(50):
        each = [
            -mpmath.log(mpmath.mpf(b) if a else 1 - mpmath.mpf(b)) for a, b in zip(y.tolist(), p.tolist(), strict=True)
        ]
        plain = mpmath.fsum(each) / len(each)
        weighted = mpmath.fsum(x * mpmath.mpf(v) for x, v in zip(each, w.tolist(), strict=True)) / mpmath.fsum(
            w.tolist()
        )
    found = set()
    for size in (900, 1, 7, 450, 899):
        cuts = range(0, 900, size)
        total = lossterm.Summary.merge(
            [lossterm.summarise(y[a : a + size], p[a : a + size], weight=w[a : a + size]) for a in cuts]
        )
        assert math.isclose(total.losses["cross-entropy"], plain, rel_tol=4e-16)
        assert math.isclose(total.weighted_losses["cross-entropy"] or 0, weighted, rel_tol=4e-16)
        found.add(total.to_bytes())
    assert len(found) == 1  # where a mean of the means of blocks has as many values as there are chunkings


def test_sum_adds_summaries_and_groups() -> None:
    y, p, w, g = predictions()
    whole = lossterm.summarise(y, p, weight=w, group=g, losses="ce,focal:gamma=3")
    cuts = [(0, 5), (5, 400), (400, 900)]
    parts = [
        lossterm.summarise(y[a:b], p[a:b], weight=w[a:b], group=g[a:b], losses="ce,focal:gamma=3") for a, b in cuts
    ]  # fmt: skip
    total = sum(parts)
    assert isinstance(total, lossterm.Summary)
    assert total.losses == whole.losses and total.figures == whole.figures
    for name in ("NO", "SE"):
        here = np.array(g) == name
        alone = lossterm.summarise(y[here], p[here], weight=w[here], losses="ce,focal:gamma=3")
        assert total.groups[name].losses == alone.losses == whole.groups[name].losses
        assert total.groups[name].rows == int(here.sum())
    assert lossterm.Summary.from_bytes(total.to_bytes()).figures == whole.figures


def test_figures_are_those_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    y, p, _, _ = predictions()
    file = tmp_path / "p.csv"
    pl.DataFrame({"label": y.astype(int), "p": p}).write_csv(file)
    assert run(["data", str(file), "--loss", "ce,mse", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = lossterm.summarise(y, p)
    assert {name: told[name] for name in found.figures} == found.figures
    assert [loss["mean"] for loss in told["losses"]] == list(found.losses.values())
    assert [loss["standard_error"] for loss in told["losses"]] == list(found.standard_errors.values())


@pytest.mark.parametrize("wrap", [Arrow, lambda x: x])
def test_arrow_data_and_frames_are_taken(wrap: Any) -> None:
    y, p, w, g = predictions()
    frame = pl.DataFrame({"y": y.astype(int), "p": p, "w": w, "g": g})
    expected = lossterm.summarise(y, p, weight=w, group=g).to_bytes()
    assert lossterm.summarise("y", "p", weight="w", group="g", data=wrap(frame)).to_bytes() == expected
    columns = [wrap(frame[name]) for name in "ypwg"]
    assert lossterm.summarise(columns[0], columns[1], weight=columns[2], group=columns[3]).to_bytes() == expected
    assert lossterm.summarise("y", "p", weight="w", group="g", data=dict(frame.to_dict())).to_bytes() == expected


def test_classes_come_as_a_table_as_lists_or_as_columns() -> None:
    rng = np.random.default_rng(0)
    p, y = rng.dirichlet([1.0] * 3, 200), rng.integers(0, 3, 200)
    expected = lossterm.summarise(y, p, losses="ce,brier").to_bytes()
    frame = pl.DataFrame({"y": y, "p": p.tolist(), **{f"p{k}": p[:, k] for k in range(3)}})
    assert lossterm.summarise("y", "p", data=Arrow(frame), losses="ce,brier").to_bytes() == expected
    assert lossterm.summarise("y", ["p0", "p1", "p2"], data=frame, losses="ce,brier").to_bytes() == expected


def test_it_shows_itself() -> None:
    y, p, _, g = predictions()
    found = lossterm.summarise(y, p, group=g)
    assert repr(found).startswith("<Summary 900 rows · probability · 2 groups: cross-entropy 0.")
    assert "<table>" in found._repr_html_()
    frame = found.to_frame("polars")
    assert frame.columns == ["figure", "loss", "value"] and "auroc" in frame["figure"].to_list()
    assert repr(lossterm.summarise([], [])) == "<Summary 0 rows · probability: nothing counted>"


Y, P = [1, 0, 1], [0.9, 0.2, 0.6]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: lossterm.summarise(Y, [2.0, 0.1, 0.2]), "a probability is from 0 to 1, not 2 .row 1.; kind='logit'"),
        (lambda: lossterm.summarise([1, 0, 3], P), "a label of a probability is from 0 to 1, not 3 .row 3."),
        (lambda: lossterm.summarise(Y, P[:2]), "3 labels and 2 of predictions"),
        (lambda: lossterm.summarise(Y, P, weight=[1, -1, 1]), "a weight is a finite number from 0, not -1 .row 2."),
        (lambda: lossterm.summarise(Y, [P, P, P], kind="value"), "values are one a row"),
        (lambda: lossterm.summarise([1, 0, 9], [P, P, P]), "a class is 0 to 2, not 9"),
        (lambda: lossterm.summarise(Y, [[[0.1]]] * 3), "predictions are"),
        (lambda: lossterm.summarise("y", "p"), "a name of a column goes with data="),
        (lambda: lossterm.summarise("y", "q", data={"y": Y, "p": P}), "unknown column 'q'"),
        (lambda: lossterm.summarise(["a", "b", "c"], P), "labels must be numbers"),
        (lambda: lossterm.summarise(Y, P, kind="prob"), "unknown kind of prediction 'prob'"),
        (lambda: lossterm.summarise(Y, P, bins=0), "bins must be a whole number from 1"),
        (lambda: lossterm.summarise(Y, P, losses="nonsense"), "nonsense"),
        (
            lambda: lossterm.summarise(cast(Any, Arrow(pl.Series([1.0, None]))), [0.1, 0.2]),
            "labels: 1 of 2 values are missing",
        ),
        (lambda: lossterm.summarise(Y, P) + lossterm.summarise(Y, P, bins=10), "bins 15 and 10"),
        (lambda: lossterm.Summary.from_bytes(b"nothing"), "it is no summary of lossterm"),
        (lambda: lossterm.Summary.merge([]), "there is no summary to merge"),
        (lambda: lossterm.summarise([], []).losses, "the summary has no rows"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(wrong: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        wrong()
    assert "\n" not in str(caught.value)


# ---- distributions of values ----------------------------------------------------------------------------------------


def test_quantiles_and_standard_deviations_of_values(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    v, sd = rng.normal(0, 3, 400), 0.5 + rng.random(400)
    y = v + sd * rng.standard_normal(400)
    ends = {0.9: v + 1.2 * sd, 0.1: v - 1.2 * sd}

    def made(rows: slice = slice(None)) -> lossterm.Summary:
        told = {level: column[rows] for level, column in ends.items()}
        return lossterm.summarise(y[rows], v[rows], quantiles=told, weight=sd[rows], kind="value")

    whole = made()
    assert whole.figures["rmse"] == pytest.approx(float(np.sqrt(np.mean((v - y) ** 2))))
    inside = (ends[0.1] <= y) & (y <= ends[0.9])
    assert whole.figures["coverage"] == pytest.approx(float(inside.mean()))
    assert whole.figures["coverage_nominal"] == 0.8
    assert (made(slice(0, 7)) + made(slice(7, None))).to_bytes() == whole.to_bytes()
    frame = pl.DataFrame({"y": y, "v": v, "q10": ends[0.1], "q90": ends[0.9], "w": sd})
    by_name = lossterm.summarise("y", "v", quantiles={0.1: "q10", 0.9: "q90"}, weight="w", kind="value", data=frame)
    assert by_name.to_bytes() == whole.to_bytes()
    told = lossterm.summarise(y, v, sd=sd, kind="value").figures
    t = [mpmath.mpf(float(x)) for x in np.abs(y - v) / sd]
    crps = [
        mpmath.mpf(float(s)) * (x * (2 * mpmath.ncdf(x) - 1) + 2 * mpmath.npdf(x) - 1 / mpmath.sqrt(mpmath.pi))
        for x, s in zip(t, sd, strict=True)
    ]
    assert told["crps"] == pytest.approx(float(mpmath.fsum(crps) / 400))
    (tmp_path / "a.lossterm").write_bytes(whole.to_bytes())
    assert run(["data", str(tmp_path / "a.lossterm"), "--require", "coverage_nominal>=.8"]) == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"quantiles": {0.1: [1, 2], 0.9: [1, 2]}}, "of values: kind='value'"),
        ({"sd": [1, 2], "quantiles": {}, "kind": "value"}, "quantiles or sd, not both"),
        ({"quantiles": [[1, 2]], "kind": "value"}, "columns by their levels: {0.05: low"),
        ({"quantiles": {0.5: [1, 2]}, "kind": "value"}, "two or more different numbers between 0 and 1"),
        ({"quantiles": {0.0: [1, 2], 0.5: [1, 2]}, "kind": "value"}, "two or more different numbers between 0 and 1"),
        ({"quantiles": {5: [1, 2], 95: [1, 2]}, "kind": "value"}, "a level of quantiles must be a number from 0 to 1"),
        ({"quantiles": {0.1: [1, 2], 0.9: [1]}, "kind": "value"}, "2 labels and 1 of the quantile 0.9"),
        ({"quantiles": {0.1: [1, 2], 0.9: [1, math.nan]}, "kind": "value"}, "quantile"),
        ({"sd": [1, 0], "kind": "value"}, "a standard deviation is above 0, not 0 (row 2)"),
        ({"sd": [[1, 0]], "kind": "value"}, "sd must be one number a row"),
    ],
)
def test_distributions_that_do_not_fit_are_one_line(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        lossterm.summarise([0, 1], [0.2, 0.7], **options)
    assert "\n" not in str(caught.value)


# ---- the recipes ----------------------------------------------------------------------------------------------------


def recipe(name: str) -> str:
    section = RECIPES.read_text("utf-8").split(f"## {name}\n")[1].split("\n## ")[0]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_recipe_for_duckdb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("duckdb")
    y, p, _, g = predictions()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "predictions").mkdir()
    frame = pl.DataFrame({"label": y.astype(int), "p": p, "country": g})
    for k, start in enumerate(range(0, 900, 300)):
        frame[start : start + 300].write_parquet(f"predictions/{k}.parquet")
    exec(compile(recipe("DuckDB"), "recipe", "exec"), {})
    whole = lossterm.summarise(y, p, group=g)
    told = (whole.losses["cross-entropy"], whole.figures["ece"], whole.groups["NO"].rows)
    assert capsys.readouterr().out.split() == [str(x) for x in told]


def test_the_recipe_for_spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own code, with stand-ins for what Spark and pyarrow do with it: a frame in partitions of record batches."""
    import sys
    from types import ModuleType, SimpleNamespace

    y, p, _, _ = predictions()
    frame = pl.DataFrame({"label": y.astype(int), "p": p})

    class Frame:
        def select(self, *names: str) -> Frame:
            return self

        def mapInArrow(self, each: Any, schema: str) -> Frame:  # noqa: N802
            assert schema == "part binary"
            batches = [
                [Batch(frame[a : a + 100]) for a in (start, start + 100, start + 200)] for start in (0, 300, 600)
            ]
            self.rows = [
                SimpleNamespace(part=row) for part in [*batches, []] for out in each(iter(part)) for row in out["part"]
            ]
            return self

        def collect(self) -> list[Any]:
            return self.rows

    class Batch:
        def __init__(self, held: pl.DataFrame) -> None:
            self._held = held

        def __getitem__(self, name: str) -> Arrow:
            return Arrow(self._held[name])

    pyarrow = ModuleType("pyarrow")
    pyarrow.RecordBatch = SimpleNamespace(from_pydict=lambda columns: columns)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyarrow", pyarrow)
    monkeypatch.chdir(tmp_path)
    exec(compile(recipe("Spark"), "recipe", "exec"), {"df": Frame()})
    expected = lossterm.summarise(y, p, losses="ce,focal", keep=100_000).to_bytes()
    assert (tmp_path / "all.lossterm").read_bytes() == expected
