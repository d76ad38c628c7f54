"""Reading down is reading the dependencies: core ← state ← plot ← ui."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lossterm

PACKAGE = Path(lossterm.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 400
"""Lines of a module at which it does too much."""


def name_of(path: Path) -> str:
    """The dotted name of a module."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = [name_of(path) for path in MODULES]


def within(module: str, *packages: str) -> bool:
    """Whether a module is one of the packages or inside one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere: in functions and for types too."""
    name = name_of(path)
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)  # may be a module of that package


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("lossterm", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.cli", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.options", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.core", {"textual", "plotext", "rich"}),
        ("lossterm.core.objective", {"textual", "plotext", "rich"}),
        ("lossterm.core.landmarks", {"textual", "plotext", "rich"}),
        ("lossterm.core.verdict", {"textual", "plotext", "rich"}),
        ("lossterm.state", {"textual", "plotext", "rich"}),
        ("lossterm.arguments", {"textual", "plotext", "rich"}),
        ("lossterm.session", {"textual", "plotext", "rich"}),
        ("lossterm.export", {"textual", "plotext", "rich"}),
        ("lossterm.plot", {"textual", "rich"}),
        ("lossterm.plot.spec", {"plotext", "textual", "rich"}),
        ("lossterm.plot.scene", {"plotext", "textual", "rich"}),
        ("lossterm.plot.figure", {"textual", "rich"}),
        ("lossterm.plot.painter", {"textual", "rich"}),
        ("lossterm.commands.table", {"textual", "plotext", "rich"}),
        ("lossterm.commands.list", {"textual", "plotext", "rich"}),
        ("lossterm.commands.data", {"textual", "plotext", "rich", "polars"}),
        ("lossterm.data.source", {"textual", "plotext", "rich", "polars"}),
        ("lossterm.commands.plot", {"textual", "rich"}),
        ("lossterm.commands.explore", {"textual", "plotext", "rich"}),
    ],
)
def test_importing_loads_only_what_is_below(module: str, absent: set[str]) -> None:
    code = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    loaded = set(json.loads(done.stdout))
    assert module in loaded
    assert loaded.isdisjoint(absent)


def test_every_module_of_core_stays_below() -> None:
    names = [name for name in NAMES if within(name, "lossterm.core")]
    assert len(names) > 5
    code = f"import json, sys, {', '.join(names)}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    loaded = json.loads(done.stdout)
    assert {name.partition(".")[0] for name in loaded}.isdisjoint({"textual", "plotext", "rich", "platformdirs"})
    assert {name for name in loaded if within(name, "lossterm")} - {"lossterm"} == set(names)


@pytest.mark.parametrize(
    ("layer", "above"),
    [
        ("lossterm.core", ["lossterm.state", "lossterm.plot", "lossterm.ui"]),
        ("lossterm.state", ["lossterm.plot", "lossterm.ui"]),
        ("lossterm.plot", ["lossterm.ui"]),
    ],
)
def test_no_module_imports_from_above(layer: str, above: list[str]) -> None:
    outer = ["lossterm.cli", "lossterm.commands", "lossterm.session", "lossterm.export", "lossterm.arguments"]
    found = {}
    layer_modules = [path for path in MODULES if within(name_of(path), layer)]
    for path in layer_modules:
        up = sorted({module for module in imports_of(path) if within(module, *above, *outer)})
        if up:
            found[name_of(path)] = up
    assert layer_modules
    assert found == {}


def test_core_imports_numpy_alone() -> None:
    foreign = {
        module.partition(".")[0]
        for path in MODULES
        if within(name_of(path), "lossterm.core")
        for module in imports_of(path)
    }
    assert foreign - set(sys.stdlib_module_names) == {"numpy", "lossterm"}


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("plotext", ["lossterm.plot._engine"]),
        ("textual", ["lossterm.ui"]),
        ("rich", ["lossterm.ui"]),
        ("platformdirs", ["lossterm.session"]),
        ("polars", ["lossterm.data"]),
    ],
)
def test_each_library_has_one_home(library: str, home: list[str]) -> None:
    users = {name_of(path) for path in MODULES if any(within(module, library) for module in imports_of(path))}
    assert [user for user in users if not within(user, *home)] == []


def test_only_the_engine_mentions_plotext_in_an_import() -> None:
    mentions = [name_of(path) for path in MODULES if "import plotext" in path.read_text("utf-8")]
    assert mentions == ["lossterm.plot._engine"]


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_modules_say_what_they_are(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring and len(docstring.split()) >= 3


def test_nothing_imports_the_tests() -> None:
    assert [name_of(path) for path in MODULES if any(within(module, "tests") for module in imports_of(path))] == []


def test_the_walk_sees_every_kind_of_import(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[__name__], "PACKAGE", tmp_path / "lossterm")
        module = tmp_path / "lossterm" / "core" / "some.py"
        module.parent.mkdir(parents=True)
        module.write_text(
            "def f():\n    import plotext.x as y\n    from .. import state\n    from ..plot.spec import Axis\n"
        )
        assert {"plotext.x", "lossterm.state", "lossterm.plot.spec"} <= set(imports_of(module))
