"""One suite for every LetterTray."""

from dataclasses import replace
from datetime import timedelta

from shared.ports.letter_tray import LetterTray, TrayedLetter
from tests.shared.ports.samples import NOON

LETTER = TrayedLetter(
    message_id="approved.r1/member",
    case_id="case-1",
    channel="mail",
    recipient="member",
    address="M-1001",
    event="approved",
    subject="Your request was approved",
    body="It was approved.\n",
    written_at=NOON,
)


async def test_letters_are_listed_by_case_oldest_first(tray: LetterTray) -> None:
    earlier = replace(LETTER, message_id="z", written_at=NOON - timedelta(hours=1))
    other = replace(LETTER, case_id="case-2")
    for letter in (LETTER, earlier, other):
        await tray.put(letter)
    assert await tray.letters_of("case-1") == (earlier, LETTER)
    assert await tray.letters_of("case-3") == ()


async def test_a_repeated_letter_lies_there_once(tray: LetterTray) -> None:
    await tray.put(LETTER)
    await tray.put(replace(LETTER, written_at=NOON + timedelta(hours=1)))
    assert await tray.letters_of("case-1") == (LETTER,)
