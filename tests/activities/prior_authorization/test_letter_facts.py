"""Letters tell days as the plan counts them, and the extension its reason."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from activities.prior_authorization.letter_facts import letter_facts
from shared.adapters.messaging.template_letters import MESSAGES, TemplateLetters
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Message
from shared.domain.prior_authorization.deadlines import (
    BreachConsequence,
    ClockRule,
    TimeUnit,
    start_clock,
)
from shared.domain.prior_authorization.review import close_talk, offer_peer_to_peer
from tests.shared.domain.prior_authorization.appeal_cases import filed
from tests.shared.domain.prior_authorization.cases import (
    DOCTOR,
    MEMBER,
    asking,
    certify,
    in_review,
    notified,
    task_of,
)

NEW_YORK = ZoneInfo("America/New_York")
STANDARD = ClockRule(
    allowed=7,
    unit=TimeUnit.CALENDAR_DAYS,
    time_zone="America/New_York",
    extension_days=14,
    extensions_max=1,
    on_breach=BreachConsequence.ADVERSE,
)
URGENT = replace(STANDARD, allowed=72, unit=TimeUnit.HOURS)
EVENING = datetime(2026, 3, 2, 21, 30, tzinfo=NEW_YORK)  # In UTC it is the 3rd.
REASON = "The surgeon's report is outstanding"


def _letter(template: str, case: Case, *, appeal: int = 0) -> str:
    detail = {"appeal": str(appeal)} if appeal else {}
    message = Message(
        message_id="m",
        event="event",
        recipient="member",
        channel="mail",
        template=template,
        detail=detail,
    )
    return TemplateLetters().compose(template, letter_facts(case, message)).body


def _running(rule: ClockRule = STANDARD) -> Case:
    return replace(in_review(), clock=start_clock(rule, EVENING), membership=MEMBER)


def test_the_letter_of_an_extension_tells_its_reason_and_the_last_day() -> None:
    case = _running()
    assert case.clock is not None
    extended = replace(case, clock=case.clock.extend(EVENING, reason=REASON))
    letter = _letter("extension", extended)
    assert f"The reason: {REASON}" in letter
    assert "by March 23, 2026, and sooner" in letter
    assert "grievance" in letter


def test_the_last_day_is_told_as_a_day_and_the_last_hour_as_an_hour() -> None:
    for template in ("late-decision-appeal-rights", "deadline-missed"):
        assert "by March 9, 2026" in _letter(template, _running())
        assert "by March 5, 2026, 9:30 pm EST" in _letter(template, _running(URGENT))


def test_the_hour_is_told_in_the_zone_and_the_time_of_the_year() -> None:
    case = _running()
    later = datetime(2026, 3, 7, 0, 5, tzinfo=NEW_YORK)
    case = replace(case, clock=start_clock(URGENT, later))
    assert "by March 10, 2026, 1:05 am EDT" in _letter("deadline-missed", case)


def test_a_question_tells_the_plans_day_and_hour() -> None:
    question = replace(asking(), asked_at=EVENING, due_at=EVENING + timedelta(hours=15))
    case = replace(_running(), information=(question,))
    assert "by March 3, 2026, 12:30 pm EST" in _letter("information-requested", case)
    assert "asked on March 2, 2026 and" in _letter("information-reminder", case)


def test_an_appeal_tells_the_plans_days() -> None:
    case = filed()
    appeal = replace(case.appeals[0], filed_at=EVENING, clock=start_clock(STANDARD, EVENING))
    letter = _letter("appeal-received", replace(case, appeals=(appeal,)), appeal=1)
    assert "on March 2, 2026" in letter
    assert "by March 9, 2026" in letter


def test_an_offered_talk_is_told_with_its_end_while_it_is_awaited() -> None:
    case = in_review()
    until = EVENING + timedelta(hours=24)
    offered = offer_peer_to_peer(case, task_of(case), DOCTOR, until, (), EVENING).case
    assert "by March 3, 2026, 9:30 pm EST." in _letter("peer-to-peer", offered)
    held = close_talk(offered, task_of(case), DOCTOR, held=True, at=until).case
    assert "EST" not in _letter("peer-to-peer", held)


def test_a_certification_tells_its_days() -> None:
    letter = _letter("approval", notified(certify(until=date(2026, 5, 31))))
    assert "from March 2, 2026 to May 31, 2026" in letter


def test_without_a_plan_the_days_are_those_of_utc() -> None:
    case = replace(_running(URGENT), membership=None)
    assert "by March 6, 2026, 2:30 am UTC" in _letter("deadline-missed", case)


def _moments() -> Iterator[tuple[str, str]]:
    for path in sorted(MESSAGES.glob("*.txt")):
        for said in re.findall(
            r"{{ *([^}]*_(?:at|until)\b[^}]*|[^}]*effective_[^}]*)}}", path.read_text()
        ):
            yield path.stem, said.strip()


@pytest.mark.parametrize(("template", "said"), list(_moments()))
def test_no_template_tells_a_moment_but_in_the_plans_own_words(template: str, said: str) -> None:
    assert re.fullmatch(r"(day|deadline)\([\w.]+\)", said), template
