"""The case door: one case with its timeline."""

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.prior_authorization import APPEAL
from shared.contracts.tasks import FileAppeal, read_message
from shared.ports.appealing import file_appeal
from shared.queries.case_view import as_json, view_case
from triggers.http.answers import api_door, json_answer, read_object
from triggers.stories import appeal_instance, start

cases = df.Blueprint()


@cases.route(route="api/cases/{case_id}", methods=["GET"])
@api_door
async def show_case(req: func.HttpRequest) -> func.HttpResponse:
    """The case with its items, clocks, notices, timeline and the proof of its audit trail."""
    return json_answer(as_json(await view_case(ports().cases, req.route_params["case_id"])))


@cases.route(route="api/cases/{case_id}/appeals", methods=["POST"])
@cases.durable_client_input(client_name="client")
@api_door
async def appeal_case(
    req: func.HttpRequest, client: df.DurableFunctionsClient
) -> func.HttpResponse:
    """File an appeal at the level that is open to the case, and start its story."""
    asked = read_message(FileAppeal, read_object(req))
    with_ports = ports()
    ref = await file_appeal(
        with_ports.cases, with_ports.rules, with_ports.clock, req.route_params["case_id"], asked
    )
    await start(client, APPEAL, ref, instance_id=appeal_instance(ref))
    return json_answer({"caseId": ref.case_id, "appeal": ref.number}, status=201)
