"""Two models on the same rows, from the command line and on the Data screen, against numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossterm.predictions.comparing import compare, pairings, questions
from lossterm.predictions.losses import asked_criteria
from lossterm.predictions.options import open_source, question_of
from lossterm.predictions.versus import candidates
from lossterm.predictions.view import FileChoice, Look
from tests.predictions.program import Floats, Predictions, data, write_classes, write_predictions, write_values
from tests.predictions.test_command import call, loaded, printed, refused


def near(x: float) -> Any:
    return pytest.approx(x, rel=1e-9, abs=1e-12)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Predictions:
    return write_predictions(tmp_path_factory.mktemp("files") / "a.csv", count=120)


def losses(y: Floats, p: Floats) -> Floats:
    return -np.where(y == 1, np.log(p), np.log1p(-p))


def second(file: Predictions) -> Floats:
    return file.at(2.0).p * 0.98 + 0.01


def write(folder: Path, heads: str, rows: Sequence[Sequence[object]], name: str = "b.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([heads, *(",".join(map(str, row)) for row in rows)]) + "\n", "utf-8")
    return path


def against(file: Predictions, path: Path, *more: str) -> dict[str, Any]:
    found = loaded(file.path, "--prediction-column", "probability", "--against", path, *more)["compare"]
    assert isinstance(found, dict)
    return found


def is_that_of(found: dict[str, Any], y: Floats, first: Floats, other: Floats) -> None:
    d = losses(y, other) - losses(y, first)
    loss = found["losses"][0]
    assert (found["rows"], loss["difference"]) == (len(y), near(float(d.mean())))
    assert loss["standard_error"] == near(float(d.std(ddof=1) / np.sqrt(len(d))))
    assert loss["share_second_better"] == near(float((d < 0).mean()))


# ---- which rows -----------------------------------------------------------------------------------------------------


def test_rows_are_found_by_a_key_and_those_of_one_file_counted(file: Predictions, tmp_path: Path) -> None:
    p, n = second(file), len(file.y)
    rows = [*[(i, p[i]) for i in range(n) if i % 5][::-1], (9999, 0.5), (10000, 0.5)]
    found = against(file, write(tmp_path, "id,p", rows))
    kept = np.arange(n) % 5 != 0
    is_that_of(found, file.y[kept], file.p[kept], p[kept])
    assert (found["key"], found["only_first"], found["only_second"]) == ("id", n - int(kept.sum()), 2)
    assert any("has no labels" in note for note in found["notes"])


def test_texts_are_keys_too(tmp_path: Path) -> None:
    one = write(tmp_path, "name,y,p", [("x", 1, 0.8), ("y", 0, 0.3), ("z", 1, 0.6)], "one.csv")
    other = write(tmp_path, "name,y,p", [("z", 1, 0.7), ("x", 1, 0.9), ("y", 0, 0.2)], "other.csv")
    found = loaded(one, "--key", "name", "--against", other)["compare"]
    is_that_of(found, np.array([1.0, 0, 1]), np.array([0.8, 0.3, 0.6]), np.array([0.9, 0.2, 0.7]))


def test_without_a_key_the_order_of_the_rows_is_taken_and_said(file: Predictions, tmp_path: Path) -> None:
    found = against(file, write(tmp_path, "p", [(p,) for p in second(file)]))
    is_that_of(found, file.y, file.p, second(file))
    assert found["key"] is None
    assert any("joined by their order" in note for note in found["notes"])
    short = write(tmp_path, "p", [(0.5,), (0.4,)])
    assert "has 120 rows and b.csv 2, and no column that tells the rows apart" in refused(file.path, "--against", short)


def test_a_key_twice_is_refused_with_its_value(file: Predictions, tmp_path: Path) -> None:
    rows = [(7 if i == 3 else i, p) for i, p in enumerate(second(file))]
    said = refused(file.path, "--against", write(tmp_path, "id,p", rows))
    assert "b.csv: row 8: column 'id': '7' is there twice, first in row 4" in said


def test_labels_that_disagree_are_counted_and_refused(file: Predictions, tmp_path: Path) -> None:
    p = second(file)
    rows = [(i, int(1 - y if i in (4, 9) else y), p[i]) for i, y in enumerate(file.y)]
    path = write(tmp_path, "id,label,p", rows)
    assert "disagree with those of a.csv in 2 rows, the first of them row 5 there" in refused(
        file.path, "--against", path
    )
    kept = ~np.isin(np.arange(len(p)), (4, 9))
    found = against(file, path, "--skip-bad")
    is_that_of(found, file.y[kept], file.p[kept], p[kept])
    assert found["disagreeing"] == 2


def test_kinds_names_and_orientation_may_differ(file: Predictions, tmp_path: Path) -> None:
    p = second(file)
    logits = [(i, int(file.y[i]), np.log(p[i] / (1 - p[i]))) for i in range(len(p))]
    is_that_of(against(file, write(tmp_path, "id,label,logit", logits)), file.y, file.p, p)
    named = [(i, "no" if file.y[i] == 0 else "yes", 1 - p[i]) for i in range(len(p))]
    is_that_of(against(file, write(tmp_path, "id,label,p_no", named)), file.y, file.p, p)


def test_per_cent_is_compared_with_what_is_none(file: Predictions, tmp_path: Path) -> None:
    """Where the first is per cent the second is as it looks; where the first is none it is said."""
    p = second(file)
    heads = "label,p"
    some = write(tmp_path, heads, [[int(y), x] for y, x in zip(file.y, p, strict=True)], "some.csv")
    cent = write(tmp_path, heads, [[int(y), 100 * x] for y, x in zip(file.y, p, strict=True)], "cent.csv")
    is_that_of(against(file, cent, "--against-out-of", "100"), file.y, file.p, p)
    assert "add --against-out-of 100" in refused(file.path, "--against", cent)
    for first, other in ((cent, some), (cent, cent)):
        found = loaded(first, "--out-of", "100", "--against", other)["compare"]
        assert found["losses"][0]["difference"] == pytest.approx(0, abs=1e-12)
        assert any("is read as out of 100, as the first is" in note for note in found["notes"]) == (other == cent)


def test_classes_in_another_order(tmp_path: Path) -> None:
    y, p = write_classes(tmp_path / "a.csv")
    q = p**0.7 / (p**0.7).sum(axis=1, keepdims=True)
    names = ("cat", "dog", "owl")
    write(
        tmp_path, "truth,p_owl,p_cat,p_dog", [(names[k], row[2], row[0], row[1]) for k, row in zip(y, q, strict=True)]
    )
    found = loaded(tmp_path / "a.csv", "--against", tmp_path / "b.csv")["compare"]
    own = np.arange(len(y)), y
    d = np.log(p[own]) - np.log(q[own])
    assert found["losses"][0]["difference"] == near(float(d.mean()))
    assert found["flips"]["right_to_wrong"] == found["flips"]["wrong_to_right"] == 0  # the order is the same
    assert found["auroc"] is None


# ---- what is compared -----------------------------------------------------------------------------------------------


def two_columns(file: Predictions, folder: Path) -> Path:
    rows = [(int(y), p, q, 0.5, g) for y, p, q, g in zip(file.y, file.p, second(file), file.group, strict=True)]
    return write(folder, "label,p_new,p_old,p_flat,group", rows, "two.csv")


def test_columns_of_one_file(file: Predictions, tmp_path: Path) -> None:
    path = two_columns(file, tmp_path)
    words = (path, "--prediction-column", "p_new", "--against-column")
    found = loaded(*words, "p_old")
    is_that_of(found["compare"], file.y, file.p, second(file))
    assert found["comparisons"] is None
    assert sum(group["rows"] for group in found["compare"]["groups"]) == len(file.y)
    several = loaded(*words, "p_old,p_flat")
    assert [each["second"] for each in several["comparisons"]] == ["p_old", "p_flat"]
    assert several["comparisons"][0] == several["compare"] == found["compare"]
    text = printed(*words, "p_old,p_flat", "--format", "text")
    assert "against p_new" in text
    assert "B p_flat against A p_new · 120 rows" in text
    assert max(map(len, text.splitlines())) <= 120


def test_the_file_against_itself_at_another_temperature(file: Predictions) -> None:
    found = loaded(file.path, "--against-temperature", "2")["compare"]
    is_that_of(found, file.y, file.p, file.at(2.0).p)
    assert (found["flips"]["p"], found["auroc"]["difference"]) == (1.0, 0.0)
    clipped = loaded(file.path, "--against-clip", ".1")["compare"]
    is_that_of(clipped, file.y, file.p, np.clip(file.p, 0.1, 0.9))
    focal = loaded(file.path, "--loss", "ce", "--against-loss", "mse")["compare"]["losses"][0]
    assert (focal["loss"], focal["second_loss"]) == ("cross-entropy", "squared-error")
    assert focal["difference"] == near(file.brier - file.log_loss)


def test_a_filter_is_of_both(file: Predictions) -> None:
    found = loaded(file.path, "--against-temperature", "2", "--only-label", "1")["compare"]
    ones = file.y == 1
    is_that_of(found, file.y[ones], file.p[ones], file.at(2.0).p[ones])
    assert found["auroc"] is None  # one class only


@pytest.mark.parametrize("joined", ["id", "order", "column", "itself"])
def test_what_other_columns_hold_is_of_the_first_file(file: Predictions, tmp_path: Path, joined: str) -> None:
    own, q = file.group == "b", second(file)
    where = np.arange(len(file.y))[::-1] if joined == "id" else np.arange(len(file.y))
    words: list[str | Path]
    if joined == "itself":
        q = file.at(2.0).p
        words = [file.path, "--against-temperature", "2"]
    elif joined == "column":
        words = [two_columns(file, tmp_path), "--prediction-column", "p_new", "--against-column", "p_old"]
    else:
        head = "id,label,probability,group" if joined == "id" else "label,probability,group"
        rows = [(i, int(file.y[i]), q[i], "elsewhere")[joined == "order" :] for i in where.tolist()]
        words = [file.path, "--against", write(tmp_path, head, rows)]
    words += ["--only", "group=b"]
    found = loaded(*words)
    if joined in ("id", "order"):
        assert any(note == "only rows with group=b in a.csv" for note in found["compare"]["notes"])
        assert "only rows with group=b in a.csv" in printed(*words, "--format", "text")
    is_that_of(found["compare"], file.y[own], file.p[own], q[own])
    assert found["rows"] == found["compare"]["rows"] == int(own.sum())


def test_rows_that_are_bad_in_one_column_are_left_out_beside_what_others_hold(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    y, p, q = (chance.random(60) < 0.5).astype(int), chance.random(60).tolist(), chance.random(60).tolist()
    group = ["ab"[i % 2] for i in range(60)]
    told: list[object] = ["" if i in (4, 7) else x for i, x in enumerate(q)]
    path = write(tmp_path, "label,p_new,p_old,group", list(zip(y, p, told, group, strict=True)))
    words = (path, "--prediction-column", "p_new", "--against-column", "p_old", "--only", "group=a")
    assert "row 5" in refused(*words)
    found = loaded(*words, "--skip-bad")["compare"]
    kept = np.array([i for i in range(0, 60, 2) if i != 4])
    assert found["rows"] == len(kept)
    d = losses(y[kept], np.array(q)[kept]) - losses(y[kept], np.array(p)[kept])
    assert found["losses"][0]["difference"] == near(float(d.mean()))
    # the figures of the first are of all its rows, whatever a second column holds
    alone = loaded(path, "--prediction-column", "p_new", "--only", "group=a", "--skip-bad")
    with_second = loaded(*words, "--skip-bad")
    assert (with_second["rows"], with_second["skipped"]) == (alone["rows"], alone["skipped"]) == (30, 0)
    assert with_second["log_loss"] == alone["log_loss"]
    assert with_second["compare"]["bad"] == 1


def test_plain_values(tmp_path: Path) -> None:
    y, v = write_values(tmp_path / "a.csv")
    write(tmp_path, "target,prediction", list(zip(y.tolist(), (v * 0.9).tolist(), strict=True)))
    found = loaded(tmp_path / "a.csv", "--loss", "mse", "--against", tmp_path / "b.csv")["compare"]
    d = (v * 0.9 - y) ** 2 - (v - y) ** 2
    assert found["losses"][0]["difference"] == near(float(d.mean()))
    assert (found["flips"], found["auroc"], found["reliability"], found["murphy"]) == (None, None, None, None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--against", "nowhere.csv"], "nowhere.csv: no such file"),
        (["--against-column", "nothing"], "no column 'nothing'"),
        (["--against-temperature", "0"], "a temperature is between"),
        (["--against-clip", "foo"], "'foo' is no clip"),
        (["--against-kind", "logit"], "--against FILE or --against-column names it"),
        (["--loss", "ce", "--against-loss", "ce,mse"], "has 2 losses where the first is put to 1"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(file: Predictions, words: list[str], said: str) -> None:
    assert said in refused(file.path, *words)


def test_with_weights_both_means_have_them(file: Predictions, tmp_path: Path) -> None:
    w = np.arange(1.0, len(file.y) + 1)
    rows = [(int(y), p, q, v) for y, p, q, v in zip(file.y, file.p, second(file), w, strict=True)]
    words = (write(tmp_path, "label,p_new,p_old,weight", rows), "--prediction-column", "p_new", "--against-column")
    found = loaded(*words, "p_old")["compare"]
    loss = found["losses"][0]
    a, b = (float((w * losses(file.y, p)).sum() / w.sum()) for p in (file.p, second(file)))
    assert (loss["weighted_first_mean"], loss["weighted_second_mean"]) == (near(a), near(b))
    assert loss["weighted_difference"] == near(b - a)
    assert any("counts each row once" in note for note in found["notes"])
    markdown = printed(*words, "p_old", "--format", "markdown")
    assert "|   | weighted | unweighted |" in markdown
    assert ", unweighted\n" in markdown[markdown.index("## Decisions") :]
    text = printed(*words, "p_old")
    line = text[text.index("weighted A  weighted B") :].splitlines()[1].split()
    assert [float(x) for x in line[1:3]] == [pytest.approx(a, rel=1e-3), pytest.approx(b, rel=1e-3)]


def test_a_few_rows_are_not_sure(tmp_path: Path) -> None:
    one = write(tmp_path, "y,p", [(1, 0.6), (0, 0.3), (1, 0.7)] * 6, "one.csv")
    other = write(tmp_path, "y,p", [(1, 0.7), (0, 0.2), (1, 0.8)] * 6, "other.csv")
    said = " ".join(loaded(one, "--against", other)["compare"]["conclusion"])
    assert "no difference that 18 rows can tell" in said
    assert "surely" not in said


def test_a_bound_on_the_interval_of_a_loss_goes_by_its_name(file: Predictions, tmp_path: Path) -> None:
    path = two_columns(file, tmp_path)
    words = (path, "--prediction-column", "p_flat", "--against-column", "p_new", "--loss", "ce,mse")
    loss = loaded(*words)["compare"]["losses"][1]
    assert loss["loss"] == "squared-error"
    bound = loss["interval"][1]
    for slack, code in ((1e-9, 0), (-1e-9, 1)):
        bounded = f"compare.losses.squared-error.interval[1]<{bound + slack!r}"
        assert call(*map(str, words), "--require", bounded)[0] == code


def test_a_better_mean_of_fewer_rows_is_told_so(tmp_path: Path) -> None:
    # sure and wrong for one row of four, a little better for the others
    one = write(tmp_path, "y,p", [(1, 0.8), (0, 0.2), (1, 0.8), (1, 0.01)] * 20, "one.csv")
    other = write(tmp_path, "y,p", [(1, 0.7), (0, 0.3), (1, 0.7), (1, 0.3)] * 20, "other.csv")
    said = loaded(one, "--against", other)["compare"]["conclusion"]
    assert said[0].startswith("other.csv is better in cross-entropy by ")
    assert said[0].endswith("surely, though in 75.0% of the rows it is worse")
    back = loaded(other, "--against", one)["compare"]["conclusion"]
    assert back[0] == said[0]


def test_of_two_losses_none_is_better(file: Predictions) -> None:
    words = (file.path, "--loss", "ce,mse", "--against-loss", "mse")
    said = loaded(*words)["compare"]["conclusion"]
    assert sum("of two losses: this does not tell which is better" in sentence for sentence in said) == 1
    assert not any("is better in cross-entropy" in sentence for sentence in said)
    row = next(line for line in printed(*words).splitlines() if line.startswith("cross-entropy → squared-error"))
    assert row.split()[-2:] == ["—", "—"]


def test_a_key_twice_in_the_first_file_names_that_file_alone(tmp_path: Path) -> None:
    one = write(tmp_path, "k,y,p", [(1, 1, 0.8), (1, 0, 0.3)], "one.csv")
    other = write(tmp_path, "k,y,p", [(1, 1, 0.8), (2, 0, 0.3)], "other.csv")
    assert refused(one, "--key", "k", "--against", other).count(".csv: ") == 1


def test_labels_of_the_second_that_nothing_tells_ask_for_its_own_option(file: Predictions, tmp_path: Path) -> None:
    p = second(file)
    other = write(tmp_path, "id,label,p", [(i, "bad" if y else "ok", p[i]) for i, y in enumerate(file.y)])
    assert "which label is 1, " in (said := refused(file.path, "--against", other))
    assert "--against-positive" in said
    is_that_of(against(file, other, "--against-positive", "bad"), file.y, file.p, p)


def test_markdown_tells_the_comparison_the_segments_and_the_conclusion(file: Predictions, tmp_path: Path) -> None:
    path = two_columns(file, tmp_path)
    words = (path, "--prediction-column", "p_new", "--against-column", "p_old,p_flat", "--by", "group")
    told = printed(*words, "--format", "markdown")
    document = loaded(*words)
    assert f"**{document['conclusion']}**" in told.replace("\\", "")
    assert [line for line in told.splitlines() if line.startswith("## B p")] == [
        f"## B {name} against A p\\_new · 120 rows" for name in ("p\\_old", "p\\_flat")
    ]
    for sentence in document["compare"]["conclusion"]:
        assert f"- {sentence}" in told.replace("\\", "")
    assert "## Segments by group" in told
    assert all(f"\n{segment['value']} " in told for segment in document["segments"])
    text = printed(*words, "--recalibrate", "T", "--format", "text")
    assert "loss z" in text  # the segments swallow neither the recalibration nor the comparison
    assert "recalibration, on rows" in text
    assert "B p_old against A p_new" in text


# ---- on the screen --------------------------------------------------------------------------------------------------


async def test_several_second_columns_are_named_and_the_ranking_has_its_star(file: Predictions, tmp_path: Path) -> None:
    path = two_columns(file, tmp_path)
    columns = ("p_old", "p_flat")
    async with data(path, prediction_columns=("p_new",), look=Look(against_column=columns, page="compare")) as ui:
        assert "not shown, by cross-entropy: p_flat" in ui.pane("figures")
        await ui.press("c", "down", "down", "enter")
        assert ui.look.against_column == ("p_flat",)
        assert "not shown" not in ui.pane("figures")
        assert "*" in ui.line("figures", "AUROC")
        assert "AUROC turned" in ui.pane("chart")


async def test_a_segment_is_compared_alone(file: Predictions, tmp_path: Path) -> None:
    path = two_columns(file, tmp_path)
    own = file.group == "a"
    difference = float((losses(file.y, second(file)) - losses(file.y, file.p))[own].mean())
    async with data(path, prediction_columns=("p_new",), look=Look(against_column=("p_old",), page="compare")) as ui:
        assert "B p_old against A p_new" in ui.pane("figures")
        await ui.press("B", "enter")
        await ui.until(lambda: "two.csv by group" in ui.text)
        await ui.press("enter")
        assert [each.text for each in ui.look.only] == ["group=a"]
        assert "B p_old against A p_new" in ui.pane("figures")
        assert ui.state.comparison is not None
        assert ui.state.comparison.compared.losses[0].difference.value == near(difference)
        assert "group=a" in ui.pane("title")
        await ui.press("c", "down", "down", "enter")
        assert [each.text for each in ui.look.only] == ["group=a"]  # another second keeps the filter
        assert ui.state.comparison is not None and ui.state.comparison.compared.rows == int(own.sum())


async def test_only_what_may_be_a_prediction_is_proposed(tmp_path: Path) -> None:
    rows = [(i % 2, 0.3 + 0.4 * (i % 2), i / 40 - 0.5, 20 + i, 100.5 + i) for i in range(40)]
    async with data(write(tmp_path, "y,p,logit_b,age,income", rows)) as ui:
        assert list(candidates(ui.state)) == ["logit_b"]


async def test_a_second_column_is_picked_and_compared(file: Predictions, tmp_path: Path) -> None:
    path = two_columns(file, tmp_path)
    difference = float((losses(file.y, second(file)) - losses(file.y, file.p)).mean())
    async with data(path, prediction_columns=("p_new",)) as ui:
        await ui.press("c", "down", "enter")
        assert ui.look.against_column == ("p_old",)
        assert ui.look.page == "compare"
        line = ui.line("figures", "cross-entropy")
        assert f"{abs(difference):.3g}"[:4].lstrip("0") in line
        assert "B p_old against A p_new" in ui.pane("figures")
        await ui.press("d")
        assert "cost θ" in ui.pane("caption")
        await ui.press("U", "U")
        assert not ui.look.compares
        await ui.press("Y")
        assert ui.look.against_column == ("p_old",)
        await ui.press("c", *["down"] * 9, "enter")  # the last one: nothing
        assert not ui.look.compares
        assert str(ui.look.page) == "reliability"


async def test_how_the_rows_are_joined_is_seen_in_the_smallest_terminal(file: Predictions, tmp_path: Path) -> None:
    p = second(file)
    paths = {
        "by order": write(tmp_path, "p", [(x,) for x in p]),
        "by id": write(tmp_path, "id,p", [(i, x) for i, x in enumerate(p) if i >= 5], "part.csv"),
    }
    for how, path in paths.items():
        look = Look(against=str(path), page="compare")
        async with data(file.path, prediction_columns=("probability",), look=look, size=(80, 24)) as ui:
            assert how in ui.pane("figures")
            assert ("A 5 · B 0" in ui.pane("figures")) == (how == "by id")


def test_fewer_pairs_than_rows_are_ranked(tmp_path: Path) -> None:
    first = "id,label,p\n" + "".join(f"{i},{i % 2},{(i * 37 % 101 + 1) / 103}\n" for i in range(100))
    second = "id,label,p\n" + "".join(f"{i},{i % 2},{(i * 53 % 101 + 1) / 103}\n" for i in range(15))
    one, other = tmp_path / "a.csv", tmp_path / "b.csv"
    one.write_text(first)
    other.write_text(second)
    choice, look = FileChoice((str(one),)), Look(against=str(other))
    with open_source(choice) as source:
        (pairing,) = pairings(source, choice, look)
        question = question_of(look, source, asked_criteria(["ce"], source, 0.0))
        found = [compare(pairing, questions(pairing, replace(question, keep=keep), look)) for keep in (1000, 20, 10)]
    all_kept, counted_anew, too_many = (each.compared.areas.difference.value for each in found)
    assert all_kept is not None
    assert counted_anew == all_kept
    assert too_many is None
