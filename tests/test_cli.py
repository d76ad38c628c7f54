"""The command line, end to end: what it prints, in which order, and one clear line for what is wrong.

Values are compared with published ones and with a few lines of mpmath, never with the package's own formulas.
"""

import contextlib
import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lossterm
from lossterm.cli import run
from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES

FIELDS = [
    "loss", "params", "label", "smoothing", "activation", "logit", "prediction", "d_activation", "value",
    "d_prediction", "d2_prediction", "d_logit", "d2_logit",
]  # fmt: skip
"""The fields of a row, as the contract lists them."""

PARAMETERS: dict[str, dict[str, float | None]] = {
    "cross-entropy": {"pos_weight": 1},
    "squared-error": {},
    "focal": {"gamma": 2, "alpha": None},
    "half-squared-error": {},
    "absolute-error": {},
    "huber": {"delta": 1},
    "smooth-l1": {"beta": 1},
    "log-cosh": {},
    "quantile": {"tau": 0.5},
    "hinge": {},
    "squared-hinge": {},
    "exponential": {},
    "poisson": {},
    "gaussian-nll": {"sigma": 1},
    "poly-1": {"epsilon": 1},
    "generalized-cross-entropy": {"q": 0.7},
    "zero-one": {},
    "pseudo-huber": {"delta": 1},
    "charbonnier": {"epsilon": 0.001},
    "barron": {"alpha": 1, "c": 1},
    "tukey": {"c": 4.685},
    "fair": {"c": 1},
    "expectile": {"tau": 0.5},
    "epsilon-insensitive": {"epsilon": 0.1},
    "squared-epsilon-insensitive": {"epsilon": 0.1},
    "linex": {"a": 1},
    "msle": {},
    "mape": {},
    "laplace-nll": {"b": 1},
    "student-t-nll": {"nu": 3, "sigma": 1},
    "crps-normal": {"sigma": 1},
    "gamma": {},
    "tweedie": {"power": 1.5},
    "negative-binomial": {"alpha": 1},
    "asymmetric": {"gamma_pos": 0, "gamma_neg": 4, "clip": 0.05},
    "soft-margin": {},
    "modified-huber": {},
    "dpo": {"epsilon": 0},
    "robust-dpo": {"epsilon": 0.1},
    "ipo": {"beta": 0.1},
    "exo": {"epsilon": 0.001},
    "discopop": {"tau": 0.05},
    "apo": {},
    "simpo": {"gamma": 1},
    "bco": {},
    "nca": {},
    "ppo-clip": {"low": 0.2, "high": 0.2},
    "ppo-dual-clip": {"low": 0.2, "high": 0.2, "c": 3},
    "sapo": {"tau_pos": 1, "tau_neg": 1.05},
    "k1": {},
    "k2": {},
    "k3": {},
}
"""The losses that are promised, with their parameters and defaults; a new one need not be among them."""

ACTIVATION_IDS = ["identity", "sigmoid", "tanh", "probit", "cloglog", "hard-sigmoid", "softplus", "relu", "exp"]

MARGIN = {"hinge", "squared-hinge", "exponential", "zero-one"}
PROBABILITY = {"cross-entropy", "focal", "poly-1", "generalized-cross-entropy"}
FIRST = list(PARAMETERS)[: list(PARAMETERS).index("zero-one") + 1]
"""Those that ``--loss all`` means."""

VALUE = set(FIRST) - MARGIN - PROBABILITY

ESCAPE = "\x1b"
BRAILLE = re.compile("[\u2801-\u28ff]")


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="module", autouse=True)
def _state_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


def call(*arguments: str) -> Said:
    """Run the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = run(arguments)
        except SystemExit as leave:  # argparse leaves so after printing a help
            code = leave.code if isinstance(leave.code, int) else -1
    return Said(code, out.getvalue(), err.getvalue())


def printed(*arguments: str) -> str:
    """The output of a command that succeeds."""
    said = call(*arguments)
    assert (said.code, said.err) == (0, ""), said
    return said.out


def refused(*arguments: str) -> str:
    """The one line on stderr of a command that is wrong."""
    said = call(*arguments)
    assert said.code == 2, said
    assert said.out == ""
    assert said.err.startswith("lossterm: ")
    assert said.err.count("\n") == 1 and said.err.endswith("\n")
    assert "Traceback" not in said.err
    return said.err


def strict(text: str) -> Any:
    """JSON, with none of the constants that JSON does not have."""

    def no(constant: str) -> NoReturn:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=no)


def rows(*arguments: str) -> list[dict[str, Any]]:
    """The rows of ``table --format json``."""
    result = strict(printed("table", "--format", "json", *arguments))
    assert isinstance(result, list)
    return result


def the_row(*arguments: str) -> dict[str, Any]:
    (only,) = rows(*arguments)
    return only


def logits(*arguments: str) -> list[float]:
    return [row["logit"] for row in rows("--loss", "mse", *arguments)]


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``python -m lossterm`` with pipes."""
    return subprocess.run(
        [sys.executable, "-m", "lossterm", *arguments],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        timeout=60,
    )


# ---- rows: fields, order, formats ------------------------------------------------------------------------------------


