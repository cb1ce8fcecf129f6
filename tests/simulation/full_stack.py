"""The payer over real parts: the adapters of bootstrap, a Cosmos gateway, an Event Hubs broker, a
mail server, and endpoints of organisations that subscribed. Only the clock is virtual.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope
from azure.eventhub.aio import EventHubConsumerClient

from activities.prior_authorization.subscriptions import greet_subscriber
from localhost.cosmos_gateway import server as cosmos
from localhost.eventhubs_broker import server as eventhubs
from localhost.taskhub.clock import VirtualClock
from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.containers import REGISTERS
from shared.adapters.cosmos.directories import write_register
from shared.bootstrap import Ports, build_ports, use_ports
from shared.contracts.pas import read_subscription
from shared.contracts.prior_authorization import SubscriptionRef
from shared.ports.subscribing import subscribe
from shared.settings import OUTBOUND_HUB, read_settings
from tests.simulation.http_doors import HttpDoors
from tests.simulation.payer import Payer, PayerMaker, stumbles
from tests.simulation.post import Outage
from tests.simulation.registers import Registers
from tests.triggers.subscriber import subscription_for

STUMBLES = 0.05
SUBSCRIBED_EVERY = 2  # Every second organisation has a subscription.
LOCAL = "127.0.0.1"


@dataclass
class Parts:
    """What the real parts took.

    Attributes:
        endpoints: which organisations' endpoints were called, "" for the fallback.
    """

    taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    outages: dict[tuple[str, str], Outage] = field(default_factory=dict)
    endpoints: Counter[str] = field(default_factory=Counter)
    refused: set[str] = field(default_factory=set)

    def takes(self, name: str) -> bool:
        """Whether a part takes "CASE.MESSAGE" now; some it refuses the first time."""
        if name not in self.refused and stumbles(name, STUMBLES):
            self.refused.add(name)
            return False
        case_id, _, message_id = name.partition(".")
        self.taken[case_id, message_id] += 1
        return True

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Take a letter."""
        content = envelope.content
        assert isinstance(content, bytes)
        letter = message_from_bytes(content, policy=default)
        name = str(letter["Message-ID"]).strip().strip("<>").rpartition("@")[0]
        return "250 OK" if self.takes(name) else "451 later"

    async def hook(self, request: web.Request) -> web.Response:
        """Take a notification."""
        bundle = await request.json()
        key = request.headers["Idempotency-Key"]
        if not key.startswith("pa-"):  # A handshake.
            return web.Response()
        if not self.takes(key):
            return web.Response(status=503)
        npi = request.match_info.get("npi", "")
        assert not npi or bundle["type"] == "history"
        self.endpoints[npi] += 1
        return web.Response()


@asynccontextmanager
async def full_stack(folder: Path) -> AsyncGenerator[tuple[PayerMaker, Parts]]:
    """Real parts that run, and the payer that lives among them."""
    parts = Parts()
    gateway = await cosmos.serve(folder / "cosmos.db")
    broker = await eventhubs.serve(None)
    mail = await asyncio.get_running_loop().create_server(
        lambda: SMTP(parts, hostname="localhost"), LOCAL, 0
    )
    app = web.Application()
    app.router.add_post("/notify/{npi}", parts.hook)
    app.router.add_post("/fallback", parts.hook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, LOCAL, 0)
    await site.start()
    hooks = f"http://{LOCAL}:{runner.addresses[0][1]}"
    settings = read_settings(
        {
            "COSMOS_CONNECTION": f"AccountEndpoint={gateway.endpoint};AccountKey={gateway.key};",
            "EventHubConnection": broker.connection_string,
            "SMTP_HOST": LOCAL,
            "SMTP_PORT": str(mail.sockets[0].getsockname()[1]),
            "SMTP_STARTTLS": "false",
            "SMTP_FROM": "careloom@payer.example",
            "SMTP_MAILROOM": "mailroom@payer.example",
            "REST_HOOK_URL": f"{hooks}/fallback",
            "DEVELOPMENT_USER": "nobody",
            "ANSWER_WITHIN_SECONDS": "5",
        }
    )
    opened: list[Ports] = []

    async def make(seed: int, clock: VirtualClock, known: Registers) -> Payer:
        built = build_ports(settings, clock)
        opened.append(built)
        use_ports(built)
        database = CosmosDatabase(gateway.endpoint, settings.cosmos.database, key=gateway.key)
        await write_register(
            await database.container(REGISTERS),
            (*known.members, known.left),
            (*known.providers, known.excluded),
            known.reviewers,
        )
        await database.close()
        await _subscribe(built, known, hooks)

        async def collect(case_ids: tuple[str, ...]) -> None:
            for case_id in case_ids:
                for letter in await built.tray.letters_of(case_id):
                    parts.taken[case_id, letter.message_id] += 1
            for case_id, message_id in await _events(broker.connection_string):
                parts.taken[case_id, message_id] = 1

        return Payer(built, parts, HttpDoors, collect)  # type: ignore[arg-type]  # Ports has all

    try:
        yield make, parts
    finally:
        for built in opened:
            await built.close()
        await runner.cleanup()
        mail.close()
        await broker.stop()
        await gateway.stop()


async def _subscribe(built: Ports, known: Registers, hooks: str) -> None:
    """Some organisations have subscribed, and were greeted before the year began."""
    for provider in known.providers[::SUBSCRIBED_EVERY]:
        wanted = subscription_for(provider.npi, f"{hooks}/notify/{provider.npi}")
        row = await subscribe(
            built.subscriptions,
            built.clock,
            read_subscription(json.dumps(wanted).encode()),
            fhir_base="https://payer.example/api/fhir",
            allows_local=True,
        )
        greeted = await greet_subscriber(
            SubscriptionRef(row.subscription_id),
            subscriptions=built.subscriptions,
            channels=built.channels,
            clock=built.clock,
            key=f"{row.subscription_id}/greet",
        )
        assert greeted


async def _events(connection_string: str) -> list[tuple[str, str]]:
    """Case and message id of every event on the outbound hub, those that came twice once."""
    client = EventHubConsumerClient.from_connection_string(
        connection_string, "$Default", eventhub_name=OUTBOUND_HUB, socket_timeout=0.03
    )
    ends = [
        await client.get_partition_properties(each) for each in await client.get_partition_ids()
    ]
    wanted = sum(int(end["last_enqueued_sequence_number"]) + 1 for end in ends)
    found: list[tuple[str, str]] = []
    enough = asyncio.Event()

    async def keep(_: Any, event: Any) -> None:
        if event is not None:
            body = json.loads(event.body_as_str())
            found.append((body["data"]["caseId"], event.message_id))
        if len(found) >= wanted:
            enough.set()

    receiving = asyncio.create_task(client.receive(keep, starting_position="-1"))
    await asyncio.wait_for(enough.wait(), 60)
    await client.close()
    receiving.cancel()
    with suppress(asyncio.CancelledError):
        await receiving
    return list(dict.fromkeys(found))
