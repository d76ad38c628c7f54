"""What every result does: a short repr, a table whose texts are escaped, and a data frame of whichever library."""

from __future__ import annotations

import builtins
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lossterm
from lossterm.files.data_frame import data_frame
from lossterm.notebook.results import SHOWN, Result, html_table

RESULTS: dict[str, Callable[[], Result]] = {
    "evaluate": lambda: lossterm.evaluate("ce", label=[1, 0], at=[-4, 4]),
    "evaluate_softmax": lambda: lossterm.evaluate_softmax("mse", logits=[8, 0, 0], target=1),
    "without shares": lambda: lossterm.evaluate_softmax("hinge", logits=[8, 0, 0], target=1),
    "run_race": lambda: lossterm.run_race("ce,mse", start=-4),
    "never there": lambda: lossterm.run_race("mse", start=-4, max_steps=3),
    "a problem": lambda: lossterm.run_race(problem="minima"),
    "trajectory": lambda: lossterm.run_race("ce", start=-4).trajectory("bce"),
    "compute_properties": lambda: lossterm.compute_properties("ce"),
    "landmarks": lambda: lossterm.landmarks("ce,mse,focal"),
    "no landmarks": lambda: lossterm.landmarks("ce"),
    "losses": lossterm.losses,
    "no losses": lambda: lossterm.losses("nothing is called so"),
}


