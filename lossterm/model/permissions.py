"""What the program may do where it runs: all of it in a terminal of one's own, little in a browser as a guest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OWN_FILES = Path(__file__).resolve().parents[1]
"""The folder of the package: the demo and the stories are in it."""


@dataclass(frozen=True)
class Permissions:
    """What the program may do where it runs; whoever reads or writes a file asks.

    Attributes:
        folders: those of which files may be opened; None where any file may be.
        is_browser: whether the screen is in a browser, which gets as a download what elsewhere is written to a file.
        keeps_losses: whether losses of one's own are kept in their file.
    """

    folders: tuple[Path, ...] | None = None
    is_browser: bool = False
    keeps_losses: bool = True

    @property
    def opens_any_file(self) -> bool:
        """Whether a person may name a file to be opened."""
        return self.folders is None

    def check_opening(self, paths: Sequence[str]) -> None:
        """See whether files may be opened.

        Args:
            paths: their paths, or patterns of them.

        Raises:
            ValueError: one of them may not.
        """
        folders = self.folders
        if folders is not None and not all(any(_is_in(path, folder) for folder in folders) for path in paths):
            raise ValueError("no files are opened here but those that come along: O opens the demo")


def _is_in(path: str, folder: Path) -> bool:
    return Path(path).resolve().is_relative_to(folder.resolve())


def guest(*folders: Path) -> Permissions:
    """What a guest may do in a browser.

    Args:
        folders: those of which files may be opened, beside the package's own.
    """
    return Permissions((OWN_FILES, *folders), is_browser=True, keeps_losses=False)
