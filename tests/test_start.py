"""The start of the program, on every Python: what Textual asks of its event loop differs between them."""

import asyncio
import gc

from lossterm.tui.app import LazyTasks
from tests.harness import came_to, program


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


async def test_garbage_is_looked_for_when_the_first_picture_is_there() -> None:
    gc.disable()  # as lossterm/__main__.py does
    try:
        async with program().run_test() as pilot:
            await came_to(pilot, gc.isenabled)
    finally:
        gc.enable()
