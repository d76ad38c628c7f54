"""Files that are not the usual two classes: plain values, soft labels, many classes, certainties; and no file."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from lossterm.core.statistics import question
from lossterm.model.subject import FARTHEST
from lossterm.predictions.file_actions import open_typed
from lossterm.predictions.view import Look
from tests.curves.program import view_of
from tests.predictions.program import Bench, data, numbers, write_classes, write_predictions, write_values

# ---- plain values --------------------------------------------------------------------------------------------------


async def test_losses_of_probabilities_are_left_out_for_plain_values() -> None:
    y, v = write_values(Path("values.csv"))
    async with data(Path("values.csv")) as ui:  # cross-entropy and squared error are shown
        assert "a cross-entropy" not in ui.pane("readout")
        assert ui.subject.rows[ui.state.current].loss == "squared-error"  # what keys act on judges the file
        await ui.press("escape")  # a note has passed
        assert "not for plain values: cross-entropy" in ui.pane("readout")
        assert numbers(ui.line("readout", "b squared-error"))[0] == pytest.approx(((y - v) ** 2).mean(), rel=1e-3)
        assert "by squared-error" in ui.part("worst")[0]
        assert ui.part("worst")[1].split()[:3] == ["row", "L▾", "v"]
        assert "p of the label" not in ui.pane("caption")
    async with data(Path("values.csv"), view=view_of("cross-entropy", "focal")) as ui:
        assert numbers(ui.line("readout", "c squared-error"))[0] == pytest.approx(((y - v) ** 2).mean(), rel=1e-3)
        assert numbers(ui.line("readout", "d absolute-error"))[0] == pytest.approx(abs(y - v).mean(), rel=1e-3)


async def test_what_plain_values_do_not_have_asks_for_nothing() -> None:
    write_values(Path("values.csv"))
    async with data(Path("values.csv")) as ui:
        for key, said in (("h", "no decision"), ("k", "no temperature")):
            await ui.press(key)
            assert not ui.screen.prompt.is_open
            assert said in ui.text
            await ui.press("escape")


async def test_one_example_is_one() -> None:
    Path("one.csv").write_text("target,prediction\n3.5,4.25\n")
    async with data(Path("one.csv")) as ui:
        assert "Losses of 1 example ─" in ui.pane("readout")
        assert numbers(ui.line("readout", "b squared-error"))[0] == 0.5625


async def test_two_predictions_of_values_have_no_chart_of_the_costs_of_decisions() -> None:
    Path("two.csv").write_text("target,a,b\n" + "".join(f"{n},{n + 0.5},{n - 0.1 * n}\n" for n in range(30)))
    async with data() as ui:
        ui.screen.look_at(open_typed(ui.state, "two.csv --prediction-column a --against-column b"))
        await ui.until(lambda: ui.state.comparison is not None)
        assert "compare" in ui.state.pages and "costs" not in ui.state.pages


async def test_the_line_of_keys_has_none_that_plain_values_do_not_have() -> None:
    write_values(Path("values.csv"))
    async with data(Path("values.csv"), size=(300, 40)) as ui:
        for label in (
            "T",
            "fitted T",
            "clip",
            "mend",
            "smoothing",
            "threshold",
            "label",
            "class weights",
        ):
            assert f" {label}  " not in ui.lines[-1]
        for label in ("chart", "numbers", "compare", "segments", "copy command"):
            assert f" {label}  " in ui.lines[-1]


# ---- no file -------------------------------------------------------------------------------------------------------


async def test_without_a_file_the_line_of_keys_has_those_that_act() -> None:
    async with data() as ui:
        for width, least in ((40, "o open"), (80, "O demo"), (300, "[] parameter")):
            await ui.resize(width, 24)
            assert least in ui.lines[-1]
            for label in ("move", "next worst", "chart", "numbers", "T", "copy command"):
                assert f" {label}  " not in ui.lines[-1]
        await ui.press("O")
        assert "next worst" in ui.lines[-1]


@pytest.mark.parametrize("key", ["h", "k", ".", ">"])
async def test_without_a_file_there_is_nothing_to_change(key: str) -> None:
    async with data() as ui:
        await ui.press(key)
        assert not ui.screen.prompt.is_open
        assert "no file is open: press o first" in ui.text
        assert ui.look == Look()


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
async def test_without_a_file_both_keys_are_told(size: tuple[int, int]) -> None:
    async with data(size=size) as ui:
        words = [line.strip() for line in ui.part("figures")]
        assert any(line.startswith("o  opens a file") for line in words)
        assert any(line.startswith("O  opens") for line in words)
        assert "what would" not in ui.text or "another loss?" in ui.text


# ---- soft labels ---------------------------------------------------------------------------------------------------


def write_soft(path: Path) -> None:
    """Labels that are no classes, and predictions that fall with them."""
    path.write_text("label,probability\n" + "".join(f"{0.1 + k / 100},{0.9 - k / 100}\n" for k in range(80)))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_soft_labels_say_what_they_do_not_have(size: tuple[int, int]) -> None:
    write_soft(Path("soft.csv"))
    async with data(Path("soft.csv"), size=size) as ui:
        await ui.told("labels are not all 0 or 1: no")
        column = ui.part("figures")[1].index("labels")
        words = " ".join(word for line in ui.part("figures")[1:] for word in line[column:].split())
        for what in ("no AUROC", "no Platt scaling", "no decisions at a threshold", "no temperature: the best 1/T"):
            assert what in words
        assert "Threshold" not in [name.strip() for name in ui.pane("file").split("  ")]
        await ui.press("t")
        assert ui.look.only_label is None
        assert "no classes to choose from" in ui.text
        await ui.press("escape", "h")
        assert not ui.screen.prompt.is_open


# ---- certainties ---------------------------------------------------------------------------------------------------


def write_certain(path: Path) -> None:
    """Row 2 is wrong with p = 1 exactly, row 4 with p = 0, rows 1 and 5 are right with such certainty."""
    path.write_text("label,probability\n0,0\n0,1\n1,0.75\n1,0\n1,1\n0,0.25\n1,0.5\n0,0.5\n")


async def test_an_infinitely_wrong_example_is_beyond_the_chart() -> None:
    write_certain(Path("certain.csv"))
    async with data(Path("certain.csv"), look=Look(page="curve")) as ui:
        z = ui.subject.logit
        assert ui.pane("caption").split(" · ")[2] == "4 at ±∞"
        await ui.press("n")
        assert "row 2 is at z = ∞, beyond the chart: p is exactly 1, L = ∞" in ui.text
        assert ui.subject.logit == z
        await ui.press("n")
        assert "row 4 is at z = −∞, beyond the chart: p is exactly 0, L = ∞" in ui.text
        await ui.press("enter")
        assert ui.is_on("curves")
        view = ui.curves
        assert (view.logit, view.label) == (-FARTHEST, 1)
        await ui.told("in the file p is exactly 0 and L = ∞; z = −1e6 is as far as Curves goes")
        await ui.press("4", "n")  # the third is not certain: ln 2 of L, at ½
        assert ui.subject.logit == pytest.approx(0, abs=1e-12)


# ---- K classes -----------------------------------------------------------------------------------------------------


def write_many(path: Path, classes: int, count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Predictions of many classes, without names: labels and probabilities."""
    chance = np.random.default_rng(4)
    y = chance.integers(0, classes, count)
    p = chance.dirichlet(np.ones(classes), count)
    heads = ",".join(["label", *(f"prob_{k}" for k in range(classes))])
    rows = [f"{k},{','.join(map(repr, row))}" for k, row in zip(y.tolist(), p.tolist(), strict=True)]
    path.write_text("\n".join([heads, *rows]) + "\n")
    return y, p


