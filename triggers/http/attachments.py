"""The attachment door: documents that a provider sends for a request that he made."""

import logging
from hashlib import sha256

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.pas import read_submit_attachment
from shared.ports.attachments import take_in_documents
from shared.ports.case_store import DeadLetter, letter_body
from shared.queries.attachment_address import ANSWERS, UNKNOWN, find_addressed
from triggers.durable_client import durable_client
from triggers.http.answers import fhir_door, outcome
from triggers.stories import nudge

log = logging.getLogger(__name__)

attachments = df.Blueprint()


@attachments.route(route="api/fhir/$submit-attachment", methods=["POST"])
@durable_client(attachments)
@fhir_door
async def submit_attachment(
    req: func.HttpRequest, client: df.DurableFunctionsClient
) -> func.HttpResponse:
    """Take documents into the case that they are for, and say what they meant there.

    Source: Da Vinci CDex 2.1, operation submit-attachment; an OperationOutcome is its answer.
    """
    body = req.get_body()
    submitted, known = read_submit_attachment(body), ports()
    to = await find_addressed(known.cases, submitted)
    if to is None:
        await _bury(body)
        return outcome(404, UNKNOWN)
    taken = await take_in_documents(known.cases, known.attachments, known.clock, to, submitted)
    await nudge(client, taken.case)
    return outcome(200, ANSWERS[taken.arrival])


async def _bury(body: bytes) -> None:
    """Keep documents that belong to no case for a person to look at; the same ones once."""
    letter_id = f"attachment-{sha256(body).hexdigest()[:32]}"
    log.warning("attachment %s is for no case", letter_id)
    await ports().cases.bury(
        DeadLetter(
            letter_id=letter_id,
            source="submit-attachment",
            reason="no case has its TrackingId",
            body=letter_body(body),
            received_at=ports().clock.now(),
        )
    )