def test_every_row_has_exactly_the_fields_of_the_contract_in_order() -> None:
    for activation in ACTIVATION_IDS:
        for row in rows("--loss", "all", "--label", "1", "--activation", activation, "--at=-900,-3,-1,0,.5,1,3,900"):
            assert list(row) == FIELDS
            assert row["activation"] == activation
            assert row["label"] == 1
            assert row["params"] == LOSSES[row["loss"]].defaults
            for name in FIELDS[5:]:
                assert row[name] is None or row[name] in ("inf", "-inf") or isinstance(row[name], float)


def test_rows_come_point_by_point_and_loss_by_loss_in_the_order_asked() -> None:
    got = [
        (r["logit"], r["loss"], r["params"].get("gamma"))
        for r in rows("--loss", "focal:gamma=5,mse,focal,ce", "--at=3,-4,0")
    ]
    asked = [("focal", 5), ("squared-error", None), ("focal", 2), ("cross-entropy", None)]
    assert got == [(z, name, gamma) for z in (3, -4, 0) for name, gamma in asked]


@pytest.mark.parametrize(
    "spelling",
    [["--loss", "mse", "--loss", "ce"], ["--loss", "mse,ce"], ["--loss=mse", "--loss=ce"], ["--loss", "mse , ce"]],
)
def test_losses_are_repeated_or_separated_by_commas(spelling: list[str]) -> None:
    assert [r["loss"] for r in rows(*spelling, "--at", "0")] == ["squared-error", "cross-entropy"]


@pytest.mark.parametrize(
    ("asked", "once"),
    [
        ("bce,log-loss,ce", ["cross-entropy"]),
        ("mse,brier,bce,l2,logistic", ["squared-error", "cross-entropy"]),
        ("focal,focal:gamma=2,focal-loss:alpha=off", ["focal"]),
        ("focal:alpha=.25,focal:alpha=0.25:gamma=2", ["focal"]),
        ("ce,ce:pos_weight=3,ce:pos-weight=3", ["cross-entropy", "cross-entropy"]),
    ],
)
def test_a_loss_asked_twice_appears_once(asked: str, once: list[str]) -> None:
    assert [r["loss"] for r in rows("--loss", asked, "--at", "0")] == once


def test_defaults() -> None:
    got = rows()
    assert [r["logit"] for r in got] == [float(z) for z in range(-8, 9) for _ in range(2)]
    assert [r["loss"] for r in got[:2]] == ["cross-entropy", "squared-error"]
    assert {(r["label"], r["activation"]) for r in got} == {(1.0, "sigmoid")}


def test_parameters_that_are_off_are_null() -> None:
    assert the_row("--loss", "focal", "--at", "0")["params"] == {"gamma": 2, "alpha": None}
    assert the_row("--loss", "focal:alpha=0.25", "--at", "0")["params"] == {"gamma": 2, "alpha": 0.25}
    assert the_row("--loss", "focal:alpha=off:gamma=0.5", "--at", "0")["params"] == {"gamma": 0.5, "alpha": None}


def test_csv_has_the_same_columns_and_numbers() -> None:
    arguments = ("--loss", "all", "--activation", "identity", "--at=-1000,-1,0,.3,1,1e300")
    document = rows(*arguments)
    text = printed("table", "--format", "csv", *arguments)
    assert "\r" not in text
    head, *table = list(csv.reader(io.StringIO(text)))
    assert head == FIELDS
    assert len(table) == len(document)
    for cells, row in zip(table, document, strict=True):
        assert cells[0] == row["loss"]
        assert cells[4] == row["activation"]
        for cell, name in list(zip(cells, FIELDS, strict=True))[4:]:
            value = row[name]
            assert cell == ("" if value is None else value if isinstance(value, str) else repr(value))


def test_csv_parameters() -> None:
    text = printed("table", "--format", "csv", "--loss", "focal,focal:gamma=.5:alpha=.25,mse,quantile", "--at", "0")
    assert [line[1] for line in csv.reader(io.StringIO(text))] == [
        "params", "gamma=2;alpha=", "gamma=0.5;alpha=0.25", "", "tau=0.5",
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["json", "csv"])
def test_floats_are_in_their_shortest_round_trip_digits(form: str) -> None:
    text = printed(
        "table", "--format", form, "--loss", "all", "--label", "1", "--at=-700:30:41", "--activation", "tanh"
    )
    numbers = re.findall(r"(?<![\w.-])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])", text)
    assert len(numbers) > 2000
    assert [n for n in numbers if repr(float(n)) != n and not n.isdigit()] == []
    assert not re.search(r"-0(\.0)?(?![\d.e])", text)


def test_numbers_are_those_of_the_package_to_the_last_bit() -> None:
    got = rows("--loss", "focal:gamma=0.7", "--at=-37.5:11:98", "--label", "0")
    e = lossterm.evaluate("focal", label=0, gamma=0.7, at=[r["logit"] for r in got])
    for name in FIELDS[5:]:
        assert [r[name] for r in got] == getattr(e, name).tolist()


def test_infinite_is_text_and_undefined_is_null() -> None:
    far = the_row("--loss", "exponential", "--activation", "identity", "--at=-1000")
    assert (far["value"], far["d_logit"], far["d2_prediction"]) == ("inf", "-inf", "inf")
    outside = the_row("--loss", "ce", "--activation", "identity", "--at=-1")
    assert [outside[name] for name in FIELDS[8:]] == [None] * 5
    assert (outside["prediction"], outside["d_activation"]) == (-1, 1)
    flat = the_row("--loss", "ce", "--activation", "hard-sigmoid", "--at=-5")
    assert (flat["value"], flat["d_logit"], flat["d2_logit"]) == ("inf", None, None)


