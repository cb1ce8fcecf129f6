"""Questions to the provider: sent, reminded, answered, or lapsed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.prior_authorization.case import Case, InformationRequest, Stage
from shared.domain.prior_authorization.change import AuditEntry, Change
from shared.domain.prior_authorization.deadlines import DecisionClock
from shared.domain.prior_authorization.decision import CLOCK, RULES, Actor
from shared.domain.prior_authorization.notice_matrix import NoticeEvent
from shared.domain.prior_authorization.outgoing import messages_for
from shared.domain.prior_authorization.request import AttachedDocument
from shared.domain.prior_authorization.watching import Matrix, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """How documents arrive.

    Attributes:
        attachment_id: under which their content is kept.
        question: the number of the question they name; 0 where they name the case only.
        is_final: nothing more is to follow.
    """

    attachment_id: str
    question: int = 0
    is_final: bool = True


def attend_question(case: Case, revision: int, matrix: Matrix, at: datetime) -> Change[Watch]:
    """Look at the open question: send it, remind the provider, or stop waiting."""
    asked = case.open_information
    if case.revision != revision or asked is None or case.stage is not Stage.INFORMATION_REQUESTED:
        return Change(case=case, result=Watch(is_open=False))
    if at >= asked.due_at:
        return _lapse(case, asked, at)
    if asked.sent_at is None:
        sent = replace(asked, sent_at=at)
        return _tell(case, sent, NoticeEvent.INFORMATION_REQUESTED, matrix, at)
    if asked.remind_at is not None and asked.remind_at <= at and asked.reminded_at is None:
        reminded = replace(asked, reminded_at=at)
        return _tell(case, reminded, NoticeEvent.INFORMATION_REMINDER, matrix, at)
    return Change(case=case, result=_watch(asked, (), at))


class Arrival(StrEnum):
    """What documents meant that arrived for a case."""

    ANSWERED = "answered"  # They answered the open question; the review goes on.
    KEPT = "kept"  # No question was open, or more is to follow; the reviewer sees them.
    LATE = "late"  # Their question had lapsed; the case is still open, and the reviewer sees them.
    AFTER_DECISION = "after decision"  # They are on record, and change nothing by themselves.


def take_documents(
    case: Case,
    documents: Iterable[AttachedDocument],
    by: Actor,
    at: datetime,
    *,
    arriving: Arriving,
) -> Change[Arrival]:
    """Take in what the provider sent, whenever it comes.

    What comes at the very last instant counts if it is committed before the lapse is. What comes to
    a settled case is put on record and changes nothing: it belongs to an appeal or a new request.
    """
    arrived = tuple(replace(document, received_at=at) for document in documents)
    meaning = _meaning(case, arriving)
    entry = AuditEntry(
        event="information_received",
        actor=by,
        at=at,
        detail={
            "kinds": ",".join(document.kind for document in arrived),
            "attachment": arriving.attachment_id,
            "meaning": meaning,
        },
    )
    if meaning is Arrival.AFTER_DECISION:
        return Change(case=case, result=meaning, audit=(entry,))
    request = replace(case.request, documents=(*case.request.documents, *arrived))
    kept = replace(case, request=request)
    asked = case.open_information
    if meaning is Arrival.ANSWERED and asked is not None:
        kept = _back_to_review(kept, replace(asked, answered_at=at), at)
    return Change(case=kept, result=meaning, audit=(entry,))


def _meaning(case: Case, arriving: Arriving) -> Arrival:
    if case.is_settled:
        return Arrival.AFTER_DECISION
    asked = case.open_information
    if asked is not None and arriving.question in {0, asked.number}:
        return Arrival.ANSWERED if arriving.is_final else Arrival.KEPT
    meant = [one for one in case.information if one.number == arriving.question]
    return Arrival.LATE if any(one.lapsed_at for one in meant) else Arrival.KEPT


def _lapse(case: Case, asked: InformationRequest, at: datetime) -> Change[Watch]:
    back = _back_to_review(case, replace(asked, lapsed_at=at), at)
    detail = {"number": str(asked.number)}
    entry = AuditEntry(event="information_lapsed", actor=CLOCK, at=at, detail=detail)
    return Change(case=back, result=Watch(is_open=False), audit=(entry,))


def _back_to_review(case: Case, settled: InformationRequest, at: datetime) -> Case:
    moved = case.to(Stage.CLINICAL_REVIEW)
    clock, review = case.clock.resume(at) if case.clock else None, case.review
    if review and case.clock and _moves_deadline(case.clock, at):
        review = replace(review, warned_at=None)  # Before the new deadline we warn anew.
    return replace(moved, information=_with(case, settled), clock=clock, review=review)


def _moves_deadline(clock: DecisionClock, at: datetime) -> bool:
    """Whether a clock that runs again is due later than it was when it was stopped."""
    pause = clock.open_pause
    return pause is not None and clock.resume(at).due_at > clock.resume(pause.started_at).due_at


def _tell(
    case: Case, asked: InformationRequest, event: NoticeEvent, matrix: Matrix, at: datetime
) -> Change[Watch]:
    messages = messages_for(case, event, matrix.get(event, ()), occasion=f"q{asked.number}", at=at)
    entry = AuditEntry(
        event=event.replace(" ", "_"), actor=RULES, at=at, detail={"number": str(asked.number)}
    )
    ids = tuple(message.message_id for message in messages)
    return Change(
        case=replace(case, information=_with(case, asked)),
        result=_watch(asked, ids, at),
        audit=(entry,),
        messages=messages,
    )


def _with(case: Case, asked: InformationRequest) -> tuple[InformationRequest, ...]:
    return tuple(asked if one.number == asked.number else one for one in case.information)


def _watch(asked: InformationRequest, notices: tuple[str, ...], at: datetime) -> Watch:
    moments = (asked.remind_at, asked.due_at)
    later = [moment for moment in moments if moment is not None and moment > at]
    return Watch(
        is_open=True, question=asked.number, until=min(later, default=None), notices=notices
    )
