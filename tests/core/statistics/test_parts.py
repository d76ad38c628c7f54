"""Parts of files: what is counted of some rows merges, and becomes bytes and back, to the last bit."""

from __future__ import annotations

import itertools
import json
import math
import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.core.jets import Array
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.own.definition import defined
from lossterm.core.packing import MAGIC, VERSION, Packer, opened
from lossterm.core.statistics.binary_sums import BinarySummary
from lossterm.core.statistics.carrying import moved, question_of_record, question_record
from lossterm.core.statistics.cells import Cells
from lossterm.core.statistics.class_sums import ClassSummary
from lossterm.core.statistics.clip import CLIPS, Clip
from lossterm.core.statistics.condition import Holding
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.forecast import Forecast
from lossterm.core.statistics.part import Part, merged
from lossterm.core.statistics.question import Filter, Question, class_criterion, log_loss
from lossterm.core.statistics.sample import splitmix64
from lossterm.predictions.value_statistics import value_record

ROWS = 3000

VALUES = {
    "value": None,
    "quantiles": Forecast("quantiles", (0.05, 0.5, 0.75, 0.95)),
    "normal": Forecast("normal", (0.1, 0.5, 0.9)),
}
"""What tests are of values are called, and the distributions that these come with."""


def criterion(name: str, **params: float) -> Criterion:
    loss = defined(name) if ":" in name else LOSSES[name]
    return Criterion(loss, tuple(loss.complete(params).items()))


def question(what: str, *, weighted: bool = False, keep: int = 1 << 20) -> Question:
    if what == "classes":
        return Question("probability", (class_criterion("focal"),), 4, worst=7, weighted=weighted, keep=keep)
    losses = {
        **dict.fromkeys(VALUES, (criterion("squared-error"), criterion("huber", delta=0.5))),
        "logit": (criterion("cross-entropy", pos_weight=3.0), replace(criterion("hinge"), of_score=True)),
    }.get(what, (criterion("squared-error"), criterion("own: -y*log(p) - (1-y)*log(1-p)")))
    kind: Any = "probability" if what in ("soft", "clipped") else "value" if what in VALUES else what
    clip = Clip(None, 1e-3) if what == "clipped" else None
    return Question(kind, losses, worst=7, weighted=weighted, keep=keep, clip=clip, forecast=VALUES.get(what))


def distributions(asked: Question, prediction: Array) -> Array | None:
    """Quantiles, some of which cross or have no width, or standard deviations, by the prediction alone."""
    if asked.forecast is None:
        return None
    sd = (np.abs(prediction) + 0.1)[:, None]
    return sd if asked.forecast.is_normal else prediction[:, None] + np.sin(7 * sd) * [-1.6, 0.0, 0.8, 1.6]


def columns(what: str, count: int = ROWS) -> tuple[Array, Array, Array]:
    """Labels, predictions and weights; among them certainties, right and wrong, and numbers of all sizes."""
    rng = np.random.default_rng(len(what))
    z = rng.normal(0.0, 4.0, count) * rng.choice([1.0, 1e-8, 30.0], count, p=[0.8, 0.1, 0.1])
    y = (rng.random(count) < 1 / (1 + np.exp(-z / 3))).astype(float)
    w = rng.random(count) * 10.0 ** rng.integers(-3, 4, count)
    w[::50] = 0.0
    if what == "classes":
        return rng.integers(0, 4, count).astype(float), rng.dirichlet([0.3] * 4, count), w
    if what in ("logit", *VALUES):
        return (y if what == "logit" else rng.normal(size=count)), z, w
    p = 1 / (1 + np.exp(-z))
    p[::400], p[7::500] = 0.0, 1.0
    return (rng.random(count) if what == "soft" else y), p, w


def part(asked: Question, rows: slice, title: str = "a.csv") -> Part:
    what = "classes" if asked.classes else "soft" if asked.names else asked.kind
    return part_of(asked, columns(what), rows, title)


def part_of(asked: Question, table: tuple[Array, Array, Array], rows: slice, title: str = "a.csv") -> Part:
    label, prediction, weight = (column[rows] for column in table)
    counted = ClassSummary(asked) if asked.classes else BinarySummary(asked)
    told = distributions(asked, prediction)
    counted.add(
        Examples(np.arange(1, len(label) + 1), label, prediction, weight if asked.weighted else None, told=told)
    )
    return Part(asked, counted, ((title, len(label)),), label_names=("no", "yes"))


def cut(cuts: Sequence[int]) -> list[slice]:
    ends = [0, *sorted(cuts), ROWS]
    return [slice(a, b) for a, b in itertools.pairwise(ends)]


