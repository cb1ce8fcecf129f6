"""The console's door: pages for people, and the forms that they send."""

from urllib.parse import quote

import azure.durable_functions as df
import azure.functions as func

from console.case_page import case_page
from console.entrance import problem_page, safe_return, sign_in_page
from console.forms import Form, Problem, problems_of, read_message, value_of
from console.list_pages import cases_page, inbox_page, incidents_page, letters_page
from console.reading import DEAD_LETTERS_MAX, INCIDENTS_MAX, read_cases, read_inbox, read_tray
from console.review_page import Review, review_page
from console.static_files import static_files
from shared.adapters.registers import read_reviewers
from shared.bootstrap import ports
from shared.domain.prior_authorization.reviewers import Reviewer
from shared.domain.prior_authorization.tasks import case_of, review_task_id
from shared.errors import ComplianceError, ContractError, RuleViolation
from shared.ports.commits import UnknownCaseError, load_case
from shared.ports.reviewing import act_on_task, holder_of
from shared.queries.case_view import view_case
from triggers.durable_client import durable_client
from triggers.http.identity import DEVELOPMENT_COOKIE
from triggers.http.tasks import desk
from triggers.http.visits import Visit, cookie, go_to, page_door, status_of, visit_of
from triggers.stories import nudge, repaired

console = df.Blueprint()

ANYBODY = func.AuthLevel.ANONYMOUS  # A browser sends no function key; people sign in.


@console.route(route="console", methods=["GET"], auth_level=ANYBODY)
@page_door
async def show_inbox(req: func.HttpRequest) -> func.HttpResponse:
    """The reviewer's inbox, by view, queue and page."""
    visit = await visit_of(req)
    user_id, now = visit.viewer.user_id, ports().clock.now()
    inbox = await read_inbox(ports().cases, user_id, req.params, now)
    return visit.page(inbox_page(visit.viewer, inbox, done=req.params.get("done", "")))


@console.route(route="console/tasks/{task_id}", methods=["GET"], auth_level=ANYBODY)
@page_door
async def show_review(req: func.HttpRequest) -> func.HttpResponse:
    """A review: what is asked, and what may be done."""
    visit = await visit_of(req)
    return visit.page(review_page(visit.viewer, await _review(visit)))


@console.route(route="console/tasks/{task_id}/{action}", methods=["POST"], auth_level=ANYBODY)
@durable_client(console)
@page_door
async def act_on_review(
    req: func.HttpRequest, client: df.DurableFunctionsClient
) -> func.HttpResponse:
    """Do what a form says; what cannot be done is said on the same page."""
    visit = await visit_of(req)
    form, user_id = visit.form(), visit.viewer.user_id
    task_id, action = req.route_params["task_id"], req.route_params["action"]
    try:
        message = read_message(action, form)
        case = await act_on_task(desk(), task_id, action, message, user_id=user_id)
    except UnknownCaseError:
        raise
    except (ContractError, RuleViolation, ComplianceError) as error:
        problems = problems_of(action, form, error)
        again = await _review(visit, form=form, problems=problems)
        return visit.page(review_page(visit.viewer, again), status=status_of(error)[0])
    await nudge(client, case)
    is_over = not case.is_pended or task_id != review_task_id(case)
    page = f"cases/{quote(case.case_id)}" if is_over else f"tasks/{quote(task_id)}"
    return go_to(f"/console/{page}?done={quote(action)}")


@console.route(route="console/cases", methods=["GET"], auth_level=ANYBODY)
@page_door
async def list_cases(req: func.HttpRequest) -> func.HttpResponse:
    """The cases by stage or member, or the one whose id was entered."""
    visit = await visit_of(req)
    case_id = req.params.get("case", "").strip()
    if case_id:
        return go_to(f"/console/cases/{quote(case_id, safe='')}")
    found = await read_cases(ports().cases, req.params)
    return visit.page(cases_page(visit.viewer, found))


@console.route(route="console/cases/{case_id}", methods=["GET"], auth_level=ANYBODY)
@page_door
async def show_case_page(req: func.HttpRequest) -> func.HttpResponse:
    """A case, whole."""
    visit = await visit_of(req)
    view = await view_case(ports().cases, req.route_params["case_id"])
    done = req.params.get("done", "")
    return visit.page(case_page(visit.viewer, view, ports().clock.now(), done=done))


@console.route(route="console/letters", methods=["GET"], auth_level=ANYBODY)
@page_door
async def show_letters(req: func.HttpRequest) -> func.HttpResponse:
    """The letter tray."""
    visit = await visit_of(req)
    tray = await read_tray(ports().cases, ports().tray, req.params)
    return visit.page(letters_page(visit.viewer, tray))


