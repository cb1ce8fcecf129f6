"""Incidents: put a step that cannot succeed before an engineer."""

from shared.contracts.incidents import Incident
from shared.domain.prior_authorization.tasks import case_of
from shared.ports.case_store import CaseStore, IncidentRow
from shared.ports.clock import Clock


async def open_incident(incident: Incident, *, cases: CaseStore, clock: Clock, key: str) -> str:
    """Record an incident under the step's own key, so that a repetition records nothing new."""
    incident_id = f"incident-{key.replace('/', '-')}"
    await cases.open_incident(
        IncidentRow(
            incident_id=incident_id,
            case_id=case_of(incident.instance_id),
            instance_id=incident.instance_id,
            step=incident.step,
            reason=incident.reason,
            opened_at=clock.now(),
        )
    )
    return incident_id
