"""``lossterm softmax``: what it prints, in every form, and one clear line for what is wrong."""

from __future__ import annotations

import csv
import io
import math
import shlex
from typing import Any

import pytest

from lossterm.core.softmax.formulas import SOFTMAX_LOSSES
from lossterm.core.softmax.presets import PRESETS
from tests.test_cli import call, printed, process, refused, strict


def result(*arguments: str) -> dict[str, Any]:
    """The document of ``--format json``."""
    document = strict(printed("softmax", "--format", "json", *arguments))
    assert isinstance(document, dict)
    return document


def losses(*arguments: str) -> dict[str, dict[str, Any]]:
    """The losses of it, by id."""
    return {entry["loss"]: entry for entry in result(*arguments)["losses"]}


# ---- the claims ----------------------------------------------------------------------------------------------------


def test_c8_cross_entropy_pulls_and_squared_error_saturates() -> None:
    document = result("--logits", "8,0,0", "--target", "1", "--loss", "ce,mse")
    assert set(document) >= {"probabilities", "target", "entropy", "cross_entropy", "kl", "losses"}
    assert document["target"] == [0, 1, 0]
    ce, mse = document["losses"]
    assert all(set(entry) >= {"loss", "params", "value", "gradient"} for entry in (ce, mse))
    assert ce["gradient"] == pytest.approx([0.9993, -0.9997, 0.0003], abs=5e-5)
    assert mse["gradient"] == pytest.approx([0.0020, -0.0013, -0.0007], abs=5e-5)
    assert (ce["params"], mse["params"]) == ({}, {"reduction": "sum"})


def test_c13_what_normalising_changes_is_said() -> None:
    for preset, total, ce, mse in (
        ("digit-3-mse", "1.01", "0.9163", "0.4335"),
        ("digit-3-ce", "1.015", "0.1625", "0.03"),
    ):
        text = ",".join(map(str, PRESETS[preset].probabilities))
        problem = refused("softmax", "--probabilities", text, "--target", "3")
        assert f"sum to {total}" in problem
        assert "--normalize" in problem
        said = printed("softmax", "--probabilities", text, "--target", "3", "--normalize")
        assert f"probabilities sum to {total}: each was divided by it" in said
        assert f"cross-entropy {ce}" in said
        assert f"squared-error {mse}" in said
        quiet = call("softmax", "--probabilities", text, "--target", "3", "--normalize", "--format", "json")
        assert quiet.code == 0
        assert f"sum to {total}" in quiet.err
        assert math.fsum(strict(quiet.out)["probabilities"]) == pytest.approx(1, abs=1e-15)
        assert strict(quiet.out) == result_of_preset(preset)


def result_of_preset(name: str) -> Any:
    said = call("softmax", "--preset", name, "--format", "json")
    assert said.code == 0
    return strict(said.out)


def test_c16_c33_the_split_in_nats_and_bits() -> None:
    arguments = ("--probabilities", ".25,.25,.25,.25", "--target", ".5,.25,.125,.125")
    document = result(*arguments)
    assert document["cross_entropy"] == document["entropy"] + document["kl"]
    assert document["entropy"] / math.log(2) == pytest.approx(1.75)
    assert document["kl"] / math.log(2) == pytest.approx(0.25)
    assert "H(t,p) 2.0000 = H(t) 1.7500 + KL(t‖p) 0.25000 bits" in printed("softmax", *arguments)


@pytest.mark.parametrize(("classes", "floor"), [(2, 0.1985), (10, 0.5003), (1000, 1.0148)])
def test_c17_a_smoothed_loss_has_a_floor(classes: int, floor: float) -> None:
    document = result("--logits", ",".join(["9"] + ["0"] * (classes - 1)), "--target", "0", "--smoothing", ".1")
    assert document["entropy"] == pytest.approx(floor, abs=5e-5)
    assert document["cross_entropy"] > floor - 5e-5
    assert result_of_preset(f"smoothing-{classes}")["cross_entropy"] == pytest.approx(floor, abs=5e-5)


def test_c22_distillation_and_its_limit() -> None:
    at = losses("--logits", "2,1,-1", "--teacher", "0.5,1.5,1", "--temperature", "1e6", "--loss", "distillation,kl")
    assert at["distillation"]["gradient"] == pytest.approx([0.6111, -0.0556, -0.5556], abs=5e-5)
    assert [1e12 * g for g in at["kl"]["gradient"]] == pytest.approx(at["distillation"]["gradient"], rel=1e-9)


def test_c31_a_wrong_class_is_pushed_up() -> None:
    at = losses("--logits=8,0,0", "--target=1")
    assert at["squared-error"]["gradient"][2] < 0 < at["cross-entropy"]["gradient"][2]