def test_at_a_boundary_the_limit() -> None:
    end = the_row("--loss", "ce", "--activation", "identity", "--at", "1")
    assert (end["value"], end["d_prediction"], end["d2_prediction"]) == (0, -1, 1)
    end = the_row("--loss", "ce", "--activation", "identity", "--at", "0")
    assert (end["value"], end["d_prediction"], end["d2_prediction"]) == ("inf", "-inf", "inf")
    end = the_row("--loss", "poisson", "--activation", "identity", "--label", "0", "--at", "0")
    assert (end["value"], end["d_prediction"], end["d2_prediction"]) == (0, 1, 0)


def test_json_longer_than_a_chunk_is_one_document() -> None:
    got = rows("--loss", "ce", "--at", "-5:5:5000")
    assert len(got) == 5000
    assert [r["logit"] for r in got] == sorted(r["logit"] for r in got)


# ---- text ------------------------------------------------------------------------------------------------------------


def test_text_is_the_default_and_tells_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    text = printed("table", "--at=-4,0,4")
    assert text == printed("table", "--at=-4,0,4", "--format", "text")
    title, head, *lines = text.splitlines()
    assert "y = 1" in title and "sigmoid" in title
    for word in ("z", "p", "loss", "L", "∂L/∂p", "∂L/∂z", "∂²L/∂z²"):
        assert word in head.split()
    assert len(lines) == 6
    assert lines[0].split()[0] == "−4"
    assert "4.0181" in lines[0] and "−55.598" in lines[0] and "−0.98201" in lines[0]


def test_text_names_the_variable_that_it_differentiates_by() -> None:
    assert "∂L/∂v" in printed("table", "--loss", "mse", "--activation", "tanh", "--at", "0")
    assert "∂L/∂p" not in printed("table", "--loss", "mse", "--activation", "tanh", "--at", "0")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--at=-8:8:33",),
        ("--loss", "all", "--at", "-4,0,4"),
        ("--loss", "focal:gamma=2.5:alpha=.25,ce:pos_weight=99", "--at", "1"),
        ("--loss", "mse", "--at=-700"),
        ("--loss", "mse", "--at=-0.0012345678,2"),
        ("--loss", "mse", "--activation", "identity", "--at=-1.2345678e-300,2"),
    ],
)
def test_text_columns_are_aligned_and_apart(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    head, *lines = printed("table", *arguments).splitlines()[1:]
    assert {len(line) for line in lines} == {len(head)}
    for line in lines:
        fields = line.split()
        numbers = [*fields[:2], *fields[-6:]]
        assert all(re.fullmatch(r"—|−?(∞|[\d.]+(e−?\d+)?)", number) for number in numbers), line
        assert len(fields) >= len(head.split())


# ---- points, labels, smoothing, activations --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--at=-4,0,4"], [-4, 0, 4]),
        (["--at", "-4,0,4"], [-4, 0, 4]),
        (["--at", "4"], [4]),
        (["--at", "-.5"], [-0.5]),
        (["--at", "−4"], [-4]),
        (["--at", "1e-3"], [0.001]),
        (["--at", "-1e3,1/4"], [-1000, 0.25]),
        (["--at", "-8:8:5"], [-8, -4, 0, 4, 8]),
        (["--at=-1:1:3,7,-2:-1:2"], [-1, 0, 1, 7, -2, -1]),
        (["--at", "0.1:0.7:7"], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        (["--at", "2:2:1"], [2]),
        (["--at=-1e308:1e308:3"], [-1e308, 0, 1e308]),
    ],
)
def test_points(arguments: list[str], expected: list[float]) -> None:
    assert logits(*arguments) == pytest.approx(expected, rel=1e-15, abs=1e-16)


def test_thirty_three_points_of_a_range() -> None:
    got = logits("--at", "-8:8:33")
    assert got == [z / 2 for z in range(-16, 17)]


def test_both_ends_of_a_long_range_are_exact() -> None:
    got = logits("--at", "0.1:0.7:4097")
    assert (got[0], got[-1], len(got)) == (0.1, 0.7, 4097)


@pytest.mark.parametrize(("label", "smoothing", "target"), [("1", ".1", 0.95), ("0", ".2", 0.1), (".5", "1", 0.5)])
def test_the_label_is_printed_after_smoothing(label: str, smoothing: str, target: float) -> None:
    row = the_row("--loss", "ce", "--label", label, "--smoothing", smoothing, "--at", "0")
    assert row["label"] == pytest.approx(target, rel=1e-15)


def test_a_label_may_be_negative_with_or_without_an_equals_sign() -> None:
    for spelling in (["--label", "-1"], ["--label=-1"]):
        one = the_row("--loss", "hinge", *spelling, "--at", "2", "--activation", "identity")
        assert (one["label"], one["value"]) == (-1, 3)
    zero = the_row("--loss", "hinge", "--label", "0", "--at", "2", "--activation", "identity")
    assert zero["value"] == 3


def test_a_real_label_for_a_value_loss() -> None:
    row = the_row("--loss", "huber:delta=2", "--label=-1.5", "--at", "1.5", "--activation", "linear")
    assert (row["label"], row["value"], row["d_logit"]) == (-1.5, 4, 2)  # NUMERICS: r = 3, δ = 2 is 4


