"""Registers held in memory."""

from collections.abc import Iterable, Mapping

from shared.adapters.registers import MemberEntry, pick_member
from shared.domain.prior_authorization.coverage import Membership, Provider
from shared.domain.prior_authorization.request import Identifier
from shared.domain.prior_authorization.reviewers import Reviewer


class MemoryMemberDirectory:
    """A MemberDirectory over given entries."""

    def __init__(self, entries: Iterable[MemberEntry]) -> None:
        self._by_value: dict[str, list[MemberEntry]] = {}
        for entry in entries:
            self._by_value.setdefault(entry.identifier.value, []).append(entry)

    async def find_member(self, member: Identifier) -> Membership | None:
        """The enrolment of a member."""
        return pick_member(self._by_value.get(member.value, []), member)


class MemoryProviderDirectory:
    """A ProviderDirectory over given providers."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        self._by_npi: Mapping[str, Provider] = {each.npi: each for each in providers}

    async def find_provider(self, npi: str) -> Provider | None:
        """The provider's entry."""
        return self._by_npi.get(npi)


class MemoryReviewerDirectory:
    """A ReviewerDirectory over given reviewers."""

    def __init__(self, reviewers: Iterable[Reviewer]) -> None:
        self._by_id: Mapping[str, Reviewer] = {each.reviewer_id: each for each in reviewers}

    async def find_reviewer(self, reviewer_id: str) -> Reviewer | None:
        """The reviewer's entry."""
        return self._by_id.get(reviewer_id)
