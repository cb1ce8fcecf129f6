"""The HTTP doors themselves: requests into the functions that the app registers."""

import json
from typing import Any

import azure.functions as func
from azure.functions import HttpRequest, HttpResponse
from azure.functions.decorators.function_app import FunctionBuilder

from shared.contracts.pas import operation_outcome
from shared.domain.prior_authorization.questions import Arrival
from shared.errors import ComplianceError, RuleViolation
from shared.queries.attachment_address import ANSWERS
from tests.simulation.doors import Submitted
from tests.simulation.outside import Outside
from tests.simulation.plan import Asked, Plan
from tests.simulation.requests import bundle_of
from tests.triggers.inquiring import documents
from triggers.http import attachments, cases, fhir, tasks
from triggers.http.fhir import CASE_ID_HEADER
from triggers.http.identity import DEVELOPMENT_HEADER
from triggers.timers import sweep as sweeps

HOST = "https://payer.example"
REFUSALS: dict[int, type[Exception]] = {
    403: ComplianceError,
    409: RuleViolation,
    422: RuleViolation,
}


class HttpDoors:
    """Doors by HTTP, without the socket."""

    def __init__(self, client: Any, outside: Outside) -> None:
        self._client = client
        self._outside = outside
        self._revisions: dict[str, int] = {}
        self.cut_off: frozenset[str] = frozenset()  # The power holds.

    async def submit(self, plan: Plan, kind: str, items: tuple[Asked, ...]) -> Submitted:
        """Send a generated PAS bundle to $submit; which revision it became stands in the inbox."""
        bundle = bundle_of(plan, kind, items, at=self._outside.clock.now())
        answer = await self._post(fhir.submit, "api/fhir/Claim/$submit", bundle)
        assert answer.status_code == 200, answer.get_body()
        assert json.loads(answer.get_body())["entry"][0]["resource"]["resourceType"] == (
            "ClaimResponse"
        )
        case_id = answer.headers[CASE_ID_HEADER]
        known = revision = self._revisions.get(case_id, 0)
        while await self._outside.cases.inbox_row(case_id, revision + 1) is not None:
            revision += 1
        self._revisions[case_id] = revision
        return Submitted(case_id, revision, is_new=revision > known)

    async def end_earlier(self, case_id: str) -> None:
        """Nothing: $submit has done it."""

    async def act(self, task_id: str, action: str, body: object, *, user_id: str) -> None:
        """Post to the task door."""
        params = {"task_id": task_id, "action": action}
        path = f"api/tasks/{task_id}/{action}"
        _refuse(await self._post(tasks.act, path, body, params=params, user_id=user_id))

    async def send_documents(self, tracking: str, kind: str) -> Arrival:
        """Post to $submit-attachment, and read what the OperationOutcome says."""
        body = documents(tracking, note=kind)
        answer = await self._post(
            attachments.submit_attachment, "api/fhir/$submit-attachment", body
        )
        assert answer.status_code == 200, answer.get_body()
        said = json.loads(answer.get_body())
        return next(each for each in Arrival if operation_outcome((ANSWERS[each],)) == said)

    async def appeal(self, case_id: str, body: object) -> int:
        """Post to the appeal door."""
        params = {"case_id": case_id}
        path = f"api/cases/{case_id}/appeals"
        answer = _refuse(await self._post(cases.appeal_case, path, body, params=params), 201)
        return int(json.loads(answer.get_body())["appeal"])

    async def sweep(self) -> None:
        """Let the timer find what was forgotten."""
        await _function(sweeps.find_forgotten)(timer=None, client=self._client)

    async def _post(
        self,
        door: FunctionBuilder,
        path: str,
        body: object,
        *,
        params: dict[str, str] | None = None,
        user_id: str = "",
    ) -> HttpResponse:
        request = HttpRequest(
            method="POST",
            url=f"{HOST}/{path}",
            headers={"content-type": "application/json", DEVELOPMENT_HEADER: user_id},
            route_params=params or {},
            body=json.dumps(body).encode(),
        )
        answer = await _function(door)(request, self._client)
        assert isinstance(answer, func.HttpResponse)
        return answer


def _refuse(answer: HttpResponse, expected: int = 200) -> HttpResponse:
    """The answer, unless it is a refusal.

    Raises:
        RuleViolation, ComplianceError: as the status says.
    """
    refusal = REFUSALS.get(answer.status_code)
    if refusal is not None:
        raise refusal(json.loads(answer.get_body())["detail"])
    assert answer.status_code == expected, answer.get_body()
    return answer


def _function(door: FunctionBuilder) -> Any:
    """A door's own function, which the SDK keeps for tests."""
    registered: Any = door._function.get_user_function()
    return registered.client_function