@pytest.mark.parametrize(
    ("label", "smoothing", "accepting"),
    [
        ("1", "0", VALUE | PROBABILITY | MARGIN),
        ("0", "0", VALUE | PROBABILITY | MARGIN),
        ("0.5", "0", VALUE | PROBABILITY),
        ("1", "0.1", VALUE | PROBABILITY),
        ("-1", "0", (VALUE | MARGIN) - {"poisson"}),
        ("3", "0", VALUE),
        ("-0.5", "0", VALUE - {"poisson"}),
    ],
)
def test_all_are_those_that_accept_the_label(label: str, smoothing: str, accepting: set[str]) -> None:
    got = [r["loss"] for r in rows("--loss", "all", f"--label={label}", "--smoothing", smoothing, "--at", "0.5")]
    assert got == [name for name in LOSSES if name in accepting]


def test_what_is_promised_is_there_as_it_was() -> None:
    assert {name: LOSSES[name].defaults for name in PARAMETERS} == PARAMETERS
    assert [name for name in ACTIVATIONS if name in ACTIVATION_IDS] == ACTIVATION_IDS


@pytest.mark.parametrize(
    ("alias", "loss"),
    [
        ("bce", "cross-entropy"),
        ("log-loss", "cross-entropy"),
        ("log loss", "cross-entropy"),
        ("Log_Loss", "cross-entropy"),
        ("binary cross-entropy", "cross-entropy"),
        ("bernoulli-nll", "cross-entropy"),
        ("ce", "cross-entropy"),
        ("mse", "squared-error"),
        ("l2", "squared-error"),
        ("brier", "squared-error"),
        ("l1", "absolute-error"),
        ("mae", "absolute-error"),
        ("pinball", "quantile"),
        ("GCE", "generalized-cross-entropy"),
        ("poly1", "poly-1"),
    ],
)
def test_other_names(alias: str, loss: str) -> None:
    assert the_row("--loss", alias, "--at", "0")["loss"] == loss


@pytest.mark.parametrize("loss", LOSSES)
def test_every_other_name_finds_the_same_numbers(loss: str) -> None:
    want = the_row("--loss", loss, "--at", "0.25")
    assert want["loss"] == loss
    for alias in LOSSES[loss].aliases:
        for spelling in (alias, alias.upper(), alias.replace("-", "_"), alias.replace("-", " "), f" {alias} "):
            assert the_row("--loss", spelling, "--at", "0.25") == want


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_by_every_name(activation: str) -> None:
    want = the_row("--loss", "mse", "--activation", activation, "--at", "0.25")
    assert want["activation"] == activation
    for alias in ACTIVATIONS[activation].aliases:
        assert the_row("--loss", "mse", "--activation", alias, "--at", "0.25") == want


# ---- true numbers ----------------------------------------------------------------------------------------------------


def test_c3_squared_error_ends_at_one_where_cross_entropy_is_infinite() -> None:
    ce, mse = rows("--activation", "identity", "--at", "0")
    assert (ce["value"], mse["value"]) == ("inf", 1)
    ce, mse = rows("--at=-1000")
    assert (ce["value"], mse["value"]) == (1000, 1)


def test_c4_the_derivatives_by_the_prediction() -> None:
    for z in (-6.0, -1.5, 0.0, 3.0):
        ce, mse = rows(f"--at={z}")
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        assert ce["d_prediction"] == pytest.approx(float(-(1 + mpmath.exp(-z))), rel=1e-14)
        assert mse["d_prediction"] == pytest.approx(float(2 * (p - 1)), rel=1e-14)
        assert abs(ce["d_logit"]) < 1


def test_c6_and_c7_saturation() -> None:
    ce, mse = rows("--at=-6")
    assert round(mse["d_logit"], 6) == -0.004921
    assert round(ce["d_logit"], 4) == -0.9975
    assert round(ce["d_logit"] / mse["d_logit"]) == 203
    assert rows("--at=-1000", "--loss", "ce")[0]["d_logit"] == -1


def test_c12_the_middle_is_not_where_they_differ() -> None:
    values = [r["value"] for r in rows("--activation", "identity", "--at", ".49,.51,.01")]
    assert [round(v, 4) for v in values[:4]] == [0.7133, 0.2401 + 0.02, 0.6733, 0.2401]
    assert round(values[4] / values[0], 2) == 6.46
    assert round(values[5] / values[1], 2) == 3.77


def test_c15_likelihoods() -> None:
    nll = the_row("--loss", "gaussian", "--activation", "identity", "--label", "2", "--at", "2")
    assert round(nll["value"], 4) == 0.9189
    narrow = the_row(
        "--loss", "gaussian:sigma=0.70710678118654752", "--activation", "none", "--label", "2", "--at", "2"
    )
    assert round(narrow["value"], 4) == 0.5724


def test_c17_the_floor_of_a_smoothed_label() -> None:
    row = the_row("--loss", "ce", "--smoothing", ".1", "--activation", "identity", "--at", ".95")
    assert round(row["value"], 4) == 0.1985
    assert row["d_logit"] == pytest.approx(0, abs=1e-13)


def test_the_far_right_tail_for_label_zero() -> None:
    row = the_row("--loss", "ce", "--label", "0", "--at", "40")
    assert row["d_prediction"] == pytest.approx(2.354e17, rel=1e-3)  # NUMERICS: not ∞ although p rounds to 1


# ---- what is wrong ---------------------------------------------------------------------------------------------------

