"""A peer's mistakes cost its own connection, and no other."""

import asyncio
import random
import struct
from collections.abc import AsyncIterator

import pytest

from localhost.eventhubs_broker.amqp_types import Described, Symbol, UInt, ULong
from localhost.eventhubs_broker.encoding import encode
from localhost.eventhubs_broker.frames import EMPTY_FRAME, FRAME_BYTES_MAX, frame
from localhost.eventhubs_broker.messages import BATCH_FORMAT, DATA
from localhost.eventhubs_broker.namespace import Limits
from localhost.eventhubs_broker.peer import Peer
from localhost.eventhubs_broker.performatives import (
    Close,
    Detach,
    Disposition,
    Flow,
    Open,
    Transfer,
)
from localhost.eventhubs_broker.server import KEY_DEFAULT, Broker, serve

SELECTOR = Symbol("apache.org:selector-filter:string")


def event(body: bytes) -> bytes:
    return encode(Described(ULong(DATA), body))


def position(selector: str) -> dict[Symbol, Described]:
    return {SELECTOR: Described(SELECTOR, selector)}


def condition(ending: Close | Detach) -> str:
    assert isinstance(ending.error, Described)
    return str(ending.error.value[0])


@pytest.fixture
async def peer(broker: Broker) -> AsyncIterator[Peer]:
    async with Peer(broker.port) as opened:
        await opened.open()
        await opened.authenticate(KEY_DEFAULT)
        yield opened


async def assert_still_serves(broker: Broker) -> None:
    async with asyncio.timeout(5), Peer(broker.port) as another:
        await another.open()
        answer = await another.authenticate(KEY_DEFAULT)
        assert answer.properties["status-code"] == 202


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("oversized", struct.pack(">IBBH", FRAME_BYTES_MAX + 1, 2, 0, 0), "framing-error"),
        ("short header", struct.pack(">IBBH", 8, 1, 0, 0), "framing-error"),
        ("header beyond the frame", struct.pack(">IBBH", 8, 3, 0, 0), "framing-error"),
        ("unknown kind", struct.pack(">IBBH", 8, 2, 7, 0), "framing-error"),
        ("no performative", struct.pack(">IBBH", 9, 2, 0, 0) + b"\x40", "decode-error"),
        ("unknown code", struct.pack(">IBBH", 12, 2, 0, 0) + b"\x00\x53\x99\x45", "not-implem"),
        ("missing fields", struct.pack(">IBBH", 12, 2, 0, 0) + b"\x00\x53\x12\x45", "decode-error"),
        ("second open", frame(0, Open("again")), "illegal-state"),
        ("unknown channel", frame(9, Flow(None, UInt(1), UInt(0), UInt(1))), "illegal-state"),
        ("unknown handle", frame(0, Detach(UInt(99))), "unattached-handle"),
        ("wrong type", frame(0, Transfer(Symbol("x"))), "invalid-field"),  # type: ignore[arg-type]
    ],
)
async def test_a_malformed_frame_closes_its_connection_with_an_error(
    broker: Broker, peer: Peer, name: str, data: bytes, expected: str
) -> None:
    peer.write(data)

    async with asyncio.timeout(5):
        closed, _ = await peer.expect(Close)

    assert expected in condition(closed), name
    await assert_still_serves(broker)


async def test_another_protocol_is_answered_with_the_right_header(broker: Broker) -> None:
    async with asyncio.timeout(5), Peer(broker.port) as stranger:
        stranger.write(b"GET / HTTP/1.1\r\n\r\n")

        assert await stranger.read_header() == b"AMQP\x00\x01\x00\x00"
        with pytest.raises(EOFError):
            await stranger.read_frame()


