"""``python -m lossterm`` and the ``lossterm`` command."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    try:
        from lossterm.cli import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # while it is being loaded
        return 130


if __name__ == "__main__":
    sys.exit(main())
