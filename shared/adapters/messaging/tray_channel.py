"""The channel for all that a person passes on."""

from shared.ports.channels import Dispatch
from shared.ports.clock import Clock
from shared.ports.letter_tray import LetterTray, TrayedLetter


class TrayChannel:
    """A Channel that lays notices in the letter tray.

    Args:
        name: how the notice is to be passed on, such as "mail" or "phone".
    """

    def __init__(self, name: str, tray: LetterTray, clock: Clock) -> None:
        self._name = name
        self._tray = tray
        self._clock = clock

    async def send(self, dispatch: Dispatch) -> bool:
        """Lay a notice in the tray; the same message is laid there once."""
        await self._tray.put(
            TrayedLetter(
                message_id=dispatch.message_id,
                case_id=dispatch.case_id,
                channel=self._name,
                recipient=dispatch.recipient,
                address=dispatch.address,
                event=dispatch.event,
                subject=dispatch.subject,
                body=dispatch.body,
                written_at=self._clock.now(),
            )
        )
        return True
