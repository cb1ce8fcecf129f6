"""The door to the dead letters: events that no flow could take, and why."""

import azure.durable_functions as df
import azure.functions as func

from shared.bootstrap import ports
from shared.ports.case_store import DeadLetter
from triggers.http.answers import api_door, json_answer

dead_letters = df.Blueprint()

NEWEST_MAX = 200


@dead_letters.route(route="api/dead-letters", methods=["GET"])
@api_door
async def list_dead_letters(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the host's
    """The newest dead letters with their reasons; their bodies may hold health data and stay."""
    letters = await ports().cases.dead_letters(limit=NEWEST_MAX)
    return json_answer({"deadLetters": [_shown(letter) for letter in letters]})


def _shown(letter: DeadLetter) -> dict[str, str]:
    return {
        "letterId": letter.letter_id,
        "source": letter.source,
        "reason": letter.reason,
        "receivedAt": letter.received_at.isoformat(),
    }
