"""Cases, at every point of their way, for the tests of the pages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from console.rendering import Viewer
from shared.domain.prior_authorization.case import Case, Review, Routing, Stage
from shared.domain.prior_authorization.codes import LineOfBusiness, ReviewAction, Urgency
from shared.domain.prior_authorization.coverage import Membership
from shared.domain.prior_authorization.deadlines import ClockRule, TimeUnit, start_clock
from shared.domain.prior_authorization.decision import Actor, ItemDecision
from shared.domain.prior_authorization.request import (
    AuthorizationRequest,
    Coding,
    Identifier,
    Party,
    ServiceItem,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def viewer() -> Viewer:
    """A nurse on a developer's machine."""
    return Viewer(
        user_id="nurse-rivera", level="nurse", queues=("imaging",), token="sealed", may_switch=True
    )


@pytest.fixture
def pended() -> Case:
    """A case of two items before a nurse, with 72 hours to decide."""
    rule = ClockRule(
        allowed=72, unit=TimeUnit.HOURS, time_zone="UTC", warn_before_hours=24, rule_id="t@1#r"
    )
    return Case(
        case_id="pa-1",
        request=AuthorizationRequest(
            identifier=Identifier("https://provider.example/claims", "claim-1"),
            profile_version="2.2.1",
            created=NOON,
            urgency=Urgency.URGENT,
            member=Identifier("https://careloom.example/members", "M-1001"),
            requestor=Party(Identifier("http://hl7.org/fhir/sid/us-npi", "1234567893"), "<Clinic>"),
            insurer=Party(Identifier("https://payer.example", "payer")),
            items=(_item(1), _item(2)),
        ),
        received_at=NOON,
        stage=Stage.CLINICAL_REVIEW,
        membership=Membership(
            member_id="M-1001",
            plan_id="plan",
            line_of_business=LineOfBusiness.MEDICARE_ADVANTAGE,
            state="FL",
            starts_on=NOON.date(),
        ),
        clock=start_clock(rule, NOON),
        review=Review(
            number=1, routing=Routing(queue="imaging", level="nurse", rank=2), opened_at=NOON
        ),
    )


@pytest.fixture
def decided(pended: Case) -> Case:
    """The same case, certified, and everybody told."""
    made = tuple(
        ItemDecision(
            sequence=item.sequence,
            action=ReviewAction.CERTIFIED,
            decided_by=Actor("dr-chen"),
            decided_at=NOON + HOUR,
        )
        for item in pended.request.items
    )
    return replace(
        pended.deciding(made),
        stage=Stage.NOTIFIED,
        decided_at=NOON + HOUR,
        notified_at=NOON + 2 * HOUR,
    )


def _item(sequence: int) -> ServiceItem:
    return ServiceItem(
        sequence=sequence,
        service=Coding("http://www.ama-assn.org/go/cpt", "72148"),
        quantity=Decimal("3.00"),
    )
