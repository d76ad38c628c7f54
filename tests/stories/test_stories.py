"""The stories that come with the program: all that they say is so."""

import json
import re
from pathlib import Path

import pytest

from lossterm.stories.check import problems_of, wrong_answers
from lossterm.stories.documents import Numbers, own_file
from lossterm.stories.expressions import evaluated, number_of
from lossterm.stories.heads import FOLDER, heads
from lossterm.stories.library import linked
from lossterm.stories.printed import document, listed
from lossterm.stories.story import Story, read_story, story_of
from lossterm.stories.telling import LETTERS, Telling, answered, forward

FILES = sorted(path for path in FOLDER.glob("*.md") if path.stem != "README")
every_story = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def test_every_file_is_a_story_of_the_list() -> None:
    assert sorted(path.stem for path in FILES) == sorted(head.name for head in heads())
    assert FILES


@every_story
def test_all_of_it_holds(path: Path) -> None:
    assert problems_of(read_story(path)) == []


@every_story
def test_it_has_four_to_nine_steps_and_two_questions(path: Path) -> None:
    story = read_story(path)
    assert 4 <= len(story.steps) <= 9
    assert sum(step.question is not None for step in story.steps) >= 2
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", story.head.name)
    assert story.head.about and story.head.screens and story.head.claims


@every_story
def test_right_answers_are_taken_and_wrong_ones_get_the_hint(path: Path) -> None:
    story = read_story(path)
    for index, step in enumerate(story.steps):
        question, here, lookup = step.question, Telling(story, index), Numbers(story, index)
        if question is None:
            continue
        if question.kind == "choice":
            for number, letter in enumerate(LETTERS[: len(question.choices)]):
                assert answered(here, letter, lookup).answer.right == question.choices[number].right
                assert answered(here, letter, lookup).answer.told == question.choices[number].right
        if question.kind == "number" and question.answer is not None:
            value = number_of(evaluated(question.answer.node, lookup))
            assert answered(here, repr(value), lookup).answer.right
            for wrong in wrong_answers(value):
                assert answered(here, repr(wrong), lookup).waits


@every_story
def test_every_step_can_be_come_to(path: Path) -> None:
    story = read_story(path)
    here, seen = Telling(story), {0}
    for _ in story.steps:
        here = forward(here)
        seen.add(here.at)
    assert seen == set(range(len(story.steps)))


@every_story
def test_no_computed_number_is_typed(path: Path) -> None:
    # long numbers in a text are results: they are expressions
    for step in read_story(path).steps:
        texts = [*step.text, *step.hint, *step.reveal, *([step.question.text] if step.question else [])]
        for said in texts:
            typed = "".join(part for part in said.text if isinstance(part, str))
            assert not re.search(r"\d[.,]\d{3,}", typed), f"{path.name}:{said.line}: {typed}"


@every_story
def test_it_prints_as_strict_json(path: Path) -> None:
    printed = document(read_story(path))
    again = json.loads(json.dumps(printed, allow_nan=False))
    assert {"name", "title", "claims", "steps"} <= set(again)
    assert all({"text", "command", "ask", "answer"} <= set(step) for step in again["steps"])


def test_the_list_has_every_story() -> None:
    assert [set(row) >= {"name", "title", "claims"} for row in listed()] == [True] * len(FILES)


# ---- what does not hold ---------------------------------------------------------------------------------------------


def story(steps: str, path: Path = Path("s.md")) -> Story:
    return story_of(path, f"---\ntitle: T\n---\n\n## One\nview: curves --loss ce,mse --label 1 --at=-6\n{steps}")


@pytest.mark.parametrize(
    ("steps", "line", "said"),
    [
        ("check: ce.d_logit / mse.d_logit between 210 and 220\n", 7, "does not hold: it is 202.7"),
        ("\nText {ce.valeu}.\n", 8, "there is no valeu"),
        ("\nText {race.ce.steps}.\n", 8, "this step has no race"),
        ("\nText {ce.value | .2} {huber.value}.\n", 8, "there is no huber"),
        ("with: race --loss ce --speed 3\n", 7, "--speed is no option of a story's race"),
        ("with: race --loss nonsense\n", 7, "unknown loss 'nonsense'"),
        ("with: data ../x.csv\n", 7, "own folder only"),
        ("see: nowhere\n", 5, "unknown story 'nowhere'"),
        ("ask: A?\nanswer: ce.foo\nhint: h\nreveal: r\n", 8, "there is no foo"),
        ("ask: A?\nuntil: ce.value > 6\nhint: h\nreveal: r\nthen: curves --loss ce --at=-9\n", 8, "at the start"),
        ("ask: A?\nuntil: ce.value > 8\nhint: h\nreveal: r\n", 8, "a then: … shows the place"),
        ("ask: A?\nuntil: ce.value > 8\nhint: h\nreveal: r\nthen: curves --loss ce --at=-7\n", 8, "does not hold"),
        ("ask: A?\npress: x 9\nhint: h\nreveal: r\n", 7, "9 does nothing on curves"),
        ("ask: A?\nanswer: ce.value ± 999999%\nhint: h\nreveal: r\n", 8, "takes nearly everything"),
    ],
)
def test_what_does_not_hold_is_a_line_each(steps: str, line: int, said: str) -> None:
    found = problems_of(story(steps))
    assert len(found) == 1, found
    assert found[0].startswith(f"s.md:{line}: ")
    assert said in found[0] and "\n" not in found[0]


def test_files_are_those_of_the_own_folder(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    home.mkdir()
    other.mkdir()
    (home / "mine.csv").write_text("y,p\n1,0.9\n0,0.2\n1,0.6\n0,0.4\n")
    (other / "x.csv").write_text("secret")
    (home / "link.csv").symlink_to(other / "x.csv")
    (home / "folder").symlink_to(other)
    assert own_file("mine.csv", home) == (home / "mine.csv").resolve()
    for name in ("../other/x.csv", str(other / "x.csv"), "link.csv", "folder/x.csv", "*.csv", "~/x.csv", "none.csv"):
        with pytest.raises(ValueError, match=r"."):
            own_file(name, home)


def test_a_story_reads_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("y,p\n" + "1,0.9\n0,0.2\n1,0.6\n0,0.4\n" * 5)
    text = "---\ntitle: T\n---\n\n## One\nview: data mine.csv\ncheck: data.rows == 20\n\nRows: {data.rows}.\n"
    assert problems_of(story_of(tmp_path / "s.md", text)) == []


def test_a_story_goes_on_with_the_one_beside_it(tmp_path: Path) -> None:
    head = "---\ntitle: {}\n---\n\n## One\nview: curves\n\nText.\n"
    (tmp_path / "two.md").write_text(head.format("The second"))
    (tmp_path / "saturation.md").write_text(head.format("My own"))
    first = story_of(tmp_path / "one.md", head.format("The first") + "see: two, saturation\n")
    assert linked(first, "two") == (str((tmp_path / "two.md").resolve()), "The second")
    assert linked(first, "saturation")[1] == "My own"
    assert linked(read_story(FILES[0]), "saturation") == ("saturation", "Why not squared error? It saturates")
    assert problems_of(first) == []
