"""The registers of members and providers as files, and how a member is found in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.contracts.steps import converter
from shared.domain.prior_authorization.coverage import Membership, Provider
from shared.domain.prior_authorization.request import Identifier

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
    kind = converter(tuple[MemberEntry, ...])
    members: tuple[MemberEntry, ...] = kind.validate_json((folder / "members.json").read_bytes())
    return members


def read_providers(folder: Path = REGISTERS) -> tuple[Provider, ...]:
    """The providers of providers.json."""
    kind = converter(tuple[Provider, ...])
    providers: tuple[Provider, ...] = kind.validate_json((folder / "providers.json").read_bytes())
    return providers
