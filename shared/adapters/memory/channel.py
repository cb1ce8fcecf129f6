"""A channel that keeps what it was given."""

from shared.ports.channels import Dispatch


class RecordingChannel:
    """A Channel whose dispatches can be read back.

    Attributes:
        sent: every dispatch, in the order of sending; a repeated one stands there twice.
    """

    def __init__(self) -> None:
        self.sent: list[Dispatch] = []

    async def send(self, dispatch: Dispatch) -> bool:
        """Keep a dispatch; one without an address is nobody's."""
        if not dispatch.address:
            return False
        self.sent.append(dispatch)
        return True
