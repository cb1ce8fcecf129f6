"""The inquiry door: what became of a member's requests, to whoever asks for or gives the care."""

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.pas import read_inquiry
from shared.queries.inquiry import answer_inquiry
from triggers.http.answers import FHIR, fhir_base, fhir_door, json_answer

inquiries = df.Blueprint()


@inquiries.route(route="api/fhir/Claim/$inquire", methods=["POST"])
@fhir_door
async def inquire(req: func.HttpRequest) -> func.HttpResponse:
    """Answer every authorization that the inquiry means, as it stands now.

    Source: Da Vinci PAS 2.2.1 and 2.0.1, operation Claim-inquiry.
    """
    inquiry = read_inquiry(req.get_body())
    known = ports()
    answer = await answer_inquiry(
        inquiry, known.cases, known.members, known.clock, fhir_base=fhir_base(req)
    )
    return json_answer(answer, mimetype=FHIR)
