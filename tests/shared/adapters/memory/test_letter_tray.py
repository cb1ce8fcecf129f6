"""The tray in memory keeps nothing beyond its own life; its meaning is tested with the port."""

from shared.adapters.memory.letter_tray import MemoryLetterTray
from tests.shared.ports.test_letter_tray import LETTER


async def test_two_trays_share_nothing() -> None:
    one, other = MemoryLetterTray(), MemoryLetterTray()
    await one.put(LETTER)
    assert await other.letters_of(LETTER.case_id) == ()