@console.route(route="console/incidents", methods=["GET"], auth_level=ANYBODY)
@page_door
async def show_incidents(req: func.HttpRequest) -> func.HttpResponse:
    """The steps that wait for an engineer, and what was received and fits no case."""
    visit = await visit_of(req)
    incidents = await ports().cases.incidents(limit=INCIDENTS_MAX)
    letters = await ports().cases.dead_letters(limit=DEAD_LETTERS_MAX)
    done = req.params.get("done", "")
    return visit.page(incidents_page(visit.viewer, incidents, letters, done=done))


@console.route(
    route="console/incidents/{case_id}/{incident_id}/resolve",
    methods=["POST"],
    auth_level=ANYBODY,
)
@durable_client(console)
@page_door
async def resolve_incident(
    req: func.HttpRequest, client: df.DurableFunctionsClient
) -> func.HttpResponse:
    """Let a step be tried again; one that was resolved meanwhile is left alone."""
    visit = await visit_of(req)
    visit.form()
    incident_id = req.route_params["incident_id"]
    for row in await ports().cases.incidents(limit=INCIDENTS_MAX):
        if (row.case_id, row.incident_id) == (req.route_params["case_id"], incident_id):
            await repaired(client, row.instance_id)
            await ports().cases.resolve_incident(row.case_id, incident_id, at=ports().clock.now())
    return go_to("/console/incidents?done=resolve")


@console.route(route="console/sign-in", methods=["GET"], auth_level=ANYBODY)
@page_door
async def show_sign_in(req: func.HttpRequest) -> func.HttpResponse:
    """The choice of who to be, in development only."""
    visit = await visit_of(req)
    if not visit.viewer.may_switch:
        return _no_page(visit)
    back_to = req.params.get("next", "")
    return visit.page(sign_in_page(visit.viewer, await _known_reviewers(), back_to=back_to))


@console.route(route="console/sign-in", methods=["POST"], auth_level=ANYBODY)
@page_door
async def sign_in(req: func.HttpRequest) -> func.HttpResponse:
    """Be somebody else from now on, in development only."""
    visit = await visit_of(req)
    if not visit.viewer.may_switch:
        return _no_page(visit)
    form = visit.form()
    user_id = value_of(form, "user")
    if await ports().reviewers.find_reviewer(user_id) is None:
        raise ContractError("choose a reviewer from the register")
    given = cookie(DEVELOPMENT_COOKIE, user_id, req.url)
    return go_to(safe_return(value_of(form, "next")), **{"Set-Cookie": given})


@console.route(route="console/static/{name}", methods=["GET"], auth_level=ANYBODY)
async def send_static(req: func.HttpRequest) -> func.HttpResponse:
    """A style sheet or an image; unchanged ones are not sent again."""
    file = static_files().get(req.route_params["name"])
    if file is None:
        return func.HttpResponse(status_code=404)
    headers = {"ETag": file.etag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if file.etag in req.headers.get("if-none-match", ""):
        return func.HttpResponse(status_code=304, headers=headers)
    return func.HttpResponse(file.content, mimetype=file.mimetype, headers=headers)


async def _review(
    visit: Visit, *, form: Form | None = None, problems: tuple[Problem, ...] = ()
) -> Review:
    """The task of a visit.

    Raises:
        UnknownCaseError: there is no such task.
    """
    task_id = visit.req.route_params["task_id"]
    stored = await load_case(ports().cases, case_of(task_id))
    known = await _known_reviewers() if visit.viewer.may_switch else ()
    register = ports().reviewers
    reviewer = await register.find_reviewer(visit.viewer.user_id)
    opened = Review(
        case=stored.case,
        task_id=task_id,
        now=ports().clock.now(),
        reviewer=reviewer,
        holder=await holder_of(register, stored.case, by=reviewer) if reviewer else None,
        colleagues=tuple(each.reviewer_id for each in known),
        form=form,
        problems=problems,
        done=visit.req.params.get("done", ""),
    )
    if not opened.exists:
        raise UnknownCaseError(f"there is no task {task_id}")
    return opened


async def _known_reviewers() -> list[Reviewer]:
    """The sample reviewers whom the register of this machine knows."""
    found = [await ports().reviewers.find_reviewer(each.reviewer_id) for each in read_reviewers()]
    return [reviewer for reviewer in found if reviewer is not None]


def _no_page(visit: Visit) -> func.HttpResponse:
    return visit.page(problem_page(visit.viewer, title="There is no such page"), status=404)
