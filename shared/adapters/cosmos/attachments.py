"""Attachments in Cosmos DB: in the partition of their case, in the container "cases"."""

from azure.cosmos.exceptions import CosmosResourceExistsError

from shared.adapters.cosmos.client import CosmosDatabase
from shared.adapters.cosmos.containers import CASES
from shared.adapters.cosmos.documents import document_id, read_body, write_body
from shared.adapters.cosmos.failures import translated
from shared.adapters.cosmos.queries import of_case
from shared.ports.attachments import AttachmentRow
from shared.ports.case_summary import instant

KIND = "attachment"


class CosmosAttachmentStore:
    """An AttachmentStore whose rows stand beside their case."""

    def __init__(self, database: CosmosDatabase) -> None:
        self._database = database

    async def keep(self, row: AttachmentRow) -> None:
        """Keep documents; the same ones of a case are kept once."""
        document = {
            "id": document_id(KIND, row.attachment_id),
            "caseId": row.case_id,
            "type": KIND,
            "mark": f"{instant(row.received_at)} {row.attachment_id}",
            "body": write_body(row, AttachmentRow),
        }
        container = await self._database.container(CASES)
        with translated(f"keep attachment {row.attachment_id} of case {row.case_id}"):
            try:
                await container.create_item(document)
            except CosmosResourceExistsError:
                return

    async def attachments_of(self, case_id: str) -> tuple[AttachmentRow, ...]:
        """The attachments of a case, oldest first."""
        container = await self._database.container(CASES)
        query = of_case(case_id, KIND)
        with translated(f"read attachments of case {case_id}"):
            found = container.query_items(
                query.text, parameters=query.parameters, partition_key=case_id
            )
            return tuple([read_body(document, AttachmentRow) async for document in found])
