"""The plan of the house: reading down is reading the dependencies, every library has one home, names are used once."""

import ast
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import lossterm
from lossterm import features

PACKAGE = Path(lossterm.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
FEATURES = tuple(feature.screen.split(".")[1] for feature in features.FEATURES)


def name_of(path: Path) -> str:
    """The dotted name of a module."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = [name_of(path) for path in MODULES]


def within(module: str, *packages: str) -> bool:
    """Whether a module is one of the packages or inside one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@cache
def imports_of(path: Path) -> tuple[str, ...]:
    """Every module that a file imports anywhere: in functions and for types too."""
    return tuple(_imports_of(path))


def _imports_of(path: Path) -> Iterator[str]:
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


def package_of(module: str) -> str:
    """The package below ``lossterm`` that a module is in, or the module of the root that it is; empty for others."""
    parts = module.split(".")
    return parts[1] if parts[0] == "lossterm" and len(parts) > 1 else ""


# ---- contracts ------------------------------------------------------------------------------------------------------

BELOW: dict[str, set[str]] = {
    "core": set(),
    "files": {"core"},
    "chart": {"core"},
    "model": {"core"},
    "dialects": {"core", "model"},
    "precision": {"core", "model"},
    "tui": {"core", "chart", "model"},
    "snippets": {"core", "model"},
    **{feature: {"core", "files", "chart", "model", "tui"} for feature in FEATURES},
    "curves": {"core", "files", "chart", "model", "snippets", "tui", "dialects", "precision"},
    "softmax": {"core", "files", "chart", "model", "tui", "dialects"},
    "notebook": {"core", "files", "model"},
    "checking": {"core", "model"},
    "features": {"model"},
    "stories": {"core", "features", "model"},
    "meanings": {"core", "features", "model"},
    "serve": {"core", "explore", "model", "stories"},
    "explore": {"chart", "curves", "features", "model", "stories", "tui"},
    "cli": {"core", "explore", "features", "model"},
    "__main__": {"cli"},
}
"""What each package and each module of the root may import of ours, beside itself."""


@pytest.mark.parametrize("package", BELOW)
def test_a_package_imports_only_what_is_below(package: str) -> None:
    found = {
        name_of(path): up
        for path in MODULES
        if package_of(name_of(path)) == package
        and (up := {package_of(m) for m in imports_of(path)} - BELOW[package] - {package, "", "__version__"})
    }
    assert found == {}


def test_every_package_has_a_contract() -> None:
    assert {package_of(name) for name in NAMES} - {""} == set(BELOW)


def test_only_the_files_of_predictions_are_read_from_files() -> None:
    frames = "lossterm.files.data_frame"  # which reads none
    readers = {
        package_of(name_of(p))
        for p in MODULES
        if any(within(m, "lossterm.files") and m != "lossterm.files" and not within(m, frames) for m in imports_of(p))
    }
    assert readers <= {"files", "predictions"}


def test_the_root_gives_what_is_of_the_notebook_and_nothing_else() -> None:
    ours = {package_of(module) for module in imports_of(PACKAGE / "__init__.py")} - {""}
    assert ours == {"notebook"}


def test_no_function_of_the_root_has_the_name_of_a_package() -> None:
    packages = {name for name in NAMES if name.count(".") == 1}
    assert {f"lossterm.{name}" for name in lossterm.__all__} & packages == set()


def test_there_is_no_ring() -> None:
    known = set(NAMES)
    graph = {name_of(path): {m for m in imports_of(path) if m in known} - {name_of(path)} for path in MODULES}
    graph = {n: {m for m in targets if not n.startswith(f"{m}.")} for n, targets in graph.items()}
    while leaves := {name for name, targets in graph.items() if not targets & graph.keys()}:
        graph = {name: targets for name, targets in graph.items() if name not in leaves}
    assert sorted(graph) == []


@pytest.mark.parametrize(
    ("library", "home"),
    [
        ("plotext", ["lossterm.chart._engine"]),
        ("platformdirs", ["lossterm.model.kept"]),
        ("ml_dtypes", ["lossterm.precision"]),
        ("polars", ["lossterm.files"]),
        ("sympy", ["lossterm.snippets"]),
        ("black", ["lossterm.snippets"]),
        ("aiohttp", ["lossterm.serve"]),
        ("textual_serve", ["lossterm.serve"]),
        ("pandas", ["lossterm.files"]),
        ("distributed", ["lossterm.predictions.engine"]),
        ("dask", ["lossterm.predictions.engine"]),
        ("rich", ["lossterm.tui", *(f"lossterm.{feature}" for feature in FEATURES)]),
    ],
)
def test_each_library_has_one_home(library: str, home: list[str]) -> None:
    users = {name_of(path) for path in MODULES if any(within(module, library) for module in imports_of(path))}
    assert [user for user in users if not within(user, *home)] == []


def test_textual_is_in_screens_and_widgets_alone() -> None:
    users = {name_of(p) for p in MODULES if any(within(m, "textual") for m in imports_of(p))}
    strays = {user for user in users if not within(user, "lossterm.tui") and not user.endswith(".screen")}
    widgets = {name for name in strays if any(b in _bases(name) for b in ("LineWidget", "Rows", "ListWidget"))}
    assert strays - widgets == set()


def _bases(name: str) -> set[str]:
    path = next(path for path in MODULES if name_of(path) == name)
    classes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ClassDef)]
    return {ast.unparse(base).partition("[")[0] for node in classes for base in node.bases}