def told(found: Findings) -> dict[str, Any]:
    """Every number that is told of losses and calibration."""
    width = found.calibration.width if found.calibration is not None else None
    return {
        "losses": [
            (f.mean, f.total, f.standard_error, f.weighted_mean, f.weighted_standard_error, f.infinite, f.share)
            for f in found.losses
        ],
        "worst": [None if f.worst is None else f.worst.row.tolist() for f in found.losses],
        "width": None if width is None else (width.brier, width.ece, width.mce, width.confidence.tolist()),
        "ranked": (found.auroc, found.temperature, found.platt),
        "weighted": None if found.weighted is None else (found.weighted.weight_sum, found.weighted.temperature),
        "values": [json.dumps(value_record(each.values)) for each in (found, found.weighted) if each is not None],
    }


WHATS = ["probability", "soft", "clipped", "logit", *VALUES, "classes"]


@pytest.mark.parametrize("keep", [1 << 20, 500])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("what", WHATS)
def test_parts_are_together_what_one_of_all_rows_is_to_the_last_bit(what: str, weighted: bool, keep: int) -> None:
    asked, table = question(what, weighted=weighted, keep=keep), columns(what)
    whole = part_of(asked, table, slice(None))
    parts = [part_of(asked, table, rows) for rows in cut([1, 2, 700, 701, 2400])]
    by_bytes = [Part.from_bytes(each.to_bytes()) for each in parts]
    assert merged(parts).to_bytes() == whole.to_bytes()
    assert merged(by_bytes).to_bytes() == whole.to_bytes()
    again = Part.from_bytes(whole.to_bytes())
    assert again.to_bytes() == whole.to_bytes()
    assert told(again.findings()) == told(merged(parts).findings()) == told(whole.findings())
    assert merged(parts).files == (("a.csv", ROWS),)


@settings(max_examples=4)
@given(st.lists(st.integers(0, ROWS), min_size=2, max_size=3), st.randoms())
def test_sums_are_the_same_in_any_order_and_split(cuts: list[int], random: Any) -> None:
    asked, table = question("probability", weighted=True, keep=500), columns("probability")
    parts = [part_of(asked, table, rows) for rows in cut(cuts)]
    random.shuffle(parts)
    found = []
    for each in (merged(parts), part_of(asked, table, slice(None))):
        for tally in each.counted.tallies:
            tally.worst = None  # these are told by the order of the rows
        found.append(each.to_bytes())
    assert found[0] == found[1]


def test_adding_leaves_the_parts_as_they_are() -> None:
    asked, table = question("probability", keep=500), columns("probability")
    few, many = part_of(asked, table, slice(0, 100)), part_of(asked, table, slice(100, None))
    before = few.to_bytes(), many.to_bytes()
    both = few + many
    assert (few.to_bytes(), many.to_bytes()) == before
    assert few.counted.kept is not None and both.counted.kept is None


@pytest.mark.parametrize("what", VALUES)
def test_merging_values_leaves_the_parts_as_they_are(what: str) -> None:
    asked, table = question(what, weighted=True, keep=500), columns(what)
    few, many = part_of(asked, table, slice(0, 100)), part_of(asked, table, slice(100, None))
    before = told(few.findings()), told(many.findings())
    many + few, few + many, few + few, many + many
    assert (told(few.findings()), told(many.findings())) == before


def sampled(found: Part) -> list[int]:
    """The numbers of the rows that the errors over the predictions come from."""
    values = found.counted.values  # type: ignore[union-attr]
    assert values is not None
    return [int(row) for row in values.sample.examples().row]


