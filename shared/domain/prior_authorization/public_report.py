"""The yearly public report on prior authorization that CMS-0057-F asks of a plan."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from shared.domain.prior_authorization.codes import Urgency
from shared.domain.prior_authorization.decision import CaseOutcome

ONE_DECIMAL = Decimal("0.1")
SECONDS_IN_AN_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What the report needs to know of one request that was approved or denied.

    Attributes:
        outcome: as it was issued, before any appeal.
        received_at: the receipt from which the clock ran.
        extended: whether the payer took an extension.
        approved_after_appeal: whether an appeal overturned the decision.
    """

    urgency: Urgency
    outcome: CaseOutcome
    received_at: datetime
    decided_at: datetime
    extended: bool = False
    approved_after_appeal: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """So many out of so many."""

    count: int
    total: int

    @property
    def percent(self) -> Decimal | None:
        """With one decimal; None where there is nothing to take a share of."""
        if not self.total:
            return None
        return _rounded(Decimal(100 * self.count) / self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyFigures:
    """The figures for the standard or for the urgent requests.

    Attributes:
        approved: certified as asked; partly: in part or modified; the three add up to the total.
        mean_hours, median_hours: from request to decision; None without requests.
    """

    approved: Share
    partly: Share
    denied: Share
    approved_after_appeal: Share
    mean_hours: Decimal | None
    median_hours: Decimal | None


@dataclass(frozen=True, slots=True)
class ListedService:
    """An entry of the plan's list of what needs authorization.

    Attributes:
        codes: which services it holds, as people read it.
        documents: titles of what must come along.
    """

    name: str
    codes: str
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicReport:
    """The metrics of one plan over one calendar year.

    Attributes:
        services: all items and services that need authorization, asked for or not.
        extended_and_approved: of all requests.
    Source:
        42 CFR 422.122(c), 438.210(f), 440.230(e)(3), 45 CFR 156.223(c): from 2026-03-31, yearly.
    """

    year: int
    services: tuple[ListedService, ...]
    standard: UrgencyFigures
    urgent: UrgencyFigures
    extended_and_approved: Share

    def csv_rows(self) -> tuple[tuple[str, ...], ...]:
        """The report as lines of metric, count, total and value, with a heading."""
        heading = ("metric", "count", "total", "value")
        services = tuple(
            ("service needing authorization", "", "", f"{each.name}: {each.codes}")
            for each in self.services
        )
        extended = _share_row("requests extended and approved, %", self.extended_and_approved)
        return (
            heading,
            *services,
            *_figure_rows("standard", self.standard),
            *_figure_rows("urgent", self.urgent),
            extended,
        )


def public_report(
    facts: Iterable[CaseFacts], *, year: int, services: Iterable[ListedService]
) -> PublicReport:
    """Compute the report over the requests decided in the year.

    Args:
        facts: one for each decision on a request. One that was rejected, that needed no
            authorization, or that was taken back before it was decided has none.
        year: the calendar year of the decision, in the decision's own time zone.
        services: the plan's list.
    """
    counted = [case for case in facts if case.decided_at.year == year]
    granted = [case for case in counted if case.outcome is not CaseOutcome.DENIED]
    return PublicReport(
        year=year,
        services=tuple(services),
        standard=_figures([case for case in counted if case.urgency is Urgency.STANDARD]),
        urgent=_figures([case for case in counted if case.urgency is Urgency.URGENT]),
        extended_and_approved=Share(sum(case.extended for case in granted), len(counted)),
    )


def _figures(cases: Sequence[CaseFacts]) -> UrgencyFigures:
    def share(*outcomes: CaseOutcome) -> Share:
        return Share(sum(case.outcome in outcomes for case in cases), len(cases))

    hours = [_hours(case) for case in cases]
    return UrgencyFigures(
        approved=share(CaseOutcome.APPROVED),
        partly=share(CaseOutcome.PARTIAL, CaseOutcome.MODIFIED),
        denied=share(CaseOutcome.DENIED),
        approved_after_appeal=Share(sum(case.approved_after_appeal for case in cases), len(cases)),
        mean_hours=_rounded(sum(hours, Decimal()) / len(hours)) if hours else None,
        median_hours=_rounded(median(hours)) if hours else None,
    )


def _hours(case: CaseFacts) -> Decimal:
    seconds = (case.decided_at - case.received_at).total_seconds()
    return Decimal(seconds) / SECONDS_IN_AN_HOUR


def _figure_rows(urgency: str, figures: UrgencyFigures) -> tuple[tuple[str, ...], ...]:
    return (
        _share_row(f"{urgency} requests approved, %", figures.approved),
        _share_row(f"{urgency} requests approved in part or modified, %", figures.partly),
        _share_row(f"{urgency} requests denied, %", figures.denied),
        _share_row(f"{urgency} requests approved after appeal, %", figures.approved_after_appeal),
        (f"{urgency} mean time to decision, hours", "", "", _text(figures.mean_hours)),
        (f"{urgency} median time to decision, hours", "", "", _text(figures.median_hours)),
    )


def _share_row(metric: str, share: Share) -> tuple[str, ...]:
    return (metric, str(share.count), str(share.total), _text(share.percent))


def _text(value: Decimal | None) -> str:
    return "" if value is None else str(value)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(ONE_DECIMAL, ROUND_HALF_UP)
