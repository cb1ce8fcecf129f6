"""The channel for all that a person passes on."""

from shared.adapters.memory.clock import SettableClock
from shared.adapters.memory.letter_tray import MemoryLetterTray
from shared.adapters.messaging.tray_channel import TrayChannel
from tests.shared.ports.samples import NOON, a_dispatch


async def test_a_notice_is_laid_in_the_tray_with_its_channel() -> None:
    tray = MemoryLetterTray()
    channel = TrayChannel("phone", tray, SettableClock(NOON))
    assert await channel.send(a_dispatch())
    assert await channel.send(a_dispatch())
    [letter] = await tray.letters_of("case-1")
    assert (letter.channel, letter.recipient, letter.address) == (
        "phone",
        "requestor",
        "1234567893",
    )
    assert (letter.subject, letter.body) == (a_dispatch().subject, a_dispatch().body)
    assert letter.written_at == NOON
