"""The workloads as a Restate service; hypercorn serves `app`."""

from functools import partial

import restate

service = restate.Service("Workloads")


def add(x: int, k: int) -> int:
    """One durable step."""
    return x + k


async def _in_turn(context: restate.Context, x: int, steps: int) -> int:
    for step in range(steps):
        x = await context.run_typed(f"step-{step}", partial(add, x, 1))
    return x


@service.handler()
async def seq3(context: restate.Context, x: int) -> int:
    """Three steps, one after the other."""
    return await _in_turn(context, x, 3)


@service.handler()
async def seq10(context: restate.Context, x: int) -> int:
    """Ten steps, one after the other."""
    return await _in_turn(context, x, 10)


@service.handler()
async def fan10(context: restate.Context, x: int) -> int:
    """Ten parallel steps and their sum."""
    steps = [context.run_typed(f"step-{k}", partial(add, x, k)) for k in range(10)]
    return sum([await step for step in await restate.gather(*steps)])


app = restate.app(services=[service])
