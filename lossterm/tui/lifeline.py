"""However the program ends: signals, a hang-up, and the last resort for a program that cannot end by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

GRACE = 1.0
"""Seconds after it was told to within which the program must have ended by itself.

Textual's writer may block for ever, a screen may be busy, thousands of keys may be queued."""

_SIGNALS = (
    "SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGXCPU",
)  # fmt: skip
"""Signals that would end the program on the spot, and leave the terminal as it is."""

_RESET = (
    "\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1016l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"
    "\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
)
"""What puts a terminal back into the state in which programs expect it."""


class Lifeline:
    """Ends the program when it is told to. To be made before the terminal is taken over.

    Args:
        leave: ends the program with an exit code; called within the event loop.
        save: keeps what is to be kept; called first of all, for nothing after it is certain.
    """

    def __init__(self, leave: Callable[[int], None], save: Callable[[], object]) -> None:
        self._leave = leave
        self._save = save
        self._loop: asyncio.AbstractEventLoop | None = None
        self._before = _attributes()
        self._has_terminal = False
        self._code = 0
        self._told, self._ended = threading.Event(), threading.Event()

    @property
    def is_leaving(self) -> bool:
        """Whether the program has been told to end, and what is to be kept is saved."""
        return self._told.is_set()

    def listen(self) -> None:
        """Hear signals and a terminal that has gone. To be called within the running event loop."""
        self._loop, self._has_terminal = asyncio.get_running_loop(), True
        threading.Thread(target=self._guard, name="lifeline", daemon=True).start()
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None:
                # not the loop's own handlers: it hears of signals through a pipe, which thousands of keys fill
                with contextlib.suppress(OSError, ValueError):
                    signal.signal(number, self._on_signal)
        if hasattr(select, "poll") and sys.__stdin__ and sys.__stdin__.isatty():
            threading.Thread(target=self._watch, name="terminal watch", daemon=True).start()

    def leaving(self, code: int) -> None:
        """Save, and see to it that the program ends soon, with this exit code."""
        if not self.is_leaving:
            self._code = code
            self._told.set()
            self._save()

    def ended(self) -> None:
        """Let go: the program has ended by itself."""
        self._ended.set()
        for name in ("SIGINT", "SIGHUP", "SIGQUIT"):  # a second ctrl+c must not break what is already done
            with contextlib.suppress(OSError, ValueError):
                signal.signal(getattr(signal, name), signal.SIG_IGN)

    def _guard(self) -> None:
        self._told.wait()
        if not self._ended.wait(GRACE):
            with contextlib.suppress(OSError, ValueError):
                clean_terminal(self._before if self._has_terminal else None)
            os._exit(self._code)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        code = 0 if number == signal.SIGINT else 128 + number
        self.leaving(code)
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: so will the program
                self._loop.call_soon_threadsafe(self._leave, code)

    def _watch(self) -> None:
        # a terminal that has gone says so only here: reading from it would return nothing, for ever
        poll = select.poll()
        try:
            poll.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)
            while not poll.poll():
                pass
        except (OSError, ValueError):
            return
        self._on_signal(signal.SIGHUP, None)


def _attributes() -> list[object] | None:
    """How the terminal is set; None where there is none."""
    try:
        import termios

        return list(termios.tcgetattr(0))
    except (ImportError, OSError, ValueError):
        return None
    except Exception as problem:  # termios has an error of its own, which is no OSError
        if type(problem).__name__ != "error":
            raise
        return None


def clean_terminal(attributes: list[object] | None) -> None:
    """Put the terminal back, without waiting for it."""
    if attributes is None:
        return
    import termios

    with contextlib.suppress(termios.error):
        termios.tcsetattr(0, termios.TCSANOW, attributes)  # type: ignore[arg-type]
    for number in (1, 2):
        if os.isatty(number):
            os.set_blocking(number, False)
            os.write(number, _RESET.encode())
            os.set_blocking(number, True)
            return
