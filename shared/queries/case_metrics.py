"""One case as a PASMetricData record."""

from datetime import datetime
from typing import Any

from shared.contracts.audit import SealedEntry
from shared.contracts.pas import Exchange, RequestedDocument, metric_data
from shared.domain.prior_authorization.case import Case
from shared.ports.case_store import CaseStore, InboxRow
from shared.ports.commits import load_case
from shared.queries.information_tasks import coded

KINDS = {"new": "initial", "update": "update", "cancel": "cancel"}
# What each answer to a request stands on: a decision, a pend, or a refusal.
ANSWERED = frozenset({"decision_issued", "review_opened", "request_rejected", "amendment_refused"})


async def case_metrics(cases: CaseStore, case_id: str) -> dict[str, Any]:
    """The record of a case, with one exchange for each request that came.

    Raises:
        UnknownCaseError: no case has that id.
    """
    case = (await load_case(cases, case_id)).case
    trail = await cases.audit_trail(case_id)
    rows = await _rows(cases, case_id)
    exchanges = [_exchange(row, trail) for row in rows]
    return metric_data(
        case.request,
        case.decisions,
        exchanges,
        requested_documents=_requested(case),
        line_of_business=case.membership.line_of_business if case.membership else "",
    )


async def _rows(cases: CaseStore, case_id: str) -> list[InboxRow]:
    rows: list[InboxRow] = []
    while (row := await cases.inbox_row(case_id, len(rows) + 1)) is not None:
        rows.append(row)
    return rows


def _exchange(row: InboxRow, trail: tuple[SealedEntry, ...]) -> Exchange:
    return Exchange(
        kind=KINDS[row.kind],
        received_at=row.received_at,
        answered_at=_answered_at(row.received_at, trail),
        http_status="200",
    )


def _answered_at(received_at: datetime, trail: tuple[SealedEntry, ...]) -> datetime | None:
    """When the case first had something to answer after the request came."""
    known = (sealed.entry for sealed in trail if sealed.entry.event in ANSWERED)
    return next((entry.at for entry in known if entry.at >= received_at), None)


def _requested(case: Case) -> list[RequestedDocument]:
    return [
        RequestedDocument(coded(kind), asked.asked_at, asked.answered_at)
        for asked in case.information
        for kind in asked.kinds
    ]
