"""The workloads as a function app: the steps that the peers take, in their numbers."""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df
from durabletask import task

type Story = Generator[task.Task[Any], Any, Any]

app = df.DFApp()


@app.activity_trigger(input_name="pair")
async def add(pair: Any) -> int:
    """One durable step: the sum of two numbers."""
    one, other = pair
    return int(one + other)


@app.orchestration_trigger(context_name="context")
def step(context: task.OrchestrationContext, x: int) -> Story:
    """One step."""
    return (yield from _in_turn(context, x, 1))


@app.orchestration_trigger(context_name="context")
def seq3(context: task.OrchestrationContext, x: int) -> Story:
    """Three steps, one after the other."""
    return (yield from _in_turn(context, x, 3))


@app.orchestration_trigger(context_name="context")
def seq10(context: task.OrchestrationContext, x: int) -> Story:
    """Ten steps, one after the other."""
    return (yield from _in_turn(context, x, 10))


@app.orchestration_trigger(context_name="context")
def fan10(context: task.OrchestrationContext, x: int) -> Story:
    """Ten parallel steps and their sum."""
    return (yield from _side_by_side(context, x, 10))


@app.orchestration_trigger(context_name="context")
def fan1000(context: task.OrchestrationContext, x: int) -> Story:
    """A thousand parallel steps and their sum."""
    return (yield from _side_by_side(context, x, 1000))


@app.orchestration_trigger(context_name="context")
def waiting(context: task.OrchestrationContext, x: int) -> Story:
    """Wait for a number from outside, and add it."""
    released_with = yield context.wait_for_external_event("released")
    return x + released_with


def _in_turn(context: task.OrchestrationContext, x: int, steps: int) -> Story:
    for _ in range(steps):
        x = yield context.call_activity("add", input=[x, 1])
    return x


def _side_by_side(context: task.OrchestrationContext, x: int, steps: int) -> Story:
    tasks: list[task.Task[int]] = [context.call_activity("add", input=[x, k]) for k in range(steps)]
    return sum((yield task.when_all(tasks)))
