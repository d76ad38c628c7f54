"""However the terminal ends the program: signals, a hang-up, and input that is no text."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial

GRACE = 1.0
"""Seconds after a hang-up within which the program must have ended by itself: Textual's writer may block for ever."""

_SIGNALS = ("SIGTERM", "SIGHUP", "SIGINT")


def listen(leave: Callable[[int], None], save: Callable[[], object]) -> None:
    """Leave on a signal or when the terminal has gone. To be called within the running event loop.

    Args:
        leave: ends the program with an exit code.
        save: keeps what is to be kept; called at once on a hang-up, for nothing after it is certain.
    """
    loop = asyncio.get_running_loop()
    hung_up = threading.Event()

    def on_signal(number: int) -> None:
        if number == getattr(signal, "SIGHUP", None):
            save()
            _last_resort(128 + number)
        leave(0 if number == signal.SIGINT else 128 + number)

    def watch() -> None:
        # a terminal that has gone says so only here: reading from it would return nothing, for ever
        poll = select.poll()
        try:
            poll.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, 0)
            while not poll.poll():
                pass
        except (OSError, ValueError):
            return
        hung_up.set()
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(on_signal, signal.SIGHUP)

    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, on_signal, number)
    if hasattr(select, "poll") and sys.__stdin__ and sys.__stdin__.isatty():
        threading.Thread(target=watch, name="terminal watch", daemon=True).start()


def _last_resort(code: int) -> None:
    timer = threading.Timer(GRACE, os._exit, (code,))
    timer.daemon = True
    timer.start()


def forgive_bytes() -> None:
    """Let bytes that are not UTF-8 be read as unknown characters: Textual's driver would end the program on one."""
    with contextlib.suppress(ImportError):
        from textual.drivers import linux_driver

        if hasattr(linux_driver, "getincrementaldecoder"):
            linux_driver.getincrementaldecoder = _forgiving


def _forgiving(encoding: str) -> Callable[..., codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")
