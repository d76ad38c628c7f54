"""Running somebody's objective in a process of its own, with a limit of time; one line for whatever goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lossterm.checking import child
from lossterm.checking.grid import request_for
from lossterm.core.plain import visible

LARGEST = 200_000_000
"""Bytes of an answer from which it is none."""


def named(text: str) -> tuple[Path, str]:
    """``FILE.py:NAME``.

    Raises:
        ValueError: there is no such file, or no name behind it; the message tells what could be named.
    """
    file, colon, name = text.rpartition(":")
    if not colon or (os.sep in name) or not file or not name:
        path = Path(text.rstrip(":"))
        hint = _functions(path) if path.is_file() else ""
        raise ValueError(f"{visible(text)} names no function: write FILE.py:NAME{hint}")
    path = Path(file).expanduser()
    if not path.exists():
        raise ValueError(f"there is no file {visible(file)}: write FILE.py:NAME")
    if not path.is_file():
        raise ValueError(f"{visible(file)} is no file: write FILE.py:NAME")
    if not all(part.isidentifier() for part in name.split(".")):
        raise ValueError(f"{visible(name)} is no name of a function: write FILE.py:NAME")
    return path.resolve(), name


def _functions(path: Path) -> str:
    import ast

    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return ""
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return f", such as {visible(path.name)}:{visible(names[0])}" if names else ""


def answer_of(path: Path, name: str, labels: tuple[float, ...], timeout: float) -> Mapping[str, Any]:
    """What an objective gives at the grid.

    Args:
        path: of its file.
        name: of the objective.
        labels: for which it is asked; the usual ones where there are none.
        timeout: seconds.

    Raises:
        ValueError: it cannot be run; the message says why.
    """
    with tempfile.TemporaryDirectory(prefix="lossterm-check-") as folder:
        request, answer = Path(folder, "request.json"), Path(folder, "answer.json")
        asked = {"file": str(path), "name": name, **request_for(labels)}
        request.write_text(json.dumps(asked), "utf-8")
        printed = Path(folder, "printed")
        with printed.open("wb") as stdout:
            code = _run(request, answer, stdout, timeout)
        return _read(answer, code, printed, f"{visible(path.name)}:{visible(name)}", timeout)


def _run(request: Path, answer: Path, stdout: Any, timeout: float) -> int | None:
    # files and no pipes: whatever it leaves behind holds nothing that is waited for
    words = [sys.executable, "-X", "utf8", child.__file__, str(request), str(answer)]
    process = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(OSError, AttributeError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(OSError):
            process.kill()
        process.wait()


def _read(answer: Path, code: int | None, printed: Path, name: str, timeout: float) -> Mapping[str, Any]:
    if code is None:
        raise ValueError(
            f"{name} hangs: it was ended after {timeout:g} s; give it longer with --timeout, if it is only slow"
        )
    try:
        if answer.stat().st_size > LARGEST:
            raise ValueError(f"{name} cannot be run: its answer is too long")
        found: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    except (OSError, json.JSONDecodeError):
        how = f"it ends its process with the code {code}" if code >= 0 else f"it crashes ({_signal(-code)})"
        raise ValueError(f"{name} cannot be run: {how}") from None
    if "error" in found:
        raise ValueError(f"{name} cannot be run: {visible(str(found['error']))}")
    said = str(found.get("printed", "")) or printed.read_bytes()[:200].decode("utf-8", "replace")
    if said:
        first = visible(said.strip().split("\n", 1)[0][:60])
        raise ValueError(f"{name} prints ({first!r}): an objective is called for each tree, take its print away")
    return found


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
