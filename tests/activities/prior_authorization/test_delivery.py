"""One message on its way, over memory adapters: subscribers, letters, the outbound stream."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from activities.prior_authorization.decision import follow_up
from activities.prior_authorization.delivery import HIS, OURS, deliver_notice
from localhost.sample_case import sample_bundle
from shared.adapters.memory.case_store import MemoryCaseStore
from shared.adapters.memory.channel import RecordingChannel
from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.subscriptions import MemorySubscriptionStore
from shared.adapters.messaging.template_letters import TemplateLetters
from shared.contracts.pas import Subscription, read_submit
from shared.contracts.prior_authorization import CaseRef, NoticeRef, Notified, Receipt
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


LETTER = replace(
    MESSAGE,
    message_id="approved.r1.member.mail",
    recipient="member",
    channel="mail",
    template="approval",
)
EVENT = replace(
    MESSAGE,
    message_id="outcome.r1.outcome-stream.event",
    recipient="outcome stream",
    channel="event",
    template="outcome",
)


class FailingChannel:
    """A Channel whose other end is down."""

    def __init__(self) -> None:
        self.sent: list[Dispatch] = []

    async def send(self, dispatch: Dispatch) -> bool:
        self.sent.append(dispatch)
        raise TransientError("the endpoint answered 503")


class RefusingChannel:
    """A Channel whose other end never takes anything."""

    async def send(self, _dispatch: Dispatch) -> bool:
        return False


class Desk:
    """What delivering needs, with one case that has one message to send."""

    def __init__(self) -> None:
        self.clock = SettableClock(NOON)
        self.cases = MemoryCaseStore(self.clock)
        self.subscriptions = MemorySubscriptionStore()

    async def open(self, *messages: Message) -> None:
        row = _row()
        await self.cases.receive(row)
        case = replace(a_case(), request=row.request)
        await self.cases.save(opening(case, *messages))

    async def subscribe(
        self, *, greeted: bool = True, system: str = "", with_others: bool = False
    ) -> None:
        organization = Identifier(system, "other" if with_others else NPI)
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
                others=(Identifier(system, NPI),) if with_others else (),
            ),
            fhir_base="https://payer.example/api/fhir",
            created_at=NOON,
            greeted_at=NOON if greeted else None,
        )
        await self.subscriptions.put(row)
        if with_others:
            part = replace(
                row,
                subscription_id=subscription_id_for(Identifier("", NPI)),
                part_of=row.subscription_id,
                greeted_at=None,
            )
            await self.subscriptions.put(part)

    async def deliver(
        self, channel: Channel, message: Message = MESSAGE, *, is_followed_up: bool = False
    ) -> Receipt:
        return await deliver_notice(
            NoticeRef("case-1", message.message_id, is_followed_up),
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
    await opened.open(MESSAGE, LETTER, EVENT)
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
    assert await desk.cases.incidents(limit=9) == []
    desk.clock.set(NOON + HIS.person_after)
    assert (await desk.deliver(FailingChannel())).status == "undeliverable"
    assert (await desk.cases.outbox("case-1"))[0].status == "undeliverable"
    [given_up] = await desk.cases.incidents(limit=9)
    assert MESSAGE.message_id in given_up.reason


async def test_a_repetition_is_what_was_sent_before_and_is_settled_once(desk: Desk) -> None:
    await desk.subscribe()
    down, up = FailingChannel(), RecordingChannel()
    for minute in (0, 5, 10):
        desk.clock.set(NOON + timedelta(minutes=minute))
        assert (await desk.deliver(down)).status == "waiting"
    assert [(await desk.deliver(up)).status for _ in range(2)] == ["delivered"] * 2
    [taken] = up.sent
    assert down.sent == [taken] * 3


@pytest.mark.parametrize("message", [LETTER, EVENT], ids=lambda message: message.channel)
async def test_a_letter_and_an_event_are_never_given_up_and_a_person_hears_of_it(
    desk: Desk, message: Message
) -> None:
    assert (await desk.deliver(FailingChannel(), message)).status == "waiting"
    assert await desk.cases.incidents(limit=9) == []
    for late in (OURS.person_after, timedelta(days=400)):
        desk.clock.set(NOON + late)
        assert (await desk.deliver(FailingChannel(), message)).status == "waiting"
        [seen] = await desk.cases.incidents(limit=9)
        assert message.message_id in seen.reason
    assert (await desk.deliver(RecordingChannel(), message)).status == "delivered"
    assert await desk.cases.incidents(limit=9) == []


async def test_what_is_followed_up_is_put_on_record_by_the_follow_up(desk: Desk) -> None:
    receipt = await desk.deliver(RecordingChannel(), LETTER, is_followed_up=True)
    assert receipt.status == "delivered"
    row = await desk.cases.message("case-1", LETTER.message_id)
    assert row is not None
    assert row.settled_at is None
    notified = Notified(CaseRef("case-1"), (receipt, Receipt(EVENT.message_id, "waiting")))
    await follow_up(notified, cases=desk.cases, clock=desk.clock, key="k")
    row = await desk.cases.message("case-1", LETTER.message_id)
    assert row is not None
    assert (row.status, row.settled_at) == ("delivered", NOON)
    waiting = await desk.cases.undelivered(before=NOON + timedelta(hours=1), limit=9)
    assert LETTER.message_id not in {each.message.message_id for each in waiting}
    assert EVENT.message_id in {each.message.message_id for each in waiting}


@pytest.mark.parametrize("is_late", [True, False])
async def test_what_fails_or_is_late_is_put_on_record_at_once(desk: Desk, *, is_late: bool) -> None:
    if is_late:
        desk.clock.set(NOON + timedelta(minutes=1))
    channel = RecordingChannel() if is_late else RefusingChannel()
    receipt = await desk.deliver(channel, LETTER, is_followed_up=True)
    row = await desk.cases.message("case-1", LETTER.message_id)
    assert row is not None
    assert row.settled_at == desk.clock.now()
    assert row.status == receipt.status


async def test_what_fails_goes_behind_what_has_not_been_tried(desk: Desk) -> None:
    desk.clock.set(NOON + timedelta(minutes=5))
    await desk.deliver(FailingChannel(), LETTER)
    waiting = await desk.cases.undelivered(before=NOON + timedelta(hours=1), limit=9)
    assert waiting[-1].message.message_id == LETTER.message_id
    assert len(waiting) == 3


async def test_a_letter_that_nobody_takes_is_put_before_a_person(desk: Desk) -> None:
    assert (await desk.deliver(RefusingChannel(), LETTER)).status == "undeliverable"
    [seen] = await desk.cases.incidents(limit=9)
    assert "nobody at the other end takes it" in seen.reason


async def test_a_letter_that_cannot_be_written_is_put_before_a_person_at_once() -> None:
    desk = Desk()
    broken = replace(LETTER, template="no-such-letter", message_id="broken.r1.member.mail")
    await desk.open(broken)
    assert (await desk.deliver(RecordingChannel(), broken)).status == "waiting"
    [seen] = await desk.cases.incidents(limit=9)
    assert "no-such-letter" in seen.reason


async def test_a_requestor_without_a_subscription_is_no_incident(desk: Desk) -> None:
    assert (await desk.deliver(RefusingChannel())).status == "undeliverable"
    assert await desk.cases.incidents(limit=9) == []


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


async def test_one_subscription_hears_of_every_organisation_it_names(desk: Desk) -> None:
    await desk.subscribe(with_others=True)
    channel = RecordingChannel()
    assert (await desk.deliver(channel)).status == "delivered"
    [dispatch] = channel.sent
    assert subscription_id_for(Identifier("", "other")) in json.dumps(dispatch.payload)


async def test_an_organisation_that_is_named_no_more_is_not_followed(desk: Desk) -> None:
    await desk.subscribe(with_others=True)
    row = await desk.subscriptions.find(subscription_id_for(Identifier("", "other")))
    assert row is not None
    await desk.subscriptions.put(replace(row, subscription=replace(row.subscription, others=())))
    channel = RecordingChannel()
    await desk.deliver(channel)
    assert channel.sent[0].address == NPI  # The fallback takes it.


async def test_a_subscription_that_is_over_or_anothers_is_none(desk: Desk) -> None:
    await desk.subscribe(system="https://elsewhere.example")
    channel = RecordingChannel()
    assert (await desk.deliver(channel)).status == "delivered"  # The fallback takes it.
    assert channel.sent[0].address == NPI
    assert NPI_SYSTEM not in json.dumps(dict(channel.sent[0].payload))