def test_c32_cross_entropy_is_no_distance() -> None:
    there = result("--probabilities=.3,.3,.4", "--target=.1,.2,.7")
    back = result("--probabilities=.1,.2,.7", "--target=.3,.3,.4")
    alone = result("--probabilities=.1,.2,.7", "--target=.1,.2,.7")
    assert abs(there["cross_entropy"] - back["cross_entropy"]) > 0.1
    assert alone["cross_entropy"] == pytest.approx(alone["entropy"], rel=1e-15)
    assert alone["entropy"] > 0
    assert alone["kl"] < 1e-30


# ---- options -------------------------------------------------------------------------------------------------------


def test_numbers_that_begin_with_a_minus_and_masks() -> None:
    document = result("--logits", "-1,0,-inf", "--target", "0", "--teacher", "-2,0,-inf", "--loss", "ce,kd")
    assert document["logits"] == [-1, 0, "-inf"]
    assert document["probabilities"][2] == 0
    assert document["losses"][0]["gradient"][2] == 0


def test_each_field_has_one_type() -> None:
    kinds: dict[str, type] = {}
    for words in (["--target", "1"], ["--target", ".2,.3,.5"], ["--teacher", "1,2,0"]):
        document = result("--logits", "1,2,3", *words)
        for name, value in document.items():
            if value is not None:
                assert kinds.setdefault(name, type(value)) is type(value), name
    assert {"label": int, "label_distribution": list, "teacher": list}.items() <= kinds.items()


def test_a_far_winner_and_an_infinite_loss() -> None:
    assert losses("--logits", "60,0,0", "--target", "0")["cross-entropy"]["value"] == pytest.approx(
        1.7513e-26, rel=1e-4
    )
    document = result("--logits", "-inf,0", "--target", "0", "--loss", "ce,focal")
    assert (document["cross_entropy"], document["kl"]) == ("inf", "inf")
    assert [entry["value"] for entry in document["losses"]] == ["inf", "inf"]


def test_smoothing_in_both_conventions() -> None:
    shared = ("--logits=1,0,0,0", "--target=0", "--smoothing=.3")
    assert result(*shared)["target"] == pytest.approx([0.775, 0.075, 0.075, 0.075])
    assert result(*shared, "--smoothing-over", "others")["target"] == pytest.approx([0.7, 0.1, 0.1, 0.1])


def test_the_teacher_is_the_target_where_there_is_none() -> None:
    taught = result("--logits=1,0", "--teacher=2,0", "--temperature=2")
    assert taught["target"] == pytest.approx([1 / (1 + math.exp(-1)), 1 / (1 + math.exp(1))])
    assert result("--logits=1,0", "--teacher=2,0", "--target=1")["target"] == [0, 1]


def test_losses_by_any_name_with_parameters() -> None:
    document = result(
        "--logits=1,0", "--target=0", "--loss", "focal:gamma=5,brier:reduction=mean", "--loss", "nll,log-loss"
    )
    assert [(entry["loss"], entry["params"]) for entry in document["losses"]] == [
        ("focal", {"gamma": 5}),
        ("squared-error", {"reduction": "mean"}),
        ("cross-entropy", {}),
    ]


def test_all_are_those_that_take_the_target() -> None:
    assert list(losses("--logits=1,0", "--target=0", "--loss=all")) == list(SOFTMAX_LOSSES)
    soft = list(losses("--logits=1,0", "--target=.4,.6", "--loss=all"))
    assert soft == [name for name, loss in SOFTMAX_LOSSES.items() if not loss.hard_only]
    # and, but for those of cosines, any logits
    large = list(losses("--logits=8,0", "--target=0", "--loss=all"))
    assert large == [name for name, loss in SOFTMAX_LOSSES.items() if loss.reads != "cosines"]


def test_logits_that_are_no_cosines_are_said() -> None:
    said = call("softmax", "--logits=8,0", "--target=0", "--loss=arcface,ce", "--format=json")
    assert said.err == "lossterm: undefined: arcface is of cosines: the logit of class 0 is 8, outside [−1, 1]\n"
    (face, entropy) = strict(said.out)["losses"]
    assert face["value"] is None and face["gradient"] == [None, None]
    assert face["in_words"] == "undefined: the logit of class 0 is 8, outside [−1, 1]"
    assert entropy["value"] is not None


def test_class_weights_are_told_and_multiply() -> None:
    words = "--logits=8,0,0", "--target=1", "--loss=ce,rps"
    plain, weighed = result(*words), result(*words, "--class-weights=1,2.5,.5")
    assert (plain["class_weights"], weighed["class_weights"], weighed["class_weight"]) == (None, [1, 2.5, 0.5], 2.5)
    for before, after in zip(plain["losses"], weighed["losses"], strict=True):
        assert after["value"] == pytest.approx(2.5 * before["value"])
        assert after["gradient"] == pytest.approx([2.5 * slope for slope in before["gradient"]])
    assert "class weights 1,2.5,0.5: every loss × 2.5" in printed("softmax", *words, "--class-weights=1,2.5,.5")


