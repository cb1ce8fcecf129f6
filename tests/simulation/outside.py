"""What lies outside a simulated payer: the adapters that its deeds and doors are given."""

from collections.abc import Mapping
from dataclasses import dataclass

from localhost.taskhub.clock import VirtualClock
from shared.domain.prior_authorization.coverage import Insurers
from shared.ports.attachments import AttachmentStore
from shared.ports.case_store import CaseStore
from shared.ports.channels import Channel
from shared.ports.directories import MemberDirectory, ProviderDirectory, ReviewerDirectory
from shared.ports.letters import Letters
from shared.ports.rule_book import RuleBook
from shared.ports.subscriptions import SubscriptionStore


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What the deeds and the doors are given, by the names of bootstrap.Ports."""

    cases: CaseStore
    attachments: AttachmentStore
    subscriptions: SubscriptionStore
    members: MemberDirectory
    providers: ProviderDirectory
    reviewers: ReviewerDirectory
    insurers: Insurers
    rules: RuleBook
    channels: Mapping[str, Channel]
    letters: Letters
    clock: VirtualClock
