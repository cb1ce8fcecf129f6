"""The public report of a year, computed from every case that the store holds."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import ReviewAction
from shared.domain.prior_authorization.decision import roll_up
from shared.domain.prior_authorization.issued import IssuedDecision
from shared.domain.prior_authorization.issuing import issued_decisions, overturned_items
from shared.domain.prior_authorization.public_report import (
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
    """The public report, over every decision issued in the year, with the plan's list as of a time.

    Source: CMS-0057-F, 42 CFR 422.122(c) and its twins; see public_report.
    """
    since = date(of.year - 1, 12, 31)  # The store counts UTC days, a plan its own.
    facts = [
        facts_of(case, issued)
        async for case in every_case(cases, CaseFilter(decided_since=since, limit=PAGE))
        for issued in issued_decisions(case)
        if _is_of(issued, of)
    ]
    services = await services_needing_authorization(rules, at=at)
    return public_report(facts, year=of.year, services=services)


def facts_of(case: Case, issued: IssuedDecision) -> CaseFacts:
    """What the report counts of a decision that was issued on a case.

    A certified item that an appeal overturned was certified by that appeal: it counts as denied
    before, be it in words or, as the law has it, by silence.
    """
    overturned = overturned_items(case, issued)
    first = roll_up(
        ReviewAction.NOT_CERTIFIED
        if item.action is ReviewAction.CERTIFIED and item.sequence in overturned
        else item.action
        for item in issued.items
    )
    return CaseFacts(
        urgency=issued.urgency,
        outcome=first,
        received_at=issued.received_at,
        decided_at=issued.decided_at.astimezone(ZoneInfo(issued.membership.time_zone)),
        extended=issued.extended,
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


def _is_of(issued: IssuedDecision, of: ReportOf) -> bool:
    line = issued.membership.line_of_business
    return issued.decided_on.year == of.year and of.line_of_business in {"", line}


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
