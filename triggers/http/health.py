"""The health door: whether the app runs and reaches its store."""

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.errors import DependencyError
from shared.ports.case_store import CaseFilter
from triggers.http.answers import json_answer

health = df.Blueprint()


@health.route(route="api/health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def check_health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the host's
    """Answer 200 when the store answers, 503 when it does not."""
    try:
        await ports().cases.cases(CaseFilter(limit=1))
    except DependencyError:
        return json_answer({"status": "unhealthy", "store": "out of reach"}, status=503)
    return json_answer({"status": "healthy", "store": "reached"})
