"""The task door: the clinical reviewer's inbox, and what he says of a task."""

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.domain.prior_authorization.tasks import PersonTask
from shared.errors import ContractError
from shared.ports.case_store import TaskFilter
from shared.ports.reviewing import Desk, act_on_task
from triggers.durable_client import durable_client
from triggers.http.answers import api_door, json_answer, read_object
from triggers.http.identity import user_of
from triggers.stories import nudge

tasks = df.Blueprint()

LIMIT_MAX = 200


@tasks.route(route="api/tasks", methods=["GET"])
@api_door
async def list_tasks(req: func.HttpRequest) -> func.HttpResponse:
    """Tasks by rank and due time, with their number in all; filters: queue, status, claimedBy."""
    page = await ports().cases.tasks(
        TaskFilter(
            queues=_listed(req, "queue"),
            statuses=_listed(req, "status"),
            claimed_by=req.params.get("claimedBy", ""),
            limit=_number(req, "limit", 50, LIMIT_MAX),
            offset=_number(req, "offset", 0, 1_000_000),
        )
    )
    return json_answer({"total": page.total, "tasks": [_shown(task) for task in page.tasks]})


@tasks.route(route="api/tasks/{task_id}/{action}", methods=["POST"])
@durable_client(tasks)
@api_door
async def act(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Complete a task, claim it, ask for information: the action's name says which."""
    task_id, action = req.route_params["task_id"], req.route_params["action"]
    case = await act_on_task(
        desk(), task_id, action, read_object(req), user_id=user_of(req).user_id
    )
    await nudge(client, case)
    return json_answer({"taskId": task_id, "caseId": case.case_id, "stage": case.stage})


def desk() -> Desk:
    """What reviewing needs, from the app's ports."""
    return Desk(ports().cases, ports().reviewers, ports().rules, ports().clock)


def _shown(task: PersonTask) -> dict[str, object]:
    return {
        "taskId": task.task_id,
        "caseId": task.case_id,
        "kind": task.kind,
        "status": task.status,
        "queue": task.queue,
        "level": task.level,
        "rank": task.rank,
        "openedAt": task.opened_at.isoformat(),
        "dueAt": task.due_at.isoformat() if task.due_at else None,
        "claimedBy": task.claimed_by or None,
    }


def _listed(req: func.HttpRequest, name: str) -> tuple[str, ...]:
    return tuple(value for value in req.params.get(name, "").split(",") if value)


def _number(req: func.HttpRequest, name: str, default: int, most: int) -> int:
    text = req.params.get(name, str(default))
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    if not is_number or int(text) > most:
        raise ContractError(f"{name} is a number from 0 to {most}", where=f"?{name}")
    return int(text)
