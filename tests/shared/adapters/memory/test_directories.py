"""The registers in memory."""

from shared.adapters.memory.directories import (
    MemoryMemberDirectory,
    MemoryProviderDirectory,
    MemoryReviewerDirectory,
)
from shared.adapters.registers import read_members, read_providers, read_reviewers
from shared.domain.prior_authorization.request import Identifier


async def test_every_member_is_found_and_a_strange_one_is_nobody() -> None:
    directory = MemoryMemberDirectory(read_members())
    for entry in read_members():
        assert await directory.find_member(entry.identifier) == entry.membership
    assert await directory.find_member(Identifier("", "M-9999")) is None


async def test_every_provider_and_reviewer_is_found_and_a_strange_one_is_nobody() -> None:
    providers = MemoryProviderDirectory(read_providers())
    for provider in read_providers():
        assert await providers.find_provider(provider.npi) == provider
    assert await providers.find_provider("0") is None
    reviewers = MemoryReviewerDirectory(read_reviewers())
    for reviewer in read_reviewers():
        assert await reviewers.find_reviewer(reviewer.reviewer_id) == reviewer
    assert await reviewers.find_reviewer("nobody") is None