@pytest.mark.parametrize("keep", [1 << 20, 1000])
def test_of_parts_that_keep_their_rows_the_sample_is_that_of_all(keep: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossterm.core.statistics.value_sums.SAMPLED", 100)
    asked, table = question("quantiles", weighted=True, keep=keep), columns("quantiles")
    whole = part_of(asked, table, slice(None))
    parts = [part_of(asked, table, rows) for rows in cut([1, 2, 700, 1400, 2300])]
    by_bytes = [Part.from_bytes(each.to_bytes()) for each in parts]
    assert merged(parts).to_bytes() == merged(by_bytes).to_bytes() == whole.to_bytes()
    smallest = np.argsort(splitmix64(np.arange(1, ROWS + 1)))[:100] + 1
    assert sampled(merged(parts)) == sampled(whole) == sorted(smallest.tolist())


def test_of_other_parts_the_sample_alone_depends_on_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossterm.core.statistics.value_sums.SAMPLED", 100)
    asked, table = question("normal", keep=500), columns("normal")
    whole = part_of(asked, table, slice(None))
    parts = [Part.from_bytes(part_of(asked, table, rows).to_bytes()) for rows in cut([1000, 2200])]
    both = merged(parts)
    assert both.to_bytes() == (parts[0] + parts[1] + parts[2]).to_bytes() == (parts[0] + merged(parts[1:])).to_bytes()
    rows = sampled(both)
    assert 90 <= len(rows) <= 100
    assert all(sum(a < row <= b for row in rows) > 10 for a, b in ((0, 1000), (1000, 2200), (2200, 3000)))
    values = both.counted.values  # type: ignore[union-attr]
    assert values is not None
    taken = values.sample.examples()
    assert np.array_equal(taken.label, table[0][taken.row - 1])  # each with the number of its row
    found, right = (json.loads(told(each.findings())["values"][0]) for each in (both, whole))
    assert found.pop("residuals") != right.pop("residuals")
    assert found == right


def test_values_of_every_size_are_carried() -> None:
    v = np.array([1e10, -1e200, 3e-310, 127.0, 128.0])
    for keep in (9, 2):
        asked = question("value", keep=keep)
        whole = part_of(asked, (v, np.zeros(5), np.ones(5)), slice(None))
        assert Part.from_bytes(whole.to_bytes()).to_bytes() == whole.to_bytes()
        assert (
            part_of(asked, (v, np.zeros(5), np.ones(5)), slice(0, 2))
            + part_of(asked, (v, np.zeros(5), np.ones(5)), slice(2, 5))
        ).to_bytes() == whole.to_bytes()


def test_pieces_of_a_file_that_know_their_place_have_the_sample_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossterm.core.statistics.value_sums.SAMPLED", 100)
    asked, table = question("value", weighted=True, keep=0), columns("value")
    found = []
    for rows in [slice(0, ROWS), *cut([700, 2300])]:
        counted = BinarySummary(asked, counting=True)
        y, v, w = (column[rows] for column in table)
        counted.add(Examples(np.arange(rows.start, rows.stop) + 1, y, v, w))
        one = Part(asked, moved(counted, -rows.start), (("a.csv", rows.stop - rows.start),), label_names=("no", "yes"))
        found.append(Part.from_bytes(one.to_bytes()))
    assert merged(found[1:]).to_bytes() == found[0].to_bytes()


def test_rows_are_counted_through() -> None:
    asked, table = question("probability"), columns("probability")
    whole = told(part_of(asked, table, slice(None)).findings())["worst"]
    parts = [part_of(asked, table, rows, title) for rows, title in zip(cut([1000]), "ab", strict=True)]
    both = parts[0] + parts[1]
    assert told(both.findings())["worst"] == whole
    assert both.files == (("a", 1000), ("b", ROWS - 1000)) and both.rows_read == ROWS


# ---- what does not merge --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bins": 10}, "bins 15 and 10"),
        ({"threshold": 0.4}, "threshold 0.5 and 0.4"),
        ({"temperature": 2.0}, "temperature 1.0 and 2.0"),
        ({"clip": CLIPS["keras"]}, "clip none and"),
        ({"weighted": True}, "weighted False and True"),
        ({"worst": 5}, "worst 7 and 5"),
        ({"keep": 9}, "keep 1048576 and 9"),
        ({"only": Filter(label=1.0)}, "only"),
        ({"criteria": (log_loss(),)}, "losses squared-error"),
        ({"criteria": (replace(log_loss(), smoothing=0.1),)}, "smoothed by 0.1"),
    ],
)
def test_only_what_was_asked_the_same_merges(change: dict[str, Any], said: str) -> None:
    asked, table = question("probability"), columns("probability")
    first, other = (part_of(q, table, slice(0, 50)) for q in (asked, replace(asked, **change)))
    with pytest.raises(ValueError, match="were asked the same") as caught:
        first + other
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_other_labels_do_not_merge() -> None:
    first = part(question("probability"), slice(0, 50))
    with pytest.raises(ValueError, match="same labels"):
        first + replace(first, label_names=("ham", "spam"))
    assert (first + replace(first, label_names=())).counted.rows == 100  # where they are not known they are believed


# ---- bytes of anything ----------------------------------------------------------------------------------------------

QUESTIONS = [
    question("probability", weighted=True),
    question("classes"),
    replace(question("probability"), clip=CLIPS["torch"], temperature=2.5, keep=0),
    replace(question("logit"), only=Filter(1.0, None, 0.25, None, (Holding("a b=c"),))),
    replace(question("classes"), class_weights=(1.0, 2.0, 0.0, 1e-3), names=("a", "b", "c", "d")),
    Question("value", (criterion("barron", alpha=-math.inf),)),
    question("quantiles"),
    question("normal", weighted=True),
    Question("probability", (replace(class_criterion("focal"), smoothing=0.1, over="others"),), 3),
]  # fmt: skip


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_question_and_its_record(asked: Question) -> None:
    record = json.loads(json.dumps(question_record(asked)))
    assert question_record(question_of_record(record)) == question_record(asked)


