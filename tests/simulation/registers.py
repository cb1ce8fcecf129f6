"""Generated registers: members of every line of business and state, providers, reviewers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from samples.generate import MEMBERS
from shared.adapters.registers import MemberEntry
from shared.adapters.unlisted_providers import is_npi
from shared.domain.prior_authorization.codes import Level, LineOfBusiness
from shared.domain.prior_authorization.coverage import Membership, Provider
from shared.domain.prior_authorization.request import Identifier
from shared.domain.prior_authorization.reviewers import Reviewer

ZONES = {
    "AL": "America/Chicago",
    "AZ": "America/Phoenix",
    "CA": "America/Los_Angeles",
    "FL": "America/New_York",
    "GA": "America/New_York",
    "IL": "America/Chicago",
    "MD": "America/New_York",
    "NM": "America/Denver",
    "NY": "America/New_York",
    "OH": "America/New_York",
    "PA": "America/New_York",
    "TX": "America/Chicago",
    "WA": "America/Los_Angeles",
}
SPECIALTIES = (
    *("cardiology", "orthopaedics", "surgery", "radiology", "home care", "nutrition", "equipment"),
    *("rehabilitation", "behavioural health", "oncology", "hospital medicine"),
)
NURSES = ("nurse-1", "nurse-2", "nurse-3", "nurse-4")
PHYSICIANS = ("dr-1", "dr-2", "dr-3", "dr-4")
APPEAL_PHYSICIANS = ("dr-appeal-1", "dr-appeal-2", "dr-appeal-3", "dr-appeal-4", "dr-appeal-5")
LAPSED_NURSE = "nurse-lapsed"
BEGINS = date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Registers:
    """Who is known to the payer."""

    members: tuple[MemberEntry, ...]
    left: MemberEntry
    providers: tuple[Provider, ...]
    excluded: Provider
    reviewers: tuple[Reviewer, ...]


def registers(rng: Random, *, part: int, cases: int) -> Registers:
    """The registers of one part of the year; no member or provider belongs to two parts."""
    members = tuple(
        _member(f"M{part}-{number:05}", line, state, rng)
        for number, (line, state) in enumerate(
            (line, state)
            for _ in range(max(1, cases // 60))
            for line in LineOfBusiness
            for state in ZONES
        )
    )
    numbers = _npis(part)
    providers = tuple(
        Provider(npi=next(numbers), in_network=rng.random() < 0.9, state=rng.choice(list(ZONES)))
        for _ in range(max(4, cases // 100))
    )
    return Registers(
        members=members,
        left=_left(f"M{part}-left"),
        providers=providers,
        excluded=Provider(npi=next(numbers), is_active=False),
        reviewers=(
            *(_reviewer(name, Level.NURSE, ("chief-1",)) for name in NURSES),
            *(_reviewer(name, Level.PHYSICIAN, ("chief-1",)) for name in PHYSICIANS),
            *(_reviewer(name, Level.PHYSICIAN, ("chief-2",)) for name in APPEAL_PHYSICIANS),
            _reviewer(LAPSED_NURSE, Level.NURSE, ("chief-1",), ends=date(2025, 12, 31)),
        ),
    )


def _member(number: str, line: LineOfBusiness, state: str, rng: Random) -> MemberEntry:
    membership = Membership(
        member_id=number,
        plan_id=f"{line}-{state}",
        line_of_business=line,
        state=state,
        starts_on=BEGINS,
        is_self_funded=line is LineOfBusiness.ERISA and rng.random() < 0.5,
        time_zone=ZONES[state],
    )
    return MemberEntry(Identifier(MEMBERS, number), membership)


def _left(number: str) -> MemberEntry:
    membership = Membership(
        member_id=number,
        plan_id="commercial-NY",
        line_of_business=LineOfBusiness.COMMERCIAL,
        state="NY",
        starts_on=BEGINS,
        ends_on=date(2025, 6, 30),
    )
    return MemberEntry(Identifier(MEMBERS, number), membership)


def _npis(part: int) -> Iterator[str]:
    """Well-formed provider numbers, of one part of the year only."""
    number = 1_000_000_000 + part * 100_000_000
    while True:
        number += 1
        if is_npi(str(number)):
            yield str(number)


def _reviewer(
    name: str, level: Level, managers: tuple[str, ...], *, ends: date | None = None
) -> Reviewer:
    return Reviewer(
        reviewer_id=name,
        level=level,
        specialties=SPECIALTIES,
        licensed_states=tuple(ZONES),
        licence_ends=ends,
        managers=managers,
    )