WRONG: list[tuple[str, list[str]]] = [
    ("tabel", ["tabel", "table"]),
    ("plto", ["plto", "plot"]),
    ("xyzzy", ["xyzzy", "table", "plot", "list"]),
    ("table --los ce", ["--los", "--loss"]),
    ("plot --siz 80x24", ["--siz", "--size"]),
    ("--lable 1", ["--lable", "--label"]),
    ("list --fromat json", ["--fromat", "--format"]),
    ("table extra", ["extra"]),
    ("table --range 0:1", ["--range"]),
    ("table --loss", ["--loss"]),
    ("table --loss=", ["--loss"]),
    ("table --loss ce,,mse", ["--loss"]),
    ("table --loss crosentropi", ["crosentropi", "cross-entropy"]),
    ("table --loss mes", ["mes", "mse"]),
    ("table --loss ce,focl", ["focl", "focal"]),
    ("table --loss zzzz", ["zzzz", "cross-entropy", "zero-one"]),
    ("table --loss focal:gama=2", ["focal", "gama", "gamma"]),
    ("table --loss ce:pos_weigth=2", ["pos_weigth", "pos_weight"]),
    ("table --loss mse:gamma=2", ["squared-error", "no parameters"]),
    ("table --loss focal:gamma", ["gamma", "focal:gamma=2"]),
    ("table --loss focal:gamma=high", ["high", "not a number"]),
    ("table --loss focal:gamma=-1", ["gamma", "≥ 0", "-1"]),
    ("table --loss focal:gamma=nan", ["nan", "number"]),
    ("table --loss focal:gamma=off", ["gamma", "off"]),
    ("table --loss focal:alpha=1.5", ["alpha", "[0, 1]", "1.5"]),
    ("table --loss quantile:tau=1", ["tau", "(0, 1)", "1"]),
    ("table --loss huber:delta=0", ["delta", "> 0", "0"]),
    ("table --loss gce:q=1.2", ["q", "(0, 1]", "1.2"]),
    ("table --loss poly-1:epsilon=-2", ["epsilon", "≥ -1", "-2"]),
    ("table --loss ce:pos_weight=inf", ["inf"]),
    ("table --activation sigmod", ["sigmod", "sigmoid"]),
    ("table --activation 7", ["'7'", "identity", "exp"]),
    ("table --format jsn", ["jsn", "json"]),
    ("table --format xml", ["xml", "text", "json", "csv"]),
    ("list --format csv", ["csv", "text", "json"]),
    ("list loses", ["loses", "losses"]),
    ("table --label one", ["'one'", "not a number"]),
    ("table --label nan", ["nan", "number"]),
    ("table --label inf", ["inf", "number"]),
    ("table --label 2", ["cross-entropy", "0", "1", "2"]),
    ("table --label -1", ["cross-entropy", "-1"]),
    ("table --loss mse,hinge --label 0.5", ["hinge", "0.5"]),
    ("table --loss hinge --smoothing .1", ["hinge", "0.95"]),
    ("table --loss mse,poisson --label -2", ["poisson", "-2"]),
    ("table --smoothing 2", ["smoothing", "0", "1", "2"]),
    ("table --smoothing much", ["much", "not a number"]),
    ("table --loss mse --smoothing .1 --label 3", ["smoothing", "label", "3"]),
    ("table --at here", ["here", "not a number"]),
    ("table --at=", ["not a number"]),
    ("table --at 1,,2", ["not a number"]),
    ("table --at 1/0", ["1/0", "not a number"]),
    ("table --at inf", ["inf", "number"]),
    ("table --at 1e999", ["1e999", "number"]),
    ("table --at 8:-8:33", ["8:-8:33", "empty"]),
    ("table --at 0:1:0", ["0:1:0", "empty"]),
    ("table --at 0:1:-5", ["0:1:-5", "empty"]),
    ("table --at 0:1:1", ["0:1:1"]),
    ("table --at 0:1:many", ["many", "0:1:many"]),
    ("table --at 0:1:2.5", ["2.5"]),
    ("table --at 0:1:2:3", ["0:1:2:3", "lo:hi:n"]),
    ("table --at 0:.5", ["0:.5", "lo:hi:n"]),
    ("table --at -1e308:1e308", ["-1e308:1e308"]),
    ("table --at 0:1:10000000000", ["10000000000"]),
    ("plot --range 8:-8", ["8:-8", "empty"]),
    ("plot --range 3:3", ["3:3", "empty"]),
    ("plot --range 5", ["'5'", "lo:hi"]),
    ("plot --range low:high", ["low", "not a number"]),
    ("plot --range -8:inf", ["inf"]),
    ("plot --range 0:1e9", ["0:1e9"]),
    ("plot --axis logits", ["logits", "logit"]),
    ("plot --axis up", ["up", "logit", "prediction"]),
    ("plot --axis prediction --range 3:4", ["3:4", "sigmoid", "0:1"]),
    ("plot --scale symlg", ["symlg", "symlog"]),
    ("plot --scale xyz", ["xyz", "linear", "symlog"]),
    ("plot --show dlogit", ["dlogit", "d_logit"]),
    ("plot --show loss,", ["loss", "d_logit", "d_prediction", "d2_logit"]),
    ("plot --show loss,slope", ["slope", "loss"]),
    ("plot --size 80", ["'80'", "x"]),
    ("plot --size 80xx24", ["80xx24", "100x30"]),
    ("plot --size 0x0", ["0x0"]),
    ("plot --size 5x5", ["5x5"]),
    ("plot --size 100000x24", ["100000x24"]),
    ("plot --size big", ["big", "100x30"]),
    ("plot --size 80x9 --show loss,d_logit", ["height", "9"]),
    ("plot --reference focal", ["focal", "--loss"]),
    ("plot --loss ce,mse --reference focla", ["focla", "focal"]),
    ("plot --label 3", ["cross-entropy", "3"]),
    ("plot --both-labels --loss hinge --smoothing .2", ["hinge", "0.1"]),
    ("--at 1,2", ["--at", "1,2"]),
    ("--at x", ["x", "not a number"]),
    ("--label 7", ["cross-entropy", "7"]),
    ("--loss nothing", ["nothing"]),
]


