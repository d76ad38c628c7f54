"""Being told a story: answers, hints, the gap, the way forward and back."""

from pathlib import Path
from typing import Any

import pytest

from lossterm.stories.expressions import Path as JsonPath
from lossterm.stories.story import story_of
from lossterm.stories.telling import (
    Telling,
    answered,
    back,
    chosen,
    done,
    forward,
    gap,
    hinted,
    number_typed,
    page_of,
)

TEXT = """---
title: T
---

## Number {#number}
view: curves

Look: {x}.

ask: How many?
answer: x ± 10%
hint: Think {x}.
reveal: It is {x}.
then: race

## Choice
ask: Which?
- [ ] one
- [x] two
- [ ] three
hint: The middle.
reveal: Two.

## Move
ask: Where?
until: x > 3
hint: There.
reveal: Here.
next: last

## Left out
No.

## The last {#last}
The end.
"""


def lookup(path: JsonPath) -> Any:
    return 200.0


@pytest.fixture
def telling() -> Telling:
    return Telling(story_of(Path("t.md"), TEXT))


def parts(telling: Telling) -> list[str]:
    return [paragraph.part for paragraph in page_of(telling, lookup, lookup).paragraphs]


def test_the_answer_is_not_told_before_it_is_asked(telling: Telling) -> None:
    page = page_of(telling, lookup, lookup)
    assert parts(telling) == ["text", "ask"]
    assert page.waits and page.question and page.place == "1/5"


def test_a_right_answer_is_told_with_the_gap(telling: Telling) -> None:
    right = answered(telling, "190", lookup)
    assert right.answer.right and not right.waits
    assert parts(right) == ["text", "ask", "gap", "reveal"]
    told = [paragraph.text for paragraph in page_of(right, lookup, lookup).paragraphs]
    assert "Yes. You said 190; it is 200: 1.05 times as much." in told


def test_a_wrong_answer_gets_the_hint_and_the_second_the_answer(telling: Telling) -> None:
    wrong = answered(telling, "5", lookup)
    assert wrong.waits and parts(wrong) == ["text", "ask", "wrong", "hint"]
    again = answered(wrong, "6", lookup)
    assert not again.waits and not again.answer.right and parts(again)[-2:] == ["gap", "reveal"]
    right = answered(wrong, "200", lookup)
    assert right.answer.right and right.answer.said == ("5", "200")


def test_nothing_typed_is_told_at_once(telling: Telling) -> None:
    given_up = answered(telling, "  ", lookup)
    assert not given_up.waits and not given_up.answer.right
    assert page_of(given_up, lookup, lookup).paragraphs[2].text == "It is 200."


@pytest.mark.parametrize("text", ["many", "1/0", "--", "2 3"])
def test_what_is_no_number_is_asked_again(telling: Telling, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        answered(telling, text, lookup)


@pytest.mark.parametrize(
    ("text", "number"), [("200", 200), ("1,542", 1542), ("1/4", 0.25), ("15 %", 0.15), ("203×", 203), ("−0.5", -0.5)]
)
def test_numbers_as_people_write_them(text: str, number: float) -> None:
    assert number_typed(text) == pytest.approx(number, rel=1e-15)


def test_choices_by_letter_or_number(telling: Telling) -> None:
    second = forward(telling)
    question = second.step.question
    assert question is not None
    assert [chosen(question, text) for text in ("a", "B", "3", "c)")] == [0, 1, 2, 2]
    for text in ("d", "0", "4", "yes"):
        with pytest.raises(ValueError, match="a, b, c"):
            chosen(question, text)
    assert answered(second, "b", lookup).answer.right
    assert not answered(second, "a", lookup).answer.told


def test_what_is_done_on_the_screen_is_found_or_shown(telling: Telling) -> None:
    third = forward(forward(telling))
    assert page_of(third, lookup, lookup).waits and not page_of(third, lookup, lookup).question
    assert done(third).answer.right
    once = hinted(third)
    assert once.waits and parts(once)[-1] == "hint"
    assert not hinted(once).waits and not hinted(once).answer.right


def test_forward_and_back_keep_the_answers(telling: Telling) -> None:
    right = answered(telling, "200", lookup)
    there = forward(right)
    assert there.at == 1 and back(there) == right
    assert back(right) == right
    assert forward(forward(there)).step.name == "last", "a step may lead to another than the next one"
    assert page_of(forward(forward(there)), lookup, lookup).is_last


def test_numbers_that_are_still_computed_have_a_stand_in(telling: Telling) -> None:
    assert page_of(telling, None, None).paragraphs[0].text == "Look: …."


@pytest.mark.parametrize(
    ("said", "value", "told"),
    [
        (50.0, 200.0, "4 times as much"),
        (800.0, 200.0, "4 times less"),
        (-1.0, 1.0, "2 more"),
        (0.0, -3.0, "3 less"),
        (2.0, 2.0, "You said 2; it is 2."),
        (0.9, 0.9 + 1e-9, "You said 0.9; it is 0.9."),
        (0.14, 0.13964, "You said 0.14; it is 0.1396."),
    ],
)
def test_the_gap_in_words(said: float, value: float, told: str) -> None:
    assert told in gap(said, value).replace("4.00", "4").replace("2.00 m", "2 m").replace("3.00", "3")
