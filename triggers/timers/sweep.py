"""The sweep: a timer that finds what was forgotten, and sets it going again."""

import logging

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.prior_authorization import SWEEP, CaseRef
from shared.ports.intake import TakenIn
from shared.queries.overdue import find_overdue
from triggers.durable_client import durable_client
from triggers.stories import start, start_case, take_up

log = logging.getLogger(__name__)

timers = df.Blueprint()


@timers.function_name("find_forgotten")
@timers.timer_trigger(schedule="%SWEEP_SCHEDULE%", arg_name="timer", run_on_startup=True)
@durable_client(timers)
async def find_forgotten(timer: func.TimerRequest, client: df.DurableFunctionsClient) -> None:  # noqa: ARG001
    """Start what was received and never started, nudge what is due, send what was not sent."""
    overdue = await find_overdue(ports().cases, ports().clock.now())
    for row in overdue.unopened:
        await start_case(client, TakenIn(CaseRef(row.case_id, row.revision), is_new=False))
    for case in overdue.due:
        await take_up(client, case)
    if overdue.chores:
        slot = f"sweep-{overdue.found_at:%Y%m%dT%H%M%S}"
        await start(client, SWEEP, overdue.chores, instance_id=slot)
    log.info(
        "sweep: %d unopened, %d due, %d chores",
        len(overdue.unopened),
        len(overdue.due),
        len(overdue.chores),
    )
