"""What if, on the Data screen: the change of every number, against numpy; and what changes are told against."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.curves.program import view_of
from tests.predictions.program import Bench, Floats, Predictions, data, numbers, write_classes, write_predictions

SIZES = [(120, 40), (200, 60)]
THRESHOLD = 0.8


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Predictions:
    return write_predictions(tmp_path_factory.mktemp("files") / "predictions.csv")


def near(x: float) -> object:
    """A change as it is shown: two or three digits of it."""
    return pytest.approx(x, rel=3e-2, abs=1e-12)


def terms(p: Floats, y: Floats, bins: int = 15) -> dict[str, float]:
    """The five terms of the Brier score, by their definitions."""
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, p, side="left") - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins).clip(1)
    pb, yb = (np.bincount(place, x, minlength=bins) / count for x in (p, y))
    return {
        "reliability": float(((pb - yb)[place] ** 2).mean()),
        "resolution": float(((yb[place] - y.mean()) ** 2).mean()),
        "uncertainty": float(y.var()),
        "variance": float(((p - pb[place]) ** 2).mean()),
        "covariance": float(2 * ((p - pb[place]) * (y - yb[place])).mean()),
    }


def ratios(confusion: list[int]) -> dict[str, float]:
    """What the figures tell of the decisions."""
    tp, fn, fp, tn = confusion
    return {
        "accuracy": (tp + tn) / (tp + fn + fp + tn),
        "precision": tp / (tp + fp),
        "recall": tp / (tp + fn),
        "F1": 2 * tp / (2 * tp + fp + fn),
        "specificity": tn / (tn + fp),
    }


def beside(ui: Bench, name: str) -> list[float]:
    """The numbers beside a name in the right block of the figures."""
    return numbers(next(re.split(rf" {name} ", line)[1] for line in ui.part("figures") if f" {name} " in line))


@pytest.mark.parametrize("size", SIZES)
async def test_every_number_has_its_change(file: Predictions, size: tuple[int, int]) -> None:
    hot = file.at(1.25)
    async with data(file.path, size=size) as ui:
        await ui.answer("h", str(THRESHOLD))
        await ui.press(">", ">")
        assert ui.look.temperature == 1.25
        changes = {"log loss": hot.log_loss - file.log_loss, "Brier": hot.brier - file.brier,
                   "ECE": hot.ece() - file.ece()}  # fmt: skip
        for name, change in changes.items():
            assert numbers(ui.line("figures", name).removeprefix(f" {name}"))[1] == near(change)
        # the terms of the Brier score
        words = " ".join(ui.pane("figures").partition("Brier = ")[2].split())
        now, before = terms(hot.p, file.y), terms(file.p, file.y)
        for name in now:
            said = re.search(rf"([\d.e−]+)\)?(?: Δ([+−][\d.e−]+))? {name}", words)
            assert said is not None, (name, words)
            assert numbers(said[1]) == [pytest.approx(abs(now[name]), rel=1e-3)]
            if abs(now[name] - before[name]) > 1e-12:
                assert numbers(said[2].lstrip("+")) == [near(now[name] - before[name])]
            else:
                assert said[2] is None
        # the matrix and what it says
        was, is_now = file.confusion(THRESHOLD), hot.confusion(THRESHOLD)
        assert was != is_now
        for name, k in (("y = 1", 0), ("y = 0", 2)):
            expected = [x for i in (k, k + 1) for x in (is_now[i], is_now[i] - was[i]) if x]
            assert beside(ui, name) == expected
        for name, value in ratios(is_now).items():
            gap = value - ratios(was)[name]
            assert beside(ui, name) == [pytest.approx(value, rel=1e-3), *([near(gap)] if gap else [])]


@pytest.mark.parametrize("size", SIZES)
async def test_every_number_of_a_loss_has_its_change(file: Predictions, size: tuple[int, int]) -> None:
    hot = file.at(1.25)
    async with data(file.path, size=size) as ui:
        await ui.press(">", ">")
        squares = [(x.p - x.y) ** 2 for x in (hot, file)]
        pulls = [abs(x.p - x.y) for x in (hot, file)]
        flat = [2 * pull * x.p * (1 - x.p) for pull, x in zip(pulls, (hot, file), strict=True)]
        for name, (now, before), slopes in (
            ("a cross-entropy", (hot.losses, file.losses), pulls), ("b squared-error", squares, flat),
        ):  # fmt: skip
            lines = ui.part("readout")
            at = next(i for i, line in enumerate(lines) if line.lstrip(" ▸").startswith(name))
            error = [x.std(ddof=1) / np.sqrt(len(x)) for x in (now, before)]
            worst = [100 * np.sort(s)[::-1][:4].sum() / s.sum() for s in slopes]
            expected = [now.mean() - before.mean(), now.sum() - before.sum(), worst[0] - worst[1]]
            assert lines[at + 1].split()[0] == "change"
            assert numbers(lines[at + 1].replace("+", "")) == [near(x) for x in expected]
            assert numbers(lines[at])[:2] == [pytest.approx(now.mean(), rel=1e-3), pytest.approx(error[0], rel=3e-2)]


def write_weights(path: Path) -> tuple[Floats, Floats, Floats]:
    """Labels, probabilities and weights."""
    chance = np.random.default_rng(8)
    p, w = chance.random(300), chance.gamma(1.0, 2.0, 300)
    y = (chance.random(300) < p).astype(float)
    rows = [f"{int(a)},{b!r},{c!r}" for a, b, c in zip(y, p.tolist(), w.tolist(), strict=True)]
    path.write_text("\n".join(["label,probability,weight", *rows]) + "\n")
    return y, p, w


async def test_each_mean_stands_beside_its_own_standard_error() -> None:
    y, p, w = write_weights(Path("weights.csv"))

    def figures(p: Floats) -> list[float]:
        loss = -np.log(np.where(y == 1, p, 1 - p))
        mean = (w * loss).sum() / w.sum()
        weighted = np.sqrt((w**2 * (loss - mean) ** 2).sum()) / w.sum()
        return [mean, weighted, (w * loss).mean(), loss.mean(), loss.std(ddof=1) / np.sqrt(300)]

    async with data(Path("weights.csv")) as ui:
        heads, row = ui.part("readout")[1:3]
        assert re.split("  +", heads.strip())[:5] == ["Σwℓ/Σw", "s.e.", "Σwℓ/n", "mean", "s.e. worst 1%"]
        assert numbers(row)[:5] == [pytest.approx(x, rel=3e-2) for x in figures(p)]
        await ui.press(">", ">")
        z = np.log(p / (1 - p)) / 1.25
        changes = np.subtract(figures(1 / (1 + np.exp(-z))), figures(p))[[0, 2, 3]]
        assert numbers(ui.part("readout")[3].replace("+", ""))[:3] == [near(float(x)) for x in changes]


async def test_it_is_told_what_changes_are_against(file: Predictions) -> None:
    async with data(file.path) as ui:
        for keys, told in (
            (["w"], "smoothing 0"),
            ([">"], "T = 1, smoothing 0"),
            (["p", *"2", "enter"], "T = 1, smoothing 0, cross-entropy w₊ = 1"),
            (["<", "w", "w", "w", "w"], "cross-entropy w₊ = 1"),
            (["c", "enter", ">"], "T = 1"),
            (["c", "enter", "<"], "T = 1.1"),
        ):
            await ui.press(*keys)
            assert f"changes are against {told} · 0 goes back" in ui.pane("readout")
        await ui.press(">")
        assert "change" not in ui.pane("readout")


async def test_the_temperature_told_is_that_of_the_file(file: Predictions) -> None:
    async with data(file.path) as ui:
        head = ui.part("figures")[1]
        found = re.search(r"at T=(\S+)\* +(\S+z[+−]\S+)\*", head)
        assert found is not None
        await ui.press(">", ">", ">")
        assert found[0].split() == re.search(r"at T=.*?z[+−]\S+", ui.part("figures")[1])[0].split()  # type: ignore[index]
        z, t = np.log(file.p / (1 - file.p)), float(found[1])
        pull = [float((1 / (1 + np.exp(-z / x)) - file.y) @ z) for x in (t * 0.995, t * 1.005)]
        assert pull[0] * pull[1] < 0  # the log loss is least in between


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (110, 36), (40, 12)])
async def test_where_not_all_changes_fit_none_is_cut(file: Predictions, size: tuple[int, int]) -> None:
    async with data(file.path, size=size) as ui:
        await ui.press(">", ">", "w", "p", *"1.5", "enter")
        for part in ("figures", "readout"):
            if ui.screen.query_one(f"#{part}").region.height:
                assert all(line.endswith(" ") or len(line.rstrip()) <= size[0] for line in ui.part(part))
        words = ui.pane("figures")
        assert ("Brier = " in words) == ("covariance within bins" in words)
        for name in ("log loss", "Brier"):
            line = ui.line("figures", name)
            assert len(re.split("  +", line.strip())) >= 2


async def test_classes_have_their_changes() -> None:
    y, p = write_classes(Path("classes.csv"))
    hot = p ** (1 / 1.25)
    hot /= hot.sum(axis=1, keepdims=True)
    own = np.arange(len(y)), y
    async with data(Path("classes.csv")) as ui:
        await ui.press(">", ">")
        before, now = (-np.log(x[own]) for x in (p, hot))
        assert numbers(ui.line("figures", "log loss"))[1] == near(now.mean() - before.mean())
        assert numbers(ui.part("readout")[3].replace("+", ""))[1] == near(now.sum() - before.sum())
        assert f"{int((p.argmax(axis=1) == y).sum())} of {len(y)} right" in ui.pane("figures")


async def test_the_name_of_a_loss_is_whole_where_there_is_room(file: Predictions) -> None:
    async with data(file.path) as ui:
        await ui.answer("p", "pos_weight=.5")
        assert "a cross-entropy w₊=0.5 " in ui.pane("readout")


@pytest.mark.parametrize("size", [(120, 40), (120, 38), (200, 60), (100, 30)])
async def test_the_changes_of_the_current_loss_are_seen_with_it(file: Predictions, size: tuple[int, int]) -> None:
    shown = ("cross-entropy", "squared-error", "focal", "absolute-error", "hinge")
    async with data(file.path, size=size, view=view_of(*shown)) as ui:
        await ui.press(">", *(["m"] if size == (100, 30) else []))
        names = ["a cross-entropy", "b squared-error", "c focal", "d absolute-error", "e hinge"]
        rows = [i for i, row in enumerate(ui.subject.rows) if row.shown]
        letters = [name[0] for name in names]
        for down in [*range(max(rows)), *([-1] * max(rows))]:
            await ui.press("up" if down < 0 else "down")
            current = ui.state.current
            if current not in rows:
                continue
            seen = [line.replace("▸", " ").split() for line in ui.part("readout")[2:-1] if line.strip()]
            at = next(i for i, words in enumerate(seen) if words[0] == letters[rows.index(current)])
            assert seen[at + 1][0] == "change"
            assert seen[0][0] in letters  # none without its loss above it