def test_every_beginning_of_the_bytes_is_refused() -> None:
    data = part(question("probability"), slice(0, 40)).to_bytes()
    for end in range(len(data)):
        with pytest.raises(ValueError, match=r"cut off|damaged|no summary"):
            Part.from_bytes(data[:end])
    with pytest.raises(ValueError, match="damaged"):
        Part.from_bytes(data + b"\0")


def test_another_version_is_told() -> None:
    data = part(question("probability"), slice(0, 40)).to_bytes()
    other = data[: len(MAGIC)] + struct.pack("<H", VERSION + 1) + data[len(MAGIC) + 2 :]
    with pytest.raises(ValueError, match=f"version {VERSION + 1}, and version {VERSION} is read here"):
        Part.from_bytes(other)


@pytest.mark.parametrize("data", [b"", b"x", b"PAR1", MAGIC, MAGIC * 9, b"\0" * 999, "é".encode() * 99])
def test_other_bytes_are_no_summary(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"no summary|cut off|version"):
        Part.from_bytes(data)


def test_a_bomb_is_refused_before_it_takes_memory() -> None:
    import hashlib
    import zlib

    fields = b"\0" * (1 << 22)
    head = struct.pack("<HQ8s", VERSION, 10, hashlib.sha256(fields).digest()[:8])
    with pytest.raises(ValueError, match="damaged"):
        Part.from_bytes(MAGIC + head + zlib.compress(fields))
    with pytest.raises(ValueError, match="larger"):
        Part.from_bytes(MAGIC + struct.pack("<HQ8s", VERSION, 1 << 60, bytes(8)) + zlib.compress(b""))


def test_cells_that_would_take_all_memory_are_refused() -> None:
    cells = Cells(ordered=True)
    cells.add(np.ldexp(1.0, np.arange(-300, 300)))
    writer = Packer()
    cells.pack(writer)
    with pytest.raises(ValueError, match="spread too widely"):
        Cells(ordered=True).pack(opened(writer.to_bytes()))


def rewritten(data: bytes, fields: bytes) -> bytes:
    """Bytes of other fields, with a checksum that is right."""
    writer = Packer()
    writer._written = [fields]
    return writer.to_bytes()


@settings(max_examples=50)
@given(st.sampled_from([(w, k) for w in WHATS for k in (1 << 20, 100)]), st.data())
def test_hostile_fields_are_one_value_error_or_a_summary(which: tuple[str, int], data: st.DataObject) -> None:
    asked = question(which[0], weighted=True, keep=which[1])
    whole = part_of(asked, columns(which[0], 120), slice(None)).to_bytes()
    fields = bytearray(opened(whole)._given)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(fields) - 1))
        piece = data.draw(st.one_of(st.binary(min_size=1, max_size=9), st.just(b"\xff" * 8), st.just(b"\0" * 8)))
        if data.draw(st.booleans()):
            fields[at : at + len(piece)] = piece
        else:
            del fields[at : at + len(piece)]
    try:
        found = Part.from_bytes(rewritten(whole, bytes(fields)))
        found.findings()
        merged([found, found]).findings()
    except ValueError as problem:
        assert "\n" not in str(problem)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "odd"), ("classes", 1), ("classes", -1), ("bins", 0), ("bins", 10**9), ("bins", 1.5), ("bins", True),
        ("threshold", 2), ("temperature", 0), ("temperature", math.inf), ("clip", [None, 7, None]), ("weighted", 1),
        ("worst", 0), ("keep", -1), ("only", [None]), ("only", [None, None, None, ["x"]]), ("losses", "ce"),
        ("class_weights", [1]), ("names", [1]), ("names", ["a"]), ("forecast", ["quantiles", [0.1, 0.9]]),
        ("losses", [{"loss": "no-such", "params": {}, "smoothing": 0, "definition": "", "of_score": False}]),
        ("losses", [{"loss": "focal", "params": {"x": 1}, "smoothing": 0, "definition": "", "of_score": False}]),
        ("losses", [{"loss": "a", "params": {}, "smoothing": 0, "definition": "a: exec('p')", "of_score": False}]),
    ],
)  # fmt: skip
def test_questions_that_nobody_asks_are_refused(name: str, value: object) -> None:
    record = question_record(question("probability")) | {name: value}
    with pytest.raises((ValueError, KeyError)):
        question_of_record(record)
    writer = Packer()
    empty: dict[str, object] = {"files": [], "columns": {}, "label_names": [], "notes": [], "reasons": {}, "groups": []}
    writer.document({"question": record, **empty})
    with pytest.raises(ValueError, match=r"it was asked what cannot be asked|it holds what no summary does"):
        Part.from_bytes(writer.to_bytes())
