"""Attachments in memory."""

from shared.ports.attachments import AttachmentRow


class MemoryAttachmentStore:
    """An AttachmentStore that lasts as long as its process."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], AttachmentRow] = {}

    async def keep(self, row: AttachmentRow) -> None:
        """Keep documents; the same ones of a case are kept once."""
        self._rows.setdefault((row.case_id, row.attachment_id), row)

    async def attachments_of(self, case_id: str) -> tuple[AttachmentRow, ...]:
        """The attachments of a case, oldest first."""
        found = [row for row in self._rows.values() if row.case_id == case_id]
        return tuple(sorted(found, key=lambda row: (row.received_at, row.attachment_id)))
