"""The metadata door: what the FHIR door can do."""

import azure.durable_functions as df
import azure.functions as func

from shared.contracts.pas import capability_statement
from triggers.http.answers import FHIR, fhir_base, fhir_door, json_answer

metadata = df.Blueprint()


@metadata.route(route="api/fhir/metadata", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@fhir_door
async def show_metadata(req: func.HttpRequest) -> func.HttpResponse:
    """Answer the CapabilityStatement."""
    return json_answer(capability_statement(fhir_base(req)), mimetype=FHIR)
