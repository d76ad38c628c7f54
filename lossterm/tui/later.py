"""Something done a little later, without fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.message_pump import MessagePump


def later(node: MessagePump, seconds: float, act: Callable[[], object]) -> None:
    """Have something done by a node after some seconds; nothing is done when the node has gone by then.

    ``MessagePump.set_timer`` is not enough for what is short and must happen: a timer whose moment has passed when its
    task gets its turn (on a busy machine) skips it, and so never fires.

    Args:
        node: the screen, widget or program among whose messages it is done.
        seconds: how long to wait.
        act: is called.
    """
    asyncio.get_running_loop().call_later(seconds, node.call_next, act)
