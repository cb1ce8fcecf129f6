"""The tray of notices that wait for a person to pass them on, such as by post or telephone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayedLetter:
    """A notice in the tray.

    Attributes:
        channel: how it is to be passed on, in the word of the notice matrix.
        address: the recipient's business identifier or address.
    """

    message_id: str
    case_id: str
    channel: str
    recipient: str
    address: str
    event: str
    subject: str
    body: str
    written_at: datetime


class LetterTray(Protocol):
    """Keeps notices for a person."""

    async def put(self, letter: TrayedLetter) -> None:
        """Lay a letter in the tray; the same message of a case is laid there once.

        Raises:
            TransientError: the tray is out of reach.
        """

    async def letters_of(self, case_id: str) -> tuple[TrayedLetter, ...]:
        """The letters of a case, oldest first.

        Raises:
            TransientError: the tray is out of reach.
        """
