"""Expressions of stories: what they read, what they give, and what is refused."""

import math
from typing import Any

import pytest

from lossterm.stories.documents import answer_of, selected, table_words
from lossterm.stories.expressions import Path, evaluated, filled, formatted, parsed, template

KNOWN: dict[str, Any] = {"x": 3.0, "far": "inf", "nothing": None, "yes": True, "name": "tanh", "list": [3.0, 4.0]}


def lookup(path: Path) -> Any:
    return KNOWN[str(path.names[0])]


def value(text: str) -> Any:
    return evaluated(parsed(text), lookup)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("-2 ** 2", -4),
        ("2 ** 3 ** 2", 512),
        ("2 ** -1", 0.5),
        ("8 / 4 / 2", 1),
        ("7 - 2 - 1", 4),
        ("(1 + 2) * x", 9),
        ("20%", 0.2),
        (".5e1", 5),
        ("max(1, x, 2)", 3),
        ("norm(list)", 5),
        ("sum(list)", 7),
        ("sigmoid(0)", 0.5),
        ("logit(.5)", 0),
        ("ln(e)", 1),
        ("far", "inf"),
        ("far > 1e300", True),
        ("x between 2 and 3", True),
        ("x between 3.1 and 4", False),
        ("x within .1 of 3.05", True),
        ("x within 1% of 3.05", False),
        ("x within 2% of 3.05", True),
        ("x > 2 and not x > 4 or 1 > 2", True),
        ("name == 'tanh'", True),
        ("name != 'tanh'", False),
        ("nothing == 'null'", True),
        ("yes == 'true'", True),
        ("yes", True),
    ],
)
def test_values(text: str, expected: object) -> None:
    found = value(text)
    assert found == pytest.approx(expected) if isinstance(expected, float) else found == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 +", "the end"),
        ("(1", "')' is expected"),
        ("1 2", "'2' is not expected"),
        ("x.", "name is expected after the dot"),
        ("x[y]", "'=' is expected"),
        ("x[1.5]", "no place in a list"),
        ("import('os')", "unknown function 'import'"),
        ("__import__('os').system('x')", "unknown function"),
        ("x; y", "';"),
        ("x = 3", "'=' is not expected"),
        ("'open", "cannot be read"),
        ("(" * 60 + "1" + ")" * 60, "too many brackets"),
        ("1" * 600, "at most"),
    ],
)
def test_what_is_no_expression_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        parsed(text)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "divides by 0"),
        ("10 ** 400", "largest"),
        ("(0 - 8) ** .5", "root of a negative"),
        ("ln(0)", "not defined"),
        ("exp(1000)", "largest"),
        ("nothing + 1", "null"),
        ("name + 1", "not a number"),
        ("x and x", "neither true nor false"),
        ("yes + 1", "not a number"),
    ],
)
def test_what_has_no_value_says_why(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        value(text)
    assert said in str(refused.value)


def test_at_is_for_all_before_it_back_to_the_open_bracket() -> None:
    node = parsed("(ce.value at p=.4) / ce.value + mse.value at z=-6, y=0")
    seen: list[Path] = []

    def note(path: Path) -> float:
        seen.append(path)
        return 1.0

    evaluated(node, note)
    assert [path.at for path in seen] == [(("p", ".4"),), (("z", "-6"), ("y", "0")), (("z", "-6"), ("y", "0"))]


def test_names_may_have_dashes_and_a_minus_has_blanks() -> None:
    assert parsed("poly-1.value") == Path(("poly-1", "value"))
    assert parsed("squared-error.d_logit") == Path(("squared-error", "d_logit"))
    assert value("x - 1") == 2


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (202.7028, "", "202.7"),
        (202.7028, "3", "203"),
        (-8.0, "", "−8"),
        (1542, "", "1,542"),
        (0.90625, ".2", "0.91"),
        (-0.001, ".2", "0.00"),
        (0.1234, "%", "12.3%"),
        (0.1234, ".0%", "12%"),
        (0.5, "+", "+0.5"),
        ("inf", "", "∞"),
        ([1, 0.25], "", "[1, 0.25]"),
        (True, "", "yes"),
        ("tanh", "", "tanh"),
        (1234567.8, "", "1,234,568"),
    ],
)
def test_numbers_are_written_as_asked(number: Any, form: str, text: str) -> None:
    assert formatted(number, form) == text


