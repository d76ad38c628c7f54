"""`lossterm data`: the figures of a file in three forms, every option, and one line for whatever is wrong."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import polars as pl
import pytest

from lossterm.cli import run
from lossterm.model.feature import OpenExplorer
from lossterm.model.store import Saved
from lossterm.predictions import command, figures
from lossterm.predictions.figures import Statistic
from lossterm.predictions.options import DEMO, restored_choice
from lossterm.predictions.report import json_help
from lossterm.predictions.view import FileChoice, Look

FIELDS = [
    "columns", "rows", "skipped", "losses", "weight_sum",
    "weighted", "class_weights", "base_rate", "threshold", "accuracy",
    "precision", "recall", "f1", "specificity", "confusion",
    "bins", "equal_counts", "applied_temperature", "clip", "log_loss",
    "log_loss_error", "brier", "brier_error", "ece", "ece_error",
    "ece_floor", "ece_floor_sd", "ece_floor_95", "ece_p",
    "mce", "mce_error", "rmsce", "rmsce_error",
    "ece_equal_mass", "ece_equal_mass_error", "ece_equal_mass_floor", "ece_equal_mass_floor_sd",
    "ece_equal_mass_floor_95", "ece_equal_mass_p", "mce_equal_mass", "mce_equal_mass_error", "rmsce_equal_mass",
    "rmsce_equal_mass_error", "brier_summed", "brier_decomposition", "reliability", "auroc", "auroc_error",
    "auroc_standard_error", "auroc_standard_error_error", "average_precision", "average_precision_error",
    "spiegelhalter", "skill", "temperature", "temperature_error", "at_temperature", "platt", "at_platt",
    "bias", "bias_standard_error", "rmse", "mae", "mae_standard_error", "r2", "coverage", "coverage_error",
    "coverage_nominal", "error_quantiles", "crps", "crps_standard_error", "nll", "nll_standard_error", "pinball",
    "stretch", "stretch_error", "crossing", "intervals", "levels", "pit", "residuals", "labels", "labels_mean",
    "classes", "confusion_matrix", "worst", "recalibration", "only", "segments",
    "search", "conclusion", "compare", "comparisons", "notes",
]  # fmt: skip
LOSS = [
    "loss", "params", "smoothing", "mean", "standard_error", "sum", "weighted_mean", "weighted_standard_error",
    "weighted_sum_per_row", "class_weighted_mean", "class_weighted_sum_per_row", "gradient_share_1pct",
    "gradient_share_error", "mcb", "dsc", "unc", "weighted_mcb", "weighted_dsc", "weighted_unc", "infinite",
    "undefined",
]  # fmt: skip
TERMS = ["reliability", "resolution", "uncertainty", "within_bin_variance", "within_bin_covariance"]
CALIBRATION = FIELDS[FIELDS.index("log_loss") : FIELDS.index("brier_summed")]

_OF_CELLS: tuple[Statistic[Any], ...] = (
    *figures.CALIBRATION, figures.AUROC, figures.AUROC_ERROR, figures.AVERAGE_PRECISION,
)  # fmt: skip
ROUGH = [s for s in _OF_CELLS if s.error_name]
DECLARED = {
    name
    for told in vars(figures).values()
    for each in (told if isinstance(told, tuple) else (told,))
    if isinstance(each, Statistic)
    for name in (each.name, each.error_name)
}
BIN = ["lower", "upper", "count", "confidence", "frequency", "frequency_lower", "frequency_upper"]

P = [0.9, 0.2, 0.6, 0.35, 0.75, 0.1]
Y = [1, 0, 0, 1, 1, 0]
SMALL = "id,y,p\n" + "".join(f"r{i},{y},{p}\n" for i, (y, p) in enumerate(zip(Y, P, strict=True)))
"""Six rows whose figures a person can check."""

CLASSES = "species,p_ant,p_bee,p_cat\nant,.7,.2,.1\nbee,.1,.3,.6\ncat,.2,.2,.6\nbee,.3,.5,.2\nant,.6,.3,.1\n"
VALUES = "target,pred\n1.5,2\n-2,-1\n0.25,0.5\n3,7\n"


def call(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = run(["data", *arguments])
        except SystemExit as leave:  # argparse leaves so after printing a help
            code = leave.code if isinstance(leave.code, int) else -1
    return code, out.getvalue(), err.getvalue()


def printed(*arguments: str | Path) -> str:
    code, out, err = call(*map(str, arguments))
    assert (code, err) == (0, ""), err
    return out


def refused(*arguments: str | Path) -> str:
    """The one line on stderr of a command that is wrong."""
    code, out, err = call(*map(str, arguments))
    assert (code, out) == (2, ""), (code, out, err)
    assert err.startswith("lossterm: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert "Traceback" not in err
    return err


def strict(text: str) -> dict[str, Any]:
    def no(constant: str) -> NoReturn:
        raise AssertionError(f"{constant} is not JSON")

    found = json.loads(text, parse_constant=no)
    assert isinstance(found, dict)
    return found


def loaded(*arguments: str | Path) -> dict[str, Any]:
    return strict(printed(*arguments, "--format", "json"))


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write(tmp_path / "small.csv", SMALL)


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    return write(tmp_path / "classes.csv", CLASSES)


@pytest.fixture
def values(tmp_path: Path) -> Path:
    return write(tmp_path / "values.csv", VALUES)


def cross_entropy(p: float, y: float, smoothing: float = 0.0) -> float:
    t = y * (1 - smoothing) + smoothing / 2
    return -t * math.log(p) - (1 - t) * math.log(1 - p)


def mean(xs: Sequence[float]) -> float:
    return math.fsum(xs) / len(xs)


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


# ---- JSON ----------------------------------------------------------------------------------------------------------


def promised(found: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """The names that are promised, in the order in which they are told; what else stands there is a declared figure."""
    assert set(found) - set(names) <= DECLARED
    return [name for name in found if name in names]


def test_json_has_the_fields_that_are_promised(small: Path) -> None:
    found = loaded(small)
    assert promised(found, FIELDS) == FIELDS
    assert [promised(loss, LOSS) for loss in found["losses"]] == [LOSS, LOSS]
    assert [(loss["loss"], loss["params"]) for loss in found["losses"]] == [
        ("cross-entropy", {"pos_weight": 1.0}), ("squared-error", {}),
    ]  # fmt: skip
    assert list(found["brier_decomposition"]) == TERMS
    assert [list(b) for b in found["reliability"]] == [BIN] * 6
    for after in ("at_temperature", "at_platt"):
        assert promised(found[after], [*CALIBRATION, "in_sample"]) == [*CALIBRATION, "in_sample"]
    assert list(found["platt"]) == ["a", "a_error", "b", "b_error"]
    assert list(found["confusion"]) == ["true_positive", "false_positive", "true_negative", "false_negative"]
    assert [list(row) for row in found["worst"]] == [["loss", "row", "value", "columns"]] * 6
    assert (found["classes"], found["confusion_matrix"], found["notes"], found["weight_sum"]) == ([], None, [], None)
    whole = [found["rows"], found["skipped"], found["bins"], *found["confusion"].values(), found["worst"][0]["row"]]
    assert all(type(number) is int for number in whole)
    for name in ("base_rate", "accuracy", "auroc", "temperature", *CALIBRATION):
        assert isinstance(found[name], float), name


def test_json_has_the_figures(small: Path) -> None:
    found = loaded(small, "--bins", "2")
    losses = [cross_entropy(p, y) for p, y in zip(P, Y, strict=True)]
    brier = mean([(p - y) ** 2 for p, y in zip(P, Y, strict=True)])
    error = math.sqrt(math.fsum((x - mean(losses)) ** 2 for x in losses) / 5 / 6)
    first = found["losses"][0]
    assert found["rows"] == 6
    assert first["mean"] == found["log_loss"] == pytest.approx(mean(losses), rel=1e-14)
    assert first["sum"] == pytest.approx(math.fsum(losses), rel=1e-14)
    assert first["standard_error"] == pytest.approx(error, rel=1e-12)
    assert found["losses"][1]["mean"] == pytest.approx(brier, rel=1e-14)
    assert found["brier"] == pytest.approx(brier, rel=1e-14)
    slopes = sorted(abs(p - y) for p, y in zip(P, Y, strict=True))
    assert first["gradient_share_1pct"] == pytest.approx(slopes[-1] / math.fsum(slopes), rel=1e-12)
    terms = found["brier_decomposition"]
    assert terms["uncertainty"] == pytest.approx(0.25, rel=1e-14)
    signed = [1, -1, 1, 1, -1]
    assert math.fsum(s * terms[name] for s, name in zip(signed, TERMS, strict=True)) == pytest.approx(brier, rel=1e-13)
    # (0, .5]: .2 .35 .1, one of three; (.5, 1]: .9 .6 .75, two of three
    low, high = found["reliability"]
    assert (low["lower"], low["upper"], low["count"]) == (0.0, 0.5, 3)
    assert (low["confidence"], low["frequency"]) == pytest.approx((0.65 / 3, 1 / 3))
    assert (high["confidence"], high["frequency"]) == pytest.approx((0.75, 2 / 3))
    gaps = (1 / 3 - 0.65 / 3, 0.75 - 2 / 3)
    assert found["ece"] == pytest.approx(mean(gaps))
    assert found["mce"] == pytest.approx(max(gaps))
    assert found["rmsce"] == pytest.approx(math.sqrt(mean([g * g for g in gaps])))
    assert found["confusion"] == {"true_positive": 2, "false_positive": 1, "true_negative": 2, "false_negative": 1}
    assert found["accuracy"] == pytest.approx(4 / 6)
    pairs = [(a > b) + (a == b) / 2 for a, i in zip(P, Y, strict=True) for b, j in zip(P, Y, strict=True) if i > j]
    assert found["auroc"] == pytest.approx(mean(pairs))
    t, (a, a_error, b, b_error) = found["temperature"], found["platt"].values()
    assert {a_error, b_error, *(found[s.error_name] for s in ROUGH)} == {0.0}
    assert math.fsum((sigmoid(logit(p) / t) - y) * logit(p) for p, y in zip(P, Y, strict=True)) == pytest.approx(
        0, abs=1e-9
    )
    residuals = [sigmoid(a * logit(p) + b) - y for p, y in zip(P, Y, strict=True)]
    assert math.fsum(residuals) == pytest.approx(0, abs=1e-9)
    assert math.fsum(r * logit(p) for r, p in zip(residuals, P, strict=True)) == pytest.approx(0, abs=1e-9)
    hot = mean([cross_entropy(sigmoid(logit(p) / t), y) for p, y in zip(P, Y, strict=True)])
    assert found["at_temperature"]["log_loss"] == pytest.approx(hot, rel=1e-12)


def test_the_worst_are_rows_of_the_file(small: Path) -> None:
    worst = loaded(small, "--worst", "2")["worst"]
    assert [(w["row"], w["columns"]["id"]) for w in worst] == [(4, "r3"), (3, "r2")]
    assert worst[0]["columns"] == {"id": "r3", "y": "1", "p": "0.35"}
    assert worst[0]["value"] == pytest.approx(-math.log(0.35))
    by_focal = loaded(small, "--loss", "mae,ce", "--worst", "1")["worst"]
    assert [(w["loss"], w["value"]) for w in by_focal] == [("absolute-error", pytest.approx(0.65))]


def test_infinite_is_text_and_nothing_is_null(tmp_path: Path) -> None:
    path = write(tmp_path / "sure.csv", "y,p\n1,0\n1,.5\n0,.25\n")
    found = loaded(path, "--loss", "ce,mse,hinge")
    ce = found["losses"][0]
    assert (ce["mean"], ce["sum"], ce["standard_error"], ce["infinite"]) == ("inf", "inf", None, 1)
    assert (found["temperature"], found["temperature_error"], found["at_temperature"]) == (None, None, None)
    assert found["worst"][0] == {"loss": "cross-entropy", "row": 1, "value": "inf", "columns": {"y": "1", "p": "0"}}
    assert found["notes"] == ["cross-entropy is ∞ for 1 example: sure of what is wrong; nothing is clipped"]
    assert "∞" in printed(path)


def test_fields_of_any_type_are_json(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"y": [1, 0], "p": [0.5, 0.25], "x": [math.nan, math.inf],
         "when": pl.Series(["2024-01-31", None]).str.to_date(),
         "many": [[1.0, math.nan], []], "raw": [b"\xff", b""], "flag": [True, None]}
    )  # fmt: skip
    path = tmp_path / "typed.parquet"
    frame.write_parquet(path)
    one, two = (w["columns"] for w in loaded(path)["worst"])
    assert (one["x"], one["when"], one["many"], one["flag"]) == (None, "2024-01-31", [1.0, None], True)
    assert (two["x"], two["when"], two["flag"]) == ("inf", None, None)
    assert isinstance(one["raw"], str)
    assert printed(path)


def keys(found: object) -> Iterator[str]:
    """All names in a document but those of parameters and columns."""
    if isinstance(found, Mapping):
        for name, part in found.items():
            yield name
            if name not in {"params", "columns"}:
                yield from keys(part)
    elif isinstance(found, list):
        for part in found:
            yield from keys(part)


def test_the_help_documents_the_json(monkeypatch: pytest.MonkeyPatch, small: Path, classes: Path) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = call("--help")
    assert code == 0
    assert json_help() in out
    assert max(map(len, out.splitlines())) <= 80
    known = {*keys(loaded(small)), *keys(loaded(classes))}
    assert known <= set(re.findall(r"\w+", json_help()))
    heads = [re.split("  +", line[2:])[0] for line in json_help().splitlines() if re.match(r"  \w", line)]
    assert {name for head in heads for name in re.findall(r"\w+", head)} <= known


# ---- text and CSV --------------------------------------------------------------------------------------------------


def test_csv_has_a_line_a_figure(small: Path) -> None:
    rows = list(csv.reader(io.StringIO(printed(small, "--loss", "ce,focal:gamma=3", "--format", "csv"))))
    assert rows[0] == ["figure", "loss", "params", "value"]
    assert {len(row) for row in rows} == {4}
    figures = {(figure, loss): value for figure, loss, _, value in rows[1:]}
    assert len(figures) == len(rows) - 1
    found = loaded(small, "--loss", "ce,focal:gamma=3")
    assert [row[2] for row in rows if row[:2] == ["mean", "focal"]] == ["gamma=3;alpha="]
    for index, name in enumerate(("cross-entropy", "focal")):
        for figure in LOSS[2:]:
            expected = found["losses"][index][figure]
            assert figures[figure, name] == ("" if expected is None else str(expected))
    for path in ("ece", "auroc", "rows", "at_platt.ece", "platt.b", "brier_decomposition.resolution", "weight_sum",
                 "reliability[2].count", "confusion.true_negative", "at_temperature.ece_equal_mass"):  # fmt: skip
        value: Any = found
        for part in re.findall(r"\w+", path):
            value = value[int(part)] if part.isdigit() else value[part]
        assert figures[path, ""] == ("" if value is None else str(value))
    assert not any(figure.startswith("worst") for figure, _ in figures)


def test_csv_of_classes(classes: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(printed(classes, "--format", "csv"))))
    figures = {row["figure"]: row["value"] for row in rows if not row["loss"]}
    assert figures["classes[2].name"] == "cat"
    assert figures["confusion_matrix[1][2]"] == "1"
    assert figures["platt"] == ""


@pytest.mark.parametrize(
    "options", [[], ["--worst", "40", "--bins", "30"], ["--temperature", "3", "--smoothing", ".1"]]
)
def test_text_of_the_demo_fits_a_terminal(options: list[str]) -> None:
    text = printed("--demo", "--loss", "ce,mse,generalized-cross-entropy:q=.5", *options)
    assert max(map(len, text.splitlines())) <= 80
    assert not re.search(r"\d{11}", text)  # nobody reads seventeen digits
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "\n\n\n" not in text


def test_text_says_the_figures() -> None:
    text = printed("--demo")
    lines = text.splitlines()
    assert lines[0] == "demo.csv · 1,597 rows · base rate 0.5066"
    cells = {re.split(r"  +", line.strip())[0]: re.split(r"  +", line.strip())[1:] for line in lines}
    assert cells["cross-entropy"] == ["0.4131", "0.045", "659.8", "11.7%"]
    assert cells["calibration"] == ["as predicted", "at T = 3.240", "at 0.3108z + 0.2603"]
    assert cells["log loss"] == ["0.4131", "0.2191", "0.2169"]
    assert cells["ECE"] == ["0.06426", "0.02681", "0.02106"]
    assert cells["label 1"] == ["736", "73"]
    assert cells["label 0"] == ["52", "736"]
    assert "AUROC 0.9705" in lines
    assert "  −  0.1858     resolution" in lines
    assert len([line for line in lines if re.match(r"\s*\d+  ", line)]) == 10  # the worst
    assert "the 10 worst examples by cross-entropy" in lines


def test_text_of_classes(classes: Path) -> None:
    text = printed(classes)
    lines = text.splitlines()
    assert "accuracy 0.8000" in text
    table = lines[lines.index(next(x for x in lines if x.startswith("label \\ decided"))) :][:4]
    assert [row.split()[-3:] for row in table] == [
        ["ant", "bee", "cat"],
        ["2", "0", "0"],
        ["0", "1", "1"],
        ["0", "0", "1"],
    ]
    assert any(line.startswith("bin of the top class") for line in lines)


def test_text_of_many_classes_and_columns_stays_readable(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(60), 300)
    heads = ",".join([*(f"p_{k}" for k in range(60)), "note", "y"])
    lines = [",".join([*map(repr, row.tolist()), "x" * 50, str(rng.integers(60))]) for row in p]
    text = printed(write(tmp_path / "wide.csv", "\n".join([heads, *lines]) + "\n"))
    assert max(map(len, text.splitlines())) <= 100
    assert "the 20 of 60 classes with the most mistakes; json and csv have all" in text
    worst = text.partition("worst examples")[2].splitlines()
    assert worst[1].split()[:3] == ["row", "loss", "y"]  # the label is there, whatever else is
    assert re.fullmatch(r"\d+ more columns of the file; json has all", worst[-1])
    found = loaded(tmp_path / "wide.csv")
    assert len(found["classes"]) == 60
    assert len(found["worst"][0]["columns"]) == 62


def test_numbers_of_the_file_are_shortened_in_text_only(tmp_path: Path) -> None:
    rows = ["1,0.12345678901234567,1234567890123,a", "0,0.99999973000000001,20240131,1e-3", "0,.5,007,-0.0000123456789"]
    path = write(tmp_path / "long.csv", "y,p,id,x\n" + "\n".join(rows) + "\n")
    cells = [line.split()[3:] for line in printed(path).splitlines()[-3:]]
    assert cells == [
        ["0.9999997", "20240131", "1e-3"], ["0.123457", "1234567890123", "a"], [".5", "007", "-1.23457e-05"],
    ]  # fmt: skip
    assert loaded(path)["worst"][0]["columns"]["p"] == "0.99999973000000001"


def test_what_would_happen_is_said(small: Path) -> None:
    text = printed(small, "--temperature", "2", "--smoothing", ".1")
    assert "cross-entropy smoothing=0.1" in text
    assert re.search(r"calibration +at T = 2 +at T = ", text)


# ---- files ---------------------------------------------------------------------------------------------------------

SOLVED = {"temperature", "at_temperature", "platt", "at_platt"}
"""Roots, which depend on the order of a sum in their last digits."""


def same(one: Any, other: Any) -> bool:
    """Whether two documents agree: in all sums to the last bit."""
    assert list(one) == list(other)
    for name in one:
        if name not in SOLVED:
            assert one[name] == other[name], name
        elif isinstance(one[name], dict):
            pairs = zip(one[name].values(), other[name].values(), strict=True)
            assert all(a == (b if b is None else pytest.approx(b, rel=1e-9)) for a, b in pairs), name
        else:
            assert one[name] == pytest.approx(other[name], rel=1e-11), name
    return True


def test_several_files_are_one(tmp_path: Path) -> None:
    head, *rows = DEMO.read_text().splitlines(keepends=True)
    for number, part in enumerate((rows[:1], rows[1:700], rows[700:])):
        write(tmp_path / f"part-{number}.csv", head + "".join(part))
    write(tmp_path / "part-3.csv.txt", "nothing of the kind")
    whole = loaded("--demo", "--worst", "30")
    names = [str(tmp_path / f"part-{number}.csv") for number in range(3)]
    whole["columns"]["group"] = None  # the demo's groups are named by the program
    assert same(loaded(*names, "--worst", "30"), whole)
    assert same(loaded(tmp_path / "part-*.csv", "--worst", "30"), whole)
    shuffled = loaded(*reversed(names), "--worst", "30")
    assert shuffled["losses"][0]["mean"] == whole["losses"][0]["mean"]
    assert [w["columns"] for w in shuffled["worst"]] == [w["columns"] for w in whole["worst"]]


@pytest.mark.exhaustive
def test_any_format_gives_the_same(tmp_path: Path) -> None:
    frame = pl.read_csv(DEMO)
    whole = loaded("--demo", "--worst", "1")
    frame.write_parquet(tmp_path / "demo.parquet")
    frame.write_ndjson(tmp_path / "demo.ndjson")
    frame.write_ipc(tmp_path / "demo.arrow")
    np.savez(tmp_path / "demo.npz", label=frame["label"].to_numpy(), probability=frame["probability"].to_numpy())
    write(tmp_path / "demo.csv.gz", gzip.compress(DEMO.read_bytes()))
    write(tmp_path / "demo.tsv", DEMO.read_text().replace(",", "\t"))
    for name in ("demo.parquet", "demo.ndjson", "demo.arrow", "demo.npz", "demo.csv.gz", "demo.tsv"):
        found = loaded(tmp_path / name, "--worst", "1")
        worst = found["worst"]
        assert float(worst[0]["columns"]["probability"]) == float(whole["worst"][0]["columns"]["probability"])
        assert {**found["columns"], "group": "digit", "key": "image"} == whole["columns"]
        assert same({**found, "worst": [], "columns": {}}, {**whole, "worst": [], "columns": {}}), name


def test_standard_input(monkeypatch: pytest.MonkeyPatch, small: Path) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(SMALL.encode())))
    piped = loaded("-")
    assert piped == loaded(small)


def test_a_delimiter(tmp_path: Path, small: Path) -> None:
    whole = loaded(small)
    for delimiter, option in (("\t", "tab"), ("\t", "\t"), (";", ";"), ("|", "|")):
        path = write(tmp_path / "other.csv", SMALL.replace(",", delimiter))
        assert loaded(path, "--delimiter", option) == whole


def test_bad_rows_are_left_out_and_counted(tmp_path: Path, small: Path) -> None:
    lines = SMALL.splitlines(keepends=True)
    path = write(tmp_path / "bad.csv", "".join([*lines[:3], "x,1,nan\n", "y,2,.5\n", *lines[3:], "z,1,7\n"]))
    assert "row 3" in refused(path)
    found, whole = loaded(path, "--skip-bad"), loaded(small)
    assert (found["rows"], found["skipped"], whole["skipped"]) == (6, 3, 0)
    assert found["log_loss"] == whole["log_loss"]
    assert [w["columns"] for w in found["worst"]] == [w["columns"] for w in whole["worst"]]
    assert found["worst"][0]["row"] == whole["worst"][0]["row"] + 2  # its row in the file
    text = printed(path, "--skip-bad")
    assert "left out: 3 (" in text


def test_columns_are_named(tmp_path: Path) -> None:
    rows = "".join(f"{y},{1 - y},{p},{0.5 + p / 4},{i + 1}\n" for i, (y, p) in enumerate(zip(Y, P, strict=True)))
    path = write(tmp_path / "many.csv", "a,b,c,d,n\n" + rows)
    named = ["--label-column", "a", "--prediction-column", "c", "--kind", "probability"]
    found = loaded(path, *named)
    assert found["log_loss"] == pytest.approx(mean([cross_entropy(p, y) for p, y in zip(P, Y, strict=True)]))
    other = loaded(path, "--label-column", "b", "--prediction-column", "d", "--kind", "logit")
    expected = [cross_entropy(sigmoid(0.5 + p / 4), 1 - y) for p, y in zip(P, Y, strict=True)]
    assert other["log_loss"] == pytest.approx(mean(expected))
    weighted = loaded(path, *named, "--weight-column", "n")
    assert weighted["weight_sum"] == 21
    grouped = loaded(path, *named, "--group-column", "n", "--only-group", "4")
    assert (grouped["rows"], grouped["worst"][0]["columns"]["c"]) == (1, "0.35")


def test_a_positive_label(tmp_path: Path, small: Path) -> None:
    rows = "".join(f"{'cat' if y else 'dog'},{p}\n" for y, p in zip(Y, P, strict=True))
    path = write(tmp_path / "pets.csv", "y,p\n" + rows)
    cats, dogs = loaded(path, "--positive", "cat"), loaded(path, "--positive", "dog")
    assert cats["log_loss"] == loaded(small)["log_loss"]
    assert dogs["log_loss"] == pytest.approx(mean([cross_entropy(p, 1 - y) for p, y in zip(P, Y, strict=True)]))
    assert refused(path)


def test_weights_in_both_conventions(tmp_path: Path) -> None:
    w = [1, 2, 0.5, 3, 0, 1.5]
    rows = "".join(f"{y},{p},{x}\n" for y, p, x in zip(Y, P, w, strict=True))
    path = write(tmp_path / "weighted.csv", "y,p,weight\n" + rows)
    found = loaded(path)
    loss = [cross_entropy(p, y) for p, y in zip(P, Y, strict=True)]
    total = math.fsum(a * b for a, b in zip(w, loss, strict=True))
    first = found["losses"][0]
    assert found["weight_sum"] == 8
    assert first["weighted_mean"] == pytest.approx(total / 8, rel=1e-14)
    assert first["weighted_sum_per_row"] == pytest.approx(total / 6, rel=1e-14)
    assert first["mean"] == pytest.approx(mean(loss), rel=1e-14)
    error = math.sqrt(math.fsum((a * (x - total / 8)) ** 2 for a, x in zip(w, loss, strict=True))) / 8
    assert first["weighted_standard_error"] == pytest.approx(error, rel=1e-12)
    plain = math.sqrt(math.fsum((x - mean(loss)) ** 2 for x in loss) / 5 / 6)
    assert first["standard_error"] == pytest.approx(plain, rel=1e-12)  # of the plain mean, which it stands beside
    text = printed(path)
    heads, row = (re.split("  +", line) for line in text.splitlines() if line.startswith(("loss  ", "cross-")))
    assert heads == ["loss", "Σwℓ/Σw", "s.e.", "Σwℓ/n", "mean", "s.e.", "sum", "worst 1%"]
    told = [total / 8, error, total / 6, mean(loss), plain, math.fsum(loss)]
    assert [float(x) for x in row[1:7]] == pytest.approx(told, rel=3e-2)
    assert f"weighted_standard_error,cross-entropy,pos_weight=1,{error!r}"[:-3] in printed(path, "--format", "csv")
    assert loaded(write(tmp_path / "plain.csv", SMALL))["losses"][0]["weighted_standard_error"] is None
    assert max(map(len, text.splitlines())) <= 80


# ---- how it is looked at -------------------------------------------------------------------------------------------


def test_losses_with_parameters(small: Path) -> None:
    found = loaded(small, "--loss", "focal:gamma=0,ce:pos_weight=2", "--loss", "quantile:tau=.9")
    focal, ce, quantile = found["losses"]
    assert focal["mean"] == pytest.approx(found["log_loss"], rel=1e-14)
    assert (focal["params"]["gamma"], ce["params"], quantile["params"]) == (0.0, {"pos_weight": 2.0}, {"tau": 0.9})
    expected = mean([cross_entropy(p, y) * (1 + y) for p, y in zip(P, Y, strict=True)])
    assert ce["mean"] == pytest.approx(expected, rel=1e-14)
    assert loaded(small, "--loss", "all")["losses"]


@pytest.mark.parametrize("bins", [1, 7, 1000])
def test_bins(small: Path, bins: int) -> None:
    found = loaded(small, "--bins", str(bins))
    assert found["bins"] == bins
    assert sum(b["count"] for b in found["reliability"]) == 6
    for b in found["reliability"]:
        assert b["upper"] - b["lower"] == pytest.approx(1 / bins)


def test_a_threshold(small: Path) -> None:
    found = loaded(small, "--threshold", ".6")
    assert found["threshold"] == 0.6
    assert found["confusion"]["false_positive"] == 0  # .6 is not above it
    assert "p > 0.6" in printed(small, "--threshold", "0.6")


def test_the_ratios_of_the_decisions(small: Path, classes: Path) -> None:
    found = loaded(small, "--threshold", ".6")  # decided 1: .9 and .75, both right; .35 is missed
    expected = {"accuracy": 5 / 6, "precision": 1.0, "recall": 2 / 3, "f1": 0.8, "specificity": 1.0}
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-15)
    text = printed(small, "--threshold", ".6")
    assert "accuracy 0.8333 · precision 1.000 · recall 0.6667 · F1 0.8000" in text
    assert "specificity 1.000" in text
    rows = list(csv.DictReader(io.StringIO(printed(small, "--threshold", ".6", "--format", "csv"))))
    assert {row["figure"]: float(row["value"]) for row in rows if row["figure"] in expected} == expected
    assert [loaded(classes)[name] for name in list(expected)[1:]] == [None] * 4
    assert loaded(small, "--threshold", "1")["precision"] is None  # nothing is decided 1


def test_bins_of_equal_counts(small: Path) -> None:
    # percentiles 0, 50, 100 of .1 .2 .35 .6 .75 .9: the edge between them is .475
    found, usual = loaded(small, "--bins", "2", "--equal-counts"), loaded(small, "--bins", "2")
    assert (found["equal_counts"], usual["equal_counts"]) == (True, False)
    edges = [(b["lower"], b["upper"], b["count"]) for b in found["reliability"]]
    assert edges == [(0.1, pytest.approx(0.475), 3), (pytest.approx(0.475), 0.9, 3)]
    assert [(b["lower"], b["upper"]) for b in usual["reliability"]] == [(0.0, 0.5), (0.5, 1.0)]
    assert {name: found[name] for name in CALIBRATION} == {name: usual[name] for name in CALIBRATION}
    text = printed(small, "--bins", "2", "--equal-counts")
    assert re.search(r"\n\[0\.1, 0\.475\] +3 ", text)
    for name in ("ECE", "MCE", "RMSCE"):
        assert re.search(rf"\n{name}, by mass  +\d", text)


def test_smoothing_changes_the_losses_only(small: Path) -> None:
    found, plain = loaded(small, "--smoothing", "0.2"), loaded(small)
    expected = mean([cross_entropy(p, y, 0.2) for p, y in zip(P, Y, strict=True)])
    assert found["losses"][0]["mean"] == pytest.approx(expected, rel=1e-14)
    assert found["losses"][0]["smoothing"] == 0.2
    for name in ("log_loss", "brier", "ece", "auroc", "temperature"):
        assert found[name] == plain[name]


def test_a_temperature_divides_the_logits(small: Path) -> None:
    found, plain = loaded(small, "--temperature", "2"), loaded(small)
    expected = mean([cross_entropy(sigmoid(logit(p) / 2), y) for p, y in zip(P, Y, strict=True)])
    assert found["log_loss"] == pytest.approx(expected, rel=1e-13)
    assert found["applied_temperature"] == 2
    # T, a and b are those of the file's own logits, whatever T is applied to them
    assert found["temperature"] == pytest.approx(plain["temperature"], rel=1e-10)
    assert found["platt"] == {name: pytest.approx(x, rel=1e-8) for name, x in plain["platt"].items()}
    for name in ("at_temperature", "at_platt"):
        assert found[name]["log_loss"] == pytest.approx(plain[name]["log_loss"], rel=1e-12)
    assert found["auroc"] == plain["auroc"]
    best = loaded(small, "--temperature", repr(plain["temperature"]))
    assert best["log_loss"] == pytest.approx(plain["at_temperature"]["log_loss"], rel=1e-12)
    assert best["ece"] == pytest.approx(plain["at_temperature"]["ece"], rel=1e-10)


def test_the_terms_of_the_brier_score_have_one_sign_each(tmp_path: Path) -> None:
    # one bin (0.5, 1]: the higher prediction is wrong; covariance 2·(.1·(−½) + (−.1)·½)/2 = −.1
    path = write(tmp_path / "falling.csv", "y,p\n0,.9\n1,.7\n")
    found = loaded(path, "--bins", "2")["brier_decomposition"]
    assert found["within_bin_covariance"] == pytest.approx(-0.1, rel=1e-12)
    assert found["within_bin_variance"] == pytest.approx(0.01, rel=1e-12)
    text = printed(path, "--bins", "2")
    assert re.search(r"\n  −  \(−0\.1000\)  covariance within bins\n", text)
    assert "− −" not in re.sub(" +", " ", text)


def test_only_some(tmp_path: Path, small: Path) -> None:
    ones = loaded(small, "--only-label", "1")
    assert (ones["rows"], ones["base_rate"], ones["auroc"]) == (3, 1.0, None)
    assert ones["log_loss"] == pytest.approx(mean([-math.log(p) for p, y in zip(P, Y, strict=True) if y]))
    assert loaded(small, "--only-range", "0.2:0.6")["rows"] == 3  # both ends count
    assert loaded(small, "--only-range", ":0.35")["rows"] == 3
    assert loaded(small, "--only-range", "1/2:")["rows"] == 3
    both = loaded(small, "--only-range", "0.5:", "--only-label", "0")
    assert [w["columns"]["id"] for w in both["worst"]] == ["r2"]
    assert "1 row within the filter" in printed(small, "--only-range", "0.5:", "--only-label", "0")
    text = write(tmp_path / "words.csv", SMALL.replace(",1,", ",yes,").replace(",0,", ",no,"))
    for label in ("yes", "1"):
        assert loaded(text, "--only-label", label)["log_loss"] == ones["log_loss"]
    fives = loaded("--demo", "--only-group", "5")
    assert fives["rows"] == sum(line.split(",")[1] == "5" for line in DEMO.read_text().splitlines())
    assert {w["columns"]["digit"] for w in fives["worst"]} == {"5"}


# ---- K classes and plain numbers -----------------------------------------------------------------------------------


def test_classes(classes: Path) -> None:
    found = loaded(classes)
    assert promised(found, FIELDS) == FIELDS
    own = [0.7, 0.3, 0.6, 0.5, 0.6]
    assert found["log_loss"] == pytest.approx(mean([-math.log(p) for p in own]), rel=1e-14)
    rows = [[float(x) for x in line.split(",")[1:]] for line in CLASSES.splitlines()[1:]]
    truth = [0, 1, 2, 1, 0]
    brier = mean([sum((p - (k == t)) ** 2 for k, p in enumerate(row)) for row, t in zip(rows, truth, strict=True)])
    assert found["brier"] == pytest.approx(brier, rel=1e-14)
    assert found["accuracy"] == 0.8
    assert found["confusion_matrix"] == [[2, 0, 0], [0, 1, 1], [0, 0, 1]]
    bee = found["classes"][1]
    assert list(bee) == ["name", "count", "decided", "right", "precision", "recall", "f1", "mean_probability"]
    assert [bee[name] for name in list(bee)[:6]] == ["bee", 2, 1, 1, 1.0, 0.5]
    assert bee["mean_probability"] == pytest.approx(0.3)
    gaps = [0.7 - 1, 0.6 - 2 / 3, 0.5 - 1]  # by bins of 15: .7 | .6 three times, two right | .5
    assert found["ece"] == pytest.approx((abs(gaps[0]) + 3 * abs(gaps[1]) + abs(gaps[2])) / 5)
    nothing = ("auroc", "platt", "confusion", "threshold", "brier_decomposition", "base_rate")
    assert [found[name] for name in nothing] == [None] * 6


def test_classes_filtered_and_with_other_losses(classes: Path) -> None:
    for label in ("bee", "1"):
        found = loaded(classes, "--only-label", label)
        assert found["rows"] == 2
        assert found["log_loss"] == pytest.approx(-math.log(0.3 * 0.5) / 2)
    assert loaded(classes, "--only-range", "0.6:")["rows"] == 4
    found = loaded(classes, "--loss", "all", "--smoothing", ".1")
    by_name = {loss["loss"]: loss for loss in found["losses"]}
    assert "distillation" not in by_name
    assert (by_name["hinge"]["mean"], by_name["hinge"]["undefined"]) == (None, 5)
    assert by_name["squared-error"]["params"] == {"reduction": "sum"}
    chosen = loaded(classes, "--prediction-column", "p_ant,p_bee", "--prediction-column", "p_cat")
    assert chosen == loaded(classes) == loaded(classes, "--prediction-column", "p_*")


def test_classes_of_logits(tmp_path: Path, classes: Path) -> None:
    head, *lines = CLASSES.splitlines()
    rows = [line.split(",") for line in lines]
    logits = [",".join([name, *(repr(math.log(float(p)) + 3) for p in ps)]) for name, *ps in rows]
    path = write(tmp_path / "logits.csv", "\n".join([head.replace("p_", "logit_"), *logits]) + "\n")
    found, plain = loaded(path), loaded(classes)
    for name in ("log_loss", "brier", "ece", "accuracy", "temperature"):
        assert found[name] == pytest.approx(plain[name], rel=1e-10)


def test_class_weights_are_told_in_both_means_and_bad_ones_in_one_line(classes: Path, small: Path) -> None:
    count = len(loaded(classes)["columns"]["predictions"])
    weights = ",".join(str(1 + k) for k in range(count))
    found = loaded(classes, "--class-weights", weights)
    assert found["class_weights"] == [1 + k for k in range(count)]
    assert all(loss["class_weighted_mean"] is not None for loss in found["losses"])
    assert all(loss["class_weighted_mean"] is None for loss in loaded(classes)["losses"])
    for path, given, said in (
        (classes, "1,2", "one a class is needed"),
        (classes, "1,x", "not a number"),
        (classes, "-1,2,3", "must be a number ≥ 0"),
        (small, "1,2", "is of K classes"),
    ):
        code, out, err = call(str(path), f"--class-weights={given}", "--format=json")
        assert (code, out) == (2, "")
        assert said in err and err.count("\n") == 1


def test_plain_numbers(values: Path) -> None:
    found = loaded(values)
    assert promised(found, FIELDS) == FIELDS
    assert [loss["loss"] for loss in found["losses"]] == ["squared-error", "absolute-error"]
    assert [loss["mean"] for loss in found["losses"]] == pytest.approx([17.3125 / 4, 5.75 / 4])
    absent = ("bins", "threshold", "accuracy", *CALIBRATION, "auroc", "temperature", "reliability")
    assert {found[name] for name in absent} == {None}
    assert found["base_rate"] == pytest.approx(2.75 / 4)
    assert found["worst"][0]["columns"] == {"target": "3", "pred": "7"}
    assert "mean label 0.6875" in printed(values)
    assert loaded(values, "--loss", "huber:delta=2")["losses"][0]["params"] == {"delta": 2.0}
    assert loaded(values, "--only-range=-5:1")["rows"] == 2
    (note,) = loaded(values, "--temperature", "3")["notes"]
    assert note == "predictions are plain numbers: no temperature divides them"


# ---- the demo ------------------------------------------------------------------------------------------------------


def test_the_demo() -> None:
    found = loaded("--demo")
    assert (found["rows"], found["skipped"]) == (1597, 0)
    assert found["log_loss"] == pytest.approx(0.4131, abs=5e-5)
    assert found["temperature"] == pytest.approx(3.240, abs=5e-4)
    assert (found["ece"], found["at_temperature"]["ece"]) == pytest.approx((0.06426, 0.02681), abs=5e-6)
    assert tuple(found["platt"].values()) == pytest.approx((0.3108, 0.0, 0.2603, 0.0), abs=5e-5)
    assert found["at_platt"]["ece"] == pytest.approx(0.02106, abs=5e-6)
    assert found["at_platt"]["log_loss"] < found["at_temperature"]["log_loss"] < found["log_loss"]
    head, *lines = DEMO.read_text().splitlines()
    assert len(found["worst"]) == 20
    for record in found["worst"]:
        line = lines[record["row"] - 1]
        assert record["columns"] == dict(zip(head.split(","), line.split(","), strict=True))
        p, y = float(record["columns"]["probability"]), float(record["columns"]["label"])
        assert record["value"] == pytest.approx(cross_entropy(p, y), rel=1e-6)
    order = [record["value"] for record in found["worst"]]
    assert order == sorted(order, reverse=True)


# ---- what is wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "which file? for example: lossterm data"),
        (["--demo", "x.csv"], "--demo or files, not both"),
        (["no-such-file.csv"], "no-such-file.csv: no such file"),
        (["no-such-*.csv"], "no file matches"),
        (["."], "this is a directory"),
        (["--demo", "--loss", "hinje"], "did you mean hinge?"),
        (["--demo", "--loss", "focal:gama=2"], "did you mean gamma?"),
        (["--demo", "--loss", "focal:gamma=-2"], "gamma"),
        (["--demo", "--loss", "ce,,mse"], "an empty name"),
        (["--demo", "--label-column", "lable"], "did you mean 'label'?"),
        (["--demo", "--prediction-column", "q"], "no column 'q'"),
        (["--demo", "--kind", "logits"], "did you mean logit?"),
        (["--demo", "--weight-column", "w"], "no column 'w'"),
        (["--demo", "--group-column", "w"], "no column 'w'"),
        (["--demo", "--delimiter", "ab"], "--delimiter is one character"),
        (["--demo", "--bins", "0"], "--bins takes a whole number from 1 to 1,000, not '0'"),
        (["--demo", "--bins", "2.5"], "--bins takes a whole number"),
        (["--demo", "--bins", "many"], "'many' is not a number"),
        (["--demo", "--bins", "1e99"], "--bins takes a whole number"),
        (["--demo", "--bins", "99999"], "--bins takes a whole number from 1 to 1,000, not '99999'"),
        (["--demo", "--worst", "100001"], "--worst takes a whole number from 1 to 10,000, not '100001'"),
        (["--demo", "--threshold", "1.5"], "a threshold is between 0 and 1"),
        (["--demo", "--threshold", "nan"], "not a finite number"),
        (["--demo", "--smoothing", "2"], "smoothing must be between 0 and 1"),
        (["--demo", "--temperature", "0"], "a temperature is between"),
        (["--demo", "--temperature", "-1"], "a temperature is between"),
        (["--demo", "--only-label", "cat"], "label"),
        (["--demo", "--only-label", "7"], "no example passes the filter"),
        (["--demo", "--only-group", "cat"], "group"),
        (["--demo", "--only-range", "0.9"], "is not a range: write lo:hi"),
        (["--demo", "--only-range", "0.9:0.1"], "an empty range"),
        (["--demo", "--only-range", "a:b"], "'a' is not a number"),
        (["--demo", "--worst", "0"], "--worst takes a whole number from 1 to 10,000"),
        (["--demo", "--worst", "-3"], "--worst takes a whole number from 1 to 10,000"),
        (["--demo", "--format", "yaml"], "unknown format"),
        (["--demo", "--bin", "3"], "did you mean --bins?"),
        (["--demo", "--kind"], "--kind needs a value"),
    ],
)
def test_one_line_for_what_is_wrong(arguments: list[str], says: str) -> None:
    assert says in refused(*arguments)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        ("y,p\n", "no row of data"),
        ("y,p\n1,.5\n0,7\n", "row 2 (line 3): column 'p': 7 is not a probability"),
        ("y,p\n1,.5\n0,nan\n", "row 2"),
        ("y,p\n1,.5\n0,-3\n1,4\n", "--kind logit"),
        ("y,p\n1,.5\n0,.5,3\n", "row 2"),
        ("y,p0,p1,p2\n1,.5,.2,.3\n1,.2,.2,.2\n", "sum to 0.6, not to 1"),
        ("y,p,p\n1,.5,.5\n", "p"),
        ("a,b\nx,y\n", "lossterm: "),
        (b"\x00\x01\x02\xff\xfe" * 50, "lossterm: "),
        (b"PAR1" + b"\x00" * 50, "lossterm: "),
        (b"\x1f\x8b\x08\x00" + b"\x00" * 30, "lossterm: "),
    ],
)
def test_one_line_for_a_bad_file(tmp_path: Path, content: str | bytes, says: str) -> None:
    path = write(tmp_path / "bad.csv", content)
    assert says in refused(path)
    assert says in refused(path, "--format", "json")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("label,p\n1,.3\n1,.8\n1,.9\n", "rows 1 to 3: column 'label': every label is 1: one class only"),
        ("label,p\n-1,.3\n-1,.8\n", "rows 1 to 2: column 'label': every label is 0: one class only"),
        ("label,p\nno,.3\n", "row 1: column 'label': every label is no: one class only"),
        ("y,p_ant,p_bee,p_cat\nbee,.5,.3,.2\nbee,.2,.3,.5\n", "column 'y': every label is bee: one class only"),
    ],
)
def test_one_class_only(tmp_path: Path, content: str, says: str) -> None:
    path = write(tmp_path / "one.csv", content)
    for form in ("text", "json", "csv"):
        message = refused(path, "--format", form)
        assert f"one.csv: {says}" in message or f": {says}" in message
        assert "--skip-bad goes on with what figures there are" in message
    found = loaded(path, "--skip-bad")
    assert (found["rows"], found["auroc"], found["skipped"]) == (len(content.splitlines()) - 1, None, 0)
    assert found["losses"][0]["mean"] > 0


def test_one_class_is_no_fault_of_a_filter_or_of_soft_labels(tmp_path: Path, small: Path) -> None:
    assert loaded(small, "--only-label", "1")["rows"] == 3
    assert loaded(small, "--only-range", ":0.15")["rows"] == 1
    assert loaded(write(tmp_path / "soft.csv", "y,p\n.5,.4\n.5,.3\n"))["rows"] == 2
    assert loaded(write(tmp_path / "values.csv", "target,pred\n1,.4\n1,.3\n"), "--kind", "value")["rows"] == 2
    left = refused(write(tmp_path / "left.csv", "y,p\n1,.4\n1,.3\n0,x\n"))
    assert "row 3 (line 4): column 'p': 'x' is not a number" in left


def test_columns_with_commas(tmp_path: Path) -> None:
    path = write(tmp_path / "commas.csv", '"y","p, of a","p, of b",q\n0,.75,.25,.5\n1,.5,.5,.25\n1,.25,.75,1\n')
    for columns in (['"p, of a","p, of b"'], ['"p, of a"', '"p, of b"'], ["p*"]):
        options = [word for text in columns for word in ("--prediction-column", text)]
        found = loaded(path, *options)
        assert found["columns"]["predictions"] == ["p, of a", "p, of b"]
        assert found["log_loss"] == pytest.approx(-(2 * math.log(0.75) + math.log(0.5)) / 3, rel=1e-14)
    assert "no column 'p'" in refused(path, "--prediction-column", "p, of a")


@pytest.mark.parametrize("word", ["comma", "semicolon", "tab", "space", "pipe", "Tab", "\\t"])
def test_delimiters_by_word(tmp_path: Path, small: Path, word: str) -> None:
    delimiter = {"comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}.get(word, "\t")
    path = write(tmp_path / "other.csv", SMALL.replace(",", delimiter))
    assert loaded(path, "--delimiter", word) == loaded(small)


def test_what_a_file_does_not_have(small: Path, classes: Path, values: Path) -> None:
    assert "--group-column" in refused(small, "--only-group", "a")
    assert "did you mean bee?" in refused(classes, "--only-label", "bea")
    assert "class" in refused(classes, "--only-label", "3")
    assert "needs a teacher" in refused(classes, "--loss", "distillation")
    assert "has no form for K classes" in refused(classes, "--loss", "huber")
    assert "plain numbers" in refused(values, "--smoothing", ".1")
    assert "no example passes the filter" in refused(small, "--only-range", "0.95:")


# ---- the explorer --------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_in_a_terminal_the_explorer_is_to_be_opened(monkeypatch: pytest.MonkeyPatch, small: Path) -> None:
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("sys.stdout", Terminal())
    words = ["--bins", "7", "--equal-counts", "--page", "share", "--loss", "focal", "--smoothing", ".1", "--fresh"]
    asked = command.run([str(small), *words])
    assert isinstance(asked, OpenExplorer)
    assert (asked.start, asked.keep) == ("data", False)
    choice, look = restored_choice(asked.saved.screens["data"])
    assert (choice, look) == (FileChoice((str(small),)), Look(bins=7, mass=True, page="share"))
    assert asked.saved.subject is not None
    assert asked.saved.subject.smoothing == 0.1
    assert [asked.saved.subject.rows[i].loss for i in asked.saved.subject.shown] == ["focal"]
    itself = command.run([str(small), "--against-temperature", "2", "--fresh"])
    assert isinstance(itself, OpenExplorer)
    assert restored_choice(itself.saved.screens["data"])[1].page == "compare"
    for wrong, says in (("-", "standard input"), ("nope.csv", "no such file")):
        with pytest.raises(ValueError, match=says):
            command.run([wrong, "--fresh"])
    with pytest.raises(ValueError, match="unknown label"):
        command.run([str(small), "--only-label", "cat", "--fresh"])


def test_the_command_line_opens_the_explorer_that_a_command_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[Saved, bool, str]] = []

    def open_explorer(saved: Saved, *, keep: bool, start: str, story: str) -> int:
        assert not story
        opened.append((saved, keep, start))
        return 7

    saved = Saved()
    monkeypatch.setattr("lossterm.explore.open_explorer", open_explorer)
    monkeypatch.setattr(command, "run", lambda arguments: OpenExplorer(saved, True, "data"))
    assert run(["data", "x.csv"]) == 7
    assert opened == [(saved, True, "data")]


# ---- a clip, weights, the worst rows --------------------------------------------------------------------------------

CERTAIN = "y,p\n1,0\n0,1\n1,.9\n0,.2\n1,.7\n0,.4\n"


def test_a_clip_is_told_everywhere(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", CERTAIN)
    assert loaded(path)["clip"] is None
    assert loaded(path)["log_loss"] == "inf"
    found = loaded(path, "--clip", "keras")
    assert found["clip"] == {"name": "keras", "eps": 1e-7, "log": None, "rows": 2}
    terms = [-math.log(1e-7)] * 2 + [-math.log(x) for x in (0.9, 0.8, 0.7, 0.6)]
    assert found["log_loss"] == pytest.approx(mean(terms), rel=1e-9)
    assert (found["accuracy"], found["auroc"]) == (loaded(path)["accuracy"], loaded(path)["auroc"])
    text = printed(path, "--clip", "keras")
    assert "--clip keras: p is clipped to [1e−7, 1 − 1e−7], as a what-if; it changes 2 examples" in " ".join(
        text.split()
    ).replace("note: ", "")
    assert "clip.name,,,keras" in printed(path, "--clip", "keras", "--format", "csv")
    assert loaded(path, "--clip", "torch")["clip"] == {"name": "torch", "eps": None, "log": -100.0, "rows": 2}
    assert loaded(path, "--clip", "off")["clip"] is None


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--clip", "0.7"], "EPS is between 0 and 0.5, not 0.7"),
        (["--clip", "tf"], "'tf' is no clip: a number, sklearn, sklearn32, keras, torch, or off"),
    ],
)
def test_what_is_no_clip(small: Path, options: list[str], says: str) -> None:
    assert says in refused(small, *options)


def test_where_a_clip_means_nothing(values: Path, classes: Path) -> None:
    assert "plain numbers" in refused(values, "--clip", "keras")
    assert "of K classes torch clamps nothing" in refused(classes, "--clip", "torch")
    assert "below 1/3" in refused(classes, "--clip", ".4")
    assert loaded(classes, "--clip", "keras")["clip"]["rows"] == 0


def test_weighted_figures_stand_beside_the_others_and_first(tmp_path: Path) -> None:
    w = [1, 2, 0.5, 3, 0, 1.5]
    rows = "".join(f"{y},{p},{x}\n" for y, p, x in zip(Y, P, w, strict=True))
    path = write(tmp_path / "weighted.csv", "y,p,weight\n" + rows)
    found = loaded(path)
    got, plain = found["weighted"], loaded(write(tmp_path / "plain.csv", SMALL))
    assert plain["weighted"] is None
    for name in ("accuracy", "brier", "ece", "auroc", "base_rate", "log_loss"):
        assert found[name] == pytest.approx(plain[name], rel=1e-14)
    right = [x for x, p, y in zip(w, P, Y, strict=True) if (p > 0.5) == (y == 1)]
    assert got["accuracy"] == pytest.approx(sum(right) / 8, rel=1e-14)
    assert got["base_rate"] == pytest.approx(sum(x for x, y in zip(w, Y, strict=True) if y) / 8, rel=1e-14)
    brier = math.fsum(x * (p - y) ** 2 for x, p, y in zip(w, P, Y, strict=True)) / 8
    assert (got["brier"], got["brier_summed"]) == pytest.approx((brier, 2 * brier), rel=1e-14)
    text = printed(path)
    assert re.search(r"\ncalibration +weighted +unweighted", text)
    assert text.index("weighted (Σw = 8.000)") < text.index("\nAUROC")
    assert "weighted.auroc" in printed(path, "--format", "csv")


def test_what_is_fitted_is_called_in_sample() -> None:
    found = loaded("--demo")
    assert found["at_temperature"]["in_sample"] is found["at_platt"]["in_sample"] is True
    assert re.search(r"in-sample +in-sample\ncalibration +as predicted +at T = ", printed("--demo"))


def test_the_floor_of_the_demo() -> None:
    # 2,000 simulations of calibrated labels give .00968, .00183 and .01282
    found = loaded("--demo")
    shown = [found[name] for name in ("ece_floor", "ece_floor_sd", "ece_floor_95")]
    assert shown == pytest.approx([0.00968, 0.00183, 0.01282], rel=0.04)
    assert found["ece_p"] < 1e-100
    assert found["at_platt"]["ece_p"] > 0.05
    assert "ECE floor" in printed("--demo")


def test_the_worst_rows_begin_with_label_decision_and_prediction(tmp_path: Path) -> None:
    names = [f"feature_{k}" for k in range(20)]
    lines = [
        ",".join([*["0.123456"] * 20, str(y), str(int(p > 0.5)), str(p)])
        for y, p in zip([*Y, 0], [*P, 0.9999997], strict=True)
    ]
    path = write(tmp_path / "a.csv", "\n".join([",".join([*names, "target", "y_pred", "y_pred_proba"]), *lines]) + "\n")
    table = printed(path).partition("worst examples")[2].splitlines()
    assert table[1].split()[:5] == ["row", "loss", "target", "y_pred", "y_pred_proba"]
    assert table[2].split()[2:5] == ["0", "1", "0.9999997"]
