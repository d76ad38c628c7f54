"""The start of the program, on every Python: what Textual asks of its event loop differs between them."""

import asyncio

from lossterm.tui.app import LazyTasks


def test_tasks_begin_when_the_loop_comes_to_them() -> None:
    order: list[str] = []

    async def first() -> None:
        if hasattr(asyncio, "eager_task_factory"):
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        task = asyncio.create_task(second())
        order.append("first")
        await task

    async def second() -> None:
        order.append("second")

    with asyncio.Runner(loop_factory=LazyTasks) as runner:
        runner.run(first())
    assert order == ["first", "second"]
