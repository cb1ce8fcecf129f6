"""The case door: one case with its timeline."""

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.prior_authorization import APPEAL
from shared.contracts.tasks import FileAppeal, read_message
from shared.ports.appealing import file_appeal
from shared.queries.case_view import appeal_as_json, as_json, view_case
from triggers.durable_client import durable_client
from triggers.http.answers import api_door, json_answer, read_object
from triggers.stories import appeal_instance, nudge, start

cases = df.Blueprint()


@cases.route(route="api/cases/{case_id}", methods=["GET"])
@api_door
async def show_case(req: func.HttpRequest) -> func.HttpResponse:
    """The case with its items, clocks, notices, timeline and the proof of its audit trail."""
    return json_answer(as_json(await view_case(ports().cases, req.route_params["case_id"])))


@cases.route(route="api/cases/{case_id}/appeals", methods=["POST"])
@durable_client(cases)
@api_door
async def appeal_case(
    req: func.HttpRequest, client: df.DurableFunctionsClient
) -> func.HttpResponse:
    """File an appeal at the level that is open to the case, and start its story."""
    asked = read_message(FileAppeal, read_object(req))
    with_ports = ports()
    filed = await file_appeal(
        with_ports.cases, with_ports.rules, with_ports.clock, req.route_params["case_id"], asked
    )
    await start(client, APPEAL, filed.ref, instance_id=appeal_instance(filed.ref))
    await nudge(client, filed.case)  # The review, or the appeal, that it took over.
    shown = appeal_as_json(filed.case, filed.ref.number)
    return json_answer({"caseId": filed.ref.case_id, **shown}, status=201)
