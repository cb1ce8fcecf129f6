"""CloudEvents 1.0 as they come in from the event backbone and go out to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.pas.json_body import read_json
from shared.errors import ContractError

SUBMITTED = "org.careloom.prior-authorization.submitted.v1"
OUTCOME = "org.careloom.prior-authorization.{}.v1"
SOURCE = "/careloom/prior-authorization"
REQUIRED = ("specversion", "id", "source", "type")


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """An event in the structured JSON form.

    Attributes:
        source, event_id: together they name the event; type: what happened.
    """

    event_id: str
    source: str
    type: str
    data: dict[str, Any]


def read_cloud_event(body: bytes) -> CloudEvent:
    """The event in a message.

    Raises:
        ContractError: it is not a CloudEvent of a type and version that we take.
    Source:
        CloudEvents 1.0.2, JSON event format.
    """
    event = read_json(body)
    for name in REQUIRED:
        if not isinstance(event.get(name), str) or not event[name]:
            raise ContractError(f"the event has no {name}", where=f"/{name}")
    if event["specversion"] != "1.0":
        raise ContractError("the event is not of CloudEvents 1.0", where="/specversion")
    if event["type"] != SUBMITTED:
        raise ContractError("the event is of a type that nobody takes here", where="/type")
    if not isinstance(event.get("data"), dict):
        raise ContractError("the event has no data object", where="/data")
    return CloudEvent(event["id"], event["source"], event["type"], event["data"])


def write_outcome_event(
    case_id: str, message_id: str, event: str, data: Mapping[str, Any], *, at: datetime
) -> bytes:
    """An outcome as an event; its id is unique in its source, so that a repetition is known.

    Source:
        CloudEvents 1.0.2, JSON event format.
    """
    envelope = {
        "specversion": "1.0",
        "id": f"{case_id}.{message_id}",
        "source": SOURCE,
        "type": OUTCOME.format(event.replace("_", "-").replace(" ", "-")),
        "subject": case_id,
        "time": at.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()