@pytest.mark.parametrize(("line", "words"), WRONG, ids=[line for line, _ in WRONG])
def test_what_is_wrong_and_what_would_be_right(line: str, words: list[str]) -> None:
    said = refused(*line.split(" "))
    for word in words:
        assert word in said


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("table --loss crosentropi", "table --loss {}"),
        ("table --loss focal:gama=2", "table --loss focal:{}=2"),
        ("table --loss ce:pos_weigth=2", "table --loss ce:{}=2"),
        ("table --activation hard-sigmod", "table --activation {}"),
        ("table --format jsn", "table --format {}"),
        ("plot --show dlogit", "plot --show {}"),
        ("plot --show d_predicton", "plot --show {}"),
        ("plot --axis logits", "plot --axis {}"),
        ("plot --scale symlg", "plot --scale {}"),
        ("list activation", "list {}"),
        ("tabel", "{}"),
    ],
)
def test_the_name_that_is_proposed_is_accepted(line: str, right: str) -> None:
    match = re.search(r"did you mean (\S+)\?", refused(*line.split()))
    assert match is not None
    printed(*right.format(match[1]).split())


def test_without_a_terminal_the_explorer_names_what_to_use() -> None:
    said = refused()
    assert "table" in said and "plot" in said and "terminal" in said
    assert "table" in refused("--fresh", "--at", "3")


def test_a_label_that_poisson_cannot_count() -> None:
    row = the_row("--loss", "poisson", "--label", "1e308", "--activation", "exp", "--at", "0")
    assert row["value"] == "inf"  # ln Γ(1e308 + 1) ≈ 1e308 · 708


def test_a_negative_value_needs_no_equals_sign() -> None:
    assert printed("plot", "--range", "-3:3", "--size", "40x10") == printed("plot", "--range=-3:3", "--size", "40x10")
    assert logits("--label", "-.5", "--at", "-1") == [-1]


# ---- any words at all ------------------------------------------------------------------------------------------------

NAMES = ["ce", "mse", "focal", "hinge", "poisson", "all", "focal:gamma=5", "quantile:tau=.9", "gce:q=1e-300"]
WORDS = st.one_of(
    st.sampled_from(
        ["table", "plot", "list", "losses", "activations", "--loss", "--label", "--activation", "--at", "--show"]
    ),
    st.sampled_from(
        ["--range", "--axis", "--scale", "--both-labels", "--reference", "--size", "--format", "--smoothing"]
    ),
    st.sampled_from(
        ["--fresh", "--version", "--help", "-h", "--", "-", "=", "json", "csv", "text", "logit", "prediction"]
    ),
    st.sampled_from(
        ["symlog", "linear", "d_logit", "loss,d2_logit", "40x12", "20x5", "21x300", "-8:8:33", "-8:8", "1,2"]
    ),
    st.sampled_from(
        [*NAMES, *ACTIVATION_IDS, "0", "1", "-1", "0.5", "1e308", "-1e308", "5e-324", "nan", "-inf", "1/3"]
    ),
    st.text(max_size=6),
    st.text("0123456789.:,-+e=/x_ ", max_size=6),
)

NUMBERS = st.one_of(
    st.sampled_from(["0", "1", "-1", ".5", "1e308", "-1e308", "1e-308", "-5e-324", "1e15", "0.1", "nan", "-∞", "1/3"]),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**40), 10**40).map(str),
)


def assert_good_manners(arguments: Sequence[str]) -> None:
    said = call(*arguments)
    assert said.code in (0, 2), (arguments, said)
    assert said.err.count("\n") <= 1, (arguments, said.err)
    if said.code == 2:
        assert said.out == "", arguments
        assert said.err.startswith("lossterm: "), arguments
    else:
        assert said.err == "", (arguments, said.err)


@settings(max_examples=300)
@given(st.lists(WORDS, max_size=7))
def test_any_words_end_with_0_or_with_one_line_and_2(words: list[str]) -> None:
    assert_good_manners(words)


