"""What a guest may do: nothing with files, whoever asks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lossterm.model.actions import Tell
from lossterm.model.permissions import OWN_FILES, Permissions, guest
from lossterm.model.workspace import Workspace
from lossterm.predictions.file_actions import ask_file, reload
from lossterm.predictions.opening import NotOpened, Opened, Wanted, open_file
from lossterm.predictions.options import demo_choice
from lossterm.predictions.screen import DataScreen
from lossterm.predictions.state import DataState
from lossterm.predictions.view import FileChoice

ELSEWHERE = (
    "/etc/passwd", "../../etc/passwd", "~/x.csv", "-", "*.csv", "/", f"{OWN_FILES}/../secret.csv",
    f"{OWN_FILES}-other/x.csv", "/dev/stdin", "/proc/self/environ",
)  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE)
def test_no_file_of_elsewhere_is_opened(path: str) -> None:
    with pytest.raises(ValueError, match="no files are opened here"):
        open_file(Wanted(FileChoice((path,))), guest())
    with pytest.raises(ValueError, match="no files are opened here"):
        open_file(Wanted(FileChoice((*demo_choice().paths, path))), guest())


def test_a_link_out_of_a_folder_is_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "lesson"
    folder.mkdir()
    (tmp_path / "secret.csv").write_text("label,p\n1,.5\n")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "own.csv").write_text("label,p\n1,.5\n0,.2\n")
    with pytest.raises(ValueError, match="no files are opened here"):
        open_file(Wanted(FileChoice((str(folder / "link.csv"),))), guest(folder))
    open_file(Wanted(FileChoice((str(folder / "own.csv"),))), guest(folder)).source.close()


def test_the_demo_is_opened() -> None:
    open_file(Wanted(demo_choice()), guest()).source.close()


def test_who_is_at_home_opens_any_file() -> None:
    Permissions().check_opening(ELSEWHERE)


def test_every_way_to_a_file_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was saved, or is put on the screen by a setting, goes the way of what is typed."""
    heard: list[object] = []
    kept = {"file": {"paths": [str(tmp_path / "x.csv")]}}
    screen = DataScreen(Workspace(permissions=guest()), kept)
    monkeypatch.setattr(screen.opener, "tell", heard.append)
    assert screen.state.choice.paths
    for wanted in (Wanted(screen.state.choice), Wanted(demo_choice())):
        screen.opener._newest = wanted
        screen.opener._run(wanted)
    refused, opened = heard
    assert isinstance(refused, NotOpened)
    assert "no files are opened here" in refused.problem
    assert isinstance(opened, Opened)
    opened.file.source.close()


@pytest.mark.parametrize("act", [ask_file, reload])
def test_a_guest_is_not_asked_for_a_file(act: Callable[[DataState], Tell]) -> None:
    """No question, so nothing that tab completes: no folder is listed."""
    state = DataScreen(Workspace(permissions=guest()), {}).state
    assert act(state) == Tell("no files are opened here: O opens the demo", wrong=True)


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no such limit")
def test_the_system_refuses_what_would_be_written(tmp_path: Path) -> None:
    path = tmp_path / "written"
    code = (
        "import sys; from lossterm.serve.guest import write_no_files; write_no_files();"
        "file = open(sys.argv[1], 'wb', buffering=0)\n"
        "try: file.write(b'x')\n"
        "except OSError as problem: print(problem.strerror)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert "too large" in done.stdout
    assert path.read_bytes() == b""
