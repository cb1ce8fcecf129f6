import json

import azure.functions as func
import pytest

from shared.domain.prior_authorization.review import TaskClosedError
from shared.errors import CareloomError, PermanentError, TransientError
from triggers.http.answers import fhir_door


async def answer_to(error: CareloomError) -> func.HttpResponse:
    """What a FHIR door answers whose work ends in an error."""

    @fhir_door
    async def door(_req: func.HttpRequest) -> func.HttpResponse:
        raise error

    return await door(func.HttpRequest("GET", "https://payer.example/api/fhir/x", body=b""))


async def test_what_may_be_sent_again_says_when_and_nothing_else() -> None:
    answer = await answer_to(TransientError("the store is throttled"))

    assert (answer.status_code, answer.get_body()) == (503, b"")
    assert int(answer.headers["Retry-After"]) > 0


async def test_what_is_wrong_on_our_side_carries_no_outcome() -> None:
    answer = await answer_to(PermanentError("case pa-1 has lost its request"))

    assert (answer.status_code, answer.get_body()) == (500, b"")
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(("error", "status"), [(TaskClosedError("closed"), 409)])
async def test_what_is_the_senders_carries_one_outcome(error: CareloomError, status: int) -> None:
    answer = await answer_to(error)

    assert answer.status_code == status
    assert json.loads(answer.get_body())["resourceType"] == "OperationOutcome"
