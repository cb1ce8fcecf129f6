"""The FHIR door: prior authorization as Da Vinci PAS speaks it."""

from datetime import datetime

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.pas import Submission, read_submit
from shared.contracts.prior_authorization import CaseRef
from shared.ports.intake import Received, UnknownPriorCaseError, take_in
from shared.queries.authorization_answer import authorization_answer, prior_unknown_answer
from triggers.durable_client import durable_client
from triggers.http.answers import FHIR, fhir_base, fhir_door, json_answer
from triggers.http.identity import signed_in
from triggers.stories import answer_of, nudge, start_case

CASE_ID_HEADER = "x-careloom-case-id"

fhir = df.Blueprint()


@fhir.route(route="api/fhir/Claim/$submit", methods=["POST"])
@durable_client(fhir)
@fhir_door
async def submit(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Take in a request, and answer its decision, or its pend when the time is over.

    Source: Da Vinci PAS 2.2.1, Claim/$submit: answer within 15 seconds.
    """
    submission = read_submit(req.get_body())
    known = ports()
    try:
        taken = await take_in(known.cases, _received(req, submission, known.clock.now()))
    except UnknownPriorCaseError:
        return json_answer(prior_unknown_answer(known.clock, submission), mimetype=FHIR)
    instance_id = await start_case(client, taken)
    result = await answer_of(client, instance_id, known.settings.answer_within_seconds)
    if taken.is_new and taken.ref.revision > 1:
        await _wake(client, taken.ref)
    answer = await authorization_answer(
        known.cases, known.clock, taken, submission, result, fhir_base=fhir_base(req)
    )
    return json_answer(answer, mimetype=FHIR, headers={CASE_ID_HEADER: taken.ref.case_id})


async def _wake(client: df.DurableFunctionsClient, ref: CaseRef) -> None:
    """Wake the stories that this request has overtaken, so that they end."""
    stored = await ports().cases.load(ref.case_id)
    if stored is not None:
        await nudge(client, stored.case)


def _received(req: func.HttpRequest, submission: Submission, at: datetime) -> Received:
    user = signed_in(req)
    requestor = submission.request.requestor.identifier.value
    return Received(
        kind=submission.kind,
        request=submission.request,
        bundle=submission.bundle,
        submitted_by=user.user_id if user else requestor,
        via="http",
        received_at=at,
    )