@settings(max_examples=150)
@given(
    st.sampled_from(["table", "plot"]),
    st.dictionaries(
        st.sampled_from(["--label", "--smoothing", "--at", "--range", "--loss", "--activation", "--axis", "--scale"]),
        NUMBERS,
    ),
    st.lists(st.sampled_from(NAMES), max_size=3),
    st.sampled_from(ACTIVATION_IDS),
    st.tuples(
        st.sampled_from(["gamma", "alpha", "delta", "tau", "q", "sigma", "epsilon", "beta", "pos_weight"]), NUMBERS
    ),
    st.tuples(NUMBERS, NUMBERS),
    st.sampled_from(
        [[], ["--both-labels"], ["--scale=symlog"], ["--axis=prediction"], ["--axis=prediction", "--scale=symlog"]]
    ),
)
@pytest.mark.exhaustive
def test_any_numbers_end_with_0_or_with_one_line_and_2(
    command: str,
    told: dict[str, str],
    names: list[str],
    activation: str,
    parameter: tuple[str, str],
    ends: tuple[str, str],
    more: list[str],
) -> None:
    owner = next(loss for loss, known in PARAMETERS.items() if parameter[0] in known)
    losses = ",".join([*names, f"{owner}:{parameter[0]}={parameter[1]}"])
    words = [command, "--loss", losses, "--activation", activation]
    words += [f"--label={told['--label']}"] if "--label" in told else []
    words += [f"--smoothing={told['--smoothing']}"] if "--smoothing" in told else []
    if command == "table":
        words += [f"--at={ends[0]}:{ends[1]}:7" if "--range" in told else f"--at={ends[0]},{ends[1]}", "--format=json"]
    else:
        words += ["--size=40x12", *more]
        words += [f"--range={ends[0]}:{ends[1]}"] if "--range" in told else []
    assert_good_manners(words)


# ---- plot ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (79, 24), (100, 30), (211, 67), (1000, 11)])
@pytest.mark.parametrize(
    "more",
    [
        [],
        ["--axis", "prediction"],
        ["--both-labels", "--scale", "symlog"],
        ["--loss", "all", "--activation", "identity"],
        ["--loss", "focal:gamma=12.5:alpha=0.125,focal", "--show", "d2_logit", "--range=-0.001:0.001"],
    ],
)
def test_a_plot_is_exactly_as_high_and_nowhere_wider(size: tuple[int, int], more: list[str]) -> None:
    text = printed("plot", "--size", f"{size[0]}x{size[1]}", *more)
    lines = text.removesuffix("\n").split("\n")
    assert len(lines) == size[1]
    assert max(map(len, lines)) <= size[0]
    assert BRAILLE.search(text)
    assert ESCAPE not in text


@pytest.mark.parametrize("shown", ["loss,d_logit", "loss,d_logit,d_prediction,d2_logit", "d2_logit,loss,loss"])
@pytest.mark.parametrize("height", [20, 31, 47])
def test_several_charts_share_the_height(shown: str, height: int) -> None:
    lines = printed("plot", "--size", f"70x{height}", "--show", shown).removesuffix("\n").split("\n")
    assert len(lines) == height
    assert max(map(len, lines)) <= 70
    titles = {"loss": "L", "d_logit": "∂L/∂z", "d_prediction": "∂L/∂p", "d2_logit": "∂²L/∂z²"}
    legend = "y = 1 · sigmoid · x = z"  # the first chart alone has it, in a line of its own where the head is full
    assert sum(legend in line for line in lines) == 1
    heads = [line.split()[0] for line in lines if line and line[0] != " " and "┤" not in line and line != legend]
    assert heads == [titles[quantity] for quantity in shown.split(",")]


def test_a_plot_tells_what_it_is_of() -> None:
    head = printed("plot", "--loss", "bce,focal:gamma=5", "--size", "100x12").splitlines()[0]
    for word in ("L", "a cross-entropy", "b focal γ=5", "y = 1", "sigmoid", "z"):
        assert word in head
    head = printed(
        "plot", "--show", "d_prediction", "--activation", "tanh", "--loss", "mse", "--size", "90x9"
    ).splitlines()[0]
    assert head.startswith("∂L/∂v")
    head = printed("plot", "--both-labels", "--axis", "prediction", "--size", "120x12").splitlines()[0]
    for word in ("y=0", "y=1", "x = p"):
        assert word in head


def test_a_plot_in_a_pipe_is_of_the_documented_size() -> None:
    lines = printed("plot").removesuffix("\n").split("\n")
    assert len(lines) == 30
    assert max(map(len, lines)) <= 100


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["--show", "loss"], ["--show", "d_logit"]),
        (["--axis", "logit"], ["--axis", "prediction"]),
        (["--scale", "linear"], ["--scale", "symlog"]),
        (["--range=-8:8"], ["--range=-1:1"]),
        (["--label", "1"], ["--label", "0"]),
        ([], ["--both-labels"]),
        ([], ["--smoothing", "0.2"]),
        ([], ["--activation", "probit"]),
        (["--loss", "focal"], ["--loss", "focal:gamma=0"]),
    ],
)
def test_every_option_changes_the_picture(one: list[str], other: list[str]) -> None:
    def body(options: list[str]) -> list[str]:
        return printed("plot", "--size", "60x14", *options).splitlines()[1:]

    assert body(one) != body(other)


def test_defaults_of_a_plot() -> None:
    told = "--loss ce,mse --label 1 --smoothing 0 --activation sigmoid --range=-8:8 --axis logit --scale linear"
    assert printed("plot") == printed("plot", *told.split(), "--show=loss", "--reference=ce", "--size", "100x30")


def test_undefined_stretches_say_why() -> None:
    text = printed("plot", "--loss", "ce", "--activation", "identity", "--size", "100x20")
    assert "p < 0" in text and "p > 1" in text


# ---- list and help ---------------------------------------------------------------------------------------------------