@pytest.mark.parametrize("seed", range(20))
async def test_random_damage_never_stops_the_broker(broker: Broker, seed: int) -> None:
    chance = random.Random(seed)
    async with Peer(broker.port) as peer:
        await peer.open()
        await peer.authenticate(KEY_DEFAULT)
        handle = await peer.attach_sender("orders/Partitions/0")
        good = frame(0, Transfer(UInt(handle), UInt(7), b"t", UInt(0)), event(b"x" * 40))
        for _ in range(20):
            damaged = bytearray(good)
            for _ in range(chance.randint(1, 6)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            peer.write(bytes(damaged[: chance.randint(1, len(damaged))]))
        await asyncio.sleep(0)

    await assert_still_serves(broker)


async def test_a_message_that_is_none_is_rejected_and_the_link_goes_on(peer: Peer) -> None:
    handle = await peer.attach_sender("orders/Partitions/0")

    for message, message_format in ((b"\x00\x53\x75", 0), (event(b"\x01"), BATCH_FORMAT)):
        peer.transfer(handle, message, message_format)
        refused, _ = await peer.expect(Disposition)
        assert isinstance(refused.state, Described)
        assert refused.state.descriptor == 0x25
        assert str(refused.state.value[0].value[0]) == "amqp:decode-error"
    peer.transfer(handle, event(b"good"))
    taken, _ = await peer.expect(Disposition)

    assert isinstance(taken.state, Described)
    assert taken.state.descriptor == 0x24


async def test_links_that_cannot_be_are_refused_with_the_reason(broker: Broker) -> None:
    async with Peer(broker.port) as peer:
        await peer.open()
        await peer.attach_sender("orders")
        unauthorized, _ = await peer.expect(Detach)
        await peer.authenticate(KEY_DEFAULT, "orders")
        reasons = [condition(unauthorized)]
        for address in ("orders/Partitions/9", "payments", "orders/nonsense"):
            await peer.attach_sender(address)
            refused, _ = await peer.expect(Detach)
            reasons.append(condition(refused))

    assert reasons == [
        "amqp:unauthorized-access",
        "com.microsoft:argument-out-of-range",
        "amqp:unauthorized-access",
        "amqp:not-found",
    ]


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("amqp.annotation.x-opt-offset > '1000'", "com.microsoft:argument-error"),
        ("amqp.annotation.x-opt-sequence-number > '7'", "com.microsoft:argument-error"),
        ("amqp.annotation.x-opt-offset > 'soon'", "com.microsoft:argument-error"),
        ("amqp.annotation.x-opt-colour > 'red'", "amqp:invalid-field"),
    ],
)
async def test_a_position_that_is_not_there_is_refused(
    peer: Peer, selector: str, expected: str
) -> None:
    address = "orders/ConsumerGroups/$Default/Partitions/0"
    await peer.attach_receiver(address, 10, position(selector))
    refused, _ = await peer.expect(Detach)

    assert condition(refused) == expected


async def test_a_throttled_reader_is_refused_and_the_next_attempt_is_not(
    broker: Broker, peer: Peer
) -> None:
    broker.throttle("open", times=1, hub="orders")
    address = "orders/ConsumerGroups/$Default/Partitions/0"
    sender = await peer.attach_sender("payments")
    peer.transfer(sender, event(b"other hubs are not throttled"))
    await peer.expect(Disposition)

    await peer.attach_receiver(address, 1)
    refused, _ = await peer.expect(Detach)
    sender = await peer.attach_sender("orders/Partitions/0")
    peer.transfer(sender, event(b"x"))
    await peer.expect(Disposition)
    await peer.attach_receiver(address, 1)
    _, payload = await peer.expect(Transfer)

    assert condition(refused) == "com.microsoft:server-busy"
    assert payload.endswith(event(b"x"))


async def test_each_consumer_group_gets_every_event(peer: Peer) -> None:
    sender = await peer.attach_sender("orders/Partitions/3")
    for body in (b"a", b"b"):
        peer.transfer(sender, event(body))
        await peer.expect(Disposition)

    for group in ("$Default", "reports"):
        await peer.attach_receiver(f"orders/ConsumerGroups/{group}/Partitions/3", 10)
        got = [(await peer.expect(Transfer))[1][-1:] for _ in range(2)]
        assert got == [b"a", b"b"], group


async def test_a_sixth_reader_of_a_group_is_one_too_many(peer: Peer) -> None:
    address = "orders/ConsumerGroups/$Default/Partitions/0"
    for _ in range(6):
        await peer.attach_receiver(address, 1)
    refused, _ = await peer.expect(Detach)

    assert condition(refused) == "amqp:resource-limit-exceeded"


