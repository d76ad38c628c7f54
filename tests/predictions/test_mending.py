"""Mending and taking away: what is written, never over a file; bounds; the report as Markdown; the sheet."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lossterm.cli import run
from lossterm.core.statistics.judged import fold_of
from lossterm.model.feature import OpenExplorer
from lossterm.predictions import command
from lossterm.predictions.mapping import recalibration_of
from lossterm.predictions.markdown import escaped, fenced
from lossterm.predictions.options import DEMO
from lossterm.predictions.requirements import held, requirement
from tests.predictions.program import data


def call(*arguments: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["data", *map(str, arguments)])
    return code, out.getvalue(), err.getvalue()


def read(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Path(name).read_text(encoding="utf-8"))))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


RNG = np.random.default_rng(3)
Z = RNG.normal(0, 2, 60)
Y = (RNG.random(60) < 1 / (1 + np.exp(-Z / 2))).astype(int)
P = 1 / (1 + np.exp(-Z))


def small(name: str = "a.csv", *, separator: str = ",") -> str:
    lines = [separator.join(("id", "y", "p", "calibrated", "split"))]
    names = ("t|x", "=1+1", "  ü ")
    lines += [
        separator.join((names[i % 3], str(y), repr(float(p)), "old", "fit" if i % 2 else "test"))
        for i, (y, p) in enumerate(zip(Y, P, strict=True))
    ]
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name


def recalibrated(*words: object) -> Mapping[str, Any]:
    code, out, err = call(*words, "--format", "json")
    assert code == 0, err
    found: Mapping[str, Any] = json.loads(out)["recalibration"]
    return found


def test_the_demo() -> None:
    found = recalibrated("--demo", "--recalibrate", "all")
    methods = {one["method"]: one for one in found["methods"]}
    assert list(methods) == ["T", "platt", "beta", "isotonic"]
    assert methods["T"]["parameters"]["T"] == pytest.approx(3.2396556672093864, rel=1e-9)
    assert (methods["isotonic"]["out_of_fold"]["log_loss"], methods["isotonic"]["difference"]) == ("inf", None)
    assert found["best"] == "beta"
    assert methods["beta"]["in_sample"]["log_loss"] < methods["beta"]["out_of_fold"]["log_loss"]
    code, out, _ = call("--demo", "--recalibrate", "platt,isotonic")
    assert code == 0
    assert "judged out of fold: 5 folds by splitmix64" in " ".join(out.split())
    assert "in-sample" in out
    assert "3 rows, which lose ∞" in " ".join(out.split())


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
def test_rows_are_written_in_order_with_all_columns(ending: str) -> None:
    file, out = small(), Path(f"out.{ending}")
    code, told, err = call(file, "--prediction-column=p", "--recalibrate=platt", "--write", out)
    assert code == 0, err
    assert "calibrated_2" in err
    assert told
    a, b = (
        recalibrated(file, "--prediction-column=p", "--recalibrate=platt")["methods"][0]["parameters"][n] for n in "ab"
    )
    wanted = 1 / (1 + np.exp(-(a * (np.log(P) - np.log1p(-P)) + b)))
    if ending == "parquet":
        frame = pl.read_parquet(out)
        assert dict(frame.schema) == {"id": pl.String, "y": pl.Int64, "p": pl.Float64, "calibrated": pl.String,
                                      "split": pl.String, "calibrated_2": pl.Float64}  # fmt: skip
        rows = frame.rows(named=True)
    else:
        text = gzip.decompress(out.read_bytes()).decode() if ending == "csv.gz" else out.read_text("utf-8")
        rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["id"] for row in rows[:3]] == ["t|x", "=1+1", "  ü "]
    assert [float(row["p"]) for row in rows] == P.tolist()
    assert [float(row["calibrated_2"]) for row in rows] == pytest.approx(wanted, rel=1e-12)


def test_bad_rows_stay_with_nothing_in_the_new_column() -> None:
    Path("b.csv").write_text("y,p\n1,.9\n0,x\n\n0,.2\n1,\n1,.4\n0,.6\n")
    code, _, err = call("b.csv", "--skip-bad", "--recalibrate", "platt", "--write", "c.csv")
    assert code == 0, err
    assert "2 bad rows are kept there" in err
    assert '""' not in Path("c.csv").read_text()
    rows = read("c.csv")
    assert [row["p"] for row in rows] == [".9", "x", ".2", "", ".4", ".6"]
    assert [bool(row["calibrated"]) for row in rows] == [True, False, True, False, True, True]


@pytest.mark.exhaustive
def test_several_files_of_every_format_are_written_as_one() -> None:
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 2, 29), eager=True)
    frame = pl.DataFrame({"y": Y, "p": P, "when": days[:60], "tags": [["a", "b"]] * 60})
    frame[:25].write_parquet("q-1.parquet")
    frame[25:].write_parquet("q-2.parquet")
    frame.select("y", "p").write_ndjson("q.ndjson")
    np.save("q.npy", np.column_stack([Y, P]))
    for files in (["q-1.parquet", "q-2.parquet"], ["q.ndjson"], ["q.npy"]):
        for out in ("w.csv", "w.parquet"):
            Path(out).unlink(missing_ok=True)
            code, _, err = call(*files, "--recalibrate=T", "--write", out)
            assert code == 0, err
            again = pl.read_csv(out) if out == "w.csv" else pl.read_parquet(out)
            assert again.height == 60
            assert again.columns[-1] == "calibrated"
            assert again["calibrated"].null_count() == 0
    call("q-1.parquet", "q-2.parquet", "--recalibrate=T", "--write", "typed.parquet")
    assert pl.read_parquet("typed.parquet").schema["tags"] == pl.List(pl.String)


@pytest.mark.parametrize("method", ["T", "platt", "beta", "isotonic"])
@pytest.mark.parametrize("kind", ["probability", "logit"])
def test_the_snippet_and_the_map_say_what_the_rows_do(method: str, kind: str) -> None:
    values = P if kind == "probability" else Z
    Path("m.csv").write_text("y,s\n" + "".join(f"{y},{v!r}\n" for y, v in zip(Y, values.tolist(), strict=True)))
    for out in ("m.py", "m.json", "rows.csv"):
        code, _, err = call("m.csv", "--kind", kind, "--recalibrate", method, "--write", out)
        assert code == 0, err
    wanted = pl.read_csv("rows.csv")["calibrated"].to_numpy()
    assert runpy.run_path("m.py")["calibrate"](values) == pytest.approx(wanted, rel=1e-12, abs=1e-300)
    assert recalibration_of(json.loads(Path("m.json").read_text()))(values).p == pytest.approx(wanted, rel=1e-15)


@pytest.mark.parametrize("method", ["T", "vector"])
def test_classes_get_a_column_each(method: str) -> None:
    rng = np.random.default_rng(8)
    p = rng.dirichlet([1, 1, 1], 80)
    names = ["ant", "bee", "cat"]
    t = [names[rng.choice(3, p=row)] for row in p]
    lines = [
        "species,p_ant,p_bee,p_cat",
        *(",".join((name, *map(repr, row))) for name, row in zip(t, p.tolist(), strict=True)),
    ]
    Path("k.csv").write_text("\n".join(lines))
    for out in ("k.py", "w.csv"):
        code, _, err = call("k.csv", "--recalibrate", method, "--write", out)
        assert code == 0, err
    frame = pl.read_csv("w.csv")
    assert frame.columns[-3:] == [f"calibrated_{name}" for name in names]
    wanted = frame.select(pl.col("^calibrated_.*$")).to_numpy()
    assert wanted.sum(axis=1) == pytest.approx(1, abs=1e-14)
    assert runpy.run_path("k.py")["calibrate"](p) == pytest.approx(wanted, rel=1e-12)


def test_fitting_to_a_filter_and_to_a_file() -> None:
    file = small()
    found = recalibrated(file, "--prediction-column=p", "--recalibrate=platt", "--fit-on", "split=fit")
    assert (found["rows"], found["fitted_rows"], found["folds"]) == (30, 30, None)
    lines = Path(file).read_text("utf-8").splitlines()
    Path("fit.csv").write_text("\n".join([lines[0], *(line for line in lines if line.endswith(",fit"))]))
    other = recalibrated(file, "--prediction-column=p", "--recalibrate=platt", "--fit-on", "fit.csv")
    assert other["rows"] == 60
    assert other["methods"][0]["parameters"] == pytest.approx(found["methods"][0]["parameters"], rel=1e-9)


def test_parts_of_a_file_are_judged_as_the_whole() -> None:
    lines = DEMO.read_text().splitlines()
    Path("a-1.csv").write_text("\n".join(lines[:700]))
    Path("a-2.csv").write_text("\n".join([lines[0], *lines[700:]]))
    whole = recalibrated("--demo", "--recalibrate=platt")
    parts = recalibrated("a-1.csv", "a-2.csv", "--recalibrate=platt")
    assert parts["methods"] == whole["methods"]
    assert np.bincount(fold_of(np.arange(1, 1598))).min() > 250


def test_worst_rows_as_csv() -> None:
    file = small()
    code, _, err = call(file, "--prediction-column=p", "--worst", 5, "--write-worst", "w.csv")
    assert code == 0, err
    rows = read("w.csv")
    loss = -np.log(np.where(Y == 1, P, 1 - P))
    order = np.argsort(-loss, kind="stable")[:5]
    assert [int(row["row"]) for row in rows] == (order + 1).tolist()
    assert [float(row["cross-entropy"]) for row in rows] == pytest.approx(loss[order], rel=1e-12)
    assert all(row["id"] in ("t|x", "'=1+1", "  ü ") for row in rows)  # no spreadsheet takes it for a formula


BAD = {
    "--write x.csv": "goes with --recalibrate",
    "--fit-on x": "goes with --recalibrate",
    "--recalibrate plat": "did you mean platt",
    "--recalibrate vector": "is not of one probability",
    "--recalibrate all --write x.csv": "takes one method",
    "--recalibrate T --write x.txt": "end its name in .csv",
    "--recalibrate T --write x.parquet.gz": "end its name in",
    "--recalibrate T --write there.csv": "nothing is written over",
    "--recalibrate T --write no/x.csv": "there is no folder",
    "--recalibrate T --fit-on nowhere.csv": "there is no such file",
    "--recalibrate T --fit-on digits=1": "did you mean digit",
    "--recalibrate T --fit-on digit=12": "no row has this value",
    "--write-worst there.csv": "nothing is written over",
    "--require ece": "write a figure",
    "--require ece<x": "is not a number",
    "--require ecee<1": "did you mean ece",
    "--require mean<1": "is the end of 2 figures",
    "--require applied_temperature<nan": "nan",
}


@pytest.mark.parametrize("words", BAD)
def test_one_line_for_what_is_wrong(words: str) -> None:
    Path("there.csv").write_text("mine")
    code, out, err = call("--demo", *words.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert BAD[words] in err
    assert Path("there.csv").read_text() == "mine"
    assert [path.name for path in Path.cwd().iterdir()] == ["there.csv"]


def test_values_are_not_recalibrated() -> None:
    Path("v.csv").write_text("target,pred\n1.5,2\n-2,-1\n")
    code, _, err = call("v.csv", "--recalibrate", "T")
    assert code == 2
    assert "plain numbers" in err


def test_bounds() -> None:
    code, out, err = call("--demo", "--require", "ece<.1", "--require", "bce<=.42", "--require", "auroc >= .97")
    assert (code, out, err) == (0, "3 of 3 hold\n", "")
    code, out, err = call("--demo", "--require", "ece<.03", "--require", "weighted.ece<1", "--require", "accuracy>.5")
    assert (code, out) == (1, "1 of 3 hold\n")
    first, second = err.splitlines()
    assert first.startswith("ece<.03 does not hold: ece is 0.0642632693")
    assert "null" in second
    code, out, _ = call("--demo", "--require", "ece<.03", "--format", "json")
    assert code == 1
    (told,) = json.loads(out)["require"]
    assert (told["figure"], told["holds"]) == ("ece", False)


@pytest.mark.parametrize(
    ("text", "holds"),
    [("a<2", True), ("a<=1", True), ("a<1", False), ("a>=1", True), ("a>1", False), ("b>1e300", True), ("c<1", False),
     ("c.d<1", False), ("focal<1", True), ("losses[0].mean<1", True), ("m.T.x>0", True), ("x>0", True), ("u≤3", True)],
)  # fmt: skip
def test_what_a_name_stands_for(text: str, holds: bool) -> None:
    document = {
        "a": 1.0, "b": "inf", "c": None, "u": 3,
        "losses": [{"loss": "focal", "params": {}, "mean": 0.5}], "m": [{"method": "T", "x": 1.0}],
    }  # fmt: skip
    assert held([requirement(text)], document)[0].holds is holds


def test_never_the_explorer(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Screen())
    monkeypatch.setattr("sys.stdout", Screen())
    monkeypatch.setattr("sys.stderr", io.StringIO())
    for words in (["--recalibrate", "T"], ["--require", "ece<1"], ["--write-worst", "w.csv"]):
        assert command.run(["--demo", *words]) == 0
    assert isinstance(command.run(["--demo", "--fresh"]), OpenExplorer)


def test_markdown() -> None:
    Path("evil.csv").write_text(
        'y,p,name\n1,.9,"a|b"\n0,.2,"<b>x</b>"\n1,.3,"\x1b[31m```"\n0,.6,"[l](http://e.x) @bob"\n'
    )
    code, out, err = call("evil.csv", "--recalibrate", "platt", "--format", "markdown")
    assert code == 0, err
    assert "\x1b" not in out
    lines = out.splitlines()
    assert lines[0].startswith("# evil.csv")
    tables = [line for line in lines if line.startswith("|")]
    worst = tables[-6:]
    widths = {line.replace("\\|", "").count("|") for line in worst}
    assert len(widths) == 1
    assert "\\<b\\>" in out
    assert "@bob" not in out
    assert "http://" not in out
    assert sum(line.startswith("```") for line in lines) % 2 == 0
    assert "## Recalibration" in lines
    for words in (["--demo"], ["--demo", "--temperature=2"]):
        assert call(*words, "--format", "markdown")[0] == 0


def test_markdown_of_values_and_classes() -> None:
    Path("v.csv").write_text("target,pred\n1.5,2\n-2,-1\n0.25,0.5\n")
    Path("k.csv").write_text("s,p_a|b,p_c,p_d\na|b,.7,.2,.1\nc,.1,.3,.6\nd,.2,.2,.6\n")
    for file in ("v.csv", "k.csv"):
        code, out, err = call(file, "--format", "markdown")
        assert code == 0, err
        assert "## Losses" in out
    assert "a\\|b" in out


def test_nothing_ends_a_block() -> None:
    assert fenced(["````", "x"]) == ["`````text", "````", "x", "`````"]
    assert escaped("a|b\n`c`") == "a\\|b␊\\`c\\`"


def test_a_simpler_map_that_does_nearly_as_well_is_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(0, 2, 3000)
    y = (rng.random(3000) < 1 / (1 + np.exp(-z - 0.15))).astype(int)
    p = 1 / (1 + np.exp(-3 * z))
    lines = "\n".join(["y,p", *(f"{a},{b!r}" for a, b in zip(y.tolist(), p.tolist(), strict=True))])
    (tmp_path / "over.csv").write_text(lines + "\n")
    code, out, err = call(str(tmp_path / "over.csv"), "--recalibrate", "T,platt", "--format", "json")
    assert code == 0, err
    one, best = json.loads(out)["recalibration"]["methods"]
    part = one["difference"] / best["difference"]
    assert 0.9 < part < 1
    text = call(str(tmp_path / "over.csv"), "--recalibrate", "T,platt", "--format", "text")[1]
    assert "Platt is best: log loss" in text
    assert f"; T alone takes {100 * part:.0f}% of it" in text
    alone = call(str(tmp_path / "over.csv"), "--recalibrate", "platt", "--format", "text")[1]
    assert "is best" not in alone
    assert "\nPlatt: log loss " in alone


def test_a_loss_that_is_not_asked_for_is_told_so() -> None:
    assert "'focal' is a loss that is not asked for: --loss focal" in call("--demo", "--require", "focal<1")[2]


# ---- the screen ----------------------------------------------------------------------------------------------------


async def test_the_sheet_writes_what_is_chosen() -> None:
    async with data(DEMO, size=(80, 24)) as ui:
        await ui.press("M")
        await ui.app.animator.wait_until_complete()
        assert ui.app.screen is not ui.screen
        await ui.press("down", "enter")
        await ui.press("enter")
        assert Path("lossterm-platt.py").exists()
        assert ui.app.screen is ui.screen
        await ui.press("M")
        await ui.press("enter")
        await ui.press("down", "down", "enter")
        rows = read("lossterm-T.csv")
        assert len(rows) == 1597
        assert 0 < float(rows[0]["calibrated"]) < 1
