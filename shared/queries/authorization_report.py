"""The public report of a year, computed from every case that the store holds."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.prior_authorization.appeals import AppealOutcome
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import CaseOutcome, roll_up
from shared.domain.prior_authorization.public_report import (
    COUNTED,
    CaseFacts,
    PublicReport,
    Share,
    UrgencyFigures,
    public_report,
)
from shared.ports.case_store import CaseFilter, CaseStore, every_case
from shared.ports.rule_book import RuleBook
from shared.queries.services_needing_authorization import services_needing_authorization

PAGE = 200


@dataclass(frozen=True, slots=True)
class ReportOf:
    """Which report: of a calendar year, and of one line of business or, if empty, of all."""

    year: int
    line_of_business: str = ""


async def authorization_report(
    cases: CaseStore, rules: RuleBook, of: ReportOf, *, at: datetime
) -> PublicReport:
    """The public report, over every case decided in the year, with the plan's list as of a time.

    Source: CMS-0057-F, 42 CFR 422.122(c) and its twins; see public_report.
    """
    facts: list[CaseFacts] = []
    async for case in _decided(cases, of):
        fact = facts_of(case)
        if fact is None or fact.outcome not in COUNTED or fact.decided_at.year != of.year:
            continue
        facts.append(fact)
    services = await services_needing_authorization(rules, at=at)
    return public_report(facts, year=of.year, services=services)


def facts_of(case: Case) -> CaseFacts | None:
    """What the report counts of a case; None for one that is not decided.

    An overturned item counts as denied in the first decision, which the appeal changed later. The
    day of the decision is that of the plan's own time zone.
    """
    if case.decided_at is None or case.membership is None:
        return None
    overturned = {
        sequence
        for appeal in case.appeals
        if appeal.outcome is AppealOutcome.OVERTURNED
        for sequence in appeal.items
    }
    first = roll_up(
        ReviewAction.NOT_CERTIFIED if item.sequence in overturned else case.action_of(item.sequence)
        for item in case.request.items
    )
    cancelled = case.outcome is CaseOutcome.CANCELLED
    zone = ZoneInfo(case.membership.time_zone)
    return CaseFacts(
        urgency=case.request.urgency,
        outcome=CaseOutcome.CANCELLED if cancelled else first,
        received_at=case.revised_at or case.received_at,
        decided_at=case.decided_at.astimezone(zone),
        extended=bool(case.clock and case.clock.extensions),
        approved_after_appeal=bool(overturned),
    )


def report_json(report: PublicReport) -> dict[str, Any]:
    """The report as the API shows it; shares with their count, total and percentage."""
    return {
        "year": report.year,
        "servicesNeedingAuthorization": [
            {"name": each.name, "codes": each.codes, "documents": list(each.documents)}
            for each in report.services
        ],
        "standard": _figures(report.standard),
        "urgent": _figures(report.urgent),
        "extendedAndApproved": _share(report.extended_and_approved),
    }


async def _decided(cases: CaseStore, of: ReportOf) -> AsyncIterator[Case]:
    """Every case decided since shortly before the year began, page by page."""
    since = date(of.year - 1, 12, 31)
    async for case in every_case(cases, CaseFilter(decided_since=since, limit=PAGE)):
        line = case.membership.line_of_business if case.membership else ""
        if not of.line_of_business or line == of.line_of_business:
            yield case


def _figures(figures: UrgencyFigures) -> dict[str, Any]:
    return {
        "approved": _share(figures.approved),
        "approvedInPartOrModified": _share(figures.partly),
        "denied": _share(figures.denied),
        "approvedAfterAppeal": _share(figures.approved_after_appeal),
        "meanHours": _number(figures.mean_hours),
        "medianHours": _number(figures.median_hours),
    }


def _share(share: Share) -> dict[str, Any]:
    return {"count": share.count, "total": share.total, "percent": _number(share.percent)}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
