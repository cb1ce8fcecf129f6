import asyncio
import random
import socket
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from localhost.functions_host import frames
from localhost.functions_host.frames import FrameProtocol, Message


class End:
    def __init__(self) -> None:
        self.received: list[Message] = []
        self.lost = asyncio.Event()
        self.arrived = asyncio.Event()
        self.protocol = FrameProtocol(self._receive, self.lost.set)

    def _receive(self, message: Message) -> None:
        self.received.append(message)
        self.arrived.set()

    async def has(self, count: int) -> list[Message]:
        async with asyncio.timeout(10):
            while len(self.received) < count:
                self.arrived.clear()
                await self.arrived.wait()
        return self.received


@pytest.fixture
async def ends() -> AsyncIterator[tuple[End, End]]:
    loop = asyncio.get_running_loop()
    both = End(), End()
    for end, side in zip(both, socket.socketpair(), strict=True):
        await loop.create_unix_connection(lambda end=end: end.protocol, sock=side)  # type: ignore[misc]  # bound now
    yield both
    for end in both:
        end.protocol.close()
        await end.lost.wait()


async def test_messages_arrive_in_order_and_as_they_were(ends: tuple[End, End]) -> None:
    here, there = ends
    sent: list[Any] = [
        ("text", "é", 1, 2.5, None, True),
        ("bytes", bytes(300_000)),
        ("nested", {"a": [("b", b"c")]}),
    ]
    for message in sent:
        here.protocol.send(message)

    assert await there.has(3) == sent


class Word(str):
    """A kind of text, as libraries make them."""

    __slots__ = ()


async def test_values_of_other_types_arrive_as_plain_ones(ends: tuple[End, End]) -> None:
    here, there = ends

    here.protocol.send(("before",))
    here.protocol.send((Word("a"), HTTPStatus.OK, bytearray(b"b"), {Word("k"): [Path("p")]}, True))
    here.protocol.send(("after",))

    assert await there.has(3) == [
        ("before",),
        ("a", 200, b"b", {"k": ["p"]}, True),
        ("after",),
    ]


async def test_a_batch_that_is_too_long_travels_in_several_frames(
    ends: tuple[End, End], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "FRAME_BYTES_MAX", 1000)
    here, there = ends
    sent = [("message", number, bytes(300)) for number in range(20)] + [("long", 0, bytes(5000))]

    for message in sent:
        here.protocol.send(message)

    assert await there.has(21) == sent


async def test_messages_from_threads_all_arrive(ends: tuple[End, End]) -> None:
    here, there = ends

    def send(thread: int) -> None:
        for number in range(500):
            here.protocol.send_from_thread((thread, number))

    await asyncio.gather(*(asyncio.to_thread(send, thread) for thread in range(4)))

    received = await there.has(2000)
    for thread in range(4):
        assert [number for sender, number in received if sender == thread] == list(range(500))


async def test_frames_may_arrive_in_any_pieces() -> None:
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    writer, reader = End(), End()
    written = bytearray()

    class Wire(asyncio.Transport):
        def writelines(self, list_of_data: Any) -> None:
            written.extend(b"".join(list_of_data))

        def close(self) -> None:
            pass

    writer.protocol.connection_made(Wire())
    sent = [("message", number, bytes(chance.randrange(200))) for number in range(200)]
    for message in sent:
        writer.protocol.send(message)
        if chance.random() < 0.3:
            writer.protocol.flush()
    writer.protocol.flush()

    data = bytes(written)
    while data:
        size = chance.randrange(1, 300)
        reader.protocol.data_received(data[:size])
        data = data[size:]

    assert reader.received == sent, f"seed {seed}"


async def test_the_end_of_the_other_side_is_noticed(ends: tuple[End, End]) -> None:
    here, there = ends

    here.protocol.send(("last",))
    here.protocol.close()

    await there.lost.wait()
    assert there.received == [("last",)]
