"""Textual's driver of the terminal, made to forgive what terminals, jobs and people send."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterable
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from textual import events
from textual._xterm_parser import (  # no public way mends a parser
    BRACKETED_PASTE_END,
    BRACKETED_PASTE_START,
    XTermParser,
)
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from lossterm.tui.keys import KeysInOrder

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message

UNFINISHED = 1.0
"""Seconds without input after which a paste has ended, even if its end was never sent: keys are keys again."""

LARGEST = 10_000
"""Columns or lines beyond which a size that a terminal reports in band is not believed."""


class ForgivingParser(XTermParser):
    """Reads keys, and goes on after what it cannot read."""

    _pasting = ""
    _heard = 0.0

    def feed(self, data: str) -> Iterable[Message]:
        """The messages in what was typed; an escape sequence that is none is left out."""
        self._heard = time.monotonic()
        seen = self._pasting + data
        begun, ended = seen.rfind(BRACKETED_PASTE_START), seen.rfind(BRACKETED_PASTE_END)
        # of a paste only so much is kept as could be the beginning of its end
        self._pasting = f"{BRACKETED_PASTE_START}{data[-5:]}" if begun > ended else "" if ended >= 0 else seen[-5:]
        for character in data or [""]:
            try:
                yield from filter(_is_possible, super().feed(character))
            except (ValueError, OverflowError, ArithmeticError, TypeError, KeyError):
                self._forget()

    def tick(self) -> Iterable[Message]:
        """The messages of an escape sequence that nothing follows, and of a paste that is not ended."""
        if self._pasting.startswith(BRACKETED_PASTE_START) and time.monotonic() - self._heard > UNFINISHED:
            yield from self.feed(BRACKETED_PASTE_END)
        try:
            yield from super().tick()
        except (ValueError, OverflowError, ArithmeticError, TypeError, KeyError):
            self._forget()

    def _forget(self) -> None:
        kept = self.last_x, self.last_y, self.mouse_pixels, self.terminal_size, self.terminal_pixel_size
        super().__init__()
        self.last_x, self.last_y, self.mouse_pixels, self.terminal_size, self.terminal_pixel_size = kept


def _is_possible(message: Message) -> bool:
    return not isinstance(message, events.Resize) or all(0 < length <= LARGEST for length in message.size)


class SteadyDriver(LinuxDriver):
    """Takes the terminal over once, however often the program is stopped and goes on."""

    _has_it = False

    def start_application_mode(self) -> None:
        """Take the terminal over; anew where a stop that was not announced (SIGSTOP) left it to others."""
        if self._has_it:
            self.suspend_application_mode()
            self._must_signal_resume = True
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._has_it = self._writer_thread is not None

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self._has_it = False
        super().stop_application_mode()

    def process_message(self, message: Any) -> None:
        """Pass on what was typed, until the program has been told to end."""
        if counts(self._app, message):
            super().process_message(message)


def counts(app: App[Any], message: object) -> bool:
    """Whether what was typed still counts: the program has not been told to end; it hears of a key on its way."""
    if isinstance(app, KeysInOrder):
        if app.is_leaving:
            return False
        if isinstance(message, events.Key):
            app.sent(message)
    return True


def forgive(driver: ModuleType = linux_driver) -> None:
    """Let a driver of Textual read bytes that are no UTF-8 as unknown characters, and leave out what it cannot read.

    Args:
        driver: the module of the driver.
    """
    vars(driver).update(getincrementaldecoder=_forgiving, XTermParser=ForgivingParser)


def _forgiving(encoding: str) -> Callable[..., codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")