def named(ui: Bench, part: str) -> list[str]:
    """The first word of each line of a widget."""
    return [line.split()[0].strip("▸…") for line in ui.part(part) if line.split()]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_confusion_follows_the_cursor(size: tuple[int, int]) -> None:
    y, p = write_many(Path("many.csv"), 60)
    async with data(Path("many.csv"), size=size, look=Look(page="classes")) as ui:
        for key, at in (("home", 0), ("end", 59), ("pageup", 49), ("left", 48)):
            await ui.press(key)
            assert ui.pane("caption").startswith(f" class {at}: {int((y == at).sum())} example")
            assert any("▸" in line for line in ui.part("chart")[1:])
            row = next(line for line in ui.part("chart")[1:] if "▸" in line)
            assert row.split()[0].split("…")[0].split("▸")[0].split("│")[0] == str(at)
            # the table of the figures has it too, with its numbers
            lines = [" ".join(line.split()) for line in ui.part("figures")]
            count, right = int((y == at).sum()), int(((y == at) & (p.argmax(axis=1) == at)).sum())
            found = [line for line in lines if f" {at} {count} " in f" {line}"]
            assert found, lines
            recall = right / count
            assert numbers(found[0])[-2] == pytest.approx(recall, rel=5e-3)
        assert " of 60" in ui.part("chart")[0]