class Cells(HTMLParser):
    """The texts of a table's cells, row by row, and every tag there is."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


@pytest.mark.parametrize("make", RESULTS.values(), ids=RESULTS)
def test_every_result_shows_itself(make: Callable[[], Result]) -> None:
    result = make()
    assert re.fullmatch(r"<\w+ .+>", repr(result)) and len(repr(result)) < 320
    frame = result.to_frame("polars")
    assert len({len(column) for column in result.columns().values()}) == 1
    assert frame.columns == list(result.columns())
    cells = Cells(result._repr_html_())
    assert cells.tags <= {"table", "caption", "thead", "tbody", "tr", "th", "td", "p"}
    count = max(map(len, result.shown().values()))
    assert len(cells.rows) == 1 + min(count, SHOWN)
    assert {len(row) for row in cells.rows} == {len(result.shown())}


MARKUP = "<script>alert('&amp;\"')</script>\x1b[31m"


def test_names_with_markup_are_text() -> None:
    e = replace(lossterm.evaluate("ce", label=1, at=0), name=MARKUP, loss=MARKUP)
    race = lossterm.run_race("ce", start=-1)
    told = replace(race, racers=(replace(race["ce"], name=MARKUP, reason=MARKUP),), setting=MARKUP)
    for result in (e, told):
        html = result._repr_html_()
        assert "<script" not in html and "&lt;script&gt;alert(&#x27;&amp;amp;&quot;&#x27;)" in html
        assert "\x1b" not in html and "\x1b" not in repr(result)


@given(st.lists(st.text(), min_size=1, max_size=3), st.text())
def test_whatever_a_text_is_the_table_has_its_cells_alone(texts: list[str], name: str) -> None:
    cells = Cells(html_table(name, {name: texts, f"{name}'": [1.0] * len(texts)}))
    assert cells.tags <= {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert [len(row) for row in cells.rows] == [2] * (1 + len(texts))


def test_a_long_table_says_how_much_there_is() -> None:
    html = lossterm.evaluate("ce", label=1, at=np.zeros(12_345))._repr_html_()
    assert html.count("<tr>") == 1 + SHOWN
    assert f"the first {SHOWN} of 12,345 rows: to_frame() has all of them" in html


def test_cells_are_written_as_everywhere() -> None:
    (_, row) = Cells(html_table("", {"a": [1542], "b": [-55.6], "c": [True], "d": [None], "e": [np.inf]})).rows
    assert row == ["1,542", "−55.60", "yes", "", "∞"]
    assert ">0.9999997<" in lossterm.evaluate("ce", label=1, at=15.0)._repr_html_()  # which is not 1


# ---- data frames ----------------------------------------------------------------------------------------------------


def absent(monkeypatch: pytest.MonkeyPatch, *names: str, **stubs: object) -> None:
    """Let some libraries not be installed, and others be what is given."""
    real = importlib.import_module

    def find(name: str, package: str | None = None) -> Any:
        if name in stubs:
            return stubs[name]
        if name in names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", find)


def test_polars_is_taken_where_it_is() -> None:
    polars = pytest.importorskip("polars")
    frame = lossterm.evaluate("ce", label=[1, 0], at=[[-4.0], [4.0]]).to_frame()
    assert isinstance(frame, polars.DataFrame) and frame.shape == (4, 13)
    assert frame["label"].to_list() == [1, 0, 1, 0]
    assert frame.schema["value"] == polars.Float64 and frame.schema["loss"] == polars.String


def test_what_there_is_not_is_missing_and_what_is_undefined_is_nan() -> None:
    frame = lossterm.run_race("ce,mse", start=-8, max_steps=100).to_frame("polars")
    assert frame["steps"].to_list() == [19, None]
    assert frame["arrival_logit"].null_count() == 1
    assert lossterm.evaluate("ce", label=1, activation="identity", at=2.0).to_frame("polars")["value"].is_nan().all()


def test_pandas_is_taken_where_polars_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    absent(monkeypatch, "polars", pandas=SimpleNamespace(DataFrame=lambda columns: ("pandas", columns)))
    library, columns = lossterm.evaluate("ce", label=[1, 0], at=0.0).to_frame()
    assert library == "pandas" and isinstance(columns, dict)
    assert {len(column) for column in columns.values()} == {2}


def test_the_library_that_is_asked_for_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    absent(monkeypatch, pandas=SimpleNamespace(DataFrame=lambda columns: "pandas"))
    assert lossterm.losses().to_frame("pandas") == "pandas"


@pytest.mark.parametrize("make", RESULTS.values(), ids=RESULTS)
def test_pandas_makes_a_frame_of_every_result(make: Callable[[], Result]) -> None:
    pandas = pytest.importorskip("pandas")
    result = make()
    frame = result.to_frame("pandas")
    assert isinstance(frame, pandas.DataFrame) and list(frame.columns) == list(result.columns())


def test_without_either_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    absent(monkeypatch, "polars", "pandas")
    e = lossterm.evaluate("ce", label=1, at=0)
    with pytest.raises(ImportError, match=r"^a data frame needs polars or pandas: pip install polars$"):
        e.to_frame()
    with pytest.raises(ImportError, match=r"^a data frame needs pandas: pip install pandas$"):
        e.to_frame("pandas")


def test_a_library_that_is_broken_says_so_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def find(name: str, package: str | None = None) -> Any:
        if name == "polars":
            raise ModuleNotFoundError("No module named 'arrow'", name="arrow")
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", find)
    with pytest.raises(ModuleNotFoundError, match="arrow"):
        data_frame({"a": [1]})


def test_another_library_is_none() -> None:
    with pytest.raises(ValueError, match="did you mean pandas"):
        data_frame({"a": [1]}, "panda")


# ---- the module -----------------------------------------------------------------------------------------------------


def test_the_module_knows_its_functions_before_they_are_loaded() -> None:
    code = (
        "import sys, lossterm; assert set(lossterm.__all__) <= set(dir(lossterm)); assert 'numpy' not in sys.modules\n"
        "from lossterm import *\n"
        "assert evaluate is lossterm.evaluate and evaluate.__doc__\n"
        "import lossterm.softmax, lossterm.race, lossterm.properties\n"
        "assert callable(lossterm.run_race) and callable(lossterm.losses) and lossterm.race.__name__ == 'lossterm.race'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_what_the_module_has_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'loses'"):
        _ = lossterm.loses  # type: ignore[attr-defined]
    assert not hasattr(builtins, "lossterm")


def test_every_function_is_documented_with_its_arguments_and_errors() -> None:
    for name in lossterm.__all__:
        if name.startswith("__"):
            continue
        function = getattr(lossterm, name)
        document = inspect.getdoc(function) or ""
        assert all(part in document for part in (">>> ", "Args:", "Returns:", "Raises:")), name
        for parameter in function.__annotations__.keys() - {"return", "params"}:
            assert f"\n    {parameter}: " in document, (name, parameter)
