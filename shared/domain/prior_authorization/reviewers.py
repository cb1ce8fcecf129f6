"""Who may review what: level, specialty, licence and conflict of interest.

A "no" is a value, the list of objections, so that a person can be told each reason at once.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.decision import ItemDecision

ANY_SPECIALTY = "general"


class Objection(StrEnum):
    """Why somebody may not do what he asks."""

    BELOW_LEVEL = "the matter asks for a higher qualification"
    OTHER_SPECIALTY = "the matter belongs to another specialty"
    NO_LICENCE = "no licence in the member's state"
    LICENCE_ENDED = "the licence has ended"
    SUBMITTED_IT = "nobody decides what he submitted"
    IS_PARTY = "the reviewer, or an organisation of his, is a party to the request"
    DECIDED_BEFORE = "an appeal is not decided by an earlier reviewer"
    SUBORDINATE = "an appeal is not decided by a subordinate of an earlier reviewer"
    NEEDS_PHYSICIAN = "only a physician may decide against what was asked"
    NEEDS_REASON_CODE = "a decision against what was asked needs a reason code"
    NEEDS_REASON_TEXT = "a decision against what was asked needs its reason in words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Somebody who reviews for the payer.

    Attributes:
        specialties: queues he works in.
        licensed_states: two-letter codes of the states that license him.
        licence_ends: last day of the licence; None where it has no end.
        managers: user ids of everybody above him.
        organisations: provider organisations he works for, as "system|value".
        identifiers: his own outside the plan, such as his national provider number or the number
            under which he is a member, as "system|value".
    """

    reviewer_id: str
    level: Level
    specialties: tuple[str, ...] = ()
    licensed_states: tuple[str, ...] = ()
    licence_ends: date | None = None
    managers: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What is to be reviewed, as far as the choice of a reviewer depends on it.

    Attributes:
        state: the member's, two letters; empty where no state's licence is asked for.
        submitted_by: who sent the request and its updates, and filed the appeal: each a user id,
            or the bare number of somebody who is no user.
        parties: who asks, who would give the care and who would get it, as "system|value".
        earlier_reviewers: user ids of who held or decided the matter before; only an appeal has
            them.
    """

    specialty: str
    level: Level
    state: str = ""
    submitted_by: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    earlier_reviewers: tuple[str, ...] = ()


def objections_to_act(reviewer: Reviewer, matter: Matter, *, today: date) -> tuple[Objection, ...]:
    """Why the reviewer may not touch the matter at all, though only to move it or its clock.

    Source:
        42 CFR 422.566(d) for the licence; 45 CFR 147.136(b)(2)(ii)(D) for conflicts of interest.
    """
    findings = (
        (_is_unlicensed(reviewer, matter.state), Objection.NO_LICENCE),
        (_has_ended(reviewer.licence_ends, today), Objection.LICENCE_ENDED),
        (_has_submitted(reviewer, matter), Objection.SUBMITTED_IT),
        (_is_party(reviewer, matter), Objection.IS_PARTY),
    )
    return tuple(objection for stands, objection in findings if stands)


def objections_to_review(
    reviewer: Reviewer, matter: Matter, *, today: date
) -> tuple[Objection, ...]:
    """Why the reviewer may not take the matter; empty if he may.

    Source:
        42 CFR 422.566(d) and 438.210(b)(3) for qualification; 422.590(h), 438.406(b)(2) and
        29 CFR 2560.503-1(h)(3) for the independence of an appeal's reviewer.
    """
    earlier = matter.earlier_reviewers
    findings = (
        (_rank(reviewer.level) < _rank(matter.level), Objection.BELOW_LEVEL),
        (not _works_in(reviewer, matter.specialty), Objection.OTHER_SPECIALTY),
        (reviewer.reviewer_id in earlier, Objection.DECIDED_BEFORE),
        (not set(reviewer.managers).isdisjoint(earlier), Objection.SUBORDINATE),
    )
    to_act = objections_to_act(reviewer, matter, today=today)
    return to_act + tuple(objection for stands, objection in findings if stands)


def objections_to_answer(
    reviewer: Reviewer, matter: Matter, action: ReviewAction, *, today: date
) -> tuple[Objection, ...]:
    """Why the reviewer may not answer so, whatever his reasons; empty if he may.

    Giving less than was asked, whole or in part, takes a physician.

    Source: 42 CFR 422.566(d).
    """
    to_review = objections_to_review(reviewer, matter, today=today)
    if action.is_adverse and reviewer.level is not Level.PHYSICIAN:
        return (*to_review, Objection.NEEDS_PHYSICIAN)
    return to_review


def objections_to_decide(
    reviewer: Reviewer, matter: Matter, decision: ItemDecision, *, today: date
) -> tuple[Objection, ...]:
    """Why the reviewer may not decide so; empty if he may.

    Giving less than was asked, whole or in part, takes a reason code and words besides.

    Source: 42 CFR 422.122(a): the specific reason, from 2026-01-01.
    """
    to_review = objections_to_review(reviewer, matter, today=today)
    return to_review + objections_to_adverse(reviewer, decision)


def objections_to_adverse(reviewer: Reviewer, decision: ItemDecision) -> tuple[Objection, ...]:
    """Why the reviewer may not give less than was asked; empty if he may, or if he does not."""
    if not decision.action.is_adverse:
        return ()
    findings = (
        (reviewer.level is not Level.PHYSICIAN, Objection.NEEDS_PHYSICIAN),
        (not decision.reason_code.strip(), Objection.NEEDS_REASON_CODE),
        (not decision.reason_text.strip(), Objection.NEEDS_REASON_TEXT),
    )
    return tuple(objection for stands, objection in findings if stands)


def _has_submitted(reviewer: Reviewer, matter: Matter) -> bool:
    numbers = (identifier.rpartition("|")[2] for identifier in reviewer.identifiers)
    return not {reviewer.reviewer_id, *numbers}.isdisjoint(matter.submitted_by)


def _is_party(reviewer: Reviewer, matter: Matter) -> bool:
    return not {*reviewer.organisations, *reviewer.identifiers}.isdisjoint(matter.parties)


def _rank(level: Level) -> int:
    return (Level.RULES, Level.NURSE, Level.PHYSICIAN).index(level)


def _works_in(reviewer: Reviewer, specialty: str) -> bool:
    return specialty == ANY_SPECIALTY or specialty in reviewer.specialties


def _is_unlicensed(reviewer: Reviewer, state: str) -> bool:
    return bool(state) and state not in reviewer.licensed_states


def _has_ended(last_day: date | None, today: date) -> bool:
    return last_day is not None and today > last_day