async def test_a_reader_gets_no_more_than_its_credit(peer: Peer) -> None:
    sender = await peer.attach_sender("orders/Partitions/0")
    for number in range(5):
        peer.transfer(sender, event(b"%d" % number))
    for _ in range(5):
        await peer.expect(Disposition)
    receiver = await peer.attach_receiver("orders/ConsumerGroups/g/Partitions/0", credit=2)
    got = [await peer.expect(Transfer) for _ in range(2)]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await peer.expect(Transfer)

    window = UInt(2**31 - 1)
    flow = Flow(UInt(2), window, UInt(5), window, UInt(receiver), UInt(2), UInt(9), drain=True)
    peer.send(flow)
    got += [await peer.expect(Transfer) for _ in range(3)]
    drained, _ = await peer.expect(Flow)

    assert [payload[-1:] for _, payload in got] == [b"0", b"1", b"2", b"3", b"4"]
    assert drained.drain
    assert (drained.delivery_count, drained.link_credit) == (11, 0)


async def test_a_reader_gets_no_more_than_its_sessions_window(peer: Peer) -> None:
    sender = await peer.attach_sender("orders/Partitions/0")
    for number in range(3):
        peer.transfer(sender, event(b"%d" % number))
        await peer.expect(Disposition)
    receiver = await peer.attach_receiver("orders/ConsumerGroups/g/Partitions/0", credit=0)
    wide = UInt(2**31 - 1)
    peer.send(Flow(UInt(0), UInt(2), UInt(3), wide, UInt(receiver), UInt(0), UInt(9)))
    # The login's answer was this session's first transfer: one frame of the window is left.
    await peer.expect(Transfer)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await peer.expect(Transfer)
    peer.send(Flow(UInt(2), wide, UInt(3), wide))
    rest = [await peer.expect(Transfer) for _ in range(2)]

    assert [payload[-1:] for _, payload in rest] == [b"1", b"2"]


async def test_a_silent_peer_is_closed_and_one_that_beats_is_not() -> None:
    broker = await serve(None, limits=Limits(idle_timeout_s=2))
    async with asyncio.timeout(10), Peer(broker.port) as silent, Peer(broker.port) as beating:
        await silent.open()
        await beating.open()

        async def beat() -> None:
            while True:
                beating.write(EMPTY_FRAME)
                await asyncio.sleep(0.5)

        beats = asyncio.create_task(beat())
        closed, _ = await silent.expect(Close)
        answer = await beating.authenticate(KEY_DEFAULT)
        beats.cancel()
    await broker.stop()

    assert condition(closed) == "amqp:connection:forced"
    assert answer.properties["status-code"] == 202


async def test_a_peer_that_asks_for_heartbeats_gets_them(broker: Broker) -> None:
    async with asyncio.timeout(5), Peer(broker.port) as peer:
        await peer.open(idle_ms=1000)

        assert await peer._reader.readexactly(8) == EMPTY_FRAME


async def test_a_connection_that_fails_on_a_commit_does_not_hold_up_the_others(
    broker: Broker, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("this reader is broken")

    broker._namespace.hub("orders").partitions[0].watchers.add(fail)
    handle = await peer.attach_sender("orders/Partitions/0")

    for _ in range(2):
        peer.transfer(handle, event(b"x"))
        await peer.expect(Disposition)

    assert "this reader is broken" in caplog.text


async def test_a_broker_stops_though_a_peer_does_not_read() -> None:
    broker = await serve(None, hubs={"orders": 1})
    async with Peer(broker.port) as peer:
        await peer.open()
        await peer.authenticate(KEY_DEFAULT)
        sender = await peer.attach_sender("orders/Partitions/0")
        for _ in range(300):
            peer.transfer(sender, event(b"x" * 60_000))
            await peer.expect(Disposition)
        await peer.attach_receiver("orders/ConsumerGroups/g/Partitions/0", credit=300)
        await peer.expect(Transfer)
        await asyncio.sleep(0.2)

        async with asyncio.timeout(5):
            await broker.stop()