@pytest.mark.exhaustive
async def test_the_table_of_classes_takes_the_room_there_is() -> None:
    write_many(Path("many.csv"), 60)
    seen = []
    for size in ((120, 40), (200, 60), (200, 100)):
        async with data(Path("many.csv"), size=size) as ui:
            told = re.search(r"(\d+) of 60 +count", ui.pane("figures"))
            assert told is not None
            seen.append(int(told[1]))
    assert seen[0] >= 6
    assert seen == sorted(set(seen))


async def test_a_parameter_that_classes_do_not_have_is_refused() -> None:
    write_classes(Path("classes.csv"))
    async with data(Path("classes.csv"), view=view_of("cross-entropy", "focal")) as ui:
        before, view = ui.pane("readout"), ui.subject
        for keys in (["]"], ["p"]):
            await ui.press(*keys)
            assert "cross-entropy of K classes has no pos_weight" in ui.text
            assert not ui.screen.prompt.is_open
            await ui.press("escape")
        await ui.press("down", "down")
        await ui.answer("p", "gamma=3 alpha=.25")
        assert "focal of K classes has no alpha" in ui.text
        await ui.press("escape", "}")
        assert "focal of K classes has no alpha" in ui.text
        await ui.press("up", "up", "escape")
        assert ui.subject == view
        assert ui.pane("readout") == before
        await ui.press("down", "down")
        await ui.answer("p", "gamma=3")
        assert dict(ui.subject.rows[2].params)["gamma"] == 3
        assert "focal γ=3" in ui.pane("readout")


async def test_a_parameter_from_another_screen_is_not_in_the_name_where_it_does_nothing() -> None:
    y, p = write_classes(Path("classes.csv"))
    write_predictions(Path("two.csv"))
    async with data(Path("two.csv")) as ui:
        await ui.answer("p", "2")
        assert "cross-entropy w₊=2" in ui.pane("readout")
        await ui.answer("o", "classes.csv")
        assert "w₊=2" not in ui.pane("readout")
        assert "cross-entropy of K classes has no pos_weight" in ui.text
        plain = -np.log(p[np.arange(len(y)), y]).mean()
        assert numbers(ui.line("readout", "a cross-entropy"))[0] == pytest.approx(plain, rel=1e-3)


async def test_the_next_worst_of_classes_says_what_it_is() -> None:
    y, p = write_classes(Path("classes.csv"))
    loss = -np.log(p[np.arange(len(y)), y])
    worst = int(np.argmax(loss))
    name = ("cat", "dog", "owl")[y[worst]]
    async with data(Path("classes.csv"), look=Look(page="classes")) as ui:
        await ui.press("n")
        assert f"row {worst + 1}: L = {loss[worst]:.3f}, the p of its class {name} is" in ui.text
        assert ui.pane("caption").startswith(f" class {name}")


async def test_wide_names_are_whole() -> None:
    y, p = write_classes(Path("classes.csv"))
    text = Path("classes.csv").read_text().replace("owl", "高い鳥")
    Path("wide.csv").write_text(text)
    async with data(Path("wide.csv"), look=Look(page="classes")) as ui:
        assert "???" not in ui.text
        for part in ("chart", "figures"):
            assert "高い鳥" in ui.pane(part)
        await ui.press("end")
        counts = [int(((y == 2) & (p.argmax(axis=1) == k)).sum()) for k in range(3)]
        row = next(line for line in ui.part("chart")[2:] if "高い鳥" in line)
        assert numbers(row) == counts
        assert ui.pane("caption").startswith(f" class 高い鳥: {(y == 2).sum()} examples")


async def test_too_many_numbers_say_what_would_help(monkeypatch: pytest.MonkeyPatch) -> None:
    write_many(Path("many.csv"), 60)
    monkeypatch.setattr(question.Question.__init__, "__defaults__", _kept(question.Question, 100))
    async with data(Path("many.csv")) as ui:
        await ui.told("no temperature, a filter that leaves fewer examples brings one")
        await ui.press("x")
        assert "too many rows" not in ui.pane("chart")
        await ui.press("K")
        await ui.told("more than 200 numbers (rows × classes): a filter that leaves fewer examples brings one")


def _kept(cls: type, rows: int) -> tuple[object, ...]:
    # the defaults of its fields, with another number of rows that are kept
    defaults = cls.__init__.__defaults__  # type: ignore[misc]
    assert defaults is not None
    return tuple(rows if value == question.EXACT_ROWS else value for value in defaults)
