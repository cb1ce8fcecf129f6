"""The channel that keeps what it was given."""

from dataclasses import replace

from shared.adapters.memory.channel import RecordingChannel
from tests.shared.ports.samples import a_dispatch


async def test_it_keeps_every_dispatch_that_has_an_address() -> None:
    channel = RecordingChannel()
    sent = a_dispatch()
    assert await channel.send(sent)
    assert not await channel.send(replace(sent, address=""))
    assert channel.sent == [sent]
