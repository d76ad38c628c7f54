"""The pictures of the Data screen: what is drawn, what the words say, and that nothing breaks them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from rich.cells import cell_len

from lossterm.chart.cells import cut, plain, width_of
from lossterm.chart.picture import Picture
from lossterm.chart.ticks import linear_ticks
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.numbers import significant
from lossterm.core.statistics.binary_figures import conclude
from lossterm.core.statistics.binary_sums import new_summary
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.examples import Examples, Kind
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.loss_sums import loss_edges
from lossterm.core.statistics.question import Question, class_criterion
from lossterm.predictions.pictures import PredictionFigure, Shown, draw
from lossterm.predictions.pictures.bands import even_ticks, places
from lossterm.predictions.pictures.distribution import surely
from lossterm.predictions.pictures.figure import SEPARATOR, eighths, percent
from lossterm.predictions.view import PAGES

LOSSES_OF = ("cross-entropy", "squared-error", "focal")
SIZES = ((1, 1), (2, 3), (5, 4), (8, 2), (20, 5), (40, 12), (58, 16), (100, 25), (400, 120))

P = np.array([0.02, 0.03, 0.04, 0.1, 0.3, 0.45, 0.6, 0.7, 0.9, 0.95, 0.97, 0.99])
Y = np.array([0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0])


def find(
    prediction: ArrayLike, label: ArrayLike, kind: Kind = "probability", names: Sequence[str] = LOSSES_OF,
    bins: int = 5, keep: int = 1000, temperature: float = 1.0,
) -> Findings:  # fmt: skip
    p, y = np.asarray(prediction, dtype=float), np.asarray(label, dtype=float)
    if p.ndim == 2:
        criteria = tuple(class_criterion(name) for name in names if name != "focal")
        question = Question(kind, criteria, p.shape[1], bins=bins, keep=keep)
    else:
        asked = tuple(Criterion(LOSSES[name], tuple(LOSSES[name].complete({}).items())) for name in names)
        question = Question(kind, asked, bins=bins, keep=keep, temperature=temperature)
    summary = new_summary(question)
    summary.add(Examples(np.arange(1, len(y) + 1), y, p))
    with ThreadPoolExecutor(1) as executor:
        return conclude(summary, executor)


def shown(findings: Findings) -> tuple[Shown, ...]:
    return tuple(Shown("abcdefgh"[i], i, loss.criterion.loss.id) for i, loss in enumerate(findings.losses))


def page(
    name: str, findings: Findings, size: tuple[int, int] = (58, 16), **options: bool | float | int
) -> PredictionFigure:
    return draw(name, findings, size, shown=shown(findings), **options)  # type: ignore[arg-type]


def picture(figure: PredictionFigure) -> Picture:
    assert figure.panel is not None, figure.reason
    return figure.panel.picture


def canvas(figure: PredictionFigure) -> list[str]:
    drawn = picture(figure)
    rows = ["".join(run.text for run in row) for row in drawn.rows[drawn.top : drawn.top + drawn.lines]]
    return [row[drawn.left : drawn.left + drawn.columns] for row in rows]


def parts(figure: PredictionFigure, at: float) -> list[str]:
    return figure.words(at).split(SEPARATOR)


@pytest.fixture(scope="module")
def small() -> Findings:
    return find(P, Y)


def check(figure: PredictionFigure, size: tuple[int, int]) -> None:
    """What holds of every figure."""
    if figure.panel is None:
        assert figure.reason
        assert figure.cursor(0.5) == {}
        assert figure.words(0.5) == ""
        assert figure.column(0.5) == -1
        return
    drawn = figure.panel.picture
    assert len(drawn.rows) == size[1]
    assert all(sum(len(run.text) for run in row) == size[0] for row in drawn.rows)
    assert figure.stops.size
    assert (np.diff(figure.stops) > 0).all()
    assert figure.legend
    for at in [*figure.stops.tolist()[:: max(figure.stops.size // 9, 1)], float(figure.stops[-1])]:
        assert -1 <= figure.column(at) < drawn.columns
        assert all(0 <= row < drawn.lines and len(cell[0]) == 1 for row, cell in figure.cursor(at).items())
        assert all(part.strip() == part and part for part in parts(figure, at))


# ---- reliability ---------------------------------------------------------------------------------------------------


def test_the_words_of_a_bin_are_its_numbers(small: Findings) -> None:
    inside = (P > 0.8) & (P <= 1.0)
    confidence, frequency = P[inside].mean(), Y[inside].mean()
    said = parts(page("reliability", small), 0.9)
    assert said[:4] == [
        "bin (0.8, 1]",
        f"{inside.sum()} examples",
        f"confidence {significant(confidence, 3)}",
        f"frequency {significant(frequency, 3)}",
    ]
    assert float(said[4].removeprefix("gap +")) == pytest.approx(confidence - frequency, abs=0.00051)
    assert small.temperature.value is not None
    assert any(part.startswith(f"fit T = {significant(small.temperature.value, 3)}: gap ") for part in said)


def test_an_edge_belongs_to_the_bin_below_it() -> None:
    figure = page("reliability", find([0.0, 0.1, 0.2, 0.6, 0.7], [0, 1, 0, 1, 0]))
    assert parts(figure, 0.0)[0] == "bin [0, 0.2]"
    assert parts(figure, 0.2)[:2] == ["bin [0, 0.2]", "3 examples"]
    assert parts(figure, 0.4)[1] == "no example in this bin"
    assert parts(figure, 0.6)[:2] == ["bin (0.4, 0.6]", "1 example"]


def test_bins_of_equal_counts(small: Findings) -> None:
    assert small.calibration is not None
    assert small.calibration.mass is not None
    mass = small.calibration.mass
    figure = page("reliability", small, mass=True)
    assert parts(figure, float(P[0]))[0].startswith("bin [0.02, ")
    assert parts(figure, float(mass.upper[1]))[1] == f"{mass.count[1]} examples"
    assert f"ECE {significant(mass.ece, 2)}" in figure.legend[0][0]


def test_points_stand_where_they_belong_and_the_diagonal_between_them(small: Findings) -> None:
    figure = page("reliability", small)
    rows = canvas(figure)
    assert small.calibration is not None
    width = small.calibration.width
    for confidence, frequency in zip(width.confidence, width.frequency, strict=True):
        row = min(int((1 - frequency) * len(rows)), len(rows) - 1)
        assert rows[row][int(confidence * len(rows[0]))] in "●•"
    assert sum(row.count("·") for row in rows) > 8
    assert set(rows[-1]) & set("▁▂▃▄▅▆▇█")


def test_soft_labels_have_a_diagram_without_platt() -> None:
    figure = page("reliability", find([0.2, 0.6, 0.8], [0.1, 0.5, 0.9]))
    assert not any("Platt" in text for text, _ in figure.legend)


# ---- histogram -----------------------------------------------------------------------------------------------------


def test_the_bars_are_counted_by_label(small: Findings) -> None:
    figure = page("histogram", small, (100, 25))
    assert parts(figure, 0.96)[1:] == ["y=1: 0", "y=0: 1", "0% is y=1", "8.33% of all"]
    assert parts(figure, 0.5) == ["p in [0.5, 0.517)", "no example"]
    assert parts(figure, 1.0)[0] == "p in [0.983, 1]"
    text = "\n".join(canvas(figure))
    assert " y=1 " in text
    assert " y=0 " in text


@pytest.mark.parametrize("width", [10, 20, 30, 40, 58, 70, 200])
def test_every_bar_has_a_column(width: int, small: Findings) -> None:
    figure = page("histogram", small, (width, 16))
    seen = {parts(figure, stop)[0] for stop in figure.stops.tolist()}
    assert sum(int(parts(figure, stop)[1].removeprefix("y=1: ").replace("no example", "0"))
               for stop in _one_of_each(figure, seen)) == 6  # fmt: skip


def _one_of_each(figure: PredictionFigure, seen: set[str]) -> list[float]:
    first: dict[str, float] = {}
    for stop in figure.stops.tolist():
        first.setdefault(parts(figure, stop)[0], stop)
    assert set(first) == seen
    return list(first.values())


def test_the_threshold_is_a_line(small: Findings) -> None:
    rows = canvas(page("histogram", small, (58, 16), threshold=0.25))
    assert sum(row[13] == "┊" for row in rows) > 5
    assert not any("┊" in row[:13] + row[14:] for row in rows)


def test_one_example_is_seen_beside_a_million() -> None:
    findings = find([0.1, 0.9], [0, 1])
    assert findings.bars is not None
    counts = findings.bars.copy()
    counts[0, 6] = 1_000_000
    rows = canvas(page("histogram", replace(findings, bars=counts)))
    assert any("▁" in row for row in rows)
    assert parts(page("histogram", replace(findings, bars=counts)), 0.1)[2] == "y=0: 1,000,000"


# ---- losses --------------------------------------------------------------------------------------------------------


def test_the_examples_here_and_above_are_counted_exactly(small: Findings) -> None:
    figure = page("losses", small)
    value = -np.log(np.where(Y == 1, P, 1 - P))
    edge = loss_edges()
    covered = 0
    for stop in figure.stops.tolist():
        said = parts(figure, stop)
        low, _, high = said[0].removeprefix("L ").partition(" to ")
        bounds = [edge[np.abs(np.log(edge / float(x.replace("−", "-")))).argmin()] for x in (low, high)]
        here, above = (value >= bounds[0]) & (value < bounds[1]), value >= bounds[1]
        assert said[1].startswith(f"a: {percent(here.mean())} here")
        assert (f", {percent(above.mean())} above" in said[1]) == bool(above.any())
        covered += here.sum()
        likely = said[2].removeprefix("p of the label ").split(" to ")
        for one, other in zip(likely, (high, low), strict=True):  # of the same examples, as far as digits tell it
            p = 1 - float(one[4:].replace("−", "-")) if one.startswith("1 − ") else float(one)
            assert p == pytest.approx(math.exp(-float(other.replace("−", "-"))), rel=6e-3)
    assert covered >= len(P)
    assert "p of the label" not in page("losses", small, current=1).words(-1.0)


def test_what_the_worst_hold_of_the_sum_is_nearly_right(small: Findings) -> None:
    figure = page("losses", small)
    value = -np.log(np.where(Y == 1, P, 1 - P))
    said = parts(figure, 0.0)[1]
    edge = float(parts(figure, 0.0)[0].partition(" to ")[2].partition(" ")[0])
    held = float(said.partition("hold ≈")[2].partition("%")[0]) / 100
    assert held == pytest.approx(value[value > edge].sum() / value.sum(), rel=0.03)


def test_zeros_and_infinities_are_told() -> None:
    figure = page("losses", find([0.0, 1.0, 1.0, 0.3], [0, 1, 0, 1]))
    said = parts(figure, 0.0)[1]
    assert "50% below" in said
    assert "50% above" in said
    assert said.endswith("1 are ∞")


def test_nothing_but_infinities_has_no_picture() -> None:
    figure = page("losses", find([0.0, 1.0], [1, 0], names=("cross-entropy",)))
    assert figure.panel is None
    assert "∞" in figure.reason


def test_the_current_loss_is_drawn_where_not_all_can_be() -> None:
    findings = find(P, Y, names=("cross-entropy", "squared-error", "focal", "absolute-error", "log-cosh"))
    figure = page("losses", findings, (40, 7), current=4)
    text = "\n".join(canvas(figure))
    assert " e " in text
    assert parts(figure, -1.0)[1].startswith("e: ")


# ---- share ---------------------------------------------------------------------------------------------------------


def test_the_worst_hold_what_they_hold(small: Findings) -> None:
    slope = np.sort(np.abs(P - Y))[::-1]
    figure = page("share", small)
    for part, count in ((0.01, 1), (0.1, 2), (0.25, 3), (0.5, 6), (1.0, 12)):
        said = parts(figure, part)[0]
        assert said.startswith(f"the worst {percent(part)} ({count} example")
        assert said.endswith(f": a {percent(slope[:count].sum() / slope.sum())}")


def test_the_legend_has_the_share_of_the_worst_percent(small: Findings) -> None:
    assert small.losses[0].share.value is not None
    figure = page("share", small)
    assert figure.legend[1] == (f"  a cross-entropy {percent(small.losses[0].share.value)}", 0)
    assert 0.1 in figure.stops
    assert 1.0 in page("share", small, (100, 16)).stops


def test_many_examples_have_the_shares_of_the_findings() -> None:
    rng = np.random.default_rng(5)
    p = rng.random(60_000)
    findings = find(p, rng.random(p.size) < p, keep=100_000)
    figure = page("share", findings)
    for loss, said in zip(findings.losses, parts(figure, 0.01), strict=True):
        assert loss.share.value is not None
        assert said.endswith(f" {percent(loss.share.value)}")


def test_without_slopes_there_is_no_curve() -> None:
    figure = page("share", find(P, Y, keep=5))
    assert figure.panel is None
    assert figure.reason


@pytest.mark.parametrize("at", [-1000.0, -3.1234, 1000.0])
def test_the_numbers_are_those_of_the_point_wherever_it_is(small: Findings, at: float) -> None:
    said = page("curve", small).words(at)
    assert f"L {significant(float(np.logaddexp(0, -at)), 3)}," in said
    assert f"L {significant(float(np.logaddexp(0, at)), 3)}," in said
    assert ("here" in said) == (abs(at) < 1000)


# ---- curve ---------------------------------------------------------------------------------------------------------


def test_the_examples_stand_in_the_column_of_their_logit(small: Findings) -> None:
    figure = page("curve", small)
    z = np.log(P / (1 - P))
    columns = np.array([figure.column(x) for x in z])
    assert (columns >= 0).all()
    at = float(figure.stops[columns[3]])  # p = 0.1, y = 1
    here = {y: int(((columns == columns[3]) & (y == Y)).sum()) for y in (0, 1)}
    loss, slope = math.log1p(math.exp(-at)), 1 / (1 + math.exp(-at)) - 1
    said = parts(figure, at)
    noun = "example" if here[1] == 1 else "examples"
    told = f"(L {significant(loss, 3)}, ∂L/∂z {significant(slope, 3)})"
    assert said[2] == f"{here[1]} {noun} of y=1 here {told}"
    pull = np.abs(P - Y)
    assert f"they hold {percent(pull[columns == columns[3]].sum() / pull.sum())} of Σ|∂L/∂z|" in said
    assert said[1] == f"p {significant(1 / (1 + math.exp(-at)), 3)}"


def test_what_is_beyond_the_window_is_told() -> None:
    figure = page("curve", find([0.0, 1e-12, 0.5, 1.0, 1.0], [0, 0, 1, 1, 1]))
    assert figure.words(0.0).endswith("2 below −20 · 2 above 20")


def test_temperature_moves_the_examples() -> None:
    figure = page("curve", find(P, Y, temperature=2.0))
    at = float(figure.stops[figure.column(math.log(1 / 9) / 2)])
    assert "1 example of y=1 here" in figure.words(at)


def test_marks_stand_for_counts() -> None:
    figure = page("curve", find([0.01] * 1 + [0.5] * 20 + [0.99] * 200, [0] * 221))
    text = "".join(canvas(figure))
    assert [text.count(mark) for mark in "·•●"] == [1, 1, 1]


@pytest.mark.parametrize(
    ("findings", "why"),
    [
        (find([0.2, 0.7], [0.1, 0.8]), "not all 0 or 1"),
        (find([1.5, 2.0], [1.0, 2.0], kind="value", names=("squared-error",)), "plain values"),
        (find(P, Y, keep=5), "too many rows"),
        (find([[0.2, 0.8], [0.6, 0.4]], [0, 1]), "K classes"),
    ],
)
def test_where_there_is_no_one_curve_it_says_so(findings: Findings, why: str) -> None:
    figure = page("curve", findings)
    assert figure.panel is None
    assert why in figure.reason


def test_examples_at_infinity_are_counted_and_not_drawn() -> None:
    findings = find([0.0, 0.0, 1.0, 0.5, 0.25], [1, 0, 1, 1, 0])
    figure = page("curve", findings)
    assert ("  3 at ±∞ not on it", -1) in figure.legend
    assert parts(figure, 0.0)[2] == "3 at ±∞"
    assert not any("∞" in text for text, _ in page("curve", find([0.5, 0.25], [1, 0])).legend)


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        # e^−L: by math.exp to more digits, and the series 1 − L + L²/2
        (2.302585092994046, "0.100"), (0.1, "0.905"), (0.02, "0.980"), (0.000152, "0.999848"), (1e-5, "0.9999900"),
        (3.2e-12, "1 − 3.20e−12"), (800.0, "0"),
    ],
)  # fmt: skip
def test_a_probability_near_one_is_not_one(loss: float, told: str) -> None:
    shown = surely(loss)
    assert shown == told or math.isclose(float(shown.replace("−", "-")), math.exp(-loss), rel_tol=1e-3)


def test_only_cross_entropy_of_probabilities_is_a_surprise() -> None:
    assert "p of the label" in parts(page("losses", find([0.9, 0.2], [1, 1])), -1.0)[2]
    values = find([1.5, 0.2, 0.4], [1.0, 1.0, 0.0], "value", ("cross-entropy",))
    assert "p of the label" not in page("losses", values).words(-1.0)


def test_every_mark_has_a_name_in_every_legend(small: Findings) -> None:
    figure = page("reliability", small)
    texts = ["".join(text for text, _ in legend) for legend in (figure.legend, *figure.brief)]
    assert [len(text) for text in texts] == sorted((len(text) for text in texts), reverse=True)
    for text in texts:
        assert re.fullmatch(r"● ?.*○ ?(fit )?T.*◇ ?(fit )?Platt.*", text)


# ---- classes -------------------------------------------------------------------------------------------------------

SOFTMAX = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.5, 0.3, 0.2], [0.2, 0.2, 0.6], [0.6, 0.3, 0.1]])
TRUTH = np.array([0.0, 1.0, 2.0, 2.0, 0.0])


def classified(size: tuple[int, int], *names: str) -> PredictionFigure:
    findings = find(SOFTMAX, TRUTH)
    return draw("classes", findings, size, shown=shown(findings), classes=names)


def test_cells_decide_at_any_threshold_and_say_how_surely() -> None:
    findings = find([0.2, 0.5004999, 0.5005, 0.5005001, 0.9], [0, 0, 1, 1, 1], keep=2)
    sure, unsure = (
        draw("classes", findings, (60, 6), shown=shown(findings), threshold=threshold) for threshold in (0.5, 0.5005)
    )
    texts = ["".join(text for text, _ in figure.legend) for figure in (sure, unsure)]
    assert texts[0].endswith("1 where p > 0.5")
    assert texts[1].endswith("1 where p > 0.5005  ± 2 till counted")


def test_the_matrix_as_text() -> None:
    figure = classified((30, 6), "cat", "dog", "cow")
    assert picture(figure).text().split("\n") == [
        "       cat   dog   cow",
        "cat      2     ·     ·",
        "dog      ·     1     ·",
        "cow      1     ·     1",
        "",
        "",
    ]
    assert figure.words(2) == (
        "class cow: 2 examples · precision 1.00 · recall 0.500 · F1 0.667 · mostly mistaken for cat (1)"
    )
    assert parts(figure, 0)[-1] == "mistaken for it: mostly cow (1)"
    assert figure.cursor(2) == {0: ("│", -1), 1: ("│", -1), 2: ("│", -1), 3: ("▸", 1)}
    assert [figure.column(k) for k in range(4)] == [0, 6, 12, 17]


def test_two_classes_follow_the_threshold(small: Findings) -> None:
    for threshold in (0.2, 0.65):
        right = int(((threshold < P) == (Y == 1)).sum())
        figure = page("classes", small, threshold=threshold)
        assert figure.legend[1][0] == f"  {right} right ({percent(right / 12)})"
        assert f"recall {significant(((threshold < P) & (Y == 1)).sum() / 6, 3)}" in parts(figure, 1)


def many_classes(at: float, size: tuple[int, int] = (58, 16)) -> tuple[PredictionFigure, list[str]]:
    """A hundred classes of 40 examples each, of which class k is taken for (7k + 3) mod 100."""
    truth = np.repeat(np.arange(100), 40)
    p = np.full((4000, 100), 0.1 / 99)
    p[np.arange(4000), (7 * truth + 3) % 100] = 0.9
    findings = find(p, truth)
    figure = draw("classes", findings, size, shown=shown(findings), at=at)
    return figure, picture(figure).text().split("\n")


def test_many_classes_are_shaded_and_cut() -> None:
    figure, rows = many_classes(0)
    assert rows[-1].strip() == "…"
    assert all(row.endswith("…") for row in rows[1:-1])
    assert set("".join(rows[1:-1])) <= set(" ·░▒▓█…0123456789")
    assert figure.stops.size == 100
    assert figure.column(99) == -1
    assert not figure.has_seen(99)
    assert parts(figure, 99)[0].startswith("class 99: ")


@pytest.mark.parametrize("at", [0, 1, 7, 50, 52, 93, 98, 99])
def test_the_class_at_the_cursor_is_seen_and_what_else_is_told(at: int) -> None:
    figure, rows = many_classes(at)
    drawn = picture(figure)
    assert figure.has_seen(at)
    line = next(row for row, (mark, _) in figure.cursor(at).items() if mark == "▸")
    assert rows[line].split()[0].removesuffix("…") == str(at)
    assert 0 <= figure.column(at) < drawn.columns
    # each row shows its one full cell where the class that it is taken for has a column, and no other
    said = re.fullmatch(r"label (\d+)–(\d+) ↓ decided (\d+)–(\d+) → of 100", figure.legend[0][0])
    assert said is not None
    first, last, left, right = map(int, said.groups())
    assert first <= at <= last
    assert left <= at <= right
    for k, row in enumerate(rows[1 : 2 + last - first], first):
        column = [i for i, c in enumerate(row) if c == "█"]
        expected = (7 * k + 3) % 100
        assert column == ([drawn.left + 2 * (expected - left) + 1] if left <= expected <= right else [])
    assert (rows[0].strip()[0] == "…") == (first > 0)
    assert (rows[-1].strip() == "…") == (last < 99)
    assert all((row[drawn.left - 1] == "…") == (left > 0) for row in rows[1 : 2 + last - first])
    assert figure.has_seen(first) == (first >= left)


def test_all_classes_are_seen_where_there_is_room() -> None:
    figure, _ = many_classes(50, (220, 102))
    assert figure.legend[0][0] == "label ↓ decided →"
    assert all(figure.has_seen(k) for k in range(100))


def test_names_keep_their_characters_in_their_cells() -> None:
    assert plain("a\tb\n猫e\u0301q\u0301\x1b") == "a?b?猫éq?"
    figure = classified((30, 6), "高い鳥", "dog", "\x1b[1m")
    rows = [row.rstrip() for row in picture(figure).text().splitlines()]
    assert rows[:4] == [
        "        高い鳥    dog   ?[1m",
        "高い鳥       2      ·      ·",
        "   dog       ·      1      ·",
        "  ?[1m       1      ·      1",
    ]
    for row in picture(figure).rows:  # each is as wide as the picture, as rich (which no layer below may load) sees it
        assert cell_len("".join(run.text for run in row)) == 30
    assert [width_of(text) == cell_len(text) for text in ("abc", "高い鳥", "кошка", "🦉é", "")] == [True] * 5
    assert [cut("高い鳥", n) for n in (6, 5, 4, 3, 1, 0)] == ["高い鳥", "高い…", "高…", "高…", "…", ""]


# ---- everything ----------------------------------------------------------------------------------------------------

CASES = {
    "small": find(P, Y),
    "logits": find(np.log(P / (1 - P)), Y, kind="logit"),
    "one row": find([0.3], [1]),
    "one class": find([0.1, 0.4, 0.9], [1, 1, 1]),
    "infinite": find([0.0, 0.0, 1.0], [1, 1, 0]),
    "certain and right": find([0.0, 1.0], [0, 1]),
    "all the same": find([0.5] * 40, [0, 1] * 20),
    "soft": find([0.2, 0.7, 0.4], [0.1, 0.8, 0.5]),
    "counted in cells": find(P, Y, keep=5),
    "hinge": find(P, Y, names=("hinge", "zero-one", "poisson")),
    "values": find([1.5, -2.0, 300.0], [1.0, 2.0, 3.0], "value", ("squared-error", "poisson", "gaussian-nll")),
    "two of K": find([[0.2, 0.8], [0.6, 0.4]], [0, 1]),
    "three of K": find(SOFTMAX, TRUTH),
    "one of K": find([[0.2, 0.5, 0.3]], [1]),
    "hundred": find(np.full((3, 100), 0.01), [0, 50, 99]),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.sampled(8)
def test_every_page_at_every_size(name: str, case: str) -> None:
    for size in SIZES:
        check(page(name, CASES[case], size), size)
    for options in ({"mass": True}, {"log_y": True}, {"threshold": 0.0}, {"threshold": 1.0}):
        check(page(name, CASES[case], (58, 16), **options), (58, 16))


@settings(max_examples=60)
@given(st.data())
@pytest.mark.exhaustive
def test_nothing_breaks_a_page(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 12))
    awkward = st.one_of(st.sampled_from([0.0, 1.0, 0.5, 1e-300, 1 - 2**-53]), st.floats(0, 1))
    p = data.draw(st.lists(awkward, min_size=n, max_size=n))
    y = data.draw(st.lists(st.sampled_from([0, 1]), min_size=n, max_size=n))
    size = (data.draw(st.integers(0, 130)), data.draw(st.integers(0, 40)))
    keep = data.draw(st.sampled_from([3, 100]))
    findings = find(p, y, bins=data.draw(st.integers(1, 40)), keep=keep)
    options = {"mass": data.draw(st.booleans()), "log_y": data.draw(st.booleans())}
    for name in PAGES:
        check(page(name, findings, size, current=data.draw(st.integers(0, 2)), **options), size)


def test_an_unknown_page_and_too_few_letters_are_errors(small: Findings) -> None:
    with pytest.raises(ValueError, match="a page is one of"):
        page("tables", small)
    with pytest.raises(ValueError, match="3 losses"):
        draw("losses", small, (58, 16), shown=())


def test_bands_share_the_rows() -> None:
    assert [(place.top, place.bottom) for place in places(2, 14)] == [(0, 6), (8, 13)]
    assert [(place.top, place.bottom) for place in places(2, 5)] == [(0, 1), (3, 4)]
    assert [place.room for place in places(3, 4)] == [2, 1, 1]
    assert [place.room for place in places(2, 1)] == [1, 0]
    assert [eighths(x, 16) for x in (0.0, 1e-9, 0.5, 1.0)] == [0, 1, 8, 16]


def test_bins_of_equal_counts_after_scaling_too() -> None:
    findings = find(P, Y, bins=3)
    assert findings.tempered is not None and findings.tempered.mass is not None
    figure = draw("reliability", findings, (60, 20), shown=shown(findings), mass=True)
    assert f": ECE {significant(findings.tempered.mass.ece, 2)}" in "".join(text for text, _ in figure.legend)


def ticks_up_to(top: float, most: int) -> list[tuple[float, str]]:
    return [(tick.position / top, tick.label) for tick in linear_ticks(0.0, top, most)]


@pytest.mark.parametrize("lines", range(4, 60))
@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_ticks_of_histograms_are_the_same_number_of_rows_apart(lines: int, count: int) -> None:
    for place in places(count, lines):
        for top in (3.0, 7.3, 12.0, 28.0, 33.4, 61.0, 76.0, 99.0):
            found = even_ticks(place, partial(ticks_up_to, top))
            rows = [place.height(part if part > 0 else 1e-9) for part, _ in found]
            assert len({after - before for before, after in pairwise(rows)}) <= 1, (top, found)
            assert len(found) >= 2 or place.room < 2