@pytest.mark.parametrize("preset", PRESETS)
def test_presets(preset: str) -> None:
    document = result_of_preset(preset)
    assert [entry["loss"] for entry in document["losses"]] == list(PRESETS[preset].losses)
    other = result_of_preset_with(preset, "--loss", "focal")
    assert [entry["loss"] for entry in other["losses"]] == ["focal"]


def result_of_preset_with(name: str, *arguments: str) -> Any:
    said = call("softmax", "--preset", name, "--format", "json", *arguments)
    assert said.code == 0, said
    return strict(said.out)


def test_csv_has_a_row_a_loss_and_class() -> None:
    text = printed("softmax", "--logits=8,0,-inf", "--target=1", "--loss=ce,focal:gamma=3,hinge", "--format=csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["loss"], row["class"]) for row in rows] == [
        (loss, str(k)) for loss in ("cross-entropy", "focal", "hinge") for k in range(3)
    ]
    document = result("--logits=8,0,-inf", "--target=1", "--loss=ce,focal:gamma=3,hinge")
    for row in rows:
        entry = next(e for e in document["losses"] if e["loss"] == row["loss"])
        assert float(row["value"]) == entry["value"]
        assert float(row["gradient"]) == entry["gradient"][int(row["class"])]
        assert (row["contribution"] == "") == (row["loss"] == "hinge")
    assert rows[2]["logit"] == "-inf"
    assert rows[3]["params"] == "gamma=3"


def test_the_text_is_aligned() -> None:
    lines = printed("softmax", "--logits=8,0,0", "--target=1", "--loss=all").splitlines()
    table = lines[2:6]
    assert len({len(line) for line in table}) == 1
    assert table[0].split()[:4] == ["class", "z", "p", "t"]


def test_many_classes() -> None:
    many = ",".join(str(k % 7) for k in range(20_000))
    assert len(result("--logits", many, "--target", "19999")["probabilities"]) == 20_000


def test_textual_is_not_imported() -> None:
    done = process("softmax", "--logits=1,0", "--target=0", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    assert "textual" not in done.stderr
    assert "plotext" not in done.stderr


def test_each_example_of_the_help_runs() -> None:
    said = call("softmax", "--help")
    assert said.code == 0
    examples = said.out.partition("\nexamples:\n")[2].splitlines()
    assert len(examples) == 4
    for line in examples:
        program, *words = shlex.split(line)
        assert program == "lossterm"
        assert call(*words).code == 0


# ---- what is wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("--logits 1,2 --target 2", "class 2 is outside 0…1"),
        ("--logits 1,2 --target -1", "class -1 is outside 0…1"),
        ("--logits 1,2 --target .1,.2,.7", "the target has 3 classes, the logits have 2"),
        ("--logits 1,2 --target .5,.6", "target probabilities sum to 1.1"),
        ("--logits 1,2 --target 1.5", "neither a class"),
        ("--logits 1,2", "a target is needed"),
        ("--target 1", "logits are needed"),
        ("--logits 1,2 --probabilities .5,.5 --target 1", "not both"),
        ("--logits 1,x --target 0", "'x' is not a number (class 1)"),
        ("--logits 1,,2 --target 0", "an empty place"),
        ("--logits 1,inf --target 0", "'inf' is not a finite number"),
        ("--logits -inf,-inf --target 0", "every class is masked"),
        ("--logits 3 --target 0", "at least 2 classes"),
        ("--logits 1,2 --teacher 1,2,3", "the teacher has 3 classes"),
        ("--probabilities .5,.4 --target 0", "probabilities sum to 0.9, not 1: use --normalize"),
        ("--probabilities 1.2,-.2 --target 0", "class 1 is negative"),
        ("--probabilities 0,0 --target 0 --normalize", "all 0"),
        ("--logits 1,2 --target 0 --temperature 0", "temperature must be a positive number"),
        ("--logits 1,2 --target 0 --smoothing 1.5", "smoothing must be between 0 and 1"),
        ("--logits 1,2 --target 0 --smoothing-over some", "unknown smoothing"),
        ("--logits 1,2 --target 0 --loss focl", "did you mean focal?"),
        ("--logits 1,2 --target 0 --loss huber", "huber has no form for K classes"),
        ("--logits 1,2 --target 0 --loss focal:gama=1", "did you mean gamma?"),
        ("--logits 1,2 --target 0 --loss focal:gamma=-1", "gamma must be ≥ 0"),
        ("--logits 1,2 --target 0 --loss mse:reduction=max", "sum or mean"),
        ("--logits 1,2 --target .5,.5 --loss hinge", "hinge needs a target that is one class"),
        ("--logits 1,2 --target 0 --preset digit", "digit-3"),
        ("--logits 1,2 --target 0 --format xml", "format"),
        ("--logit 1,2 --target 0", "did you mean --logits?"),
    ],
)
def test_one_clear_line(arguments: str, why: str) -> None:
    assert why in refused("softmax", *arguments.split())
