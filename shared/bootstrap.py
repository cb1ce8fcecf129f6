"""Which adapter stands behind each port: the only file that names them.

Adapters are imported when ports are first built, because their SDKs take most of a second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from shared.domain.prior_authorization.coverage import Insurers
from shared.domain.prior_authorization.notice_matrix import Channel as ChannelWord
from shared.domain.prior_authorization.outgoing import EVENT_CHANNEL
from shared.ports.attachments import AttachmentStore
from shared.ports.case_store import CaseStore
from shared.ports.channels import Channel
from shared.ports.clock import Clock
from shared.ports.directories import MemberDirectory, ProviderDirectory, ReviewerDirectory
from shared.ports.letter_tray import LetterTray
from shared.ports.letters import Letters
from shared.ports.model_store import ModelStore
from shared.ports.rule_book import RuleBook
from shared.ports.subscriptions import SubscriptionStore
from shared.settings import CosmosSettings, FhirServerSettings, Settings, read_settings

if TYPE_CHECKING:
    from shared.adapters.cosmos.client import CosmosDatabase
    from shared.adapters.cosmos.directories import Register

type Closing = tuple[Callable[[], Awaitable[None]], ...]


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Everything outside, in our own words.

    Attributes:
        channels: by the name that a message gives its channel.
        tray: the notices that wait for a person to pass them on.
        closing: what closes the adapters' connections, in order.
    """

    cases: CaseStore
    attachments: AttachmentStore
    subscriptions: SubscriptionStore
    members: MemberDirectory
    providers: ProviderDirectory
    reviewers: ReviewerDirectory
    insurers: Insurers
    models: ModelStore
    rules: RuleBook
    channels: Mapping[str, Channel]
    letters: Letters
    tray: LetterTray
    clock: Clock
    settings: Settings
    closing: Closing = ()

    async def close(self) -> None:
        """Close every connection."""
        for close in self.closing:
            await close()


_built: WeakKeyDictionary[asyncio.AbstractEventLoop, Ports] = WeakKeyDictionary()


def ports() -> Ports:
    """The ports of this process, built when first asked for.

    Clients belong to an event loop, so a second loop gets its own; Azure has one a process.

    Raises:
        SettingError: a setting is missing or malformed.
    """
    loop = asyncio.get_running_loop()
    if loop not in _built:
        _built[loop] = build_ports(read_settings())
    return _built[loop]


def use_ports(given: Ports) -> None:
    """Answer these ports in the running loop from now on, as a simulation does."""
    _built[asyncio.get_running_loop()] = given


def build_ports(settings: Settings, clock: Clock | None = None) -> Ports:
    """The real adapters, unconnected: each connects when it is first used.

    Args:
        clock: instead of the system's, as a simulation has one.
    """
    from shared.adapters.cosmos.attachments import CosmosAttachmentStore
    from shared.adapters.cosmos.case_store import CosmosCaseStore
    from shared.adapters.cosmos.directories import CosmosReviewerDirectory, Register
    from shared.adapters.cosmos.letter_tray import CosmosLetterTray
    from shared.adapters.cosmos.model_store import CosmosModelStore
    from shared.adapters.cosmos.subscriptions import CosmosSubscriptionStore
    from shared.adapters.messaging.template_letters import TemplateLetters
    from shared.adapters.rules.store_rule_book import StoreRuleBook
    from shared.adapters.system_clock import SystemClock
    from shared.telemetry import start_telemetry

    start_telemetry(settings.application_insights)
    clock = clock or SystemClock()
    database = _database(settings.cosmos)
    register = Register(database, clock)
    tray = CosmosLetterTray(database)
    members, close_members = _members(settings.member_directory, register, clock)
    providers, close_providers = _providers(settings.provider_directory, register)
    channels, close_channels = _channels(settings, tray, clock)
    models = CosmosModelStore(database)
    return Ports(
        cases=CosmosCaseStore(database, clock),
        attachments=CosmosAttachmentStore(database),
        subscriptions=CosmosSubscriptionStore(database),
        members=members,
        providers=providers,
        reviewers=CosmosReviewerDirectory(register),
        insurers=Insurers(settings.insurer_identifiers),
        models=models,
        rules=StoreRuleBook(models, clock),
        channels=channels,
        letters=TemplateLetters(),
        tray=tray,
        clock=clock,
        settings=settings,
        closing=(*close_channels, *close_members, *close_providers, database.close),
    )


def _database(settings: CosmosSettings) -> "CosmosDatabase":
    from shared.adapters.cosmos.client import CosmosDatabase
    from shared.adapters.cosmos.directories import write_samples

    return CosmosDatabase(
        settings.endpoint,
        settings.database,
        key=settings.key,
        client_id=settings.client_id,
        fill_registers=write_samples,
    )


def _members(
    server: FhirServerSettings, register: "Register", clock: Clock
) -> tuple[MemberDirectory, Closing]:
    if not server.url:
        from shared.adapters.cosmos.directories import CosmosMemberDirectory

        return CosmosMemberDirectory(register), ()
    from shared.adapters.fhir.directories import FhirMemberDirectory
    from shared.adapters.fhir.server import FhirServer

    searched = FhirServer(server.url, token=server.token)
    return FhirMemberDirectory(searched, clock), (searched.close,)


def _providers(
    server: FhirServerSettings, register: "Register"
) -> tuple[ProviderDirectory, Closing]:
    from shared.adapters.unlisted_providers import AnsweringForUnlisted

    if not server.url:
        from shared.adapters.cosmos.directories import CosmosProviderDirectory

        return AnsweringForUnlisted(CosmosProviderDirectory(register)), ()
    from shared.adapters.fhir.directories import FhirProviderDirectory
    from shared.adapters.fhir.server import FhirServer

    searched = FhirServer(server.url, token=server.token)
    return AnsweringForUnlisted(FhirProviderDirectory(searched)), (searched.close,)


def _channels(
    settings: Settings, tray: LetterTray, clock: Clock
) -> tuple[Mapping[str, Channel], Closing]:
    """A channel for every word of the notice matrix; what has no wire goes to the tray."""
    from shared.adapters.eventhubs.publisher import EventHubPublisher
    from shared.adapters.messaging.rest_hook import RestHookChannel
    from shared.adapters.messaging.smtp import SmtpChannel, SmtpServer
    from shared.adapters.messaging.tray_channel import TrayChannel

    hubs = settings.event_hubs
    publisher = EventHubPublisher(
        hubs.outbound_hub,
        clock,
        connection_string=hubs.connection_string,
        namespace=hubs.namespace,
        client_id=hubs.client_id,
    )
    rest_hook = RestHookChannel(
        fallback=settings.rest_hook_url,
        secret=settings.rest_hook_secret,
        allows_local=settings.is_development,
    )
    channels: dict[str, Channel] = {word: TrayChannel(word, tray, clock) for word in ChannelWord}
    channels[EVENT_CHANNEL] = publisher
    if settings.smtp.host:
        channels[ChannelWord.EMAIL] = SmtpChannel(SmtpServer(**asdict(settings.smtp)))
    channels[ChannelWord.SUBSCRIPTION] = rest_hook
    return channels, (publisher.close, rest_hook.close)