def test_holes_are_filled_and_braces_doubled() -> None:
    assert filled(template("{{x}} is {x | .1}, {2*x}"), lookup) == "{x} is 3.0, 6"
    for text in ("{x", "x}", "{x | nonsense}", "{}"):
        with pytest.raises(ValueError, match=r"."):
            template(text)
    with pytest.raises(ValueError, match=r"\{nothing\}: nothing is known"):
        filled(template("{nothing}"), lookup)


DOCUMENT = {
    "start": -8.0,
    "racers": [
        {"loss": "cross-entropy", "params": {}, "steps": 19, "at_end": {"logit": 2.3}},
        {"loss": "focal", "params": {"gamma": 2.0}, "steps": 30, "at_end": {"logit": 2.2}},
        {"loss": "focal", "params": {"gamma": 5.0}, "steps": 50, "at_end": {"logit": 2.1}},
    ],
}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["start"], -8.0),
        (["ce", "steps"], 19),
        (["bce", "at_end", "logit"], 2.3),
        (["racers", "cross-entropy", "logit"], 2.3),
        (["focal", (("gamma", "5"),), "steps"], 50),
        (["racers", 1, "steps"], 30),
        (["racers", -1, "steps"], 50),
        (["racers", (("loss", "bce"),), "steps"], 19),
    ],
)
def test_places_in_json(names: list[Any], expected: object) -> None:
    assert selected(DOCUMENT, names) == expected


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["stop"], "there is no stop"),
        (["focal", "steps"], "2 places"),
        (["racers", 7], "outside a list of 3"),
        (["start", 0], "is no list"),
        (["focal", (("gamma", "7"),)], "nothing has"),
        (["mse", "steps"], "there is no mse"),
    ],
)
def test_a_place_that_is_not_there_is_said(names: list[Any], said: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        selected(DOCUMENT, names)
    assert said in str(refused.value)


def test_a_field_in_which_all_rows_agree_needs_no_loss() -> None:
    rows = [{"loss": "cross-entropy", "logit": -6.0, "value": 1.0}, {"loss": "focal", "logit": -6.0, "value": 2.0}]
    assert selected(rows, ["z"]) == -6.0
    with pytest.raises(ValueError, match="2 places"):
        selected(rows, ["value"])


def test_infinity_is_a_number() -> None:
    assert value("-far") == -math.inf


@pytest.mark.parametrize("activation", ["sigmoid", "expit", "probit", "cloglog"])
def test_a_place_may_be_told_as_a_prediction(activation: str) -> None:
    words = table_words(("--loss=ce", "--label=1", f"--activation={activation}"), (("p", ".9"),))
    assert answer_of("table", words)[0]["value"] == pytest.approx(-math.log(0.9), rel=1e-12)
    words = table_words(("--loss=ce", "--label=1"), (("p", ".9"), ("activation", activation), ("y", "0")))
    assert answer_of("table", words)[0]["value"] == pytest.approx(-math.log(0.1), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("huber.value at z=3, loss=huber:delta=5", (("z", "3"), ("loss", "huber:delta=5"))),
        ("huber.value at loss=huber:delta=5, z=-3", (("loss", "huber:delta=5"), ("z", "-3"))),
        ("x.value at loss=focal:gamma=.5:alpha=1e-2", (("loss", "focal:gamma=.5:alpha=1e-2"),)),
        ("x.value at loss=poly-1:epsilon=−1", (("loss", "poly-1:epsilon=-1"),)),
        ("x.value at loss=ce", (("loss", "ce"),)),
    ],
)
def test_a_loss_with_parameters_is_a_place(text: str, at: tuple[tuple[str, str], ...]) -> None:
    node = parsed(text)
    assert isinstance(node, Path) and node.at == at


def test_what_follows_the_name_of_a_field_means_the_loss_of_that_name() -> None:
    losses = [{"loss": "kl", "value": 0.5}, {"loss": "cross-entropy", "value": 1.5}]
    found: dict[str, Any] = {"kl": 0.25, "losses": losses}
    assert selected(found, ["kl"]) == 0.25
    assert selected(found, ["kl", "value"]) == 0.5
    with pytest.raises(ValueError, match="kl is a number or a word: nothing can follow it"):
        selected({"kl": 0.25, "losses": losses[1:]}, ["kl", "value"])
