"""The journey of a case: its six steps, each with what happened in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.audit import SealedEntry
from shared.domain.prior_authorization.case import Case, Stage


class Progress(StrEnum):
    """How far a step is."""

    DONE = "Done"
    UNDER_WAY = "Under way"
    TO_COME = "To come"
    NOT_NEEDED = "Not needed"


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """One of the six steps."""

    name: str
    progress: Progress
    entries: tuple[SealedEntry, ...]


STEP_OF: Mapping[str, str] = {
    "case_opened": "Initiation",
    "request_updated": "Initiation",
    "amendment_refused": "Initiation",
    "eligibility_checked": "Eligibility",
    "request_rejected": "Eligibility",
    "item_ruled": "Eligibility",
    "deadline_shortened": "Eligibility",
    "review_opened": "Clinical review",
    "review_claimed": "Clinical review",
    "review_released": "Clinical review",
    "review_reassigned": "Clinical review",
    "review_escalated": "Clinical review",
    "information_requested": "Clinical review",
    "information_reminder": "Clinical review",
    "information_received": "Clinical review",
    "information_lapsed": "Clinical review",
    "peer_to_peer_offered": "Clinical review",
    "peer_to_peer_held": "Clinical review",
    "peer_to_peer_lapsed": "Clinical review",
    "deadline_near": "Clinical review",
    "deadline_extended": "Clinical review",
    "deadline_breached": "Clinical review",
    "item_decided": "Decision",
    "deemed_approved": "Decision",
    "decision_issued": "Decision",
    "notice_delivered": "Notification",
    "notice_undeliverable": "Notification",
}
STEPS = (
    "Initiation",
    "Eligibility",
    "Clinical review",
    "Decision",
    "Notification",
    "Follow-up",
)
AFTERWARDS = STEPS[-1]  # Deadlines kept or missed, expiry, appeals, cancellation.
TURNED_BACK = frozenset({Stage.REJECTED, Stage.CANCELLED})


def journey_of(case: Case, trail: Sequence[SealedEntry]) -> tuple[JourneyStep, ...]:
    """The six steps of a case as it stands."""
    progress = _progress(case, trail)
    return tuple(
        JourneyStep(
            name,
            progress[name],
            tuple(one for one in trail if step_of(one) == name),
        )
        for name in STEPS
    )


def step_of(sealed: SealedEntry) -> str:
    """The step that an entry belongs to; whatever an appeal brings comes afterwards."""
    if "appeal" in sealed.entry.detail:
        return AFTERWARDS
    return STEP_OF.get(sealed.entry.event, AFTERWARDS)


def _progress(case: Case, trail: Sequence[SealedEntry]) -> Mapping[str, Progress]:
    initiation, eligibility, review, decision, notification, follow_up = STEPS
    checked = case.stage is not Stage.RECEIVED
    told = _notification(case, trail)
    return {
        initiation: Progress.DONE,
        eligibility: Progress.DONE if checked else Progress.UNDER_WAY,
        review: _review(case),
        decision: _decision(case),
        notification: told,
        follow_up: Progress.DONE if told is Progress.DONE else Progress.TO_COME,
    }


def _review(case: Case) -> Progress:
    if case.is_pended:
        return Progress.UNDER_WAY
    if case.review is not None:
        return Progress.DONE
    return Progress.NOT_NEEDED if case.is_settled else Progress.TO_COME


def _decision(case: Case) -> Progress:
    if case.is_settled:
        return Progress.DONE
    return Progress.UNDER_WAY if case.decisions else Progress.TO_COME


def _notification(case: Case, trail: Sequence[SealedEntry]) -> Progress:
    if not case.is_settled:
        return Progress.TO_COME
    if case.stage in TURNED_BACK:
        told = any(step_of(one) == "Notification" for one in trail)
    else:
        told = case.stage is not Stage.DECIDED
    return Progress.DONE if told else Progress.UNDER_WAY
