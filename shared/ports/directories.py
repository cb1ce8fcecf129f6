"""What the payer's registers know of members, providers and reviewers."""

from typing import Protocol

from shared.domain.prior_authorization.coverage import Membership, Provider
from shared.domain.prior_authorization.request import Identifier
from shared.domain.prior_authorization.reviewers import Reviewer


class MemberDirectory(Protocol):
    """The payer's enrolment register."""

    async def find_member(self, member: Identifier) -> Membership | None:
        """The enrolment of a member; None if the payer does not know him.

        Raises:
            TransientError: the register is out of reach.
        """


class ProviderDirectory(Protocol):
    """The payer's provider directory."""

    async def find_provider(self, npi: str) -> Provider | None:
        """The provider's entry; None if the payer does not know him.

        Raises:
            TransientError: the directory is out of reach.
        """


class ReviewerDirectory(Protocol):
    """The payer's staff who review."""

    async def find_reviewer(self, reviewer_id: str) -> Reviewer | None:
        """The reviewer with his level, specialties and licences; None if he is no reviewer.

        Raises:
            TransientError: the directory is out of reach.
        """
