"""``lossterm code``: what is printed, as JSON too, and one line for what is wrong."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest

from lossterm.cli import run
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.objective import evaluate_at
from lossterm.snippets.command import answer


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["code", *words]) == 0
    out, err = capsys.readouterr()
    assert not err
    return out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["code", *words]) == 2
    out, err = capsys.readouterr()
    assert not out and err.startswith("lossterm: ") and err.count("\n") == 1
    return err


def test_the_code_alone_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "focal:gamma=3", "--for", "torch")
    assert text.startswith("import torch\n") and "gamma=3.0" in text
    compile(text, "snippet", "exec")
    assert printed(capsys, "focal:gamma=3").startswith("import numpy as np\n")  # numpy is the usual one


def test_a_loss_of_ones_own_is_written_as_any_other(capsys: pytest.CaptureFixture[str]) -> None:
    own = "mine(g=2): -y*(1 - p)**g*log(p) - (1 - y)*p**g*log(1 - p)"
    space: dict[str, Any] = {}
    exec(printed(capsys, "--define", own), space)  # with one definition, which loss is plain
    z, y = np.array([-40.0, -1.5, 0.3, 40.0]), np.array([1.0, 0.0, 1.0, 0.0])
    value, slope, bend = space["mine"](z, y)
    for i, label in enumerate(y):
        exact = evaluate_at(LOSSES["focal"], {"gamma": 2.0, "alpha": None}, label, "sigmoid", z[i : i + 1])
        assert value[i] == pytest.approx(exact.value[0], rel=1e-12)
        assert slope[i] == pytest.approx(exact.d_logit[0], rel=1e-12)
        assert bend[i] == pytest.approx(exact.d2_logit[0], rel=1e-12)
    assert "g=3.0" in printed(capsys, "mine:g=3", "--define", own, "--for", "xgboost")
    assert "unknown function" in refused(capsys, "--define", "bad: frob(p)")
    assert "of which loss?" in refused(capsys, "--define", "one: v*v", "--define", "two: r*r")


def test_json_tells_the_setting_and_what_was_checked(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["mse", "--for", "xgboost", "--activation", "sigmoid"]
    told = json.loads(printed(capsys, *words, "--format", "json"))
    assert told == json.loads(json.dumps(answer(words)))
    assert {**told, "code": "", "checked": {}} == {
        "loss": "squared-error", "params": {}, "activation": "sigmoid", "library": "xgboost", "code": "", "checked": {},
    }  # fmt: skip
    assert set(told["checked"]) == {"float64", "float32"}
    for checked in told["checked"].values():
        assert set(checked) == {"max_error", "fails_from", "why", "labels"}
        assert checked["fails_from"] is None and checked["why"] is None and checked["max_error"] < 1e-5
    assert told["code"] == printed(capsys, *words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "of which loss"),
        (["focall"], "focal"),
        (["focal:gama=2"], "gamma"),
        (["ce", "--for", "numpi"], "did you mean numpy"),
        (["ce", "--activation", "sigmoit"], "sigmoid"),
        (["ce", "--activation", "probit"], "no stable closed form: there is one behind sigmoid or"),
        (["zero-one"], "no slope"),
    ],
)
def test_what_is_wrong_is_one_line(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert said in refused(capsys, *words)


def test_a_missing_extra_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("lossterm.snippets.")]:
        if name.rpartition(".")[2] in {"libraries", "derivation", "algebra", "links", "twins", "printers"}:
            monkeypatch.delitem(sys.modules, name)
            monkeypatch.delattr(sys.modules["lossterm.snippets"], name.rpartition(".")[2], raising=False)
    monkeypatch.setitem(sys.modules, "sympy", None)
    assert "pip install 'lossterm[code]'" in refused(capsys, "ce", "--for", "numpy")
