"""Textual's driver of a browser, through the pipes of `lossterm serve`, which ends when the other end has gone."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from textual import events
from textual.app import App
from textual.drivers import web_driver
from textual.drivers.web_driver import WebDriver

from lossterm.tui.lifeline import GRACE
from lossterm.tui.terminal import counts, forgive


class BrowserDriver(WebDriver):
    """Sends packets whole, has the keyboard from the start, and ends the program when nobody is there any more."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        forgive(web_driver)
        super().__init__(app, **options)
        self._one_at_a_time = threading.Lock()
        self._write = self._write_whole  # type: ignore[assignment]

    def _write_whole(self, packet: bytes) -> None:
        # frames come from the program's thread, downloads from the one that reads: neither may cut into the other
        rest = memoryview(packet)
        with self._one_at_a_time:
            try:
                while rest:
                    rest = rest[os.write(self.fileno, rest) :]
            except OSError:  # nobody reads it: nothing is to be kept, and nobody is there to be told
                os._exit(1)

    def start_application_mode(self) -> None:
        """Begin to read and write."""
        super().start_application_mode()
        for number in (signal.SIGINT, signal.SIGTERM):  # who is told to end does so at once: a guest keeps nothing
            self._loop.remove_signal_handler(number)
        # Textual waits for the page to say that it has the keyboard; ours always has
        self._app.call_later(self._app.post_message, events.AppFocus())

    def process_message(self, message: Any) -> None:
        """Pass on what was typed, until the program has been told to end; sizes come in packets, not among the keys."""
        if not isinstance(message, events.Resize) and counts(self._app, message):
            super().process_message(message)

    def run_input_thread(self) -> None:
        """Read until the program ends, or the other end has gone: then the program ends too."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._loop.call_soon_threadsafe(self._app.exit)
            if not self.exit_event.wait(GRACE):
                os._exit(0)
