"""The console's doors, on ports in memory; tests/console has them in a real browser."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import azure.functions as func
import pytest

from console.form_tokens import COOKIE, token_for
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.directories import MemoryReviewerDirectory
from shared.adapters.memory.letter_tray import MemoryLetterTray
from shared.adapters.registers import read_reviewers
from shared.bootstrap import build_ports, use_ports
from shared.contracts.incidents import INCIDENT_RESOLVED
from shared.ports.case_store import DeadLetter, IncidentRow
from shared.settings import read_settings
from tests.shared.ports.samples import NOON, a_case, opening, under_review
from triggers import BLUEPRINTS
from triggers.http import console as doors

SITE = "http://127.0.0.1:7071"
SECRET = "kept-by-the-browser"  # noqa: S105 - of a browser that only this test has.
CONNECTIONS = {
    "COSMOS_CONNECTION": "AccountEndpoint=http://127.0.0.1:1/;AccountKey=none;",
    "EventHubConnection": "Endpoint=sb://127.0.0.1;SharedAccessKeyName=none;SharedAccessKey=none",
}
DEVELOPMENT = {"DEVELOPMENT_USER": "nurse-rivera"}


class FakeClient:
    """Hears the events that stories are told."""

    def __init__(self) -> None:
        self.raised: list[tuple[str, str]] = []

    async def raise_orchestration_event(self, instance_id: str, event: str) -> None:
        self.raised.append((instance_id, event))


@pytest.fixture
async def cases() -> MemoryCaseStore:
    return _in_use(DEVELOPMENT)


def _in_use(settings: Mapping[str, str]) -> MemoryCaseStore:
    """Ports in memory for the running loop."""
    clock = SettableClock(NOON + timedelta(hours=1))
    store = MemoryCaseStore(clock)
    built = build_ports(read_settings({**CONNECTIONS, **settings}))
    register = MemoryReviewerDirectory(read_reviewers())
    use_ports(replace(built, cases=store, reviewers=register, tray=MemoryLetterTray(), clock=clock))
    return store


async def _get(
    door: Any, path: str = "/console", headers: Mapping[str, str] | None = None
) -> func.HttpResponse:
    return await _call(door, "GET", path, b"", {}, headers or {}, None)


async def _post(
    door: Any,
    path: str,
    form: Mapping[str, str] | None = None,
    *,
    route: Mapping[str, str] | None = None,
    client: FakeClient | None = None,
    headers: Mapping[str, str] | None = None,
) -> func.HttpResponse:
    """Send a form as our own page does, signed in as the physician."""
    user = "dr-chen"
    fields = {"token": token_for(user, SECRET), **(form or {})}
    sent = {"cookie": f"careloom_user={user}; {COOKIE}={SECRET}", "sec-fetch-site": "same-origin"}
    body = urlencode(fields).encode()
    return await _call(door, "POST", path, body, route or {}, {**sent, **(headers or {})}, client)


async def _call(
    door: Any,
    method: str,
    path: str,
    body: bytes,
    route: Mapping[str, str],
    headers: Mapping[str, str],
    client: FakeClient | None,
) -> func.HttpResponse:
    _, _, query = path.partition("?")
    request = func.HttpRequest(
        method,
        SITE + path,
        headers=headers,
        params=dict(part.split("=") for part in query.split("&") if part),
        route_params=route,
        body=body,
    )
    function = door._function.get_user_function()
    if client is None:
        answer: func.HttpResponse = await function(request)
        return answer
    # Past the binding, which would make a client for a task hub out of the host's settings.
    told: func.HttpResponse = await function.client_function(request, client=client)
    return told


def _text(answer: func.HttpResponse) -> str:
    return answer.get_body().decode()


async def _pended(cases: MemoryCaseStore) -> str:
    case = under_review(a_case(1), queue="radiology")
    await cases.save(opening(case))
    return f"{case.case_id}.review1"


def test_every_route_spells_its_prefix() -> None:
    triggers: list[Any] = [
        builder._function.get_trigger()
        for blueprint in BLUEPRINTS
        for builder in blueprint._function_builders
    ]
    routes = [each.route for each in triggers if each.get_binding_name() == "httpTrigger"]
    assert len(routes) > 10
    assert [
        each for each in routes if not each.startswith(("api/", "console", "cds-services"))
    ] == []


@pytest.mark.usefixtures("cases")
async def test_a_page_comes_with_a_strict_policy_and_a_secret_for_its_forms() -> None:
    answer = await _get(doors.show_inbox)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    assert answer.headers["cache-control"] == "no-store"
    kept = answer.headers["set-cookie"]
    assert kept.startswith(f"{COOKIE}=")
    assert kept.endswith("; Path=/console; HttpOnly; SameSite=Strict")
    again = await _get(doors.show_inbox, headers={"cookie": kept.partition(";")[0]})
    assert "set-cookie" not in again.headers


async def test_nobody_is_let_in_who_is_not_signed_in() -> None:
    _in_use({})
    answer = await _get(doors.show_inbox)
    assert answer.status_code == 403
    assert "Nobody is signed in." in _text(answer)


async def test_headers_of_the_platform_count_only_where_it_signs_people_in() -> None:
    forged = {"x-ms-client-principal": "e30=", "x-ms-client-principal-name": "dr-chen"}
    _in_use({})
    assert (await _get(doors.show_inbox, headers=forged)).status_code == 403


async def test_outside_development_there_is_no_choice_of_who_to_be() -> None:
    _in_use({"WEBSITE_AUTH_ENABLED": "true"})
    signed_in = {"x-ms-client-principal": "e30=", "x-ms-client-principal-name": "dr-chen"}
    assert (await _get(doors.show_sign_in, headers=signed_in)).status_code == 404
    answer = await _post(doors.sign_in, "/console/sign-in", {"user": "dr-chen"}, headers=signed_in)
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


@pytest.mark.usefixtures("cases")
async def test_a_reviewer_of_the_register_signs_in_and_goes_back() -> None:
    form = {"user": "dr-haddad", "next": "/console/cases"}
    answer = await _post(doors.sign_in, "/console/sign-in", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/cases")
    assert answer.headers["set-cookie"].startswith("careloom_user=dr-haddad; Path=/; HttpOnly")
    refused = await _post(doors.sign_in, "/console/sign-in", {"user": "x; Path=/evil"})
    assert refused.status_code == 400


async def test_a_form_that_was_taken_leads_on_and_tells_the_story(cases: MemoryCaseStore) -> None:
    task_id, client = await _pended(cases), FakeClient()
    route = {"task_id": task_id, "action": "claim"}
    answer = await _post(doors.act_on_review, "/console/tasks", route=route, client=client)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/console/tasks/{task_id}?done=claim"
    assert client.raised
    stored = await cases.load("case-1")
    assert stored is not None
    assert stored.case.review is not None
    assert stored.case.review.claimed_by == "dr-chen"


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"token": ""}, {}),
        ({"token": token_for("nurse-rivera", SECRET)}, {}),
        ({}, {"sec-fetch-site": "cross-site"}),
        ({}, {"cookie": "careloom_user=dr-chen"}),
    ],
    ids=["no token", "another user's token", "another site", "no cookie"],
)
async def test_a_form_that_is_not_ours_changes_nothing(
    cases: MemoryCaseStore, form: dict[str, str], headers: dict[str, str]
) -> None:
    task_id, client = await _pended(cases), FakeClient()
    route = {"task_id": task_id, "action": "claim"}
    answer = await _post(
        doors.act_on_review, "/console/tasks", form, route=route, client=client, headers=headers
    )
    assert answer.status_code == 403
    assert not client.raised
    stored = await cases.load("case-1")
    assert stored is not None
    assert stored.case.review is not None
    assert not stored.case.review.claimed_by


async def test_a_refused_form_comes_back_with_its_status(cases: MemoryCaseStore) -> None:
    task_id = await _pended(cases)
    for action, form, status in (
        ("reassign", {"to": ""}, 400),
        ("dance", {}, 400),
        ("reassign", {"to": "nobody"}, 403),
        ("end-peer-to-peer", {}, 422),
        ("release", {}, 409),
    ):
        route = {"task_id": task_id, "action": action}
        answer = await _post(
            doors.act_on_review, "/console/tasks", form, route=route, client=FakeClient()
        )
        assert answer.status_code == status, action
        assert "There is a problem" in _text(answer)


@pytest.mark.parametrize("task_id", ["case-1.review2", "case-1.appeal1", "case-9.review1", "x"])
async def test_a_task_that_is_not_there_is_not_found(cases: MemoryCaseStore, task_id: str) -> None:
    await _pended(cases)
    route = {"task_id": task_id}
    for door, method in ((doors.show_review, "GET"), (doors.show_case_page, "GET")):
        answer = await _call(door, method, "/", b"", {**route, "case_id": "case-9"}, {}, None)
        assert answer.status_code == 404


@pytest.mark.parametrize("beside", ['a={"x":1}', "b=\udce9", "c", "careloom_user=\udce9; d=e"])
async def test_the_cookies_of_other_programs_do_not_lock_anybody_out(
    cases: MemoryCaseStore, beside: str
) -> None:
    await _pended(cases)
    answer = await _get(doors.show_inbox, headers={"cookie": f"{beside}; {COOKIE}={SECRET}"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers  # The secret of its forms is known.


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize("name", ["x" * 101, "dr\udce9"])
async def test_a_name_that_nobody_has_is_refused(name: str) -> None:
    answer = await _get(doors.show_inbox, headers={"x-careloom-user": name})
    assert answer.status_code == 403


async def test_an_incident_is_resolved_by_telling_its_story(cases: MemoryCaseStore) -> None:
    row = IncidentRow(
        incident_id="incident-1",
        case_id="case-1",
        instance_id="case-1.r1",
        step="open_case",
        reason="PermanentError: it was refused",
        opened_at=NOON,
    )
    for each in (row, replace(row, incident_id="incident-2", instance_id="case-1.r2")):
        await cases.open_incident(each)
    listed = _text(await _get(doors.show_incidents))
    assert listed.count("Resolve<") == 2
    client, route = FakeClient(), {"case_id": "case-1", "incident_id": "incident-1"}
    for _ in range(2):  # The second press finds nothing left to do.
        answer = await _post(doors.resolve_incident, "/console", route=route, client=client)
        assert answer.status_code == 303
    assert client.raised == [("case-1.r1", INCIDENT_RESOLVED.name)]
    assert [each.incident_id for each in await cases.incidents(limit=9)] == ["incident-2"]


async def test_what_fits_no_case_is_listed_with_its_reason_and_without_its_body(
    cases: MemoryCaseStore,
) -> None:
    assert "All that came fits a case." in _text(await _get(doors.show_incidents))
    await cases.bury(
        DeadLetter(
            letter_id="attachment-1",
            source="submit-attachment",
            reason="no case has its TrackingId",
            body="what a document says",
            received_at=NOON,
        )
    )
    listed = _text(await _get(doors.show_incidents))
    assert "attachment-1" in listed
    assert "no case has its TrackingId" in listed
    assert "what a document says" not in listed


@pytest.mark.usefixtures("cases")
async def test_a_case_id_leads_to_its_page() -> None:
    answer = await _get(doors.list_cases, "/console/cases?case=pa-1/../x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/cases/pa-1%2F..%2Fx")


async def test_static_files_are_sent_once() -> None:
    route = {"name": "console.css"}
    first = await _call(doors.send_static, "GET", "/", b"", route, {}, None)
    assert (first.status_code, first.mimetype) == (200, "text/css")
    tag = {"if-none-match": first.headers["etag"]}
    again = await _call(doors.send_static, "GET", "/", b"", route, tag, None)
    assert (again.status_code, again.get_body()) == (304, b"")
    for name in ("nothing.css", "../templates/layout.html"):
        missing = await _call(doors.send_static, "GET", "/", b"", {"name": name}, {}, None)
        assert missing.status_code == 404
