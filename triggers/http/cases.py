"""The case door: one case with its timeline."""

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.queries.case_view import as_json, view_case
from triggers.http.answers import api_door, json_answer

cases = df.Blueprint()


@cases.route(route="api/cases/{case_id}", methods=["GET"])
@api_door
async def show_case(req: func.HttpRequest) -> func.HttpResponse:
    """The case with its items, clocks, notices, timeline and the proof of its audit trail."""
    return json_answer(as_json(await view_case(ports().cases, req.route_params["case_id"])))
