"""One step, one commit: how a rule's change reaches the store exactly once."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from shared.contracts.audit import GENESIS, seal_entries
from shared.contracts.prior_authorization import CaseRef
from shared.contracts.steps import converter
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.change import Change
from shared.domain.prior_authorization.tasks import tasks_of
from shared.errors import ComplianceError, RuleViolation, TransientError
from shared.ports.case_store import CaseStore, Commit, StaleError, StoredCase
from shared.ports.decision_log import gathered, kept

CONFLICTS_MAX = 20


class UnknownCaseError(RuleViolation):
    """No case has that id."""


async def load_case(cases: CaseStore, case_id: str) -> StoredCase:
    """The case with its ETag.

    Raises:
        UnknownCaseError: no case has that id.
    """
    stored = await cases.load(case_id)
    if stored is None:
        raise UnknownCaseError(f"there is no case {case_id}")
    return stored


async def load_since(cases: CaseStore, case_id: str, audit_count: int) -> Case:
    """The case, with a trail at least so long.

    Raises:
        UnknownCaseError: no case has that id.
    """
    return await _known(cases, case_id, lambda recent: recent.audit_count >= audit_count)


async def load_settled(cases: CaseStore, ref: CaseRef) -> Case:
    """The case, with the decisions that settled this revision of it, if any did.

    Raises:
        UnknownCaseError: no case has that id.
    """

    def settled(recent: StoredCase) -> bool:
        return recent.case.is_settled and recent.case.revision == ref.revision

    return await _known(cases, ref.case_id, settled)


async def look_at(cases: CaseStore, ref: CaseRef) -> Case:
    """The case for questions about its request, which a revision never changes.

    Raises:
        UnknownCaseError: no case has that id.
    """
    return await _known(cases, ref.case_id, lambda recent: recent.case.revision >= ref.revision)


async def _known(cases: CaseStore, case_id: str, suffices: Callable[[StoredCase], bool]) -> Case:
    """The case as this process last saw it where that suffices, else as it is."""
    recent = cases.recent(case_id)
    if recent is not None and suffices(recent):
        return recent.case
    return (await load_case(cases, case_id)).case


async def commit_step[Result](
    cases: CaseStore,
    case_id: str,
    key: str,
    rule: Callable[[Case], Change[Result]],
    kind: type[Result],
) -> Result:
    """Apply the rule of a story's step to a case and commit what it changes, once for each key.

    A key that was committed before answers what it answered then and changes nothing. The rule is
    tried on the case as this process last saw it; when that is out of date, or another commit
    comes first, it is applied afresh to the case as it then is.

    Raises:
        UnknownCaseError: no case has that id.
        RuleViolation, ComplianceError: the rule forbids the change.
        TransientError: other commits came first too many times.
    """

    def seen(case: Case) -> Change[Result]:
        return rule(replace(case, unseen_since=None) if case.unseen_since else case)

    return await _commit_once(cases, case_id, key, seen, kind)


async def commit_act[Result](
    cases: CaseStore,
    case_id: str,
    key: str,
    rule: Callable[[Case], Change[Result]],
    kind: type[Result],
    *,
    at: datetime,
) -> Result:
    """Apply the rule of what somebody does, as commit_step does; its caller nudges the story.

    Where that nudge is lost, as when the power goes, the sweep finds the case by `unseen_since`.

    Raises:
        UnknownCaseError, RuleViolation, ComplianceError, TransientError: as commit_step.
    """

    def unseen(case: Case) -> Change[Result]:
        change = rule(case)
        return replace(change, case=replace(change.case, unseen_since=at))

    return await _commit_once(cases, case_id, key, unseen, kind)


async def _commit_once[Result](
    cases: CaseStore,
    case_id: str,
    key: str,
    rule: Callable[[Case], Change[Result]],
    kind: type[Result],
) -> Result:
    recent = cases.recent(case_id)
    if recent is not None:
        with suppress(StaleError, RuleViolation, ComplianceError):
            return await _apply(cases, recent, key, rule, kind)
    for _ in range(CONFLICTS_MAX):
        stored = await load_case(cases, case_id)
        with suppress(StaleError):
            return await _apply(cases, stored, key, rule, kind)
    raise TransientError(f"case {case_id} changed {CONFLICTS_MAX} times under step {key}")


async def _apply[Result](
    cases: CaseStore,
    stored: StoredCase,
    key: str,
    rule: Callable[[Case], Change[Result]],
    kind: type[Result],
) -> Result:
    if key in stored.steps:
        return _recorded(stored, key, kind)
    change = rule(stored.case)
    await cases.save(_commit(stored, change, key, kind))
    kept()
    return change.result


def _recorded[Result](stored: StoredCase, key: str, kind: type[Result]) -> Result:
    """What a step answered when it was committed, with all that it had asked."""
    kept()
    answer: Result = converter(kind).validate_python(stored.steps[key])
    return answer


async def commit_opening[Result](
    cases: CaseStore, key: str, change: Change[Result], kind: type[Result]
) -> Result:
    """Create a case, unless it is there already; then answer what its opening answered.

    Raises:
        TransientError: the case was opened under another key.
    """
    empty = StoredCase(case=change.case, etag="", steps={}, audit_count=0, audit_head=GENESIS)
    commit = _commit(empty, change, key, kind)
    try:
        tasks = tasks_of(change.case)
        await cases.save(replace(commit, etag=None, tasks=tasks, opens=change.case.revision))
    except StaleError:
        stored = await load_case(cases, change.case.case_id)
        if key not in stored.steps:
            raise TransientError(f"case {change.case.case_id} is already open") from None
        return _recorded(stored, key, kind)
    kept()
    return change.result


def _commit[Result](
    stored: StoredCase, change: Change[Result], key: str, kind: type[Result]
) -> Commit:
    sealed = seal_entries(change.audit, count=stored.audit_count, head=stored.audit_head)
    known = set(tasks_of(stored.case))
    return Commit(
        case=change.case,
        etag=stored.etag,
        steps={**stored.steps, key: converter(kind).dump_python(change.result, mode="json")},
        audit=sealed,
        audit_count=stored.audit_count + len(sealed),
        audit_head=sealed[-1].seal if sealed else stored.audit_head,
        messages=change.messages,
        settles=change.settles,
        decisions=gathered(),
        tasks=tuple(task for task in tasks_of(change.case) if task not in known),
        opens=_taken_up(stored.case, change),
    )


def _taken_up[Result](before: Case, change: Change[Result]) -> int:
    """The revision of the request that the change is done with; 0 for none."""
    is_later = change.case.revision > before.revision
    return change.case.revision if is_later else change.takes_up
