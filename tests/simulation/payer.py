"""The payer of a simulation: what lies outside it, its doors, and what its post brought."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from localhost.taskhub.clock import VirtualClock
from shared.adapters.memory.attachments import MemoryAttachmentStore
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.directories import (
    MemoryMemberDirectory,
    MemoryProviderDirectory,
    MemoryReviewerDirectory,
)
from shared.adapters.memory.subscriptions import MemorySubscriptionStore
from shared.adapters.messaging.template_letters import TemplateLetters
from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.domain.prior_authorization.coverage import Insurers
from shared.domain.prior_authorization.notice_matrix import Channel as ChannelWord
from shared.domain.prior_authorization.outgoing import EVENT_CHANNEL
from tests.simulation.doors import Doors, InnerDoors
from tests.simulation.outside import Outside
from tests.simulation.post import Outage, Post
from tests.simulation.registers import Registers


class Arrivals(Protocol):
    """What arrived, and how often, by case and message id; and what could not for hours."""

    @property
    def taken(self) -> Mapping[tuple[str, str], int]:
        """How often each message was taken."""

    @property
    def outages(self) -> Mapping[tuple[str, str], Outage]:
        """Which messages could not be taken for hours."""


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer that is ready to open.

    Attributes:
        collect: gathers what arrived, from the cases given, once all is over.
    """

    outside: Outside
    post: Arrivals
    make_doors: Callable[[Any, Outside], Doors] = InnerDoors
    collect: Callable[[tuple[str, ...]], Awaitable[None]] | None = None


type PayerMaker = Callable[[int, VirtualClock, Registers], Awaitable[Payer]]


async def in_memory(seed: int, clock: VirtualClock, known: Registers) -> Payer:
    """A payer whose outside is doubles in memory, fast enough for ten thousand cases."""
    post = Post(seed, clock)
    outside = Outside(
        cases=MemoryCaseStore(clock),
        attachments=MemoryAttachmentStore(),
        subscriptions=MemorySubscriptionStore(),
        members=MemoryMemberDirectory((*known.members, known.left)),
        providers=MemoryProviderDirectory((*known.providers, known.excluded)),
        reviewers=MemoryReviewerDirectory(known.reviewers),
        insurers=Insurers(),
        rules=FileRuleBook(),
        channels=dict.fromkeys((*ChannelWord, EVENT_CHANNEL), post),
        letters=TemplateLetters(),
        clock=clock,
    )
    return Payer(outside, post)


def stumbles(name: str, share: float) -> bool:
    """Whether a real part refuses a thing the first time, as its name has it."""
    return Random(name).random() < share
