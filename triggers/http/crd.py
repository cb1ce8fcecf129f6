"""The ordering door: what a plan will ask for, while the clinician orders. CDS Hooks, Da Vinci CRD.

Its routes stand at the root, because CDS Hooks fixes the path behind the base URL.
"""

import asyncio

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.crd import HOOKS, discovery, read_hook
from shared.errors import ContractError, TransientError
from shared.queries.coverage_information import answer_hook
from triggers.http.answers import api_door, json_answer, problem

# CRD 2.1 asks for an answer within 5 seconds; some of them are the network's.
ANSWER_SECONDS = 4.0

crd = df.Blueprint()


@crd.route(route="cds-services", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@api_door
async def show_services(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the host's
    """Answer which hooks are served."""
    return json_answer(discovery())


@crd.route(route="cds-services/{service}", methods=["POST"])
@api_door
async def answer_service(req: func.HttpRequest) -> func.HttpResponse:
    """Answer a hook with the coverage information of its orders; no case is opened."""
    if req.route_params["service"] not in HOOKS:
        return problem(404, "There is no such service")
    request = read_hook(req.get_body())
    if request.hook != req.route_params["service"]:
        raise ContractError("the hook is another than the service's", where="/hook")
    known = ports()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = await answer_hook(
                request, known.cases, known.members, known.rules, known.clock
            )
    except TimeoutError as error:
        raise TransientError("the rules did not answer in time") from error
    return json_answer(answer)
