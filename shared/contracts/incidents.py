"""Incidents: a step that cannot succeed waits for an engineer instead of failing its story."""

from dataclasses import dataclass

from shared.contracts.steps import Event, Step


@dataclass(frozen=True, slots=True)
class Incident:
    """A step that failed for good, or for as long as the retries lasted.

    Attributes:
        instance_id: the story that waits.
        reason: the error's type and identifiers, never health data.
    """

    instance_id: str
    step: str
    reason: str


OPEN_INCIDENT = Step("open_incident", Incident, str)
INCIDENT_RESOLVED = Event("incident_resolved")
