"""The sample case that `run` and `demo` show: sent, decided, and told as a timeline."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from localhost.started_host import StartedHost

SAMPLES = Path(__file__).parents[1] / "samples" / "prior_authorization"

# Which audit entries belong to which of the six steps of a prior authorization.
STEPS = (
    ("Initiation", {"case_opened"}),
    ("Eligibility", {"eligibility_checked", "request_rejected"}),
    (
        "Clinical review",
        {
            "review_opened",
            "review_claimed",
            "information_requested",
            "information_received",
            "item_decided",
        },
    ),
    ("Decision", {"item_ruled", "decision_issued"}),
    ("Notification", {"notice_delivered", "notice_undeliverable"}),
    ("Follow-up", {"deadline_kept", "deadline_missed"}),
)

ACTIONS = {
    "A1": "certified",
    "A2": "certified in part",
    "A3": "not certified",
    "A4": "pended",
    "A6": "modified",
    "C": "cancelled",
    "NA": "no authorization required",
}


class SampleFailedError(Exception):
    """The sample was not taken as it should be."""


@dataclass(frozen=True, slots=True)
class SampleCase:
    """A sample that was sent.

    Attributes:
        case: the case as the API shows it; answered_in_seconds: how long the requestor waited.
    """

    case_id: str
    case: dict[str, Any]
    answered_in_seconds: float


def sample_bundle(name: str) -> dict[str, Any]:
    """A sample request under a claim identifier of its own, so that it opens a new case."""
    bundle: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    bundle["entry"][0]["resource"]["identifier"][0]["value"] = uuid4().hex
    return bundle


def show_case(case: dict[str, Any]) -> list[str]:
    """The lines that tell a case: its steps with times, its decisions, its audit trail."""
    started = datetime.fromisoformat(case["receivedAt"])
    lines = [f"Case {case['caseId']}: {case['outcome']}", "", "Steps"]
    for number, (name, events) in enumerate(STEPS, start=1):
        lines.append(f"  {number}. {name:<16} {_span(case['timeline'], events, started)}")
    lines += ["", "Decision per item"]
    lines += [f"  {_item_line(item)}" for item in case["items"]]
    audit = case["audit"]
    whole = "whole" if audit["isWhole"] else f"BROKEN at entry {audit['brokenAt']}"
    lines += ["", f"Audit trail: {audit['entries']} entries, chain {whole}"]
    lines += [f"  {_entry_line(entry)}" for entry in case["timeline"]]
    return lines


def submit_sample(host: StartedHost, name: str) -> SampleCase:
    """Send a sample, and read the case that it became.

    Raises:
        SampleFailedError: the host did not answer as it should.
    """
    started = datetime.now().astimezone()
    answer = host.post("/api/fhir/Claim/$submit", sample_bundle(name))
    seconds = (datetime.now().astimezone() - started).total_seconds()
    if answer.status != HTTPStatus.OK:
        raise SampleFailedError(f"the sample was answered {answer.status}: {answer.body}")
    case_id = answer.headers["x-careloom-case-id"]
    return SampleCase(case_id, host.get(f"/api/cases/{case_id}").body, seconds)


def _span(timeline: list[dict[str, Any]], events: set[str], started: datetime) -> str:
    times = [datetime.fromisoformat(one["at"]) for one in timeline if one["event"] in events]
    if not times:
        return "not needed"
    first, last = (_milliseconds(at, started) for at in (min(times), max(times)))
    return f"at {first} ms" if first == last else f"from {first} ms to {last} ms"


def _milliseconds(at: datetime, started: datetime) -> int:
    return round((at - started).total_seconds() * 1000)


def _item_line(item: dict[str, Any]) -> str:
    reason = f": {item['reason']}" if item.get("reason") else ""
    return (
        f"item {item['sequence']} ({item['service']}): {item['action']} "
        f"{ACTIONS.get(item['action'], '')}{reason}"
    )


def _entry_line(entry: dict[str, Any]) -> str:
    detail = " ".join(f"{name}={value}" for name, value in entry["detail"].items() if value)
    return f"{entry['sequence']:>3}. {entry['event']:<22} {entry['actor']:<12} {detail}".rstrip()
