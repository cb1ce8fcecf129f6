from dataclasses import replace
from datetime import timedelta

from console.case_page import case_page
from console.rendering import Viewer
from shared.contracts.audit import GENESIS, seal_entries
from shared.domain.prior_authorization.appeal_levels import AppealBody, AppealRule
from shared.domain.prior_authorization.appeals import Appeal
from shared.domain.prior_authorization.case import Case, InformationRequest, Stage
from shared.domain.prior_authorization.change import AuditEntry, Message
from shared.domain.prior_authorization.decision import RULES
from shared.ports.case_store import OutboxRow
from shared.queries.case_view import CaseView

HOUR = timedelta(hours=1)


def _view(
    case: Case, *, broken_at: int | None = None, outbox: tuple[OutboxRow, ...] = ()
) -> CaseView:
    entry = AuditEntry(event="case_opened", actor=RULES, at=case.received_at)
    trail = seal_entries([entry], count=0, head=GENESIS)
    return CaseView(case=case, trail=trail, outbox=outbox, broken_at=broken_at)


def test_what_others_wrote_is_escaped(viewer: Viewer, pended: Case) -> None:
    page = case_page(viewer, _view(pended), pended.received_at)
    assert "&lt;Clinic&gt;" in page
    assert "<Clinic>" not in page


def test_no_page_carries_a_style_or_a_script(viewer: Viewer, pended: Case) -> None:
    page = case_page(viewer, _view(pended), pended.received_at)
    assert " style=" not in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_whole_trail_shows_its_last_seal(viewer: Viewer, decided: Case) -> None:
    view = _view(decided)
    page = case_page(viewer, view, decided.received_at)
    assert "Whole." in page
    assert view.trail[-1].seal in page


def test_a_broken_trail_says_where(viewer: Viewer, decided: Case) -> None:
    page = case_page(viewer, _view(decided, broken_at=1), decided.received_at)
    assert "Broken at entry 1." in page
    assert "Whole." not in page


def test_an_overdue_case_says_so_in_words(viewer: Viewer, pended: Case) -> None:
    page = case_page(viewer, _view(pended), pended.received_at + 75 * HOUR)
    assert "Overdue by 3 hours" in page
    assert "Review this case" in page


def test_a_settled_case_is_not_offered_for_review(viewer: Viewer, decided: Case) -> None:
    page = case_page(viewer, _view(decided), decided.received_at, done="complete")
    assert "Review this case" not in page
    assert "Your decision is recorded." in page


def test_only_known_confirmations_are_shown(viewer: Viewer, decided: Case) -> None:
    page = case_page(viewer, _view(decided), decided.received_at, done="you are a winner")
    assert 'role="status"' not in page
    assert "winner" not in page


def test_notices_show_what_became_of_them(viewer: Viewer, decided: Case) -> None:
    at = decided.received_at
    message = Message(
        message_id="m",
        event="approved",
        recipient="member",
        channel="mail",
        template="t",
        due_at=at,
    )
    rows = (
        OutboxRow(case_id="pa-1", message=message, written_at=at),
        OutboxRow(
            case_id="pa-1", message=message, written_at=at, settled_at=at, status="undeliverable"
        ),
    )
    page = case_page(viewer, _view(decided, outbox=rows), at)
    assert "Waiting to be sent" in page
    assert "Undeliverable" in page


def test_questions_and_appeals_are_told(viewer: Viewer, decided: Case) -> None:
    at = decided.received_at
    asked = InformationRequest(
        number=1, kinds=("11506-3", "B3"), asked_by="nurse-rivera", asked_at=at, due_at=at + HOUR
    )
    rule = AppealRule(
        level=1,
        name="reconsideration",
        decided_by=AppealBody.PLAN,
        file_within_days=65,
        time_zone="UTC",
        clock=None,
    )
    appeal = Appeal(
        appeal_id="pa-1.appeal1", rule=rule, items=(1,), expedited=True, filed_at=at, clock=None
    )
    case = replace(decided, stage=Stage.APPEALED, information=(asked,), appeals=(appeal,))
    page = case_page(viewer, _view(case), at)
    assert "Progress note" in page
    assert "Reconsideration" in page
    assert "/console/tasks/pa-1.appeal1" in page