def test_core_imports_numpy_alone() -> None:
    foreign = {
        module.partition(".")[0]
        for path in MODULES
        if package_of(name_of(path)) == "core"
        for module in imports_of(path)
    }
    assert foreign - set(sys.stdlib_module_names) == {"numpy", "lossterm"}


# ---- what is loaded -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("lossterm", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.cli", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.features", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.model.subject_options", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.model.store", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.model.workspace", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.notebook.evaluations", {"textual", "plotext", "rich", "platformdirs", "polars", "pandas"}),
        ("lossterm.notebook.softmax", {"textual", "plotext", "rich", "platformdirs", "polars", "pandas"}),
        ("lossterm.notebook.race", {"textual", "plotext", "rich", "platformdirs", "polars", "pandas"}),
        ("lossterm.notebook.properties", {"textual", "plotext", "rich", "platformdirs", "polars", "pandas"}),
        ("lossterm.notebook.landmarks", {"textual", "plotext", "rich", "platformdirs", "polars", "pandas"}),
        ("lossterm.notebook.catalogue", {"textual", "plotext", "rich", "platformdirs", "polars", "pandas"}),
        ("lossterm.notebook.summaries", {"textual", "plotext", "rich", "platformdirs", "polars", "pandas"}),
        ("lossterm.snippets.command", {"numpy", "textual", "plotext", "rich", "sympy", "black"}),
        ("lossterm.core.losses.objective", {"textual", "plotext", "rich"}),
        ("lossterm.curves.options", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.curves.actions", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.curves.scene", {"plotext", "textual", "rich"}),
        ("lossterm.curves.figure", {"textual", "rich"}),
        ("lossterm.curves.table", {"textual", "plotext", "rich"}),
        ("lossterm.curves.list", {"textual", "plotext", "rich"}),
        ("lossterm.curves.plot", {"textual", "rich"}),
        ("lossterm.properties.command", {"textual", "plotext", "rich"}),
        ("lossterm.softmax.command", {"textual", "plotext", "rich"}),
        ("lossterm.race.command", {"textual", "plotext", "rich"}),
        ("lossterm.dialects.command", {"textual", "plotext", "rich"}),
        ("lossterm.precision.command", {"textual", "plotext", "rich", "ml_dtypes"}),
        ("lossterm.predictions.command", {"textual", "plotext", "rich", "polars", "distributed"}),
        ("lossterm.predictions.engine", {"textual", "plotext", "rich", "distributed"}),
        ("lossterm.files.source", {"textual", "plotext", "rich", "polars"}),
        ("lossterm.chart.spec", {"plotext", "textual", "rich"}),
        ("lossterm.chart.painter", {"textual", "rich"}),
        ("lossterm.explore", {"textual", "plotext", "rich", "lossterm.stories"}),
        ("lossterm.tui.app", {"lossterm.stories"}),
        ("lossterm.stories.heads", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.stories.guide", {"numpy", "textual", "plotext", "rich", "lossterm.stories.story"}),
        ("lossterm.stories.command", {"textual", "plotext", "rich", "polars"}),
        ("lossterm.checking.command", {"numpy", "textual", "plotext", "rich"}),
        ("lossterm.meanings.command", {"textual", "plotext", "rich", "polars"}),
        ("lossterm.serve.command", {"numpy", "textual", "plotext", "rich", "aiohttp", "textual_serve"}),
    ],
)
def test_importing_loads_only_what_is_needed(module: str, absent: set[str]) -> None:
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


# ---- names ----------------------------------------------------------------------------------------------------------


@cache
def classes() -> list[tuple[str, str, set[str]]]:
    """Every class of the package: its module, its name, and the names of its bases."""
    return [
        (name_of(path), node.name, {ast.unparse(base).partition("[")[0] for base in node.bases})
        for path in MODULES
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]


def test_no_class_name_is_used_twice() -> None:
    counted = Counter(name for _, name, _ in classes() if not name.startswith("_"))
    assert [name for name, count in counted.items() if count > 1] == []


def test_no_chain_of_our_own_bases_is_longer_than_three() -> None:
    bases = {name: parents for _, name, parents in classes()}

    def depth(name: str) -> int:
        return 1 + max((depth(parent) for parent in bases[name] if parent in bases), default=0)

    assert {name: depth(name) for name in bases if depth(name) > 3} == {}


def test_the_root_has_few_modules() -> None:
    loose = [path.stem for path in MODULES if path.parent == PACKAGE]
    assert len(loose) <= 5, loose


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


FIRST_FRAME = """
import asyncio, sys
from lossterm.features import FEATURES
from lossterm.model.store import Saved
from lossterm.tui.app import LosstermApp

def begin(self):
    print(sorted({"numpy", "plotext", "polars"} & set(sys.modules)))
    self.exit()

async def main():
    LosstermApp._begin = begin
    async with LosstermApp(FEATURES, Saved(), keep=False).run_test(size=(120, 40)) as pilot:
        while not pilot.app._exit:
            await pilot.pause(0.01)

asyncio.run(main())
"""


def test_the_first_frame_waits_for_no_numbers() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_FRAME], check=True, capture_output=True, text=True, timeout=300)
    assert done.stdout == "[]\n"
