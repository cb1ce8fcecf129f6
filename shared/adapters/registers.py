"""The registers of members, providers and reviewers as files, and how a member is found in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.contracts.steps import converter
from shared.domain.prior_authorization.coverage import Membership, Provider
from shared.domain.prior_authorization.request import Identifier
from shared.domain.prior_authorization.reviewers import Reviewer

REGISTERS = Path(__file__).parents[2] / "models" / "registers"


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """An enrolment under one of the identifiers that a member shows."""

    identifier: Identifier
    membership: Membership


def pick_member(entries: Sequence[MemberEntry], member: Identifier) -> Membership | None:
    """The enrolment that a member's identifier means, among those with the same value.

    Providers seldom know under which system a payer numbers its members, so the system is asked
    for only where the value alone is ambiguous.
    """
    same = [entry for entry in entries if entry.identifier.system == member.system]
    found = same or list(entries)
    return found[0].membership if len(found) == 1 else None


def read_members(folder: Path = REGISTERS) -> tuple[MemberEntry, ...]:
    """The members of members.json."""
    return _read(folder / "members.json", tuple[MemberEntry, ...])


def read_providers(folder: Path = REGISTERS) -> tuple[Provider, ...]:
    """The providers of providers.json."""
    return _read(folder / "providers.json", tuple[Provider, ...])


def read_reviewers(folder: Path = REGISTERS) -> tuple[Reviewer, ...]:
    """The reviewers of reviewers.json."""
    return _read(folder / "reviewers.json", tuple[Reviewer, ...])


def _read[Entries](file: Path, kind: type[Entries]) -> Entries:
    entries: Entries = converter(kind).validate_json(file.read_bytes())
    return entries
