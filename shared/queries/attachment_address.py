"""Which case documents are for, by the tracking number that came with them."""

from shared.contracts.pas import Issue, SubmittedAttachments
from shared.contracts.pas.information import TRACKING
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.questions import Arrival
from shared.domain.prior_authorization.request import Identifier
from shared.ports.attachments import Addressed
from shared.ports.case_store import CaseFilter, CaseStore
from shared.ports.intake import find_case
from shared.queries.information_tasks import read_tracking_number
from shared.queries.inquiry import is_same

# What the sender is told of his documents; nothing of it is an error, for all of them are kept.
ANSWERS = {
    Arrival.ANSWERED: Issue("information", "informational", "The documents answer the request."),
    Arrival.KEPT: Issue("information", "informational", "The documents are with the reviewer."),
    Arrival.LATE: Issue(
        "warning",
        "expired",
        "The time for the answer was over; the documents are with the reviewer all the same.",
    ),
    Arrival.AFTER_DECISION: Issue(
        "warning",
        "business-rule",
        "The case is settled; the documents are kept with it and change nothing. "
        "To have them considered, appeal or send a new request.",
    ),
}
UNKNOWN = Issue(
    "error", "not-found", "No request for information and no claim has this TrackingId."
)


async def find_addressed(cases: CaseStore, submitted: SubmittedAttachments) -> Addressed | None:
    """The case that documents are for; None where nothing that we know is named.

    The number is that of our Task, or the identifier of a claim, or an authorization number; a
    member who is named must be the case's, so that nothing is put into a stranger's case.
    """
    addressed = await _by_number(cases, submitted)
    if addressed is None:
        return None
    stored = await cases.load(addressed.case_id)
    if stored is None or not _is_of_member(stored.case, submitted.member):
        return None
    return addressed


async def _by_number(cases: CaseStore, submitted: SubmittedAttachments) -> Addressed | None:
    tracking = submitted.tracking
    if tracking.system in {"", TRACKING}:
        own = read_tracking_number(tracking.value)
        if own is not None:
            return Addressed(*own)
    named = await _by_member(cases, submitted)
    if named is not None:
        return named
    claimed = await find_case(cases, tracking)
    return Addressed(claimed) if claimed is not None else None


async def _by_member(cases: CaseStore, submitted: SubmittedAttachments) -> Addressed | None:
    """One of the member's own cases, by a number with or without its system.

    Of several that share a claim identifier it is the one that asked for documents, or the newest.
    """
    if submitted.member is None:
        return None
    page = await cases.cases(CaseFilter(member_id=submitted.member.value, limit=100))
    named = [case for case in page.cases if _is_named(case, submitted.tracking)]
    asking = [case for case in named if case.open_information is not None]
    return next((Addressed(case.case_id) for case in (*asking, *named)), None)


def _is_named(case: Case, tracking: Identifier) -> bool:
    claims = (case.request.identifier, *case.former_identifiers)
    numbers = {case.case_id, case.authorization_number} - {""}
    return tracking.value in numbers or any(is_same(each, tracking) for each in claims)


def _is_of_member(case: Case, member: Identifier | None) -> bool:
    if member is None:
        return True
    numbers = {case.request.member.value}
    numbers |= {case.membership.member_id} if case.membership else set()
    return member.value in numbers
