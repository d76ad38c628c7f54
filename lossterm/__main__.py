"""``python -m lossterm`` and the ``lossterm`` command."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    try:
        if all(word.startswith("-") for word in sys.argv[1:2]):
            gc.disable()  # what is loaded for the explorer stays: garbage is looked for when its first picture is there
            _end_at_interrupts()
        from lossterm.cli import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # while it is being loaded
        return 130


def _end_at_interrupts() -> None:
    # until the explorer hears signals itself: while modules are loaded an exception may come in a callback of the
    # interpreter's, which complains on the terminal and goes on
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
