"""A sample application with every kind of door and the durable patterns, for the host's tests."""

import asyncio
import json
import logging
import os
import time
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any, List  # noqa: UP035 - the runtime refuses list[...]

import azure.durable_functions as df
import azure.functions as func
from durabletask import task
from durabletask.entities import EntityContext
from opentelemetry import trace

type Story = Generator[task.Task[Any], Any, Any]

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
_log = logging.getLogger("sample")


def note(line: str) -> None:
    """Append a line to the notebook that the tests read."""
    notebook = os.environ.get("SAMPLE_NOTEBOOK")
    if notebook:
        with Path(notebook).open("a") as file:
            file.write(line + "\n")


@app.route(route="echo/{word}/{number:int?}", auth_level=func.AuthLevel.ANONYMOUS)
def echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Answer what arrived."""
    _log.info("echo was called")
    seen = {
        "invocation": context.invocation_id,
        "method": req.method,
        "url": req.url,
        "route": dict(req.route_params),
        "query": dict(req.params),
        "bytes": len(req.get_body()),
        "trace_parent": context.trace_context.trace_parent,
        "current_trace": format(trace.get_current_span().get_span_context().trace_id, "032x"),
    }
    return func.HttpResponse(
        json.dumps(seen), mimetype="application/json", headers={"X-Seen": "yes"}
    )


@app.route(route="files/{*path}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def files(req: func.HttpRequest) -> func.HttpResponse:
    """Answer the rest of the path, and set two cookies."""
    response = func.HttpResponse(req.route_params.get("path", ""))
    response.headers.add("Set-Cookie", "a=1; Path=/")
    response.headers.add("Set-Cookie", "b=2; HttpOnly")
    return response


@app.route(route="files/known", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def known_file(req: func.HttpRequest) -> func.HttpResponse:
    """Show that a literal segment wins over a catch-all."""
    return func.HttpResponse("the known file")


@app.route(route="guarded", methods=["GET", "POST"])
async def guarded(req: func.HttpRequest) -> func.HttpResponse:
    """Need a function key."""
    return func.HttpResponse("ok")


@app.route(route="locked", methods=["GET"], auth_level=func.AuthLevel.ADMIN)
async def locked(req: func.HttpRequest) -> func.HttpResponse:
    """Need the master key."""
    return func.HttpResponse("ok")


@app.route(route="broken", auth_level=func.AuthLevel.ANONYMOUS)
async def broken(req: func.HttpRequest) -> func.HttpResponse:
    """Raise."""
    msg = "broken on purpose"
    raise RuntimeError(msg)


@app.route(route="sleep/{seconds:float}", auth_level=func.AuthLevel.ANONYMOUS)
async def sleep(req: func.HttpRequest) -> func.HttpResponse:
    """Take the given time."""
    await asyncio.sleep(float(req.route_params["seconds"]))
    return func.HttpResponse("slept")


@app.route(route="die", auth_level=func.AuthLevel.ANONYMOUS)
async def die(req: func.HttpRequest) -> func.HttpResponse:
    """End the worker process."""
    os._exit(1)


@app.route(route="settings/{name}", auth_level=func.AuthLevel.ANONYMOUS)
async def settings(req: func.HttpRequest) -> func.HttpResponse:
    """Answer a setting of the application."""
    return func.HttpResponse(os.environ.get(req.route_params["name"], ""))


@app.route(route="start/{story}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Start a story and answer its management URLs."""
    instance_id = await client.schedule_new_orchestration(
        req.route_params["story"],
        input=req.get_json() if req.get_body() else None,
        instance_id=req.params.get("id"),
    )
    return client.create_check_status_response(req, instance_id)


