"""Files of stories: what is read, and the one line that is said of what is wrong."""

from pathlib import Path

import pytest

from lossterm.stories.heads import LARGEST, StoryError, head_of, heads
from lossterm.stories.story import read_story, story_of

HEAD = "---\ntitle: T\n---\n\n"
VIEW = "view: curves --loss ce,mse --at=-6\n\n"


def written(steps: str) -> str:
    return HEAD + steps


STORY = written(
    "## One {#first}\n"
    "view: curves --loss ce --at=-6\n"
    "let: a = ce.value\n"
    "check: a > 1\n"
    "\n"
    "Text on\ntwo lines: {a}.\n"
    "\n"
    "Another, with `x`.\n"
    "- an item\n"
    "\n"
    "ask: How much,\nabout?\n"
    "answer: ce.value ± 10%\n"
    "hint: more\n"
    "reveal: so\n"
    "reveal: and so\n"
    "then: curves --loss ce --at=2\n"
    "\n"
    "<!-- a remark -->\n"
    "## Two\n"
    "with: race --loss ce\n"
    "\n"
    "ask: Which?\n"
    "- [ ] no\n"
    "- [x] yes\n"
    "hint: look\n"
    "reveal: yes\n"
    "see: other\n"
    "next: #first\n"
)


def test_a_story_is_read() -> None:
    story = story_of(Path("s.md"), STORY)
    one, two = story.steps
    assert (one.name, one.title, one.line) == ("first", "One", 5)
    assert one.view.words == ("--loss", "ce", "--at=-6") and one.then is not None
    assert [said.item for said in one.text] == [False, False, True]
    assert one.text[0].text[0] == "Text on two lines: "
    assert one.question is not None and one.question.kind == "number" and one.question.tolerance == 0.1
    assert one.question.text.text == ("How much, about?",)
    assert len(one.reveal) == 2
    assert two.view == one.then, "a step without a view goes on with the one that is there"
    assert two.question is not None and two.question.right == 1
    assert dict(two.asked)["race"].words == ("--loss", "ce")
    assert two.see == ("other",) and story.place(two.next) == 0


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "begins with a line ---"),
        ("---\ntitle: T\n", 1, "no end"),
        ("---\nabout: x\n---\n", 1, "no title"),
        ("---\ntitle: T\ntitel: U\n---\n", 3, "unknown field 'titel'"),
        ("---\ntitle: T\ntitle: U\n---\n", 3, "twice"),
        ("---\ntitle: T\nscreen: rase\n---\n", 3, "unknown screen 'rase'"),
        ("---\ntitle: T\nclaims: 6\n---\n", 3, "no claim"),
        ("---\ntitle: " + "x" * 61 + "\n---\n", 2, "at most 60"),
        ("---\ntitle: T\norder: first\n---\n", 3, "whole number"),
        ("---\ntitle: T\nhello\n---\n", 3, "name: value"),
        (HEAD, 4, "no step"),
        (HEAD + "Text\n", 5, "before the first step"),
        (HEAD + "# One\n", 5, "'## Title'"),
        (HEAD + "## One\nText\n", 5, "says its view"),
        (HEAD + "## One\nveiw: curves\n", 6, "did you mean view?"),
        (HEAD + "## One\nview: curvs\n", 6, "did you mean curves?"),
        (HEAD + "## One\nview: curves\nview: race\n", 7, "twice"),
        (HEAD + "## One\nview:\n", 6, "no value"),
        (HEAD + "## One\nview: curves '\n", 6, "quotation mark"),
        (HEAD + "## One\n" + VIEW + "Text {ce.value\n", 8, "without the other brace"),
        (HEAD + "## One\n" + VIEW + "Text {1 +}\n", 8, "the end"),
        (HEAD + "## One\n" + VIEW + "ask: A?\nhint: h\nreveal: r\n", 8, "one way to answer"),
        (HEAD + "## One\n" + VIEW + "ask: A?\nanswer: 3\nhint: h\n", 8, "has a reveal"),
        (HEAD + "## One\n" + VIEW + "ask: A?\nanswer: 3\nreveal: h\n", 8, "has a hint"),
        (HEAD + "## One\n" + VIEW + "answer: 3\n", 8, "without a question"),
        (HEAD + "## One\n" + VIEW + "ask: A?\n- [x] a\nhint: h\nreveal: r\n", 9, "two choices"),
        (HEAD + "## One\n" + VIEW + "ask: A?\n- [x] a\n- [x] b\nhint: h\nreveal: r\n", 9, "one of the choices"),
        (HEAD + "## One\n" + VIEW + "ask: A?\nanswer: 3 ± x\nhint: h\nreveal: r\n", 9, "± 10%"),
        (HEAD + "## One\n" + VIEW + "ask: A?\nanswer: 3\npress: x\nhint: h\nreveal: r\n", 8, "one way to answer"),
        (HEAD + "## One\n" + VIEW + "let: 3\n", 8, "let: name = expression"),
        (HEAD + "## One\n" + VIEW + "check: a ~ b\n", 8, "cannot be read"),
        (HEAD + "## One\n" + VIEW + "next: there\n", 5, "no step 'there'"),
        (HEAD + "## One {#a}\n" + VIEW + "## Two {#a}\n", 8, "another step 'a'"),
        (HEAD + "## One\n" + VIEW + "with: rm -rf\n", 8, "unknown 'rm'"),
        (HEAD + "## One\n<!-- open\n", 6, "on one line"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_number(text: str, line: int, said: str) -> None:
    with pytest.raises(StoryError) as refused:
        story_of(Path("deep/s.md"), text)
    told = str(refused.value)
    assert told.startswith(f"s.md:{line}: ")
    assert said in told and "\n" not in told


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.md"
    path.write_bytes(b"---\ntitle: \xff\n---\n")
    with pytest.raises(StoryError, match=r"s\.md:2: this is not UTF-8"):
        read_story(path)
    path.write_bytes(b"x" * (LARGEST + 1))
    with pytest.raises(StoryError, match="at most"):
        read_story(path)


def test_line_ends_and_a_mark_at_the_start_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "s.md"
    path.write_bytes(b"\xef\xbb\xbf" + STORY.replace("\n", "\r\n").encode())
    assert len(read_story(path).steps) == 2


def test_heads_are_read_without_the_steps() -> None:
    head = head_of(Path("s.md"), "---\ntitle: T\nclaims: C1 C22\nlosses: mse, ce\n---\nnothing of a story")
    assert (head.name, head.claims, head.losses) == ("s", ("C1", "C22"), ("mse", "ce"))
    assert [head.name for head in heads()] == sorted([h.name for h in heads()], key=lambda n: [
        (h.order, h.name) for h in heads() if h.name == n
    ])  # fmt: skip
