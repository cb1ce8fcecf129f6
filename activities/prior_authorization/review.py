"""Clinical review: put a case before people, and watch its clocks for them."""

from collections.abc import Iterable

from activities.prior_authorization.pinned_rules import ask, service_class
from shared.contracts.prior_authorization import CaseRef, WaitingFor
from shared.domain.prior_authorization.case import Case, Routing, Stage
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.codes import Level
from shared.domain.prior_authorization.notice_matrix import NoticeEvent
from shared.domain.prior_authorization.questions import attend_question as attend_question_of
from shared.domain.prior_authorization.review import open_review as opened
from shared.domain.prior_authorization.watching import Watch
from shared.domain.prior_authorization.watching import attend_review as attend_review_of
from shared.ports.case_store import CaseStore
from shared.ports.clock import Clock
from shared.ports.commits import commit_step, load_case
from shared.ports.noticing import owed
from shared.ports.rule_book import RuleBook

CLOCK_EVENTS = (NoticeEvent.DEADLINE_NEAR, NoticeEvent.DEADLINE_MISSED, NoticeEvent.DEEMED_APPROVED)
QUESTION_EVENTS = (NoticeEvent.INFORMATION_REQUESTED, NoticeEvent.INFORMATION_REMINDER)


async def open_review(
    ref: CaseRef, *, cases: CaseStore, rules: RuleBook, clock: Clock, key: str
) -> WaitingFor:
    """Put the case into the queue that the rules name, and look at its clock."""
    now = clock.now()
    case = (await load_case(cases, ref.case_id)).case
    routing = await _routing(case, rules)

    def rule(case: Case) -> Change[WaitingFor]:
        if case.revision != ref.revision or case.stage is not Stage.RECEIVED:
            return Change(case=case, result=WaitingFor(is_open=False))
        change = opened(case, routing, now)
        looked = attend_review_of(change.case, ref.revision, {}, now)
        waiting = _waiting(looked.result)
        if looked.case != change.case:  # An updated request kept its clock, which asks for a look.
            waiting = WaitingFor(is_open=True, until=now)
        return Change(case=change.case, result=waiting, audit=change.audit)

    return await commit_step(cases, ref.case_id, key, rule, WaitingFor)


async def attend_review(
    ref: CaseRef, *, cases: CaseStore, rules: RuleBook, clock: Clock, key: str
) -> WaitingFor:
    """Look at a case in review: warn, or do what the law says of a breach."""
    now = clock.now()
    matrix = await owed(rules, (await load_case(cases, ref.case_id)).case, CLOCK_EVENTS, at=now)

    def rule(case: Case) -> Change[WaitingFor]:
        return as_waiting(attend_review_of(case, ref.revision, matrix, now))

    return await commit_step(cases, ref.case_id, key, rule, WaitingFor)


async def attend_question(
    ref: CaseRef, *, cases: CaseStore, rules: RuleBook, clock: Clock, key: str
) -> WaitingFor:
    """Look at the open question: send it, remind the provider, or stop waiting."""
    now = clock.now()
    matrix = await owed(rules, (await load_case(cases, ref.case_id)).case, QUESTION_EVENTS, at=now)

    def rule(case: Case) -> Change[WaitingFor]:
        return as_waiting(attend_question_of(case, ref.revision, matrix, now))

    return await commit_step(cases, ref.case_id, key, rule, WaitingFor)


async def _routing(case: Case, rules: RuleBook) -> Routing:
    """The routing of the open item that ranks first; a physician's before a nurse's."""
    routings = []
    for item in case.request.items:
        if case.action_of(item.sequence).is_final:
            continue
        given = {
            "service class": await service_class(rules, case, item),
            "stage": "first review",  # Earlier versions ask it, and cases keep their version.
            "urgency": case.request.urgency,
        }
        answer = await ask(rules, case, "review-routing", "Review routing", given)
        routings.append(
            Routing(
                queue=answer.value["specialty"],
                level=answer.value["level"],
                rank=int(answer.value["urgency rank"]),
                rule=answer.rule,
            )
        )
    return _first(routings)


def _first(routings: Iterable[Routing]) -> Routing:
    return min(routings, key=lambda routing: (routing.level != Level.PHYSICIAN, routing.rank))


def as_waiting(change: Change[Watch]) -> Change[WaitingFor]:
    """What the domain watches, as the story waits for it."""
    return Change(
        case=change.case,
        result=_waiting(change.result),
        audit=change.audit,
        messages=change.messages,
    )


def _waiting(watch: Watch) -> WaitingFor:
    return WaitingFor(
        is_open=watch.is_open,
        question=watch.question,
        until=watch.until,
        notices=watch.notices,
    )
