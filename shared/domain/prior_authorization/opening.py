"""Opening: a received request becomes a case."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import AuditEntry, Change
from shared.domain.prior_authorization.decision import Actor
from shared.domain.prior_authorization.request import AuthorizationRequest, Identifier


def case_id_for(identifier: Identifier, apart: str = "") -> str:
    """The case of a claim identifier: the same identifier always finds the same case.

    Args:
        apart: what tells a request from another that carries the same identifier.
    """
    return f"pa-{sha256(f'{identifier}{apart}'.encode()).hexdigest()[:20]}"


def open_case(
    case_id: str,
    request: AuthorizationRequest,
    *,
    submitted_by: str,
    received_at: datetime,
    rule_versions: Mapping[str, str],
) -> Change[str]:
    """Open the case, with the versions of the rules that will decide it."""
    case = Case(
        case_id=case_id,
        request=request,
        received_at=received_at,
        submitted_by=submitted_by,
        rule_versions=rule_versions,
    )
    entry = AuditEntry(
        event="case_opened",
        actor=Actor(submitted_by),
        at=received_at,
        detail={
            "items": ",".join(str(item.sequence) for item in request.items),
            "urgency": request.urgency,
        },
    )
    return Change(case=case, result="opened", audit=(entry,))
