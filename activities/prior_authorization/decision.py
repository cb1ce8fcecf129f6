"""Decision: issue what was decided, deliver its notices, and follow up the deadline."""

from datetime import datetime, timedelta

from shared.contracts.prior_authorization import DELIVERED, CaseRef, Notified
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.issuing import follow_up as followed
from shared.domain.prior_authorization.issuing import issue
from shared.domain.prior_authorization.notice_matrix import Channel, Notice, NoticeEvent
from shared.domain.prior_authorization.outgoing import messages_for, outcome_message
from shared.ports.case_store import CaseStore
from shared.ports.clock import Clock
from shared.ports.commits import commit_step, load_settled
from shared.ports.noticing import owed
from shared.ports.rule_book import RuleBook

# Well below the patience of the $submit door, ANSWER_WITHIN_SECONDS.
AT_ONCE = timedelta(seconds=2)


async def issue_decision(
    ref: CaseRef, *, cases: CaseStore, rules: RuleBook, clock: Clock, key: str
) -> tuple[str, ...]:
    """Number the decision and write its notices; nothing for a case that went back to work."""
    now = clock.now()
    case = await load_settled(cases, ref)
    told = NoticeEvent(case.outcome.replace("_", " ")) if case.is_settled else None
    matrix = await owed(rules, case, (told,) if told else (), at=now)
    if await _is_answered_at_once(case, ref, cases, now):
        matrix = {event: _without_subscriber(notices) for event, notices in matrix.items()}
    occasion = f"r{ref.revision}"

    def rule(case: Case) -> Change[tuple[str, ...]]:
        if not case.is_settled or case.revision != ref.revision or told is None:
            return Change(case=case, result=())
        messages = messages_for(case, told, matrix.get(told, ()), occasion=occasion, at=now)
        return issue(case, (*messages, outcome_message(case, occasion=occasion)), now)

    return await commit_step(cases, ref.case_id, key, rule, tuple[str, ...])


async def follow_up(notified: Notified, *, cases: CaseStore, clock: Clock, key: str) -> str:
    """Put the notices' fates on record, and whether the deadline was kept."""
    now = clock.now()
    receipts = {receipt.message_id: receipt.status for receipt in notified.receipts}
    delivered = {name: status for name, status in receipts.items() if status == DELIVERED}
    ref = notified.case

    def rule(case: Case) -> Change[str]:
        if case.revision != ref.revision or not case.is_settled:
            return Change(case=case, result=case.outcome, settles=delivered)
        change = followed(case, receipts, now)
        return Change(case=change.case, result=change.result, audit=change.audit, settles=delivered)

    return await commit_step(cases, ref.case_id, key, rule, str)


async def _is_answered_at_once(case: Case, ref: CaseRef, cases: CaseStore, now: datetime) -> bool:
    """Whether the answer to the $submit itself brings the decision.

    A decision that took longer is told once more, for the door may have lost its patience: better
    twice than never.

    Source: Da Vinci PAS, subscription topic: the end of a pend is notified, not every decision.
    """
    row = await cases.inbox_row(ref.case_id, ref.revision)
    if row is None or row.via != "http":
        return False
    reviewed_since = case.review is not None and case.review.opened_at >= row.received_at
    return not reviewed_since and now < row.received_at + AT_ONCE


def _without_subscriber(notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
    return tuple(each for each in notices if each.channel is not Channel.SUBSCRIPTION)
