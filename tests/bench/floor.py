"""The cheapest Textual app: one label, updated at every key. What it costs is what Textual costs."""

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Label


class Floor(App[None]):
    """One label."""

    CSS = "Label { width: 1fr }"  # a label that changes its width is laid out anew, and drawn twice
    presses = 0

    def compose(self) -> ComposeResult:
        yield Label("floor 0")

    def on_key(self, event: Key) -> None:
        if event.character == "q":
            self.exit()
        self.presses += 1
        self.query_one(Label).update(f"floor {self.presses} {event.key}")


if __name__ == "__main__":
    Floor().run()