def test_list_in_json() -> None:
    both = strict(printed("list", "--format", "json"))
    assert strict(printed("list", "losses", "--format", "json")) == {**both, "activations": []}
    assert strict(printed("list", "activations", "--format", "json")) == {**both, "losses": []}
    of_classes = [name for name in SOFTMAX_LOSSES if name not in LOSSES]
    assert [entry["loss"] for entry in both["losses"]] == [*LOSSES, *of_classes]
    assert [entry["activation"] for entry in both["activations"]] == list(ACTIVATIONS)
    for entry in both["losses"][: len(LOSSES)]:
        assert {p["name"]: p["default"] for p in entry["params"]} == LOSSES[entry["loss"]].defaults
        assert entry["formula"] and entry["about"] and entry["source"]
        for alias in entry["aliases"]:
            assert the_row("--loss", alias, "--at", "0")["loss"] == entry["loss"]


def test_list_in_text_names_everything() -> None:
    text = printed("list")
    assert text == printed("list", "--format", "text")
    known = [(loss.id, *loss.aliases) for loss in LOSSES.values()]
    known += [(activation.id, *activation.aliases) for activation in ACTIVATIONS.values()]
    for names in known:
        for name in names:
            assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
    for loss in LOSSES.values():
        assert all(f":{name}=" in text for name in loss.defaults)
    assert "cross-entropy" not in printed("list", "activations")
    assert "probit" not in printed("list", "losses")


@pytest.mark.parametrize("command", ["", "table", "plot", "list"])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_shows_an_example_that_works(command: str, flag: str) -> None:
    said = call(*command.split(), flag)
    assert (said.code, said.err) == (0, "")
    match = re.search(r"^  lossterm (\S.*)$", said.out.partition("examples:")[2], re.MULTILINE)
    assert match is not None
    words = match[1].split()
    if command:
        assert words[0] == command
        printed(*words)
    else:
        assert "terminal" in refused(*words)  # it is understood, and would open if this were a terminal


def test_the_main_help_names_the_commands_and_their_options() -> None:
    text = call("--help").out
    for word in (
        "table",
        "plot",
        "list",
        "--fresh",
        "--range",
        "--axis",
        "--both-labels",
        "--scale",
        "--reference",
        "--at",
    ):
        assert word in text


def test_version() -> None:
    assert printed("--version") == f"lossterm {lossterm.__version__}\n"


# ---- as a process ----------------------------------------------------------------------------------------------------


def test_as_a_module() -> None:
    done = process("table", "--at", "-4,0", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert strict(done.stdout) == rows("--at", "-4,0")


def test_as_a_module_wrong() -> None:
    done = process("table", "--loss", "crosentropy")
    assert (done.returncode, done.stdout) == (2, "")
    assert "cross-entropy" in done.stderr and done.stderr.count("\n") == 1


def test_as_a_module_without_a_terminal() -> None:
    done = process()
    assert (done.returncode, done.stdout) == (2, "")
    assert "lossterm table" in done.stderr and "lossterm plot" in done.stderr


def imported_by(*arguments: str) -> set[str]:
    """The top-level packages that a command imports, by the interpreter's own account."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lossterm", *arguments],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}


def test_help_loads_nothing_heavy() -> None:
    for arguments in (["--help"], ["--version"]):
        assert imported_by(*arguments).isdisjoint({"numpy", "textual", "plotext", "rich", "platformdirs"})


def test_table_loads_no_terminal_library() -> None:
    loaded = imported_by("table", "--at", "0")
    assert "numpy" in loaded
    assert loaded.isdisjoint({"textual", "plotext", "rich"})


@pytest.mark.parametrize("arguments", [["list"], ["plot", "--size", "40x10"]])
def test_no_command_but_the_explorer_loads_textual(arguments: list[str]) -> None:
    assert imported_by(*arguments).isdisjoint({"textual", "rich"})


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "lossterm", "table", "--at", "0:1:1000000", "--format", "csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        assert running.stdout.readline().startswith(b"loss,params,")
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(timeout=60) == 0


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "lossterm", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm-256color", **environment},
    ) as running:
        os.close(theirs)
        written = b""
        with contextlib.suppress(OSError):  # Linux says EIO at the end
            while chunk := os.read(ours, 65536):
                written += chunk
        os.close(ours)
        assert running.wait(timeout=60) == 0
    return written.decode()


@pytest.mark.exhaustive
def test_colour_on_a_terminal_unless_told_otherwise() -> None:
    arguments = ("plot", "--size", "60x12")
    coloured = on_a_terminal(*arguments)
    assert ESCAPE in coloured
    for plain in (
        on_a_terminal(*arguments, NO_COLOR="1"),
        on_a_terminal(*arguments, TERM="dumb"),
        process(*arguments).stdout,
    ):
        assert ESCAPE not in plain
        assert re.sub(r"\x1b\[[\d;]*m", "", coloured).replace("\r", "").split() == plain.split()


def test_tables_have_no_colour_even_on_a_terminal() -> None:
    assert ESCAPE not in on_a_terminal("table", "--at", "0")


@pytest.mark.parametrize("arguments", [("list",), ("table", "--at", "0")], ids=["long", "short"])
def test_output_that_cannot_be_written_is_one_line(arguments: tuple[str, ...]) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no device that is always full")
    with full.open("w") as device:
        done = subprocess.run(
            [sys.executable, "-m", "lossterm", *arguments],
            check=False,
            stdout=device,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
    assert done.stderr.count("\n") == 1