@app.route(route="run/{story}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@app.durable_client_input(client_name="client")
async def run(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Run a story to its end and answer its output."""
    instance_id = await client.schedule_new_orchestration(
        req.route_params["story"], input=req.get_json() if req.get_body() else None
    )
    state = await client.wait_for_orchestration_completion(instance_id, timeout=60)
    output = state.serialized_output if state else None
    return func.HttpResponse(output or "", mimetype="application/json")


@app.orchestration_trigger(context_name="ctx")
def three_steps(ctx: task.OrchestrationContext, start_at: int) -> Story:
    """Take three steps, one after the other."""
    value = start_at or 0
    for _ in range(3):
        value = yield ctx.call_activity("add_one", input=value)
    return value


@app.orchestration_trigger(context_name="ctx")
def fan_out(ctx: task.OrchestrationContext, width: int) -> Story:
    """Add one to many numbers at once."""
    tasks: list[task.Task[int]] = [
        ctx.call_activity("add_one", input=number) for number in range(width)
    ]
    results = yield task.when_all(tasks)
    return sum(results)


@app.orchestration_trigger(context_name="ctx")
def review(ctx: task.OrchestrationContext, seconds: float) -> Story:
    """Wait for a decision, or for the deadline."""
    ctx.set_custom_status("waiting")
    decided = ctx.wait_for_external_event("decided")
    deadline = ctx.create_timer(ctx.current_utc_datetime + timedelta(seconds=seconds or 60))
    winner = yield task.when_any([decided, deadline])
    ctx.set_custom_status("done")
    return decided.get_result() if winner is decided else "overdue"


@app.orchestration_trigger(context_name="ctx")
def parent(ctx: task.OrchestrationContext, start_at: int) -> Story:
    """Call another story."""
    result = yield ctx.call_sub_orchestrator("three_steps", input=start_at)
    return result


@app.orchestration_trigger(context_name="ctx")
def failing(ctx: task.OrchestrationContext, reason: str) -> Story:
    """Let the failure of a step escape."""
    yield ctx.call_activity("fail", input=reason)


@app.orchestration_trigger(context_name="ctx")
def retrying(ctx: task.OrchestrationContext, name: str) -> Story:
    """Retry a step that fails twice."""
    policy = task.RetryPolicy(
        first_retry_interval=timedelta(milliseconds=20), max_number_of_attempts=5
    )
    result = yield ctx.call_activity("fail_twice", input=name, retry_policy=policy)
    return result


@app.orchestration_trigger(context_name="ctx")
def leaving(ctx: task.OrchestrationContext, code: int) -> None:
    """Try to end the process that runs the story."""
    raise SystemExit(code)


@app.orchestration_trigger(context_name="ctx")
def repairable(ctx: task.OrchestrationContext, name: str) -> Story:
    """Take a step that fails twice, without trying again."""
    result = yield ctx.call_activity("fail_twice", input=name)
    return result


@app.orchestration_trigger(context_name="ctx")
def counting(ctx: task.OrchestrationContext, amount: int) -> Story:
    """Add to a counter and read it."""
    counter = df.EntityId("counter", "sample")
    total = yield ctx.call_entity(counter, "add", amount)
    return total


@app.orchestration_trigger(context_name="ctx")
def slow_steps(ctx: task.OrchestrationContext, name: str) -> Story:
    """Take five slow steps, each noted."""
    for number in range(5):
        yield ctx.call_activity("slow_note", input=f"{name} {number}")
    return name


@app.activity_trigger(input_name="value")
def add_one(value: int) -> int:
    """Add one."""
    return value + 1


@app.activity_trigger(input_name="line")
async def slow_note(line: str) -> None:
    """Note a line, slowly."""
    await asyncio.sleep(0.05)
    note(f"step {line}")


@app.activity_trigger(input_name="seconds")
def block(seconds: float) -> None:
    """Block a thread."""
    time.sleep(seconds)


@app.activity_trigger(input_name="reason")
def fail(reason: str) -> None:
    """Raise."""
    raise ValueError(reason)


@app.activity_trigger(input_name="name")
def fail_twice(name: str) -> int:
    """Fail until the notebook shows two attempts."""
    note(f"attempt {name}")
    attempts = Path(os.environ["SAMPLE_NOTEBOOK"]).read_text().count(f"attempt {name}\n")
    if attempts <= 2:
        msg = f"attempt {attempts}"
        raise RuntimeError(msg)
    return attempts


@app.activity_trigger(input_name="ignored")
def sync_trace(ignored: str) -> str:
    """Answer the trace that a synchronous activity sees."""
    return format(trace.get_current_span().get_span_context().trace_id, "032x")


@app.activity_trigger(input_name="ignored")
async def async_trace(ignored: str) -> str:
    """Answer the trace that an asynchronous activity sees."""
    return format(trace.get_current_span().get_span_context().trace_id, "032x")


@app.orchestration_trigger(context_name="ctx")
def traces(ctx: task.OrchestrationContext, _: None) -> Story:
    """Answer the traces that activities see."""
    first = yield ctx.call_activity("sync_trace", input="")
    second = yield ctx.call_activity("async_trace", input="")
    return [first, second]


@app.entity_trigger(context_name="context", entity_name="counter")
def counter(context: EntityContext, amount: int) -> int:
    """Count."""
    total: int = context.get_state(int, 0)
    if context.operation == "add":
        total += amount
        context.set_state(total)
    return total


@app.orchestration_trigger(context_name="ctx")
def versioned(ctx: task.OrchestrationContext, _: None) -> str:
    """Answer the version that it was started in."""
    return ctx.version or ""


@app.entity_trigger(context_name="context", entity_name="notepad")
def notepad(context: EntityContext, page: Any) -> None:
    """Keep what was written last."""
    context.set_state(page if context.operation == "write" else None)


@app.timer_trigger(schedule="%SAMPLE_SCHEDULE%", arg_name="timer", run_on_startup=False)
async def tick(timer: func.TimerRequest) -> None:
    """Note every tick."""
    note(f"tick past_due={timer.past_due}")


@app.event_hub_message_trigger(
    arg_name="events", event_hub_name="inbound", connection="EventHubConnection", cardinality="many"
)
async def on_events(events: List[func.EventHubEvent]) -> None:  # noqa: UP006 - the same
    """Note every event."""
    for event in events:
        note(f"event {event.get_body().decode()} key={event.partition_key}")


@app.event_hub_message_trigger(
    arg_name="event",
    event_hub_name="single",
    connection="EventHubConnection",
    cardinality="one",
    consumer_group="$Default",
)
def on_event(event: func.EventHubEvent) -> None:
    """Note one event."""
    note(f"single {event.get_body().decode()} sequence={event.sequence_number}")


@app.orchestration_trigger(context_name="ctx")
def blocking(ctx: task.OrchestrationContext, seconds: float) -> Story:
    """Block twelve threads, twice what Python would give by itself."""
    blocks: list[task.Task[None]] = [ctx.call_activity("block", input=seconds) for _ in range(12)]
    yield task.when_all(blocks)


@app.event_hub_message_trigger(
    arg_name="events", event_hub_name="deadly", connection="EventHubConnection", cardinality="many"
)
def on_deadly(events: List[func.EventHubEvent]) -> None:  # noqa: UP006 - the same
    """End the worker the first time that an event is seen."""
    for event in events:
        body = event.get_body().decode()
        if f"dying of {body}\n" not in Path(os.environ["SAMPLE_NOTEBOOK"]).read_text():
            note(f"dying of {body}")
            os._exit(1)
        note(f"survived {body}")


@app.route(route="worker/{seconds:float}", auth_level=func.AuthLevel.ANONYMOUS)
def worker(req: func.HttpRequest) -> func.HttpResponse:
    """Answer the worker's process id, after the given time."""
    time.sleep(float(req.route_params["seconds"]))
    return func.HttpResponse(str(os.getpid()))


def on_failing(event: func.EventHubEvent) -> None:
    """Fail on bad events."""
    body = event.get_body().decode()
    note(f"tried {body}")
    if body == "bad":
        raise ValueError(body)


def on_patient(event: func.EventHubEvent, context: func.Context) -> None:
    """Fail, and note which repetition this was."""
    body = event.get_body().decode()
    note(f"tried patiently {body} {context.retry_context.retry_count}")
    raise ValueError(body)


# Retry policies are declared on a blueprint that is not durable.
plain: Any = func.Blueprint()  # type: ignore[no-untyped-call]  # the SDK's
plain.event_hub_message_trigger(
    arg_name="event", event_hub_name="failing", connection="EventHubConnection", cardinality="one"
)(plain.retry(strategy="fixed_delay", max_retry_count="2", delay_interval="00:00:00")(on_failing))
plain.event_hub_message_trigger(
    arg_name="event", event_hub_name="patient", connection="EventHubConnection", cardinality="one"
)(plain.retry(strategy="fixed_delay", max_retry_count="5", delay_interval="00:10:00")(on_patient))
app.register_functions(plain)
