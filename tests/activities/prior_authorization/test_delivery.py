"""A subscriber's notification, over memory adapters."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from activities.prior_authorization.delivery import GIVE_UP_AFTER, deliver_notice
from localhost.sample_case import sample_bundle
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.channel import RecordingChannel
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.subscriptions import MemorySubscriptionStore
from shared.adapters.messaging.template_letters import TemplateLetters
from shared.contracts.pas import Subscription, read_submit
from shared.contracts.prior_authorization import NoticeRef, Receipt
from shared.domain.prior_authorization.change import Message
from shared.domain.prior_authorization.request import Identifier
from shared.errors import TransientError
from shared.ports.case_store import InboxRow
from shared.ports.channels import Channel, Dispatch
from shared.ports.subscriptions import SubscriptionRow, subscription_id_for
from tests.shared.ports.samples import NOON, NPI_SYSTEM, a_case, an_inbox_row, opening

NPI = "1234567893"
MESSAGE = Message(
    message_id="approved.r1.requestor.subscription",
    event="approved",
    recipient="requestor",
    channel="subscription",
    template="decision",
)
LETTER = replace(MESSAGE, message_id="approved.r1.requestor.email", channel="email")


class FailingChannel:
    """A Channel whose other end is down."""

    async def send(self, _dispatch: Dispatch) -> bool:
        raise TransientError("the endpoint answered 503")


class Desk:
    """What delivering needs, with one case that has one message to send."""

    def __init__(self) -> None:
        self.clock = SettableClock(NOON)
        self.cases = MemoryCaseStore(self.clock)
        self.subscriptions = MemorySubscriptionStore()

    async def open(self) -> None:
        row = _row()
        await self.cases.receive(row)
        await self.cases.save(opening(replace(a_case(), request=row.request), MESSAGE, LETTER))

    async def subscribe(self, *, greeted: bool = True, system: str = "") -> None:
        organization = Identifier(system, NPI)
        row = SubscriptionRow(
            subscription_id=subscription_id_for(organization),
            subscription=Subscription(
                organization=organization,
                endpoint="https://hooks.example/x",
                content_type="application/fhir+json",
                content="full-resource",
                headers=("Authorization: Bearer x", "Host: inner.example", "nonsense"),
                ends_at=NOON + timedelta(days=30),
                resource={"resourceType": "Subscription"},
            ),
            fhir_base="https://payer.example/api/fhir",
            created_at=NOON,
            greeted_at=NOON if greeted else None,
        )
        await self.subscriptions.put(row)

    async def deliver(self, channel: Channel, message: Message = MESSAGE) -> Receipt:
        return await deliver_notice(
            NoticeRef("case-1", message.message_id),
            cases=self.cases,
            subscriptions=self.subscriptions,
            channels={message.channel: channel},
            letters=TemplateLetters(),
            clock=self.clock,
        )


def _row() -> InboxRow:
    """A consultation, as its clinic asked for it."""
    sent = read_submit(json.dumps(sample_bundle("auto-approved")).encode())
    return replace(an_inbox_row(), request=sent.request, bundle=sent.bundle)


@pytest.fixture
async def desk() -> Desk:
    opened = Desk()
    await opened.open()
    return opened


async def test_a_subscriber_is_sent_the_whole_answer_once(desk: Desk) -> None:
    await desk.subscribe()
    channel = RecordingChannel()
    receipts = [(await desk.deliver(channel)).status for _ in range(3)]
    assert receipts == ["delivered"] * 3
    [dispatch] = channel.sent
    assert dispatch.address == "https://hooks.example/x"
    assert dispatch.headers["Authorization"] == "Bearer x"
    assert not {"Host", "nonsense"} & set(dispatch.headers)
    assert "ClaimResponse" in json.dumps(dispatch.payload)


async def test_a_subscriber_that_fails_is_waited_for_and_at_last_given_up(desk: Desk) -> None:
    await desk.subscribe()
    assert (await desk.deliver(FailingChannel())).status == "waiting"
    assert (await desk.cases.outbox("case-1"))[0].settled_at is None
    desk.clock.set(NOON + GIVE_UP_AFTER["subscription"])
    assert (await desk.deliver(FailingChannel())).status == "undeliverable"
    assert (await desk.cases.outbox("case-1"))[0].status == "undeliverable"


async def test_a_letter_waits_for_a_channel_that_fails_however_long_it_takes(desk: Desk) -> None:
    for day in range(0, 300, 100):
        desk.clock.set(NOON + timedelta(days=day))
        assert (await desk.deliver(FailingChannel(), LETTER)).status == "waiting"
    assert (await desk.deliver(RecordingChannel(), LETTER)).status == "delivered"


async def test_what_nobody_takes_now_goes_behind_the_others_that_wait(desk: Desk) -> None:
    desk.clock.set(NOON + timedelta(minutes=5))
    await desk.deliver(FailingChannel(), MESSAGE)
    waiting = await desk.cases.undelivered(before=NOON + timedelta(hours=1), limit=9)
    assert [row.message for row in waiting] == [LETTER, MESSAGE]


async def test_a_repeated_notification_is_the_same_event(desk: Desk) -> None:
    await desk.subscribe()

    class Lossy(RecordingChannel):
        async def send(self, dispatch: Dispatch) -> bool:
            await super().send(dispatch)
            if len(self.sent) == 1:
                raise TransientError("the answer was lost")
            return True

    channel = Lossy()
    assert (await desk.deliver(channel)).status == "waiting"
    desk.clock.set(NOON + timedelta(minutes=5))
    assert (await desk.deliver(channel)).status == "delivered"
    assert channel.sent[0].payload == channel.sent[1].payload


async def test_before_the_handshake_nothing_is_sent(desk: Desk) -> None:
    await desk.subscribe(greeted=False)
    channel = RecordingChannel()
    assert (await desk.deliver(channel)).status == "waiting"
    assert channel.sent == []


async def test_a_subscription_that_is_over_or_anothers_is_none(desk: Desk) -> None:
    await desk.subscribe(system="https://elsewhere.example")
    channel = RecordingChannel()
    assert (await desk.deliver(channel)).status == "delivered"  # The fallback takes it.
    assert channel.sent[0].address == NPI
    assert NPI_SYSTEM not in json.dumps(dict(channel.sent[0].payload))
