"""``python -m lossterm`` and the ``lossterm`` command."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    if all(word.startswith("-") for word in sys.argv[1:2]):
        gc.disable()  # all that is loaded for the explorer stays: it looks for garbage when its first picture is there
    try:
        from lossterm.cli import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # while it is being loaded
        return 130


if __name__ == "__main__":
    sys.exit(main())
